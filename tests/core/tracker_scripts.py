"""Scripts of frames shown to a tracker."""

from collections.abc import Sequence

import numpy as np

from core.config import DetectionConfig, TrackingConfig
from core.topology import MIDDLE_MCP
from core.tracking import HandTracker
from core.types import HandState, TrackedHands
from tests.factories import PERIOD_NS, hand_poser, make_detections, make_frame

Seen = Sequence[tuple[HandState, float]]


def make_tracker(max_hands: int = 8, **tracking: float) -> HandTracker:
    detection = DetectionConfig(max_hands=max_hands)
    return HandTracker(TrackingConfig(**tracking), detection, hand_poser())  # type: ignore[arg-type]


def run(
    tracker: HandTracker, script: Sequence[Seen], *, start: int = 0, period_ns: int = PERIOD_NS
) -> list[TrackedHands]:
    """Show the tracker a list of frames, each a list of (hand, right probability)."""
    results = []
    for index, seen in enumerate(script, start):
        frame = make_frame(index, timestamp_ns=index * period_ns)
        detections = make_detections([hand for hand, _ in seen], [p for _, p in seen])
        results.append(tracker.update(frame, detections))
    return results


def sure(*hands: HandState) -> Seen:
    return [(hand, 0.95 if hand.side == "right" else 0.05) for hand in hands]


def ids(tracked: TrackedHands) -> list[int]:
    return [hand.track_id for hand in tracked.hands]


def knuckle(hand: HandState) -> np.ndarray:
    return hand.joints_3d[MIDDLE_MCP]
