"""Who listens hears of every result, whoever takes them or not."""

import itertools
import threading
import time

from core.config import PipelineConfig
from core.pipeline import LivePipeline
from core.types import TrackedHands
from tests.factories import hand_model, make_frame, make_hand
from tests.fakes import ScriptedEngine, ScriptedSource


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
