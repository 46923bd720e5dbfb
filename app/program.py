"""The windowed program: makes the window with all that stands behind it, and runs it."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PyQt6.QtWidgets import QApplication

from app.controller import Controller
from app.crash import CrashReporter
from app.display import display_problem
from app.main_window import MainWindow
from app.opengl import choose_surface_format, probe_opengl
from app.session import Session
from app.settings import FILE_NAME, load_settings
from app.state import ViewOptions
from app.theme import program_icon
from core.assets import hand_model_path, user_folders
from core.errors import DisplayError
from core.hand_model.file import HandModel, load_hand_model

_HARDWARE_SAMPLES: Final = 4


def make_application(arguments: Sequence[str]) -> QApplication:
    """Make the QApplication, with a surface that this machine can draw in time."""
    app = QApplication(list(arguments))
    app.setApplicationName("ManyHands")
    app.setDesktopFileName("manyhands")
    app.setWindowIcon(program_icon())
    return app


def open_window(
    model: HandModel, session: Session, crashes: CrashReporter, settings_path: Path
) -> tuple[MainWindow, Controller]:
    """Make the window with its controller, which starts nothing yet; needs a QApplication."""
    opengl = probe_opengl()
    # Four samples a pixel smooth edges at no cost on a graphics card, and too slowly without one.
    if opengl.available and not opengl.is_software:
        choose_surface_format(_HARDWARE_SAMPLES)
    window = MainWindow(model, opengl, ViewOptions())
    controller = Controller(window, session, load_settings(settings_path), settings_path)
    crashes.reported.connect(controller.faults.show_crash)
    if not opengl.available:
        controller.faults.show_no_opengl(opengl.reason)
    return window, controller


def main(source: str | None = None, engine: str = "auto") -> int:
    """Open the window and run until it is closed; return the exit status.

    Args:
        source: what to show first; None for what was open last, a camera or the demo clip.
        engine: "auto" or an engine's name.

    Raises:
        DisplayError: GUI-01 where no window can open.
        ModelFileError: the hand model that ships is missing or damaged.
    """
    problem = display_problem()
    if problem is not None:
        raise DisplayError(
            "GUI-01",
            f"no window can open: {problem}",
            "Start it on a desktop, or process a file with `manyhands run SOURCE --out DIR`.",
        )
    before: dict[signal.Signals, Any] = {}
    crashes = CrashReporter()
    crashes.install()
    try:
        model = load_hand_model(hand_model_path())
        app = make_application(sys.argv[:1])
        settings_path = user_folders().config / FILE_NAME
        window, controller = open_window(model, Session(model), crashes, settings_path)
        for number in (signal.SIGINT, signal.SIGTERM):  # heard at the session's next poll
            before[number] = signal.signal(number, lambda *_: window.close())
        controller.begin(source, engine)
        window.show()
        return app.exec()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        crashes.uninstall()
