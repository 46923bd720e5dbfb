"""Export and clean in the window: driven as a person does, and what was written is read again."""

import csv
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PyQt6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from app.control.exporting import ExportController
from app.panels.clean_dialog import CleanDialog, CleanGain
from app.panels.export_dialog import ExportDialog
from app.panels.job_bar import JobState
from app.take_jobs import FORMATS, axes_choices
from core.session.player import SessionPlayer
from core.session.reader import open_session
from tests.app.command_line.test_clean import record_shaky
from tests.app.program import NOT_A_CAMERA, Program
from tests.core.session.recording import record

FRAMES = 30
Shown = TypeVar("Shown", bound=QDialog)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sessions") / "walk.hands"
    record(path, FRAMES)
    return path


def within(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    qtbot.waitUntil(holds, timeout=60_000)


def open_recording(qtbot: QtBot, program: Program, path: Path) -> SessionPlayer:
    program.controller.open_source(str(path))
    player = program.session.replay.player
    assert player is not None
    within(qtbot, program.window.actions_by_id["export"].isEnabled)
    player.pause()
    return player


@pytest.fixture
def player(qtbot: QtBot, program: Program, folder: Path) -> SessionPlayer:
    return open_recording(qtbot, program, folder)


def dialog_of(program: Program, kind: type[Shown]) -> Shown:
    (dialog,) = [one for one in program.window.findChildren(kind) if one.isVisible()]
    return dialog


@pytest.fixture
def dialog(player: SessionPlayer, program: Program, tmp_path: Path) -> ExportDialog:
    """The dialog of exports, which shall go into an empty folder."""
    program.trigger("export")
    shown = dialog_of(program, ExportDialog)
    shown.destination.show_folder(str(tmp_path / "out"))
    return shown


def choose(dialog: ExportDialog, kind: str) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData(kind))


def export(qtbot: QtBot, dialog: ExportDialog) -> JobState:
    dialog.job.begin.click()
    assert dialog.job.state is JobState.RUNNING
    within(qtbot, lambda: dialog.job.state is not JobState.RUNNING)
    return dialog.job.state


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_without_a_recording_there_is_nothing_to_export_or_clean(
    qtbot: QtBot, program: Program, folder: Path
) -> None:
    actions = program.window.actions_by_id
    assert not actions["export"].isEnabled() and not actions["clean"].isEnabled()
    open_recording(qtbot, program, folder)
    assert actions["clean"].isEnabled()
    program.controller.open_source(NOT_A_CAMERA)
    assert not actions["export"].isEnabled() and not actions["clean"].isEnabled()


def test_a_recording_becomes_a_glb_while_the_window_answers(
    qtbot: QtBot, program: Program, dialog: ExportDialog, tmp_path: Path
) -> None:
    assert dialog.choice().format == "glb"
    assert export(qtbot, dialog) is JobState.DONE
    data = (tmp_path / "out" / "walk.glb").read_bytes()
    magic, _, length = struct.unpack("<4sII", data[:12])
    assert (magic, length) == (b"glTF", len(data))
    (chunk,) = struct.unpack("<I", data[12:16])
    document = json.loads(data[20 : 20 + chunk])
    assert len(document["skins"]) == 2
    (animation,) = document["animations"]
    times = document["accessors"][animation["samplers"][0]["input"]]
    assert times["count"] == FRAMES
    assert times["max"] == [pytest.approx((FRAMES - 1) / 30, abs=1e-3)]
    assert "walk.glb" in dialog.job.text and f"{FRAMES} frames" in dialog.job.text
    assert program.controller.store.settings.export_folder == str(tmp_path / "out")


def test_one_hand_is_exported_alone(
    qtbot: QtBot, player: SessionPlayer, dialog: ExportDialog, tmp_path: Path
) -> None:
    opened = player.opened
    assert opened is not None and len(opened.hands) == 2
    other = opened.hands[1]
    titles = [dialog.hands.itemText(row) for row in range(dialog.hands.count())]
    assert titles[0] == "All (2)"
    assert titles[2] == f"{other.side.title()} {other.track_id} alone ({FRAMES} frames)"
    assert dialog.choice().track is None
    choose(dialog, "csv")
    dialog.hands.setCurrentIndex(2)
    assert export(qtbot, dialog) is JobState.DONE
    written = rows(tmp_path / "out" / "walk.csv")
    assert {(row["track_id"], row["side"]) for row in written} == {
        (str(other.track_id), other.side)
    }
    assert len(written) == FRAMES


