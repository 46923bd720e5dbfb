"""Recording in the window: the panel, its controller, closing, what was left behind."""

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.panels.record_panel import (
    LIMITS_S,
    PREROLLS_S,
    RecordingNumbers,
    RecordPanel,
    clock_text,
    size_text,
)
from app.settings import Settings, recordings_folder
from core.session.layout import SENTINEL_NAME
from core.session.reader import open_session
from tests.app.program import HANDS, NOT_A_CAMERA, Program
from tests.fakes import FaultyEngine


def panel_of(program: Program) -> RecordPanel:
    panel = program.window.docks["record_dock"].widget()
    assert isinstance(panel, RecordPanel)
    return panel


def sessions_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.hands"))


def within(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    qtbot.waitUntil(holds, timeout=10_000)


@pytest.fixture
def folder(tmp_path: Path, running: Program) -> Path:
    """Where recordings of the running program go."""
    path = tmp_path / "recordings"
    store = running.controller.store
    store.keep(replace(store.settings, record_folder=str(path)))
    return path


def record(qtbot: QtBot, program: Program) -> None:
    """Start, and wait for half a second of frames."""
    program.trigger("record")
    within(qtbot, lambda: panel_of(program).text("time") >= "0:00:00.3")


def stop(qtbot: QtBot, program: Program) -> None:
    program.trigger("record")
    within(qtbot, lambda: not program.controller.recording.is_recording)


def test_r_starts_and_stops_a_session_that_opens(
    qtbot: QtBot, running: Program, folder: Path
) -> None:
    assert running.window.actions_by_id["record"].shortcut().toString() == "R"
    record(qtbot, running)
    running.trigger("marker")
    stop(qtbot, running)
    (path,) = sessions_in(folder)
    with open_session(path) as session:
        assert session.frame_count >= 3
        assert {hand.side for hand in session.hands_at(-1)} == {"left", "right"}
        assert [marker.text for marker in session.markers] == ["Marker 1"]
        assert session.description.ended is not None
        assert session.description.source == "scripted"
    notice = running.window.banner.notice
    assert notice is not None
    assert path.name in notice.title
    panel = panel_of(running)
    assert panel.text("markers") == "1"
    assert panel.text("disk").endswith("GB")


def test_a_pause_leaves_out_what_comes(qtbot: QtBot, running: Program, folder: Path) -> None:
    record(qtbot, running)
    running.trigger("pause_recording")
    within(qtbot, lambda: panel_of(running).text("state") == "Paused")
    qtbot.wait(300)
    before = panel_of(running).text("time")
    qtbot.wait(400)
    assert panel_of(running).text("time") == before
    running.trigger("pause_recording")
    within(qtbot, lambda: panel_of(running).text("time") > before)
    stop(qtbot, running)
    (path,) = sessions_in(folder)
    with open_session(path) as session:
        assert [gap.reason for gap in session.gaps] == ["paused"]


def test_every_picture_is_recorded_where_that_is_chosen(
    qtbot: QtBot, program: Program, tmp_path: Path
) -> None:
    """Row 30: also those that the network is too slow for."""
    program.make_engine = lambda: FaultyEngine([HANDS], "slow", delay_s=0.12)
    store = program.controller.store
    store.keep(replace(store.settings, record_folder=str(tmp_path / "all")))
    panel_of(program)._every_frame.click()
    assert store.settings.record_every_frame
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot)
    record(qtbot, program)
    assert not panel_of(program)._every_frame.isEnabled()
    within(qtbot, lambda: panel_of(program).text("time") >= "0:00:01")
    stop(qtbot, program)
    (path,) = sessions_in(tmp_path / "all")
    with open_session(path) as session:
        assert session.picture_count > 1.5 * session.frame_count > 3
        assert session.notices == ()
        assert all(len(session.hands_at(index)) == 2 for index in range(session.frame_count))


def test_the_window_does_not_wait_for_a_start_or_an_end(
    qtbot: QtBot, running: Program, folder: Path
) -> None:
    """Both happen in other threads; a busy machine may need a second for the window's own part."""
    for recording in (True, False):
        started = time.perf_counter()
        running.trigger("record")
        assert time.perf_counter() - started < 1
        within(qtbot, lambda wanted=recording: running.controller.recording.is_recording == wanted)


def close(program: Program) -> QMessageBox:
    """Close the window and return what asks."""
    program.window.close()
    (box,) = program.window.findChildren(QMessageBox)
    return box


