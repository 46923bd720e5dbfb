"""How many hands, how sure, how steady: sliders that say what they do."""

from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.config import MAX_HANDS

_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class TrackingChoice:
    """What the sliders stand at.

    Attributes:
        max_hands: at most so many are shown.
        score_threshold: from which on a detection counts as a hand.
        quickness: 0 steady to 1 quick.
    """

    max_hands: int
    score_threshold: float
    quickness: float


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the drawn hand trails, in ms, at 0.1 and at 1 m/s."""

    slow_ms: float
    fast_ms: float


class TrackingPanel(QScrollArea):
    """Three sliders and three buttons."""

    changed = pyqtSignal(object)  # TrackingChoice
    defaults_asked = pyqtSignal()

    def __init__(self, freeze: QAction, forget: QAction, parent: QWidget | None = None) -> None:
        """Make the sliders; the actions become buttons."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._hands = _slider(1, MAX_HANDS, 1, self.tr("Number of hands"))
        self._score = _slider(1, 99, 5, self.tr("Least score of a hand"))
        self._quick = _slider(0, _PERCENT, 10, self.tr("Steady to quick"))
        self._hands_text, self._score_text, self._lag = QLabel(), QLabel(), QLabel()
        self._lag.setAccessibleName(self.tr("Lag"))
        self._lag.setProperty("muted", True)
        self._lag.setWordWrap(True)
        for slider in (self._hands, self._score, self._quick):
            slider.valueChanged.connect(lambda _value: self._tell())
        self._lay_out(freeze, forget)
        self._show_numbers()

    def show_choice(self, choice: TrackingChoice) -> None:
        """Put the sliders there without telling anyone."""
        values = (choice.max_hands, _PERCENT * choice.score_threshold, _PERCENT * choice.quickness)
        for slider, value in zip((self._hands, self._score, self._quick), values, strict=True):
            slider.blockSignals(True)
            slider.setValue(round(value))
            slider.blockSignals(False)
        self._show_numbers()

    def show_lag(self, lag: Lag) -> None:
        """Say how far smoothing trails."""
        self._lag.setText(
            self.tr("The drawn hand trails by {slow} ms at 10 cm/s and {fast} ms at 1 m/s.").format(
                slow=f"{lag.slow_ms:.0f}", fast=f"{lag.fast_ms:.0f}"
            )
        )

    def lag_text(self) -> str:
        """Return what it says about lag."""
        return self._lag.text()

    def _lay_out(self, freeze: QAction, forget: QAction) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(1, 1)
        rows = (
            (self.tr("Hands"), self._hands, self._hands_text),
            (self.tr("Least score"), self._score, self._score_text),
        )
        for row, (name, slider, value) in enumerate(rows):
            grid.addWidget(_muted(name), row, 0)
            grid.addWidget(slider, row, 1)
            grid.addWidget(value, row, 2)
            value.setMinimumWidth(40)
        ends = QHBoxLayout()
        ends.setSpacing(10)
        ends.addWidget(QLabel(self.tr("Steady")))
        ends.addWidget(self._quick, 1)
        ends.addWidget(QLabel(self.tr("Quick")))
        grid.addWidget(_muted(self.tr("Smoothing")), 2, 0)
        grid.addLayout(ends, 2, 1, 1, 2)
        grid.addWidget(self._lag, 3, 1, 1, 2)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for action in (freeze, forget):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setProperty("framed", True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            buttons.addWidget(button)
        buttons.addStretch(1)
        defaults = QPushButton(self.tr("Defaults"))
        defaults.clicked.connect(self.defaults_asked)
        buttons.addWidget(defaults)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(12)
        column.addLayout(grid)
        column.addLayout(buttons)
        column.addStretch(1)
        self.setWidget(content)

    def _show_numbers(self) -> None:
        self._hands_text.setText(str(self._hands.value()))
        self._score_text.setText(f"{self._score.value()} %")

    def _tell(self) -> None:
        self._show_numbers()
        self.changed.emit(
            TrackingChoice(
                self._hands.value(), self._score.value() / _PERCENT, self._quick.value() / _PERCENT
            )
        )


def _slider(low: int, high: int, page: int, name: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(low, high)
    slider.setPageStep(page)
    slider.setAccessibleName(name)
    return slider


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("muted", True)
    return label
