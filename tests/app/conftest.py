"""A display for every GUI test, and checks that none leaves widgets, threads or timers behind."""

import gc
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QThread, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.opengl import OpenGLInfo, probe_opengl
from app.theme import DARK
from app.translation import install_language
from app.views.camera_view import CameraView
from app.visuals.mesh_topology import MeshTopology
from tests.app.drawing import MESH_ONLY
from tests.app.pixels import wait_shown
from tests.app.program import NOT_A_CAMERA, Program
from tests.factories import hand_model


@pytest.fixture(scope="session", autouse=True)
def _platform() -> None:
    """Let Qt start without a display, where it would end the whole test run.

    The display is not asked: Xvfb starts anew when its only client leaves, and Qt would find it so.
    """
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["LANGUAGE"] = "en"  # texts are compared in English, whoever runs the tests


@pytest.fixture(scope="session")
def opengl(qapp: QApplication) -> OpenGLInfo:
    return probe_opengl()


@pytest.fixture(autouse=True)
def _needs_gl(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("gl"):
        info = request.getfixturevalue("opengl")
        if not info.available:
            pytest.skip(f"no OpenGL: {info.reason}")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes what belongs to the person at this machine."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("XDG_PICTURES_DIR", str(tmp_path / "pictures"))
    monkeypatch.setenv("XDG_VIDEOS_DIR", str(tmp_path / "videos"))


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a widget, a running timer or a thread, as napari's tests do."""
    threads_before = set(threading.enumerate())
    yield
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    app.processEvents()
    gc.collect()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [repr(widget) for widget in app.topLevelWidgets()]
    for holder in gc.get_objects():
        # By type alone: isinstance asks every object for its class, and some warn at that.
        if issubclass(type(holder), QTimer | QThread) and _runs(holder):
            left.append(repr(holder))
    left += [repr(t) for t in set(threading.enumerate()) - threads_before if t.is_alive()]
    assert not left, f"{request.node.nodeid} leaves behind {left}"


def _runs(holder: QTimer | QThread) -> bool:
    try:
        return holder.isActive() if isinstance(holder, QTimer) else holder.isRunning()
    except RuntimeError:  # its C++ half is gone
        return False


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path) -> Program:
    made = Program(tmp_path / "window.toml")
    made.build(qtbot)
    return made


@pytest.fixture
def running(qtbot: QtBot, program: Program) -> Program:
    program.controller.open_source(NOT_A_CAMERA)
    program.wait_drawn(qtbot)
    return program


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def handlers_are_put_back() -> Iterator[None]:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.fixture(scope="session")
def topology() -> MeshTopology:
    model = hand_model()
    return MeshTopology(model.v_template, model.faces)


@pytest.fixture(params=["software", "hardware"])
def camera_view(qtbot: QtBot, topology: MeshTopology, request: pytest.FixtureRequest) -> CameraView:
    view = CameraView(topology, MESH_ONLY, software=request.param == "software")
    qtbot.addWidget(view)
    view.resize(640, 480)
    view.show_theme(DARK)
    wait_shown(qtbot, view)
    return view


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """Texts that are made meanwhile are in German."""
    install_language(qapp, "de")
    yield
    install_language(qapp, "en")
