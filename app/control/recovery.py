"""What was left behind when the program ended without a word is offered at the next start."""

import threading
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal

from app.error_texts import error_notice
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.panels.record_panel import clock_text
from app.panels.recording_dialogs import ask_about_left_behind
from app.settings import SettingsStore, recordings_folder
from core.errors import ManyHandsError
from core.session.recover import LeftBehind, Recovery, find_left_behind, recover

_JOIN_S: Final = 6.0


class RecoveryController(QObject):
    """Looks for recordings that were cut off, and completes them where that is wanted."""

    _found = pyqtSignal(object)  # tuple of LeftBehind
    _recovered = pyqtSignal(object)  # tuple of Recovery or ManyHandsError

    def __init__(self, window: MainWindow, store: SettingsStore, parent: QObject) -> None:
        """Do nothing yet."""
        super().__init__(parent)
        self._window, self._store = window, store
        self._thread: threading.Thread | None = None
        self._found.connect(self._offer)
        self._recovered.connect(self._show_recovered)
        window.closing.connect(self._wait)

    def begin(self) -> None:
        """Look where recordings go, in another thread."""
        folder = recordings_folder(self._store.settings)
        self._thread = threading.Thread(
            target=lambda: self._found.emit(find_left_behind(folder)),
            name="left behind",
            daemon=True,
        )
        self._thread.start()

    def _offer(self, found: tuple[LeftBehind, ...]) -> None:
        """Offer what was left behind, if anything in it can be read."""
        readable = [one for one in found if not one.is_empty]
        if not readable:
            return
        line = self.tr("{name}, about {time}")
        lines = [line.format(name=one.path.name, time=clock_text(one.seconds)) for one in readable]
        text = "\n".join((*lines, str(readable[0].path.parent)))
        ask_about_left_behind(
            self._window, text, lambda: self._recover([one.path for one in readable])
        )

    def _recover(self, paths: list[Path]) -> None:
        """Complete them in another thread: an hour's hands are written once more."""
        self._thread = threading.Thread(
            target=lambda: self._recovered.emit(tuple(map(_recovered, paths))),
            name="recover",
            daemon=True,
        )
        self._thread.start()

    def _show_recovered(self, outcomes: tuple[Recovery | ManyHandsError, ...]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, ManyHandsError):
                self._window.banner.show_notice(error_notice("error", outcome))
                return
        done = [one for one in outcomes if isinstance(one, Recovery)]
        names = ", ".join(one.path.name for one in done)
        missing = " ".join(line for one in done for line in one.notices[:2])
        title = self.tr("{names} was recovered.").format(names=names)
        self._window.banner.show_notice(Notice("info", "", title, missing))

    def _wait(self) -> None:
        """Do not leave a file half written as the program ends."""
        if self._thread is not None:
            self._thread.join(_JOIN_S)


def _recovered(path: Path) -> Recovery | ManyHandsError:
    try:
        return recover(path)
    except ManyHandsError as error:
        return error
