"""An engine that fails is restarted, then replaced; frames go on over a gap."""

from dataclasses import replace

import numpy as np
import pytest

from core.config import PipelineConfig
from core.engines.base import RawHands
from core.engines.recovery import Level, RecoveringEngine
from core.errors import EngineError
from core.pipeline import FramePipeline
from core.types import UInt8
from tests.factories import hand_model, make_frame, make_hand
from tests.fakes import FakeClock, FaultyEngine, ScriptedEngine

SIZE, CPU_SIZE = (288, 384), (192, 256)
PICTURE = np.zeros((*SIZE, 3), np.uint8)


class Ladder:
    """A GPU engine with a fault, one behind the other, and a processor's engine."""

    def __init__(self, fault: str, *, fault_at: int = 2, fault_count: int = 1_000_000) -> None:
        self.clock = FakeClock()
        self.gpu: list[FaultyEngine] = []
        self.cpu: list[ScriptedEngine] = []
        self._fault, self._at, self._count = fault, fault_at, fault_count

    def open_gpu(self) -> FaultyEngine:
        engine = FaultyEngine(
            [[make_hand()]], self._fault, fault_at=self._at, fault_count=self._count,
            input_size=SIZE,
        )  # fmt: skip
        self.gpu.append(engine)
        return engine

    def open_cpu(self) -> ScriptedEngine:
        self.cpu.append(ScriptedEngine([[make_hand()]], input_size=CPU_SIZE))
        return self.cpu[-1]

    def engine(self, *, with_cpu: bool = True) -> RecoveringEngine:
        levels = [Level("torch", self.open_gpu)]
        if with_cpu:
            levels.append(Level("onnx", self.open_cpu))
        return RecoveringEngine(levels, self.clock)


def picture_for(engine: RecoveringEngine) -> UInt8:
    return np.zeros((*engine.input_size, 3), np.uint8)


def test_engine_that_works_is_left_alone() -> None:
    ladder = Ladder("error", fault_at=1_000)
    engine = ladder.engine()
    for _ in range(10):
        assert engine.run(PICTURE).score[0] > 0.5
    assert len(ladder.gpu) == 1
    assert not ladder.cpu
    assert engine.describe() == ladder.gpu[0].describe()
    engine.close()
    assert ladder.gpu[0].closed


@pytest.mark.parametrize("fault", ["error", "crash"])
def test_failure_is_a_frame_without_hands_and_a_restart(fault: str) -> None:
    """Row 18: whatever the driver raises."""
    ladder = Ladder(fault)
    engine = ladder.engine()
    scores = [engine.run(PICTURE).score.max() for _ in range(5)]
    assert [score > 0.5 for score in scores] == [True, True, False, True, False]
    assert [one.closed for one in ladder.gpu] == [True, True, False]
    assert "restarted" in engine.describe().detail


def test_fourth_failure_within_a_minute_hands_over_to_the_processor() -> None:
    """Row 18: at most three restarts in 60 s."""
    ladder = Ladder("error", fault_at=1)
    engine = ladder.engine()
    for _ in range(12):
        ladder.clock.advance(1_000)
        engine.run(picture_for(engine))
    assert len(ladder.gpu) == 4
    assert len(ladder.cpu) == 1
    assert all(one.closed for one in ladder.gpu)
    assert engine.input_size == CPU_SIZE
    assert "torch failed" in engine.describe().detail
    assert engine.run(picture_for(engine)).score[0] > 0.5


def test_failures_that_are_rare_go_on_being_restarted() -> None:
    """Row 18: the three are of any one minute."""
    ladder = Ladder("error", fault_at=1)
    engine = ladder.engine()
    for _ in range(20):
        ladder.clock.advance(21_000)
        engine.run(picture_for(engine))
    assert len(ladder.gpu) > 5
    assert not ladder.cpu


def test_full_memory_goes_to_the_next_engine_at_once() -> None:
    """Row 17: a restart would only fill it again; no crash loop."""
    ladder = Ladder("memory")
    engine = ladder.engine()
    for _ in range(5):
        engine.run(picture_for(engine))
    assert (len(ladder.gpu), len(ladder.cpu)) == (1, 1)
    assert ladder.gpu[0].closed
    assert "out of memory" in engine.describe().detail


