import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.training.samples import LEFT, RIGHT, random_hands
from training.augment import Draw
from training.batch import TrainingBatch
from training.targets import dense_targets, draw_peaks, gaussian_radius, jitter_cells

STRIDE = 8


def largest_shift(height: float, width: float) -> float:
    """How far both corners of a box may move until its IoU with the true box falls to 0.7."""

    def worst_iou(r: float) -> float:
        inner = max(height - 2 * r, 0) * max(width - 2 * r, 0) / (height * width)
        outer = height * width / ((height + 2 * r) * (width + 2 * r))
        shared = max(height - r, 0) * max(width - r, 0)
        return min(inner, outer, shared / (2 * height * width - shared))

    low, high = 0.0, max(height, width)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if worst_iou(middle) >= 0.7 else (low, middle)
    return low


@given(st.floats(1, 60), st.floats(1, 60))
def test_gaussian_radius_keeps_an_overlap_of_seven_tenths(height: float, width: float) -> None:
    radius = gaussian_radius(torch.tensor(height), torch.tensor(width)).item()
    assert radius == pytest.approx(largest_shift(height, width), rel=2e-3, abs=2e-3)


def two_hands(distance_px: float = 24) -> TrainingBatch:
    """A left and a right hand beside each other, the same but for their place."""
    hands = random_hands(1, 2, 96, 128)
    points = hands.keypoints_2d[:, :1]
    points = points - points.mean(2, keepdim=True) + torch.tensor([50.0, 48.0])
    both = torch.cat([points, points + torch.tensor([distance_px, 0])], 1)
    return replace(hands, keypoints_2d=both, side=torch.tensor([[LEFT, RIGHT]]))


def test_every_hands_centre_is_exactly_one_in_centre_and_side_maps() -> None:
    hands = random_hands(3, 2, seed=4)
    targets = dense_targets(hands, STRIDE)
    flat = targets.centre.flatten(2)[:, 0]
    assert (flat.gather(1, targets.cells) == 1).all()
    own_side = targets.side.flatten(2).gather(1, hands.side[:, :, None].expand(-1, -1, 192))
    assert (own_side.gather(2, targets.cells[:, :, None]) == 1).all()
    assert targets.centre.max() == 1


def test_the_centre_is_the_mean_of_the_keypoints_in_the_picture() -> None:
    hands = two_hands()
    points = hands.keypoints_2d.clone()
    points[0, 0, :5] = torch.tensor([-30.0, 10.0])
    targets = dense_targets(replace(hands, keypoints_2d=points), STRIDE)
    torch.testing.assert_close(targets.centre_2d[0, 0], points[0, 0, 5:].mean(0))
    column, row = (targets.centre_2d[0, 0] / STRIDE).floor().long().tolist()
    assert targets.cells[0, 0] == row * 16 + column


def test_keypoints_without_a_label_do_not_move_the_centre() -> None:
    hands = two_hands()
    points, confidence = hands.keypoints_2d.clone(), hands.keypoint_confidence.clone()
    points[0, 0, :5], confidence[0, 0, :5] = 0, 0
    unlabelled = replace(hands, keypoints_2d=points, keypoint_confidence=confidence)
    targets = dense_targets(unlabelled, STRIDE)
    torch.testing.assert_close(targets.centre_2d[0, 0], points[0, 0, 5:].mean(0))


def test_overlapping_peaks_take_the_larger_one() -> None:
    cells = torch.tensor([[[4, 5], [6, 5]]])
    sigma, shown = torch.tensor([[1.5, 1.5]]), torch.ones(1, 2, dtype=torch.bool)
    separate = draw_peaks(cells, sigma, shown, 12, 16)
    for hand, (x, y) in enumerate(cells[0].tolist()):
        for row, column in ((y, x), (y + 1, x), (y + 2, x - 3), (0, 0)):
            expected = math.exp(-((column - x) ** 2 + (row - y) ** 2) / (2 * 1.5**2))
            assert separate[0, hand, row, column].item() == pytest.approx(expected, rel=1e-5)

    hands = two_hands()
    alone = [
        dense_targets(replace(hands, valid=torch.tensor([[i == 0, i == 1]])), STRIDE).centre
        for i in range(2)
    ]
    together = dense_targets(hands, STRIDE).centre
    assert torch.equal(together, torch.maximum(*alone))
    assert (together.flatten() == 1).sum() == 2


def test_every_hand_draws_a_peak_for_each_keypoint_in_the_picture() -> None:
    hands = two_hands()
    points = hands.keypoints_2d.clone()
    points[0, 1, 8] = torch.tensor([200.0, 40.0])
    targets = dense_targets(replace(hands, keypoints_2d=points), STRIDE)
    cells = (points / STRIDE).floor().long()
    for hand in range(2):
        for joint in range(21):
            if (hand, joint) != (1, 8):
                column, row = cells[0, hand, joint].tolist()
                assert targets.heatmap[0, joint, row, column] == 1
    # The picture's edge is no place for what lies beyond it.
    assert (targets.heatmap[0, 8] == 1).sum() == 1


def test_keypoints_that_the_teacher_doubts_draw_no_peak() -> None:
    hands = two_hands()
    confidence = hands.keypoint_confidence.clone()
    confidence[:, :, 3] = 0.1
    targets = dense_targets(replace(hands, keypoint_confidence=confidence), STRIDE)
    assert targets.heatmap[:, 3].max() == 0
    assert targets.heatmap[:, 4].max() == 1


def test_ignored_regions_carry_no_loss_but_labelled_peaks_keep_theirs() -> None:
    hands = replace(two_hands(), valid=torch.tensor([[True, False]]))
    assert (dense_targets(hands, STRIDE).weight == 1).all()
    region = torch.tensor([[[30.0, 20.0, 128.0, 90.0], [0.0, 0.0, 0.0, 0.0]]])
    targets = dense_targets(replace(hands, ignore_xyxy=region), STRIDE)
    own_cell = targets.cells[0, 0]
    assert targets.weight.flatten()[own_cell] == 1
    inside = targets.weight[0, 0, 3:10, 4:]
    assert inside.sum() == (targets.centre[0, 0, 3:10, 4:] > 0.1).sum()
    assert (targets.weight[0, 0, :, :3] == 1).all()
    assert (targets.weight[0, 0, :2] == 1).all()


def test_empty_slots_draw_nothing() -> None:
    hands = replace(two_hands(), valid=torch.zeros(1, 2, dtype=torch.bool))
    targets = dense_targets(hands, STRIDE)
    for drawn in (targets.centre, targets.side, targets.heatmap):
        assert drawn.max() == 0


def test_jittered_cells_stay_in_the_map_and_beside_their_place() -> None:
    height, width = 3, 4
    cells = torch.arange(height * width).repeat(200, 1)
    moved = jitter_cells(cells, height, width, Draw(torch.Generator().manual_seed(0)), 1.0)
    assert moved.min() >= 0
    assert moved.max() < height * width
    rows = (moved // width - cells // width).abs()
    columns = (moved % width - cells % width).abs()
    assert rows.max() == columns.max() == 1
    assert (moved != cells).any(0).all()


def test_cells_move_as_often_as_asked() -> None:
    cells = torch.full((400, 10), 55)
    draw = Draw(torch.Generator().manual_seed(0))
    assert torch.equal(jitter_cells(cells, 10, 10, draw, 0.0), cells)
    moved = (jitter_cells(cells, 10, 10, draw, 0.3) != cells).float().mean().item()
    assert moved == pytest.approx(0.3 * 8 / 9, abs=0.03)  # one of nine steps is none