def press(box: QMessageBox, text: str) -> None:
    (button,) = [one for one in box.buttons() if one.text().replace("&&", "&") == text]
    button.click()


@pytest.fixture
def asked(qapp: object) -> None:
    if QGuiApplication.platformName() in ("offscreen", "minimal"):
        pytest.skip("without a display nobody is asked")


def test_closing_while_recording_asks_and_saving_is_the_default(
    qtbot: QtBot, running: Program, folder: Path, asked: None
) -> None:
    """Row 45."""
    record(qtbot, running)
    box = close(running)
    assert running.window.isVisible()
    assert [button.text() for button in box.buttons()] == [
        "Stop && save",
        "Keep recording",
        "Discard",
    ]
    default = box.defaultButton()
    assert default is not None and default.text() == "Stop && save"
    qtbot.keyClick(box, Qt.Key.Key_Return)
    within(qtbot, lambda: not running.window.isVisible())
    (path,) = sessions_in(folder)
    with open_session(path) as session:
        assert session.notices == ()
        assert session.frame_count >= 3


def test_keep_recording_keeps_the_window_and_the_recording(
    qtbot: QtBot, running: Program, folder: Path, asked: None
) -> None:
    """Row 45."""
    record(qtbot, running)
    press(close(running), "Keep recording")
    assert running.window.isVisible()
    before = panel_of(running).text("time")
    within(qtbot, lambda: panel_of(running).text("time") > before)
    stop(qtbot, running)
    assert len(sessions_in(folder)) == 1


def test_discard_leaves_nothing(qtbot: QtBot, running: Program, folder: Path, asked: None) -> None:
    """Row 45."""
    record(qtbot, running)
    press(close(running), "Discard")
    within(qtbot, lambda: not running.window.isVisible())
    assert sessions_in(folder) == []


