"""The windowed program: makes the window with all that stands behind it, and runs it."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PyQt6.QtCore import QCoreApplication, QTimer
from PyQt6.QtWidgets import QApplication

from app.controller import Controller
from app.crash import CrashReporter
from app.display import display_problem
from app.doctor import Examine
from app.doctor import examine as examine_machine
from app.main_window import MainWindow
from app.opengl import OpenGLInfo, choose_surface_format, probe_opengl
from app.session import Session
from app.settings import (
    FILE_NAME,
    LoadedSettings,
    Settings,
    SettingsStore,
    load_settings,
    reset_settings,
)
from app.single_instance import SingleInstance
from app.software_gl import choose_software_gl
from app.start import StartOptions
from app.state import ViewOptions
from app.theme import program_icon
from app.translation import install_language
from core.assets import UserFolders, hand_model_path, user_folders
from core.errors import DisplayError
from core.hand_model.file import HandModel, load_hand_model

_HARDWARE_SAMPLES: Final = 4
SAFE_MODE: Final = OpenGLInfo(False, "", "", "safe mode")


def make_application(arguments: Sequence[str]) -> QApplication:
    """Make the QApplication, with a surface that this machine can draw in time."""
    app = QApplication(list(arguments))
    app.setApplicationName("ManyHands")
    app.setDesktopFileName("manyhands")
    app.setWindowIcon(program_icon())
    return app


def open_window(
    model: HandModel,
    session: Session,
    crashes: CrashReporter,
    settings_path: Path,
    start: StartOptions | None = None,
    examine: Examine = examine_machine,
) -> tuple[MainWindow, Controller]:
    """Make the window with its controller, which starts nothing yet; needs a QApplication.

    Args:
        model: of the hands that are drawn.
        session: what the window commands.
        crashes: hears what nobody caught.
        settings_path: of the window's settings.
        start: how the program was started.
        examine: what the first page asks about the machine.
    """
    start = start or StartOptions()
    loaded = _load(settings_path, start)
    install_language(_application(), loaded.settings.language)
    opengl = SAFE_MODE if start.safe_mode else probe_opengl()
    # Four samples a pixel smooth edges at no cost on a graphics card, and too slowly without one.
    if opengl.available and not opengl.is_software:
        choose_surface_format(_HARDWARE_SAMPLES)
    window = MainWindow(model, opengl, ViewOptions())
    if opengl.available and opengl.is_software and window.scene is not None:
        # The first picture of all takes 100 ms, which no visible window should wait for.
        window.scene.picture()
    keeps = not (start.safe_mode or start.multi)
    store = SettingsStore(loaded.settings, settings_path if keeps else None)
    controller = Controller(window, session, store, examine)
    crashes.reported.connect(controller.faults.show_crash)
    if start.safe_mode:
        controller.faults.show_safe_mode()
    elif not opengl.available:
        controller.faults.show_no_opengl(opengl.reason)
    elif start.software_gl and not opengl.is_software:
        controller.faults.show_not_software(opengl.renderer)
    else:
        controller.faults.show_notices(loaded.notices)
    return window, controller


def _application() -> QCoreApplication:
    app = QCoreApplication.instance()
    assert app is not None  # Made before any window is.
    return app


def _load(path: Path, start: StartOptions) -> LoadedSettings:
    """Return the settings to start with."""
    if start.reset_settings:
        return reset_settings(path)
    return LoadedSettings(Settings(), ()) if start.safe_mode else load_settings(path)


def main(start: StartOptions | None = None) -> int:
    """Open the window and run until it is closed; return the exit status.

    Raises:
        DisplayError: GUI-01 where no window can open, GUI-03 where another one is open and does
            not answer.
        ModelFileError: the hand model that ships is missing or damaged.
    """
    problem = display_problem()
    if problem is not None:
        raise DisplayError(
            "GUI-01",
            f"no window can open: {problem}",
            "Start it on a desktop, or process a file with `manyhands run SOURCE --out DIR`.",
        )
    start = start or StartOptions()
    if start.software_gl:
        choose_software_gl()
    crashes = CrashReporter()
    crashes.install()
    try:
        app = make_application(sys.argv[:1])
        folders = user_folders()
        instance = SingleInstance(folders.config)
        if not start.multi and not instance.claim():
            return _raise_first(instance, start.source or "")
        try:
            return _run(app, folders, instance, crashes, start)
        finally:
            instance.release()
    finally:
        crashes.uninstall()


def _raise_first(instance: SingleInstance, source: str) -> int:
    """Let the first window come forward; a file is named whole, as it works elsewhere."""
    if source and Path(source).exists():
        source = str(Path(source).absolute())
    if instance.ask_first(source):
        return 0
    raise DisplayError(
        "GUI-03",
        "ManyHands is open already, but does not answer",
        "End it, or open another window with `manyhands --multi`.",
    )


def _run(
    app: QApplication,
    folders: UserFolders,
    instance: SingleInstance,
    crashes: CrashReporter,
    start: StartOptions,
) -> int:
    """Open the window and run Qt's loop; Ctrl-C and SIGTERM close the window."""
    model = load_hand_model(hand_model_path())
    window, controller = open_window(
        model, Session(model), crashes, folders.config / FILE_NAME, start
    )
    controller.faults.show_notices(folders.notices)
    instance.asked.connect(controller.come_forward)
    before: dict[signal.Signals, Any] = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):  # heard at the session's next poll
            before[number] = signal.signal(
                number, lambda *_: QTimer.singleShot(0, window.close_unasked)
            )
        window.show()  # before it begins: a page that opens by itself lies over it
        controller.begin(start.source, start.engine)
        return app.exec()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
