import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.engines.base import RawHands
from core.engines.trial import (
    WITHIN_MM,
    Trial,
    fastest,
    machine_identity,
    read_record,
    run_trials,
    write_record,
)
from core.types import UInt8
from tests.factories import make_hand
from tests.fakes import FakeClock, FaultyEngine, ScriptedEngine

PICTURES = [np.zeros((288, 384, 3), np.uint8)] * 3
IDENTITY = {"processor": "test", "weights": "abc"}


class PacedEngine(ScriptedEngine):
    """Takes `frame_ms` of the clock for a picture, and moves joints by `off_mm`."""

    def __init__(
        self, clock: FakeClock, paces_ms: Sequence[float], off_mm: float = 0.0, hands: int = 1
    ) -> None:
        super().__init__([[make_hand()] * hands])
        self._clock, self._paces_ms, self._off_mm = clock, paces_ms, off_mm

    def run(self, image: UInt8) -> RawHands:
        self._clock.advance(self._paces_ms[self.calls % len(self._paces_ms)])
        raw = super().run(image)
        offset = np.float32([self._off_mm / 1e3, 0, 0])
        return replace(raw, joints_3d=raw.joints_3d + offset)


def trials(clock: FakeClock, **engines: ScriptedEngine) -> dict[str, Trial]:
    return run_trials(engines, PICTURES, clock)


def test_the_fastest_of_those_that_agree_is_taken() -> None:
    clock = FakeClock()
    found = trials(
        clock,
        exact=PacedEngine(clock, [10]),
        same=PacedEngine(clock, [7], off_mm=0.4),
        rough=PacedEngine(clock, [3], off_mm=0.6),
    )
    assert {name: trial.frame_ms for name, trial in found.items()} == pytest.approx(
        {"exact": 10, "same": 7, "rough": 3}
    )
    assert [trial.is_exact for trial in found.values()] == [True, True, False]
    assert fastest(found) == "same"


def test_a_few_slow_frames_decide_nothing() -> None:
    clock = FakeClock()
    found = trials(
        clock, a=PacedEngine(clock, [9]), b=PacedEngine(clock, [8, 8, 8, 500, 8, 300, 8])
    )
    assert fastest(found) == "b"


def test_engines_take_turns() -> None:
    clock = FakeClock()
    order: list[str] = []

    class Noted(PacedEngine):
        def run(self, image: UInt8) -> RawHands:
            order.append(self.describe().detail if not hasattr(self, "name") else self.name)
            return super().run(image)

    engines = {}
    for name in ("a", "b"):
        engines[name] = Noted(clock, [5])
        engines[name].name = name
    run_trials(engines, PICTURES, clock)
    assert order[-6:] == ["a", "b"] * 3


def test_engine_that_fails_in_its_trial_is_left_out() -> None:
    clock = FakeClock()
    found = trials(
        clock, exact=PacedEngine(clock, [10]), broken=FaultyEngine([[make_hand()]], "crash")
    )
    assert list(found) == ["exact"]


def test_trial_that_is_broken_off_says_nothing() -> None:
    clock = FakeClock()
    left = iter([True, True, False])
    engine = PacedEngine(clock, [10])
    assert run_trials({"exact": engine}, PICTURES, clock, lambda: next(left)) == {}
    assert engine.calls == 1 + len(PICTURES) + 2


def test_without_a_hand_in_the_pictures_nothing_counts_as_exact() -> None:
    clock = FakeClock()
    found = trials(clock, exact=PacedEngine(clock, [10], hands=0))
    assert not found["exact"].is_exact
    assert fastest(found) is None


def test_record_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "trials.json"
    kept = {"onnx": Trial(9.5, 0.0), "openvino": Trial(7.25, WITHIN_MM)}
    write_record(path, IDENTITY, kept)
    assert read_record(path, IDENTITY) == kept


@pytest.mark.parametrize("change", [{"weights": "abd"}, {"processor": "another"}, {"more": "x"}])
def test_record_of_another_machine_or_network_does_not_hold(
    tmp_path: Path, change: dict[str, str]
) -> None:
    path = tmp_path / "trials.json"
    write_record(path, IDENTITY, {"onnx": Trial(9.5, 0.0)})
    assert read_record(path, IDENTITY | change) is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "\x00\xff", '{"format": 1}', "9" * 5000, "[" * 5000,
     '{"format": 1, "identity": {"processor": "test", "weights": "abc"}, "trials": {"a": 5}}',
     '{"format": 1, "identity": {"processor": "test", "weights": "abc"}, "trials": [1]}',
     '{"format": 1, "identity": {"processor": "test", "weights": "abc"},'
     ' "trials": {"a": {"frame_ms": -1, "joints_mm": 0}}}'],
)  # fmt: skip
def test_damaged_record_is_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "trials.json"
    path.write_text(text, "latin-1")
    assert read_record(path, IDENTITY) is None


def test_missing_and_huge_records_are_as_none(tmp_path: Path) -> None:
    assert read_record(tmp_path / "none.json", IDENTITY) is None
    (tmp_path / "huge.json").write_bytes(b" " * (1 << 20))
    assert read_record(tmp_path / "huge.json", IDENTITY) is None


def test_difference_that_is_not_finite_stays_inexact(tmp_path: Path) -> None:
    path = tmp_path / "trials.json"
    write_record(path, IDENTITY, {"a": Trial(3, float("inf")), "b": Trial(3, float("nan"))})
    json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(name))
    found = read_record(path, IDENTITY)
    assert found is not None
    assert not any(trial.is_exact for trial in found.values())


def test_record_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    write_record(tmp_path / "file" / "trials.json", IDENTITY, {})


def test_identity_tells_machines_and_libraries_apart() -> None:
    identity = machine_identity({"openvino": "1"})
    assert {"machine", "processor", "cores", "openvino"} <= set(identity)
    assert identity != machine_identity({"openvino": "2"})
