"""Freeze and refine: the child process, and the window with a refinement that is scripted."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QObject, pyqtSignal
from pytestqt.qtbot import QtBot

import app.control.refining
from app.child_task import ChildTask
from app.panels.refine_dialog import RefineDialog
from app.refine_child import (
    Begun,
    Refined,
    RefinedRow,
    RefineJob,
    Stepped,
    crop_around,
    refine_in_child,
)
from core.errors import EngineError
from core.types import HandState
from tests.app.program import Program
from tests.factories import HEIGHT, WIDTH, make_frame, make_hand

PICTURE = np.full((90, 160, 3), 120, np.uint8)


def seen_hand() -> HandState:
    """A hand whose keypoints say that its fingers are less curled and that it lies elsewhere."""
    truth = make_hand(at=(0.02, 0.01, 0.5), curl=0.35)
    return replace(
        make_hand(at=(0.0, 0.0, 0.5), curl=0.6, track_id=2), keypoints_2d=truth.joints_2d.copy()
    )


def refine_task() -> ChildTask:
    ended = EngineError("ENG-02", "the refinement ended by itself", "Try it again.")
    return ChildTask(refine_in_child, (Begun, Stepped), ended)


class Listener:
    """Hears a task."""

    def __init__(self, task: ChildTask) -> None:
        self.heard: list[Any] = []
        task.heard.connect(self.heard.append)

    def last(self) -> object:
        return self.heard[-1] if self.heard else None


@pytest.mark.slow
def test_the_child_tells_before_steps_and_after(qtbot: QtBot) -> None:
    pytest.importorskip("torch", reason="refining needs torch")
    task = refine_task()
    listener = Listener(task)
    task.start(RefineJob(make_frame(), (seen_hand(),), steps=8))
    qtbot.waitUntil(lambda: isinstance(listener.last(), Refined | EngineError), timeout=100_000)
    kinds = [type(message) for message in listener.heard]
    assert kinds[0] is Begun and kinds[-1] is Refined
    assert [message.step for message in listener.heard[1:-1]] == list(range(1, len(kinds) - 1))
    refined = listener.heard[-1]
    assert refined.after.shape == listener.heard[0].before.shape
    (row,) = refined.rows
    assert (row.side, row.track_id) == ("right", 2)
    assert row.after_px < 0.7 * row.before_px
    task.cancel()
    assert not task.is_running


@pytest.mark.slow
def test_a_cancelled_child_ends_at_once_and_is_silent(qtbot: QtBot) -> None:
    task = refine_task()
    listener = Listener(task)
    task.start(RefineJob(make_frame(), (seen_hand(),), steps=1000))
    qtbot.waitUntil(lambda: bool(listener.heard), timeout=60_000)
    task.cancel()
    assert not task.is_running
    assert task._process is not None and not task._process.is_alive()
    count = len(listener.heard)
    qtbot.wait(100)
    assert len(listener.heard) <= count + 1  # what Qt had on its way already


@pytest.mark.slow
def test_a_child_that_dies_is_told(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    task = refine_task()
    listener = Listener(task)
    task.start(RefineJob(make_frame(), (seen_hand(),), steps=1000))
    qtbot.waitUntil(lambda: bool(listener.heard), timeout=60_000)
    assert task._process is not None
    task._process.kill()
    qtbot.waitUntil(lambda: isinstance(listener.last(), EngineError), timeout=10_000)
    error = listener.heard[-1]
    assert error.code == "ENG-02" and error.remedy
    qtbot.waitUntil(lambda: not task.is_running, timeout=10_000)


@pytest.mark.parametrize("at", [(0.0, 0.0, 0.5), (-0.3, 0.2, 0.6), (0, 0, 0.14), (0, 0, 3.0)])
def test_the_crop_holds_the_hands_and_keeps_the_aspect(at: tuple[float, float, float]) -> None:
    hand = make_hand(at=at)
    left, top, right, bottom = crop_around((hand,), (HEIGHT, WIDTH))
    assert 0 <= left < right <= WIDTH and 0 <= top < bottom <= HEIGHT
    assert (right - left) / (bottom - top) == pytest.approx(WIDTH / HEIGHT, rel=0.02)
    inside = np.clip(hand.joints_2d, 0, [WIDTH, HEIGHT])
    assert (inside >= [left - 1, top - 1]).all() and (inside <= [right + 1, bottom + 1]).all()


# In the window


class ScriptedTask(QObject):
    """Stands where ChildTask stands; the test says what is heard."""

    heard = pyqtSignal(object)
    made: "list[ScriptedTask]" = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, *arguments: Any) -> None:
        super().__init__(arguments[-1])
        self.job: RefineJob | None = None
        self.is_cancelled = False
        ScriptedTask.made.append(self)

    def start(self, job: RefineJob) -> None:
        self.job = job

    def cancel(self) -> None:
        self.is_cancelled = True


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[ScriptedTask]:
    ScriptedTask.made.clear()
    monkeypatch.setattr(app.control.refining, "ChildTask", ScriptedTask)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    return ScriptedTask.made


def dialog_of(program: Program) -> RefineDialog:
    dialog = program.window.findChild(RefineDialog)
    assert dialog is not None
    return dialog


def test_the_picture_on_the_screen_is_refined_and_compared(
    running: Program, qtbot: QtBot, tasks: list[ScriptedTask], tmp_path: Path
) -> None:
    running.trigger("refine")
    dialog = dialog_of(running)
    (task,) = tasks
    assert task.job is not None and len(task.job.hands) == 2
    assert all(hand.keypoints_2d is not None for hand in task.job.hands)
    task.heard.emit(Begun(PICTURE))
    assert dialog._before.image is not None and dialog._after.image is None
    task.heard.emit(Stepped(7))
    assert dialog._bar.value() == 7
    rows = (RefinedRow("right", 1, 9.0, 2.5, 20), RefinedRow("left", 0, 4.0, 3.0, 20))
    task.heard.emit(Refined(PICTURE, rows, 12.0))
    texts = [dialog._gains.itemAt(i).widget().text() for i in range(2)]
    assert "Right 1" in texts[0] and "9.0 px \u2192 2.5 px" in texts[0]
    dialog._save.click()
    qtbot.waitUntil(lambda: bool(list(tmp_path.rglob("manyhands-refined-*.png"))), timeout=5000)
    saved = list(tmp_path.rglob("manyhands-refined-*.png"))
    assert len(saved) == 1
    dialog._close.click()
    assert task.is_cancelled
    running.wait_drawn(qtbot)  # the live picture went on


def test_asking_again_brings_the_same_dialog(running: Program, tasks: list[ScriptedTask]) -> None:
    running.trigger("refine")
    running.trigger("refine")
    assert len(tasks) == 1
    dialog_of(running).close()
    running.trigger("refine")
    assert len(tasks) == 2


def test_a_failed_refinement_says_what_to_do(running: Program, tasks: list[ScriptedTask]) -> None:
    running.trigger("refine")
    tasks[0].heard.emit(EngineError("ENG-02", "the refinement failed", "Try another picture."))
    dialog = dialog_of(running)
    assert dialog._state.text() == "The refinement failed. Try another picture."
    assert dialog._close.text() == "Close"


def test_closing_the_window_ends_the_refinement(
    running: Program, tasks: list[ScriptedTask]
) -> None:
    running.trigger("refine")
    running.window.close()
    assert tasks[0].is_cancelled


def test_without_torch_the_action_says_what_to_install(
    running: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    running.trigger("refine")
    notice = running.window.banner.notice
    assert notice is not None and notice.code == "ENG-01"
    assert "manyhands[train]" in notice.remedy


def test_without_a_hand_there_is_nothing_to_refine(
    program: Program, tasks: list[ScriptedTask]
) -> None:
    """B2 34: nobody in the picture."""
    program.trigger("refine")
    notice = program.window.banner.notice
    assert notice is not None and notice.state == "info" and not tasks
