"""Whether a window can open, found out without Qt: Qt ends the whole process where it cannot."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CONNECT_TIMEOUT_S: Final = 2.0
_OPENGL_TIMEOUT_S: Final = 30.0
#: Qt platforms that draw without a display server.
_SERVERLESS: Final = frozenset({"offscreen", "minimal", "vnc", "eglfs", "linuxfb"})

# Run in a child process with the folder of our packages; prints one JSON line.
_OPENGL_PROBE: Final = """
import dataclasses, json, sys
sys.path.insert(0, sys.argv[1])
from PyQt6.QtGui import QGuiApplication
application = QGuiApplication(sys.argv[:1])
from app.opengl import probe_opengl
print(json.dumps(dataclasses.asdict(probe_opengl())))
"""


@dataclass(frozen=True, slots=True)
class OpenGLProbe:
    """What a child process saw of OpenGL.

    Attributes:
        found: version and renderer for a person; None where there is no OpenGL.
        reason: why there is none; empty where there is.
    """

    found: str | None
    reason: str


def display_problem() -> str | None:
    """Return why no window can open here, or None where one can."""
    if sys.platform != "linux":
        return None
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in _SERVERLESS:
        return None
    wayland, x11 = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("DISPLAY")
    if not wayland and not x11:
        return "neither DISPLAY nor WAYLAND_DISPLAY is set"
    if wayland and _answers(_wayland_socket(wayland)):
        return None
    if x11 and _x11_answers(x11):
        return None
    return f"the display {x11 or wayland} does not answer"


def probe_opengl() -> OpenGLProbe:
    """Make an OpenGL context in a child process, which may abort as it likes."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _OPENGL_PROBE, str(Path(__file__).parents[1])],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_OPENGL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return OpenGLProbe(None, f"the probe did not end: {error}")
    lines = done.stdout.strip().splitlines()
    try:
        answer = json.loads(lines[-1])
        if answer["available"]:
            return OpenGLProbe(f"{answer['version']} on {answer['renderer']}", "")
        return OpenGLProbe(None, answer["reason"])
    except (IndexError, KeyError, TypeError, ValueError):  # the child died before it could say
        trouble = done.stderr.strip().splitlines()
        return OpenGLProbe(None, trouble[0] if trouble else f"exit status {done.returncode}")


def _wayland_socket(name: str) -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR", "/run")) / name  # an absolute name stays


def _x11_answers(display: str) -> bool:
    """Say whether the X server of DISPLAY ([protocol/][host]:number[.screen]) takes connections."""
    host, _, number = display.rpartition(":")
    number = number.split(".")[0]
    if not number.isdigit():
        return Path(display).exists()  # macOS's launchd sockets
    path = Path(f"/tmp/.X11-unix/X{number}")
    if host in ("", "unix"):
        return _answers(path) or _answers(Path(f"\0{path}"))
    try:
        address = (host.rpartition("/")[2].strip("[]"), 6000 + int(number))
        with socket.create_connection(address, _CONNECT_TIMEOUT_S):
            return True
    except OSError:
        return False


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT_TIMEOUT_S)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
