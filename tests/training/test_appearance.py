"""Shading, placing and rendering of predicted hands, and the gradients of their losses."""

import pytest
import torch
from torch import Tensor

from core.network.camera import project_orthographic, project_perspective
from core.network.network import MEAN_ALBEDO
from core.rotations import rotmat_from_rotvec
from core.topology import MIDDLE_MCP
from tests.networks import fresh_network, hand_layer
from tests.training.rendered import close_up, draw_truth, drawn, true_vertices
from tests.training.samples import random_hands
from training import losses
from training.appearance import (
    picture_camera,
    place_hands,
    render_hands,
    shade_vertices,
    start_light,
    vertex_normals,
)
from training.batch import TrainingBatch
from training.picture_terms import vertices_of
from training.silhouette import mesh_edges, soft_silhouette

SIZE = 40


def one_hand(seed: int = 1) -> TrainingBatch:
    """One hand that fills most of a small picture."""
    return drawn(close_up(random_hands(1, 1, SIZE, SIZE, seed)))


def rest_hand(is_left: bool) -> tuple[Tensor, Tensor]:
    """Vertices (1, V, 3) of a hand at rest and its side."""
    layer = hand_layer()
    pose = torch.eye(3).expand(1, 16, 3, 3)
    left = torch.tensor([is_left])
    return vertices_of(layer, pose, torch.zeros(1, 10), left), left


@pytest.mark.parametrize("is_left", [False, True])
def test_normals_point_outwards_on_both_sides(is_left: bool) -> None:
    vertices, left = rest_hand(is_left)
    faces = hand_layer().faces
    normals = vertex_normals(vertices, faces, left)
    torch.testing.assert_close(normals.norm(dim=-1), torch.ones(1, len(normals[0])))
    # The flux of x through a closed surface is three times its volume, about 0.3 l here.
    a, b, c = vertices[0, faces].unbind(1)
    area = torch.linalg.cross(b - a, c - a).norm(dim=-1) / 2
    outward = normals[0, faces].mean(1)
    volume = (area * (outward * (a + b + c) / 3).sum(-1)).sum() / 3
    assert 1e-4 < volume < 8e-4


def test_normals_are_the_sum_over_the_faces_around_a_vertex() -> None:
    vertices, left = rest_hand(False)
    faces = hand_layer().faces
    normals = vertex_normals(vertices, faces, left)[0]
    for vertex in (0, 500, 1200):
        total = torch.zeros(3)
        for face in faces[(faces == vertex).any(1)]:
            a, b, c = vertices[0, face]
            total = total + torch.linalg.cross(b - a, c - a)
        torch.testing.assert_close(normals[vertex], total / total.norm(), atol=1e-4, rtol=1e-4)


def test_an_untrained_light_is_even_and_shows_the_mean_skin() -> None:
    vertices, left = rest_hand(False)
    normals = vertex_normals(vertices, hand_layer().faces, left)
    albedo = torch.tensor(MEAN_ALBEDO).expand_as(vertices)
    colour = shade_vertices(albedo, normals, start_light()[None])
    torch.testing.assert_close(colour, 0.709 * albedo, atol=1e-3, rtol=0)


def test_an_untrained_network_says_mean_skin_in_an_even_light() -> None:
    network = fresh_network()
    batch = random_hands(1, 1, 64, 64)
    features = network.features(batch.image)
    evidence = network.look(features, torch.zeros(1, 1, dtype=torch.long))
    rows = network.read(features, evidence, batch.side == 0)
    assert rows.albedo is not None
    assert rows.light is not None
    torch.testing.assert_close(rows.light[0, 0], start_light(), atol=0.02, rtol=0)
    skin = torch.tensor(MEAN_ALBEDO).expand_as(rows.albedo)
    torch.testing.assert_close(rows.albedo, skin, atol=0.02, rtol=0)


