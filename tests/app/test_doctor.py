import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from app import display, doctor
from app.display import display_problem, probe_opengl
from app.doctor import Check, Report, examine, show
from core import assets

ROOT = Path(__file__).parents[2]


def check(report: Report, name: str) -> Check:
    return next(check for check in report.checks if check.name == name)


@pytest.fixture
def without_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


def test_json_has_the_keys_that_scripts_rely_on(without_display: None) -> None:
    report = examine()
    plain = json.loads(json.dumps(report.as_json()))
    assert plain["format"] == 1
    assert set(plain) == {"format", "can_run", "checks", "versions"}
    for one in plain["checks"]:
        assert set(one) == {"name", "ok", "needed", "found", "remedy", "code"}
        assert one["found"]
    names = [one["name"] for one in plain["checks"]]
    assert len(set(names)) == len(names)
    assert {"python", "cpu", "memory", "gpu", "cameras", "display", "opengl", "engine"} <= set(
        names
    )
    assert {"weights", "hand model", "demo clip", "folders", "disk"} <= set(names)
    assert {"engine tensorrt", "engine torch", "engine openvino", "engine onnx"} <= set(names)
    assert {"python", "numpy", "onnxruntime", "av"} <= set(plain["versions"])


def test_whoever_lacks_something_is_told_what_to_do(
    without_display: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "resources_dir", lambda: tmp_path)
    report = examine()
    assert not report.can_run
    for name in ("weights", "hand model", "demo clip"):
        assert not check(report, name).ok
        assert check(report, name).remedy


def test_missing_demo_clip_display_and_camera_do_not_stop_a_run(
    without_display: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "demo_clip_path", lambda: tmp_path / "none.mp4")
    monkeypatch.setattr(doctor, "list_cameras", lambda: ())
    report = examine()
    for name in ("demo clip", "cameras", "display"):
        assert not check(report, name).ok
        assert not check(report, name).needed


def test_probe_that_fails_is_a_finding(
    without_display: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[Check]:
        raise SystemError("the driver has lost its mind")

    monkeypatch.setattr(doctor, "_PROBES", (("gpu", broken, False),))
    report = examine()
    assert report.can_run
    assert "lost its mind" in check(report, "gpu").found


def test_needed_probe_that_fails_means_that_a_run_cannot_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> list[Check]:
        raise ImportError("libgomp.so.1")

    monkeypatch.setattr(doctor, "_PROBES", (("engine", broken, True),))
    assert not examine().can_run


def test_table_shows_remedies_and_survives_square_brackets() -> None:
    console = Console(record=True, width=200, file=io.StringIO())
    report = Report(
        False, (Check("weights", False, True, "[red]odd[/]", "Restore [them]."),), {"python": "3"}
    )
    show(report, console)
    text = console.export_text()
    assert "NO" in text
    assert "[red]odd[/]" in text
    assert "Restore [them]." in text


def test_no_display_variable_means_no_display(without_display: None) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux can lack a display")
    assert "DISPLAY" in (display_problem() or "")


def test_display_that_does_not_answer_is_a_problem(
    without_display: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux can lack a display")
    for name in (":4711", "localhost:4711", "no.such.host.invalid:1", ":x", "nonsense"):
        monkeypatch.setenv("DISPLAY", name)
        assert "does not answer" in (display_problem() or "")


def test_platforms_of_qt_that_need_no_server_are_no_problem(
    without_display: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display_problem() is None


def test_opengl_probe_outlives_the_abort_of_its_child(
    without_display: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "_OPENGL_PROBE", "import os; os.abort()")
    probe = probe_opengl()
    assert probe.found is None
    assert probe.reason


def test_opengl_probe_reports_what_qt_says_without_a_screen(
    without_display: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    probe = probe_opengl()
    assert (probe.found is None) == bool(probe.reason)


@pytest.mark.slow
def test_command_prints_json_alone_and_its_status_says_whether_run_can_work() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "doctor", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["can_run"] else 2)


def test_the_profile_without_weights_is_named_and_stops_nothing() -> None:
    report = examine(["weights"])
    (full,) = (check for check in report.checks if check.name == "weights, full")
    assert not full.needed
    assert full.ok or "no weights yet" in full.found