def test_full_memory_while_opening_takes_the_next_engine() -> None:
    """Row 17: at the start."""
    ladder = Ladder("none")

    def full() -> ScriptedEngine:
        raise EngineError("ENG-04", "the GPU's memory is full", "Close other programs.")

    engine = RecoveringEngine([Level("tensorrt", full), Level("onnx", ladder.open_cpu)])
    assert engine.input_size == CPU_SIZE
    assert "tensorrt: the GPU's memory is full" in engine.describe().detail


def test_gpu_that_is_gone_for_good_ends_at_the_processor() -> None:
    """Row 18: after a fatal fault nothing of CUDA opens any more in this process."""
    ladder = Ladder("error", fault_at=1)
    opened = []

    def dead_after_one() -> FaultyEngine:
        if opened:
            raise EngineError("ENG-02", "taking the GPU failed (CUDA_ERROR_ILLEGAL_ADDRESS)", "")
        opened.append(ladder.open_gpu())
        return opened[0]

    engine = RecoveringEngine([Level("torch", dead_after_one), Level("onnx", ladder.open_cpu)])
    for _ in range(4):
        engine.run(picture_for(engine))
    assert len(ladder.cpu) == 1
    assert "CUDA_ERROR_ILLEGAL_ADDRESS" in engine.describe().detail


def test_numbers_that_are_not_finite_for_a_second_restart_the_engine() -> None:
    """Row 32: shorter spells only cost their hands, which decoding leaves out."""
    ladder = Ladder("nan", fault_at=3)
    engine = ladder.engine()
    restarted_at = []
    for frame in range(80):
        ladder.clock.advance(1000 / 30)
        engine.run(PICTURE)
        if len(ladder.gpu) > len(restarted_at) + 1:
            restarted_at.append(frame)
    assert restarted_at[0] == pytest.approx(3 + 31, abs=1)
    assert len(restarted_at) == 2


def test_short_spell_of_broken_numbers_restarts_nothing() -> None:
    """Row 32."""
    ladder = Ladder("nan", fault_at=3, fault_count=20)
    engine = ladder.engine()
    for _ in range(60):
        ladder.clock.advance(1000 / 30)
        engine.run(PICTURE)
    assert len(ladder.gpu) == 1


def test_broken_numbers_in_empty_slots_are_nobodys_business() -> None:
    ladder = Ladder("none")

    class EmptyBroken(ScriptedEngine):
        def run(self, image: UInt8) -> RawHands:
            raw = super().run(image)
            betas = raw.betas.copy()
            betas[-1] = np.nan
            return replace(raw, betas=betas)

    engine = RecoveringEngine(
        [Level("torch", lambda: EmptyBroken([[make_hand()]], input_size=SIZE))], ladder.clock
    )
    for _ in range(90):
        ladder.clock.advance(1000 / 30)
        engine.run(PICTURE)
    assert "restarted" not in engine.describe().detail


def test_last_engine_raises_when_restarts_do_not_help() -> None:
    ladder = Ladder("error", fault_at=1)
    engine = ladder.engine(with_cpu=False)
    with pytest.raises(EngineError) as caught:
        for _ in range(20):
            engine.run(PICTURE)
    assert caught.value.code == "ENG-02"
    assert len(ladder.gpu) == 4
    engine.close()


def test_nothing_that_opens_raises_the_last_reason() -> None:
    def fails() -> ScriptedEngine:
        raise EngineError("ENG-01", "no", "")

    with pytest.raises(EngineError):
        RecoveringEngine([Level("torch", fails), Level("onnx", fails)])


def test_failed_engine_that_does_not_close_is_left_behind() -> None:
    ladder = Ladder("error")
    engine = ladder.engine()

    def stuck() -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    ladder.gpu[0].close = stuck  # type: ignore[method-assign]
    for _ in range(4):
        engine.run(PICTURE)
    assert len(ladder.gpu) == 2


def test_frames_go_on_through_a_pipeline_over_the_change_of_engines() -> None:
    """Row 18: the session is continuous; the frame of the failure shows no new hands."""
    ladder = Ladder("memory", fault_at=4)
    pipeline = FramePipeline(ladder.engine(), PipelineConfig(), model=hand_model())
    seen = [len(pipeline.process(make_frame(index)).hands) for index in range(10)]
    assert len(seen) == 10
    assert seen[3] == seen[-1] == 1
    assert ladder.cpu
