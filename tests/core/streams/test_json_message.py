import json
from dataclasses import replace
from typing import Any

import numpy as np

from core.streams.json_message import VERSION, hands_text, heartbeat_text, hello_text
from core.types import TrackedHands
from tests.factories import make_frame, make_hand


def read(text: str) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(text)
    assert message["version"] == VERSION
    return message


def test_a_message_holds_the_hands_to_ten_micrometres() -> None:
    hand = make_hand("left", track_id=4, at=(0.05, -0.1, 0.7))
    message = read(hands_text(TrackedHands(make_frame(9), (hand,), frozenset({4}))))
    assert (message["frame"], message["width"], message["height"]) == (9, 640, 480)
    (told,) = message["hands"]
    assert (told["id"], told["side"], told["score"], told["seen"]) == (4, "left", 0.9, False)
    np.testing.assert_allclose(told["joints_3d"], hand.joints_3d, atol=6e-6)
    np.testing.assert_allclose(told["joints_2d"], hand.joints_2d, atol=6e-3)
    assert np.shape(told["rotations"]) == (16, 4)
    assert len(told["confidence"]) == 21 and len(told["betas"]) == 10


def test_no_hands_are_an_empty_list() -> None:
    """Row 34."""
    assert read(hands_text(TrackedHands(make_frame(0), ())))["hands"] == []


def test_a_hand_that_is_not_finite_is_left_out_rather_than_told_as_nan() -> None:
    good = make_hand(track_id=1)
    joints = good.joints_3d.copy()
    joints[3, 1] = np.nan
    text = hands_text(TrackedHands(make_frame(0), (replace(good, joints_3d=joints), good)))
    assert len(read(text)["hands"]) == 1
    assert "NaN" not in text


def test_the_first_message_names_joints_and_frame() -> None:
    message = read(hello_text())
    assert message["joints"][0] == "wrist" and len(message["joints"]) == 21
    assert message["rotations"][1] == "index_1" and len(message["rotations"]) == 16
    assert [0, 1] in message["bones"]
    assert "z forward" in message["camera_frame"]


def test_a_heartbeat_tells_the_time() -> None:
    assert read(heartbeat_text(5))["time_ns"] == 5


def test_two_hands_are_less_than_8_kb() -> None:
    hands = (make_hand("left", track_id=1), make_hand("right", track_id=2))
    assert len(hands_text(TrackedHands(make_frame(0), hands))) < 8_000
