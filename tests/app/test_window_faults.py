"""The real window: what it does when something fails."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import app.program
from app.crash import CrashReporter
from app.views.picture_view import PictureView
from core.engines.base import Engine
from core.errors import DisplayError, ModelFileError, SourceError
from tests.app.program import (
    HANDS,
    NO_OPENGL,
    NOT_A_CAMERA,
    Program,
    left_red_frames,
    picture_pixels,
)
from tests.factories import make_frame
from tests.fakes import FaultyEngine, ScriptedEngine


def test_lost_source_is_shown_and_retry_opens_it_again(program: Program, qtbot: QtBot) -> None:
    lost = SourceError("CAM-04", "the camera was unplugged", "Plug it in again.")
    program.steps = lambda: iter([make_frame(), lost])
    program.controller.open_source("0")
    banner = program.window.banner
    qtbot.waitUntil(banner.isVisible, timeout=5000)
    assert banner.notice is not None
    assert (banner.notice.code, banner.notice.remedy) == ("CAM-04", "Plug it in again.")
    program.steps = left_red_frames
    banner._retry.click()
    program.wait_drawn(qtbot)
    assert not banner.isVisible()
    assert program.opened == ["0", "0"]


@pytest.mark.parametrize("fault", ["error", "crash", "memory"])
def test_failed_engine_is_shown_and_retry_opens_another(
    program: Program, qtbot: QtBot, fault: str
) -> None:
    engines = iter([FaultyEngine([HANDS], fault, fault_at=2), ScriptedEngine([HANDS])])
    program.make_engine = lambda: next(engines)
    program.controller.open_source(NOT_A_CAMERA)
    banner = program.window.banner
    qtbot.waitUntil(banner.isVisible, timeout=5000)
    assert banner.notice is not None and banner.notice.code == "ENG-02"
    banner._retry.click()
    program.wait_drawn(qtbot)
    qtbot.waitUntil(lambda: not banner.isVisible(), timeout=5000)


def test_missing_weights_are_named(program: Program, qtbot: QtBot) -> None:
    """Row 23: in the window, with what to do."""

    def missing() -> Engine:
        raise ModelFileError("MDL-01", "lite.onnx does not exist", "Restore resources/.")

    program.make_engine = missing
    program.controller.open_source(NOT_A_CAMERA)
    qtbot.waitUntil(program.window.banner.isVisible, timeout=5000)
    notice = program.window.banner.notice
    assert notice is not None and notice.code == "MDL-01" and notice.can_retry
    program.window.banner._copy.click()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None and "MDL-01" in clipboard.text()


def test_exception_in_a_slot_is_reported_and_ends_nothing(running: Program, qtbot: QtBot) -> None:
    def fail() -> None:
        raise ZeroDivisionError("scripted slot fault")

    before = sys.excepthook
    running.crashes.install()
    try:
        timer = QTimer(running.window)
        timer.timeout.connect(fail)
        timer.start(1)
        qtbot.waitUntil(lambda: running.crashes.count >= 3, timeout=5000)
        timer.stop()
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    finally:
        running.crashes.uninstall()
    assert sys.excepthook is before
    banner = running.window.banner
    qtbot.waitUntil(banner.isVisible, timeout=5000)
    assert banner.notice is not None
    assert "scripted slot fault" in banner.notice.title
    assert "Traceback" in banner.notice.details
    running.wait_drawn(qtbot)


_PROGRAM = """
import subprocess
import sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
import app.program
from app.start import StartOptions

def fail():
    raise ZeroDivisionError("scripted slot fault")

class Application(QApplication):
    def __init__(self, arguments):
        super().__init__(arguments)
        QTimer.singleShot(100, fail)
        QTimer.singleShot(600, self.closeAllWindows)

app.program.QApplication = Application
sys.exit(app.program.main(StartOptions("no such file", multi=True)))
"""


@pytest.mark.slow
def test_program_outlives_an_exception_in_a_slot(qapp: QApplication) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


_ENDED = """
import os, signal, sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
import app.program
from app.start import StartOptions

class Application(QApplication):
    def __init__(self, arguments):
        super().__init__(arguments)
        QTimer.singleShot(0, lambda: os.kill(os.getpid(), signal.SIGTERM))

app.program.QApplication = Application
sys.exit(app.program.main(StartOptions("no such file", multi=True)))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
def test_program_ends_in_order_when_told_to(qapp: QApplication) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ENDED], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_same_exception_is_shown_once_in_ten_seconds(qapp: QApplication) -> None:
    now = [0]
    reporter = CrashReporter(clock_ns=lambda: now[0])
    shown: list[str] = []
    reporter.reported.connect(lambda line, details: shown.append(line))
    error = ValueError("again")
    for at_s in (0, 1, 9, 11):
        now[0] = at_s * 1_000_000_000
        reporter.report(ValueError, error, None)
    assert len(shown) == 2 and reporter.count == 4


def test_no_display_is_an_error_before_qt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.program, "display_problem", lambda: "scripted: none")
    with pytest.raises(DisplayError, match="GUI-01"):
        app.program.main()


def test_without_opengl_the_picture_is_drawn_in_software(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.program, "probe_opengl", lambda: NO_OPENGL)
    program = Program(tmp_path / "window.toml")
    program.build(qtbot)
    assert isinstance(program.window.picture, PictureView) and program.window.scene is None
    notice = program.window.banner.notice
    assert notice is not None and notice.code == "GUI-02"
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot)
    qtbot.waitUntil(lambda: "2 hands" in program.window.status.text(), timeout=5000)
    plain = picture_pixels(program.window)
    assert plain[240, 20:60, 0].mean() > 150
    for name in ("view_top", "mirror", "mesh", "skeleton", "screenshot"):
        program.trigger(name)
    program.wait_drawn(qtbot)
    assert picture_pixels(program.window)[240, -60:-20, 0].mean() > 150