def test_turning_the_light_moves_the_bright_side_to_the_other_side() -> None:
    vertices, left = rest_hand(False)
    normals = vertex_normals(vertices, hand_layer().faces, left)
    light = start_light().view(3, 9).clone()
    light[:, 3] = -0.3  # the basis has -x there
    bright = shade_vertices(torch.ones_like(vertices), normals, light.view(1, 27))[0, :, 0]
    light[:, 3] = 0.3
    dark = shade_vertices(torch.ones_like(vertices), normals, light.view(1, 27))[0, :, 0]
    towards = normals[0, :, 0] > 0.5
    assert (bright > dark)[towards].all()
    assert (bright < dark)[normals[0, :, 0] < -0.5].all()


def test_a_left_hand_is_shaded_as_the_mirrored_right_one() -> None:
    draw = torch.Generator().manual_seed(0)
    pose = rotmat_from_rotvec(0.4 * torch.randn(1, 16, 3, generator=draw))
    albedo = torch.rand(1, hand_layer().num_vertices, 3, generator=draw)
    light = start_light() + 0.2 * torch.randn(27, generator=draw)
    odd = torch.tensor([1.0, 1, 1, -1, -1, 1, 1, -1, 1])  # terms that change sign with x
    mirrored = (light.view(3, 9) * odd).view(27)
    camera = picture_camera(SIZE, SIZE, light)
    pictures = []
    for is_left, lit in ((False, light), (True, mirrored)):
        left = torch.tensor([is_left])
        vertices = vertices_of(hand_layer(), pose, torch.zeros(1, 10), left)
        normals = vertex_normals(vertices, hand_layer().faces, left)
        colour = shade_vertices(albedo, normals, lit[None])
        moved = vertices + torch.tensor([0, 0, 0.35])
        shape = (1, SIZE, SIZE)
        zero = torch.zeros(1, dtype=torch.long)
        pictures.append(
            render_hands(moved, colour, zero, hand_layer().faces, camera, shape).image[0]
        )
    assert pictures[0].sum() > 10
    apart = (pictures[0] - pictures[1].flip(1)).abs().amax(-1)
    assert (apart > 1e-3).float().mean() < 0.003  # pixels that lie on an edge


def test_hands_land_where_their_own_cameras_see_them() -> None:
    draw = torch.Generator().manual_seed(2)
    points = 0.05 * torch.randn(3, 50, 3, generator=draw)
    middle = torch.tensor([[20.0, 30.0], [70.0, 10.0], [40.0, 40.0]])
    scale = torch.tensor([300.0, 500.0, 900.0])
    K = torch.eye(3).repeat(3, 1, 1)
    K[:, 0, 0] = K[:, 1, 1] = torch.tensor([90.0, 400.0, 700.0])
    K[:, :2, 2] = torch.tensor([[40.0, 30.0], [33.0, 60.0], [0.0, 90.0]])
    camera = picture_camera(64, 96, points)
    for orthographic in (False, True):
        placed = place_hands(points, middle, scale, K, camera, orthographic)
        seen = placed @ camera.T
        seen = seen[..., :2] / seen[..., 2:]
        if orthographic:
            wanted = project_orthographic(points, middle, scale)
        else:
            wanted = project_perspective(points, middle, scale, K)
        assert (seen - wanted).abs().max() < 0.1
        # Equally large hands are equally far, whatever they were taken with.
        assert (placed.mean(1)[:, 2].argsort(descending=True) == torch.arange(3)).all()


def test_smhrs_orthographic_numbers_round_trip_to_a_tenth_of_a_pixel() -> None:
    hands = random_hands(2, 2, 256, 256, seed=3)
    joints = hands.joints_3d - hands.joints_3d[:, :, MIDDLE_MCP : MIDDLE_MCP + 1]
    s, t, size = torch.tensor([[0.1, -0.4], [0.6, 0.2]]), 0.3 * torch.randn(2, 2, 2), 256
    # Components 1.7: pixel = (s + 3) S X + t S / 2 + S / 2.
    seen = (s[..., None, None] + 3) * size * joints[..., :2]
    seen = seen + (t[..., None, :] + 1) * size / 2
    own = losses.reproject(joints, (t + 1) * size / 2, (s + 3) * size, hands.K, orthographic=True)
    assert (own - seen).abs().max() < 0.1
    # And back: scale and shift by least squares from what is seen.
    flat = joints[..., :2] - joints[..., :2].mean(2, keepdim=True)
    fitted = (flat * (seen - seen.mean(2, keepdim=True))).sum((2, 3)) / flat.square().sum((2, 3))
    again = losses.reproject(joints, seen[:, :, MIDDLE_MCP], fitted, hands.K, orthographic=True)
    assert (again - seen).abs().max() < 0.1


