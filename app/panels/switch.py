"""A switch: on or off at once, unlike a check box, which waits for OK."""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QWidget

from app.theme import DARK, Theme

_WIDTH, _HEIGHT, _MARGIN = 34, 20, 3


class Switch(QAbstractButton):
    """A knob in a groove; Space and clicks move it."""

    def __init__(self, accessible_name: str, parent: QWidget | None = None) -> None:
        """Start off."""
        super().__init__(parent)
        self._theme = DARK
        self.setCheckable(True)
        self.setAccessibleName(accessible_name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_on(self, on: bool) -> None:
        """Put the knob there without telling anyone."""
        self.blockSignals(True)
        self.setChecked(on)
        self.blockSignals(False)
        self.update()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that it always has."""
        return QSize(_WIDTH, _HEIGHT)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw groove, knob and focus."""
        theme, on = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        groove = QRectF(0.5, (self.height() - _HEIGHT) / 2 + 0.5, _WIDTH - 1, _HEIGHT - 1)
        edge = theme.accent if on or self.hasFocus() else theme.grid
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(theme.accent if on else theme.raised))
        painter.drawRoundedRect(groove, groove.height() / 2, groove.height() / 2)
        size = groove.height() - 2 * _MARGIN
        left = groove.right() - _MARGIN - size if on else groove.left() + _MARGIN
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.on_accent if on else theme.muted))
        painter.drawEllipse(QRectF(left, groove.top() + _MARGIN, size, size))
        painter.end()
