import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from core.config import CaptureConfig, DetectionConfig
from core.engines.base import Engine
from core.errors import ModelFileError, SourceError
from core.pipeline import LivePipeline
from core.types import Frame, HandState, TrackedHands
from tests.core.pipeline.running import CONFIG, HANDS, camera, wait_for, with_hands
from tests.factories import make_frame
from tests.fakes import FaultyEngine, ScriptedEngine, ScriptedSource, Stall


def test_hands_come_out_of_a_live_source(live: Callable[..., LivePipeline]) -> None:
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    pipeline.start(lambda config: camera())
    tracked = wait_for(with_hands(pipeline))
    assert isinstance(tracked, TrackedHands)
    assert tracked.frame.epoch == pipeline.epoch == 1
    assert pipeline.take_fault() is None
    status = pipeline.status()
    assert status.source is not None
    assert (status.source.name, status.source.width, status.source.height) == ("camera", 640, 480)
    assert status.engine is not None
    assert status.engine.name == "scripted"


def test_every_result_is_newer_than_the_last(live: Callable[..., LivePipeline]) -> None:
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    pipeline.start(lambda config: camera())
    indices: list[int] = []
    while len(indices) < 10:
        tracked = wait_for(pipeline.take)
        assert isinstance(tracked, TrackedHands)
        indices.append(tracked.frame.index)
    assert indices == sorted(set(indices))


def test_a_slow_network_drops_pictures_and_stays_current(
    live: Callable[..., LivePipeline],
) -> None:
    """Row 30: latency is bounded, and the camera's own rate is kept."""
    pipeline = live(lambda h, w: FaultyEngine([HANDS], "slow", delay_s=0.05))
    pipeline.start(lambda config: camera(period_s=0.005))
    for _ in range(8):
        wait_for(pipeline.take)
    status = pipeline.status()
    assert status.dropped > status.processed
    assert 0 <= status.captured - status.dropped - status.processed <= 2
    assert status.latency_ms is not None
    assert status.latency_ms < 150  # one network run and one picture, not a growing queue
    assert status.captured_fps > 2 * status.processed_fps > 4


def test_rejected_hands_are_counted_and_another_source_starts_at_none(
    live: Callable[..., LivePipeline],
) -> None:
    """Row 32."""
    pipeline = live(lambda h, w: FaultyEngine([HANDS], "nan", fault_at=2, fault_count=3))
    pipeline.start(lambda config: camera())
    wait_for(lambda: pipeline.status().processed >= 8)
    assert pipeline.status().rejected_hands == 3 * len(HANDS)
    pipeline.start(lambda config: camera(name="another"))
    wait_for(lambda: pipeline.status().processed)
    assert pipeline.status().rejected_hands == 0


def test_pictures_that_come_before_the_engine_is_open_are_told_apart(
    live: Callable[..., LivePipeline],
) -> None:
    is_open = threading.Event()

    def open_slowly(height: int, width: int) -> ScriptedEngine:
        is_open.wait(5)
        return ScriptedEngine([HANDS])

    pipeline = live(open_slowly)
    pipeline.start(lambda config: camera(period_s=0.005))
    wait_for(lambda: pipeline.status().early > 5)
    assert pipeline.status().dropped == pipeline.status().early
    is_open.set()
    wait_for(pipeline.take)
    early = pipeline.status().early
    for _ in range(5):
        wait_for(pipeline.take)
    assert pipeline.status().early == early


def test_stopping_ends_the_threads_and_closes_source_and_engine(
    live: Callable[..., LivePipeline],
) -> None:
    source, engine = camera(), ScriptedEngine([HANDS])
    pipeline = live(lambda h, w: engine)
    before = set(threading.enumerate())
    pipeline.start(lambda config: source)
    wait_for(pipeline.take)
    assert pipeline.stop()
    assert set(threading.enumerate()) == before
    assert source.closed
    assert engine.closed
    assert not pipeline.is_running
    assert pipeline.take() is None


def test_stopping_before_anything_started_is_harmless(live: Callable[..., LivePipeline]) -> None:
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    assert pipeline.stop()
    assert pipeline.take() is None
    assert pipeline.take_fault() is None
    assert pipeline.status().captured == 0


def test_a_stopped_pipeline_starts_again(live: Callable[..., LivePipeline]) -> None:
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    for _ in range(3):
        pipeline.start(lambda config: camera())
        wait_for(with_hands(pipeline))
        assert pipeline.stop()


def test_a_hanging_read_does_not_keep_stop_waiting(live: Callable[..., LivePipeline]) -> None:
    release = threading.Event()
    source = ScriptedSource([make_frame(0), Stall(release), make_frame(1)])
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    pipeline.start(lambda config: source)
    wait_for(pipeline.take)
    start = time.monotonic()
    assert not pipeline.stop()
    assert time.monotonic() - start < 3
    release.set()
    wait_for(lambda: source.closed)  # the thread that was left behind cleans up when it can


