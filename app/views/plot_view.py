"""Where the time of each frame goes: a stack of steps over the last seconds."""

from collections import deque
from collections.abc import Mapping
from typing import Final

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import DARK, Theme
from core.timing import now_ns

#: In the order of a frame's way; others are stacked on top.
STEPS: Final = ("wait", "resize", "network", "decode", "track", "smooth", "draw")
_STEP_COLOURS: Final = (
    "#77808f", "#56b4e9", "#3a7bd5", "#8e7cc3", "#cc79a7", "#e69f00", "#2bb58a",
    "#b0b7c3", "#d55e00",
)  # fmt: skip
_WINDOW_S: Final = 15.0
_TICKS: Final = [(-15, "15 s"), (-10, "10"), (-5, "5"), (0, "now")]
_MAX_FRAMES: Final = 1200
_REDRAW_MS: Final = 250
_LEAST_TOP_MS: Final = 10.0


class PlotView(QWidget):
    """Shows milliseconds per step; draws four times a second, however many frames come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty plot."""
        super().__init__(parent)
        self.setObjectName("plot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Latency of each step"))
        self._frames: deque[tuple[int, dict[str, float]]] = deque(maxlen=_MAX_FRAMES)
        self._theme = DARK
        self._titles = {
            "resize": self.tr("resize"),
            "network": self.tr("network"),
            "decode": self.tr("decode"),
            "track": self.tr("track"),
            "smooth": self.tr("smooth"),
            "draw": self.tr("draw"),
        }
        self._total = QLabel("-")
        self._total.setProperty("title", True)
        self._tail = QLabel("")
        self._tail.setProperty("muted", True)
        self._legend = QGridLayout()
        self._legend.setHorizontalSpacing(14)
        self._legend.setVerticalSpacing(0)
        self._legend_labels: dict[str, QLabel] = {}
        self._plot = pg.PlotWidget()
        self._plot.setMinimumHeight(90)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.hideButtons()
        self._plot.setMenuEnabled(False)
        menu = self._plot.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())  # pyqtgraph gives it none, so that it would stay
        self._plot.setXRange(-_WINDOW_S, 0, padding=0.06)
        self._plot.getAxis("bottom").setTicks([_TICKS])
        self._plot.getAxis("left").setWidth(30)
        self._plot.showGrid(x=False, y=True, alpha=0.12)
        self._curves: dict[str, pg.PlotCurveItem] = {}
        heading = QHBoxLayout()
        heading.addWidget(self._total)
        heading.addWidget(self._tail)
        heading.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.addLayout(heading)
        column.addLayout(self._legend)
        column.addWidget(self._plot, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(_REDRAW_MS)
        self._timer.timeout.connect(self.redraw)
        self._timer.start()

    def show_steps(self, step_ms: Mapping[str, float]) -> None:
        """Add one frame's milliseconds by step."""
        self._frames.append((now_ns(), dict(step_ms)))

    def show_nothing(self) -> None:
        """Forget all frames."""
        self._frames.clear()
        self.redraw()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._plot.setBackground(theme.panel)
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(theme.border)
            axis.setTextPen(theme.muted)
        self.redraw()

    def redraw(self) -> None:
        """Draw what came since; costs nothing while hidden."""
        if not self.isVisible():
            return
        now = now_ns()
        recent = [(t, steps) for t, steps in self._frames if now - t < _WINDOW_S * 1e9]
        names = [name for name in STEPS if any(name in steps for _, steps in recent)]
        names += sorted({name for _, steps in recent for name in steps} - set(STEPS))
        seconds = np.array([(t - now) / 1e9 for t, _ in recent])
        values = np.array(
            [[steps.get(name, 0.0) for name in names] for _, steps in recent]
        ).reshape(len(recent), len(names))
        stacked = np.cumsum(values, axis=1)
        for name in [name for name in self._curves if name not in names]:
            self._plot.removeItem(self._curves.pop(name))
        for column, name in enumerate(names):
            curve = self._curve(name, column)
            curve.setData(seconds, stacked[:, column])
        self._show_numbers(names, values)

    def _curve(self, name: str, column: int) -> "pg.PlotCurveItem":
        """Return the curve of a step; lower ones lie on top and cover what is beneath."""
        if name not in self._curves:
            colour = _colour_of(name, column)
            self._curves[name] = pg.PlotCurveItem(fillLevel=0, brush=colour, pen=None)
            self._plot.addItem(self._curves[name])
        self._curves[name].setZValue(-column)
        return self._curves[name]

    def _show_numbers(self, names: list[str], values: np.ndarray) -> None:
        if not len(values):
            self._total.setText("-")
            self._tail.setText(self.tr("no frames yet"))
        else:
            totals = values.sum(axis=1)
            p50, p95 = np.percentile(totals, [50, 95])
            self._total.setText(f"{p50:.1f} ms")
            text = self.tr("median     {p95} ms at the 95th percentile")
            self._tail.setText(text.format(p95=f"{p95:.1f}"))
            top = max(_LEAST_TOP_MS, 1.35 * float(p95))
            self._plot.setYRange(0, top, padding=0)
        for name in [name for name in self._legend_labels if name not in names]:
            label = self._legend_labels.pop(name)
            self._legend.removeWidget(label)
            label.deleteLater()
        for column, name in enumerate(names):
            if name not in self._legend_labels:
                self._legend_labels[name] = QLabel()
                self._legend.addWidget(self._legend_labels[name], column // 3, column % 3)
            p50, p95 = np.percentile(values[:, column], [50, 95])
            chip = f"<span style='color:{_colour_of(name, column)}'>&#9632;</span>"
            title = self._titles.get(name, name)
            self._legend_labels[name].setText(f"{chip} {title} {p50:.1f}")
            tip = self.tr("{step}: {p50} ms in the median, {p95} ms at the 95th percentile")
            tip = tip.format(step=title, p50=f"{p50:.2f}", p95=f"{p95:.2f}")
            self._legend_labels[name].setToolTip(tip)


def _colour_of(name: str, column: int) -> str:
    index = STEPS.index(name) if name in STEPS else max(column, len(STEPS))
    return _STEP_COLOURS[index % len(_STEP_COLOURS)]
