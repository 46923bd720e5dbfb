"""A recorded session in the window: owns its player, asks it for the newest frame, hears faults."""

import threading
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal

from core.errors import ManyHandsError
from core.hand_model.file import HandModel
from core.hand_model.poser import HandPoser
from core.session.played import OpenedSession, PlayedFrame
from core.session.player import SessionPlayer

_JOIN_S: Final = 3.0


class Replay(QObject):
    """Holds at most one player. What it shows goes the way of live results: `Session` polls it.

    Attributes:
        player: what plays; None while no recording is open.
    """

    opened = pyqtSignal(object)  # OpenedSession
    played = pyqtSignal(object)  # PlayedFrame
    failed_beside = pyqtSignal(object)  # ManyHandsError: of the session to compare with
    closed = pyqtSignal()

    def __init__(self, model: HandModel, parent: QObject) -> None:
        """Play nothing yet."""
        super().__init__(parent)
        self._model = model
        self._poser: HandPoser | None = None
        self._told: OpenedSession | None = None
        self._ending: list[threading.Thread] = []
        self.player: SessionPlayer | None = None

    @property
    def is_open(self) -> bool:
        """Whether a recording is shown, or about to be."""
        return self.player is not None

    @property
    def is_playing(self) -> bool:
        """Whether its time goes on."""
        return self.player is not None and self.player.status().clock.is_playing

    def open(self, path: Path) -> None:
        """Play a recording from its start; another one that is open is closed."""
        self.close()
        self._poser = self._poser or HandPoser(self._model)
        self.player = SessionPlayer(path, self._poser)
        self.player.start()

    def close(self) -> None:
        """End playing; returns at once."""
        player, self.player, self._told = self.player, None, None
        if player is not None:
            thread = threading.Thread(target=player.close, name="end player", daemon=True)
            self._ending = [one for one in self._ending if one.is_alive()]
            self._ending.append(thread)
            thread.start()
            self.closed.emit()

    def finish(self) -> None:
        """End playing and wait for it, as the program ends."""
        self.close()
        for thread in self._ending:
            thread.join(_JOIN_S)

    def poll(self) -> tuple[PlayedFrame | None, ManyHandsError | None]:
        """Return the newest frame and the fault that ended playing, where there are any."""
        player = self.player
        if player is None:
            return None, None
        if self._told is None and player.opened is not None:
            self._told = player.opened
            self.opened.emit(self._told)
        fault = player.take_fault()
        if fault is not None and player.opened is not None:
            self.failed_beside.emit(fault)
            fault = None
        played = player.take()
        if played is not None:
            self.played.emit(played)
        return played, fault
