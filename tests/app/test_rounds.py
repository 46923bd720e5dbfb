"""Row 67: sources, engines and recordings started and stopped 200 times in one window."""

import ctypes
import gc
import platform
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QObject, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.app.program import NOT_A_CAMERA, Program
from tests.factories import make_frame
from tests.fakes import SourceStep

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        platform.libc_ver()[0] != "glibc", reason="counts files by /proc, and memory by glibc"
    ),
]
_C = ctypes.CDLL(None)
ROUNDS = 200
#: Until caches, histories and plots are filled.
WARM_UP = 80
#: In half of the rounds: a leaked picture (640 x 480) each would be 90 MB, the heap settles by 9.
_MOST_GROWTH = 12 << 20


@dataclass(frozen=True)
class Held:
    """What the process holds."""

    threads: int
    files: int
    widgets: int
    timers: int
    qobjects: int
    objects: int
    memory: int

    @classmethod
    def now(cls, program: Program) -> "Held":
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        _C.malloc_trim(0)  # else the heap's free pieces are counted
        objects = gc.get_objects()
        return cls(
            threads=threading.active_count(),
            files=len(list(Path("/proc/self/fd").iterdir())),
            widgets=len(app.allWidgets()),
            timers=sum(issubclass(type(one), QTimer) for one in objects),
            qobjects=len(program.window.findChildren(QObject)),
            objects=len(objects),
            memory=int(Path("/proc/self/statm").read_text().split()[1]) * 4096,
        )


def repeat(qtbot: QtBot, program: Program, once: Callable[[], None], most_objects: int) -> None:
    """Do it so often; nothing may be there afterwards that was not before.

    Args:
        once: a round.
        most_objects: that Python may hold more for each round, on average.
    """
    rounds = ROUNDS
    for _ in range(WARM_UP):
        once()
    settle(qtbot, program)
    first = Held.now(program)
    grown = []
    for _ in range(2):
        memory = Held.now(program).memory
        for _ in range(rounds // 2):
            once()
        settle(qtbot, program)
        grown.append(Held.now(program).memory - memory)
    last = Held.now(program)
    assert last.threads == first.threads
    assert abs(last.files - first.files) <= 2
    for name in ("widgets", "timers", "qobjects"):
        # A card of the panel Health may have come, which has 42; one for each round is a leak.
        assert getattr(last, name) - getattr(first, name) < rounds // 2, name
    assert last.objects - first.objects < most_objects * rounds
    assert min(grown) < _MOST_GROWTH


def settle(qtbot: QtBot, program: Program) -> None:
    """Wait until what was let go in other threads has ended."""
    helpers = (program.session, program.controller.recording)
    qtbot.waitUntil(
        lambda: not any(thread.is_alive() for one in helpers for thread in one._helpers),
        timeout=10_000,
    )


def one_picture() -> Iterator[SourceStep]:
    yield make_frame()


def test_two_hundred_sources_leave_nothing_behind(qtbot: QtBot, tmp_path: Path) -> None:
    """Row 67: camera and model; each round has a source and an engine of its own."""
    program = Program(tmp_path / "window.toml", steps=one_picture)
    program.build(qtbot)
    opened: list[int] = []

    def once() -> None:
        drawn = program.window.picture.drawn_count
        program.controller.open_source(NOT_A_CAMERA)
        qtbot.waitUntil(lambda: program.window.picture.drawn_count > drawn, timeout=5000)
        program.session.stop()
        opened.append(len(program.sources))
        program.sources.clear()  # they hold their pictures

    repeat(qtbot, program, once, most_objects=4)
    assert opened == [1] * (ROUNDS + WARM_UP)


def test_two_hundred_recordings_leave_nothing_behind(qtbot: QtBot, running: Program) -> None:
    """Row 67: recording; the source runs on."""
    recording = running.controller.recording

    def once() -> None:
        running.trigger("record")
        qtbot.waitUntil(lambda: recording.is_recording, timeout=5000)
        running.trigger("record")
        qtbot.waitUntil(lambda: not recording.is_recording, timeout=5000)

    # The plot of the latency keeps 30 s, which are not full at first; a recorder would be 50.
    repeat(qtbot, running, once, most_objects=8)
