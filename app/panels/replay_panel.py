"""How a recording plays: timeline, steps, speed, range, which hands, and another one beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.record_panel import clock_text
from app.panels.timeline import Timeline
from app.theme import DARK, Theme, icon

_ICON_PX: Final = 18
SPEEDS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
#: Of the choice which hands are shown.
SMOOTHED, RAW, RESMOOTHED = "smoothed", "raw", "resmoothed"
_KINDS: Final = (SMOOTHED, RAW, RESMOOTHED)
_STEPS: Final = 100
_MOST_OFFSET_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class ReplayNumbers:
    """What is shown while a recording plays.

    Attributes:
        position_ns: session time.
        end_ns: of the last frame.
        in_ns: where playing begins.
        out_ns: where it ends.
        frame: the frame that is shown, from 0.
        speed: session seconds per second.
        loops: begins again at the end.
        offset_ns: of the other session.
        difference: between both, in words; empty for none.
    """

    position_ns: int = 0
    end_ns: int = 0
    in_ns: int = 0
    out_ns: int = 0
    frame: int = 0
    speed: float = 1.0
    loops: bool = False
    offset_ns: int = 0
    difference: str = ""


class ReplayPanel(QFrame):
    """Speaks of one recording."""

    sought = pyqtSignal(object)  # session time, ns
    stepped = pyqtSignal(int)  # frames
    speed_chosen = pyqtSignal(float)
    kind_chosen = pyqtSignal(str, float)  # which hands, quickness in [0, 1]
    compare_asked = pyqtSignal()
    compare_ended = pyqtSignal()
    align_asked = pyqtSignal()
    offset_chosen = pyqtSignal(object)  # ns

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        """Make it; `actions` get a button each: play, steps, loop, range."""
        super().__init__(parent)
        self.setObjectName("card")
        self.timeline = Timeline()
        self.timeline.sought.connect(self.sought)
        self.timeline.stepped.connect(self.stepped)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.timeline)
        row = QHBoxLayout()
        row.setSpacing(6)
        self._add_transport(row, actions)
        self._add_hands(row)
        row.addStretch(1)
        self._compare = _button(self.tr("Show the hands of another recording beside these"))
        self._compare.clicked.connect(self.compare_asked)
        row.addWidget(self._compare)
        column.addLayout(row)
        self._comparison = QWidget()
        column.addWidget(self._comparison)
        self._fill_comparison()
        self.show_other("")
        self.show_numbers(ReplayNumbers())
        self.show_theme(DARK)

    def _add_transport(self, row: QHBoxLayout, actions: Sequence[QAction]) -> None:
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(_ICON_PX, _ICON_PX))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setAutoRaise(True)
            row.addWidget(button)
        self._speed = QComboBox()
        self._speed.addItems([f"{speed:g}\u00d7" for speed in SPEEDS])
        self._speed.setAccessibleName(self.tr("Speed"))
        self._speed.setToolTip(self.tr("Speed of playing"))
        self._speed.activated.connect(lambda at: self.speed_chosen.emit(SPEEDS[at]))
        self._time = QLabel()
        self._time.setAccessibleName(self.tr("Time"))
        row.addWidget(self._speed)
        row.addWidget(self._time)

    def _add_hands(self, row: QHBoxLayout) -> None:
        self._kind = QComboBox()
        names = (self.tr("As recorded"), self.tr("As measured"), self.tr("Smoothed anew"))
        self._kind.addItems(names)
        self._kind.setAccessibleName(self.tr("Which hands"))
        self._kind.setToolTip(self.tr("Hands as they were shown, unsmoothed, or smoothed anew"))
        self._quickness = QSlider(Qt.Orientation.Horizontal)
        self._quickness.setRange(0, _STEPS)
        self._quickness.setValue(_STEPS // 2)
        self._quickness.setFixedWidth(90)
        self._quickness.setAccessibleName(self.tr("Steady to quick"))
        self._quickness.setToolTip(self.tr("Smoothing: steady to quick"))
        self._quickness.setEnabled(False)
        self._kind.activated.connect(lambda _at: self._tell_kind())
        self._quickness.valueChanged.connect(lambda _value: self._tell_kind())
        row.addWidget(self._kind)
        row.addWidget(self._quickness)

    def _fill_comparison(self) -> None:
        """The row that is there while another recording is shown beside."""
        self._difference = QLabel()
        self._difference.setProperty("muted", True)
        self._other = QLabel()
        self._offset = QDoubleSpinBox()
        self._offset.setRange(-_MOST_OFFSET_S, _MOST_OFFSET_S)
        self._offset.setDecimals(2)
        self._offset.setSingleStep(0.03)
        self._offset.setSuffix(" s")
        self._offset.setKeyboardTracking(False)
        self._offset.setAccessibleName(self.tr("How much later the other recording is shown"))
        self._offset.setToolTip(self._offset.accessibleName())
        self._offset.valueChanged.connect(lambda s: self.offset_chosen.emit(round(s * 1e9)))
        self._align = _button(self.tr("Lay the other recording's motion on this one's"))
        self._end_compare = _button(self.tr("Take the other recording away"))
        self._align.clicked.connect(self.align_asked)
        self._end_compare.clicked.connect(self.compare_ended)
        row = QHBoxLayout(self._comparison)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._other)
        row.addWidget(self._offset)
        row.addWidget(self._align)
        row.addWidget(self._difference, 1)
        row.addWidget(self._end_compare)

    def show_numbers(self, numbers: ReplayNumbers) -> None:
        """Show where playing is."""
        self.timeline.show_position(numbers.position_ns, numbers.in_ns, numbers.out_ns)
        time, end = clock_text(numbers.position_ns / 1e9), clock_text(numbers.end_ns / 1e9)
        self._time.setText(f"{time} / {end}  #{numbers.frame}")
        if numbers.speed in SPEEDS:
            self._speed.setCurrentIndex(SPEEDS.index(numbers.speed))
        if not self._offset.hasFocus():
            self._offset.blockSignals(True)
            self._offset.setValue(numbers.offset_ns / 1e9)
            self._offset.blockSignals(False)
        self._difference.setText(numbers.difference)

    def show_kind(self, kind: str) -> None:
        """Show which hands are shown, without telling anyone."""
        self._kind.setCurrentIndex(_KINDS.index(kind))
        self._quickness.setEnabled(kind == RESMOOTHED)

    def show_other(self, name: str) -> None:
        """Name the recording that is shown beside; empty for none."""
        self._other.setText(name)
        self._comparison.setVisible(bool(name))
        self._compare.setVisible(not name)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.timeline.show_theme(theme)
        self._compare.setIcon(icon("compare", theme))
        self._align.setIcon(icon("align", theme))
        self._end_compare.setIcon(icon("close", theme))

    @property
    def time_text(self) -> str:
        """What the time says."""
        return self._time.text()

    @property
    def difference_text(self) -> str:
        """What the difference says."""
        return self._difference.text()

    @property
    def other_text(self) -> str:
        """The name of the recording beside; empty where there is none."""
        return self._other.text()

    def _tell_kind(self) -> None:
        kind = _KINDS[self._kind.currentIndex()]
        self._quickness.setEnabled(kind == RESMOOTHED)
        self.kind_chosen.emit(kind, self._quickness.value() / _STEPS)


def _button(tip: str) -> QToolButton:
    button = QToolButton()
    button.setIconSize(QSize(_ICON_PX, _ICON_PX))
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
