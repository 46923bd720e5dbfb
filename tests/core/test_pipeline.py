import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from core.config import (
    CaptureConfig,
    DetectionConfig,
    PipelineConfig,
    SmoothingConfig,
    TrackingConfig,
)
from core.decode import decode
from core.engines.base import Engine
from core.errors import EngineError, ModelFileError, SourceError
from core.pipeline import FramePipeline, LivePipeline
from core.preprocess import prepare
from core.types import Frame, HandState, TrackedHands
from tests.factories import hand_model, make_frame, make_hand, make_raw_hands
from tests.fakes import FaultyEngine, ScriptedEngine, ScriptedSource, Stall, black_frame

CONFIG = PipelineConfig()
HANDS = [make_hand("right", at=(-0.15, 0, 0.6)), make_hand("left", at=(0.15, 0, 0.55))]


# One frame after the other


def make_pipeline(engine: Engine, config: PipelineConfig = CONFIG) -> FramePipeline:
    return FramePipeline(engine, config, model=hand_model())


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (480, 640)])
def test_decoding_inverts_the_scripted_engine(size: tuple[int, int]) -> None:
    width, height = size
    frame = make_frame(width=width, height=height)
    network_input = prepare(frame, (288, 384))
    hands = [make_hand("right", at=(-0.15, 0.02, 0.6), K=frame.K),
             make_hand("left", at=(0.1, -0.05, 0.5), betas=(0.5,) * 10, K=frame.K)]  # fmt: skip
    found = decode(make_raw_hands(hands, network_input), network_input, frame, DetectionConfig())
    assert len(found.hands) == 2
    for wanted, hand in zip(hands, found.hands, strict=True):
        assert hand.side == wanted.side
        for name, limit in (("pose", 1e-6), ("transl", 1e-5), ("vertices", 1e-5),
                            ("joints_2d", 0.02), ("betas", 1e-6)):  # fmt: skip
            assert np.abs(getattr(hand, name) - getattr(wanted, name)).max() < limit, name


def test_hands_go_from_engine_to_result_with_the_very_frame_and_all_steps() -> None:
    pipeline = make_pipeline(ScriptedEngine([HANDS]))
    results = [pipeline.process(make_frame(index)) for index in range(5)]
    last = results[-1]
    assert [hand.side for hand in last.hands] == ["right", "left"]
    for hand, wanted in zip(last.hands, HANDS, strict=True):
        assert np.abs(hand.vertices - wanted.vertices).max() < 1e-4
    assert list(last.step_ms) == ["resize", "network", "decode", "track", "smooth"]
    assert all(0 <= ms < 1000 for ms in last.step_ms.values())
    frame = make_frame(5)
    assert pipeline.process(frame).frame is frame


def test_independent_frames_are_neither_tracked_nor_smoothed() -> None:
    pipeline = make_pipeline(ScriptedEngine([HANDS[:1], HANDS[1:]]))
    first = pipeline.process(make_frame(0), independent=True)
    second = pipeline.process(make_frame(1), independent=True)
    assert [hand.side for hand in first.hands] == ["right"]
    assert [hand.side for hand in second.hands] == ["left"]
    assert first.hands[0].track_id == second.hands[0].track_id == -1
    assert not second.predicted


def test_with_tracking_switched_off_every_frame_stands_alone() -> None:
    config = replace(
        CONFIG,
        tracking=TrackingConfig(enabled=False),
        smoothing=SmoothingConfig(enabled=False),
    )
    result = make_pipeline(ScriptedEngine([HANDS]), config).process(make_frame())
    assert [hand.track_id for hand in result.hands] == [-1, -1]


def test_a_known_hand_goes_on_below_the_threshold_of_new_ones() -> None:
    weak = replace(HANDS[0], score=0.22)
    faint = replace(HANDS[0], score=0.1)
    pipeline = make_pipeline(ScriptedEngine([*[[HANDS[0]]] * 3, *[[weak]] * 3, *[[faint]] * 3]))
    results = [pipeline.process(make_frame(index)) for index in range(9)]
    assert [bool(result.predicted) for result in results[3:]] == [False] * 3 + [True] * 3
    alone = make_pipeline(ScriptedEngine([[weak]]))
    assert not any(alone.process(make_frame(index)).hands for index in range(4))


