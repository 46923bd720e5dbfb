"""The picture with the board's corners, and the parts of it where none has been yet."""

from typing import Final

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.theme import DARK, Theme
from core.types import Float32, UInt8

_LONGEST_PX: Final = 960
_CORNER_PX: Final = 3.5


class BoardPreview(QWidget):
    """Shows pictures as a mirror does, so that a person finds the way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without a picture."""
        super().__init__(parent)
        self._theme = DARK
        self._image: QImage | None = None
        self._size = (16, 9)
        self._corners: Float32 = np.zeros((0, 2), np.float32)
        self._covered = np.zeros((0, 0), np.bool_)
        self._is_good = False
        self.setAccessibleName(self.tr("Picture with the board's corners"))
        self.setMinimumSize(480, 270)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_picture(self, image: UInt8) -> None:
        """Show image (H, W, 3) RGB."""
        height, width = image.shape[:2]
        step = max(1, round(max(height, width) / _LONGEST_PX))
        small = np.ascontiguousarray(image[::step, ::step])
        rows, columns = small.shape[:2]
        seen = QImage(small.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
        self._image = seen.copy()  # the array goes with this call
        self._size = (width, height)
        self.update()

    def show_board(self, corners: Float32, covered: np.ndarray, is_good: bool) -> None:
        """Mark corners (N, 2) px, and the cells (rows, columns) that were reached."""
        self._corners, self._covered, self._is_good = corners, covered, is_good
        self.update()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw picture, cells and corners."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.canvas))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scale = min(self.width() / self._size[0], self.height() / self._size[1])
        area = QRectF(0, 0, self._size[0] * scale, self._size[1] * scale)
        area.moveCenter(QPointF(self.rect().center()))
        painter.translate(area.right(), area.top())
        painter.scale(-scale, scale)
        if self._image is not None:
            painter.drawImage(QRectF(0, 0, *self._size), self._image)
        self._draw_cells(painter)
        self._draw_corners(painter, scale)
        painter.end()

    def _draw_cells(self, painter: QPainter) -> None:
        """Frame the cells that still need a corner, and tint those that have one."""
        if not self._covered.size:
            return
        rows, columns = self._covered.shape
        width, height = self._size[0] / columns, self._size[1] / rows
        tint = QColor(self._theme.ok)
        tint.setAlpha(46)
        line = QColor(self._theme.ok)
        line.setAlpha(120)
        painter.setPen(QPen(line, 0))
        for row, column in np.ndindex(rows, columns):
            cell = QRectF(column * width, row * height, width, height)
            painter.setBrush(tint if self._covered[row, column] else Qt.BrushStyle.NoBrush)
            painter.drawRect(cell)

    def _draw_corners(self, painter: QPainter, scale: float) -> None:
        theme = self._theme
        painter.setPen(QPen(QColor("#10141a"), 1 / scale))
        painter.setBrush(QColor(theme.ok if self._is_good else theme.warn))
        for x, y in self._corners:
            painter.drawEllipse(QPointF(x, y), _CORNER_PX / scale, _CORNER_PX / scale)