def test_a_live_source_that_falls_silent_is_reported_once(
    live: Callable[..., LivePipeline],
) -> None:
    release = threading.Event()
    config = replace(CONFIG, capture=CaptureConfig(stall_s=0.2))
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]), config)
    pipeline.start(lambda config: ScriptedSource([make_frame(0), Stall(release), make_frame(1)]))
    fault = wait_for(pipeline.take_fault)
    assert (fault.code, fault.where, fault.epoch) == ("CAM-05", "source", 1)  # type: ignore[attr-defined]
    assert not pipeline.is_running
    assert pipeline.take_fault() is None
    pipeline.retry()
    release.set()


def test_after_a_stall_a_retry_shows_the_source_again_and_nothing_old(
    live: Callable[..., LivePipeline],
) -> None:
    release = threading.Event()
    sources = [
        ScriptedSource([make_frame(0), Stall(release), *[make_frame(99)] * 50], period_s=0.001),
        camera(),
    ]
    config = replace(CONFIG, capture=CaptureConfig(stall_s=0.2))
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]), config)
    pipeline.start(lambda config: sources.pop(0))
    wait_for(pipeline.take_fault)
    pipeline.retry()
    release.set()
    for _ in range(20):
        tracked = wait_for(pipeline.take)
        assert isinstance(tracked, TrackedHands)
        assert tracked.frame.source_name == "camera"  # the one before was called "test"


def test_switching_the_source_keeps_the_engine_and_starts_new_ids(
    live: Callable[..., LivePipeline],
) -> None:
    engines: list[ScriptedEngine] = []

    def open_engine(height: int, width: int) -> ScriptedEngine:
        engines.append(ScriptedEngine([HANDS]))
        return engines[-1]

    pipeline = live(open_engine)
    old = camera(name="old")
    pipeline.start(lambda config: old)
    before = wait_for(with_hands(pipeline))
    pipeline.start(lambda config: camera(name="new"))
    after = wait_for(with_hands(pipeline))
    assert isinstance(before, TrackedHands)
    assert isinstance(after, TrackedHands)
    assert after.frame.source_name == "new"
    assert {h.track_id for h in before.hands}.isdisjoint(h.track_id for h in after.hands)
    assert len(engines) == 1
    assert not engines[0].closed
    assert old.closed


def test_a_source_is_let_go_before_it_is_opened_again(live: Callable[..., LivePipeline]) -> None:
    opened: list[ScriptedSource] = []

    def open_camera(config: CaptureConfig) -> ScriptedSource:
        if any(not source.closed for source in opened):
            raise SourceError("CAM-02", "the camera is in use", "Close it.")
        opened.append(camera())
        return opened[-1]

    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    pipeline.start(open_camera)
    wait_for(pipeline.take)
    for _ in range(3):
        pipeline.retry()
        wait_for(pipeline.take)
    assert pipeline.take_fault() is None
    assert len(opened) == 4


def test_a_source_that_cannot_open_is_a_fault_with_its_code(
    live: Callable[..., LivePipeline],
) -> None:
    def refuse(config: CaptureConfig) -> ScriptedSource:
        raise SourceError("CAM-02", "the camera is in use", "Close other programs.")

    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    pipeline.start(refuse)
    fault = wait_for(pipeline.take_fault)
    assert (fault.code, fault.cause) == ("CAM-02", "the camera is in use")  # type: ignore[attr-defined]
    assert not pipeline.is_running


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SourceError("CAM-04", "it is gone", "Plug it in."), "CAM-04"),
        (RuntimeError("segfault in disguise"), "CAM-04"),
    ],
)
def test_a_source_that_fails_reports_once_and_can_be_retried(
    error: Exception, code: str, live: Callable[..., LivePipeline]
) -> None:
    sources = [ScriptedSource([make_frame(0), error]), camera()]
    first = sources[0]
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    pipeline.start(lambda config: sources.pop(0))
    fault = wait_for(pipeline.take_fault)
    assert fault.code == code  # type: ignore[attr-defined]
    assert pipeline.take_fault() is None
    wait_for(lambda: first.closed)
    pipeline.retry()
    assert wait_for(with_hands(pipeline))
    assert pipeline.take_fault() is None


