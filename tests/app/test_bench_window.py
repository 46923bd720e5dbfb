"""The heartbeat that tells how long the window's thread was away, and the window under it."""

import argparse
import time

import pytest
from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import bench_actions
from app.actions import ACTIONS
from app.bench_heartbeat import BLOCKED_MS, Heartbeat
from tests.app.program import NOT_A_CAMERA, Program

#: Rows that can be used only while a recording is made or played.
_OF_RECORDINGS = frozenset(spec.id for spec in ACTIONS if spec.menu == "Recording")


def test_the_heartbeat_notes_how_long_the_thread_was_away(qtbot: QtBot) -> None:
    owner = QObject()
    heart = Heartbeat(owner)
    heart.start()
    qtbot.wait(30)
    QTimer.singleShot(0, lambda: time.sleep(0.15))
    qtbot.wait(250)
    heart.stop()
    assert max(heart.gaps_ms) > 130
    assert any(ms > 130 for _, ms in heart.blocks)
    assert max(heart.busy_ms) < 100  # sleeping is no work
    count = len(heart.gaps_ms)
    qtbot.wait(30)
    assert len(heart.gaps_ms) == count


@pytest.mark.gl
def test_the_window_s_thread_never_works_for_100_ms_while_hands_are_drawn(
    program: Program, qtbot: QtBot
) -> None:
    """B rules: the window answers within 100 ms, whatever is shown."""
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot, more=10)
    for name in ("skeleton", "wireframe", "keypoints", "boxes", "trails"):
        program.trigger(name)
    for name in ("hands_dock", "numbers_dock", "plot_dock"):
        program.window.docks[name].raise_()
        heart = Heartbeat(program.window)
        QApplication.processEvents()
        heart.start()
        program.wait_drawn(qtbot, more=15)
        heart.stop()
        assert max(heart.busy_ms) < BLOCKED_MS


@pytest.mark.slow
@pytest.mark.gl
def test_no_action_of_the_table_works_for_long_on_the_window_s_thread(
    program: Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B rules: counted as processor time of the thread, so that other programs decide nothing."""
    monkeypatch.setattr(bench_actions, "WATCHED_MS", 60)
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot, more=5)
    over: list[bool] = []
    actions = bench_actions.ActionRound(program.window, lambda: over.append(True))
    actions.start()
    qtbot.waitUntil(lambda: bool(over), timeout=60_000)
    done = {cost.name for cost in actions.costs}
    assert {spec.id for spec in ACTIONS} - done <= {"quit", "build_engine", *_OF_RECORDINGS}
    worst = max(actions.costs, key=lambda cost: cost.busy_ms)
    assert worst.busy_ms < 3 * BLOCKED_MS, worst  # a virtual processor counts others' work, too
    assert actions.summary(0.0)["actions"] == len(actions.costs)


def test_a_size_is_read() -> None:
    from app.bench_window import _size

    assert _size("1280x720") == (1280, 720)
    with pytest.raises((ValueError, argparse.ArgumentTypeError)):
        _size("wide")
