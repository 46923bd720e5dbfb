import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rich.console import Console

from app import bench_compare, mediapipe_hands
from app.bench_compare import compare
from app.bench_plot import check_plot_path, table_of, write_plot
from app.mediapipe_hands import MediaPipeHands, start
from core.engines.candidate import EngineStatus
from core.errors import EngineError, UsageError
from tests.app.test_bench import BlobEngine, clip  # noqa: F401 - a fixture

FAKE = Path(__file__).with_name("fake_mediapipe.py")
PICTURE = np.zeros((36, 64, 3), np.uint8)


def fake(most: int = 6, fault: str = "", timeout_s: float = 20.0) -> MediaPipeHands:
    command = [sys.executable, str(FAKE), str(most), *([fault] if fault else [])]
    return MediaPipeHands(command, timeout_s)


def report_of(
    monkeypatch: pytest.MonkeyPatch, path: Path, make: Callable[[], MediaPipeHands]
) -> dict[str, Any]:
    statuses = (EngineStatus("cuda", False, "no GPU"), EngineStatus("onnx", True, "here"))
    monkeypatch.setattr(bench_compare, "engine_report", lambda: statuses)
    monkeypatch.setattr(bench_compare, "_WARM_UP_FRAMES", 1)
    monkeypatch.setattr(bench_compare, "physical_limit", lambda *_: pytest.fail("not asked"))
    monkeypatch.setattr(bench_compare, "_limit", lambda size: None)
    return compare(2, lambda *_: None, path, lambda *_: BlobEngine(), make)


def test_all_are_timed_on_the_same_frames(
    monkeypatch: pytest.MonkeyPatch,
    clip: Path,  # noqa: F811
) -> None:
    report = report_of(monkeypatch, clip, fake)
    assert json.loads(json.dumps(report)) == report
    ours, theirs = report["contenders"]
    assert [ours["engine"], theirs["engine"]] == ["onnx", "mediapipe"]
    for contender in (ours, theirs):
        assert [row["asked"] for row in contender["hands"]] == [1, 2, 4, 6]
        assert [row["found"] for row in contender["hands"]] == [1, 2, 4, 6]
    assert [row["p50_ms"] for row in theirs["hands"]] == [5, 10, 20, 30]
    assert theirs["detail"] == "Fake Hands 1.0"
    assert report["absent"] == {"cuda": "no GPU"}
    for row in ours["hands"]:
        ratio = report["ratios"]["onnx"][str(row["asked"])]
        assert ratio == pytest.approx(row["p50_ms"] / (5 * row["asked"]))


def test_hands_that_mediapipe_does_not_find_are_told_and_give_no_ratio(
    monkeypatch: pytest.MonkeyPatch,
    clip: Path,  # noqa: F811
) -> None:
    report = report_of(monkeypatch, clip, lambda: fake(most=3))
    assert [row["found"] for row in report["contenders"][1]["hands"]] == [1, 2, 3, 3]
    assert set(report["ratios"]["onnx"]) == {"1", "2"}
    console = Console(width=120, record=True)
    console.print(table_of(report))
    assert "found 3" in console.export_text()


def test_without_mediapipe_the_engines_are_timed_and_the_report_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
    clip: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    report = report_of(monkeypatch, clip, lambda: start(tmp_path / "no-python"))
    assert [c["engine"] for c in report["contenders"]] == ["onnx"]
    assert "--make-mediapipe-env" in report["absent"]["mediapipe"]
    assert report["ratios"] == {}


def test_plot_shows_every_contender(
    monkeypatch: pytest.MonkeyPatch,
    clip: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    pytest.importorskip("matplotlib", reason="plots need matplotlib")
    report = report_of(monkeypatch, clip, lambda: fake(most=3))
    report["limit"] = {"least_ms": 3.0, "gflops": 100.0, "gbytes_s": 20.0}
    path = tmp_path / "plot.png"
    check_plot_path(path)
    write_plot(path, report)
    picture = cv2.imread(str(path))
    assert picture is not None
    colours = {tuple(int(c) for c in px) for px in picture[::3, ::3].reshape(-1, 3)}
    assert {(180, 119, 31), (14, 127, 255)} <= colours  # the first two of matplotlib, BGR


def test_plot_that_is_no_picture_is_refused_before_the_timing(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        check_plot_path(tmp_path / "plot.txt")


def test_no_frames_cannot_be_compared() -> None:
    with pytest.raises(UsageError):
        compare(0, lambda *_: None)


@pytest.mark.parametrize("fault", ["crash", "nonsense"])
def test_mediapipe_that_fails_on_a_picture_is_an_error(fault: str) -> None:
    with fake(fault=fault) as hands, pytest.raises(EngineError) as caught:
        hands.look(PICTURE, 2)
    assert caught.value.code == "ENG-02"


def test_mediapipe_that_hangs_is_ended() -> None:
    hands = fake(fault="hang", timeout_s=0.2)
    with hands, pytest.raises(EngineError) as caught:
        hands.look(PICTURE, 2)
    assert "no answer within 0.2 s" in caught.value.cause
    assert hands._process.poll() is not None


def test_mediapipe_that_does_not_start_names_the_command_that_installs_it() -> None:
    for command in ([str(FAKE.with_name("nothing"))], [sys.executable, str(FAKE), "6", "silent"]):
        with pytest.raises(EngineError) as caught:
            MediaPipeHands(command)
        assert caught.value.code == "ENG-01"
        assert "--make-mediapipe-env" in caught.value.remedy


def test_python_without_wheels_and_no_other_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(mediapipe_hands, "_NEWEST", (3, 0))
    monkeypatch.setattr(mediapipe_hands.shutil, "which", lambda name: None)
    with pytest.raises(EngineError) as caught:
        mediapipe_hands.make_environment(tmp_path / "env")
    assert "3.12" in caught.value.remedy


def test_environment_that_cannot_be_made_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(mediapipe_hands.sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(EngineError) as caught:
        mediapipe_hands.make_environment(tmp_path / "env")
    assert "cannot be installed" in caught.value.cause
