"""The command line as a person meets it: exit status, one line on stderr, nothing half-written."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from app import __main__, cli
from app.__main__ import main
from app.run_command import RunOptions, RunResult
from core import assets
from core.errors import SourceError

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep log files of the tests out of the user's folders."""
    for kind in ("data", "config", "cache", "log"):
        folder = tmp_path / "user" / kind
        monkeypatch.setattr(platformdirs, f"user_{kind}_path", lambda *_, f=folder, **__: f)
    return tmp_path / "user"


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "display_problem", lambda: "there is none")


@pytest.fixture
def one_line(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return what stderr holds, which must be one line."""

    def read() -> str:
        text = capsys.readouterr().err
        assert text.endswith("\n")
        assert text.count("\n") == 1, text
        return text

    return read


def fail(error: BaseException) -> Callable[..., object]:
    def failing(*_: object, **__: object) -> object:
        raise error

    return failing


def missing_file(folder: Path) -> str:
    return str(folder / "none.mp4")


def broken_video(folder: Path) -> str:
    (folder / "broken.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(range(256)) * 20)
    return str(folder / "broken.mp4")


def broken_image(folder: Path) -> str:
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    return str(folder / "broken.jpg")


def empty_file(folder: Path) -> str:
    (folder / "empty.mp4").touch()
    return str(folder / "empty.mp4")


def folder_of_broken_images(folder: Path) -> str:
    (folder / "images").mkdir()
    for name in ("a.jpg", "b.png"):
        (folder / "images" / name).write_bytes(b"no image")
    return str(folder / "images")


def empty_folder(folder: Path) -> str:
    (folder / "nothing").mkdir()
    return str(folder / "nothing")


@pytest.mark.parametrize(
    ("make_source", "code"),
    [
        (missing_file, "CAM-06"),
        (broken_video, "CAM-07"),
        (broken_image, "CAM-07"),
        (empty_file, "CAM-07"),
        (folder_of_broken_images, "CAM-09"),
        (empty_folder, "CAM-09"),
        (lambda folder: "http://127.0.0.1:9/clip.mp4", "CAM-08"),
        (lambda folder: "http://", "CAM-08"),
        (lambda folder: "gopher://example.org/clip", "CAM-08"),
    ],
)
def test_bad_source_is_one_line_with_its_code(
    tmp_path: Path,
    one_line: Callable[[], str],
    make_source: Callable[[Path], str],
    code: str,
) -> None:
    assert main(["run", make_source(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert one_line().startswith(f"{code}: ")
    assert not (tmp_path / "out").exists()


def test_absent_camera_is_one_line_with_its_code(
    tmp_path: Path, one_line: Callable[[], str]
) -> None:
    assert main(["run", "4711", "--out", str(tmp_path / "out")]) == 2
    assert one_line().startswith("CAM-01: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "demo", "--out", "OUT", "--engine", "warp"],
        ["run", "demo", "--out", "OUT", "--max-frames", "many"],
        ["run", "demo", "--out", "OUT", "--colour", "red"],
        ["run", "demo"],
        ["run"],
        ["bench", "--engine", "warp"],
        ["--engine", "warp"],
        ["--engine", "onnx", "run", "demo", "--out", "OUT"],
        ["frobnicate"],
    ],
)
def test_unknown_option_values_are_refused_in_one_line(
    tmp_path: Path, one_line: Callable[[], str], arguments: list[str]
) -> None:
    arguments = [str(tmp_path / "out") if word == "OUT" else word for word in arguments]
    assert main(arguments) == 2
    assert one_line().startswith("USE-01: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "demo", "--out", "OUT", "--max-frames", "0"],
        ["bench", "--frames", "0"],
    ],
)
def test_values_out_of_range_are_refused_in_one_line(
    tmp_path: Path, one_line: Callable[[], str], arguments: list[str]
) -> None:
    arguments = [str(tmp_path / "out") if word == "OUT" else word for word in arguments]
    assert main(arguments) == 2
    assert one_line().startswith("USE-03: ")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    import cv2
    import numpy as np

    path = tmp_path / "grey.png"
    cv2.imwrite(str(path), np.full((240, 320, 3), 90, np.uint8))
    return path


@pytest.fixture
def resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the hand and the weights, to be damaged."""
    real = assets.resources_dir()
    if not (real / "weights/lite.onnx").is_file():
        pytest.skip("the weights have not been made yet")
    copy = tmp_path / "resources"
    shutil.copytree(real / "hand", copy / "hand")
    shutil.copytree(real / "weights", copy / "weights")
    monkeypatch.setattr(assets, "resources_dir", lambda: copy)
    return copy


def remove_weights(resources: Path) -> None:
    (resources / "weights/lite.onnx").unlink()


def remove_description(resources: Path) -> None:
    (resources / "weights/lite.json").unlink()


def flip_a_bit(resources: Path) -> None:
    path = resources / "weights/lite.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_short(resources: Path) -> None:
    path = resources / "weights/lite.onnx"
    path.write_bytes(path.read_bytes()[:1000])


def break_description(resources: Path) -> None:
    (resources / "weights/lite.json").write_text("{")


def remove_hand(resources: Path) -> None:
    (resources / assets.OPEN_HAND_FILE).unlink()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (remove_weights, "MDL-01"),
        (remove_description, "MDL-01"),
        (flip_a_bit, "MDL-02"),
        (cut_short, "MDL-02"),
        (break_description, "MDL-03"),
        (remove_hand, "MDL-01"),
    ],
)
def test_missing_or_damaged_weights_are_one_line_with_their_code(
    tmp_path: Path,
    image: Path,
    resources: Path,
    one_line: Callable[[], str],
    damage: Callable[[Path], None],
    code: str,
) -> None:
    damage(resources)
    assert main(["run", str(image), "--out", str(tmp_path / "out")]) == 2
    assert one_line().startswith(f"{code}: ")
    assert not (tmp_path / "out").exists()


def test_missing_demo_clip_is_one_line(
    tmp_path: Path, one_line: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.run_command.demo_clip_path", lambda: tmp_path / "demo.mp4")
    assert main(["run", "demo", "--out", str(tmp_path / "out")]) == 2
    assert one_line().startswith("CAM-06: the demo clip")
    assert not (tmp_path / "out").exists()


def test_target_that_cannot_be_written_is_one_line(
    tmp_path: Path, image: Path, one_line: Callable[[], str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["run", str(image), "--out", str(tmp_path / "file" / "out")]) == 2
    assert one_line().startswith("OUT-01: ")


def test_earlier_results_are_not_overwritten_unasked(
    tmp_path: Path, image: Path, one_line: Callable[[], str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/hands.csv").write_text("earlier")
    assert main(["run", str(image), "--out", str(tmp_path / "out")]) == 2
    assert "--overwrite" in one_line()
    assert (tmp_path / "out/hands.csv").read_text() == "earlier"


def test_bench_report_that_cannot_be_written_is_refused_before_timing(
    tmp_path: Path, one_line: Callable[[], str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["bench", "--json", str(tmp_path / "file/report.json")]) == 2
    assert one_line().startswith("OUT-01: ")


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

    opened: list[tuple[str | None, str]] = []
    window = types.ModuleType("app.main_window")
    window.main = lambda source, engine: opened.append((source, engine)) or 7  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "app.main_window", window)
    monkeypatch.setattr(cli, "display_problem", lambda: None)
    assert main(["--source", "clip.mp4", "--engine", "onnx"]) == 7
    assert opened == [("clip.mp4", "onnx")]


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
def test_closed_pipe_ends_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "app", "doctor", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
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
