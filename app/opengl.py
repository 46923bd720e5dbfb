"""Whether OpenGL can be used, found out before any canvas is made: vispy does not tell."""

from dataclasses import dataclass
from typing import Final

from PyQt6.QtGui import QOffscreenSurface, QOpenGLContext, QSurfaceFormat
from PyQt6.QtOpenGL import QOpenGLVersionFunctionsFactory, QOpenGLVersionProfile

_GL_RENDERER: Final = 0x1F01
_GL_VERSION: Final = 0x1F02
_SOFTWARE: Final = ("llvmpipe", "softpipe", "swiftshader", "software", "gdi generic")


@dataclass(frozen=True, slots=True)
class OpenGLInfo:
    """What the driver calls itself.

    Attributes:
        available: whether views may draw with OpenGL.
        version: for a person; empty without OpenGL.
        renderer: for a person; empty without OpenGL.
        reason: why there is none; empty with OpenGL.
    """

    available: bool
    version: str
    renderer: str
    reason: str

    @property
    def is_software(self) -> bool:
        """Whether the processor draws, so that smoothing edges costs too much."""
        return any(name in self.renderer.lower() for name in _SOFTWARE)


def _missing(reason: str) -> OpenGLInfo:
    return OpenGLInfo(False, "", "", reason)


def probe_opengl() -> OpenGLInfo:
    """Make a context, ask it for its version and let it go. Needs a QGuiApplication."""
    surface, context = QOffscreenSurface(), QOpenGLContext()
    surface.create()
    if not context.create():
        return _missing("no OpenGL context can be made")
    if not context.makeCurrent(surface):
        return _missing("the OpenGL context cannot be used")
    try:
        profile = QOpenGLVersionProfile()
        profile.setVersion(2, 0)
        functions = QOpenGLVersionFunctionsFactory.get(profile, context)
        version = functions.glGetString(_GL_VERSION) if functions is not None else None
        if not version:
            return _missing("the driver has no OpenGL 2")
        return OpenGLInfo(True, version, functions.glGetString(_GL_RENDERER) or "", "")
    finally:
        context.doneCurrent()


def choose_surface_format(samples: int) -> None:
    """Ask for a depth buffer and `samples` per pixel in every view made from now on."""
    wanted = QSurfaceFormat()
    wanted.setVersion(2, 1)
    wanted.setDepthBufferSize(24)
    wanted.setSamples(samples)
    QSurfaceFormat.setDefaultFormat(wanted)
