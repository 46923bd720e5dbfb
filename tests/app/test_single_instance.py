"""Row 60: a second start raises the first window; what a killed one left is no obstacle."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PyQt6.QtNetwork import QLocalSocket
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import app.program
from app.single_instance import SingleInstance
from app.start import StartOptions
from core.errors import DisplayError
from tests.app.program import Program

ROOT = Path(__file__).parents[2]
_OWNER = """
import sys
from pathlib import Path
from PyQt6.QtCore import QCoreApplication
from app.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
instance.asked.connect(lambda source: print("asked", repr(source), flush=True))
print("first" if instance.claim() else "second", flush=True)
app.exec()
"""


@contextmanager
def owner(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "first\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.slow
def test_a_second_start_is_heard_by_the_first(qapp: QApplication, tmp_path: Path) -> None:
    """Row 60."""
    with owner(tmp_path) as first:
        later = SingleInstance(tmp_path)
        assert not later.claim()
        assert later.ask_first("h\u00e4nde \U0001f91a.mp4")
        assert first.stdout is not None
        assert first.stdout.readline() == "asked 'h\u00e4nde \U0001f91a.mp4'\n"


@pytest.mark.slow
def test_the_lock_of_a_killed_process_is_taken_over(qapp: QApplication, tmp_path: Path) -> None:
    """Row 60: SIGKILL leaves lock and socket behind."""
    with owner(tmp_path) as first:
        first.kill()
        first.wait()
        later = SingleInstance(tmp_path)
        start = time.monotonic()
        assert later.claim()
        assert time.monotonic() - start < 2
        later.release()


def test_each_folder_has_its_own_first(qapp: QApplication, tmp_path: Path) -> None:
    instances = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        instances.append(SingleInstance(tmp_path / name))
    assert all(instance.claim() for instance in instances)
    for instance in instances:
        instance.release()


@pytest.mark.parametrize(
    "message", [b"\n", b"[]\n", b'{"source": 3}\n', b'{"other": "x"}\n', b"\xff\xfe\n"]
)
def test_nonsense_from_the_socket_is_refused(qtbot: QtBot, tmp_path: Path, message: bytes) -> None:
    instance = SingleInstance(tmp_path)
    assert instance.claim()
    heard: list[str] = []
    instance.asked.connect(heard.append)
    for text in (message, json.dumps({"source": "ok"}).encode() + b"\n"):
        socket = QLocalSocket()
        socket.connectToServer(instance._name)
        assert socket.waitForConnected(2000)
        with qtbot.waitSignal(socket.disconnected if text is message else instance.asked):
            socket.write(text)
            socket.flush()
        socket.abort()
    instance.release()
    assert heard == ["ok"]


def test_the_asked_window_comes_forward_with_the_source(program: Program, qtbot: QtBot) -> None:
    program.window.showMinimized()
    program.controller.come_forward("other.mp4")
    assert not program.window.isMinimized() and program.window.isVisible()
    qtbot.waitUntil(lambda: program.opened == ["other.mp4"], timeout=5000)


class Deaf:
    """An instance that is not the first, whose first one answers or not."""

    def __init__(self, answers: bool) -> None:
        self.answers = answers
        self.sources: list[str] = []

    def claim(self) -> bool:
        return False

    def ask_first(self, source: str) -> bool:
        self.sources.append(source)
        return self.answers

    def release(self) -> None:
        pass


@pytest.mark.parametrize("answers", [True, False])
def test_a_second_start_ends_or_says_what_to_do(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answers: bool
) -> None:
    """Row 60: the source is told whole, whatever folder the second one starts in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").touch()
    instance = Deaf(answers)
    monkeypatch.setattr(app.program, "SingleInstance", lambda _folder: instance)
    monkeypatch.setattr(app.program, "make_application", lambda _arguments: qapp)
    if answers:
        assert app.program.main(StartOptions("clip.mp4")) == 0
    else:
        with pytest.raises(DisplayError, match=r"GUI-03.*--multi"):
            app.program.main(StartOptions("clip.mp4"))
    assert instance.sources == [str(tmp_path / "clip.mp4")]
