"""How far fingers are bent: bars of this moment, and lines over the last seconds."""

import math
from collections import deque
from collections.abc import Mapping
from typing import Final

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from app.theme import DARK, Theme
from core.hand_angles import FLEXION_NAMES, FLEXIONS_OF_FINGER
from core.topology import FINGERS
from core.types import Float32

#: A bar is full at this angle: no finger joint bends farther.
_FULL_DEG: Final = 110.0
_LEAST_DEG: Final = -20.0
_WINDOW_S: Final = 10.0
_TICKS: Final = [(-10, "10 s"), (-5, "5"), (0, "now")]
_MOST_SAMPLES: Final = 400
#: Okabe and Ito (2008); the yellow of the light theme is darker.
_DARK_LINES: Final = ("#e69f00", "#56b4e9", "#2bb58a", "#f0e442", "#cc79a7")
_LIGHT_LINES: Final = ("#b87800", "#0072b2", "#00805c", "#8a7d00", "#b0508a")


def _finger_names() -> tuple[str, ...]:
    """Return the fingers' names for a person, thumb to little."""
    return (
        QCoreApplication.translate("Fingers", "Thumb"),
        QCoreApplication.translate("Fingers", "Index"),
        QCoreApplication.translate("Fingers", "Middle"),
        QCoreApplication.translate("Fingers", "Ring"),
        QCoreApplication.translate("Fingers", "Little"),
    )


class FlexionBars(QWidget):
    """Fourteen bars in five groups, one for each joint that bends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without a hand."""
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._flexion: Float32 | None = None
        self._colour = QColor()
        self._theme = DARK

    def sizeHint(self) -> QSize:
        """As high as two lines of text and the bars between them."""
        return QSize(220, 30 + self.fontMetrics().height())

    def show_flexion(self, flexion: Float32, colour: tuple[int, int, int], is_seen: bool) -> None:
        """Show angles (14,) in degrees in a colour; faint where the hand is only predicted."""
        self._flexion = flexion
        self._colour = QColor(*colour, 255 if is_seen else 110)
        bent = ", ".join(
            f"{name} {angle:.0f}\u00b0"
            for name, angle in zip(FLEXION_NAMES, flexion, strict=True)
            if math.isfinite(angle)
        )
        self.setAccessibleDescription(bent)
        self.update()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def _bars(self) -> list[QRectF]:
        """Return the place of each bar's groove."""
        group = self.width() / len(FLEXIONS_OF_FINGER)
        height = self.height() - self.fontMetrics().height() - 4
        bars = []
        for finger, joints in enumerate(FLEXIONS_OF_FINGER):
            width = min(18.0, (group - 12) / 3)
            used = len(joints) * width + (len(joints) - 1) * 3
            left = finger * group + (group - used) / 2
            bars += [
                QRectF(left + index * (width + 3), 2, width, height) for index in range(len(joints))
            ]
        return bars

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the bars and the fingers' names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        flexion = self._flexion if self._flexion is not None else [math.nan] * len(FLEXION_NAMES)
        for groove, angle in zip(self._bars(), flexion, strict=True):
            painter.setBrush(QColor(self._theme.raised))
            painter.drawRoundedRect(groove, 2.5, 2.5)
            if math.isfinite(angle):
                share = min(max(float(angle), 0.0) / _FULL_DEG, 1.0)
                height = max(2.0, share * groove.height())
                painter.setBrush(self._colour)
                top = groove.bottom() - height
                painter.drawRoundedRect(
                    QRectF(groove.left(), top, groove.width(), height), 2.5, 2.5
                )
        painter.setPen(QColor(self._theme.muted))
        group = self.width() / len(FLEXIONS_OF_FINGER)
        line = self.fontMetrics().height()
        for finger, name in enumerate(_finger_names()):
            place = QRectF(finger * group, self.height() - line, group, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)
        painter.end()

    def event(self, event: object) -> bool:
        """Tell the angle of the bar under the mouse."""
        if isinstance(event, QHelpEvent) and self._flexion is not None:
            for bar, name, angle in zip(self._bars(), FLEXION_NAMES, self._flexion, strict=True):
                if bar.contains(QPointF(event.pos())) and math.isfinite(angle):
                    joint = name.replace("_", " ").upper()
                    QToolTip.showText(event.globalPos(), f"{joint}  {angle:.0f}\u00b0", self)
                    return True
        return super().event(event)  # type: ignore[arg-type]


class FlexionPlot(QWidget):
    """Mean flexion of each finger of one hand over the last seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without a past."""
        super().__init__(parent)
        self._past: dict[int, deque[tuple[int, Float32]]] = {}
        self._now_ns = 0
        self._legend = [QLabel() for _ in FINGERS]
        legend = QHBoxLayout()
        legend.setSpacing(12)
        for label in self._legend:
            legend.addWidget(label)
        legend.addStretch(1)
        self._plot = pg.PlotWidget()
        self._plot.setMinimumHeight(84)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.hideButtons()
        self._plot.setMenuEnabled(False)
        menu = self._plot.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())  # pyqtgraph gives it none, so that it would stay
        self._plot.setXRange(-_WINDOW_S, 0, padding=0.06)
        self._plot.setYRange(_LEAST_DEG, _FULL_DEG, padding=0)
        self._plot.getAxis("bottom").setTicks([_TICKS])
        self._plot.getAxis("left").setTicks([[(0, "0\u00b0"), (45, "45"), (90, "90\u00b0")]])
        self._plot.getAxis("left").setWidth(34)
        self._plot.showGrid(x=False, y=True, alpha=0.12)
        self._plot.setAccessibleName(self.tr("Flexion of each finger"))
        self._curves = [pg.PlotCurveItem() for _ in FINGERS]
        for curve in self._curves:
            self._plot.addItem(curve)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(legend)
        column.addWidget(self._plot, 1)
        self.show_theme(DARK)

    def add(self, flexion_of: Mapping[int, Float32], time_ns: int) -> None:
        """Take the mean flexion (5,) in degrees of each hand, by track, at this time."""
        if time_ns < self._now_ns:
            self.clear()
        self._now_ns = time_ns
        for track_id, fingers in flexion_of.items():
            past = self._past.setdefault(track_id, deque(maxlen=_MOST_SAMPLES))
            past.append((time_ns, fingers))
        old_ns = time_ns - _WINDOW_S * 1e9
        self._past = {key: past for key, past in self._past.items() if past[-1][0] >= old_ns}

    def show_hand(self, track_id: int | None) -> None:
        """Draw the past of this hand; None for nobody."""
        past = self._past.get(track_id, ()) if track_id is not None else ()
        if len(past) < 2:
            for curve in self._curves:
                curve.setData([], [])
            return
        seconds = np.array([time_ns - self._now_ns for time_ns, _ in past]) / 1e9
        values = np.stack([fingers for _, fingers in past])
        recent = seconds >= -_WINDOW_S
        for finger, curve in enumerate(self._curves):
            curve.setData(seconds[recent], values[recent, finger], connect="finite")

    def clear(self) -> None:
        """Forget the past."""
        self._past.clear()
        self._now_ns = 0

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._plot.setBackground(theme.panel)
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(theme.border)
            axis.setTextPen(theme.muted)
        colours = _DARK_LINES if theme.is_dark else _LIGHT_LINES
        for curve, label, colour, name in zip(
            self._curves, self._legend, colours, _finger_names(), strict=True
        ):
            curve.setPen(pg.mkPen(colour, width=2))
            label.setText(f"<span style='color:{colour}'>&#9644;</span> {name}")