def test_new_settings_hold_from_the_next_frame_on() -> None:
    pipeline = make_pipeline(ScriptedEngine([HANDS]))
    for index in range(3):
        assert len(pipeline.process(make_frame(index)).hands) == (2 if index else 0)
    pipeline.apply(replace(CONFIG, detection=DetectionConfig(max_hands=1)))
    assert len(pipeline.process(make_frame(3)).hands) == 1


def test_a_reset_starts_with_new_ids() -> None:
    pipeline = make_pipeline(ScriptedEngine([HANDS]))
    before = [pipeline.process(make_frame(index)) for index in range(3)][-1]
    pipeline.reset()
    after = [pipeline.process(make_frame(index)) for index in range(3)][-1]
    assert {h.track_id for h in before.hands}.isdisjoint(h.track_id for h in after.hands)


def test_not_a_number_from_the_network_is_a_hand_unseen() -> None:
    pipeline = make_pipeline(FaultyEngine([HANDS], "nan", fault_at=3, fault_count=2))
    results = [pipeline.process(make_frame(index)) for index in range(7)]
    assert [len(result.predicted) for result in results] == [0, 0, 0, 2, 2, 0, 0]
    for result in results:
        for hand in result.hands:
            assert np.isfinite(hand.vertices).all()


def test_a_mesh_of_another_hand_is_refused() -> None:
    with pytest.raises(EngineError) as caught:
        make_pipeline(FaultyEngine([HANDS], "shape")).process(make_frame())
    assert caught.value.code == "ENG-03"


def test_black_pictures_and_no_hands_pass() -> None:
    pipeline = make_pipeline(ScriptedEngine([[]]))
    assert pipeline.process(black_frame()).hands == ()


class EngineShop:
    """Opens scripted engines: wide pictures get a wide input."""

    def __init__(self) -> None:
        self.opened: list[ScriptedEngine] = []

    def __call__(self, height: int, width: int) -> ScriptedEngine:
        size = (224, 384) if width / height > 1.5 else (288, 384)
        frame = make_frame(width=width, height=height)
        self.opened.append(ScriptedEngine([HANDS], frame=frame, input_size=size))
        return self.opened[-1]


def test_another_aspect_of_the_picture_opens_another_engine_once() -> None:
    shop = EngineShop()
    first = shop(480, 640)
    pipeline = FramePipeline(first, CONFIG, open_engine=shop, model=hand_model())
    for index, size in enumerate([(640, 480), (1280, 720), (640, 360), (640, 480), (1280, 720)]):
        pipeline.process(make_frame(index, width=size[0], height=size[1]))
    assert [engine.calls for engine in shop.opened] == [2, 3]
    pipeline.process(make_frame(6, width=600, height=500))  # 6:5 has the 4:3 input
    assert [engine.calls for engine in shop.opened] == [3, 3, 0]
    assert shop.opened[2].closed
    pipeline.close()
    assert [engine.closed for engine in shop.opened] == [False, True, True]


# Live


@pytest.fixture
def live() -> Iterator[Callable[..., LivePipeline]]:
    """Makes live pipelines and stops them all."""
    made: list[LivePipeline] = []

    def make(engine: Callable[[int, int], Engine], config: PipelineConfig = CONFIG) -> LivePipeline:
        made.append(LivePipeline(engine, config, model=hand_model()))
        return made[-1]

    yield make
    for pipeline in made:
        pipeline.stop()


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
        assert tracked.frame.epoch == pipeline.epoch
        assert tracked.frame.index != 99 or tracked.frame.source_name != "test"


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
    pipeline.switch_source(lambda config: camera(name="new"))
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


def test_a_hanging_engine_is_left_behind(
    live: Callable[..., LivePipeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.pipeline.live._ENGINE_FRAME_S", 0.2)
    hanging = FaultyEngine([HANDS], "hang", fault_at=2)
    engines: list[ScriptedEngine] = [hanging, ScriptedEngine([HANDS])]
    pipeline = live(lambda h, w: engines.pop(0))
    pipeline.start(lambda config: camera())
    fault = wait_for(pipeline.take_fault)
    assert (fault.code, fault.where) == ("ENG-02", "engine")  # type: ignore[attr-defined]
    pipeline.retry()
    assert wait_for(with_hands(pipeline))
    hanging.release.set()
    wait_for(lambda: hanging.closed)
    assert pipeline.take_fault() is None


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
