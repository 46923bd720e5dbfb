import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import assets
from core.engines import cpu, threads
from core.engines.base import Engine
from core.engines.candidate import Candidate, EngineStatus, status_of
from core.engines.settling import SettlingEngine
from core.engines.trial import Trial, write_record
from core.errors import EngineError, ModelFileError
from tests.factories import make_hand
from tests.fakes import ScriptedEngine

SIZE = (288, 384)
MS = Trial


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    record = tmp_path / "trials.json"
    monkeypatch.setattr(cpu, "_record_path", lambda spare_cores: record)
    monkeypatch.setattr(cpu, "_int8_path", lambda profile: tmp_path / f"{profile}.xml")
    return record


class Bench:
    """Candidates that open scripted engines, and which of them were opened."""

    def __init__(self, *names: str, broken: str = "") -> None:
        self.opened: list[str] = []
        self.engines: list[ScriptedEngine] = []
        self.candidates = [Candidate(name, lambda: "here", self._opener(name)) for name in names]
        self._broken = broken

    def _opener(self, name: str) -> Callable[[str, tuple[int, int]], Engine]:
        def open_it(profile: str, size: tuple[int, int]) -> Engine:
            if name == self._broken:
                raise EngineError("ENG-01", f"{name} is broken", "")
            self.opened.append(name)
            self.engines.append(ScriptedEngine([[make_hand()]], input_size=size))
            return self.engines[-1]

        return open_it


def keep(record: Path, **trials: Trial) -> None:
    _, sha256 = assets.checked_weights("lite", "onnx")
    named = {name.replace("_", "-"): trial for name, trial in trials.items()}
    write_record(record, cpu._identity("lite", sha256), named)


def test_first_start_measures_every_engine_and_keeps_one(own_cache: Path) -> None:
    bench = Bench("openvino-bf16", "openvino", "onnx")
    engine = cpu.open_fastest(bench.candidates, "lite", SIZE)
    assert set(bench.opened[:3]) == {"openvino-bf16", "openvino", "onnx"}
    assert len(bench.opened) == 4
    assert engine is bench.engines[-1]
    assert [one.closed for one in bench.engines] == [True, True, True, False]
    assert own_cache.exists()


def run_until(engine: Engine, is_done: Callable[[], bool]) -> None:
    picture = np.zeros((*engine.input_size, 3), np.uint8)
    end_s = time.monotonic() + 20
    while not is_done():
        engine.run(picture)
        assert time.monotonic() < end_s, "the search has not ended"
        time.sleep(0.001)


def test_window_s_first_start_opens_one_engine_and_measures_later(own_cache: Path) -> None:
    bench = Bench("openvino-bf16", "openvino", "onnx")
    engine = cpu.open_fastest(bench.candidates, "lite", SIZE, at_once=True)
    assert bench.opened == ["openvino"] and not own_cache.exists()
    engine.run(np.zeros((*SIZE, 3), np.uint8))
    assert bench.opened == ["openvino"]
    run_until(engine, own_cache.exists)
    assert set(bench.opened[1:4]) == {"openvino-bf16", "openvino", "onnx"}
    engine.close()
    assert all(one.closed for one in bench.engines)
    bench.opened.clear()
    cpu.open_fastest(bench.candidates, "lite", SIZE, at_once=True).close()
    assert len(bench.opened) == 1  # of a measured machine, the fastest


def test_what_was_found_to_be_faster_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = {"openvino": MS(8, 0.0), "onnx": MS(4, 0.0)}
    monkeypatch.setattr(cpu, "_measure", lambda *arguments: trials)
    bench = Bench("openvino", "onnx")
    engine = cpu.open_fastest(bench.candidates, "lite", SIZE, at_once=True)
    run_until(engine, lambda: len(bench.engines) == 2 and bench.engines[1].calls > 0)
    assert bench.opened == ["openvino", "onnx"]
    assert bench.engines[0].closed
    engine.close()


def test_search_that_was_broken_off_keeps_nothing(own_cache: Path) -> None:
    bench = Bench("openvino", "onnx")
    engine = cpu.open_fastest(bench.candidates, "lite", SIZE, at_once=True)
    engine.close()
    assert isinstance(engine, SettlingEngine)
    assert engine._search(lambda: False) is None
    assert not own_cache.exists() and bench.opened == ["openvino"]


def test_later_starts_open_what_was_fastest_and_nothing_else(own_cache: Path) -> None:
    keep(own_cache, openvino_bf16=MS(4, 0.9), openvino=MS(8, 0.0), onnx=MS(10, 0.0))
    bench = Bench("openvino-bf16", "openvino", "onnx")
    cpu.open_fastest(bench.candidates, "lite", SIZE)
    assert bench.opened == ["openvino"]


def test_engine_that_is_faster_and_agrees_is_taken(own_cache: Path) -> None:
    keep(own_cache, openvino_int8=MS(4, 0.3), openvino=MS(8, 0.0), onnx=MS(10, 0.0))
    bench = Bench("openvino-int8", "openvino", "onnx")
    cpu.open_fastest(bench.candidates, "lite", SIZE)
    assert bench.opened == ["openvino-int8"]


