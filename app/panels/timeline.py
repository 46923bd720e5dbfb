"""The timeline of a recording: small pictures, markers, gaps, what plays, the playhead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.panels.record_panel import clock_text
from app.theme import DARK, Theme

_HEIGHT, _STRIP, _TOP = 74, 54, 16
_SIDE: Final = 8
#: The arrow keys go on by this; with Shift by ten times as much.
_KEY_STEPS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


@dataclass(frozen=True, slots=True)
class TimelineMarker:
    """A moment with a name."""

    time_ns: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class TimelinePicture:
    """A small picture of a moment."""

    time_ns: int
    image: QImage


class Timeline(QWidget):
    """Shows a recording from end to end; a press or drag asks for that moment."""

    sought = pyqtSignal(object)  # session time, ns
    stepped = pyqtSignal(int)  # frames, by the arrow keys

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without a recording."""
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Timeline"))
        self._theme = DARK
        self._end_ns = 0
        self._position_ns = self._in_ns = self._out_ns = 0
        self._markers: tuple[TimelineMarker, ...] = ()
        self._gaps: tuple[tuple[int, int], ...] = ()
        self._pictures: tuple[TimelinePicture, ...] = ()

    def sizeHint(self) -> QSize:
        """Return the height that pictures and markers need."""
        return QSize(400, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size."""
        return QSize(160, _HEIGHT)

    def show_recording(
        self,
        end_ns: int,
        markers: Sequence[TimelineMarker],
        gaps: Sequence[tuple[int, int]],
    ) -> None:
        """Show another recording: its length, its markers and (from, to) of its gaps."""
        self._end_ns = end_ns
        self._markers, self._gaps = tuple(markers), tuple(gaps)
        self._pictures = ()
        self._position_ns, self._in_ns, self._out_ns = 0, 0, end_ns
        self.update()

    def show_pictures(self, pictures: Sequence[TimelinePicture]) -> None:
        """Show these small pictures, by time."""
        self._pictures = tuple(pictures)
        self.update()

    def show_position(self, position_ns: int, in_ns: int, out_ns: int) -> None:
        """Move playhead and range; paints only where something moved by a pixel."""
        before = [round(self._x(t)) for t in (self._position_ns, self._in_ns, self._out_ns)]
        self._position_ns, self._in_ns, self._out_ns = position_ns, in_ns, out_ns
        if before != [round(self._x(t)) for t in (position_ns, in_ns, out_ns)]:
            self.update()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def x_of(self, time_ns: int) -> float:
        """Return where a session time lies, in px from the left."""
        return self._x(time_ns)

    def _x(self, time_ns: int) -> float:
        room = max(1, self.width() - 2 * _SIDE)
        return _SIDE + room * time_ns / self._end_ns if self._end_ns else float(_SIDE)

    def _time(self, x: float) -> int:
        room = max(1, self.width() - 2 * _SIDE)
        share = min(max((x - _SIDE) / room, 0.0), 1.0)
        return round(share * self._end_ns)

    # Input

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Ask for the moment under the mouse."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.sought.emit(self._snapped(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Scrub while the button is down."""
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.sought.emit(self._time(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Step by the arrow keys; Home and End go to the ends."""
        if event is None:
            return
        key = Qt.Key(event.key())
        if key in _KEY_STEPS:
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(_KEY_STEPS[key] * (10 if shifted else 1))
        elif key == Qt.Key.Key_Home:
            self.sought.emit(self._in_ns)
        elif key == Qt.Key.Key_End:
            self.sought.emit(self._out_ns)
        else:
            super().keyPressEvent(event)

    def event(self, event: object) -> bool:
        """Tell the time under the mouse, or the name of a marker."""
        if isinstance(event, QHelpEvent) and self._end_ns:
            x = event.pos().x()
            near = [one for one in self._markers if abs(self._x(one.time_ns) - x) <= 6]
            text = near[0].text if near else clock_text(self._time(x) / 1e9)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def _snapped(self, x: float) -> int:
        """Return the time at x; a marker's own where one is pressed."""
        near = [one for one in self._markers if abs(self._x(one.time_ns) - x) <= 4]
        return near[0].time_ns if near else self._time(x)

    # Drawing

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw everything."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strip = QRectF(_SIDE, _TOP, max(1, self.width() - 2 * _SIDE), _STRIP)
        painter.fillRect(strip, QColor(self._theme.canvas))
        if self._end_ns:
            self._draw_pictures(painter, strip)
            self._draw_gaps(painter, strip)
            self._draw_range(painter, strip)
            self._draw_markers(painter)
            self._draw_playhead(painter, strip)
        painter.setPen(QPen(QColor(self._theme.accent if self.hasFocus() else self._theme.border)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(strip)
        painter.end()

    def _draw_pictures(self, painter: QPainter, strip: QRectF) -> None:
        """Tile the strip with the picture nearest to each tile's moment."""
        if not self._pictures:
            return
        first = self._pictures[0].image
        width = _STRIP * first.width() / max(1, first.height())
        painter.save()
        painter.setClipRect(strip)
        left = strip.left()
        while left < strip.right():
            middle = self._time(left + width / 2)
            nearest = min(self._pictures, key=lambda one: abs(one.time_ns - middle))
            painter.drawImage(QRectF(left, strip.top(), width, _STRIP), nearest.image)
            left += width
        painter.restore()

    def _draw_gaps(self, painter: QPainter, strip: QRectF) -> None:
        colour = QColor(self._theme.warn)
        colour.setAlpha(140)
        for begin, end in self._gaps:
            left, right = self._x(begin), self._x(end)
            painter.fillRect(QRectF(left, strip.top(), max(2.0, right - left), _STRIP), colour)

    def _draw_range(self, painter: QPainter, strip: QRectF) -> None:
        """Shade what lies outside of in and out."""
        shade = QColor(self._theme.window)
        shade.setAlpha(190)
        left, right = self._x(self._in_ns), self._x(self._out_ns)
        painter.fillRect(QRectF(strip.left(), strip.top(), left - strip.left(), _STRIP), shade)
        painter.fillRect(QRectF(right, strip.top(), strip.right() - right, _STRIP), shade)
        painter.setPen(QPen(QColor(self._theme.accent), 2))
        for x in (left, right):
            painter.drawLine(QPointF(x, strip.top()), QPointF(x, strip.bottom()))

    def _draw_markers(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.warn))
        for marker in self._markers:
            x = self._x(marker.time_ns)
            points = (QPointF(x - 5, 3), QPointF(x + 5, 3), QPointF(x + 5, 9), QPointF(x, 14),
                      QPointF(x - 5, 9))  # fmt: skip
            painter.drawPolygon(QPolygonF(points))

    def _draw_playhead(self, painter: QPainter, strip: QRectF) -> None:
        x = self._x(self._position_ns)
        painter.setPen(QPen(QColor(self._theme.window), 4))
        painter.drawLine(QPointF(x, strip.top()), QPointF(x, strip.bottom()))
        painter.setPen(QPen(QColor(self._theme.text), 2))
        painter.drawLine(QPointF(x, strip.top() - 2), QPointF(x, strip.bottom() + 2))