def test_the_nearer_hand_hides_the_farther_one() -> None:
    layer = hand_layer()
    vertices, _ = rest_hand(False)
    camera = picture_camera(SIZE, SIZE, vertices)
    both = torch.cat([vertices + torch.tensor([0, 0, 0.5]), vertices + torch.tensor([0, 0, 0.4])])
    red, blue = torch.tensor([1.0, 0, 0]), torch.tensor([0, 0, 1.0])
    colour = torch.stack([red, blue])[:, None].expand_as(both)
    picture = torch.zeros(2, dtype=torch.long)
    shape = (1, SIZE, SIZE)
    near = render_hands(both[1:], colour[1:], picture[1:], layer.faces, camera, shape)
    drawing = render_hands(both, colour, picture, layer.faces, camera, shape)
    covered = near.hand == 0
    assert covered.sum() > 50
    assert (drawing.hand[covered] == 1).all()
    torch.testing.assert_close(drawing.image[covered], blue.expand_as(drawing.image[covered]))
    apart = render_hands(both, colour, torch.tensor([0, 1]), layer.faces, camera, (2, SIZE, SIZE))
    assert (apart.hand[0] <= 0).all()
    assert (apart.hand[1][apart.hand[1] >= 0] == 1).all()


def numeric_slope(total, start: Tensor, way: Tensor, step: float) -> float:  # type: ignore[no-untyped-def]
    with torch.no_grad():
        return float((total(start + step * way) - total(start - step * way)) / (2 * step))


@pytest.mark.parametrize("what", ["vertices", "albedo", "light"])
def test_the_photometric_gradient_equals_finite_differences(what: str) -> None:
    batch = one_hand()
    layer = hand_layer()
    camera = picture_camera(SIZE, SIZE, torch.zeros(1)).double()
    draw = torch.Generator().manual_seed(3)
    start = {
        "vertices": true_vertices(batch).double(),
        "albedo": torch.rand(1, layer.num_vertices, 3, generator=draw).double(),
        "light": (start_light() + 0.1 * torch.randn(1, 27, generator=draw)).double(),
    }
    image = batch.image.permute(0, 2, 3, 1).double() / 255
    left = batch.side[0] == 0

    def total(value: Tensor) -> Tensor:
        values = start | {what: value}
        normals = vertex_normals(values["vertices"], layer.faces, left)
        colour = shade_vertices(values["albedo"], normals, values["light"])
        shape = (1, SIZE, SIZE)
        zero = torch.zeros(1, dtype=torch.long)
        drawing = render_hands(values["vertices"], colour, zero, layer.faces, camera, shape)
        # A fixed mask: the outline's own part is the silhouette's gradient.
        return losses.photometric_loss(drawing.image, image, mask).sum()

    mask = (batch.hand_index == 0).double()
    inner = torch.nn.functional.max_pool2d(1 - mask[:, None], 3, 1, 1)[:, 0] == 0
    mask = mask * inner
    assert mask.sum() > 30
    value = start[what].clone().requires_grad_()
    total(value).backward()
    assert value.grad is not None
    for _ in range(3):
        way = torch.randn(value.shape, generator=draw, dtype=torch.float64)
        slope = numeric_slope(total, start[what], way, 1e-8 if what == "vertices" else 1e-5)
        assert (value.grad * way).sum().item() == pytest.approx(slope, rel=2e-2, abs=1e-6)
    assert value.grad.abs().max() > 0


