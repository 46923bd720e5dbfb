import numpy as np
import pytest
import torch
from torch import nn

from core.geometry import project
from core.network.frozen_picture import FrozenPicture, soft_silhouette
from core.network.network import HandNetwork, HandRows
from core.network.regressor import HandStep
from core.preprocess import NetworkInput, prepare
from core.refinement import HandRefiner, Refinement, RefinementConfig
from core.types import Frame
from tests.factories import hand_model, intrinsics, make_hand
from tests.networks import as_input, lively_network, noise_picture

SIDES = torch.tensor([True, False])
INPUT = (64, 96)


def keypoints_at(*centres: tuple[float, float]) -> np.ndarray:
    """(N, 21, 2) px of the frame: something like hands of 30 px around the centres."""
    spread = np.random.default_rng(0).uniform(-15, 15, (21, 2))
    spread -= spread.mean(0)
    return (np.array(centres)[:, None] + spread).astype(np.float32)


def seeing_network() -> HandNetwork:
    """A frozen network whose norms fit its pictures, so that its features depend on them."""
    network = lively_network()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # the mean over all that is seen now
    network.train()
    with torch.no_grad():
        network.features(as_input(*(noise_picture(64, 96, seed) for seed in range(4))))
    return network.eval().requires_grad_(False)


def looked_at(enlarged: int = 1) -> tuple[HandNetwork, NetworkInput, FrozenPicture]:
    network = seeing_network()
    picture = noise_picture(64 * enlarged, 96 * enlarged)
    frame = Frame(0, 0, 0, picture, intrinsics(*picture.shape[1::-1]))
    network_input = prepare(frame, INPUT)
    keypoints = keypoints_at((30, 30), (70, 44)) * enlarged
    return network, network_input, FrozenPicture(network, network_input, keypoints, SIDES.tolist())


def rows_of(network: HandNetwork, network_input: NetworkInput, cells: torch.Tensor) -> HandRows:
    image = torch.from_numpy(network_input.image.copy()).permute(2, 0, 1)[None]
    with torch.no_grad():
        features = network.features(image)
        return network.read(features, network.look(features, cells), SIDES[None])


def in_frame(step: HandStep, network_input: NetworkInput) -> HandStep:
    matrix = torch.from_numpy(network_input.image_from_input.copy())
    scale, shift = matrix.diagonal()[:2], matrix[:2, 2]
    return step._replace(
        middle_mcp_2d=step.middle_mcp_2d * scale + shift,
        pixels_per_metre=step.pixels_per_metre * scale.prod().sqrt(),
        keypoints_2d=step.keypoints_2d * scale + shift,
    )


@pytest.mark.parametrize("enlarged", [1, 3])
@pytest.mark.parametrize("number", [0, 1])
def test_refreshed_keypoints_are_those_of_the_networks_own_step(enlarged: int, number: int) -> None:
    network, network_input, picture = looked_at(enlarged)
    rows = rows_of(network, network_input, picture.cells)
    before = rows.window_2d if number == 0 else rows.steps[number - 1].keypoints_2d
    step = rows.steps[number]
    assert (step.keypoints_2d - before).abs().max() > 0.1
    asked = in_frame(step._replace(keypoints_2d=before), network_input)
    found = picture.refresh(asked)
    expected = in_frame(step, network_input).keypoints_2d
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=0.01)


def test_hands_are_read_at_the_cell_of_their_keypoints() -> None:
    _, _, picture = looked_at(3)
    columns = INPUT[1] // 8
    assert picture.cells.tolist() == [[30 // 8 * columns + 30 // 8, 44 // 8 * columns + 70 // 8]]


def test_keypoints_outside_of_the_picture_are_read_at_its_border() -> None:
    network, network_input, _ = looked_at()
    far = keypoints_at((-500, -500), (5000, 5000))
    picture = FrozenPicture(network, network_input, far, SIDES.tolist())
    assert picture.cells.tolist() == [[0, 8 * 12 - 1]]


def test_silhouette_is_where_the_vertices_are() -> None:
    hand = make_hand("right", at=(0, 0, 0.6))
    vertices = project(hand.vertices, intrinsics())
    mask = soft_silhouette(torch.from_numpy(vertices)[None] / 2, 240, 320)[0]
    inside = torch.from_numpy(vertices / 2).round().long()
    assert (mask[inside[:, 1], inside[:, 0]] > 0.7).float().mean() > 0.95
    low, high = inside.amin(0) - 16, inside.amax(0) + 16
    outside = mask.clone()
    outside[low[1] : high[1], low[0] : high[0]] = 0
    assert outside.max() < 0.05


def test_gradient_of_the_silhouette_points_towards_pixels_that_it_should_cover() -> None:
    vertices = torch.tensor([[[40.0, 40.0], [44.0, 40.0], [40.0, 46.0]]], requires_grad=True)
    mask = soft_silhouette(vertices, 96, 96)
    mask[0, 36:52, 56:64].sum().backward()
    assert vertices.grad is not None
    assert vertices.grad[0, :, 0].sum() > 0


def test_foreground_agrees_with_finite_differences() -> None:
    network, _, picture = looked_at()
    vertices = torch.tensor(keypoints_at((30, 30), (70, 44)), requires_grad=True)
    value = picture.foreground(vertices)
    assert value.shape == (2,)
    assert (value > 0).all()
    (gradient,) = torch.autograd.grad(value.sum(), vertices)
    direction = gradient / gradient.norm()
    with torch.no_grad():
        ahead, behind = (
            picture.foreground(vertices + sign * 0.02 * direction).sum() for sign in (1, -1)
        )
    assert (ahead - behind).item() / 0.04 == pytest.approx(gradient.norm().item(), rel=0.2)
    assert all(parameter.grad is None for parameter in network.parameters())


def test_silhouette_of_everything_explains_everything() -> None:
    _, _, picture = looked_at()
    xs, ys = torch.meshgrid(torch.arange(-8, 104.0), torch.arange(-8, 72.0), indexing="xy")
    everywhere = torch.stack([xs, ys], -1).view(1, -1, 2).expand(2, -1, -1)
    nowhere = everywhere + 1000
    with torch.no_grad():
        all_seen, nothing_seen = picture.foreground(everywhere), picture.foreground(nowhere)
    assert (all_seen < 0.2 * nothing_seen).all()


def test_refinement_takes_both_answers() -> None:
    network = seeing_network()
    hands = [make_hand("left", at=(-0.1, 0, 0.6)), make_hand("right", at=(0.1, 0, 0.6))]
    frame = Frame(0, 0, 0, noise_picture(480, 640), intrinsics())
    keypoints = np.array([hand.joints_2d for hand in hands]) + np.float32(12)
    picture = FrozenPicture(network, prepare(frame, INPUT), keypoints, SIDES.tolist())
    sure = np.ones((2, 21), np.float32)

    def run(refresh_every: int, with_foreground: bool) -> Refinement:
        config = RefinementConfig(steps=6, refresh_every=refresh_every)
        return HandRefiner(hand_model(), config).refine(
            hands,
            keypoints,
            sure,
            frame.K,
            picture.refresh,
            picture.foreground if with_foreground else None,
        )

    plain, recursive, with_foreground = run(0, False), run(2, False), run(0, True)
    assert np.abs(plain.hands[0].keypoints_2d - recursive.hands[0].keypoints_2d).max() > 0.5
    for answer in (recursive, with_foreground):
        for one, other in zip(answer.hands, plain.hands, strict=True):
            assert one.objective_after <= one.objective_before
            assert np.abs(one.hand.joints_3d - other.hand.joints_3d).max() > 1e-5
