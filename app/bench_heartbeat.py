"""How long the window's thread is kept from answering."""

import time
from typing import Final

from PyQt6.QtCore import QObject, Qt, QTimer

from core.timing import now_ns

_BEAT_MS: Final = 5
#: The thread counts as blocked where it does not answer for so long.
BLOCKED_MS: Final = 100.0


class Heartbeat(QObject):
    """Fires as often as it can, and notes how long the thread was away in between.

    Attributes:
        gaps_ms: beyond the timer's own interval, since `start`.
        busy_ms: likewise, but the processor time that the thread spent: what other programs took
            from it is not in it, and neither is waiting.
        blocks: (seconds since `start`, ms) of each gap over BLOCKED_MS / 2.
    """

    def __init__(self, parent: QObject) -> None:
        """Rest until started."""
        super().__init__(parent)
        self.gaps_ms: list[float] = []
        self.busy_ms: list[float] = []
        self.blocks: list[tuple[float, float]] = []
        self._last_ns = self._start_ns = 0
        self._last_busy_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Forget what was, and beat."""
        self.gaps_ms.clear()
        self.busy_ms.clear()
        self._last_busy_s = time.thread_time()
        self.blocks.clear()
        self._last_ns = self._start_ns = now_ns()
        self._timer.start()

    def stop(self) -> None:
        """Beat no more; what was noted stays."""
        self._timer.stop()

    def _beat(self) -> None:
        now = now_ns()
        gap_ms = max(0.0, (now - self._last_ns) / 1e6 - _BEAT_MS)
        busy_s = time.thread_time()
        self.gaps_ms.append(gap_ms)
        self.busy_ms.append(1000 * (busy_s - self._last_busy_s))
        self._last_busy_s = busy_s
        if gap_ms > BLOCKED_MS / 2:
            self.blocks.append((round((now - self._start_ns) / 1e9, 2), round(gap_ms, 1)))
        self._last_ns = now
