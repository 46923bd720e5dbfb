"""The real window: running, stopping and choosing sources."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from app.panels.hands import HandsPanel
from app.settings import Settings, save_settings
from core.capture import CameraInfo
from core.types import HandState
from tests.app.pixels import pixels_of
from tests.app.program import NOT_A_CAMERA, Program, picture_pixels
from tests.factories import make_frame
from tests.fakes import Stall


@pytest.mark.gl
def test_window_shows_the_hands_of_the_source(running: Program, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "2 hands" in running.window.status.text(), timeout=5000)
    qtbot.waitUntil(lambda: "640 \u00d7 480" in running.window.status.text(), timeout=5000)
    qtbot.waitUntil(lambda: "test double, fp32" in running.window.status.text(), timeout=5000)
    running.wait_drawn(qtbot)
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
def test_stop_takes_the_hands_away_everywhere(running: Program, qtbot: QtBot) -> None:
    window = running.window
    cards = window.findChild(HandsPanel)
    assert cards is not None and window.scene is not None
    window.docks["hands_dock"].raise_()
    qtbot.waitUntil(lambda: any(not card.isHidden() for card in cards._cards), timeout=5000)
    with_hands = pixels_of(window.scene.picture()).astype(int)
    running.trigger("run")
    assert "0 hands" in window.status.text()
    assert all(card.isHidden() for card in cards._cards)
    without = pixels_of(window.scene.picture()).astype(int)
    assert (np.abs(with_hands - without).max(-1) > 40).sum() > 500


@pytest.mark.gl
def test_the_bar_counts_no_hands_while_another_source_opens(running: Program, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "2 hands" in running.window.status.text(), timeout=5000)
    running.controller.open_source("other.mp4")
    assert "0 hands" in running.window.status.text()


@pytest.mark.gl
def test_another_source_takes_the_place_of_the_first(running: Program, qtbot: QtBot) -> None:
    running.controller.open_source("other.mp4")
    running.wait_drawn(qtbot)
    assert running.sources[0].closed and not running.sources[1].closed
    assert running.window.picker.current == "other.mp4"


@pytest.mark.gl
def test_mirror_turns_the_view_and_no_data(running: Program, qtbot: QtBot) -> None:
    seen: list[tuple[HandState, ...]] = []
    running.session.add_viewer(lambda tracked: seen.append(tracked.hands))
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
