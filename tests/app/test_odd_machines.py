"""Other screens, countries, paths and rights than the developer's: the window opens and works."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtCore import QByteArray, QLocale
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.settings import Settings, load_settings, save_settings, to_text
from tests.app.program import NOT_A_CAMERA, Program

ROOT = Path(__file__).parents[2]


def run_script(script: str, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_window_left_on_a_monitor_that_has_gone_comes_back(qtbot: QtBot, tmp_path: Path) -> None:
    """Row 56: geometry as Qt saves it, from a place far outside every screen."""
    path = tmp_path / "window.toml"
    program = Program(path)
    program.build(qtbot)
    program.window.move(20_000, 15_000)
    geometry = program.window.saveGeometry()
    program.window.close()
    save_settings(Settings(geometry=to_text(QByteArray(geometry).data()), welcomed=True), path)
    again = Program(path)
    again.build(qtbot)
    frame = again.window.frameGeometry()
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    assert any(screen.intersects(frame) for screen in screens)


_SCALED = """
import sys
import numpy as np
from pathlib import Path
from app.opengl import probe_opengl
from app.program import make_application
from app.state import ViewOptions
from app.views.camera_view import CameraView
from app.visuals.hand_batch import HandColours, make_batch
from app.visuals.mesh_topology import MeshTopology
from core.types import TrackedHands
from tests.app.pixels import pixels_of
from tests.factories import HEIGHT, WIDTH, hand_model, make_frame, make_hand

app = make_application([])
info = probe_opengl()
if not info.available:
    print("no OpenGL")
    sys.exit()
model = hand_model()
topology = MeshTopology(model.v_template, model.faces)
view = CameraView(topology, ViewOptions(show_labels=False, opacity=1.0), info.is_software)
view.resize(WIDTH, HEIGHT)
frame = make_frame()
tracked = TrackedHands(frame, (make_hand("right", at=(0.05, 0.02, 0.5)),))
view.show_hands(tracked, make_batch(tracked, topology, HandColours()))
view.show()
app.processEvents()
pixels = pixels_of(view.picture()).astype(int)
hand = np.abs(pixels - pixels.mean(axis=2, keepdims=True)).max(axis=2) > 12
rows, columns = np.nonzero(hand)
x, y = columns.mean() / pixels.shape[1] * WIDTH, rows.mean() / pixels.shape[0] * HEIGHT
print(pixels.shape[1], pixels.shape[0], round(float(x), 1), round(float(y), 1))
"""


@pytest.mark.slow
@pytest.mark.gl
def test_the_overlay_lies_right_at_every_scale_of_the_screen(qapp: QApplication) -> None:
    """Row 56: as many device pixels as the scale says, and the hand in the same place."""
    places = []
    for scale in ("1.0", "1.25", "1.5", "2.0"):
        said = run_script(_SCALED, QT_SCALE_FACTOR=scale).split()
        width, height, x, y = (float(word) for word in said)
        assert (width, height) == (round(640 * float(scale)), round(480 * float(scale)))
        places.append((x, y))
    for x, y in places[1:]:
        assert abs(x - places[0][0]) < 1.5 and abs(y - places[0][1]) < 1.5


@pytest.mark.parametrize("name", ["de_DE", "fa_IR", "tr_TR"])
def test_a_country_changes_what_is_read_and_not_what_is_written(
    qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    """Row 62: decimal commas, other digits, a language from right to left, a dotless i."""
    before = QLocale()
    QLocale.setDefault(QLocale(name))
    try:
        program = Program(tmp_path / "window.toml")
        program.build(qtbot)
        program.window.opacity.opacity_changed.emit(0.45)
        for action in ("skeleton", "font_larger", "theme_light"):
            program.trigger(action)
        program.controller.open_source(NOT_A_CAMERA)
        program.wait_drawn(qtbot)
        program.window.show_theme(program.window.theme)
        program.window.close()
        text = program.settings_path.read_text("utf-8")
        assert "opacity = 0.45" in text and "font_scale = 1.1" in text
        loaded = load_settings(program.settings_path)
        assert loaded.notices == ()
        assert (loaded.settings.opacity, loaded.settings.show_skeleton) == (0.45, True)
    finally:
        QLocale.setDefault(before)


_START = """
import sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
import app.program
from app.start import StartOptions

