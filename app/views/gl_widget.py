"""A Qt widget that draws with vispy's gloo, and survives a lost or replaced OpenGL context."""

import logging
from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QWidget
from vispy import gloo
from vispy.gloo.context import FakeCanvas, set_current_canvas

from core.timing import now_ns

_LOG = logging.getLogger(__name__)


class GlWidget(QOpenGLWidget):
    """Base of the views that draw with OpenGL.

    Docking a view elsewhere may replace its context; `make_visuals` is then called again and
    everything is uploaded anew. If drawing fails the view stays empty, says so once by `failed`
    and draws no more: a fault in a driver must not end the program.
    """

    failed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty view."""
        super().__init__(parent)
        self._gloo: FakeCanvas | None = None
        self._broken = False
        self.draw_ms = 0.0

    def make_visuals(self) -> None:
        """Make every visual of the view, for a new context, with what it showed last."""
        raise NotImplementedError

    def draw_visuals(self) -> None:
        """Draw the view; the context is current and the viewport set."""
        raise NotImplementedError

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) in device pixels, at least one."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def initializeGL(self) -> None:
        """Called by Qt for each new context."""
        self._gloo = FakeCanvas()
        self._guarded(self.make_visuals)

    def paintGL(self) -> None:
        """Called by Qt when the view must be drawn."""
        if self._gloo is None or self._broken:
            return
        start_ns = now_ns()
        set_current_canvas(self._gloo)
        self._guarded(self._paint)
        self.draw_ms = (now_ns() - start_ns) / 1e6

    def _paint(self) -> None:
        assert self._gloo is not None
        self._gloo.flush()  # binds framebuffer 0, as vispy knows no other
        gloo.gl.glBindFramebuffer(gloo.gl.GL_FRAMEBUFFER, self.defaultFramebufferObject())
        gloo.set_viewport(0, 0, *self.size_px)
        self.draw_visuals()
        # Opaque, else the desktop shines through where something translucent was drawn.
        gloo.set_color_mask(False, False, False, True)
        gloo.clear(color=True, depth=False)
        gloo.set_color_mask(True, True, True, True)
        self._gloo.flush()

    def _guarded(self, body: Callable[[], None]) -> None:
        try:
            body()
        except Exception as error:  # noqa: BLE001 - whatever a driver or vispy raises
            self._broken = True
            _LOG.exception("drawing failed")
            self.failed.emit(f"{type(error).__name__}: {error}")
