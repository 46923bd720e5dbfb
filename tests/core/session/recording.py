"""Small sessions for tests: scripted hands recorded with a disk that has room."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.session.recorder import SessionRecorder
from core.session.status import RecorderStatus, RecordOptions, SessionInfo
from core.types import TrackedHands
from tests.factories import PERIOD_NS, make_frame, make_hand

ROOM = 10**12
INFO = SessionInfo(source="scripted", engine="test double", weights_sha256="0" * 64)


def tracked_hands(index: int, **frame: Any) -> TrackedHands:
    """A right hand that wanders and is smoothed, and a left one that is not always seen."""
    image = make_frame(
        index, **{"grey": 20 + 2 * (index % 100), "width": 320, "height": 240} | frame
    )
    right = make_hand("right", at=(0.002 * index, 0, 0.6), track_id=1, K=image.K)
    raw = make_hand("right", at=(0.002 * index + 0.005, 0, 0.6), curl=0.35, track_id=1, K=image.K)
    left = make_hand("left", at=(-0.2, 0.01, 0.7), track_id=2, K=image.K, skin=(0.6, 0.4, 0.3))
    keypoints = make_hand("right", at=(0, 0, 0.6), K=image.K).joints_2d.copy()
    right, raw = replace(right, keypoints_2d=keypoints), replace(raw, keypoints_2d=keypoints)
    predicted = frozenset({2}) if index % 10 == 9 else frozenset()
    return TrackedHands(image, (right, left), predicted, raw=(raw, left))


def make_recorder(options: RecordOptions | None = None, **parts: Any) -> SessionRecorder:
    return SessionRecorder(options or RecordOptions(), **{"free": lambda path: ROOM} | parts)


def record(
    path: Path, frames: Sequence[TrackedHands] | int = 30, options: RecordOptions | None = None
) -> RecorderStatus:
    """Record frames and return how that went."""
    if isinstance(frames, int):
        frames = [tracked_hands(index) for index in range(frames)]
    recorder = make_recorder(options)
    recorder.start(path, INFO)
    for tracked in frames:
        recorder.add(tracked)
    return recorder.stop()


__all__ = ["INFO", "PERIOD_NS", "ROOM", "make_recorder", "record", "tracked_hands"]
