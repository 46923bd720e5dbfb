import math

import numpy as np
import pytest
import torch

from core import rotations, rotations_np


def random_rotvecs(count: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    direction = torch.randn(count, 3, generator=generator, dtype=torch.float64)
    angle = torch.rand(count, 1, generator=generator, dtype=torch.float64) * math.pi
    return direction / direction.norm(dim=-1, keepdim=True) * angle


SPECIAL_ANGLES = [0.0, 1e-9, 1e-5, 1e-4, 1e-3, 1.0, math.pi - 1e-3, math.pi - 1e-7, math.pi]


def test_rotmat_from_rotvec_equals_the_matrix_exponential() -> None:
    rotvec = random_rotvecs(50)
    skew = torch.zeros(50, 3, 3, dtype=torch.float64)
    skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0] = rotvec.unbind(-1)
    skew = skew - skew.mT
    expected = torch.linalg.matrix_exp(skew)
    torch.testing.assert_close(rotations.rotmat_from_rotvec(rotvec), expected)
    np.testing.assert_allclose(rotations_np.rotmat_from_rotvec(rotvec.numpy()), expected)


@pytest.mark.parametrize("angle", SPECIAL_ANGLES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rotvec_survives_the_way_through_a_matrix(angle: float, dtype: torch.dtype) -> None:
    axis = torch.nn.functional.normalize(random_rotvecs(20, seed=1), dim=-1)
    rotmat = rotations.rotmat_from_rotvec((axis * angle).to(dtype))
    back = rotations.rotmat_from_rotvec(rotations.rotvec_from_rotmat(rotmat))
    tolerance = 2e-6 if dtype == torch.float32 else 1e-12
    torch.testing.assert_close(back, rotmat, atol=tolerance, rtol=0)
    from_numpy = rotations_np.rotvec_from_rotmat(rotmat.double().numpy())
    np.testing.assert_allclose(np.linalg.norm(from_numpy, axis=-1), angle, atol=3e-4)


def test_rotvec_from_rotmat_returns_the_vector_below_pi() -> None:
    rotvec = random_rotvecs(100)
    rotmat = rotations.rotmat_from_rotvec(rotvec)
    torch.testing.assert_close(rotations.rotvec_from_rotmat(rotmat), rotvec)
    np.testing.assert_allclose(rotations_np.rotvec_from_rotmat(rotmat.numpy()), rotvec, atol=1e-9)


@pytest.mark.parametrize("angle", SPECIAL_ANGLES)
def test_gradients_are_finite_at_any_angle(angle: float) -> None:
    rotvec = torch.tensor([[angle, 0.0, 0.0]], requires_grad=True)
    rotmat = rotations.rotmat_from_rotvec(rotvec)
    out = rotations.rotvec_from_rotmat(rotmat).sum()
    out = out + rotations.geodesic_angle(rotmat, torch.eye(3)).sum()
    (gradient,) = torch.autograd.grad(out, rotvec)
    assert torch.isfinite(gradient).all()


def test_rot6d_gives_a_rotation_for_any_numbers() -> None:
    rot6d = torch.randn(64, 6, generator=torch.Generator().manual_seed(2))
    rotmat = rotations.rotmat_from_rot6d(rot6d)
    eye = torch.eye(3).expand(64, 3, 3)
    torch.testing.assert_close(rotmat.mT @ rotmat, eye, atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(rotmat), torch.ones(64))


def test_rot6d_of_a_rotation_gives_it_back() -> None:
    rotmat = rotations.rotmat_from_rotvec(random_rotvecs(50))
    back = rotations.rotmat_from_rot6d(rotations.rot6d_from_rotmat(rotmat))
    torch.testing.assert_close(back, rotmat)


def test_quaternion_gives_the_rotation_back_and_has_positive_w() -> None:
    rotmat = rotations.rotmat_from_rotvec(random_rotvecs(100))
    quat = rotations.quat_xyzw_from_rotmat(rotmat)
    assert (quat[:, 3] >= 0).all()
    torch.testing.assert_close(rotations.rotmat_from_quat_xyzw(quat), rotmat)
    np.testing.assert_allclose(rotations_np.quat_xyzw_from_rotmat(rotmat.numpy()), quat, atol=1e-12)


@pytest.mark.parametrize("angle", [0.0, 1e-6, 1e-3, 0.5, math.pi / 2, 3.0, math.pi - 1e-6, math.pi])
def test_geodesic_angle_is_the_angle_between(angle: float) -> None:
    start = rotations.rotmat_from_rotvec(random_rotvecs(10))
    axis = torch.nn.functional.normalize(random_rotvecs(10, seed=3), dim=-1)
    end = start @ rotations.rotmat_from_rotvec(axis * angle)
    measured = rotations.geodesic_angle(start, end)
    torch.testing.assert_close(measured, torch.full_like(measured, angle), atol=5e-7, rtol=0)


def test_mirror_rotmat_is_the_product_with_the_mirror() -> None:
    rotmat = rotations.rotmat_from_rotvec(random_rotvecs(10))
    mirror = torch.diag(torch.tensor([-1.0, 1.0, 1.0], dtype=torch.float64))
    torch.testing.assert_close(rotations.mirror_rotmat(rotmat), mirror @ rotmat @ mirror)
    np.testing.assert_allclose(rotations_np.mirror_rotmat(rotmat.numpy()), mirror @ rotmat @ mirror)
