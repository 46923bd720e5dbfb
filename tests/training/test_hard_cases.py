import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from core.errors import TrainingError
from core.geometry import intrinsics_from_fov
from core.types import Detections, Frame
from tests.factories import hand_model, make_detections, make_hand
from tests.training.samples import fan, write_data_folder
from training.hard_cases import (
    Case,
    Picture,
    cut_off,
    darkened,
    drawn,
    far,
    judge_case,
    real_pictures,
    run,
    smeared,
    suite,
)
from training.synthetic.scene import SceneConfig
from training.tally import box_px


def picture(x: float = 60, y: float = 50, size: float = 80) -> Picture:
    """A grey picture with the outline of a hand whose keypoints are a fan."""
    image = np.full((200, 240, 3), 90, np.uint8)
    points = fan(x, y, size).astype(np.float32)
    for column, row in points.round().astype(int):
        cv2.circle(image, (int(column), int(row)), 3, (230, 180, 150), -1)
    K = intrinsics_from_fov(240, 200)
    return Picture(image, K, points[None], ("right",), np.zeros((0, 4), np.float32))


def marked(shown: Picture) -> float:
    """Share of keypoints in the frame that lie on a dot."""
    points = shown.keypoints[0].round().astype(int)
    height, width = shown.image.shape[:2]
    inside = [p for p in points if 0 <= p[0] < width and 0 <= p[1] < height]
    return float(np.mean([shown.image[row, column, 0] > 110 for column, row in inside]))


def test_far_hands_are_forty_pixels_and_their_labels_go_with_them() -> None:
    room = np.zeros((60, 80, 3), np.uint8)
    small = far(picture(), room)
    assert small.image.shape == (360, 480, 3)
    assert box_px(small.keypoints[0]) == pytest.approx(40, abs=0.01)
    assert marked(small) > 0.9


def test_a_hand_is_cut_off_by_the_frame_with_a_part_of_its_keypoints() -> None:
    cut = cut_off(picture())
    assert cut is not None
    height, width = cut.image.shape[:2]
    points = cut.keypoints[0]
    outside = (points < 0).any(1) | (points > np.array([width - 1, height - 1])).any(1)
    assert 0.15 <= outside.mean() <= 0.4
    assert marked(cut) > 0.9


def test_dark_and_blurred_pictures_keep_their_size_and_labels() -> None:
    whole = picture()
    rng = np.random.default_rng(0)
    dark, blurred = darkened(whole, rng), smeared(whole, rng)
    assert dark.image.mean() < 0.6 * whole.image.mean()
    assert dark.image.std() > 2  # noise
    assert (
        np.abs(np.diff(blurred.image.astype(int), axis=1)).sum()
        < np.abs(np.diff(whole.image.astype(int), axis=1)).sum()
    )
    assert blurred.image.mean() == pytest.approx(whole.image.mean(), rel=0.02)
    assert dark.keypoints is blurred.keypoints is whole.keypoints


@pytest.mark.slow
def test_drawn_hands_project_onto_their_keypoints() -> None:
    config = SceneConfig(hand_count_weights=(0.0, 1.0), person_share=0.0)
    skins = torch.full((1, 3, 32, 32), 150, dtype=torch.uint8)
    rooms = torch.full((1, 3, 48, 64), 99, dtype=torch.uint8)
    pictures = drawn(config, hand_model(), skins, rooms, 0)
    assert len(pictures) == 24
    for one in pictures:
        assert one.joints_3d is not None
        for joints, points in zip(one.joints_3d, one.keypoints, strict=True):
            seen = joints @ one.K.T
            np.testing.assert_allclose(seen[:, :2] / seen[:, 2:], points, atol=0.05)


def finds_it(whole: Picture) -> Detections:
    """What a perfect network says of a picture with one right hand."""
    hand = replace(make_hand(side="right"), joints_2d=whole.keypoints[0].copy())
    found = make_detections([hand])
    return Detections(
        found.score, found.right_probability, whole.keypoints.copy(), found.keypoint_confidence,
        found.hands,
    )  # fmt: skip


def test_a_case_counts_hands_and_false_alarms_and_shows_the_worst_first() -> None:
    whole = picture()
    empty = Picture(
        np.full((200, 240, 3), 30, np.uint8), whole.K, np.zeros((0, 21, 2), np.float32), (),
        np.zeros((0, 4), np.float32),
    )  # fmt: skip

    def detect(frame: Frame) -> Detections:
        return finds_it(whole)

    figures, sheet = judge_case(Case("one", "", (whole, empty)), detect, 0.1)
    assert figures["recall"] == 1.0
    assert figures["precision"] == 0.5
    assert figures["keypoint_error_box"] == pytest.approx(0, abs=1e-6)
    assert sheet[150, 20, 0] < 60  # the false alarm's dark picture comes first
    figures, _ = judge_case(Case("none", "", (empty,)), detect, 0.1)
    assert figures == {"pictures": 1, "hands": 0, "false_hands_in_100_pictures": 100.0}


def test_a_run_leaves_figures_a_table_and_a_sheet_of_each_case(tmp_path: Path) -> None:
    whole = picture()

    def cases() -> Iterator[Case]:
        yield Case("at the frame's edge", "", (whole,))

    run(cases(), lambda frame: finds_it(whole), 0.1, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "cases.json").read_text())["at the frame's edge"]
    assert "at the frame's edge" in (tmp_path / "out" / "cases.md").read_text()
    assert cv2.imread(str(tmp_path / "out" / "at-the-frames-edge.png")) is not None


def test_shards_become_pictures_with_the_kinds_of_their_hands(tmp_path: Path) -> None:
    folder = write_data_folder(tmp_path / "data")
    read = list(real_pictures(sorted(folder.glob("real-*.tar"))))
    assert read
    for one in read:
        assert len(one.kinds) == len(one.sides) == len(one.keypoints)


def test_a_folder_without_validation_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="TRN-01"):
        next(suite(tmp_path, hand_model(), torch.zeros(1, 3, 8, 8, dtype=torch.uint8)))
