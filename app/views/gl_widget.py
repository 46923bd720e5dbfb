"""A widget that draws with vispy's gloo, and survives a lost or replaced OpenGL context."""

import logging
from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QImage, QResizeEvent
from PyQt6.QtWidgets import QWidget
from vispy import gloo

from app.views.gl_surface import HardwareSurface, SoftwareSurface
from core.timing import now_ns

_LOG = logging.getLogger(__name__)


class GlWidget(QWidget):
    """Base of the views that draw with OpenGL.

    For each new context `make_visuals` is called, and everything is uploaded anew. If drawing
    fails the view stays as it is, says so once by `failed` and draws no more: a fault in a driver
    must not end the program.

    Attributes:
        draw_ms: of the last draw, on this thread.
    """

    failed = pyqtSignal(str)

    def __init__(self, software: bool, parent: QWidget | None = None) -> None:
        """Make an empty view; `software` says that the processor does OpenGL's work."""
        super().__init__(parent)
        kind = SoftwareSurface if software else HardwareSurface
        self._surface = kind(self, self)
        self._broken = False
        self.draw_ms = 0.0

    def make_visuals(self) -> None:
        """Make every visual of the view, for a new context, with what it showed last."""
        raise NotImplementedError

    def draw_visuals(self) -> None:
        """Draw the view; the context is current and the viewport set. Leave alpha at 1."""
        raise NotImplementedError

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) in device pixels, at least one."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def redraw(self) -> None:
        """Draw soon, once however often this is called."""
        self._surface.update()

    def picture(self) -> QImage:
        """Draw and return what is seen."""
        return self._surface.picture()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Called by Qt; the surface fills the view."""
        self._surface.setGeometry(self.rect())

    def start(self) -> None:
        """Called by the surface for each new context."""
        self._guarded(self.make_visuals)

    def paint(self) -> None:
        """Called by the surface, to be drawn."""
        if self._broken:
            return
        start_ns = now_ns()
        gloo.set_viewport(0, 0, *self.size_px)
        self._guarded(self.draw_visuals)
        self.draw_ms = (now_ns() - start_ns) / 1e6

    def _guarded(self, body: Callable[[], None]) -> None:
        try:
            body()
        except Exception as error:  # noqa: BLE001 - whatever a driver or vispy raises
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Draw no more, and say so once."""
        if not self._broken:
            self._broken = True
            _LOG.error("drawing failed", exc_info=error)
            self.failed.emit(f"{type(error).__name__}: {error}")