def test_what_closes_without_asking_saves(qtbot: QtBot, running: Program, folder: Path) -> None:
    """Rows 45, 46: a signal, the end of the desktop session."""
    record(qtbot, running)
    running.window.close_unasked()
    assert not running.window.isVisible()
    (path,) = sessions_in(folder)
    with open_session(path) as session:
        assert session.notices == ()


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_left(
    qtbot: QtBot, running: Program, tmp_path: Path
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    store = running.controller.store
    store.keep(replace(store.settings, record_folder=str(blocked)))
    running.trigger("record")
    within(qtbot, lambda: running.window.banner.notice is not None)
    notice = running.window.banner.notice
    assert notice is not None and notice.code == "OUT-01"
    assert not running.controller.recording.is_recording
    assert not running.window.actions_by_id["record"].isChecked()
    assert not running.window.actions_by_id["marker"].isEnabled()


def test_a_folder_that_vanishes_is_said_and_the_last_seconds_are_rescued(
    qtbot: QtBot, running: Program, folder: Path, tmp_path: Path
) -> None:
    """Row 41: a disk that is pulled out."""
    record(qtbot, running)
    shutil.rmtree(folder)
    within(qtbot, lambda: not running.controller.recording.is_recording)
    notice = running.window.banner.notice
    assert notice is not None and notice.state == "error"
    (rescued,) = (tmp_path / "XDG_DATA_HOME").rglob("*.hands")
    assert str(rescued) in notice.remedy
    with open_session(rescued) as session:
        assert session.frame_count >= 3
    assert running.window.actions_by_id["record"].isEnabled()


def test_a_recording_is_not_recorded_again(qtbot: QtBot, running: Program, folder: Path) -> None:
    record(qtbot, running)
    stop(qtbot, running)
    (path,) = sessions_in(folder)
    running.controller.open_source(str(path))
    within(qtbot, lambda: not running.window.actions_by_id["record"].isEnabled())
    running.trigger("open_demo")
    within(qtbot, lambda: running.window.actions_by_id["record"].isEnabled())


def test_a_recording_of_nothing_leaves_nothing_and_says_so(
    qtbot: QtBot, program: Program, tmp_path: Path
) -> None:
    store = program.controller.store
    store.keep(replace(store.settings, record_folder=str(tmp_path / "recordings")))
    program.trigger("record")
    within(qtbot, lambda: bool(sessions_in(tmp_path / "recordings")))
    stop(qtbot, program)
    assert sessions_in(tmp_path / "recordings") == []
    notice = program.window.banner.notice
    assert notice is not None and notice.title.startswith("Nothing was recorded")


def test_what_happened_before_is_recorded_on_request(
    qtbot: QtBot, running: Program, folder: Path
) -> None:
    panel_of(running).preroll_chosen.emit(2)
    qtbot.wait(1500)
    running.trigger("record")
    within(qtbot, lambda: panel_of(running).text("time") >= "0:00:01.2")
    stop(qtbot, running)
    (path,) = sessions_in(folder)
    with open_session(path) as session:
        assert session.duration_s > 1.2


def test_a_recording_ends_by_itself_after_the_time_that_was_chosen(
    qtbot: QtBot, running: Program, folder: Path
) -> None:
    store = running.controller.store
    store.keep(replace(store.settings, record_limit_s=1))
    running.trigger("record")
    within(qtbot, lambda: len(sessions_in(folder)) == 1)
    within(qtbot, lambda: not running.controller.recording.is_recording)
    (path,) = sessions_in(folder)
    with open_session(path) as session:
        assert session.description.ended is not None
        assert session.description.ended["by"] == "timer"
        assert 0.8 < session.duration_s < 1.3


def test_what_was_left_behind_is_offered_and_recovered(
    qtbot: QtBot, running: Program, folder: Path
) -> None:
    """A killed program leaves its sentinel; this one is made to look so."""
    record(qtbot, running)
    stop(qtbot, running)
    (path,) = sessions_in(folder)
    (path / SENTINEL_NAME).write_text('{"pid": 999999999, "host": "elsewhere"}')
    description = path / "session.json"
    description.write_text(description.read_text().replace('"ended"', '"was_ended"'))
    running.controller.recovery.begin()
    within(qtbot, lambda: bool(running.window.findChildren(QMessageBox)))
    (box,) = running.window.findChildren(QMessageBox)
    assert path.name in box.informativeText()
    press(box, "Recover")
    within(qtbot, lambda: not (path / SENTINEL_NAME).exists())
    within(
        qtbot,
        lambda: (
            running.window.banner.notice is not None
            and "was recovered" in running.window.banner.notice.title
        ),
    )


def test_where_nothing_was_left_behind_nothing_is_asked(
    qtbot: QtBot, running: Program, folder: Path
) -> None:
    running.controller.recovery.begin()
    qtbot.wait(300)
    assert running.window.findChildren(QMessageBox) == []


@pytest.mark.parametrize(
    ("level", "free"), [("ok", 50_000_000_000), ("warn", 4_000_000_000), ("error", 900_000_000)]
)
def test_the_room_that_is_left_turns_amber_and_red(qtbot: QtBot, level: str, free: int) -> None:
    panel = RecordPanel([])
    qtbot.addWidget(panel)
    panel.show_numbers(RecordingNumbers(disk_bytes=free, disk_level=level), "")
    assert panel.level("disk") == level


def test_drops_are_amber_for_pictures_and_red_for_hands(qtbot: QtBot) -> None:
    panel = RecordPanel([])
    qtbot.addWidget(panel)
    panel.show_numbers(RecordingNumbers(dropped_pictures=3), "")
    assert (panel.text("drops"), panel.level("drops")) == ("3", "warn")
    panel.show_numbers(RecordingNumbers(dropped_pictures=3, dropped_frames=1), "")
    assert (panel.text("drops"), panel.level("drops")) == ("4", "error")


def test_choices_are_shown_without_being_told_back(qtbot: QtBot) -> None:
    panel = RecordPanel([])
    qtbot.addWidget(panel)
    with (
        qtbot.assertNotEmitted(panel.preroll_chosen),
        qtbot.assertNotEmitted(panel.limit_chosen),
        qtbot.assertNotEmitted(panel.video_chosen),
    ):
        panel.show_choices(PREROLLS_S[2], LIMITS_S[3], False, False, "/somewhere")
        panel.show_choices(7, 7, True, True, "/somewhere/else")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0:00:00.0"), (12.34, "0:00:12.3"), (3725.99, "1:02:05.9")]
)
def test_durations_read_as_clocks(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 kB"), (45_600_000, "45.6 MB"), (4_900_000_000, "4.9 GB")]
)
def test_sizes_read_as_people_read_them(size: int, text: str) -> None:
    assert size_text(size) == text


def test_recordings_go_to_the_users_videos_unless_chosen(tmp_path: Path) -> None:
    assert recordings_folder(Settings()).name == "ManyHands"
    assert recordings_folder(Settings()).is_relative_to(tmp_path)
    assert recordings_folder(Settings(record_folder="/elsewhere")) == Path("/elsewhere")
