"""Row 57: the processor draws where a graphics driver is broken, or one is told why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import app.program
from app.opengl import OpenGLInfo
from app.software_gl import choose_software_gl, software_gl_environment
from app.start import StartOptions
from core.errors import DisplayError
from tests.app.program import NO_OPENGL, Program

ROOT = Path(__file__).parents[2]
HARDWARE = OpenGLInfo(True, "4.6", "GeForce", "")
_PROBE = """
import os, sys
from app.software_gl import choose_software_gl
choose_software_gl()
from PyQt6.QtGui import QGuiApplication
application = QGuiApplication(sys.argv[:1])
from app.opengl import probe_opengl
info = probe_opengl()
print(info.is_software, info.renderer)
"""


def test_each_system_has_its_own_way() -> None:
    assert software_gl_environment("linux")["LIBGL_ALWAYS_SOFTWARE"] == "1"
    assert software_gl_environment("linux")["__GLX_VENDOR_LIBRARY_NAME"] == "mesa"
    assert software_gl_environment("win32") == {"QT_OPENGL": "software"}
    with pytest.raises(DisplayError, match="--safe-mode") as caught:
        choose_software_gl("darwin")
    assert caught.value.code == "GUI-02"


def test_a_driver_for_egl_is_named_only_where_it_is() -> None:
    named = software_gl_environment("linux").get("__EGL_VENDOR_LIBRARY_FILENAMES")
    assert named is None or Path(named).is_file()


@pytest.mark.gl
@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks for Mesa")
def test_mesas_software_driver_draws(qapp: QApplication) -> None:
    """Another driver is asked for first, as a person's own setting may do."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "LIBGL_ALWAYS_SOFTWARE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", _PROBE], env=environment, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.startswith("True llvmpipe"), done.stdout + done.stderr


def test_it_is_chosen_before_qt_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    order = []
    monkeypatch.setattr(app.program, "display_problem", lambda: None)
    monkeypatch.setattr(app.program, "choose_software_gl", lambda: order.append("chosen"))

    def stop(arguments: object) -> None:
        order.append("application")
        raise KeyboardInterrupt

    monkeypatch.setattr(app.program, "make_application", stop)
    with pytest.raises(KeyboardInterrupt):
        app.program.main(StartOptions(software_gl=True))
    assert order == ["chosen", "application"]


@pytest.mark.parametrize(
    ("info", "expected"),
    [(HARDWARE, "has no effect: GeForce draws"), (NO_OPENGL, "OpenGL cannot be used")],
)
def test_a_driver_that_draws_all_the_same_is_said(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, info: OpenGLInfo, expected: str
) -> None:
    monkeypatch.setattr(app.program, "probe_opengl", lambda: info)
    # The views need a real driver, which this one only pretends to be.
    made = app.program.MainWindow
    monkeypatch.setattr(
        app.program, "MainWindow", lambda model, _info, options: made(model, NO_OPENGL, options)
    )
    program = Program(tmp_path / "window.toml", start=StartOptions(software_gl=True))
    program.build(qtbot)
    notice = program.window.banner.notice
    assert notice is not None and expected in notice.title
    assert notice.code == "GUI-02"
