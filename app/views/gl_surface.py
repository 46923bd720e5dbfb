"""Two ways to bring an OpenGL picture into a window: by the graphics card, or by the processor."""

import ctypes
from typing import Final, Protocol

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage, QOffscreenSurface, QOpenGLContext, QPainter, QPaintEvent
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QWidget
from vispy import gloo
from vispy.gloo.context import FakeCanvas, set_current_canvas

_GL_BGRA: Final = 0x80E1
_GL_UNSIGNED_BYTE: Final = 0x1401
_READ_PIXELS: Final = ctypes.CFUNCTYPE(
    None, *[ctypes.c_int] * 4, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p
)


class SurfacePainter(Protocol):
    """What a surface shows; none of these raises."""

    def start(self) -> None:
        """Make everything for a new context, which is current."""

    def paint(self) -> None:
        """Draw into the framebuffer that is bound."""

    def fail(self, error: Exception) -> None:
        """Hear that the surface itself cannot be drawn."""


class HardwareSurface(QOpenGLWidget):
    """Qt puts the window together on the graphics card."""

    def __init__(self, painter: SurfacePainter, parent: QWidget) -> None:
        """Make the surface; `painter` says what it shows."""
        super().__init__(parent)
        self._painter = painter
        self._canvas: FakeCanvas | None = None

    def initializeGL(self) -> None:
        """Called by Qt for each new context; docking a view elsewhere may bring one."""
        self._canvas = FakeCanvas()
        self._painter.start()

    def paintGL(self) -> None:
        """Called by Qt when the surface must be drawn."""
        if self._canvas is None:
            return
        set_current_canvas(self._canvas)
        self._canvas.flush()  # binds framebuffer 0, as vispy knows no other
        gloo.gl.glBindFramebuffer(gloo.gl.GL_FRAMEBUFFER, self.defaultFramebufferObject())
        self._painter.paint()
        self._canvas.flush()

    def picture(self) -> QImage:
        """Draw and return what is seen."""
        return self.grabFramebuffer()


class SoftwareSurface(QWidget):
    """Draws into memory and paints that: where the processor does OpenGL's work anyway.

    A QOpenGLWidget makes Qt put the whole window together by OpenGL at every frame. On two cores
    that took 15 ms of 42 for a window of 1440 x 880; copying the picture takes 2.
    """

    def __init__(self, painter: SurfacePainter, parent: QWidget) -> None:
        """Make the surface; `painter` says what it shows."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._painter = painter
        self._context: QOpenGLContext | None = None
        self._offscreen = QOffscreenSurface()
        self._offscreen.create()
        self._canvas: FakeCanvas | None = None
        self._frame_buffer: gloo.FrameBuffer | None = None
        self._size_px = (0, 0)

    def _draw(self) -> QImage:
        """Draw into memory and return the picture."""
        if self._context is None:
            self._context = QOpenGLContext(self)
            self._context.create()
        if not self._context.makeCurrent(self._offscreen):
            raise RuntimeError("the OpenGL context cannot be used")
        if self._canvas is None:
            self._canvas = FakeCanvas()
            self._painter.start()
        set_current_canvas(self._canvas)
        ratio = self.devicePixelRatioF()
        width, height = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        if self._size_px != (width, height):
            self._size_px = (width, height)
            self._bottom_up = np.empty((height, width, 4), np.uint8)
            self._top_down = np.empty((height, width, 4), np.uint8)
            self._frame_buffer = gloo.FrameBuffer(
                gloo.RenderBuffer((height, width), "color"),
                gloo.RenderBuffer((height, width), "depth"),
            )
        assert self._frame_buffer is not None  # Made with the first size.
        with self._frame_buffer:
            self._painter.paint()
            self._read(width, height)
        np.copyto(self._top_down, self._bottom_up[::-1])
        data = self._top_down.data
        image = QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        return image

    def _read(self, width: int, height: int) -> None:
        """Read into memory that is there already; vispy's function takes fresh pages each time."""
        assert self._context is not None and self._canvas is not None  # Made before drawing.
        self._canvas.flush()
        address = self._context.getProcAddress(b"glReadPixels")
        if address is None:
            raise RuntimeError("the OpenGL library has no glReadPixels")
        target = self._bottom_up.ctypes.data
        read_pixels = _READ_PIXELS(int(address))
        read_pixels(0, 0, width, height, _GL_BGRA, _GL_UNSIGNED_BYTE, target)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Called by Qt when the surface must be drawn."""
        try:
            image = self._draw()
        except Exception as error:  # noqa: BLE001 - whatever a driver or vispy raises
            self._painter.fail(error)
            return
        painter = QPainter(self)
        painter.drawImage(0, 0, image)
        painter.end()

    def picture(self) -> QImage:
        """Draw and return what is seen."""
        return self._draw().copy()
