from typing import Any

import numpy as np
import pytest

from core.geometry import intrinsics_from_fov
from core.types import Detections, Frame
from tests.factories import make_detections, make_hand
from tests.training.samples import fan
from training.hard_cases import Picture
from training.model_card import HandRecord, card, grouped_figures, records

POINTS = fan(60, 50, 80).astype(np.float32)


def picture(side: str, kinds: tuple[str, str]) -> Picture:
    return Picture(
        np.zeros((200, 240, 3), np.uint8),
        intrinsics_from_fov(240, 200),
        POINTS[None],
        (side,),
        np.zeros((0, 4), np.float32),
        kinds=(kinds,),
    )


def test_each_hand_counts_once_in_each_grouping() -> None:
    found = make_detections([make_hand(side="right")])
    seen = Detections(
        found.score, found.right_probability, POINTS[None].copy(), found.keypoint_confidence,
        found.hands,
    )  # fmt: skip
    nothing = make_detections([])

    def detect(frame: Frame) -> Detections:
        return nothing if frame.index == 2 else seen

    pictures = [
        picture("right", ("open", "dark")),
        picture("left", ("fist", "dark")),
        picture("left", ("open", "light")),
    ]
    hands = records(pictures, detect, 0.1)
    assert [hand.found for hand in hands] == [True, True, False]
    assert [hand.right_side for hand in hands] == [True, False, False]
    figures = grouped_figures(hands)
    assert figures["Pose"]["open"]["hands"] == 2
    assert figures["Pose"]["open"]["recall"] == 0.5
    assert figures["Skin tone"]["dark"]["side accuracy"] == 0.5
    assert list(figures["Side"]) == ["left", "right"]
    assert "brown" not in figures["Skin tone"]


def description() -> dict[str, Any]:
    source = {"source": "abc", "repository": "me/it @ 1", "licence": "MIT", "pictures": 3}
    return {
        "profile": "lite", "steps": 4, "samples": 20, "licence": "GPL-3.0-or-later",
        "metrics": {"detection": {"score_threshold": 0.3}, "real": {"recall": 0.5}},
        "data": {"labels": "a teacher's", "synthetic": "scenes", "real": [source],
                 "backgrounds": [source]},
    }  # fmt: skip


def test_a_card_has_data_figures_cases_limits_and_speed() -> None:
    hands = [HandRecord({"Pose": "open", "Skin tone": "dark", "Side": "left",
                         "Size": "48 to 96 px"}, True, True, 0.05)]  # fmt: skip
    bench = {
        "engine": {"name": "onnx", "detail": "ONNX Runtime", "precision": "fp32"},
        "hands": [{"asked": 2, "found": 2, "steps": {"total": {"p50_ms": 9.44}}}],
    }
    text = card(description(), grouped_figures(hands), {"fists": {"recall": 0.25}}, bench)
    for part in ("me/it @ 1", "MIT", "Skin tone", "fists", "0.25", "| 2 | 9.4 |", "## Limits"):
        assert part in text, part
    assert "score_threshold" not in text
    assert "## Speed" not in card(description(), grouped_figures(hands), {}, None)


def test_a_kind_that_was_never_found_has_no_error() -> None:
    hands = [HandRecord({"Pose": "fist", "Skin tone": "dark", "Side": "left",
                         "Size": "48 to 96 px"}, False, False, None)]  # fmt: skip
    figures = grouped_figures(hands)["Pose"]["fist"]
    assert figures["recall"] == 0
    assert figures["side accuracy"] is None
    assert figures["projected joints, share of the box"] is None
    assert figures["hands"] == pytest.approx(1)