def test_the_marked_part_at_another_rate_as_measured(
    qtbot: QtBot, program: Program, player: SessionPlayer, tmp_path: Path
) -> None:
    opened = player.opened
    assert opened is not None
    player.set_range(int(opened.times_ns[6]), int(opened.times_ns[12]))
    program.trigger("export")
    dialog = dialog_of(program, ExportDialog)
    assert dialog.range.count() == 2 and dialog.range.currentIndex() == 1
    dialog.destination.show_folder(str(tmp_path / "out"))
    choose(dialog, "csv")
    assert export(qtbot, dialog) is JobState.DONE
    smoothed = rows(tmp_path / "out" / "walk.csv")
    stamps = sorted({int(row["timestamp_ns"]) for row in smoothed})
    assert stamps == [int(time) for time in opened.times_ns[6:13]]
    dialog.destination.show_name("fast")
    dialog.rate.setValue(60)
    dialog.values.setCurrentIndex(1)
    assert export(qtbot, dialog) is JobState.DONE
    raw = rows(tmp_path / "out" / "fast.csv")
    stamps = sorted({int(row["timestamp_ns"]) for row in raw})
    assert len(stamps) == 13
    assert np.diff(stamps) == pytest.approx(1e9 / 60, rel=1e-3)
    assert float(raw[0]["transl_x_m"]) != float(smoothed[0]["transl_x_m"])


def test_axes_follow_the_format(dialog: ExportDialog) -> None:
    for kind in FORMATS:
        choose(dialog, kind)
        assert dialog.axes.isEnabled() == bool(axes_choices(kind))
        assert dialog.correctives.isEnabled() == (kind == "glb")
    choose(dialog, "csv")
    dialog.axes.setCurrentIndex(dialog.axes.findData("unreal"))
    choose(dialog, "json")
    assert dialog.choice().axes == "unreal"
    choose(dialog, "mp4")
    assert dialog.choice().axes is None
    choose(dialog, "usd")
    assert dialog.axes.findData("camera") == -1


def test_axes_of_another_program_turn_the_points(
    qtbot: QtBot, dialog: ExportDialog, tmp_path: Path
) -> None:
    choose(dialog, "csv")
    assert export(qtbot, dialog) is JobState.DONE
    dialog.axes.setCurrentIndex(dialog.axes.findData("scene"))
    dialog.destination.show_name("turned")
    assert export(qtbot, dialog) is JobState.DONE
    camera, scene = (rows(tmp_path / "out" / f"{name}.csv")[0] for name in ("walk", "turned"))
    assert float(scene["transl_y_m"]) == pytest.approx(-float(camera["transl_y_m"]), abs=1e-6)


def test_a_taken_name_is_an_error_with_its_code_and_can_be_replaced(
    qtbot: QtBot, dialog: ExportDialog, tmp_path: Path
) -> None:
    """Row 47: nothing is overwritten unless one says so."""
    target = tmp_path / "out" / "walk.csv"
    target.parent.mkdir()
    target.write_text("mine")
    choose(dialog, "csv")
    assert export(qtbot, dialog) is JobState.FAILED
    assert dialog.job.text.startswith("OUT-01")
    assert target.read_text() == "mine"
    dialog.overwrite.setChecked(True)
    assert export(qtbot, dialog) is JobState.DONE
    assert len(rows(target)) == 2 * FRAMES


def test_a_cancelled_export_leaves_nothing(
    qtbot: QtBot, program: Program, dialog: ExportDialog, tmp_path: Path
) -> None:
    """Row 54: in the window, half way."""
    choose(dialog, "obj")
    dialog.rate.setValue(240)  # more frames than can be written before the click
    dialog.job.begin.click()
    within(qtbot, lambda: bool(list(tmp_path.glob("out/.*/*/frame_000002.obj"))))
    dialog.job.end.click()
    assert dialog.job.state is JobState.READY and "nothing was written" in dialog.job.text
    within(qtbot, lambda: list((tmp_path / "out").iterdir()) == [])
    dialog.rate.setValue(0)
    assert export(qtbot, dialog) is JobState.DONE
    assert len(list((tmp_path / "out" / "walk-obj").iterdir())) == FRAMES


