"""The foot of a dialog that does a job: how far it is, what came of it, and its buttons."""

from enum import Enum

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.panels.styled import set_styled


class JobState(Enum):
    """What a job does."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobBar(QWidget):
    """Begins, cancels, tells."""

    begin_asked = pyqtSignal()
    cancel_asked = pyqtSignal()
    close_asked = pyqtSignal()
    result_asked = pyqtSignal()

    def __init__(self, begin: str, result: str) -> None:
        """Wait; `begin` and `result` are what the buttons say that begin, and show the result."""
        super().__init__()
        self.state = JobState.READY
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setAccessibleName(self.tr("State"))
        self._text.hide()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._bar.setAccessibleName(self.tr("Progress"))
        self.result = QPushButton(result)
        self.begin = QPushButton(begin)
        self.begin.setProperty("primary", True)
        self.begin.setDefault(True)
        self.end = QPushButton()
        self.result.clicked.connect(self.result_asked)
        self.begin.clicked.connect(self.begin_asked)
        self.end.clicked.connect(self._end)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (self.result, self.begin, self.end):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._text)
        column.addWidget(self._bar)
        column.addLayout(row)
        self._show_state(JobState.READY)

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def show_running(self, text: str) -> None:
        """Say that it has begun."""
        self._bar.setRange(0, 0)
        self._say(text, "")
        self._show_state(JobState.RUNNING)

    def show_progress(self, done: int, total: int | None) -> None:
        """Show how far it is; None where nobody knows how much there is."""
        self._bar.setRange(0, total or 0)
        self._bar.setValue(done)

    def show_done(self, text: str) -> None:
        """Say what came of it."""
        self._say(text, "ok")
        self._show_state(JobState.DONE)

    def show_failure(self, text: str, details: str) -> None:
        """Say why nothing came of it, and what to do."""
        self._say(text, "error")
        self._text.setToolTip(details)
        self._show_state(JobState.FAILED)

    def show_cancelled(self) -> None:
        """Say that nothing was written."""
        self._say(self.tr("Cancelled: nothing was written."), "")
        self._show_state(JobState.READY)

    def _say(self, text: str, state: str) -> None:
        self._text.setText(text)
        self._text.setToolTip("")
        self._text.setVisible(bool(text))
        set_styled(self._text, "state", state)

    def _show_state(self, state: JobState) -> None:
        self.state = state
        is_running = state is JobState.RUNNING
        self._bar.setVisible(is_running)
        self.begin.setEnabled(not is_running)
        self.result.setVisible(state is JobState.DONE)
        self.end.setText(self.tr("Cancel") if is_running else self.tr("Close"))

    def _end(self) -> None:
        (self.cancel_asked if self.state is JobState.RUNNING else self.close_asked).emit()
