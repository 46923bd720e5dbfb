"""How long each action of the table keeps the window's thread from answering."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication, QDialog

from app.actions import ACTIONS
from app.bench_heartbeat import Heartbeat
from app.main_window import MainWindow

#: An action is watched for so long: what it opens is drawn and filled by then.
WATCHED_MS: Final = 700
#: Rows that end what is measured.
_LEFT_OUT: Final = frozenset({"quit"})
#: Rows that are done twice, so that what they switch is as before.
_TWICE: Final = frozenset({"run", *(spec.id for spec in ACTIONS if spec.checkable)}) - frozenset(
    spec.id for spec in ACTIONS if spec.group
)
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class ActionCost:
    """What the thread did after an action.

    Attributes:
        name: its id.
        block_ms: longest time without an answer, whatever the reason.
        busy_ms: longest piece of work between two answers, as processor time.
    """

    name: str
    block_ms: float
    busy_ms: float


class ActionRound(QObject):
    """Does every action once or twice, one after another, and closes what they open."""

    def __init__(self, window: MainWindow, then: Callable[[], None]) -> None:
        """Do nothing yet.

        Args:
            window: whose actions are done.
            then: called after the last one.
        """
        super().__init__(window)
        self.costs: list[ActionCost] = []
        self._window, self._then = window, then
        names = [spec.id for spec in ACTIONS if spec.id not in _LEFT_OUT]
        self._left = [name for name in names for _ in range(1 + (name in _TWICE))]
        self._heart = Heartbeat(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WATCHED_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Do the first action."""
        self._next()

    def _next(self) -> None:
        while self._left and not self._window.actions_by_id[self._left[0]].isEnabled():
            self._left.pop(0)
        if not self._left:
            self._heart.stop()
            self._then()
            return
        self._heart.start()
        self._timer.start()
        # Inside the first beat, so that the beat after it tells how long it took.
        QTimer.singleShot(0, self._window.actions_by_id[self._left[0]].trigger)

    def _look(self) -> None:
        """Note what the action cost, close what it has opened, and go on."""
        heart = self._heart
        self.costs.append(
            ActionCost(
                self._left.pop(0),
                round(max(heart.gaps_ms, default=0.0), 1),
                round(max(heart.busy_ms, default=0.0), 1),
            )
        )
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.reject()
        QTimer.singleShot(0, self._next)

    def summary(self, limit_ms: float) -> dict[str, Any]:
        """Return the dearest actions, and those over a limit."""
        dearest = sorted(self.costs, key=lambda cost: cost.block_ms, reverse=True)
        return {
            "actions": len(self.costs),
            "over_limit": sorted({cost.name for cost in dearest if cost.block_ms > limit_ms}),
            "busy_over_limit": sorted({cost.name for cost in dearest if cost.busy_ms > limit_ms}),
            "dearest": [f"{c.name}: {c.block_ms} ms, {c.busy_ms} busy" for c in dearest[:_SHOWN]],
        }
