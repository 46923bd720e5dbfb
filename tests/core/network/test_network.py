from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.hand_model.skinning_torch import mirror_x
from core.network.camera import project_perspective
from core.network.config import NetworkConfig
from core.network.heads import Head
from core.network.network import HandNetwork, HandRows
from core.rotations import rotmat_from_rot6d
from core.topology import MIDDLE_MCP
from tests.networks import (
    TINY,
    as_input,
    bilinear_twin,
    fresh_network,
    hand_layer,
    lively_network,
    noise_picture,
)

HEIGHT, WIDTH = 64, 96
COLUMNS = WIDTH // TINY.stride


class FixedMap(nn.Module):
    """Stands where a dense head stands and always says the same."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, features: Tensor) -> Tensor:
        return self.logits


def picture(seed: int = 0, height: int = HEIGHT, width: int = WIDTH) -> Tensor:
    return as_input(noise_picture(height, width, seed))


def silent_network(config: NetworkConfig = TINY) -> HandNetwork:
    """Every number that is read at a hand's centre is exactly zero."""
    network = fresh_network(config)
    with torch.no_grad():
        for layer in (
            network.local.out,
            network.window.heat,
            network.regressor.estimate[-1],
            network.regressor.refine[-1],
        ):
            layer.weight.zero_()
            layer.bias.zero_()
    return network


@torch.no_grad()
def rows_of(network: HandNetwork, image: Tensor, cells: Tensor, is_left: Tensor) -> HandRows:
    features = network.features(image)
    return network.read(features, network.look(features, cells), is_left)


@pytest.mark.parametrize(("height", "width"), [(64, 96), (96, 64), (128, 64)])
def test_output_shapes(height: int, width: int) -> None:
    with torch.no_grad():
        output = lively_network()(picture(height=height, width=width))
    slots, vertices = TINY.slots, hand_layer().num_vertices
    shapes = {name: tuple(value.shape) for name, value in output._asdict().items()}
    assert shapes == {
        "score": (slots,),
        "right_probability": (slots,),
        "keypoints_2d": (slots, 21, 2),
        "keypoint_confidence": (slots, 21),
        "pose": (slots, 16, 3, 3),
        "betas": (slots, 10),
        "middle_mcp_2d": (slots, 2),
        "pixels_per_metre": (slots,),
        "vertices": (slots, vertices, 3),
        "joints_3d": (slots, 21, 3),
        "albedo": (slots, vertices, 3),
        "light": (slots, 27),
    }
    assert all(value.isfinite().all() for value in output)
    assert (output.score.diff() <= 0).all()
    assert ((output.albedo >= 0) & (output.albedo <= 1)).all()


def test_stride_four_has_maps_of_twice_the_size() -> None:
    network = fresh_network(replace(TINY, upsample=2))
    with torch.no_grad():
        maps = network.dense(network.features(picture()), with_heatmaps=True)
    assert network.config.stride == 4
    assert maps.heatmap is not None
    assert [tuple(m.shape) for m in maps] == [(1, c, 16, 24) for c in (1, 2, 21)]


def test_heatmaps_cost_nothing_unless_asked_for() -> None:
    network = fresh_network()
    with torch.no_grad():
        assert network.dense(network.features(picture())).heatmap is None


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_as_many_hands_as_peaks_at_their_places(count: int) -> None:
    network = fresh_network(replace(TINY, slots=8))
    peaks = [(0, 0), (2, 11), (5, 4), (9, 9), (11, 0)][:count]
    logits = torch.full((1, 1, 12, 12), -6.0)
    for strength, (row, column) in enumerate(peaks):
        logits[0, 0, row, column] = 1.0 + strength
        logits[0, 0, row, max(column - 1, 0)] += 0.5  # a slope, not another peak
    network.centre = FixedMap(logits)
    with torch.no_grad():
        output = network(picture(height=96, width=96))
    assert int((output.score > 0.3).sum()) == count
    # Strongest first; a fresh network puts the knuckle within a pixel of the cell's corner.
    places = output.middle_mcp_2d[:count].numpy()
    expected = np.array(peaks[::-1], float).reshape(-1, 2)[:, ::-1] * 8
    np.testing.assert_allclose(places, expected, atol=1.0)


