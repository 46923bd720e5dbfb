"""Who listens hears of every result, whoever takes them or not."""

import itertools
import threading
import time

from core.config import PipelineConfig
from core.pipeline import LivePipeline
from core.types import TrackedHands
from tests.factories import hand_model, make_frame, make_hand
from tests.fakes import FaultyEngine, ScriptedEngine, ScriptedSource


def test_a_listener_hears_of_results_that_nobody_takes() -> None:
    heard: list[tuple[str, TrackedHands]] = []
    enough = threading.Event()

    def listen(tracked: TrackedHands) -> None:
        heard.append((threading.current_thread().name, tracked))
        if len(heard) == 20:
            enough.set()

    engine = ScriptedEngine([[make_hand("right")]])
    pipeline = LivePipeline(
        lambda height, width: engine, PipelineConfig(), model=hand_model(), on_result=listen
    )
    frames = (make_frame(index) for index in itertools.count())
    pipeline.start(lambda config: ScriptedSource(frames, period_s=0.003))
    try:
        assert enough.wait(20)
    finally:
        pipeline.stop()
    assert {name for name, _ in heard} == {"inference"}
    indices = [tracked.frame.index for _, tracked in heard]
    assert indices == sorted(set(indices))
    after = len(heard)
    time.sleep(0.1)
    assert len(heard) == after


def test_who_listens_to_pictures_hears_of_every_one_before_its_hands() -> None:
    """Row 30: also of those that the network is too slow for."""
    heard: list[tuple[str, int]] = []
    done = threading.Event()

    def listen(tracked: TrackedHands) -> None:
        heard.append(("hands", tracked.frame.index))
        if tracked.frame.index >= 40:
            done.set()

    pipeline = LivePipeline(
        lambda height, width: FaultyEngine([[make_hand("right")]], "slow", delay_s=0.03),
        PipelineConfig(),
        model=hand_model(),
        on_result=listen,
        on_frame=lambda frame: heard.append(("picture", frame.index)),
    )
    frames = (make_frame(index) for index in itertools.count())
    pipeline.start(lambda config: ScriptedSource(frames, period_s=0.003))
    try:
        assert done.wait(20)
    finally:
        pipeline.stop()
    pictures = [index for what, index in heard if what == "picture"]
    assert pictures == list(range(len(pictures)))
    with_hands = [index for what, index in heard if what == "hands"]
    assert len(with_hands) < len(pictures) / 2
    assert all(heard.index(("picture", i)) < heard.index(("hands", i)) for i in with_hands)
