"""`manyhands refine` as a person meets it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.__main__ import main
from app.refine_command import RefineOptions
from app.run_command import RunResult

ROOT = Path(__file__).parents[3]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "grey.png"
    cv2.imwrite(str(path), np.full((240, 320, 3), 90, np.uint8))
    return path


def test_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["refine", "--help"]) == 0
    text = capsys.readouterr().out
    assert "Usage: manyhands refine" in text
    for option in ("--out", "--original", "--steps", "--overwrite"):
        assert option in text


def test_it_loads_no_torch_until_it_refines() -> None:
    code = (
        "import sys; import app.__main__, app.refine_command; "
        "print([m for m in ('PyQt6', 'vispy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        (["none.mp4"], "CAM-06: "),
        (["walk.hands"], "SES-01: there is no session walk.hands"),
        (["SOME/walk.HANDS/"], "SES-01: "),
        (["IMAGE", "--steps", "0"], "USE-03: --steps is 0. Give 1 to 1000."),
        (["IMAGE", "--steps", "5000"], "USE-03: "),
        (["IMAGE", "--max-frames", "0"], "USE-03: --max-frames is 0. Give 1 or more."),
        (["IMAGE", "--engine", "warp"], "USE-01: "),
        (["IMAGE", "--original", "clip.mp4"], "USE-01: --original"),
        (["IMAGE", "--colour", "red"], "USE-01: "),
        ([], "USE-01: "),
    ],
)
def test_bad_input_is_one_line_with_its_code(
    tmp_path: Path,
    image: Path,
    one_line: Callable[[], str],
    arguments: list[str],
    start: str,
) -> None:
    given = [str(image) if word == "IMAGE" else word for word in arguments]
    assert main(["refine", *given, "--out", str(tmp_path / "out")]) == 2
    assert one_line().startswith(start)
    assert not (tmp_path / "out").exists()


def test_without_torch_it_is_one_line(
    tmp_path: Path,
    image: Path,
    one_line: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["refine", str(image), "--out", str(tmp_path / "out")]) == 2
    assert one_line().startswith("ENG-01: refining needs torch")


def test_it_says_what_was_gained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[RefineOptions] = []

    def note(options: RefineOptions, show_progress: object) -> RunResult:
        asked.append(options)
        gain = {
            "refined_hands": 3,
            "mean_error_before_px": 7.25,
            "mean_error_after_px": 2.5,
            "mean_ms_per_step": 4.0,
        }
        engine = {"name": "onnx", "detail": "test"}
        summary = {"frames": 1, "hands": 3, "fps": 1.0, "engine": engine, "skipped_images": 0}
        return RunResult(summary | {"refinement": gain}, (), None)

    monkeypatch.setattr("app.refine_command.refine", note)
    assert main(["refine", "a.mp4", "--out", str(tmp_path), "--steps", "20", "--no-overlay"]) == 0
    assert asked == [RefineOptions("a.mp4", tmp_path, steps=20, overlay=False)]
    text = capsys.readouterr().out
    assert "7.25 px before, 2.50 px after" in text
    assert "Results in" in text
