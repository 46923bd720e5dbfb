from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

from core.types import Detections, Frame, HandState, TrackedHands

VERTEX_COUNT = 5


def make_frame(**changes: Any) -> Frame:
    values: dict[str, Any] = {
        "index": 0,
        "epoch": 1,
        "timestamp_ns": 1_000,
        "image": np.zeros((6, 8, 3), np.uint8),
        "K": np.eye(3, dtype=np.float32),
    }
    return Frame(**{**values, **changes})


def make_hand(**changes: Any) -> HandState:
    values: dict[str, Any] = {
        "track_id": 3,
        "side": "left",
        "score": 0.5,
        "pose": np.tile(np.eye(3, dtype=np.float32), (16, 1, 1)),
        "betas": np.zeros(10, np.float32),
        "transl": np.zeros(3, np.float32),
        "vertices": np.zeros((VERTEX_COUNT, 3), np.float32),
        "joints_3d": np.zeros((21, 3), np.float32),
        "joints_2d": np.zeros((21, 2), np.float32),
        "joint_confidence": np.ones(21, np.float32),
    }
    return HandState(**{**values, **changes})


def make_detections(count: int, **changes: Any) -> Detections:
    values: dict[str, Any] = {
        "score": np.ones(count, np.float32),
        "right_probability": np.ones(count, np.float32),
        "keypoints_2d": np.zeros((count, 21, 2), np.float32),
        "keypoint_confidence": np.ones((count, 21), np.float32),
        "hands": tuple(make_hand() for _ in range(count)),
    }
    return Detections(**{**values, **changes})


def test_a_frame_keeps_the_very_array_it_was_given() -> None:
    image = np.zeros((6, 8, 3), np.uint8)
    assert make_frame(image=image).image is image


def test_arrays_of_a_frame_can_no_longer_be_written() -> None:
    frame = make_frame()
    for array in (frame.image, frame.K):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_fields_cannot_be_replaced() -> None:
    with pytest.raises(FrozenInstanceError):
        make_frame().index = 7  # type: ignore[misc]


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 4), (1, 6, 8, 3)])
def test_a_frame_refuses_an_image_of_another_shape_and_names_both(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"^image: expected .*, got \("):
        make_frame(image=np.zeros(shape, np.uint8))


def test_a_frame_refuses_an_image_that_is_not_uint8() -> None:
    with pytest.raises(ValueError, match="uint8"):
        make_frame(image=np.zeros((6, 8, 3), np.float32))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("pose", (16, 3)),
        ("betas", (11,)),
        ("transl", (1, 3)),
        ("vertices", (VERTEX_COUNT, 2)),
        ("joints_3d", (20, 3)),
        ("joints_2d", (21, 3)),
        ("joint_confidence", (21, 1)),
        ("albedo", (VERTEX_COUNT + 1, 3)),
        ("light", (9,)),
    ],
)
def test_a_hand_refuses_a_field_of_another_shape_by_its_name(
    name: str, shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        make_hand(**{name: np.zeros(shape, np.float32)})


def test_a_hand_takes_a_mesh_of_any_size_with_its_own_albedo() -> None:
    hand = make_hand(
        vertices=np.zeros((778, 3), np.float32),
        albedo=np.zeros((778, 3), np.float32),
        light=np.zeros(27, np.float32),
    )
    assert hand.vertices.shape == (778, 3)
    for array in (hand.pose, hand.vertices, hand.albedo, hand.light):
        assert array is not None
        assert not array.flags.writeable


def test_a_changed_copy_of_a_hand_is_checked_again() -> None:
    hand = replace(make_hand(), track_id=9)
    assert hand.track_id == 9
    with pytest.raises(ValueError, match=r"^transl: expected"):
        replace(hand, transl=np.zeros(4, np.float32))


@pytest.mark.parametrize("count", [0, 1, 8])
def test_detections_hold_one_row_for_each_hand(count: int) -> None:
    assert len(make_detections(count).hands) == count


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("score", (3,)),
        ("right_probability", (2, 1)),
        ("keypoints_2d", (2, 16, 2)),
        ("keypoint_confidence", (2,)),
    ],
)
def test_detections_refuse_rows_that_do_not_match_the_hands(
    name: str, shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: expected"):
        make_detections(2, **{name: np.zeros(shape, np.float32)})


def test_tracked_hands_carry_the_frame_they_were_computed_from() -> None:
    frame = make_frame()
    tracked = TrackedHands(frame, (make_hand(),))
    assert tracked.frame is frame
    assert tracked.predicted == frozenset()


def test_two_results_do_not_share_their_step_times() -> None:
    first, second = TrackedHands(make_frame(), ()), TrackedHands(make_frame(), ())
    assert first.step_ms is not second.step_ms
