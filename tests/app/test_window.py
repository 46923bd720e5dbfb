"""The real window, driven through its actions, with a scripted source and engine behind it."""

import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication, QDialog, QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

import app.main_window
from app.actions import ACTIONS
from app.controller import Controller
from app.crash import CrashReporter
from app.main_window import MainWindow, open_window
from app.opengl import OpenGLInfo
from app.session import Session
from app.settings import Settings, load_settings, save_settings
from app.state import ViewOptions
from app.theme import DARK, LIGHT
from app.views.orbit_camera import SIDE
from app.views.picture_view import PictureView
from core.capture import CameraInfo, FrameSource
from core.config import CaptureConfig
from core.engines.base import Engine
from core.errors import DisplayError, ModelFileError, SourceError
from core.types import Frame, HandState
from tests.app.conftest import pixels_of
from tests.factories import HEIGHT, WIDTH, hand_model, make_frame, make_hand
from tests.fakes import FaultyEngine, ScriptedEngine, ScriptedSource, SourceStep, Stall

HANDS = (
    make_hand("right", at=(-0.1, 0.0, 0.5)),
    make_hand("left", at=(0.12, 0.02, 0.6)),
)
NO_OPENGL = OpenGLInfo(False, "", "", "scripted: no driver")
NOT_A_CAMERA = "scripted.mp4"


def left_red_frames() -> Iterator[Frame]:
    """Frames whose left fifth is red, so that mirroring shows."""
    for index in itertools.count():
        frame = make_frame(index)
        image = frame.image.copy()
        image[:, : WIDTH // 5] = (200, 30, 30)
        yield Frame(index, 0, frame.timestamp_ns, image, frame.K, "scripted")


@dataclass
class Program:
    """A window with what stands behind it.

    Attributes:
        steps: what the next source plays.
        engines: the engines to give out, the last one again and again.
    """

    settings_path: Path
    cameras: tuple[CameraInfo, ...] = ()
    steps: Callable[[], Iterator[SourceStep]] = left_red_frames
    is_live: bool = False
    make_engine: Callable[[], Engine] = lambda: ScriptedEngine([HANDS])
    opened: list[str] = field(default_factory=list)
    sources: list[ScriptedSource] = field(default_factory=list)
    crashes: CrashReporter = field(default_factory=CrashReporter)
    window: MainWindow = field(init=False)
    controller: Controller = field(init=False)
    session: Session = field(init=False)

    def source(self, text: str, config: CaptureConfig) -> FrameSource:
        self.opened.append(text)
        source = ScriptedSource(self.steps(), is_live=self.is_live, period_s=0.01)
        self.sources.append(source)
        return source

    def engine(self, choice: str, height: int, width: int) -> Engine:
        assert (height, width) == (HEIGHT, WIDTH)
        return self.make_engine()

    def build(self, qtbot: QtBot) -> None:
        model = hand_model()
        self.session = Session(model, self.source, self.engine, lambda: self.cameras)
        self.window, self.controller = open_window(
            model, self.session, self.crashes, self.settings_path
        )
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()

    def trigger(self, name: str) -> None:
        self.window.actions_by_id[name].trigger()

    def wait_drawn(self, qtbot: QtBot, more: int = 3) -> None:
        start = self.window.picture.drawn_count
        qtbot.waitUntil(lambda: self.window.picture.drawn_count >= start + more, timeout=10_000)


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path) -> Program:
    made = Program(tmp_path / "window.toml")
    made.build(qtbot)
    return made


@pytest.fixture
def running(qtbot: QtBot, program: Program) -> Program:
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot)
    return program


def picture_pixels(window: MainWindow) -> np.ndarray:
    picture = window.picture
    image = picture.grab().toImage() if isinstance(picture, PictureView) else picture.picture()
    return pixels_of(image)


# Running


