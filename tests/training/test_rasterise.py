"""The rasteriser against a plain twin, and what it promises."""

import numpy as np
import pytest
import torch

from training import rasterise as module
from training.rasterise import MAX_CANDIDATES, NEAR_M, rasterise

H, W = 12, 16
K = torch.tensor([[[14.0, 0, 7.3], [0, 13.0, 5.6], [0, 0, 1]]])


def random_triangles(count: int, seed: int, pictures: int = 1) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    centre = torch.rand(count, 1, 3, generator=generator) * torch.tensor([1.4, 1.0, 1.0])
    corners = centre + torch.tensor([-0.7, -0.5, 0.2])
    corners = corners + 0.5 * torch.randn(count, 3, 3, generator=generator)
    faces = torch.arange(3 * count).view(count, 3)
    return corners.flatten(0, 1), faces, torch.arange(count) % pictures


def plain_twin(
    vertices: np.ndarray, faces: np.ndarray, K: np.ndarray, cull: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Loop over pixels and triangles, meet each ray with each plane: face and depth (H, W)."""
    face_map, depth_map = np.full((H, W), -1), np.full((H, W), np.inf)
    for row in range(H):
        for column in range(W):
            ray = np.array([(column - K[0, 2]) / K[0, 0], (row - K[1, 2]) / K[1, 1], 1.0])
            for number, face in enumerate(faces):
                a, b, c = vertices[face]
                solution = np.linalg.solve(np.stack([b - a, c - a, -ray], -1), -a)
                u, v, t = solution
                if min(u, v, 1 - u - v) < 0 or t <= NEAR_M or t >= depth_map[row, column]:
                    continue
                if cull and np.cross(b - a, c - a) @ ray > 0:
                    continue
                face_map[row, column], depth_map[row, column] = number, t
    return face_map, depth_map


@pytest.mark.parametrize("cull", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rasterise_equals_a_loop_over_pixels_and_triangles(seed: int, cull: bool) -> None:
    vertices, faces, picture = random_triangles(14, seed)  # some cross the camera's plane
    assert (vertices[:, 2] < 0).any()
    fragments = rasterise(vertices, faces, picture, K, H, W, cull_back=cull)
    face, depth = plain_twin(vertices.double().numpy(), faces.numpy(), K[0].double().numpy(), cull)
    np.testing.assert_array_equal(fragments.dense(fragments.face, -1)[0].numpy(), face)
    np.testing.assert_allclose(
        fragments.dense(fragments.depth, torch.inf)[0].numpy(), depth, rtol=1e-4
    )


def test_fragments_reproduce_the_points_that_the_rays_meet() -> None:
    vertices, faces, picture = random_triangles(10, seed=3)
    fragments = rasterise(vertices, faces, picture, K, H, W)
    weights = fragments.barycentric(vertices, faces, K)
    points = fragments.interpolate(weights, vertices, faces)
    pixel = points[:, :2] / points[:, 2:] * torch.tensor([14.0, 13.0]) + torch.tensor([7.3, 5.6])
    row, column = fragments.pixel // W, fragments.pixel % W
    torch.testing.assert_close(pixel, torch.stack((column, row), -1).float(), atol=2e-3, rtol=0)
    torch.testing.assert_close(points[:, 2], fragments.depth, atol=1e-4, rtol=1e-4)


def test_nearer_mesh_hides_farther_one_wherever_it_comes_in_the_list() -> None:
    square = torch.tensor([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]])
    quad = torch.tensor([[0, 1, 2], [0, 2, 3]])
    for near_first in (True, False):
        depths = (1.0, 2.0) if near_first else (2.0, 1.0)
        vertices = torch.cat([square * 3 + torch.tensor([0, 0, d]) for d in depths])
        faces = torch.cat([quad, quad + 4])
        fragments = rasterise(vertices, faces, torch.zeros(4, dtype=torch.int64), K, H, W)
        nearest = fragments.face // 2 == (0 if near_first else 1)
        assert len(fragments.pixel) == H * W
        assert nearest.all()


def test_pictures_of_a_batch_do_not_mix() -> None:
    vertices, faces, picture = random_triangles(12, seed=4, pictures=3)
    together = rasterise(vertices, faces, picture, K.repeat(3, 1, 1), H, W)
    dense = together.dense(together.face, -1)
    for number in range(3):
        own = (picture == number).nonzero().squeeze(1)
        alone = rasterise(vertices, faces[own], torch.zeros_like(own), K, H, W)
        expected = torch.where(alone.dense(alone.face, -1) < 0, -1, 0)
        named = own[alone.dense(alone.face, 0)[0]]
        expected = torch.where(expected[0] < 0, -1, named)
        torch.testing.assert_close(dense[number], expected)


def test_neighbouring_triangles_leave_no_crack() -> None:
    steps = torch.linspace(-1.2, 1.2, 40)
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    z = 1 + 0.1 * torch.sin(9 * x) * torch.cos(7 * y)
    vertices = torch.stack((x, y, z), -1).view(-1, 3)
    corner = torch.arange(39)[:, None] * 40 + torch.arange(39)
    a = corner.flatten()
    faces = torch.cat((torch.stack((a, a + 1, a + 41), -1), torch.stack((a, a + 41, a + 40), -1)))
    wide = torch.tensor([[[200.0, 0, 99.5], [0, 200.0, 99.5], [0, 0, 1]]])
    fragments = rasterise(
        vertices, faces, torch.zeros(len(faces), dtype=torch.int64), wide, 200, 200
    )
    assert len(fragments.pixel) == 200 * 200


def test_chunks_give_the_same_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    vertices, faces, picture = random_triangles(30, seed=5)
    whole = rasterise(vertices, faces, picture, K, H, W)
    assert MAX_CANDIDATES > 30 * H * W
    monkeypatch.setattr(module, "MAX_CANDIDATES", 100)
    parts = rasterise(vertices, faces, picture, K, H, W)
    torch.testing.assert_close(parts.face, whole.face)
    torch.testing.assert_close(parts.pixel, whole.pixel)


def test_nothing_in_view_gives_no_fragments() -> None:
    vertices, faces, picture = random_triangles(3, seed=6)
    fragments = rasterise(vertices - torch.tensor([0, 0, 9.0]), faces, picture, K, H, W)
    assert len(fragments.pixel) == 0
    assert (fragments.dense(fragments.face, -1) == -1).all()


def test_gradients_through_barycentrics_equal_finite_differences() -> None:
    vertices = torch.tensor([[-0.9, -0.7, 0.8], [0.9, -0.6, 1.3], [0.1, 0.8, 1.0]]).double()
    faces, picture = torch.tensor([[0, 1, 2]]), torch.zeros(1, dtype=torch.int64)
    attributes = torch.tensor([[1.0], [-2.0], [0.5]]).double()
    fragments = rasterise(vertices, faces, picture, K.double(), H, W)

    def colour(moved: torch.Tensor) -> torch.Tensor:
        weights = fragments.barycentric(moved, faces, K.double())
        depth = fragments.interpolate(weights, moved[:, 2:], faces)
        return fragments.interpolate(weights, attributes, faces).square().sum() + depth.sum()

    assert torch.autograd.gradcheck(colour, vertices.requires_grad_(), atol=1e-4)


def test_attributes_get_gradients() -> None:
    vertices, faces, picture = random_triangles(5, seed=7)
    attributes = torch.rand(15, 2, requires_grad=True)
    fragments = rasterise(vertices, faces, picture, K, H, W)
    weights = fragments.barycentric(vertices, faces, K)
    fragments.interpolate(weights, attributes, faces).sum().backward()
    assert attributes.grad is not None
    assert attributes.grad.sum().item() == pytest.approx(2 * len(fragments.pixel), rel=1e-4)
