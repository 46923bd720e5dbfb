"""Recording: buttons, how long, how large, how much room is left, and where it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QResizeEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.styled import set_styled
from app.theme import DARK, Theme, icon

_ICON_PX = 18
#: Seconds; 0 for none.
PREROLLS_S: Final = (0, 2, 5, 10, 30)
LIMITS_S: Final = (0, 10, 30, 60, 300, 600, 1800)


@dataclass(frozen=True, slots=True)
class RecordingNumbers:
    """What is shown of a recording.

    Attributes:
        seconds: recorded, pauses not counted.
        size_bytes: of the session so far.
        disk_bytes: left where it lies; None where nobody has looked.
        disk_level: "ok", "warn" or "error".
        dropped_pictures: frames without a picture.
        dropped_frames: frames that were lost.
        late_hands: hands whose picture was recorded without them.
        markers: how many were set.
    """

    seconds: float = 0.0
    size_bytes: int = 0
    disk_bytes: int | None = None
    disk_level: str = "ok"
    dropped_pictures: int = 0
    dropped_frames: int = 0
    late_hands: int = 0
    markers: int = 0


class RecordPanel(QScrollArea):
    """Shows one recording and how the next one will be."""

    folder_asked = pyqtSignal()
    preroll_chosen = pyqtSignal(int)  # s
    limit_chosen = pyqtSignal(int)  # s; 0 for none
    video_chosen = pyqtSignal(bool)
    every_frame_chosen = pyqtSignal(bool)

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        """Make it; `actions` get a button each."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._folder = ""
        content = QFrame()
        content.setObjectName("card")
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(10)
        column.addLayout(self._make_head(actions))
        column.addLayout(self._make_numbers())
        column.addLayout(self._make_choices())
        column.addStretch(1)
        self.setWidget(content)
        self.show_numbers(RecordingNumbers(), "")
        self.show_theme(DARK)

    def _make_head(self, actions: Sequence[QAction]) -> QHBoxLayout:
        """The time, and the buttons."""
        self._time = QLabel()
        self._time.setObjectName("recordTime")
        self._time.setAccessibleName(self.tr("Recorded time"))
        self._state = QLabel()
        self._state.setProperty("muted", True)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._time)
        texts.addWidget(self._state)
        row = QHBoxLayout()
        row.addLayout(texts, 1)
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(_ICON_PX, _ICON_PX))
            row.addWidget(button)
        return row

    def _make_numbers(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        self._values: dict[str, QLabel] = {}
        names = {
            "size": self.tr("Size"),
            "disk": self.tr("Room left"),
            "drops": self.tr("Dropped"),
            "markers": self.tr("Markers"),
        }
        for column, (key, name) in enumerate(names.items()):
            label, value = QLabel(name), QLabel()
            label.setProperty("muted", True)
            value.setAccessibleName(name)
            grid.addWidget(label, 0, column)
            grid.addWidget(value, 1, column)
            grid.setColumnStretch(column, 1)
            self._values[key] = value
        return grid

    def _make_choices(self) -> QGridLayout:
        self._preroll = _choice([_seconds_text(s, self.tr("None")) for s in PREROLLS_S])
        self._preroll.setToolTip(self.tr("Record what happened before the button was pressed, too"))
        self._limit = _choice([_seconds_text(s, self.tr("Never")) for s in LIMITS_S])
        self._video = QCheckBox(self.tr("Pictures, too"))
        self._video.setToolTip(self.tr("Off: hands alone, a twentieth of the size"))
        self._every_frame = QCheckBox(self.tr("Every picture"))
        self._every_frame.setToolTip(
            self.tr("Pictures that the network was too slow for, too; they show no hands")
        )
        self._where = QLabel()
        self._where.setProperty("muted", True)
        self._choose = QToolButton()
        self._choose.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self._choose.setAutoRaise(True)
        self._choose.setToolTip(self.tr("Choose where recordings go"))
        self._choose.setAccessibleName(self.tr("Choose the folder of recordings"))
        self._preroll.activated.connect(lambda row: self.preroll_chosen.emit(PREROLLS_S[row]))
        self._limit.activated.connect(lambda row: self.limit_chosen.emit(LIMITS_S[row]))
        self._video.toggled.connect(self.video_chosen)
        self._video.toggled.connect(self._every_frame.setEnabled)
        self._every_frame.toggled.connect(self.every_frame_chosen)
        self._choose.clicked.connect(self.folder_asked)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        for row, (text, widget) in enumerate(
            ((self.tr("Seconds before"), self._preroll), (self.tr("End by itself"), self._limit))
        ):
            label = QLabel(text)
            label.setBuddy(widget)
            grid.addWidget(label, row, 0)
            grid.addWidget(widget, row, 1)
        grid.addWidget(self._video, 0, 2)
        grid.addWidget(self._every_frame, 1, 2)
        folder = QHBoxLayout()
        folder.addWidget(self._where, 1)
        folder.addWidget(self._choose)
        grid.addLayout(folder, 2, 0, 1, 3)
        grid.setColumnStretch(2, 1)
        return grid

    def show_choices(
        self, preroll_s: int, limit_s: int, video: bool, every_frame: bool, folder: str
    ) -> None:
        """Show how the next recording will be, without telling anyone."""
        self._preroll.setCurrentIndex(PREROLLS_S.index(preroll_s) if preroll_s in PREROLLS_S else 0)
        self._limit.setCurrentIndex(LIMITS_S.index(limit_s) if limit_s in LIMITS_S else 0)
        for box, on in ((self._video, video), (self._every_frame, every_frame)):
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)
        self._every_frame.setEnabled(video)
        self._folder = folder
        self._where.setToolTip(folder)
        self._elide()

    def show_busy(self, busy: bool) -> None:
        """What holds for the recording that goes on cannot be changed meanwhile."""
        for widget in (self._preroll, self._limit, self._video, self._choose):
            widget.setEnabled(not busy)
        self._every_frame.setEnabled(not busy and self._video.isChecked())

    def show_numbers(self, numbers: RecordingNumbers, state: str) -> None:
        """Show how the recording is doing; `state` in a word or two."""
        self._time.setText(clock_text(numbers.seconds))
        self._state.setText(state)
        self._state.setVisible(bool(state))
        self._values["size"].setText(size_text(numbers.size_bytes))
        disk = numbers.disk_bytes
        _show(self._values["disk"], "-" if disk is None else size_text(disk),
              numbers.disk_level if disk is not None else "")  # fmt: skip
        dropped = numbers.dropped_pictures + numbers.dropped_frames + numbers.late_hands
        level = "error" if numbers.dropped_frames else "warn" if dropped else ""
        _show(self._values["drops"], str(dropped), level)
        tip = self.tr("{pictures} frames have no picture, {frames} were lost").format(
            pictures=numbers.dropped_pictures, frames=numbers.dropped_frames
        )
        if numbers.late_hands:
            late = self.tr("{hands} hands came after their picture had been recorded")
            tip += "\n" + late.format(hands=numbers.late_hands)
        self._values["drops"].setToolTip(tip)
        self._values["markers"].setText(str(numbers.markers))

    def text(self, key: str) -> str:
        """Return what a value says: "time", "state", "size", "disk", "drops" or "markers"."""
        labels = {**self._values, "time": self._time, "state": self._state}
        return labels[key].text()

    def level(self, key: str) -> str:
        """Return how a value is marked: "ok", "warn", "error", or nothing."""
        return str(self._values[key].property("state") or "")

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._choose.setIcon(icon("folder", theme))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Shorten the folder to what there is room for."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(60, self.width() - 80)
        metrics = self._where.fontMetrics()
        self._where.setText(metrics.elidedText(self._folder, Qt.TextElideMode.ElideMiddle, room))


def _choice(texts: Sequence[str]) -> QComboBox:
    box = QComboBox()
    box.addItems(texts)
    return box


def _show(label: QLabel, text: str, level: str) -> None:
    label.setText(text)
    set_styled(label, "state", level)


def _seconds_text(seconds: int, none: str) -> str:
    if not seconds:
        return none
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"


def clock_text(seconds: float) -> str:
    """Return a duration as 0:00:12.3."""
    tenths = int(seconds * 10 + 1e-6)
    return f"{tenths // 36000}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def size_text(size: int) -> str:
    """Return a size as people read it, in decimal units."""
    if size < 1_000_000:
        return f"{size / 1e3:.0f} kB"
    if size < 1_000_000_000:
        return f"{size / 1e6:.1f} MB"
    return f"{size / 1e9:.1f} GB"
