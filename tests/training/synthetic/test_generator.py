"""Pictures are what their labels say."""

from dataclasses import fields, replace

import pytest
import torch

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer, mirror_x
from tests.training.synthetic.conftest import HANDS_ALONE, HEIGHT, STILL, WIDTH, make_generator
from training.batch import TrainingBatch
from training.synthetic.meshes import make_body, vertex_normals
from training.synthetic.scene import SceneConfig
from training.synthetic.shading import sh_basis


@pytest.fixture(scope="module")
def batch(hand: HandModel) -> TrainingBatch:
    return make_generator(hand).batch(3, 6, HEIGHT, WIDTH)


def test_the_same_seed_makes_the_same_batch_and_another_does_not(
    hand: HandModel, batch: TrainingBatch
) -> None:
    generator = make_generator(hand)
    again, other = generator.batch(3, 6, HEIGHT, WIDTH), generator.batch(4, 6, HEIGHT, WIDTH)
    for field in fields(TrainingBatch):
        value = getattr(batch, field.name)
        if value is not None:
            assert torch.equal(value, getattr(again, field.name)), field.name
    assert not torch.equal(batch.image, other.image)


def test_shapes_and_types_are_those_of_a_training_batch(batch: TrainingBatch) -> None:
    assert batch.image.shape == (6, 3, HEIGHT, WIDTH)
    assert batch.image.dtype == torch.uint8
    assert batch.valid.shape == (6, 4)
    assert batch.keypoints_2d.shape == (6, 4, 21, 2)
    assert batch.pose.shape == (6, 4, 16, 3, 3)
    assert batch.hand_index is not None
    assert batch.hand_index.dtype == torch.int8
    assert batch.albedo is not None
    assert 0 <= batch.albedo.min() and batch.albedo.max() <= 1
    assert all(getattr(batch, f.name).isfinite().all() for f in fields(TrainingBatch)
               if getattr(batch, f.name) is not None)  # fmt: skip


def test_labels_agree_with_the_hand_model_and_the_lens(
    hand: HandModel, batch: TrainingBatch
) -> None:
    picture, slot = batch.valid.nonzero().unbind(1)
    assert len(picture) > 3
    joints = batch.joints_3d[picture, slot]
    image = joints @ batch.K[picture, 0].mT
    torch.testing.assert_close(
        image[..., :2] / image[..., 2:], batch.keypoints_2d[picture, slot], atol=1e-2, rtol=1e-4
    )
    _, canonical = HandLayer(hand)(batch.pose[picture, slot], batch.betas[picture, slot])
    mirrored = mirror_x(canonical, batch.side[picture, slot] == 0)
    torch.testing.assert_close(joints - joints[:, :1], mirrored, atol=1e-5, rtol=1e-4)


def test_joints_lie_on_the_mask_of_their_own_hand(hand: HandModel) -> None:
    config = replace(HANDS_ALONE, hand_count_weights=(0.0, 1.0), min_size_px=150)
    batch = make_generator(hand, config, STILL).batch(0, 8, HEIGHT, WIDTH)
    assert batch.hand_index is not None
    points = batch.keypoints_2d[:, 0].round().long()
    inside = batch.keypoint_confidence[:, 0] == 1
    column, row = points[..., 0].clamp(0, WIDTH - 1), points[..., 1].clamp(0, HEIGHT - 1)
    mask = torch.nn.functional.max_pool2d((batch.hand_index == 0).float()[:, None], 3, 1, 1)[:, 0]
    hit = mask[torch.arange(8)[:, None], row, column] > 0
    assert hit[inside].float().mean() > 0.97
    assert (~inside).any()  # some hands reach out of the frame
    assert (batch.keypoint_confidence[:, 0][~inside] < 0.5).all()


def test_no_hands_leave_a_picture_without_labels(hand: HandModel) -> None:
    config = SceneConfig(hand_count_weights=(1.0, 0.0), person_share=1.0)
    batch = make_generator(hand, config).batch(0, 3, HEIGHT, WIDTH)
    assert not batch.valid.any()
    assert batch.hand_index is not None
    assert (batch.hand_index == -1).all()
    assert batch.image.float().std() > 1


def test_empty_scenes_of_all_kinds_work(hand: HandModel) -> None:
    config = replace(HANDS_ALONE, hand_count_weights=(1.0, 0.0))
    batch = make_generator(hand, config).batch(0, 2, HEIGHT, WIDTH)
    assert not batch.valid.any()


def test_a_model_without_forearm_works(hand: HandModel) -> None:
    batch = make_generator(replace(hand, forearm=None), HANDS_ALONE).batch(0, 3, HEIGHT, WIDTH)
    assert batch.valid.any()


def test_hidden_hands_are_ignored_instead_of_labelled(hand: HandModel) -> None:
    config = replace(HANDS_ALONE, thing_share=1.0, min_visible=0.9)
    strict = make_generator(hand, config).batch(1, 8, HEIGHT, WIDTH)
    hidden = (strict.ignore_xyxy != 0).any(-1)
    assert hidden.any()
    assert not (hidden & strict.valid).any()
    assert (strict.keypoint_confidence[hidden] == 0).all()
    assert not strict.has_3d[hidden].any()


def test_light_times_albedo_gives_the_colours_of_the_hand(hand: HandModel) -> None:
    """What a photometric loss does: shade the labelled mesh with the labels, compare pixels."""
    config = replace(HANDS_ALONE, hand_count_weights=(0.0, 1.0), min_size_px=200)
    batch = make_generator(hand, config, STILL).batch(2, 4, HEIGHT, WIDTH)
    assert batch.albedo is not None and batch.light is not None and batch.hand_index is not None
    shape = make_body(hand).hand
    vertices, _ = HandLayer(hand)(batch.pose[:, 0], batch.betas[:, 0])
    is_left = batch.side[:, 0] == 0
    normals = mirror_x(vertex_normals(vertices, shape), is_left)
    vertices = mirror_x(vertices, is_left) + batch.joints_3d[:, 0, :1]
    light = batch.light[:, 0].view(-1, 3, 9)
    guess = batch.albedo[:, 0] * (sh_basis(normals) @ light.mT)
    image = vertices @ batch.K[:, 0].mT
    pixel = (image[..., :2] / image[..., 2:]).round().long()
    column, row = pixel[..., 0].clamp(0, WIDTH - 1), pixel[..., 1].clamp(0, HEIGHT - 1)
    picture = torch.arange(len(batch))[:, None]
    seen = ((normals * -vertices).sum(-1) > 0.3 * vertices.norm(dim=-1)) & (
        batch.hand_index[picture, row, column] == 0
    )
    assert seen.sum() > 500
    shown = batch.image[picture, :, row, column].float() / 255
    error = (shown - guess)[seen].abs()
    assert error.median() < 0.06
    assert error.median() < 0.6 * (shown - batch.albedo[:, 0])[seen].abs().median()
