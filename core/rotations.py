"""Rotations in torch: matrix, rotation vector, 6D and quaternion.

All functions are batched over leading dimensions, differentiable and free of in-place writes,
so that they export to ONNX. Matrices act on column vectors: `x_a = a_from_b @ x_b`.
"""

import math

import torch
from torch import Tensor

# Below this angle (or distance to pi) the closed forms lose digits and series take over.
_SMALL = 1e-4


def rotmat_from_rot6d(rot6d: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) from the 6D form (..., 6) by Gram-Schmidt.

    The six numbers are the first two columns one after the other (Zhou et al., "On the Continuity
    of Rotation Representations in Neural Networks", CVPR 2019, Eq. 15).
    """
    first, second = rot6d[..., :3], rot6d[..., 3:]
    x = torch.nn.functional.normalize(first, dim=-1, eps=1e-8)
    y = second - (x * second).sum(-1, keepdim=True) * x
    y = torch.nn.functional.normalize(y, dim=-1, eps=1e-8)
    return torch.stack((x, y, torch.linalg.cross(x, y, dim=-1)), dim=-1)


def rot6d_from_rotmat(rotmat: Tensor) -> Tensor:
    """The 6D form (..., 6) of rotation matrices (..., 3, 3): first column, then second."""
    return torch.cat((rotmat[..., :, 0], rotmat[..., :, 1]), dim=-1)


def _skew(vector: Tensor) -> Tensor:
    """Cross-product matrices (..., 3, 3) of vectors (..., 3)."""
    x, y, z = vector.unbind(-1)
    zero = torch.zeros_like(x)
    rows = (zero, -z, y, z, zero, -x, -y, x, zero)
    return torch.stack(rows, dim=-1).reshape(*vector.shape, 3)


def rotmat_from_rotvec(rotvec: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) from rotation vectors (..., 3) in rad (Rodrigues' formula).

    Finite value and gradient at zero.
    """
    squared = (rotvec * rotvec).sum(-1)[..., None, None]
    small = squared < _SMALL**2
    angle = torch.where(small, torch.ones_like(squared), squared).sqrt()
    sine = torch.where(small, 1 - squared / 6, angle.sin() / angle)
    # 1 - cos written as 2 sin^2 keeps its digits at small angles.
    half = (0.5 * angle).sin() / angle
    cosine = torch.where(small, 0.5 - squared / 24, 2 * half * half)
    skew = _skew(rotvec)
    eye = torch.eye(3, dtype=rotvec.dtype, device=rotvec.device)
    return eye + sine * skew + cosine * (skew @ skew)


def quat_xyzw_from_rotmat(rotmat: Tensor) -> Tensor:
    """Unit quaternions (..., 4), order x y z w, w >= 0, from rotation matrices (..., 3, 3).

    The largest of the four components is computed first, so no division is by a small number
    (Shepperd 1978).
    """
    r00, r01, r02, r10, r11, r12, r20, r21, r22 = rotmat.flatten(-2).unbind(-1)
    squares = torch.stack(
        (1 + r00 - r11 - r22, 1 - r00 + r11 - r22, 1 - r00 - r11 + r22, 1 + r00 + r11 + r22), -1
    )
    by_x = torch.stack((squares[..., 0], r01 + r10, r02 + r20, r21 - r12), -1)
    by_y = torch.stack((r01 + r10, squares[..., 1], r12 + r21, r02 - r20), -1)
    by_z = torch.stack((r02 + r20, r12 + r21, squares[..., 2], r10 - r01), -1)
    by_w = torch.stack((r21 - r12, r02 - r20, r10 - r01, squares[..., 3]), -1)
    candidates = torch.stack((by_x, by_y, by_z, by_w), -2)
    best = squares.argmax(-1)[..., None, None].expand(*squares.shape[:-1], 1, 4)
    quat = torch.nn.functional.normalize(candidates.gather(-2, best).squeeze(-2), dim=-1)
    return torch.where(quat[..., 3:] < 0, -quat, quat)


def rotmat_from_quat_xyzw(quat_xyzw: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) from quaternions (..., 4), order x y z w, normalised here."""
    x, y, z, w = torch.nn.functional.normalize(quat_xyzw, dim=-1).unbind(-1)
    entries = (
        1 - 2 * (y * y + z * z),
        2 * (x * y - z * w),
        2 * (x * z + y * w),
        2 * (x * y + z * w),
        1 - 2 * (x * x + z * z),
        2 * (y * z - x * w),
        2 * (x * z - y * w),
        2 * (y * z + x * w),
        1 - 2 * (x * x + y * y),
    )
    return torch.stack(entries, dim=-1).reshape(*x.shape, 3, 3)


def rotvec_from_rotmat(rotmat: Tensor) -> Tensor:
    """Rotation vectors (..., 3) in rad, angle in [0, pi], from rotation matrices (..., 3, 3).

    Goes through the quaternion, which is well conditioned at 0 and at pi alike.
    """
    quat = quat_xyzw_from_rotmat(rotmat)
    vector, w = quat[..., :3], quat[..., 3:]
    squared = (vector * vector).sum(-1, keepdim=True)
    small = squared < _SMALL**2
    sine = torch.where(small, torch.ones_like(squared), squared).sqrt()
    scale = torch.where(small, 2 + squared / 3, 2 * torch.atan2(sine, w) / sine)
    return vector * scale


def geodesic_angle(a: Tensor, b: Tensor) -> Tensor:
    """Angle (...) in rad between rotation matrices (..., 3, 3).

    Uses |a - b|_F = 2 sqrt(2) sin(angle / 2), which keeps its digits near zero where arccos of the
    trace does not. The gradient at exactly zero is zero.
    """
    chord = (a - b).flatten(-2)
    squared = (chord * chord).sum(-1) / 8
    zero = squared < 1e-14
    half_sine = torch.where(zero, torch.ones_like(squared), squared).sqrt().clamp(max=1 - 1e-7)
    angle = 2 * half_sine.asin()
    # asin is steep at pi: there the trace is the better conditioned side of the triangle.
    trace = (a * b).sum((-1, -2))
    half_cosine = ((trace + 1).clamp(min=0) / 4).clamp(min=1e-14).sqrt()
    wide = math.pi - 2 * half_cosine.clamp(max=1 - 1e-7).asin()
    return torch.where(zero, torch.zeros_like(angle), torch.where(squared > 0.5, wide, angle))


def mirror_rotmat(rotmat: Tensor) -> Tensor:
    """M R M with M = diag(-1, 1, 1): the rotation (..., 3, 3) seen in a mirror across x = 0.

    It takes a left hand's rotations to right-hand canonical form and back.
    """
    signs = rotmat.new_tensor([[1.0, -1.0, -1.0], [-1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]])
    return rotmat * signs
