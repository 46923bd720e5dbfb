"""Engines that hang, change by themselves, or make way for a better one."""

import time
from collections.abc import Callable

import pytest

from core.config import CaptureConfig
from core.engines.base import Engine
from core.engines.recovery import Level, RecoveringEngine
from core.pipeline import LivePipeline
from core.pipeline.runs import InferenceRun
from core.types import TrackedHands
from tests.core.pipeline.running import HANDS, camera, wait_for, with_hands
from tests.factories import make_frame
from tests.fakes import FakeClock, FaultyEngine, ScriptedEngine, ScriptedSource


def test_a_hanging_engine_is_left_behind(
    live: Callable[..., LivePipeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 31: and another one is opened; the source goes on."""
    monkeypatch.setattr("core.pipeline.runs._FIRST_PATIENCE_NS", 200_000_000)
    hanging = FaultyEngine([HANDS], "hang", fault_at=2)
    engines: list[ScriptedEngine] = [hanging, ScriptedEngine([HANDS])]
    sources: list[ScriptedSource] = []

    def open_camera(config: CaptureConfig) -> ScriptedSource:
        sources.append(camera())
        return sources[-1]

    pipeline = live(lambda h, w: engines.pop(0))
    pipeline.start(open_camera)
    fault = wait_for(pipeline.take_fault)
    assert (fault.code, fault.where) == ("ENG-02", "engine")  # type: ignore[attr-defined]
    assert wait_for(with_hands(pipeline))
    assert len(sources) == 1
    hanging.release.set()
    wait_for(lambda: hanging.closed)
    assert pipeline.take_fault() is None


def test_an_engine_that_goes_on_hanging_is_given_up(
    live: Callable[..., LivePipeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 31: three times within a minute; then a person decides."""
    monkeypatch.setattr("core.pipeline.runs._FIRST_PATIENCE_NS", 50_000_000)
    opened: list[FaultyEngine] = []

    def open_hanging(height: int, width: int) -> Engine:
        opened.append(FaultyEngine([HANDS], "hang"))
        return opened[-1]

    pipeline = live(open_hanging)
    pipeline.start(lambda config: camera())
    faults = [wait_for(pipeline.take_fault) for _ in range(4)]
    assert [fault.remedy[:5] for fault in faults] == ["It wa"] * 3 + ["Retry"]  # type: ignore[attr-defined]
    time.sleep(0.2)
    assert pipeline.take_fault() is None
    assert len(opened) == 4
    for engine in opened:
        engine.release.set()


def test_an_engine_hangs_after_three_times_its_longest_frame_and_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Row 31: the first frames have longer, for libraries make themselves ready in them."""
    clock = FakeClock()
    monkeypatch.setattr("core.pipeline.runs.now_ns", clock)
    run = InferenceRun()
    for frame_ms, patience_ms in [(1_000, 10_000)] * 10 + [(30, 3_000)] * 60 + [(30, 2_000)]:
        run.begin_frame()
        clock.advance(patience_ms)
        assert not run.hangs
        clock.advance(1)
        assert run.hangs
        clock.now += round((frame_ms - patience_ms - 1) * 1e6)
        run.complete_frame(TrackedHands(make_frame(), ()))
        assert not run.hangs


def test_an_engine_that_restarts_itself_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows 18 and 31: opening an engine takes longer than a frame may."""
    clock = FakeClock()
    monkeypatch.setattr("core.pipeline.runs.now_ns", clock)
    run = InferenceRun()
    engine = RecoveringEngine([Level("scripted", lambda: ScriptedEngine([HANDS]))])
    run.engines.append(engine)
    run.begin_frame()
    engine.opening_ns = clock()
    clock.advance(100_000)
    assert not run.hangs
    clock.advance(30_000)
    assert run.hangs


def test_a_better_engine_takes_over_while_the_source_goes_on(
    live: Callable[..., LivePipeline],
) -> None:
    engines = [ScriptedEngine([HANDS]), ScriptedEngine([HANDS[:1]])]
    first = engines[0]
    sources: list[ScriptedSource] = []

    def open_camera(config: CaptureConfig) -> ScriptedSource:
        sources.append(camera())
        return sources[-1]

    pipeline = live(lambda h, w: engines.pop(0))
    pipeline.start(open_camera)
    wait_for(lambda: (found := pipeline.take()) is not None and len(found.hands) == 2)
    pipeline.reopen_engine()
    wait_for(lambda: (found := pipeline.take()) is not None and len(found.hands) == 1)
    wait_for(lambda: first.closed)
    assert len(sources) == 1
    assert pipeline.take_fault() is None


def test_what_runs_is_told_when_the_engine_changes_by_itself(
    live: Callable[..., LivePipeline],
) -> None:
    """Rows 17 and 18: the window names the engine that took over, and why."""
    faulty = FaultyEngine([HANDS], "memory", fault_at=3)
    levels = [Level("torch", lambda: faulty), Level("onnx", lambda: ScriptedEngine([HANDS]))]
    pipeline = live(lambda h, w: RecoveringEngine(levels))
    pipeline.start(lambda config: camera())
    wait_for(lambda: (found := pipeline.status().engine) and "torch failed" in found.detail)
    assert wait_for(with_hands(pipeline))
    assert pipeline.take_fault() is None
