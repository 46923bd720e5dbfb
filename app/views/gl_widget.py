"""A widget that draws with vispy's gloo, and survives a lost or replaced OpenGL context."""

import logging
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QImage, QResizeEvent
from PyQt6.QtWidgets import QWidget
from vispy import gloo

from app.views.gl_surface import HardwareSurface, SoftwareSurface
from core.timing import now_ns

_LOG = logging.getLogger(__name__)
#: A second fault within this time is no accident.
_SOON_NS: Final = 60_000_000_000


class GlWidget(QWidget):
    """Base of the views that draw with OpenGL.

    For each new context `make_visuals` is called, and everything is uploaded anew. If drawing
    fails, the surface is replaced by a new one with a context of its own. If that fails soon, too,
    the view says so once by `failed` and draws no more: a fault in a driver must not end the
    program.

    Attributes:
        draw_ms: of the last draw, on this thread.
    """

    failed = pyqtSignal(str)

    def __init__(self, software: bool, parent: QWidget | None = None) -> None:
        """Make an empty view; `software` says that the processor does OpenGL's work."""
        super().__init__(parent)
        self._kind = SoftwareSurface if software else HardwareSurface
        self._surface = self._kind(self, self)
        self._broken = self._is_renewing = False
        self._failed_ns: int | None = None
        self._renewal = QTimer(self)
        self._renewal.setSingleShot(True)
        self._renewal.timeout.connect(self.renew)
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
        if self._broken or self._is_renewing:
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
        """Begin anew with another surface; the second time in a minute draw no more."""
        if self._broken or self._is_renewing:
            return
        now = now_ns()
        _LOG.error("drawing failed", exc_info=error)
        if self._failed_ns is None or now - self._failed_ns > _SOON_NS:
            self._failed_ns = now
            self._is_renewing = True
            self._renewal.start()  # not while it draws
            return
        self._broken = True
        self.failed.emit(f"{type(error).__name__}: {error}")

    def renew(self) -> None:
        """Replace the surface and its context; what is shown is uploaded anew."""
        old = self._surface
        self._surface = self._kind(self, self)
        self._surface.setGeometry(self.rect())
        self._surface.lower()  # what lies over the view stays there
        self._surface.show()
        old.hide()
        old.deleteLater()
        self._is_renewing = False
        self.redraw()
