"""Soft silhouettes: values, and a gradient that is that of the picture."""

import pytest
import torch

from training.silhouette import mesh_edges, soft_silhouette

H, W = 24, 32
K = torch.tensor([[[30.0, 0, 15.3], [0, 30.0, 11.6], [0, 0, 1]]])


def icosphere(
    centre: tuple[float, float, float], radius: float
) -> tuple[torch.Tensor, torch.Tensor]:
    golden = (1 + 5**0.5) / 2
    corners = torch.tensor(
        [[-1, golden, 0], [1, golden, 0], [-1, -golden, 0], [1, -golden, 0],
         [0, -1, golden], [0, 1, golden], [0, -1, -golden], [0, 1, -golden],
         [golden, 0, -1], [golden, 0, 1], [-golden, 0, -1], [-golden, 0, 1]]
    )  # fmt: skip
    faces = torch.tensor(
        [[0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4],
         [11, 10, 2], [10, 7, 6], [7, 1, 8], [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8],
         [3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7], [9, 8, 1]]
    )  # fmt: skip
    points = torch.nn.functional.normalize(corners, dim=-1) * radius + torch.tensor(centre)
    return points, faces


def test_edges_of_a_closed_mesh_have_two_sides_and_of_an_open_one_a_border() -> None:
    _, faces = icosphere((0, 0, 1), 1)
    closed = mesh_edges(faces)
    assert len(closed.ends) == 30
    assert (closed.sides[:, 0] != closed.sides[:, 1]).all()
    opened = mesh_edges(faces[1:])
    assert (opened.sides[:, 0] == opened.sides[:, 1]).sum() == 3


def test_the_sum_of_a_narrow_silhouette_is_the_area() -> None:
    quad = torch.tensor([[-0.213, -0.171, 1.0], [0.187, -0.171, 1.0], [0.187, 0.229, 1.0],
                         [-0.213, 0.229, 1.0]])  # fmt: skip
    faces = torch.tensor([[0, 2, 1], [0, 3, 2]])
    mask = soft_silhouette(quad[None], faces, mesh_edges(faces), K, H, W, band_px=0.5)
    assert mask.sum().item() == pytest.approx(12 * 12, rel=0.01)
    assert mask.min() >= 0 and mask.max() <= 1


@pytest.mark.parametrize("band_px", [0.7, 1.5])
def test_gradient_equals_finite_differences(band_px: float) -> None:
    vertices, faces = icosphere((0.05, -0.02, 1.0), 0.23)
    edges, weight = mesh_edges(faces), torch.rand(H, W, generator=torch.Generator().manual_seed(0))
    vertices = vertices.double().requires_grad_()

    def total(moved: torch.Tensor) -> torch.Tensor:
        mask = soft_silhouette(moved[None], faces, edges, K.double(), H, W, band_px)
        return (mask[0] * weight).sum()

    total(vertices).backward()
    assert vertices.grad is not None
    step = 1e-6
    generator = torch.Generator().manual_seed(1)
    for _ in range(6):
        way = torch.randn(vertices.shape, generator=generator, dtype=torch.float64)
        with torch.no_grad():
            slope = (total(vertices + step * way) - total(vertices - step * way)) / (2 * step)
        assert (vertices.grad * way).sum().item() == pytest.approx(slope.item(), rel=2e-3)


def test_an_edge_over_the_same_mesh_is_no_outline() -> None:
    near, faces = icosphere((0.0, 0.0, 0.9), 0.06)
    far, _ = icosphere((0.0, 0.0, 1.2), 0.30)
    both = torch.cat((near, far))
    all_faces = torch.cat((faces, faces + len(near)))
    mask = soft_silhouette(both[None], all_faces, mesh_edges(all_faces), K, H, W)
    alone = soft_silhouette(far[None], faces, mesh_edges(faces), K, H, W)
    torch.testing.assert_close(mask, alone)
    assert (mask[0, 9:14, 13:18] == 1).all()


def test_descent_on_the_mask_alone_brings_a_shape_to_its_place() -> None:
    target, faces = icosphere((0.06, 0.04, 1.0), 0.2)
    edges = mesh_edges(faces)
    wanted = soft_silhouette(target[None], faces, edges, K, H, W)
    shape, _ = icosphere((0.0, 0.0, 1.0), 0.2)
    shift = torch.zeros(3, requires_grad=True)
    optimiser = torch.optim.Adam([shift], lr=5e-3)

    def overlap() -> float:
        with torch.no_grad():
            mask = soft_silhouette((shape + shift)[None], faces, edges, K, H, W)
        return float(torch.minimum(mask, wanted).sum() / torch.maximum(mask, wanted).sum())

    before = overlap()
    for _ in range(60):
        optimiser.zero_grad()
        mask = soft_silhouette((shape + shift)[None], faces, edges, K, H, W)
        (mask - wanted).abs().mean().backward()
        optimiser.step()
    assert overlap() > 0.95 > before


def test_copies_of_a_batch_do_not_mix() -> None:
    shape, faces = icosphere((0.0, 0.0, 1.0), 0.2)
    batch = torch.stack(
        (shape, shape + torch.tensor([0.1, 0, 0.2]), shape - torch.tensor([9, 0, 0.0]))
    )
    edges = mesh_edges(faces)
    together = soft_silhouette(batch, faces, edges, K.repeat(3, 1, 1), H, W)
    for number in range(3):
        alone = soft_silhouette(batch[number : number + 1], faces, edges, K, H, W)
        torch.testing.assert_close(together[number], alone[0])
    assert together[2].sum() == 0
