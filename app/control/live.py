"""What the pipeline gives, onto the screen: hands, steps, rates, and which engine runs."""

from typing import Final

from PyQt6.QtCore import QObject, QTimer

from app.main_window import MainWindow
from app.session import EngineInfo, Session
from app.state import RateMeter, Rates
from app.visuals.hand_batch import HandColours, make_batch
from core.timing import now_ns
from core.types import TrackedHands

_RATES_MS: Final = 500


class LiveController(QObject):
    """Hands every result to the views, and shows twice a second how fast they come."""

    def __init__(self, window: MainWindow, session: Session, parent: QObject) -> None:
        """Hear the session."""
        super().__init__(parent)
        self._window, self._session = window, session
        self._colours = HandColours()
        self._drawn = RateMeter()
        session.add_viewer(self._show_hands)
        session.opening.connect(lambda _source: self._show_nothing())
        session.engine_opened.connect(self._show_engine)
        self._timer = QTimer(self)
        self._timer.setInterval(_RATES_MS)
        self._timer.timeout.connect(self._show_rates)
        self._timer.start()
        window.closing.connect(self._timer.stop)

    def _show_nothing(self) -> None:
        """Forget what another source showed."""
        window = self._window
        window.picture.show_nothing()
        window.plot.show_nothing()
        if window.scene is not None:
            window.scene.show_nothing()

    def _show_engine(self, info: EngineInfo) -> None:
        """Name the engine, and why no faster one was taken."""
        self._window.status.show_engine(info.text, info.tip)

    def _show_hands(self, tracked: TrackedHands) -> None:
        """Hand one result to every view."""
        window = self._window
        seen = len(tracked.hands) - len(tracked.predicted)
        window.status.show_hand_count(seen, len(tracked.predicted))
        if window.isMinimized():
            return
        start_ns = now_ns()
        batch = make_batch(tracked, window.topology, self._colours)
        batch_ms = (now_ns() - start_ns) / 1e6
        window.show_message("")
        window.picture.show_hands(tracked, batch)
        draw_ms = batch_ms + window.picture.draw_ms
        if window.scene is not None:
            window.scene.show_hands(tracked, batch)
            draw_ms += window.scene.draw_ms
        window.plot.show_steps({**tracked.step_ms, "draw": draw_ms})

    def _show_rates(self) -> None:
        drawn_fps = self._drawn.rate(self._window.picture.drawn_count, now_ns())
        status = self._session.status()
        if status is None:
            self._window.status.show_rates(Rates())
            return
        self._window.status.show_rates(
            Rates(
                status.captured_fps,
                status.processed_fps,
                drawn_fps,
                status.captured,
                status.dropped,
            )
        )
