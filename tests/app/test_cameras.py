"""The real window and its cameras: plugged in, pulled out, busy, forbidden, asleep."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.camera_watch import CameraWatch
from app.panels.banner import Notice
from app.panels.drop_target import source_in
from app.panels.recent_menu import RecentMenu
from app.settings import Settings, load_settings, save_settings
from core.capture import CameraInfo
from core.errors import SourceError
from core.timing import now_ns
from tests.app.program import NOT_A_CAMERA, Program
from tests.factories import make_frame
from tests.fakes import SourceStep

DESK = CameraInfo(0, "Desk", "/dev/video0", "usb-Desk_1")
LID = CameraInfo(1, "Lid", "/dev/video1", "usb-Lid_2")


def live_frames(count: int = 10_000) -> Iterator[SourceStep]:
    """Frames of a camera that cannot be told from now."""
    return (make_frame(index, timestamp_ns=now_ns()) for index in range(count))


def unplugged_after(count: int) -> Iterator[SourceStep]:
    yield from live_frames(count)
    yield SourceError("CAM-04", "Desk gives no pictures any longer", "Check its cable.")


@pytest.fixture
def cameras(program: Program) -> Program:
    program.cameras = (DESK, LID)
    program.is_live = True
    program.steps = live_frames
    return program


def test_a_lost_camera_is_told_and_opened_again_by_itself(cameras: Program, qtbot: QtBot) -> None:
    """B1 4: greyed picture, notice, new epoch and ids, and nobody clicks."""
    scripts = [unplugged_after(20), live_frames()]
    cameras.steps = lambda: scripts.pop(0)
    banner, session = cameras.window.banner, cameras.session
    told: list[tuple[Notice | None, bool]] = []
    session.lost.connect(lambda _fault: told.append((banner.notice, session.waits_for_source)))
    cameras.controller.open_source(DESK.source)
    qtbot.waitUntil(lambda: len(cameras.opened) == 2, timeout=8000)
    cameras.wait_drawn(qtbot)
    qtbot.waitUntil(lambda: not banner.isVisible(), timeout=5000)
    ((notice, waits),) = told
    assert notice is not None and notice.code == "CAM-04" and "lost" in notice.title
    assert waits
    assert cameras.opened == [DESK.source] * 2
    assert not cameras.session.waits_for_source


def test_a_camera_that_is_plugged_in_again_is_opened_at_once(
    cameras: Program, qtbot: QtBot
) -> None:
    """B1 4, 14: by its id, whatever number it has now."""
    away = SourceError("CAM-01", "the camera usb-Desk_1 is not plugged in", "Plug it in.")
    scripts: list[Iterator[SourceStep]] = [unplugged_after(20)]
    scripts += [iter([away]) for _ in range(3)]
    cameras.steps = lambda: scripts.pop(0) if scripts else live_frames()
    cameras.controller.begin(DESK.source, "auto")
    qtbot.waitUntil(lambda: len(cameras.opened) >= 3, timeout=10_000)
    cameras.cameras = (LID,)
    cameras.session.find_cameras()
    qtbot.waitUntil(lambda: cameras.window.picker._box.count() == 3, timeout=5000)
    scripts.clear()
    cameras.cameras = (LID, CameraInfo(4, "Desk", "/dev/video4", DESK.stable_id))
    cameras.session.find_cameras()
    cameras.wait_drawn(qtbot)
    assert set(cameras.opened) == {DESK.source}
    assert not cameras.session.waits_for_source


@pytest.mark.parametrize("code", ["CAM-02", "CAM-03"])
def test_a_camera_that_cannot_be_had_is_told_once_and_not_tried_in_a_loop(
    cameras: Program, qtbot: QtBot, code: str
) -> None:
    """B1 2, 3."""
    cameras.steps = lambda: iter([SourceError(code, "Desk (/dev/video0): no", "Do this.")])
    cameras.controller.open_source(DESK.source)
    banner = cameras.window.banner
    qtbot.waitUntil(banner.isVisible, timeout=5000)
    notice = banner.notice
    assert notice is not None and (notice.code, notice.remedy) == (code, "Do this.")
    assert notice.can_retry and cameras.window.picker._box.isEnabled()
    qtbot.wait(700)
    assert cameras.opened == [DESK.source]


def test_without_any_camera_a_search_says_so(program: Program, qtbot: QtBot) -> None:
    """B1 1; that the demo clip plays then is tested with the window's start."""
    program.controller.begin(None, "auto")
    program.wait_drawn(qtbot)
    program.trigger("refresh")
    banner = program.window.banner
    qtbot.waitUntil(banner.isVisible, timeout=5000)
    assert banner.notice is not None and "No camera" in banner.notice.title


def test_the_camera_of_last_time_is_asked_for_where_it_is_gone(
    qtbot: QtBot, tmp_path: Path
) -> None:
    """B1 14."""
    path = tmp_path / "window.toml"
    save_settings(Settings(source="camera:usb-Gone_3", welcomed=True), path)
    program = Program(path, cameras=(DESK, LID))
    program.build(qtbot)
    program.controller.begin(None, "auto")
    qtbot.waitUntil(lambda: program.opened == [DESK.source], timeout=5000)
    notice = program.window.banner.notice
    assert notice is not None and "not plugged in" in notice.title