def test_the_silhouette_gradient_equals_finite_differences_and_points_the_right_way() -> None:
    batch = one_hand()
    layer = hand_layer()
    edges = mesh_edges(layer.faces)
    camera = picture_camera(SIZE, SIZE, torch.zeros(1)).double()[None]
    vertices = true_vertices(batch).double()
    mask = (batch.hand_index == 0).double()
    box = torch.tensor([20.0]).double()

    def total(moved: Tensor) -> Tensor:
        soft = soft_silhouette(moved, layer.faces, edges, camera, SIZE, SIZE)
        return losses.silhouette_loss(soft, mask, torch.ones_like(mask), box).sum()

    draw = torch.Generator().manual_seed(1)
    beside = vertices + torch.tensor([0.012, 0, 0]).double()
    value = beside.clone().requires_grad_()
    total(value).backward()
    assert value.grad is not None
    for _ in range(3):
        way = torch.randn(value.shape, generator=draw, dtype=torch.float64)
        slope = numeric_slope(total, beside, way, 1e-7)
        assert (value.grad * way).sum().item() == pytest.approx(slope, rel=2e-2, abs=1e-5)
    assert value.grad[..., 0].sum() > 0  # too far to the right: descent goes left


def test_the_silhouette_alone_raises_the_overlap() -> None:
    batch = one_hand(seed=4)
    layer, edges = hand_layer(), mesh_edges(hand_layer().faces)
    camera = picture_camera(SIZE, SIZE, torch.zeros(1))
    mask = (batch.hand_index == 0).float()
    ones, box = torch.ones_like(mask), torch.tensor([25.0])
    left = batch.side[0] == 0
    scale = batch.K[0, :, 0, 0] / batch.joints_3d[0, :, MIDDLE_MCP, 2]
    pose, betas = batch.pose[0], batch.betas[0]
    turn = torch.tensor([[0.25, -0.2, 0.3]], requires_grad=True)
    shift = torch.tensor([[4.0, -3.0]], requires_grad=True)
    optimiser = torch.optim.Adam([{"params": turn, "lr": 0.03}, {"params": shift, "lr": 0.3}])
    overlap = []
    for _ in range(30):
        turned = torch.cat([(rotmat_from_rotvec(turn) @ pose[:, 0])[:, None], pose[:, 1:]], 1)
        vertices = vertices_of(layer, turned, betas, left)
        middle = batch.keypoints_2d[0, :, MIDDLE_MCP] + shift
        placed = place_hands(vertices, middle, scale, batch.K[0], camera)
        soft = soft_silhouette(placed, layer.faces, edges, camera[None], SIZE, SIZE)
        overlap.append(losses.mask_iou(soft.detach(), mask, ones).item())
        optimiser.zero_grad()
        losses.silhouette_loss(soft, mask, ones, box).sum().backward()
        assert turn.grad is not None
        assert turn.grad.abs().max() > 0
        optimiser.step()
    assert overlap[0] < 0.75
    assert max(overlap[-5:]) > overlap[0] + 0.1


def test_photometric_alone_finds_skin_and_light_with_the_geometry_frozen() -> None:
    batch = one_hand(seed=6)
    image = batch.image.permute(0, 2, 3, 1).float() / 255
    mask = (batch.hand_index == 0).float()
    albedo = torch.tensor(MEAN_ALBEDO).expand(1, 1, hand_layer().num_vertices, 3).clone()
    light = start_light()[None, None].clone()
    albedo.requires_grad_()
    light.requires_grad_()
    optimiser = torch.optim.Adam([albedo, light], lr=0.02)
    history = []
    for _ in range(25):
        drawing = draw_truth(batch, albedo, light)
        loss = losses.photometric_loss(drawing.image, image, mask).sum()
        quality = losses.psnr(drawing.image.detach(), image, mask)
        history.append((loss.item(), quality.item()))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert history[-1][0] < 0.5 * history[0][0]
    assert history[-1][1] > history[0][1] + 5


