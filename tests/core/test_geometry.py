import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core.geometry import (
    bbox_from_points,
    intrinsics_from_fov,
    mirror_rotmat,
    project,
    scene_from_camera,
    transform_points,
    unproject,
)
from core.rotations_np import rotmat_from_rotvec

K = np.array([[600, 0, 319.5], [0, 620, 239.5], [0, 0, 1]], np.float32)

points_in_view = st.tuples(
    arrays(np.float64, (7, 2), elements=st.floats(-1, 1)),
    arrays(np.float64, (7,), elements=st.floats(0.1, 5)),
).map(lambda parts: np.concatenate([parts[0], parts[1][:, None]], -1))


@given(points_in_view)
def test_unproject_undoes_project(points: NDArray[np.float64]) -> None:
    back = unproject(project(points, K), points[:, 2], K)
    np.testing.assert_allclose(back, points, atol=2e-5)


def test_a_point_on_the_axis_projects_to_the_principal_point() -> None:
    np.testing.assert_allclose(project(np.array([0, 0, 0.7]), K), [319.5, 239.5], atol=1e-4)


def test_project_has_x_to_the_right_y_down_and_shrinks_with_depth() -> None:
    near, far = project(np.array([[0.1, 0.2, 0.5], [0.1, 0.2, 1.0]]), K)
    np.testing.assert_allclose(near, [319.5 + 600 * 0.2, 239.5 + 620 * 0.4], rtol=1e-6)
    np.testing.assert_allclose(far, [319.5 + 600 * 0.1, 239.5 + 620 * 0.2], rtol=1e-6)


def test_project_takes_one_camera_for_each_batch_entry() -> None:
    points = np.random.default_rng(0).uniform(0.5, 1, (3, 4, 3))
    cameras = np.stack([K, 2 * K, 3 * K])
    cameras[:, 2, 2] = 1
    batched = project(points, cameras)
    for row, (one, camera) in enumerate(zip(points, cameras, strict=True)):
        np.testing.assert_allclose(batched[row], project(one, camera), rtol=1e-6)


@given(st.integers(2, 4000), st.integers(2, 4000), st.floats(20, 150))
def test_the_longer_side_spans_the_field_of_view(width: int, height: int, fov_deg: float) -> None:
    camera = intrinsics_from_fov(width, height, fov_deg).astype(np.float64)
    half_angle = math.atan(0.5 * max(width, height) / camera[0, 0])
    assert math.degrees(2 * half_angle) == pytest.approx(fov_deg, rel=1e-5)
    assert camera[0, 0] == camera[1, 1]
    assert tuple(camera[:2, 2]) == ((width - 1) / 2, (height - 1) / 2)


def test_turning_the_camera_upright_keeps_its_focal_length() -> None:
    assert intrinsics_from_fov(1280, 720)[0, 0] == intrinsics_from_fov(720, 1280)[0, 0]


def test_transform_points_agrees_with_homogeneous_multiplication() -> None:
    random = np.random.default_rng(1)
    a_from_b = np.array([[2.0, 0.5, 10], [-0.5, 2.0, -20], [0, 0, 1]])
    points = random.uniform(-100, 100, (2, 21, 2))
    homogeneous = np.concatenate([points, np.ones((2, 21, 1))], -1)
    plain = np.einsum("ij,bnj->bni", a_from_b, homogeneous)[..., :2]
    np.testing.assert_allclose(transform_points(a_from_b, points), plain, rtol=1e-5, atol=1e-4)


def test_the_scene_has_y_up_and_z_to_the_viewer() -> None:
    right, down, forward = scene_from_camera(np.eye(3))
    np.testing.assert_array_equal(right, [1, 0, 0])
    np.testing.assert_array_equal(down, [0, -1, 0])
    np.testing.assert_array_equal(forward, [0, 0, -1])


rotvecs = arrays(np.float64, (3,), elements=st.floats(-4, 4))


@given(rotvecs)
def test_mirroring_a_rotation_is_conjugation_with_the_mirror(rotvec: NDArray[np.float64]) -> None:
    mirror = np.diag([-1.0, 1.0, 1.0])
    rotmat = rotmat_from_rotvec(rotvec)
    np.testing.assert_allclose(mirror_rotmat(rotmat), mirror @ rotmat @ mirror, atol=1e-6)


@given(rotvecs)
def test_mirroring_twice_changes_nothing_and_stays_a_rotation(rotvec: NDArray[np.float64]) -> None:
    rotmat = rotmat_from_rotvec(rotvec)
    mirrored = mirror_rotmat(rotmat)
    np.testing.assert_allclose(mirror_rotmat(mirrored), rotmat, atol=1e-6)
    np.testing.assert_allclose(mirrored @ mirrored.T, np.eye(3), atol=1e-5)
    assert np.linalg.det(mirrored) == pytest.approx(1, abs=1e-5)


def test_a_mirrored_rotation_moves_mirrored_points_as_in_a_mirror() -> None:
    rotmat = rotmat_from_rotvec([0.3, -0.8, 1.1])
    point = np.array([0.1, 0.2, 0.3])
    flip = np.array([-1, 1, 1])
    moved = mirror_rotmat(rotmat) @ (flip * point)
    np.testing.assert_allclose(moved, flip * (rotmat @ point), atol=1e-6)


def test_the_box_is_the_tightest_one_for_each_set_of_points() -> None:
    points = np.array([[[3.0, 9], [1, 4], [2, 5]], [[0, 0], [-1, 2], [7, 1]]])
    np.testing.assert_array_equal(bbox_from_points(points), [[1, 4, 3, 9], [-1, 0, 7, 2]])