@pytest.mark.gl
def test_window_shows_the_hands_of_the_source(running: Program, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "2 hands" in running.window.status.text(), timeout=5000)
    qtbot.waitUntil(lambda: "640 \u00d7 480" in running.window.status.text(), timeout=5000)
    assert "test double, fp32" in running.window.status.text()
    pixels = picture_pixels(running.window).reshape(-1, 3).astype(int)
    grey = np.abs(pixels - pixels.mean(axis=1, keepdims=True)).max(axis=1) < 8
    red = np.abs(pixels - (200, 30, 30)).max(axis=1) < 8
    assert (~grey & ~red).sum() > 2000


@pytest.mark.gl
def test_stop_ends_the_threads_and_start_begins_anew(running: Program, qtbot: QtBot) -> None:
    running.trigger("run")
    assert running.window.actions_by_id["run"].text() == "Start"
    qtbot.waitUntil(
        lambda: not any(t.name.startswith(("capture", "inference")) for t in threading.enumerate()),
        timeout=5000,
    )
    assert running.sources[0].closed
    qtbot.wait(50)  # what was to be drawn is drawn
    count = running.window.picture.drawn_count
    qtbot.wait(80)
    assert running.window.picture.drawn_count == count
    running.trigger("run")
    running.wait_drawn(qtbot)
    assert running.window.actions_by_id["run"].text() == "Stop"
    assert running.opened == [NOT_A_CAMERA, NOT_A_CAMERA]


@pytest.mark.gl
def test_another_source_takes_the_place_of_the_first(running: Program, qtbot: QtBot) -> None:
    running.controller.open_source("other.mp4")
    running.wait_drawn(qtbot)
    assert running.sources[0].closed and not running.sources[1].closed
    assert running.window.picker.current == "other.mp4"


@pytest.mark.gl
def test_mirror_turns_the_view_and_no_data(running: Program, qtbot: QtBot) -> None:
    seen: list[tuple[HandState, ...]] = []
    show = running.controller._show_hands
    running.session.set_viewer(lambda tracked: (seen.append(tracked.hands), show(tracked)))
    assert picture_pixels(running.window)[240, 20:60, 0].mean() > 150
    qtbot.waitUntil(lambda: bool(seen), timeout=5000)
    running.trigger("mirror")
    running.wait_drawn(qtbot)
    assert picture_pixels(running.window)[240, -60:-20, 0].mean() > 150
    first, last = seen[0][0], seen[-1][0]
    assert first.side == last.side
    np.testing.assert_allclose(first.joints_3d, last.joints_3d, atol=0.01)


def test_cameras_and_files_remember_their_own_mirror(program: Program, qtbot: QtBot) -> None:
    program.is_live = True
    program.controller.open_source("0")
    mirror = program.window.actions_by_id["mirror"]
    qtbot.waitUntil(mirror.isChecked, timeout=5000)
    program.is_live = False
    program.controller.open_source(NOT_A_CAMERA)
    qtbot.waitUntil(lambda: not mirror.isChecked(), timeout=5000)


def test_opening_a_slow_source_keeps_the_window_alive(program: Program, qtbot: QtBot) -> None:
    release = threading.Event()
    program.steps = lambda: iter([Stall(release), *map(make_frame, range(3))])
    program.controller.open_source(NOT_A_CAMERA)
    ticks: list[int] = []
    timer = QTimer(program.window)
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start(5)
    qtbot.waitUntil(lambda: len(ticks) > 5, timeout=5000)
    assert program.window.picture.drawn_count == 0
    release.set()
    program.wait_drawn(qtbot, more=1)


def test_closing_ends_in_time_though_the_source_hangs(program: Program, qtbot: QtBot) -> None:
    release = threading.Event()
    program.steps = lambda: iter([make_frame(), Stall(release)])
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot, more=1)
    closed = threading.Event()
    QTimer.singleShot(0, lambda: (program.window.close(), closed.set()))
    qtbot.waitUntil(closed.is_set, timeout=3000)
    release.set()
    qtbot.waitUntil(lambda: program.sources[0].closed, timeout=3000)


