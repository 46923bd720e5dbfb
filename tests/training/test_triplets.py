"""Triplets are exact: picture, skeleton and mask of one and the same hand."""

import functools
import math
from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor

from core.hand_model.skinning_torch import mirror_x
from tests.factories import hand_model
from tests.networks import hand_layer
from tests.training.samples import LEFT, random_hands, root_relative
from training.appearance import start_light, vertex_normals
from training.batch import TrainingBatch
from training.rasterise import rasterise
from training.synthetic.dice import Dice
from training.synthetic.render import Renderer
from training.triplets import Seeds, TripletConfig, make_renderer, triplets

SIZE = 72
SMALL = TripletConfig(height=SIZE, width=SIZE)
CENTRAL = replace(SMALL, scene=replace(SMALL.scene, min_size_px=200, max_size_px=240))


@functools.cache
def renderer() -> Renderer:
    return make_renderer(hand_model(), torch.device("cpu"))


def some_seeds(count: int = 2, colour: tuple[float, float, float] = (0.8, 0.3, 0.2)) -> Seeds:
    hands = random_hands(count, 1, seed=4)
    albedo = torch.tensor(colour).expand(count, hand_layer().num_vertices, 3)
    light = start_light().expand(count, 27)
    return Seeds(hands.pose[:, 0], hands.side[:, 0] == LEFT, albedo, light)


def rooms() -> Tensor:
    return torch.full((2, 3, 24, 32), 60, dtype=torch.uint8)


def make(seeds: Seeds, config: TripletConfig = SMALL, seed: int = 0) -> TrainingBatch:
    return triplets(seeds, renderer(), rooms(), Dice(seed), config)


@pytest.fixture(scope="module")
def batch() -> TrainingBatch:
    return make(some_seeds())


