"""Rotations in numpy, for the path that runs without torch: matrix and rotation vector."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_SMALL = 1e-4


def rotmat_from_rotvec(rotvec: ArrayLike) -> NDArray[np.float64]:
    """Rotation matrices (..., 3, 3) from rotation vectors (..., 3) in rad (Rodrigues' formula)."""
    vector = np.asarray(rotvec, dtype=np.float64)
    squared = np.sum(vector * vector, axis=-1)[..., None, None]
    small = squared < _SMALL**2
    angle = np.sqrt(np.where(small, 1.0, squared))
    sine = np.where(small, 1 - squared / 6, np.sin(angle) / angle)
    cosine = np.where(small, 0.5 - squared / 24, (1 - np.cos(angle)) / (angle * angle))
    x, y, z = np.moveaxis(vector, -1, 0)
    zero = np.zeros_like(x)
    skew = np.stack((zero, -z, y, z, zero, -x, -y, x, zero), -1).reshape(*vector.shape[:-1], 3, 3)
    return np.asarray(np.eye(3) + sine * skew + cosine * (skew @ skew))


def quat_xyzw_from_rotmat(rotmat: ArrayLike) -> NDArray[np.float64]:
    """Unit quaternions (..., 4), order x y z w, w >= 0, from rotation matrices (..., 3, 3).

    The largest component first, so no division is by a small number (Shepperd 1978).
    """
    matrix = np.asarray(rotmat, dtype=np.float64)
    r00, r01, r02, r10, r11, r12, r20, r21, r22 = np.moveaxis(
        matrix.reshape(*matrix.shape[:-2], 9), -1, 0
    )
    xx, yy = 1 + r00 - r11 - r22, 1 - r00 + r11 - r22
    zz, ww = 1 - r00 - r11 + r22, 1 + r00 + r11 + r22
    candidates = np.stack(
        (
            np.stack((xx, r01 + r10, r02 + r20, r21 - r12), -1),
            np.stack((r01 + r10, yy, r12 + r21, r02 - r20), -1),
            np.stack((r02 + r20, r12 + r21, zz, r10 - r01), -1),
            np.stack((r21 - r12, r02 - r20, r10 - r01, ww), -1),
        ),
        -2,
    )
    best = np.argmax(np.stack((xx, yy, zz, ww), -1), axis=-1)[..., None, None]
    quat = np.take_along_axis(candidates, best, axis=-2)[..., 0, :]
    quat = quat / np.linalg.norm(quat, axis=-1, keepdims=True)
    return np.asarray(np.where(quat[..., 3:] < 0, -quat, quat))


def rotmat_from_quat_xyzw(quat: ArrayLike) -> NDArray[np.float64]:
    """Rotation matrices (..., 3, 3) from unit quaternions (..., 4), order x y z w."""
    x, y, z, w = np.moveaxis(np.asarray(quat, dtype=np.float64), -1, 0)
    rows = (
        1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w),
        2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
        2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y),
    )  # fmt: skip
    return np.stack(rows, -1).reshape(*x.shape, 3, 3)


def rotvec_from_rotmat(rotmat: ArrayLike) -> NDArray[np.float64]:
    """Rotation vectors (..., 3) in rad, angle in [0, pi], from rotation matrices (..., 3, 3)."""
    quat = quat_xyzw_from_rotmat(rotmat)
    vector, w = quat[..., :3], quat[..., 3:]
    sine = np.linalg.norm(vector, axis=-1, keepdims=True)
    small = sine < _SMALL
    safe = np.where(small, 1.0, sine)
    scale = np.where(small, 2 + sine * sine / 3, 2 * np.arctan2(safe, w) / safe)
    return np.asarray(vector * scale)


def mirror_rotmat(rotmat: NDArray[np.floating]) -> NDArray[np.floating]:
    """M R M with M = diag(-1, 1, 1): left hand to right-hand canonical form and back."""
    signs = np.array([[1, -1, -1], [-1, 1, 1], [-1, 1, 1]], dtype=rotmat.dtype)
    return rotmat * signs


def nearest_rotmat(matrix: NDArray[np.floating]) -> NDArray[np.floating]:
    """Rotations (..., 3, 3) nearest to matrices (..., 3, 3) in the Frobenius norm (Kabsch 1976)."""
    u, _, vt = np.linalg.svd(matrix)
    u[..., 2] *= np.sign(np.linalg.det(u @ vt))[..., None]
    return np.asarray(u @ vt)


def slerp(start: ArrayLike, end: ArrayLike, share: ArrayLike) -> NDArray[np.float64]:
    """Rotations (..., 3, 3) so much (...) of the shortest way from `start` to `end` (..., 3, 3)."""
    first = np.asarray(start, dtype=np.float64)
    turn = rotvec_from_rotmat(np.swapaxes(first, -1, -2) @ np.asarray(end, dtype=np.float64))
    weight = np.asarray(share, dtype=np.float64)[..., None]
    return np.asarray(first @ rotmat_from_rotvec(weight * turn))


def continuous_quats(quat: NDArray[np.floating]) -> NDArray[np.floating]:
    """Quaternions (F, ..., 4) with signs so that neighbours along F lie on one hemisphere."""
    turns = np.sum(quat[1:] * quat[:-1], axis=-1) < 0
    sign = np.cumprod(np.where(turns, -1, 1), axis=0)
    result = quat.copy()
    result[1:] *= sign[..., None]
    return result
