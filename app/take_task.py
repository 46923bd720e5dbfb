"""One export or cleaning after the other, each in a child process; the window waits for none."""

from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal

from app.child_task import ChildTask
from app.take_child import Progressed, TakeJob, TakeMessage, work_on_take
from core.errors import OutputError

_JOIN_S: Final = 3.0


class TakeTask(QObject):
    """At most one job; those that were cancelled put away meanwhile what they had begun."""

    heard = pyqtSignal(object)  # TakeMessage

    def __init__(self, parent: QObject) -> None:
        """Do nothing yet."""
        super().__init__(parent)
        self._child: ChildTask | None = None
        self._ending: list[ChildTask] = []

    @property
    def is_busy(self) -> bool:
        """Whether a job runs."""
        return self._child is not None

    def start(self, job: TakeJob) -> None:
        """Begin; returns at once."""
        ended = OutputError(
            "OUT-01", "the work on the recording ended by itself", "Try it again."
        )  # fmt: skip
        self._child = ChildTask(work_on_take, (Progressed,), ended, self)
        self._child.heard.connect(self._hear)
        self._child.start(job)

    def cancel(self) -> None:
        """Let nothing come of the job; returns at once."""
        child = self._child
        if child is not None:
            self._let_go()
            child.interrupt()

    def finish(self) -> None:
        """Cancel, and wait until nothing half written is left."""
        self.cancel()
        for child in self._ending:
            child.wait(_JOIN_S)

    def _hear(self, message: TakeMessage) -> None:
        if not isinstance(message, Progressed):
            self._let_go()
        self.heard.emit(message)

    def _let_go(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.heard.disconnect(self._hear)
            self._ending = [one for one in self._ending if one.is_running]
            self._ending.append(child)
