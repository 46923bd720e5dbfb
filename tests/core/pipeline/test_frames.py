from dataclasses import replace

import numpy as np
import pytest

from core.config import DetectionConfig, PipelineConfig, SmoothingConfig, TrackingConfig
from core.decode import decode
from core.engines.base import Engine
from core.errors import EngineError
from core.pipeline import FramePipeline
from core.preprocess import prepare
from tests.factories import hand_model, make_frame, make_hand, make_raw_hands
from tests.fakes import FaultyEngine, ScriptedEngine, black_frame

CONFIG = PipelineConfig()
HANDS = [make_hand("right", at=(-0.15, 0, 0.6)), make_hand("left", at=(0.15, 0, 0.55))]


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
    """Row 32: no filter ever sees it."""
    pipeline = make_pipeline(FaultyEngine([HANDS], "nan", fault_at=3, fault_count=2))
    results = [pipeline.process(make_frame(index)) for index in range(7)]
    assert [len(result.predicted) for result in results] == [0, 0, 0, 2, 2, 0, 0]
    assert [result.rejected for result in results] == [0, 0, 0, 2, 2, 0, 0]
    for result in results:
        for hand in result.hands:
            assert np.isfinite(hand.vertices).all()


@pytest.mark.parametrize(("above", "rejected"), [(0.01, 1), (-0.01, 0)])
def test_what_hardly_looks_like_a_hand_does_not_count_as_a_rejected_one(
    above: float, rejected: int
) -> None:
    """Row 32: though a known hand would be followed with that score."""
    score = DetectionConfig().score_threshold + above
    pipeline = make_pipeline(FaultyEngine([[make_hand(score=score)]], "nan"))
    assert pipeline.process(make_frame()).rejected == rejected


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
