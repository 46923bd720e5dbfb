"""Recordings in the window: opened as any source, played by the panel, compared in the 3D view."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QComboBox, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from app.panels.replay_panel import ReplayNumbers, ReplayPanel
from app.panels.timeline import Timeline, TimelineMarker, TimelinePicture
from app.theme import DARK, LIGHT
from core.session.player import SessionPlayer
from tests.app.program import NOT_A_CAMERA, Program, picture_pixels
from tests.core.session.recording import INFO, PERIOD_NS, make_recorder, record, tracked_hands

FRAMES = 60
S = 1_000_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sessions") / "take.hands"
    recorder = make_recorder()
    recorder.start(path, INFO)
    for index in range(FRAMES):
        recorder.add(tracked_hands(index))
        if index == 20:
            recorder.mark("clap")
    recorder.stop()
    return path


@pytest.fixture(scope="module")
def other_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sessions") / "other.hands"
    record(path, FRAMES)
    return path


def panel_of(program: Program) -> ReplayPanel:
    panel = program.window.docks["replay_dock"].widget()
    assert isinstance(panel, ReplayPanel)
    return panel


def player_of(program: Program) -> SessionPlayer:
    player = program.session.replay.player
    assert player is not None
    return player


def within(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    qtbot.waitUntil(holds, timeout=10_000)


@pytest.fixture
def playing(qtbot: QtBot, program: Program, folder: Path) -> Program:
    """A window that has opened the recording and stands at its first frame."""
    program.controller.open_source(str(folder))
    within(qtbot, lambda: player_of(program).opened is not None)
    player = player_of(program)
    player.pause()
    player.seek(0)
    within(qtbot, lambda: program.window.picture.drawn_count > 0)
    within(qtbot, lambda: player.status().index == 0)
    return program


def combo(panel: ReplayPanel, name: str) -> QComboBox:
    (box,) = [one for one in panel.findChildren(QComboBox) if one.accessibleName() == name]
    return box


def choose(box: QComboBox, row: int) -> None:
    box.setCurrentIndex(row)
    box.activated.emit(row)


def test_a_recording_opens_as_any_source_and_needs_no_network(
    qtbot: QtBot, playing: Program
) -> None:
    assert playing.opened == []
    assert playing.window.docks["replay_dock"].isVisible()
    assert "take" in playing.window.status.text()
    within(qtbot, lambda: "2 hands" in playing.window.status.text())
    assert playing.session.status() is None


def test_another_source_takes_the_panel_away(qtbot: QtBot, playing: Program) -> None:
    playing.controller.open_source(NOT_A_CAMERA)
    playing.wait_drawn(qtbot)
    assert not playing.window.docks["replay_dock"].isVisible()
    assert playing.session.replay.player is None
    assert not playing.window.actions_by_id["step_forward"].isEnabled()


def test_space_plays_and_pauses(qtbot: QtBot, playing: Program) -> None:
    player = player_of(playing)
    playing.trigger("run")
    within(qtbot, lambda: player.status().index > 3)
    assert playing.window.actions_by_id["run"].text() == "Stop"
    playing.trigger("run")
    within(qtbot, lambda: not player.status().clock.is_playing)
    assert playing.session.replay.player is player


def test_steps_show_the_next_frame_and_the_one_before(qtbot: QtBot, playing: Program) -> None:
    player = player_of(playing)
    for name, index in (("step_forward", 1), ("step_forward", 2), ("step_back", 1)):
        playing.trigger(name)
        within(qtbot, lambda index=index: player.status().index == index)  # type: ignore[misc]
    within(qtbot, lambda: "#1" in panel_of(playing).time_text)


def test_a_press_on_the_timeline_shows_that_moment(qtbot: QtBot, playing: Program) -> None:
    """The pictures grow brighter from frame to frame."""
    timeline, player = panel_of(playing).timeline, player_of(playing)
    x = round(timeline.x_of(45 * PERIOD_NS + PERIOD_NS // 2))
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(x, 40))
    within(qtbot, lambda: abs(player.status().index - 45) <= 1)
    index = player.status().index
    drawn = playing.window.picture.drawn_count
    within(qtbot, lambda: playing.window.picture.drawn_count >= drawn)
    qtbot.wait(100)
    pixels = picture_pixels(playing.window)
    assert abs(float(np.median(pixels[..., :3])) - (20 + 2 * index)) < 6


def test_seeking_never_makes_the_window_wait(qtbot: QtBot, playing: Program) -> None:
    panel, longest = panel_of(playing), 0.0
    for index in range(60):
        started = time.perf_counter()
        panel.sought.emit(index * PERIOD_NS)
        longest = max(longest, time.perf_counter() - started)
    assert longest < 0.1
    within(qtbot, lambda: player_of(playing).status().index == 59)


def test_in_and_out_bound_what_is_played_in_a_loop(qtbot: QtBot, playing: Program) -> None:
    player = player_of(playing)
    player.seek(10 * PERIOD_NS)
    playing.trigger("range_in")
    player.seek(15 * PERIOD_NS)
    playing.trigger("range_out")
    clock = player.status().clock
    assert (clock.in_ns, clock.out_ns) == (10 * PERIOD_NS, 15 * PERIOD_NS)
    playing.trigger("loop")
    playing.trigger("run")
    within(qtbot, lambda: player.status().index >= 10)
    seen = set()
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        qtbot.wait(10)
        seen.add(player.status().index)
    assert seen <= set(range(10, 17))
    assert len(seen) >= 2
    playing.trigger("range_all")
    clock = player.status().clock
    assert (clock.in_ns, clock.out_ns) == (0, clock.end_ns)


def test_speed_is_chosen_in_the_panel(qtbot: QtBot, playing: Program) -> None:
    choose(combo(panel_of(playing), "Speed"), 5)
    assert player_of(playing).status().clock.speed == 4.0
    choose(combo(panel_of(playing), "Speed"), 0)
    assert player_of(playing).status().clock.speed == 0.1


def test_raw_and_smoothed_anew_are_chosen_in_the_panel(qtbot: QtBot, playing: Program) -> None:
    player, panel = player_of(playing), panel_of(playing)
    kinds, (slider,) = combo(panel, "Which hands"), panel.findChildren(QSlider)
    assert not slider.isEnabled()
    choose(kinds, 1)
    assert player.status().shown.kind == "raw"
    choose(kinds, 2)
    assert player.status().shown.kind == "resmoothed"
    assert slider.isEnabled()
    slider.setValue(0)
    steady = player.status().shown.smoothing
    slider.setValue(100)
    assert player.status().shown.smoothing.xy_min_hz > 10 * steady.xy_min_hz


def test_the_timeline_shows_markers_and_pictures_of_the_recording(
    qtbot: QtBot, playing: Program
) -> None:
    timeline = panel_of(playing).timeline
    within(qtbot, lambda: len(timeline._pictures) == 24)
    assert [(one.time_ns, one.text) for one in timeline._markers] == [(20 * PERIOD_NS, "clap")]


@pytest.mark.gl
def test_another_recording_is_shown_beside_in_the_3d_view(
    qtbot: QtBot, playing: Program, other_folder: Path
) -> None:
    scene, panel = playing.window.scene, panel_of(playing)
    assert scene is not None
    (replay,) = [one for one in playing.controller.children() if hasattr(one, "_ask_other")]
    replay._show_hands(type(replay._shown)(other=other_folder))
    within(qtbot, lambda: len(scene._beside) == 2)
    assert len(set(scene._beside.colour_index.tolist())) == 1
    assert not set(scene._beside.colour_index.tolist()) & set(scene._batch.colour_index.tolist())
    within(qtbot, lambda: panel.other_text == "other")
    within(qtbot, lambda: panel.difference_text == "0.0 mm apart, 0.0 mm in shape")
    (end,) = [
        one
        for one in panel.findChildren(QToolButton)
        if one.accessibleName().startswith("Take the")
    ]
    end.click()
    within(qtbot, lambda: len(scene._beside) == 0)
    within(qtbot, lambda: panel.other_text == "")


def test_a_recording_beside_that_cannot_be_read_is_said_and_the_first_plays_on(
    qtbot: QtBot, playing: Program, tmp_path: Path
) -> None:
    (replay,) = [one for one in playing.controller.children() if hasattr(one, "_ask_other")]
    replay._show_hands(type(replay._shown)(other=tmp_path / "none.hands"))
    within(qtbot, lambda: playing.window.banner.notice is not None)
    notice = playing.window.banner.notice
    assert notice is not None and notice.code == "SES-01"
    playing.trigger("step_forward")
    within(qtbot, lambda: player_of(playing).status().index == 1)


def test_a_damaged_recording_is_a_fault_with_a_remedy(
    qtbot: QtBot, program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "broken.hands"
    path.mkdir()
    (path / "hands.mcap").write_bytes(b"not an mcap file")
    program.controller.open_source(str(path))
    within(qtbot, lambda: program.window.banner.notice is not None)
    notice = program.window.banner.notice
    assert notice is not None and notice.code.startswith("SES-")
    assert not program.window.docks["replay_dock"].isVisible()


# The widgets alone


@pytest.fixture
def timeline(qtbot: QtBot) -> Timeline:
    made = Timeline()
    qtbot.addWidget(made)
    made.resize(416, 74)
    made.show_recording(10 * S, [TimelineMarker(4 * S, "clap")], [(6 * S, 7 * S)])
    made.show()
    return made


def test_a_press_near_a_marker_goes_to_the_marker(qtbot: QtBot, timeline: Timeline) -> None:
    x = round(timeline.x_of(4 * S)) + 3
    with qtbot.waitSignal(timeline.sought) as sought:
        qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(x, 30))
    assert sought.args == [4 * S]
    with qtbot.waitSignal(timeline.sought) as sought:
        qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(208, 30))
    assert sought.args == [5 * S]


def test_arrow_keys_step_and_home_and_end_go_to_the_ends_of_the_range(
    qtbot: QtBot, timeline: Timeline
) -> None:
    timeline.show_position(0, 2 * S, 8 * S)
    for key, frames in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Left, -1)):
        with qtbot.waitSignal(timeline.stepped) as stepped:
            qtbot.keyClick(timeline, key)
        assert stepped.args == [frames]
    with qtbot.waitSignal(timeline.stepped) as stepped:
        qtbot.keyClick(timeline, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert stepped.args == [10]
    for key, time_ns in ((Qt.Key.Key_Home, 2 * S), (Qt.Key.Key_End, 8 * S)):
        with qtbot.waitSignal(timeline.sought) as sought:
            qtbot.keyClick(timeline, key)
        assert sought.args == [time_ns]


def test_the_playhead_the_range_and_the_pictures_are_drawn(timeline: Timeline) -> None:
    image = QImage(96, 54, QImage.Format.Format_RGB888)
    image.fill(0xFF3366)
    timeline.show_theme(LIGHT)
    plain = timeline.grab().toImage()
    timeline.show_pictures([TimelinePicture(0, image)])
    with_pictures = timeline.grab().toImage()
    assert with_pictures.pixelColor(100, 40) != plain.pixelColor(100, 40)
    timeline.show_position(3 * S, 2 * S, 8 * S)
    with_range = timeline.grab().toImage()
    outside, inside = round(timeline.x_of(1 * S)), round(timeline.x_of(5 * S))
    assert with_range.pixelColor(outside, 40) != with_pictures.pixelColor(outside, 40)
    assert with_range.pixelColor(inside, 40) == with_pictures.pixelColor(inside, 40)
    head = round(timeline.x_of(3 * S))
    assert with_range.pixelColor(head, 40) != with_pictures.pixelColor(head, 40)


def test_numbers_are_shown_without_being_told_back(qtbot: QtBot) -> None:
    panel = ReplayPanel([])
    qtbot.addWidget(panel)
    panel.show_other("other")
    with qtbot.assertNotEmitted(panel.offset_chosen), qtbot.assertNotEmitted(panel.speed_chosen):
        panel.show_numbers(ReplayNumbers(3 * S, 9 * S, 0, 9 * S, 90, 0.5, offset_ns=S // 2))
    assert panel.time_text == "0:00:03.0 / 0:00:09.0  #90"
    for theme in (DARK, LIGHT):
        panel.show_theme(theme)