# Choosing sources


def test_without_a_camera_the_demo_clip_plays(program: Program, qtbot: QtBot) -> None:
    program.controller.begin(None, "auto")
    program.wait_drawn(qtbot)
    assert program.opened == ["demo"]
    assert program.window.picker.current == "demo"


def test_the_first_camera_is_taken_and_named(program: Program, qtbot: QtBot) -> None:
    program.cameras = (CameraInfo(2, "HD Webcam", "/dev/video2"), CameraInfo(3, "Other", ""))
    program.controller.begin(None, "auto")
    qtbot.waitUntil(lambda: program.opened == ["2"], timeout=5000)
    box = program.window.picker._box
    assert [box.itemText(i) for i in range(box.count())] == ["HD Webcam", "Other", "Demo clip"]


@pytest.mark.parametrize(("last", "opened"), [("3", "3"), ("9", "2"), ("/gone.mp4", "2")])
def test_the_last_source_is_opened_again_where_it_is_still_there(
    qtbot: QtBot, tmp_path: Path, last: str, opened: str
) -> None:
    path = tmp_path / "window.toml"
    save_settings(Settings(source=last), path)
    program = Program(path, cameras=(CameraInfo(2, "A", ""), CameraInfo(3, "B", "")))
    program.build(qtbot)
    program.controller.begin(None, "auto")
    qtbot.waitUntil(lambda: program.opened == [opened], timeout=5000)


def test_picking_a_line_opens_that_source(running: Program, qtbot: QtBot) -> None:
    box = running.window.picker._box
    box.activated.emit(box.findData("demo"))
    qtbot.waitUntil(lambda: running.opened[-1] == "demo", timeout=5000)


