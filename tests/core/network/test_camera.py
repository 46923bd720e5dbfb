import numpy as np
import pytest
import torch
from torch import Tensor

from core.geometry import project
from core.network.camera import (
    cell_corner,
    project_orthographic,
    project_perspective,
    translation,
)

POINTS = torch.tensor([[0.0, 0.0, 0.0], [0.05, -0.02, 0.03], [-0.04, 0.06, -0.02]])


def intrinsics(fx: float, fy: float, cx: float, cy: float) -> Tensor:
    return torch.tensor([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])


def test_cell_is_column_and_row_times_stride() -> None:
    cells = torch.tensor([[0, 11, 12, 35]])  # of a map 3 rows by 12 columns
    expected = [[[0, 0], [88, 0], [0, 8], [88, 16]]]
    assert cell_corner(cells, 12, 8).tolist() == expected
    assert cell_corner(cells, 12, 4).tolist() == (np.array(expected) / 2).tolist()


def test_next_cell_is_one_stride_further() -> None:
    here, right, below = cell_corner(torch.tensor([[14, 15, 26]]), 12, 8)[0]
    assert (right - here).tolist() == [8, 0]
    assert (below - here).tolist() == [0, 8]


@pytest.mark.parametrize("residual", [-0.3, 0.0, 0.45])
@pytest.mark.parametrize("size", [224, 384])
def test_smhrs_camera_is_a_special_case(residual: float, size: int) -> None:
    """components.md 1.7: t_z = c + 0.8, t_x = t_z (a + u0 - W / 2) / f with f = 512."""
    a, b, u0, v0 = 3.5, -6.25, 48.0, 120.0
    depth = residual + 0.8
    found = translation(
        torch.tensor([a + u0, b + v0]),
        torch.tensor(512 / depth),
        intrinsics(512, 512, size / 2, size / 2),
    )
    expected = [depth * (a + u0 - size / 2) / 512, depth * (b + v0 - size / 2) / 512, depth]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("focal", [(500.0, 500.0), (400.0, 700.0)])
def test_perspective_agrees_with_the_numpy_projection(focal: tuple[float, float]) -> None:
    K = intrinsics(*focal, 180.0, 140.0)
    place, scale = torch.tensor([100.0, 200.0]), torch.tensor(900.0)
    moved = POINTS + translation(place, scale, K)
    found = project_perspective(POINTS, place, scale, K)
    np.testing.assert_allclose(found, project(moved.numpy(), K.numpy()), atol=1e-3)


@pytest.mark.parametrize("focal", [(500.0, 500.0), (400.0, 700.0)])
def test_point_at_the_knuckle_projects_where_the_network_says(focal: tuple[float, float]) -> None:
    place = torch.tensor([[30.0, 40.0], [300.0, 10.0]])
    found = project_perspective(
        torch.zeros(2, 1, 3), place, torch.tensor([400.0, 2000.0]), intrinsics(*focal, 180, 140)
    )
    np.testing.assert_allclose(found[:, 0], place, atol=1e-3)


def test_each_picture_of_a_batch_has_its_own_camera() -> None:
    K = torch.stack([intrinsics(500, 500, 180, 140), intrinsics(800, 600, 100, 90)])
    place = torch.tensor([[[100.0, 90.0], [50.0, 60.0], [10.0, 200.0]]]).expand(2, -1, -1)
    scale = torch.tensor([[600.0, 900.0, 1500.0]]).expand(2, -1)
    points = POINTS.expand(2, 3, -1, -1)
    found = project_perspective(points, place, scale, K[:, None])
    for b in range(2):
        for h in range(3):
            alone = project_perspective(points[b, h], place[b, h], scale[b, h], K[b])
            torch.testing.assert_close(found[b, h], alone)


def test_hand_behind_the_camera_keeps_finite_pixels_and_gradients() -> None:
    points = torch.tensor([[0.1, 0.1, -2.0], [0.0, 0.0, -0.5]], requires_grad=True)
    place, scale = torch.tensor([100.0, 90.0]), torch.tensor(1000.0, requires_grad=True)
    pixels = project_perspective(points, place, scale, intrinsics(500, 500, 180, 140))
    pixels.sum().backward()
    assert pixels.isfinite().all()
    for gradient in (points.grad, scale.grad):
        assert gradient is not None
        assert gradient.isfinite().all()


def test_orthographic_pixels_are_scale_and_shift() -> None:
    """SMHR's two-hand camera: pixel = (s + 3) S X + t S / 2 + S / 2."""
    size, s, t = 256, 0.2, torch.tensor([0.1, -0.3])
    found = project_orthographic(
        POINTS, t * size / 2 + size / 2, torch.tensor((s + 3) * size, dtype=torch.float32)
    )
    expected = (s + 3) * size * POINTS[:, :2] + t * size / 2 + size / 2
    torch.testing.assert_close(found, expected)


def test_orthographic_round_trip_is_below_a_tenth_of_a_pixel() -> None:
    """Scale and shift found from projected points project them to the same pixels again."""
    pixels = project_orthographic(POINTS, torch.tensor([120.0, 80.0]), torch.tensor(768.0))
    columns = [(POINTS[:, axis], torch.tensor([1.0, 0.0])[axis]) for axis in (0, 1)]
    rows = [[x.item(), share.item(), 1 - share.item()] for values, share in columns for x in values]
    targets = torch.cat([pixels[:, 0], pixels[:, 1]])
    scale, u, v = torch.linalg.lstsq(torch.tensor(rows), targets).solution
    again = project_orthographic(POINTS, torch.stack([u, v]), scale)
    assert (again - pixels).abs().max() < 0.1


def test_orthographic_is_perspective_from_far_away() -> None:
    place, scale = torch.tensor([120.0, 80.0]), torch.tensor(768.0)
    far = project_perspective(POINTS, place, scale, intrinsics(1e6, 1e6, 180, 140))
    assert (project_orthographic(POINTS, place, scale) - far).abs().max() < 0.1