opened = []
def look():
    for window in app.program.QApplication.topLevelWidgets():
        if window.objectName() == "" and hasattr(window, "banner"):
            notice = window.banner.notice
            opened.append(notice.title if notice else "no notice")
    QApplication.closeAllWindows()

class Application(QApplication):
    def __init__(self, arguments):
        super().__init__(arguments)
        QTimer.singleShot(0, look)

app.program.QApplication = Application
status = app.program.main(StartOptions(sys.argv[1] if len(sys.argv) > 1 else "no such file"))
print(opened, app.program.user_folders().config)
sys.exit(status)
"""


@pytest.mark.slow
@pytest.mark.parametrize("home", ["/proc/nonexistent", ""])
def test_without_a_home_the_window_opens_and_says_where_it_writes(
    qapp: QApplication, tmp_path: Path, home: str
) -> None:
    """Row 64: no home, no folder for settings, cache or log."""
    gone = dict.fromkeys(
        ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"),
        "/proc/nonexistent/x",
    )
    said = run_script(_START, HOME=home, TMPDIR=str(tmp_path), **gone)
    assert "is not writable" in said
    assert str(tmp_path) in said


@pytest.mark.slow
def test_a_read_only_program_folder_is_no_obstacle(qapp: QApplication, tmp_path: Path) -> None:
    """Row 64: nothing is written beside the program."""
    before = {path: path.stat().st_mtime_ns for path in files_of_the_program()}
    said = run_script(_START, HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path / "config"))
    assert str(tmp_path / "config") in said
    assert {path: path.stat().st_mtime_ns for path in files_of_the_program()} == before


def files_of_the_program() -> list[Path]:
    rooms = (ROOT / "app", ROOT / "core", ROOT / "resources")
    return [p for room in rooms for p in room.rglob("*") if p.is_file() and p.suffix != ".pyc"]


ODD_NAMES = (
    "with space", "h\u00e4nde", "\u624b\u90e8", "\U0001f91a\U0001f3fd", "o'brien \"x\"",
    "#100% [a]{b}", "-dash", "x" * 120,
)  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
def test_settings_and_sources_bear_odd_paths(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    """Row 63: spaces, other scripts, emoji, quotes, signs, long names."""
    folder = tmp_path / name / name
    folder.mkdir(parents=True)
    clip = folder / f"{name}.mp4"
    clip.touch()
    program = Program(folder / "window.toml")
    program.build(qtbot)
    program.controller.open_source(str(clip))
    qtbot.waitUntil(lambda: program.opened == [str(clip)], timeout=5000)
    assert program.window.picker.current == str(clip)
    program.window.close()
    assert load_settings(folder / "window.toml").settings.source == str(clip)


_EVERY_SLOT = """
import sys
from pathlib import Path
from PyQt6.QtCore import QTimer
import app.actions, app.controller
from app.crash import CrashReporter

broken, real = [], None
def raising(name):
    def act(*_):
        raise type(name, (ArithmeticError,), {})("scripted fault")
    return act

def connect(actions, acts):
    broken.extend(acts)
    real(actions, {name: raising(name) for name in acts})

real = app.actions.connect_actions
for name, module in list(sys.modules.items()):
    if name.startswith("app.") and getattr(module, "connect_actions", None) is real:
        module.connect_actions = connect

from app.program import make_application, open_window
from app.session import Session
from app.start import StartOptions
from tests.factories import hand_model

qt = make_application([])
crashes = CrashReporter()
crashes.install()
lines = []
crashes.reported.connect(lambda line, details: lines.append(line))
model = hand_model()
window, controller = open_window(model, Session(model, find=lambda: ()), crashes,
                                 Path(sys.argv[1]) / "window.toml")
window.show()
for action in window.actions_by_id.values():
    action.setEnabled(True)
    action.trigger()
    qt.processEvents()
window.close()
print(len(window.actions_by_id), len(set(broken)), crashes.count, window.banner.notice.title)
"""


@pytest.mark.slow
def test_an_exception_in_any_action_is_reported_and_ends_nothing(
    qapp: QApplication, tmp_path: Path
) -> None:
    """Row 65: every row of the table raises; PyQt alone would abort with code 134."""
    rows, broken, count, title = run_script(_EVERY_SLOT, str(tmp_path)).split(maxsplit=3)
    assert rows == broken and int(count) >= int(rows)
    assert "scripted fault" in title