def test_closing_the_window_ends_an_export_and_leaves_nothing(
    qtbot: QtBot, program: Program, dialog: ExportDialog, tmp_path: Path
) -> None:
    choose(dialog, "obj")
    dialog.rate.setValue(240)
    dialog.job.begin.click()
    within(qtbot, lambda: bool(list(tmp_path.glob("out/.*/*/frame_000002.obj"))))
    program.window.close()
    assert list((tmp_path / "out").iterdir()) == []


def test_an_export_goes_on_when_another_source_is_shown(
    qtbot: QtBot, program: Program, dialog: ExportDialog, tmp_path: Path
) -> None:
    choose(dialog, "csv")
    dialog.job.begin.click()
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot)
    within(qtbot, lambda: dialog.job.state is JobState.DONE)
    assert len(rows(tmp_path / "out" / "walk.csv")) == 2 * FRAMES


def test_an_export_that_dies_is_told(qtbot: QtBot, program: Program, dialog: ExportDialog) -> None:
    choose(dialog, "obj")
    dialog.rate.setValue(240)
    dialog.job.begin.click()
    (controller,) = [
        one for one in program.controller.children() if isinstance(one, ExportController)
    ]
    child = controller._task._child
    assert child is not None
    within(qtbot, lambda: child._process is not None)
    child._process.kill()
    within(qtbot, lambda: dialog.job.state is JobState.FAILED)
    assert dialog.job.text.startswith("OUT-01")


def test_without_a_name_or_folder_nothing_can_begin(dialog: ExportDialog) -> None:
    assert dialog.job.begin.isEnabled()
    dialog.destination.show_name("  ")
    assert not dialog.job.begin.isEnabled()


def test_the_folder_is_chosen_in_a_dialog(
    qtbot: QtBot, dialog: ExportDialog, tmp_path: Path
) -> None:
    dialog.destination._choose.click()
    (chooser,) = dialog.findChildren(QFileDialog)
    chooser.fileSelected.emit(str(tmp_path / "elsewhere"))
    chooser.close()
    assert dialog.choice().stem == tmp_path / "elsewhere" / "walk"


def test_a_recording_is_cleaned_and_the_new_one_can_be_opened(
    qtbot: QtBot, program: Program, tmp_path: Path
) -> None:
    shaky = record_shaky(tmp_path / "shaky.hands", 30)
    open_recording(qtbot, program, shaky)
    program.trigger("clean")
    dialog = dialog_of(program, CleanDialog)
    assert dialog.choice().out == tmp_path / "shaky-clean"
    dialog.job.begin.click()
    within(qtbot, lambda: dialog.job.state is not JobState.RUNNING)
    assert dialog.job.state is JobState.DONE
    with open_session(tmp_path / "shaky-clean.hands") as session:
        (track,) = session.take().tracks
        assert session.frame_count == 30 and np.ptp(track.betas, axis=0).max() == 0
    hand, jitter = (dialog.table.item(0, column) for column in (0, 1))
    assert hand is not None and hand.text() == "Right 4"
    assert jitter is not None
    before, after = map(float, jitter.text().split(" \u2192 "))
    assert after < 0.5 * before
    dialog.job.result.click()
    within(qtbot, lambda: "shaky-clean" in program.window.status.text())


def test_a_second_cleaning_gets_a_number(qtbot: QtBot, program: Program, tmp_path: Path) -> None:
    open_recording(qtbot, program, record_shaky(tmp_path / "shaky.hands", 12))
    program.trigger("clean")
    dialog = dialog_of(program, CleanDialog)
    for name in ("shaky-clean.hands", "shaky-clean-2.hands"):
        dialog.job.begin.click()
        within(qtbot, lambda: dialog.job.state is not JobState.RUNNING)
        assert dialog.job.state is JobState.DONE
        assert (tmp_path / name).is_dir()


def test_without_torch_refining_is_not_offered(
    player: SessionPlayer, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    program.trigger("clean")
    steps = dialog_of(program, CleanDialog).steps
    assert not steps.isEnabled() and "manyhands[train]" in steps.toolTip()


def test_what_was_not_seen_has_no_distance(qtbot: QtBot, program: Program) -> None:
    dialog = CleanDialog(program.window, 5.0, 1000, "")
    nan = float("nan")
    dialog.show_gains([CleanGain("Left 1", (2.0, 0.5), (nan, nan), 3)])
    texts = [dialog.table.item(0, column) for column in range(4)]
    assert [item.text() if item else "" for item in texts] == [
        "Left 1", "2.00 \u2192 0.50", "\u2013", "3",
    ]  # fmt: skip
    dialog.close()
