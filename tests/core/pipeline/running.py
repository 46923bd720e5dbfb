"""What tests of a live pipeline share: a scripted camera, and waiting as a window does."""

import time
from collections.abc import Callable, Iterator

import numpy as np

from core.config import PipelineConfig
from core.pipeline import LivePipeline
from core.types import TrackedHands
from tests.factories import make_hand
from tests.fakes import ScriptedSource

CONFIG = PipelineConfig()
HANDS = [make_hand("right", at=(-0.15, 0, 0.6)), make_hand("left", at=(0.15, 0, 0.55))]


def wait_for(found: Callable[[], object], seconds: float = 5.0) -> object:
    """Poll as a window does; fail after a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = found()
        if value is not None and value is not False:
            return value
        time.sleep(0.002)
    raise AssertionError("nothing came in time")


def live_pictures(count: int = 100_000) -> Iterator[np.ndarray]:
    return (np.full((480, 640, 3), 90, np.uint8) for _ in range(count))


def camera(period_s: float = 0.003, name: str = "camera") -> ScriptedSource:
    return ScriptedSource(live_pictures(), name=name, period_s=period_s)


def with_hands(pipeline: LivePipeline) -> Callable[[], TrackedHands | None]:
    def take() -> TrackedHands | None:
        tracked = pipeline.take()
        return tracked if tracked is not None and tracked.hands else None

    return take
