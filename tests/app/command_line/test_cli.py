"""The command line as a person meets it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app import __main__, cli
from app.__main__ import main
from app.run_command import RunOptions, RunResult
from app.start import StartOptions
from core import assets
from core.errors import SourceError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "display_problem", lambda: "there is none")


def fail(error: BaseException) -> Callable[..., object]:
    def failing(*_: object, **__: object) -> object:
        raise error

    return failing


def test_unexpected_error_is_one_line_with_the_log(
    monkeypatch: pytest.MonkeyPatch, private_folders: Path, one_line: Callable[[], str]
) -> None:
    monkeypatch.setattr("app.doctor.examine", fail(ZeroDivisionError("division\nby zero")))
    assert main(["doctor"]) == 1
    line = one_line()
    log = private_folders / "log/manyhands.log"
    assert "ZeroDivisionError: division by zero" in line
    assert str(log) in line
    assert "Traceback" in log.read_text()


def test_interrupt_ends_with_the_shells_status(
    monkeypatch: pytest.MonkeyPatch, one_line: Callable[[], str]
) -> None:
    monkeypatch.setattr("app.doctor.examine", fail(KeyboardInterrupt()))
    assert main(["doctor"]) == 130
    assert one_line().strip() == "Interrupted."


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("manyhands ")


@pytest.mark.parametrize("command", [[], ["run"], ["doctor"], ["bench"]])
def test_every_command_explains_itself(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--help"]) == 0
    assert "Usage: manyhands" in capsys.readouterr().out


def recorded_runs(
    monkeypatch: pytest.MonkeyPatch, fault: SourceError | None = None
) -> list[RunOptions]:
    """Catch what the command line asks of `run`, without running it."""
    asked: list[RunOptions] = []

    def note(options: RunOptions, show_progress: object) -> RunResult:
        asked.append(options)
        engine = {"name": "onnx", "detail": "test"}
        summary = {"frames": 1, "hands": 0, "fps": 1.0, "engine": engine, "skipped_images": 0}
        return RunResult(summary, (), fault)

    monkeypatch.setattr("app.run_command.run", note)
    return asked


def test_source_that_was_lost_is_reported_beside_its_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = SourceError("CAM-04", "the camera is gone", "Plug it in.")
    recorded_runs(monkeypatch, lost)
    assert main(["run", "0", "--out", str(tmp_path / "out")]) == 2
    captured = capsys.readouterr()
    assert "Results in" in captured.out
    assert captured.err == "CAM-04: the camera is gone. Plug it in.\n"


def test_without_a_display_the_demo_clip_is_processed_into_output(
    no_display: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = recorded_runs(monkeypatch)
    assert main([]) == 0
    assert asked == [RunOptions("demo", Path("output"))]
    captured = capsys.readouterr()
    assert "there is none" in captured.err
    assert str(tmp_path / "output") in captured.out


def test_second_start_without_a_display_replaces_the_demo_but_nothing_else(
    no_display: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = recorded_runs(monkeypatch)
    (tmp_path / "output").mkdir()
    summary = tmp_path / "output/summary.json"
    summary.write_text(json.dumps({"source": assets.demo_clip_path().name}))
    main([])
    assert asked[-1] == RunOptions("demo", Path("output"), overwrite=True)
    summary.write_text(json.dumps({"source": "wedding.mp4"}))
    main([])
    assert asked[-1] == RunOptions("demo", Path("output-2"))


def test_with_a_display_the_window_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    opened: list[StartOptions] = []
    window = types.ModuleType("app.program")
    window.main = lambda start: opened.append(start) or 7  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "app.program", window)
    monkeypatch.setattr(cli, "display_problem", lambda: None)
    assert main(["--source", "clip.mp4", "--engine", "onnx"]) == 7
    assert opened == [StartOptions("clip.mp4", "onnx")]
    assert main(["--multi", "--safe-mode", "--reset-settings"]) == 7
    assert main(["--software-gl"]) == 7
    assert opened[1:] == [
        StartOptions(multi=True, safe_mode=True, reset_settings=True),
        StartOptions(software_gl=True),
    ]


def test_command_line_loads_neither_qt_nor_torch(tmp_path: Path) -> None:
    code = (
        "import sys; import app.__main__, app.run_command, app.doctor, app.bench; "
        "print([m for m in ('PyQt6', 'vispy', 'pyqtgraph', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--version"], ["doctor", "--json"]])
def test_closed_pipe_ends_quietly(arguments: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert b"Traceback" not in errors
    assert process.returncode == __main__.EXIT_UNEXPECTED


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_leaves_nothing_under_a_final_name(
    tmp_path: Path, number: signal.Signals
) -> None:
    if not assets.weights_path("lite", "onnx").is_file():
        pytest.skip("the weights have not been made yet")
    if not assets.demo_clip_path().is_file():
        pytest.skip("the demo clip has not been made yet")
    out = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-m", "app", "run", "demo", "--out", str(out)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 60
        while not list(out.glob(".manyhands-*/overlay.mp4")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(number)
        errors = process.communicate(timeout=30)[1]
    assert process.returncode == 130, errors
    assert not out.exists()
