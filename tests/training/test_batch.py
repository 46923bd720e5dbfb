from dataclasses import fields, replace

import pytest
import torch

from tests.training.samples import random_hands
from training.batch import TrainingBatch, compact, concatenate, join_hands, tiled
from training.targets import dense_targets


def without(batch: TrainingBatch, *names: str) -> TrainingBatch:
    return replace(batch, **dict.fromkeys(names))


def test_concatenated_batches_are_padded_with_empty_slots_and_regions() -> None:
    few, many = random_hands(2, 1), random_hands(1, 3, seed=1)
    many = replace(many, ignore_xyxy=torch.rand(1, 5, 4))
    both = concatenate(few, many)
    assert len(both) == 3
    assert both.num_hands == 3
    assert both.ignore_xyxy.shape == (3, 5, 4)
    assert both.valid.tolist() == [[True, False, False]] * 2 + [[True] * 3]
    for entry in fields(TrainingBatch):
        value = getattr(both, entry.name)
        if value is not None:
            assert torch.equal(value[2:], getattr(many, entry.name)), entry.name
    assert torch.equal(both.keypoints_2d[:2, :1], few.keypoints_2d)
    assert (both.keypoint_confidence[:2, 1:] == 0).all()
    assert not both.has_3d[:2, 1:].any()
    assert (both.ignore_xyxy[:2, 2:] == 0).all()


def test_empty_slots_hold_a_camera_that_can_project() -> None:
    both = concatenate(random_hands(1, 1), random_hands(1, 3))
    assert (both.K[..., 0, 0] > 0).all()
    assert (both.K[..., 2, 2] == 1).all()


def test_fields_that_one_batch_lacks_are_filled_and_those_that_all_lack_stay_none() -> None:
    synthetic = replace(random_hands(2, 2), hand_index=torch.zeros(2, 96, 128, dtype=torch.int8))
    real = without(random_hands(1, 1, seed=1), "albedo", "light", "hand_index")
    real = replace(
        real, hint_3d=torch.ones(1, 1, 21, 3), has_hint=torch.ones(1, 1, dtype=torch.bool)
    )
    both = concatenate(synthetic, real)
    assert both.albedo is not None
    assert both.hand_index is not None
    assert both.has_hint is not None
    assert (both.albedo[2] == 0).all()
    assert (both.hand_index[2] == -1).all()
    assert both.has_hint.tolist() == [[False, False], [False, False], [True, False]]
    assert concatenate(real, real).albedo is None


def test_joined_pictures_have_the_hands_of_both_with_their_own_cameras() -> None:
    first, second = random_hands(2, 1), random_hands(2, 2, seed=1)
    second = replace(second, K=second.K * 2)
    joined = join_hands(first, second)
    assert joined.image is first.image
    for name in ("K", "valid", "side", "keypoints_2d", "joints_3d", "pose", "betas", "light"):
        parts = torch.cat([getattr(first, name), getattr(second, name)], 1)
        assert torch.equal(getattr(joined, name), parts), name
    assert joined.ignore_xyxy.shape == (2, 4, 4)
    assert joined.hand_index is None


def test_compacting_moves_labelled_hands_first_and_loses_none() -> None:
    batch = random_hands(3, 4)
    valid = torch.tensor([[0, 1, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1]], dtype=torch.bool)
    batch = replace(batch, valid=valid)
    small = compact(batch)
    assert small.num_hands == 2
    assert small.valid.tolist() == [[True, True], [False, False], [True, False]]
    for entry in fields(TrainingBatch):
        value, source = getattr(small, entry.name), getattr(batch, entry.name)
        if entry.name not in ("image", "ignore_xyxy", "hand_index") and source is not None:
            assert torch.equal(value[small.valid], source[batch.valid]), entry.name


def test_compacting_pictures_without_hands_keeps_one_empty_slot() -> None:
    batch = replace(random_hands(2, 3), valid=torch.zeros(2, 3, dtype=torch.bool))
    assert compact(batch).num_hands == 1


def test_rows_and_parts_take_pictures_with_all_their_labels() -> None:
    batch = random_hands(4, 2)
    for taken, expected in ((batch.rows(torch.tensor([2, 0])), [2, 0]), (batch.part(1, 3), [1, 2])):
        assert len(taken) == len(expected)
        for entry in fields(TrainingBatch):
            value = getattr(taken, entry.name)
            if value is not None:
                assert torch.equal(value, getattr(batch, entry.name)[expected]), entry.name


@pytest.fixture
def tiles() -> TrainingBatch:
    """Eight small pictures with a hand each."""
    batch = random_hands(8, 1, 32, 64)
    points = torch.rand(8, 1, 21, 2) * torch.tensor([40.0, 20.0]) + 6
    return replace(batch, keypoints_2d=points)


def test_tiled_pictures_show_each_tile_with_its_hand_in_its_corner(tiles: TrainingBatch) -> None:
    whole = tiled(tiles, 2)
    assert whole.image.shape == (2, 3, 64, 128)
    assert whole.valid.shape == (2, 4)
    for index in range(8):
        picture, place = divmod(index, 4)
        x, y = place % 2 * 64, place // 2 * 32
        shown = whole.image[picture, :, y : y + 32, x : x + 64]
        assert torch.equal(shown, tiles.image[index])
        corner = torch.tensor([x, y])
        moved = tiles.keypoints_2d[index, 0] + corner
        torch.testing.assert_close(whole.keypoints_2d[picture, place], moved)
        torch.testing.assert_close(
            whole.K[picture, place, :2, 2], tiles.K[index, 0, :2, 2] + corner
        )
        assert torch.equal(whole.pose[picture, place], tiles.pose[index, 0])


def test_nothing_of_a_tile_is_labelled_in_its_neighbour(tiles: TrainingBatch) -> None:
    points = tiles.keypoints_2d.clone()
    points[0, 0, :8] = torch.tensor([90.0, 10.0])  # beyond the right edge of the first tile
    regions = torch.zeros(8, 2, 4)
    regions[0, 0] = torch.tensor([50.0, 4.0, 90.0, 20.0])
    outside = replace(tiles, keypoints_2d=points, ignore_xyxy=regions)
    outside = replace(outside, valid=torch.arange(8)[:, None] == 0)
    targets = dense_targets(tiled(outside, 2), 8)
    torch.testing.assert_close(targets.centre_2d[0, 0], points[0, 0, 8:].mean(0))
    assert targets.heatmap[:, :, :, 8:].max() < 0.5
    assert (targets.heatmap[0, 8:, :, :8].amax((1, 2)) == 1).all()
    assert (targets.weight[0, 0, :, 8:] == 1).all()
    assert (targets.weight[0, 0, :, :8] == 0).any()


def test_one_tile_is_the_picture_itself(tiles: TrainingBatch) -> None:
    assert tiled(tiles, 1) is tiles
