"""`python -m app.screenshot --out FILE`: a picture of the window at work, for the documentation.

It shows what a person would see after some seconds: nothing is drawn for the picture alone. The
person's own settings are neither read nor written.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QPoint, QTimer
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QDialog

from app.crash import CrashReporter
from app.display import display_problem
from app.main_window import MainWindow
from app.program import make_application, open_window
from app.screenshot_all import take_all
from app.session import Session
from app.settings import FILE_NAME, Settings, save_settings
from app.theme import THEME_CHOICES
from core.assets import hand_model_path
from core.errors import DisplayError, ManyHandsError, OutputError
from core.hand_model.file import load_hand_model

_PRESETS: Final = ("home", "front", "side", "top")


def take(arguments: argparse.Namespace) -> str:
    """Open the window, wait, save it to arguments.out; return the status bar's numbers.

    Raises:
        DisplayError: GUI-01 where no window can open.
        OutputError: OUT-01 where the file cannot be written.
    """
    problem = display_problem()
    if problem is not None:
        raise DisplayError("GUI-01", f"no window can open: {problem}", "Run it under xvfb-run.")
    model = load_hand_model(hand_model_path())
    crashes = CrashReporter()
    app = make_application(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        settings_path = Path(folder) / FILE_NAME
        chosen = Settings(theme=arguments.theme, welcomed=not arguments.first_run)
        save_settings(chosen, settings_path)
        window, controller = open_window(model, Session(model), crashes, settings_path)
        window.resize(*arguments.size)
        window.show()
        controller.begin(arguments.source, arguments.engine)
        result: list[str] = []
        QTimer.singleShot(round(500 * arguments.seconds), lambda: _arrange(window, arguments))
        QTimer.singleShot(
            round(1000 * arguments.seconds), lambda: result.append(_save(window, arguments))
        )
        app.exec()
    if not result or not result[0]:
        raise OutputError("OUT-01", f"{arguments.out} was not written", "Check its folder.")
    return result[0]


def _arrange(window: MainWindow, arguments: argparse.Namespace) -> None:
    """Do what a person would do meanwhile."""
    if window.scene is not None:
        window.actions_by_id[f"view_{arguments.preset}"].trigger()
        window.scene.show_from(window.scene.camera.zoom(arguments.zoom))
    for name in arguments.actions:
        window.actions_by_id[name].trigger()
    if arguments.panel:
        dock = window.docks[arguments.panel]
        dock.show()
        dock.raise_()


def _save(window: MainWindow, arguments: argparse.Namespace) -> str:
    """Save the window or its dialog and close it; return its numbers, none where saving failed."""
    numbers = window.status.text()
    dialogs = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
    if arguments.dialog and dialogs:
        picture = dialogs[-1].grab()
    else:
        picture = window.grab()
        painter = QPainter(picture)  # a window's picture is without those that lie over it
        for dialog in dialogs:
            painter.drawPixmap(_centred(dialog, window), dialog.grab())
        painter.end()
    saved = picture.save(str(arguments.out), "PNG")
    window.close()
    return numbers if saved else ""


def _centred(dialog: QDialog, window: MainWindow) -> QPoint:
    """Return where a dialog stands: without a window manager it may be anywhere."""
    middle = window.rect().center() - dialog.rect().center()
    return QPoint(max(0, middle.x()), max(0, middle.y()))


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def main() -> int:
    """Read the options, take the picture and say what was seen."""
    parser = argparse.ArgumentParser(prog="python -m app.screenshot", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="PNG file to write")
    parser.add_argument("--source", default="demo", help="camera, file, folder, URL or demo")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long to wait")
    parser.add_argument("--theme", choices=THEME_CHOICES, default="dark")
    parser.add_argument("--size", type=_size, default=(1440, 880), help="of the window: 1440x880")
    parser.add_argument("--preset", choices=_PRESETS, default="home", help="of the 3D view")
    parser.add_argument("--zoom", type=float, default=1.0, help="below 1: nearer, in the 3D view")
    parser.add_argument("--actions", nargs="*", default=[], help="rows of app/actions.py to do")
    parser.add_argument("--panel", default="", help="panel to bring up, as hands_dock")
    parser.add_argument("--dialog", action="store_true", help="save the dialog, not the window")
    parser.add_argument("--first-run", action="store_true", help="as at the first start")
    parser.add_argument("--all", action="store_true", help="every main state; --out is a folder")
    arguments = parser.parse_args()
    if arguments.all:
        width, height = arguments.size
        failed = 0
        for shot in take_all(arguments.out, f"{width}x{height}"):
            sys.stdout.write(f"{shot.name}: {shot.said}\n")
            failed += not shot.is_taken
        return 2 if failed else 0
    try:
        numbers = take(arguments)
    except ManyHandsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{numbers}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
