"""Time that jumps, stamps that stand still, and starting and stopping again and again."""

import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.config import PipelineConfig
from core.pipeline import FramePipeline, LivePipeline
from core.timing import now_ns
from core.types import Frame, TrackedHands
from tests.factories import hand_model, make_frame, make_hand
from tests.fakes import FaultyEngine, ScriptedEngine, ScriptedSource

HANDS = [make_hand("right", at=(-0.15, 0, 0.6)), make_hand("left", at=(0.15, 0, 0.55))]
MOVED = [make_hand("right", at=(-0.05, 0.1, 0.7)), make_hand("left", at=(0.2, 0.1, 0.5))]
HOUR_NS = 3_600_000_000_000


def wait_for(found: Callable[[], object], seconds: float = 5.0) -> object:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = found()
        if value is not None and value is not False:
            return value
        time.sleep(0.002)
    raise AssertionError("nothing came in time")


@pytest.mark.parametrize("jump_ns", [HOUR_NS, -HOUR_NS, 600_000_000])
def test_a_jump_of_the_clock_starts_filters_and_tracks_anew(jump_ns: int) -> None:
    """B4 59: after suspend, the hands are where they are seen, under new ids."""
    engine = ScriptedEngine([HANDS] * 10 + [MOVED])
    pipeline = FramePipeline(engine, PipelineConfig(), model=hand_model())
    start_ns, period_ns = 2 * HOUR_NS, 33_000_000
    before: TrackedHands | None = None
    for index in range(10):
        stamp = start_ns + index * period_ns
        before = pipeline.process(make_frame(index, timestamp_ns=stamp))
    after = []
    for index in range(4):
        stamp = start_ns + (10 + index) * period_ns + jump_ns
        after.append(pipeline.process(make_frame(10 + index, timestamp_ns=stamp)))
    assert before is not None and len(before.hands) == 2
    assert len(after[-1].hands) == 2
    old_ids = {hand.track_id for hand in before.hands}
    assert old_ids.isdisjoint(hand.track_id for hand in after[-1].hands)
    first = next(tracked for tracked in after if tracked.hands)
    for hand in first.hands:
        seen = next(moved for moved in MOVED if moved.side == hand.side)
        np.testing.assert_allclose(hand.joints_3d, seen.joints_3d, atol=2e-3)


def stamped(stamps_ns: list[int]) -> Iterator[Frame]:
    return (make_frame(index, timestamp_ns=stamp) for index, stamp in enumerate(stamps_ns))


def test_frames_whose_time_stands_still_or_runs_back_are_dropped_and_counted() -> None:
    """B1 13."""
    stamps = [10, 43, 43, 76, 20, 76, 109]
    source = ScriptedSource(stamped([s * 1_000_000 for s in stamps]), period_s=0.02)
    pipeline = LivePipeline(lambda h, w: ScriptedEngine([HANDS]), PipelineConfig(),
                            model=hand_model())  # fmt: skip
    seen: list[int] = []

    def ended() -> bool:
        tracked = pipeline.take()
        if tracked is not None:
            seen.append(tracked.frame.timestamp_ns // 1_000_000)
        return bool(seen) and seen[-1] == 109

    pipeline.start(lambda config: source)
    wait_for(ended)
    status = pipeline.status()
    pipeline.stop()
    assert (status.misstamped, status.captured) == (3, 4)
    assert seen == sorted(set(seen)) and set(seen) <= {10, 43, 76, 109}


def test_forgetting_hands_gives_new_ids_without_a_restart() -> None:
    pipeline = LivePipeline(lambda h, w: ScriptedEngine([HANDS]), PipelineConfig(),
                            model=hand_model())  # fmt: skip
    pictures = (np.full((480, 640, 3), 90, np.uint8) for _ in range(100_000))
    pipeline.start(lambda config: ScriptedSource(pictures, period_s=0.003))

    def ids() -> set[int]:
        tracked = pipeline.take()
        return {hand.track_id for hand in tracked.hands} if tracked is not None else set()

    before = wait_for(lambda: ids() or None)
    assert isinstance(before, set)
    pipeline.forget_hands()
    wait_for(lambda: len(now := ids()) == 2 and now.isdisjoint(before))
    assert pipeline.epoch == 1
    pipeline.stop()


def test_settings_given_with_a_source_hold_for_it() -> None:
    config = PipelineConfig()
    turned = replace(config, capture=replace(config.capture, rotation_deg=90))
    opened: list[int] = []
    pipeline = LivePipeline(lambda h, w: ScriptedEngine([HANDS]), config, model=hand_model())

    def open_source(capture: object) -> ScriptedSource:
        opened.append(capture.rotation_deg)  # type: ignore[attr-defined]
        return ScriptedSource([make_frame()])

    pipeline.start(open_source)
    pipeline.start(open_source, turned)
    wait_for(lambda: len(opened) == 2 or None)
    pipeline.stop()
    assert opened == [0, 90]


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def memory_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts files by /proc")
def test_hundreds_of_starts_and_stops_leave_nothing_behind() -> None:
    """B4 67."""
    pipeline = LivePipeline(lambda h, w: ScriptedEngine([HANDS]), PipelineConfig(),
                            model=hand_model())  # fmt: skip

    def once() -> None:
        pipeline.start(lambda config: ScriptedSource([make_frame()], period_s=0.0005))
        wait_for(pipeline.take)
        assert pipeline.stop()

    for _ in range(20):
        once()
    gc.collect()
    threads, files = threading.active_count(), open_files()
    objects = len(gc.get_objects())
    grown = []
    for _ in range(4):
        memory = memory_bytes()
        for _ in range(100):
            once()
        gc.collect()
        grown.append(memory_bytes() - memory)
    assert threading.active_count() == threads
    assert abs(open_files() - files) <= 2
    assert len(gc.get_objects()) - objects < 400  # one for each round would be a leak
    # Each of a process's heaps (eight a core, where earlier tests had many threads) takes a frame's
    # megabyte when a thread first gets it; what leaks goes on growing when all of them have.
    assert min(grown) < 4 << 20


def test_a_result_says_how_long_its_frame_waited_and_when_it_was_read() -> None:
    pipeline = LivePipeline(
        lambda h, w: FaultyEngine([HANDS], "slow", delay_s=0.03),
        PipelineConfig(),
        model=hand_model(),
    )
    before_ns = now_ns()
    pipeline.start(lambda config: ScriptedSource(map(make_frame, range(500)), period_s=0.003))
    try:
        tracked = wait_for(pipeline.take)
    finally:
        pipeline.stop()
    assert isinstance(tracked, TrackedHands)
    assert before_ns < tracked.read_ns < now_ns()
    assert next(iter(tracked.step_ms)) == "wait" and tracked.step_ms["wait"] >= 0
    assert 30 <= sum(tracked.step_ms.values()) <= (now_ns() - tracked.read_ns) / 1e6