def test_each_seed_gives_three_pictures_of_one_hand(batch: TrainingBatch) -> None:
    assert batch.image.shape == (6, 3, SIZE, SIZE)
    assert batch.image.dtype == torch.uint8
    assert batch.valid.shape == (6, 1)
    assert batch.valid.all() and batch.has_3d.all()
    seeds = some_seeds()
    assert torch.equal(batch.side[:, 0] == LEFT, seeds.is_left.repeat_interleave(3))
    for row in range(6):
        assert torch.equal(batch.pose[row, 0, 1:], seeds.pose[row // 3, 1:])  # fingers are kept
        assert batch.albedo is not None and batch.light is not None
        assert torch.equal(batch.albedo[row, 0], seeds.albedo[row // 3])
        assert torch.equal(batch.light[row, 0], seeds.light[row // 3])


def test_joints_lie_on_their_mask() -> None:
    batch = make(some_seeds(4), CENTRAL)
    assert batch.hand_index is not None
    assert set(batch.hand_index.unique().tolist()) == {-1, 0}
    near = torch.nn.functional.max_pool2d((batch.hand_index == 0).float()[:, None], 3, 1, 1)[:, 0]
    points = batch.keypoints_2d[:, 0].round().long().clamp(0, SIZE - 1)
    hit = near[torch.arange(12)[:, None], points[..., 1], points[..., 0]] > 0
    inside = batch.keypoint_confidence[:, 0] == 1
    assert inside.float().mean() > 0.6
    assert hit[inside].float().mean() > 0.97


def posed_vertices(batch: TrainingBatch) -> Tensor:
    """(B, V, 3) m, camera frame, made without any of the triplets' own code."""
    left = batch.side[:, 0] == LEFT
    vertices, joints = hand_layer()(batch.pose[:, 0], batch.betas[:, 0])
    shift = batch.joints_3d[:, 0, :1] - mirror_x(joints, left)[:, :1]
    return mirror_x(vertices, left) + shift


def test_masks_are_where_the_hand_alone_would_be_drawn() -> None:
    batch = make(some_seeds(), CENTRAL)
    assert batch.hand_index is not None
    vertices, faces = posed_vertices(batch), hand_layer().faces
    picture = torch.arange(6).repeat_interleave(len(faces))
    shift = torch.arange(6)[:, None, None] * vertices.shape[1]
    all_faces = (faces + shift).flatten(0, 1)
    alone = rasterise(vertices.flatten(0, 1), all_faces, picture, batch.K[:, 0], SIZE, SIZE)
    drawn = alone.dense(torch.ones(len(alone.pixel)), 0.0)
    mask = (batch.hand_index == 0).float()
    wider = torch.nn.functional.max_pool2d(drawn[:, None], 3, 1, 1)[:, 0]
    assert (mask * (1 - wider)).sum() == 0
    seen = (mask * drawn).sum((1, 2)) / drawn.sum((1, 2))
    assert seen.min() > 0.6  # an arm or a sleeve may hide a part
    assert seen.median() > 0.95


def test_labels_agree_with_the_hand_model_and_the_lens(batch: TrainingBatch) -> None:
    joints = batch.joints_3d[:, 0]
    image = joints @ batch.K[:, 0].mT
    torch.testing.assert_close(
        image[..., :2] / image[..., 2:], batch.keypoints_2d[:, 0], atol=1e-3, rtol=1e-4
    )
    _, posed = hand_layer()(batch.pose[:, 0], batch.betas[:, 0])
    posed = mirror_x(posed, batch.side[:, 0] == LEFT)
    assert (root_relative(posed) - root_relative(joints)).norm(dim=-1).max() < 1e-5


def test_shapes_are_new_within_three_deviations_and_so_are_views() -> None:
    batch = make(some_seeds(12), replace(SMALL, height=16, width=16))
    assert batch.betas.abs().max() <= 3
    assert batch.betas.std() == pytest.approx(3 / math.sqrt(3), rel=0.1)  # uniform
    orient = batch.pose[:, 0, 0].view(12, 3, 3, 3)
    assert (orient[:, 0] - orient[:, 1]).flatten(1).norm(dim=1).min() > 0.05
    torch.testing.assert_close(orient.det(), torch.ones(12, 3))


def test_views_stay_within_their_bounds() -> None:
    still = replace(SMALL, height=16, width=16, in_plane=0.3, out_of_plane=0.0)
    seeds = some_seeds(6)
    batch = make(seeds, still)
    turn = batch.pose[:, 0, 0] @ seeds.pose.repeat_interleave(3, 0)[:, 0].mT
    assert (turn[:, 2, 2] > 1 - 1e-5).all()  # the optical axis stays
    angle = torch.atan2(turn[:, 1, 0], turn[:, 0, 0]).abs()
    assert angle.max() <= 0.3
    assert angle.max() > 0.15


def test_hands_show_their_albedo_in_their_light() -> None:
    """Lit by 0.709 from everywhere, a plain hand is 0.709 times its albedo, everywhere."""
    batch = make(some_seeds(2), CENTRAL)
    assert batch.hand_index is not None
    inner = -torch.nn.functional.max_pool2d(-(batch.hand_index == 0).float()[:, None], 3, 1, 1)
    shown = batch.image.permute(0, 2, 3, 1)[inner[:, 0] > 0].float() / 255
    assert len(shown) > 200
    expected = 0.709 * torch.tensor([0.8, 0.3, 0.2])
    # A gap between fingers lets the room through.
    assert ((shown - expected).abs().amax(-1) < 0.006).float().mean() > 0.98


def test_what_faces_the_light_is_brighter() -> None:
    """The same hands lit from the picture's right and from its left."""
    seeds = some_seeds(4, (0.6, 0.6, 0.6))
    shown = []
    for strength in (-0.2, 0.2):
        light = seeds.light.view(4, 3, 9).clone()
        light[..., 3] = strength  # the fourth harmonic is -x
        batch = make(replace(seeds, light=light.flatten(1)), CENTRAL)
        shown.append(batch.image.float().mean(1))
    right_minus_left = shown[0] - shown[1]
    vertices = posed_vertices(batch)
    left = batch.side[:, 0] == LEFT
    normals = vertex_normals(vertices, hand_layer().faces, left)
    pixel = vertices @ batch.K[:, 0].mT
    pixel = (pixel[..., :2] / pixel[..., 2:]).round().long()
    facing = (normals * vertices).sum(-1) < -0.5 * vertices.norm(dim=-1)
    agree, count = 0, 0
    for row, vertex in (facing & (normals[..., 0].abs() > 0.6)).nonzero().tolist():
        x, y = pixel[row, vertex].tolist()
        if 0 <= x < SIZE and 0 <= y < SIZE and batch.hand_index[row, y, x] == 0:  # type: ignore[index]
            agree += int(right_minus_left[row, y, x] * normals[row, vertex, 0] > 0)
            count += 1
    assert count > 100
    assert agree / count > 0.85


def test_the_same_seed_draws_the_same_triplets(batch: TrainingBatch) -> None:
    again, other = make(some_seeds()), make(some_seeds(), seed=1)
    for entry in fields(TrainingBatch):
        value = getattr(batch, entry.name)
        assert value is None or torch.equal(value, getattr(again, entry.name)), entry.name
    assert not torch.equal(batch.image, other.image)


def test_no_arm_comes_at_the_camera() -> None:
    batch = make(some_seeds(12), replace(SMALL, height=16, width=16))
    assert (-batch.pose[:, 0, 0, 2, 0]).max() <= 0.3 + 1e-6
