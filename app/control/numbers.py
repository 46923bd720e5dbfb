"""How fast everything goes: rates, delay, drops, engine and machine, twice a second."""

from collections import deque
from typing import Final

import numpy as np
from PyQt6.QtCore import QObject, QTimer

from app.machine import MachineWatch
from app.main_window import MainWindow
from app.panels.docks import DockSpec
from app.panels.numbers import Numbers, NumbersPanel
from app.session import EngineInfo, Session
from app.state import RateMeter, Rates
from core.timing import now_ns
from core.types import TrackedHands

_SHOW_MS: Final = 500
#: The delay is that of so many drawn pictures.
_DELAYS: Final = 120


class NumbersController(QObject):
    """Collects the numbers and shows them in the status bar and the panel Numbers."""

    def __init__(self, window: MainWindow, session: Session, parent: QObject) -> None:
        """Make the panel and hear the session."""
        super().__init__(parent)
        self._window, self._session = window, session
        self._panel = NumbersPanel()
        window.add_dock(
            DockSpec("numbers_dock", self.tr("Numbers"), self._panel, tab_with="plot_dock")
        )
        self._drawn = RateMeter()
        self._seen_count = 0
        self._delays_ms: deque[float] = deque(maxlen=_DELAYS)
        self._machine = MachineWatch()
        self._machine.start()
        session.add_viewer(self._note_delay)
        session.opening.connect(lambda _source: self._delays_ms.clear())
        session.engine_opened.connect(self._show_engine)
        self._timer = QTimer(self)
        self._timer.setInterval(_SHOW_MS)
        self._timer.timeout.connect(self._show)
        self._timer.start()
        window.closing.connect(self._end)

    def _end(self) -> None:
        self._timer.stop()
        self._machine.stop()

    def _show_engine(self, info: EngineInfo) -> None:
        """Name the engine, and why no faster one was taken."""
        self._window.status.show_engine(info.text, info.tip)

    def _note_delay(self, tracked: TrackedHands) -> None:
        """Note the delay of what was drawn last; each drawn picture counts once."""
        picture = self._window.picture
        if picture.drawn_count != self._seen_count and picture.latency_ms is not None:
            self._seen_count = picture.drawn_count
            self._delays_ms.append(picture.latency_ms)

    def _show(self) -> None:
        window, status = self._window, self._session.status()
        drawn_fps = self._drawn.rate(window.picture.drawn_count, now_ns())
        rates = Rates()
        if status is not None:
            rates = Rates(
                status.captured_fps,
                status.processed_fps,
                drawn_fps,
                status.captured - status.early,
                status.dropped - status.early,
                status.rejected_hands,
            )
        window.status.show_rates(rates)
        if not self._panel.isVisible():
            return
        delay = None
        if self._delays_ms:
            p50, p95 = np.percentile(self._delays_ms, [50, 95])
            delay = (float(p50), float(p95))
        engine = status.engine if status is not None else None
        self._panel.show_numbers(
            Numbers(
                rates,
                delay,
                engine.detail if engine is not None else "",
                engine.precision if engine is not None else "",
                self._machine.latest,
            )
        )
