"""The first page: what the machine has, what it lacks, and three ways to begin."""

import subprocess
import sys
from pathlib import Path

from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.doctor import Check, examine
from app.error_texts import error_texts
from app.panels.welcome import WelcomePage
from app.settings import Settings, load_settings, save_settings
from tests.app.program import NOT_A_CAMERA, Program


def page_of(program: Program) -> WelcomePage:
    page = program.window.findChild(WelcomePage)
    assert page is not None and page.isVisible()
    return page


def wait_for(page: WelcomePage, text: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: text in page.text(), timeout=5000)


def test_it_opens_at_the_first_start_and_never_again(program: Program, qtbot: QtBot) -> None:
    program.controller.begin("clip.mp4", "auto")
    wait_for(page_of(program), "Everything is there.", qtbot)
    program.window.close()
    assert load_settings(program.settings_path).settings.welcomed
    again = Program(program.settings_path)
    again.build(qtbot)
    again.controller.begin("clip.mp4", "auto")
    assert again.window.findChild(WelcomePage) is None


_FIRST_START = """
import sys
from PyQt6.QtCore import QEvent, QTimer
from PyQt6.QtWidgets import QApplication
import app.program
from app.main_window import MainWindow
from app.panels.welcome import WelcomePage
from app.start import StartOptions

class Application(QApplication):
    def __init__(self, arguments):
        super().__init__(arguments)
        QTimer.singleShot(300, self.closeAllWindows)

    def notify(self, receiver, event):
        is_window = isinstance(receiver, MainWindow | WelcomePage)
        if is_window and event.type() == QEvent.Type.Show:
            print(type(receiver).__name__)
        return super().notify(receiver, event)

app.program.QApplication = Application
sys.exit(app.program.main(StartOptions("no such file")))
"""


def test_the_window_opens_first_and_the_page_over_it(qapp: QApplication) -> None:
    """A window manager puts a window that is opened later above, so above the page, too."""
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_START], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout.split()) == (0, ["MainWindow", "WelcomePage"])


def test_the_page_names_the_engine_that_runs(program: Program, qtbot: QtBot) -> None:
    program.trigger("welcome")
    page = page_of(program)
    wait_for(page, "Engine: scripted engine", qtbot)
    qtbot.waitUntil(lambda: not program.controller.welcome.is_looking, timeout=5000)
    program.controller.open_source(NOT_A_CAMERA)
    wait_for(page, "Engine: test double, fp32", qtbot)
    page.again_asked.emit()
    wait_for(page, "Everything is there.", qtbot)
    assert "Engine: test double, fp32" in page.text()


def test_what_is_missing_comes_with_its_remedy(program: Program, qtbot: QtBot) -> None:
    program.checks = (
        Check("cameras", False, False, "none found", "doctor's words"),
        Check("display", False, False, "no display", "doctor's words"),
        Check("engine", True, True, "onnx"),
        Check("weights", False, True, "lite.onnx does not exist", "doctor's words"),
        Check("hand model", True, True, "open hand"),
    )
    program.trigger("welcome")
    page = page_of(program)
    wait_for(page, "missing.", qtbot)
    lines = page.text()
    assert "warn Webcam: none found\nPlug one in and look again." in lines
    assert "error Network: lite.onnx does not exist\nRestore" in lines
    assert "warn 3D graphics: no display\nInstall a graphics driver." in lines
    assert "ok Engine: onnx" in lines


def test_what_is_missing_is_said_in_the_windows_language(
    program: Program, qtbot: QtBot, german: None
) -> None:
    program.checks = (
        Check("cameras", False, False, "none found", "doctor's words", "CAM-01"),
        Check("weights", False, True, "lite.onnx does not exist", "doctor's words", "MDL-01"),
        Check("hand model", True, True, "open hand"),
    )
    program.trigger("welcome")
    page = page_of(program)
    said = error_texts()
    qtbot.waitUntil(lambda: said["MDL-01"][0] in page.text(), timeout=5000)
    assert said["CAM-01"][0] in page.text() and "none found" not in page.text()
    assert said["CAM-01"][0] != "No camera was found."


def test_look_again_sees_what_was_plugged_in(program: Program, qtbot: QtBot) -> None:
    good = program.checks
    program.checks = (Check("cameras", False, False, "none found"), *good[1:])
    program.trigger("welcome")
    page = page_of(program)
    wait_for(page, "can be better", qtbot)
    qtbot.waitUntil(lambda: not program.controller.welcome.is_looking, timeout=5000)
    program.checks = good
    page.again_asked.emit()
    wait_for(page, "Everything is there.", qtbot)


def test_the_demo_clip_plays_from_the_page(program: Program, qtbot: QtBot) -> None:
    program.trigger("welcome")
    page_of(program).begin_asked.emit("open_demo")
    program.wait_drawn(qtbot)
    assert program.opened == ["demo"]


def test_asking_twice_opens_one_page_and_closing_it_forgets_it(
    program: Program, qtbot: QtBot
) -> None:
    program.trigger("welcome")
    first = page_of(program)
    program.trigger("welcome")
    assert program.window.findChildren(WelcomePage) == [first]
    with qtbot.waitSignal(first.destroyed, timeout=3000):
        first.close()
    program.trigger("welcome")
    assert page_of(program) is not first


def test_someone_who_has_seen_it_is_left_alone(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    save_settings(Settings(welcomed=True), path)
    program = Program(path)
    program.build(qtbot)
    program.controller.begin("clip.mp4", "auto")
    assert program.window.findChild(WelcomePage) is None


def test_the_doctor_answers_what_the_page_asks() -> None:
    report = examine(("hand model",))
    assert [check.name for check in report.checks] == ["hand model"]
    assert report.checks[0].ok
