"""Lets the processor draw instead of a graphics driver that is broken; free of Qt."""

import os
import sys
from pathlib import Path
from typing import Final

from core.errors import DisplayError

#: Where GLVND, which chooses between drivers, finds Mesa's EGL.
_MESA_EGL: Final = tuple(
    Path(root) / "glvnd/egl_vendor.d/50_mesa.json" for root in ("/etc", "/usr/share")
)


def choose_software_gl(platform: str = sys.platform) -> None:
    """Set what graphics libraries look at when they are loaded: before the QApplication is made.

    On Linux Mesa's llvmpipe draws, also where NVIDIA's driver would be taken. On Windows Qt loads
    the library that comes with it.

    Args:
        platform: as sys.platform names it.

    Raises:
        DisplayError: GUI-02 this system has no such thing.
    """
    os.environ.update(software_gl_environment(platform))


def software_gl_environment(platform: str) -> dict[str, str]:
    """Return the variables that choose_software_gl sets.

    Raises:
        DisplayError: GUI-02 this system has no OpenGL that the processor draws.
    """
    if platform == "win32":
        return {"QT_OPENGL": "software"}
    if platform == "darwin":
        raise DisplayError(
            "GUI-02",
            "macOS has no OpenGL that the processor draws",
            "Start with --safe-mode: the picture is drawn without OpenGL.",
        )
    chosen = {"LIBGL_ALWAYS_SOFTWARE": "1", "__GLX_VENDOR_LIBRARY_NAME": "mesa"}
    egl = next((path for path in _MESA_EGL if path.is_file()), None)
    if egl is not None:
        chosen["__EGL_VENDOR_LIBRARY_FILENAMES"] = str(egl)
    return chosen