def test_a_new_camera_is_named(cameras: Program, qtbot: QtBot) -> None:
    cameras.cameras = (LID,)
    cameras.controller.begin(LID.source, "auto")
    qtbot.waitUntil(lambda: cameras.window.picker._box.count() == 2, timeout=5000)
    cameras.cameras = (LID, DESK)
    cameras.session.find_cameras()
    qtbot.waitUntil(lambda: cameras.window.banner.notice is not None, timeout=5000)
    notice = cameras.window.banner.notice
    assert notice is not None and "Desk" in notice.title
    assert cameras.opened == [LID.source]


def test_after_sleep_the_camera_is_opened_anew(
    cameras: Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B4 59."""
    cameras.controller.open_source(DESK.source)
    cameras.wait_drawn(qtbot)
    answers = itertools.chain([True], itertools.repeat(False))
    monkeypatch.setattr(cameras.session._suspended, "has_slept", lambda: next(answers))
    qtbot.waitUntil(lambda: len(cameras.opened) == 2, timeout=5000)
    cameras.wait_drawn(qtbot)
    assert cameras.sources[0].closed


def test_files_sleep_without_harm(
    program: Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B4 59."""
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot)
    monkeypatch.setattr(program.session._suspended, "has_slept", lambda: True)
    program.wait_drawn(qtbot)
    assert program.opened == [NOT_A_CAMERA]


# Hot-plug


def test_a_change_in_a_watched_folder_is_told_once(qtbot: QtBot, tmp_path: Path) -> None:
    inner = tmp_path / "by-id"
    watch = CameraWatch(
        lambda: tuple(folder for folder in (tmp_path, inner) if folder.is_dir()), may_poll=True
    )
    with qtbot.waitSignal(watch.changed, timeout=5000):
        (tmp_path / "video0").touch()
        (tmp_path / "video1").touch()
        inner.mkdir()
    assert str(inner) in watch._watcher.directories()  # type: ignore[union-attr]
    with qtbot.waitSignal(watch.changed, timeout=5000):
        (inner / "usb-Desk").touch()
    watch.stop()
    with qtbot.assertNotEmitted(watch.changed, wait=700):
        (tmp_path / "video2").touch()


@pytest.mark.parametrize("may_poll", [True, False])
def test_without_folders_to_watch_it_looks_regularly_if_that_disturbs_nothing(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, may_poll: bool
) -> None:
    monkeypatch.setattr("app.camera_watch._LIST_EVERY_MS", 20)
    watch = CameraWatch(tuple, may_poll=may_poll)
    with qtbot.waitSignal(watch.changed, timeout=400, raising=False) as seen:
        pass
    assert seen.signal_triggered is may_poll
    watch.stop()


# Drops and recent files


def data_of(*urls: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    return data


@pytest.mark.parametrize(
    ("urls", "source"),
    [
        (("file:///films/a%20b.mp4", "file:///films/c.mp4"), "/films/a b.mp4"),
        (("https://example.org/cam",), "https://example.org/cam"),
        (("mailto:somebody@example.org",), ""),
        ((), ""),
    ],
)
def test_what_is_dragged_is_a_path_or_an_address(urls: tuple[str, ...], source: str) -> None:
    assert source_in(data_of(*urls)) == source


def test_a_dropped_file_is_opened_and_becomes_recent(program: Program, tmp_path: Path) -> None:
    clip = tmp_path / "dropped \u00e4.mp4"
    clip.touch()
    window, data = program.window, data_of(QUrl.fromLocalFile(str(clip)).toString())
    at, none = QPointF(90, 90), Qt.KeyboardModifier.NoModifier
    button, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    entering = QDragEnterEvent(at.toPoint(), copy, data, button, none)
    QApplication.sendEvent(window, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(window, QDropEvent(at, copy, data, button, none))
    assert program.window.picker.current == str(clip)
    program.window.close()
    kept = load_settings(program.settings_path).settings
    assert kept.recent == (str(clip),) and kept.last_folder == str(tmp_path)


def texts_of(menu: RecentMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


def test_recent_sources_are_listed_and_opened(program: Program, qtbot: QtBot) -> None:
    for source in ("/films/a.mp4", "/other/a.mp4", "https://example.org/cam", "/films/a.mp4"):
        program.controller.open_source(source)
    program.controller.open_source("https://me:secret@example.org/cam")
    program.controller.open_source("demo")
    program.controller.open_source("camera:usb-Desk_1")
    recent = program.controller.store.settings.recent
    assert recent == ("/films/a.mp4", "https://example.org/cam", "/other/a.mp4")
    menu = program.controller.sources._recent
    assert texts_of(menu)[:3] == [
        "&1  films/a.mp4",
        "&2  https://example.org/cam",
        "&3  other/a.mp4",
    ]
    menu.actions()[2].trigger()
    qtbot.waitUntil(lambda: program.opened[-1] == "/other/a.mp4", timeout=5000)
    menu.actions()[-1].trigger()
    assert program.controller.store.settings.recent == ()


def test_at_most_ten_sources_are_recent(program: Program) -> None:
    for number in range(12):
        program.controller.sources._remember(f"/films/{number}.mp4")
    recent = program.controller.store.settings.recent
    assert len(recent) == 10 and recent[0] == "/films/11.mp4"