def test_zero_outputs_put_the_knuckle_on_the_corner_of_the_cell() -> None:
    network = silent_network()
    cells = torch.tensor([[0, 17, 18, 17 + COLUMNS]])
    rows = rows_of(network, picture(), cells, torch.zeros(1, 4, dtype=torch.bool))
    expected = torch.tensor([[0.0, 0], [40, 8], [48, 8], [40, 16]])
    last = rows.steps[-1]
    torch.testing.assert_close(last.middle_mcp_2d[0], expected)
    torch.testing.assert_close(rows.centre_2d[0], expected)
    torch.testing.assert_close(rows.local_2d[0], expected[:, None].expand(-1, 21, -1))
    K = torch.tensor([[512.0, 0, 48], [0, 512, 32], [0, 0, 1]])
    projected = project_perspective(
        last.joints_3d, last.middle_mcp_2d, last.pixels_per_metre, K[None, None]
    )
    torch.testing.assert_close(projected[0, :, MIDDLE_MCP], expected, atol=1e-3, rtol=0)


def test_knuckle_projects_where_the_network_says() -> None:
    with torch.no_grad():
        output = lively_network()(picture())
    K = torch.tensor([[300.0, 0, 47.5], [0, 300, 31.5], [0, 0, 1]])
    knuckle = output.joints_3d[:, MIDDLE_MCP : MIDDLE_MCP + 1]
    found = project_perspective(knuckle, output.middle_mcp_2d, output.pixels_per_metre, K)
    torch.testing.assert_close(found[:, 0], output.middle_mcp_2d, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("side", ["left", "right"])
def test_mesh_is_the_hand_models_mirrored_for_left_hands(side: str) -> None:
    network = lively_network()
    with torch.no_grad():
        network.side.out.bias.copy_(torch.tensor([-9.0, 9.0] if side == "right" else [9.0, -9.0]))
        output = network(picture())
        vertices, joints = hand_layer()(output.pose, output.betas)
    is_left = torch.full((TINY.slots,), side == "left")
    assert ((output.right_probability < 0.5) == is_left).all()
    middle = joints[:, MIDDLE_MCP : MIDDLE_MCP + 1]
    torch.testing.assert_close(output.vertices, mirror_x(vertices - middle, is_left))
    torch.testing.assert_close(output.joints_3d, mirror_x(joints - middle, is_left))
    assert (output.joints_3d[:, MIDDLE_MCP] == 0).all()


def test_side_is_read_at_the_hands_own_cell() -> None:
    network = lively_network()
    with torch.no_grad():  # what the hand's row adds to the map's word
        for name, parameter in network.named_parameters():
            if name.startswith(("row_side.", "window.right.")):
                parameter.zero_()
    logits = torch.full((1, 1, 8, 12), -6.0)
    logits[0, 0, 1, 1], logits[0, 0, 7, 11] = 2.0, 1.0  # one of them in a corner
    network.centre = FixedMap(logits)
    with torch.no_grad():
        probability = network(picture()).right_probability
        sides = network.dense(network.features(picture())).side[0]
    right = sides[1] - sides[0]
    expected = torch.sigmoid(torch.stack([right[1, 1], right[7, 11]]))
    torch.testing.assert_close(probability[:2], expected)
    assert (probability[0] - probability[1]).abs() > 1e-3


def test_left_hand_is_the_mirror_image_of_the_right_one_from_the_same_evidence() -> None:
    network = lively_network()
    with torch.no_grad():  # what is read at places, not from the patch, is not the same mirrored
        window = network.window
        for layer in (network.local.out, network.sample_project, window.heat, window.feature):
            for parameter in layer.parameters():
                parameter.zero_()
    cells = torch.tensor([[30]])
    right = rows_of(network, picture(), cells, torch.tensor([[False]]))
    left = rows_of(network, picture(), cells, torch.tensor([[True]]))
    corner, mirror = right.local_2d[0, 0, 0], torch.tensor([-1.0, 1.0])
    for a, b in zip(right.steps, left.steps, strict=True):
        torch.testing.assert_close(b.rot6d, a.rot6d)
        torch.testing.assert_close(b.betas, a.betas)
        torch.testing.assert_close(b.pixels_per_metre, a.pixels_per_metre)
        torch.testing.assert_close(b.joints_3d, a.joints_3d * torch.tensor([-1.0, 1, 1]))
        for name in ("middle_mcp_2d", "keypoints_2d"):
            offset = getattr(a, name) - corner
            assert offset.abs().max() > 0.05
            expected = corner + offset * mirror
            torch.testing.assert_close(getattr(b, name), expected, atol=1e-3, rtol=0)


def test_local_head_equals_its_dense_twin_at_every_cell() -> None:
    """The dense twin: the head's convolutions, with the deeper stages upsampled to the map."""
    network = lively_network()
    with torch.no_grad():
        features = network.features(picture())
        height, width = features.fused.shape[2:]
        cells = torch.arange(height * width)[None]
        evidence = network.look(features, cells)
        rows = network.read(features, evidence, torch.zeros_like(cells, dtype=torch.bool), False)
        stages = ((features.mid[0].numpy(), 16), (features.deep[0].numpy(), 32))
        context = [
            np.concatenate(
                [bilinear_twin(stage, 8 * u + 3.5, 8 * v + 3.5, stride) for stage, stride in stages]
            )
            for v in range(height)
            for u in range(width)
        ]
        upsampled = network.context_norm(torch.from_numpy(np.array(context, np.float32)))
        added = network.local_context(upsampled).T.view(1, -1, height, width)
        near = network.local.conv(features.fused)
        dense = network.local.out(torch.relu(near + added))[0].flatten(1).T
    corner = torch.stack([cells[0] % width, cells[0] // width], -1)[:, None] * 8
    local_2d = corner + dense[:, 2:44].reshape(-1, 21, 2) * 8
    torch.testing.assert_close(rows.local_2d[0], local_2d, atol=1e-3, rtol=0)
    torch.testing.assert_close(rows.confidence_logits[0], dense[:, 44:], atol=1e-4, rtol=0)


def test_joints_of_a_step_are_those_of_its_pose() -> None:
    network = lively_network()
    is_left = torch.tensor([[False, True]])
    rows = rows_of(network, picture(), torch.tensor([[20, 40]]), is_left)
    for step in rows.steps:
        pose = rotmat_from_rot6d(step.rot6d[0])
        joints = mirror_x(hand_layer().skeleton(pose, step.betas[0]), is_left[0])
        expected = joints - joints[:, MIDDLE_MCP : MIDDLE_MCP + 1]
        torch.testing.assert_close(step.joints_3d[0], expected)


def test_steps_share_their_weights() -> None:
    one, three = (lively_network(replace(TINY, steps=steps)) for steps in (1, 3))
    assert one.state_dict().keys() == three.state_dict().keys()
    one.load_state_dict(three.state_dict())
    cells, is_left = torch.tensor([[5, 50]]), torch.tensor([[False, True]])
    first = rows_of(one, picture(), cells, is_left).steps
    all_three = rows_of(three, picture(), cells, is_left).steps
    assert (len(first), len(all_three)) == (1, 3)
    for own, other in zip(first[0], all_three[0], strict=True):
        torch.testing.assert_close(own, other)
    assert not torch.allclose(all_three[0].rot6d, all_three[2].rot6d)


def test_later_steps_look_where_the_last_one_pointed() -> None:
    network = lively_network(replace(TINY, steps=2))
    seen = []

    def note(module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        seen.append(arguments[0])

    network.regressor.estimate.register_forward_pre_hook(note)
    rows_of(network, picture(), torch.tensor([[30]]), torch.tensor([[False]]))
    sampled = slice(TINY.row_hidden, TINY.row_hidden + 21 * TINY.sample_channels)
    assert not torch.allclose(seen[0][..., sampled], seen[1][..., sampled])
    patch = slice(0, TINY.row_hidden)
    torch.testing.assert_close(seen[0][..., patch], seen[1][..., patch])


def test_picture_is_normalised_as_rgb() -> None:
    """A red picture reaches the backbone with its first channel high (EfficientNet-Lite's way)."""
    network = fresh_network()
    seen = []

    def note(module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        seen.append(arguments[0])

    network.backbone.register_forward_pre_hook(note)
    red = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    red[..., 0] = 255
    with torch.no_grad():
        network.features(as_input(red))
    expected = [1.0, -127 / 128, -127 / 128]
    np.testing.assert_allclose(seen[0].mean((0, 2, 3)), expected, rtol=1e-5)
    assert seen[0].std((0, 2, 3)).max() < 1e-5


def test_batch_reads_as_each_picture_alone() -> None:
    network = lively_network()
    pictures = [noise_picture(HEIGHT, WIDTH, seed) for seed in (1, 2, 3)]
    cells = torch.tensor([[0, 95, 40], [11, 50, 3], [84, 7, 60]])
    is_left = torch.tensor([[True, False, True], [False, False, True], [True, True, False]])
    together = rows_of(network, as_input(*pictures), cells, is_left)
    for b, alone_picture in enumerate(pictures):
        alone = rows_of(network, as_input(alone_picture), cells[b : b + 1], is_left[b : b + 1])
        for own, other in zip(flat(together), flat(alone), strict=True):
            torch.testing.assert_close(own[b : b + 1], other, atol=1e-4, rtol=1e-4)


def flat(rows: HandRows) -> list[Tensor]:
    assert rows.albedo is not None
    assert rows.light is not None
    tensors = [rows.centre_2d, rows.local_2d, rows.window_2d, rows.confidence_logits]
    tensors += [rows.albedo, rows.light]
    return [*tensors, *(value for step in rows.steps for value in step)]


def test_appearance_is_left_out_where_it_is_not_asked_for() -> None:
    network = lively_network()
    with torch.no_grad():
        features = network.features(picture())
        evidence = network.look(features, torch.tensor([[3]]))
        rows = network.read(features, evidence, torch.tensor([[False]]), False)
    assert rows.albedo is None
    assert rows.light is None


def test_fresh_network_expects_one_percent_of_cells_and_mean_skin() -> None:
    network = fresh_network()
    with torch.no_grad():
        score = torch.sigmoid(network.dense(network.features(picture())).centre)
        albedo = network(picture()).albedo
    assert score.mean().item() == pytest.approx(0.01, rel=0.2)
    np.testing.assert_allclose(albedo.mean((0, 1)), (0.45, 0.35, 0.30), atol=0.02)


def test_every_head_that_is_read_at_centres_learns() -> None:
    network = lively_network().train()
    features = network.features(picture())
    evidence = network.look(features, torch.tensor([[30]]))
    rows = network.read(features, evidence, torch.tensor([[True]]))
    sum(value.float().square().mean() for value in flat(rows)).backward()
    heads = {"local", "hand_feature", "sample_project", "regressor", "appearance", "neck"}
    for name, parameter in network.named_parameters():
        if name.partition(".")[0] in heads:
            assert parameter.grad is not None, name
            assert parameter.grad.isfinite().all(), name
    assert isinstance(network.local, Head)
    assert network.local.conv.weight.grad.abs().max() > 0
