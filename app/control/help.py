"""What tells a person about the program: keys, version, engines."""

from importlib.metadata import PackageNotFoundError, version

from PyQt6.QtCore import QObject

from app.actions import connect_actions
from app.main_window import MainWindow
from app.panels.dialogs import show_about, show_shortcuts
from app.session import Session


class HelpController(QObject):
    """Opens what the Help menu names."""

    def __init__(self, window: MainWindow, session: Session, parent: QObject) -> None:
        """Connect the Help menu."""
        super().__init__(parent)
        connect_actions(
            window.actions_by_id,
            {
                "shortcuts": lambda: show_shortcuts(window, window.actions_by_id),
                "about": lambda: show_about(window, _version(), session.describe()),
            },
        )


def _version() -> str:
    try:
        return version("manyhands")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "(not installed)"