def test_where_nothing_could_be_compared_an_exact_engine_is_taken(own_cache: Path) -> None:
    nothing = float("inf")
    keep(own_cache, openvino_bf16=MS(4, nothing), openvino=MS(8, nothing), onnx=MS(10, nothing))
    bench = Bench("openvino-bf16", "openvino", "onnx")
    cpu.open_fastest(bench.candidates, "lite", SIZE)
    assert bench.opened == ["openvino"]


def test_fastest_that_no_longer_opens_gives_way_to_the_next(own_cache: Path) -> None:
    keep(own_cache, openvino=MS(8, 0.0), onnx=MS(10, 0.0))
    bench = Bench("openvino", "onnx", broken="openvino")
    cpu.open_fastest(bench.candidates, "lite", SIZE)
    assert bench.opened == ["onnx"]


def test_engine_that_does_not_open_is_left_out_of_the_trial(own_cache: Path) -> None:
    bench = Bench("openvino", "onnx", broken="openvino")
    cpu.open_fastest(bench.candidates, "lite", SIZE)
    assert bench.opened == ["onnx", "onnx"]


def test_engine_that_is_alone_is_not_measured(own_cache: Path) -> None:
    bench = Bench("onnx")
    cpu.open_fastest(bench.candidates, "lite", SIZE)
    assert bench.opened == ["onnx"]
    assert not own_cache.exists()


def test_without_a_demo_clip_the_start_goes_on(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cpu, "demo_clip_path", lambda: tmp_path / "missing.mp4")
    bench = Bench("openvino", "onnx")
    cpu.open_fastest(bench.candidates, "lite", SIZE)
    assert len(bench.opened) == 3


def test_missing_weights_are_reported_before_anything_opens(tmp_path: Path) -> None:
    bench = Bench("openvino", "onnx")
    with pytest.raises(ModelFileError) as caught:
        cpu.open_fastest(bench.candidates, "no-such-profile", SIZE)
    assert caught.value.code == "MDL-01"
    assert bench.opened == []


def test_report_tells_times_and_what_auto_does_not_take(own_cache: Path) -> None:
    keep(own_cache, openvino_bf16=MS(4, 0.9), openvino=MS(8, 0.0), onnx=MS(6, 0.0))
    names = ("openvino-bf16", "openvino", "onnx")
    report = cpu.with_trials([EngineStatus(name, True, name) for name in names], "lite")
    assert [status.name for status in report] == ["openvino-bf16", "onnx", "openvino"]
    assert [status.by_auto for status in report] == [False, True, True]
    assert "0.90 mm" in report[0].reason
    assert "6.0 ms a frame" in report[1].reason


def test_report_without_a_trial_lets_auto_take_exact_engines_only() -> None:
    names = ("openvino-bf16", "openvino", "onnx")
    report = cpu.with_trials([EngineStatus(name, True, name) for name in names], "lite")
    assert [(s.name, s.by_auto) for s in report] == [
        ("openvino-bf16", False), ("openvino", True), ("onnx", True)
    ]  # fmt: skip


@pytest.mark.parametrize("error", [ImportError("no DLL"), OSError("bad ELF"), ValueError()])
def test_probe_of_a_broken_openvino_is_a_reason(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(name: str) -> object:
        raise error

    monkeypatch.setattr(cpu.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(cpu.importlib, "import_module", fail)
    for candidate in cpu.CPU_CANDIDATES:
        status = status_of(candidate)
        assert not status.available
        assert type(error).__name__ in status.reason


def test_openvino_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu.importlib.util, "find_spec", lambda name: None)
    status = status_of(cpu.CPU_CANDIDATES[2])
    assert (status.available, status.reason) == (False, "openvino is not installed")


def test_window_keeps_a_core_and_has_a_trial_of_its_own(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "usable_cores", lambda: 4)
    asked: list[int] = []

    def note(profile: str, size: tuple[int, int], threads: int | None = None) -> Engine:
        assert threads is not None
        asked.append(threads)
        return ScriptedEngine([[make_hand()]], input_size=size)

    monkeypatch.setitem(cpu._OPENERS, "onnx", note)
    onnx = cpu.CPU_CANDIDATES[-1]
    cpu.sparing(onnx, 1).open_at("lite", SIZE)
    cpu.sparing(onnx, 0).open_at("lite", SIZE)
    assert asked == [3, 4]
    assert cpu._identity("lite", "abc", 1) != cpu._identity("lite", "abc", 0)


def test_compiled_networks_of_earlier_weights_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = replace(assets.user_folders(), cache=tmp_path)
    monkeypatch.setattr(cpu, "user_folders", lambda: folders)
    earlier = cpu.compiled_folder("a" * 64)
    (earlier / "1.blob").write_bytes(b"compiled")
    assert cpu.compiled_folder("a" * 64) == earlier
    assert (earlier / "1.blob").exists()
    assert cpu.compiled_folder("b" * 64).is_dir()
    assert not earlier.exists()