@pytest.mark.parametrize(
    ("fault_name", "code"),
    [("memory", "ENG-02"), ("error", "ENG-02"), ("crash", "ENG-02"), ("shape", "ENG-03")],
)
def test_an_engine_that_fails_reports_once_and_a_retry_opens_another(
    fault_name: str, code: str, live: Callable[..., LivePipeline]
) -> None:
    engines: list[ScriptedEngine] = [
        FaultyEngine([HANDS], fault_name, fault_at=3),
        ScriptedEngine([HANDS]),
    ]
    bad = engines[0]
    pipeline = live(lambda h, w: engines.pop(0))
    pipeline.start(lambda config: camera())
    fault = wait_for(pipeline.take_fault)
    assert (fault.code, fault.where) == (code, "engine")  # type: ignore[attr-defined]
    wait_for(lambda: bad.closed)
    assert pipeline.take_fault() is None
    pipeline.retry()
    assert wait_for(with_hands(pipeline))


def test_an_engine_that_cannot_open_is_a_fault(live: Callable[..., LivePipeline]) -> None:
    def refuse(height: int, width: int) -> Engine:
        raise ModelFileError("MDL-01", "the weights are missing", "Reinstall.")

    pipeline = live(refuse)
    pipeline.start(lambda config: camera())
    assert wait_for(pipeline.take_fault).code == "MDL-01"  # type: ignore[attr-defined]


def test_tuning_restarts_nothing(live: Callable[..., LivePipeline]) -> None:
    opened: list[ScriptedSource] = []

    def open_camera(config: CaptureConfig) -> ScriptedSource:
        opened.append(camera())
        return opened[-1]

    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    pipeline.start(open_camera)
    wait_for(with_hands(pipeline))
    pipeline.apply(replace(CONFIG, detection=DetectionConfig(max_hands=1)))
    wait_for(lambda: (t := pipeline.take()) is not None and len(t.hands) == 1)
    assert pipeline.epoch == 1
    assert len(opened) == 1
    pipeline.apply(replace(CONFIG, capture=CaptureConfig(width=640, height=480)))
    wait_for(with_hands(pipeline))
    assert pipeline.epoch == 2
    assert len(opened) == 2


def test_a_file_is_played_at_its_own_pace_and_then_ends(live: Callable[..., LivePipeline]) -> None:
    frames = [make_frame(index, timestamp_ns=index * 40_000_000) for index in range(8)]
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    start = time.monotonic()
    pipeline.start(lambda config: ScriptedSource(frames, is_live=False))
    seen: list[Frame] = []

    def ended() -> bool:
        tracked = pipeline.take()
        if tracked is not None:
            seen.append(tracked.frame)
        return bool(seen) and seen[-1].index == 7

    wait_for(ended)
    assert 0.26 < time.monotonic() - start < 1.5
    assert len(seen) >= 6
    wait_for(lambda: not pipeline.is_running)
    status = pipeline.status()
    assert status.source is not None
    assert status.source.has_ended
    assert pipeline.take_fault() is None


def test_stopping_does_not_wait_for_a_far_frame_of_a_file(
    live: Callable[..., LivePipeline],
) -> None:
    frames = [make_frame(0), make_frame(1, timestamp_ns=60_000_000_000)]
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    pipeline.start(lambda config: ScriptedSource(frames, is_live=False))
    wait_for(pipeline.take)
    start = time.monotonic()
    assert pipeline.stop()
    assert time.monotonic() - start < 0.5


def test_the_pictures_of_a_folder_are_not_tracked_live(live: Callable[..., LivePipeline]) -> None:
    source = ScriptedSource(
        [make_frame(index, timestamp_ns=index * 10_000_000) for index in range(5)], is_live=False
    )
    source.independent_frames = True
    pipeline = live(lambda h, w: ScriptedEngine([HANDS]))
    pipeline.start(lambda config: source)
    tracked = wait_for(with_hands(pipeline))
    assert isinstance(tracked, TrackedHands)
    assert {hand.track_id for hand in tracked.hands} == {-1}


def test_a_change_of_size_in_the_stream_keeps_the_hands(live: Callable[..., LivePipeline]) -> None:
    def pictures() -> Iterator[np.ndarray]:
        for index in range(100_000):
            scale = 1 if (index // 10) % 2 else 2
            yield np.full((240 * scale, 320 * scale, 3), 90, np.uint8)

    hand: HandState = HANDS[0]
    pipeline = live(lambda h, w: ScriptedEngine([[hand]]))
    pipeline.start(lambda config: ScriptedSource(pictures(), period_s=0.003))
    sizes: dict[int, set[int]] = {}

    def both_sizes() -> bool:
        tracked = pipeline.take()
        if tracked is not None and tracked.hands:
            height = tracked.frame.image.shape[0]
            sizes.setdefault(height, set()).update(h.track_id for h in tracked.hands)
            assert tracked.frame.K[0, 2] == pytest.approx((height * 4 / 3 - 1) / 2)
        return len(sizes) == 2

    wait_for(both_sizes)
    assert sizes == {240: {0}, 480: {0}}