@pytest.mark.parametrize("tone", [(0.75, 0.6, 0.5), (0.28, 0.18, 0.13)])
def test_skin_tones_come_out_of_the_picture(tone: tuple[float, float, float]) -> None:
    """A renderer whose albedo is the tone itself shows the tone, light or dark."""
    batch = one_hand(seed=6)
    albedo = torch.tensor(tone).expand(1, 1, hand_layer().num_vertices, 3)
    drawing = draw_truth(batch, albedo, start_light()[None, None])
    seen = drawing.image[drawing.hand >= 0].mean(0)
    torch.testing.assert_close(seen, 0.709 * torch.tensor(tone), atol=2e-3, rtol=0)


def test_photometric_loss_is_the_mean_norm_over_the_mask() -> None:
    draw = torch.Generator().manual_seed(0)
    own, true = torch.rand(2, 3, 4, 3, generator=draw), torch.rand(2, 3, 4, 3, generator=draw)
    mask = (torch.rand(2, 3, 4, generator=draw) > 0.5).float()
    total = [0.0, 0.0]
    for b in range(2):
        for y in range(3):
            for x in range(4):
                error = (own[b, y, x] - true[b, y, x]).square().sum().sqrt()
                total[b] += (mask[b, y, x] * error).item()
        total[b] /= mask[b].sum().item() + 1e-4
    loss = losses.photometric_loss(own, true, mask)
    assert loss.tolist() == pytest.approx(total, rel=1e-4)
    mask[1] = 0  # a picture without a mask is left out, not counted as perfect
    assert losses.photometric_loss(own, true, mask).mean().item() == pytest.approx(total[0])


def test_psnr_and_overlap_equal_their_formulas() -> None:
    true = torch.full((1, 4, 4, 3), 0.5)
    mask = torch.ones(1, 4, 4)
    mask[0, 0] = 0
    own = true + 0.1
    own[0, 0] = 99.0  # outside of the mask
    assert losses.psnr(own, true, mask).item() == pytest.approx(20, abs=1e-3)
    assert losses.psnr(own, true, 0 * mask).item() == 0
    a, b = torch.zeros(1, 4, 4), torch.zeros(1, 4, 4)
    a[0, :2], b[0, 1:3] = 1, 1
    assert losses.mask_iou(a, b, torch.ones(1, 4, 4)).item() == pytest.approx(1 / 3)
    known = torch.ones(1, 4, 4)
    known[0, 2] = 0
    assert losses.mask_iou(a, b, known).item() == pytest.approx(1 / 2)
    error = losses.silhouette_loss(a, b, known, torch.tensor([4.0])).item()
    assert error == pytest.approx(4 / 16)


def test_smoothness_is_free_for_the_template_and_dear_for_a_spike() -> None:
    layer, ends = hand_layer(), mesh_edges(hand_layer().faces).ends
    template = layer.v_template
    assert losses.laplacian_loss(template[None], template, ends).item() == 0
    spike = template.clone()
    spike[300] += torch.tensor([0, 0, 0.03])
    pose = rotmat_from_rotvec(
        0.15 * torch.randn(1, 16, 3, generator=torch.Generator().manual_seed(0))
    )
    posed, _ = layer(pose, torch.zeros(1, 10))
    bent = losses.laplacian_loss(posed, template, ends).item()
    spiked = losses.laplacian_loss(spike[None], template, ends).item()
    assert bent < 0.2
    assert spiked > 5 * bent


def test_the_laplacian_is_the_vertex_minus_the_mean_of_its_neighbours() -> None:
    vertices = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    ends = torch.tensor([[0, 1], [1, 2], [0, 2], [2, 3]])  # vertex 4 has no neighbour
    around = {0: [1, 2], 1: [0, 2], 2: [1, 0, 3], 3: [2]}
    result = losses.uniform_laplacian(vertices, ends)
    for vertex, others in around.items():
        expected = vertices[:, vertex] - vertices[:, others].mean(1)
        torch.testing.assert_close(result[:, vertex], expected)
    torch.testing.assert_close(result[:, 4], vertices[:, 4])
