import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.writers import VideoOverlay
from core.engines.base import EngineDescription, RawHands
from core.errors import EngineError
from core.types import UInt8
from export import parity
from export.parity import LIMITS, Limit, Row, compare_engines, int8_limit, table
from tests.factories import make_frame, make_hand
from tests.fakes import FaultyEngine, ScriptedEngine


class OffsetEngine(ScriptedEngine):
    """Two hands, its joints moved by `off_mm`; slots below the first are dropped if it `misses`."""

    def __init__(self, precision: str, off_mm: float = 0.0, *, misses: bool = False) -> None:
        super().__init__([[make_hand(at=(-0.15, 0, 0.6)), make_hand(at=(0.15, 0, 0.6))]])
        self._precision, self._off_mm, self._misses = precision, off_mm, misses

    def describe(self) -> EngineDescription:
        return EngineDescription("offset", "test double", self._precision, "0" * 64)

    def run(self, image: UInt8) -> RawHands:
        raw = super().run(image)
        offset = np.float32([self._off_mm / 1e3, 0, 0])
        score = raw.score.copy()
        if self._misses:
            score[1] = 0
        return replace(raw, joints_3d=raw.joints_3d + offset, score=score)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    writer = VideoOverlay(path, 360, 640, fps=30)
    for index in range(3):
        frame = make_frame(index, width=640, height=360)
        writer.add(frame, frame.image)
    writer.finish()
    return path


def judged(clip: Path, engine: ScriptedEngine) -> Row:
    engines = {"onnx": OffsetEngine("fp32"), "other": engine}
    limits = {**LIMITS, "int8": Limit(2.0, 5.0, needs_every_hand=False)}
    rows = compare_engines(["other"], [clip], limits, lambda name, *_: engines[name], ["other"])
    assert all(one.closed for one in engines.values())
    return rows[0]


@pytest.mark.parametrize(
    ("precision", "off_mm", "within"),
    [
        ("fp32", 0.005, True), ("fp32", 0.02, False),
        ("fp16", 0.15, True), ("fp16", 0.25, False),
        ("bf16", 0.15, True), ("bf16", 0.25, False),
        ("int8", 1.9, True), ("int8", 2.1, False),
    ],
)  # fmt: skip
def test_each_precision_has_its_limit(
    clip: Path, precision: str, off_mm: float, within: bool
) -> None:
    row = judged(clip, OffsetEngine(precision, off_mm))
    assert row.within is within
    assert row.mean_joints_mm == pytest.approx(off_mm, rel=0.02)
    assert (row.hands, row.missed, row.precision) == (6, 0, precision)


def test_missed_hand_is_over_the_limit_of_float_engines_only(clip: Path) -> None:
    assert judged(clip, OffsetEngine("fp32", misses=True)).within is False
    assert judged(clip, OffsetEngine("int8", misses=True)).within is True


def test_hands_that_are_not_finite_are_over_every_limit(clip: Path) -> None:
    row = judged(clip, OffsetEngine("int8", float("nan")))
    assert row.within is False


def test_engine_that_fails_is_over_its_limit_and_says_why(clip: Path) -> None:
    row = judged(clip, FaultyEngine([[make_hand()]], "error"))
    assert row.within is False
    assert "scripted engine failed" in row.detail


def test_engine_that_does_not_open_is_not_compared(clip: Path) -> None:
    def open_one(name: str, height: int, width: int) -> ScriptedEngine:
        if name == "onnx":
            return OffsetEngine("fp32")
        raise EngineError("ENG-01", "there is no driver", "")

    rows = compare_engines(["cuda"], [clip], dict(LIMITS), open_one, [])
    assert rows[0].within is None
    assert "not compared: there is no driver" in table(rows)


def test_int8_is_held_to_its_measured_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity, "quantised_folder", lambda: tmp_path)
    assert int8_limit("lite") == Limit(0.0, 0.0)
    (tmp_path / "lite.json").write_text('{"mean_joints_mm": 1.0, "vertices_mm": 8.0}')
    assert int8_limit("lite") == Limit(1.5, 12.0, needs_every_hand=False)


def test_table_has_a_line_for_each_engine_with_its_verdict() -> None:
    rows = [
        Row("onnx", "", "fp32", hands=4, within=True),
        Row("openvino", "", "fp32", hands=4, within=False),
        Row("openvino-bf16", "", "bf16", hands=4, within=False, counts=False),
    ]
    lines = table(rows).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["onnx", "openvino", "openvino-bf16"]
    assert [line.split("  ")[-1].strip() for line in lines[1:]] == [
        "ok", "over", "over; auto does not take it"
    ]  # fmt: skip


def exit_status(
    monkeypatch: pytest.MonkeyPatch, clip: Path, off_mm: float, *more: str, hands: bool = True
) -> int:
    def open_one(name: str, *_: object) -> ScriptedEngine:
        if not hands:
            return ScriptedEngine([[]])
        return OffsetEngine("fp32", off_mm if name != "onnx" else 0.0)

    monkeypatch.setattr(parity, "open_engine", open_one)
    return parity.main([str(clip), *more])


def test_exit_status_tells_the_outcome(
    monkeypatch: pytest.MonkeyPatch, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = ["--engine", "openvino"]
    path = tmp_path / "report.json"
    assert exit_status(monkeypatch, clip, 0.0, *named, "--json", str(path)) == 0
    assert json.loads(path.read_text())["engines"][0]["engine"] == "openvino"
    assert exit_status(monkeypatch, clip, 0.5, *named) == 1
    assert "over" in capsys.readouterr().out
    assert exit_status(monkeypatch, clip, 0.0, *named, hands=False) == 2
    assert exit_status(monkeypatch, tmp_path / "no.mp4", 0.0, *named) == 2
