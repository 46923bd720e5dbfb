"""The heartbeat that tells how long the window's thread was away, and the window under it."""

import argparse
import time

import pytest
from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bench_window import BLOCKED_MS, Heartbeat
from tests.app.program import NOT_A_CAMERA, Program


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


def test_a_size_is_read() -> None:
    from app.bench_window import _size

    assert _size("1280x720") == (1280, 720)
    with pytest.raises((ValueError, argparse.ArgumentTypeError)):
        _size("wide")