def test_files_folders_and_addresses_are_asked_for_and_opened(
    program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    chosen = tmp_path / "some clip \u00e4.mp4"
    chosen.touch()
    for name, kind in (("open_file", QFileDialog), ("open_folder", QFileDialog)):
        program.trigger(name)
        dialog = program.window.findChild(kind)
        assert dialog is not None
        dialog.fileSelected.emit(str(chosen))
        dialog.close()
        QApplication.sendPostedEvents(dialog, 52)  # delete it now
    assert program.window.picker.current == str(chosen)
    program.trigger("open_url")
    asked = program.window.findChild(QInputDialog)
    assert asked is not None
    asked.setTextValue(" https://example.org/stream ")
    asked.accept()
    qtbot.waitUntil(lambda: program.opened[-1] == "https://example.org/stream", timeout=5000)


# Faults


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
    monkeypatch.setattr(app.main_window, "display_problem", lambda: "scripted: none")
    with pytest.raises(DisplayError, match="GUI-01"):
        app.main_window.main()


def test_without_opengl_the_picture_is_drawn_in_software(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.main_window, "probe_opengl", lambda: NO_OPENGL)
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


# Looks


@pytest.mark.gl
def test_views_follow_what_is_switched(running: Program, qtbot: QtBot) -> None:
    with_mesh = picture_pixels(running.window)
    for name in ("mesh", "labels"):
        running.trigger(name)
    running.wait_drawn(qtbot)
    bare = picture_pixels(running.window)
    assert (np.abs(with_mesh.astype(int) - bare).max(axis=2) > 20).sum() > 2000
    assert len(np.unique(bare[100:-100, 200:-200].reshape(-1, 3), axis=0)) == 1
    running.trigger("skeleton")
    running.wait_drawn(qtbot)
    assert len(np.unique(picture_pixels(running.window).reshape(-1, 3), axis=0)) > 20


@pytest.mark.gl
def test_presets_move_the_3d_view(running: Program) -> None:
    running.trigger("view_side")
    assert running.window.scene is not None and running.window.scene.camera == SIDE


@pytest.mark.parametrize(("name", "theme"), [("dark", DARK), ("light", LIGHT)])
def test_theme_colours_the_whole_window(program: Program, name: str, theme: object) -> None:
    program.trigger(f"theme_{name}")
    assert program.window.actions_by_id[f"theme_{name}"].isChecked()
    colour = program.window.palette().window().color().name()
    assert colour == (DARK if theme is DARK else LIGHT).window
    icon = program.window.actions_by_id["mesh"].icon().pixmap(24).toImage()
    inked = [
        icon.pixelColor(x, y).lightness()
        for x in range(icon.width())
        for y in range(icon.height())
        if icon.pixelColor(x, y).alpha() > 200
    ]
    assert (np.mean(inked) > 128) == (theme is DARK)


def test_every_action_does_something_without_an_exception(running: Program, qtbot: QtBot) -> None:
    window = running.window
    for spec in ACTIONS:
        action = window.actions_by_id[spec.id]
        signal = action.toggled if spec.checkable and not spec.group else action.triggered
        assert action.receivers(signal) > 0, f"{spec.id} does nothing"
        if spec.id == "quit":
            continue
        action.trigger()
        qtbot.wait(10)
        for dialog in window.findChildren(QDialog):
            dialog.close()
    window.actions_by_id["full_screen"].setChecked(False)
    running.trigger("quit")
    assert not window.isVisible()


def test_action_table_has_no_double_names_or_keys() -> None:
    assert len({spec.id for spec in ACTIONS}) == len(ACTIONS)
    keys = [spec.shortcut for spec in ACTIONS if spec.shortcut]
    assert len(set(keys)) == len(keys)
    assert all(spec.tip for spec in ACTIONS)


@pytest.mark.gl
def test_resizing_hiding_and_docking_do_no_harm(running: Program, qtbot: QtBot) -> None:
    window = running.window
    for width, height in ((1, 1), (1600, 1000), (300, 900), (900, 500)):
        window.resize(width, height)
        qtbot.wait(5)
    for dock in window._docks:
        dock.setFloating(True)
        qtbot.wait(20)
        dock.setFloating(False)
    window.showMinimized()
    qtbot.wait(30)
    window.showNormal()
    running.wait_drawn(qtbot)
    assert window.banner.notice is None


def test_layout_is_kept_and_can_be_reset(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    first = Program(path)
    first.build(qtbot)
    first.window._docks[1].hide()
    first.window.close()
    second = Program(path)
    second.build(qtbot)
    assert not second.window._docks[1].isVisible()
    second.trigger("reset_layout")
    assert second.window._docks[1].isVisible()


def test_choices_are_kept_when_the_window_closes(program: Program) -> None:
    program.trigger("skeleton")
    program.trigger("theme_light")
    program.window.opacity.opacity_changed.emit(0.4)
    program.window.close()
    kept = load_settings(program.settings_path).settings
    assert (kept.show_skeleton, kept.theme, kept.opacity) == (True, "light", 0.4)


def test_broken_settings_are_told_and_the_window_opens(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    path.write_text('theme = "purple"\nopacity = 0.5\ngeometry = "!"\nlayout = "AAAA"\n')
    program = Program(path)
    program.build(qtbot)
    notice = program.window.banner.notice
    assert notice is not None and "purple" in notice.title
    assert program.controller._state.options.opacity == 0.5


def test_saved_picture_is_a_png_of_the_view(running: Program, tmp_path: Path) -> None:
    running.trigger("screenshot")
    saved = list(tmp_path.rglob("manyhands-*.png"))
    assert len(saved) == 1
    assert saved[0].read_bytes().startswith(b"\x89PNG")
    notice = running.window.banner.notice
    assert notice is not None and notice.state == "info" and str(saved[0]) in notice.title


def test_view_options_start_as_the_settings_say(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    save_settings(Settings(show_mesh=False, show_labels=False, mirror_files=True), path)
    program = Program(path)
    program.build(qtbot)
    want = ViewOptions(mirror=True, show_mesh=False, show_labels=False)
    assert program.controller._state.options == want
    assert not program.window.actions_by_id["mesh"].isChecked()
