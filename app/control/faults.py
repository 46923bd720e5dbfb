"""What failed is said over the picture: faults of the session, crashes, views that cannot draw."""

from PyQt6.QtCore import QObject

from app.main_window import MainWindow
from app.panels.banner import Notice
from app.session import Fault, Session
from app.views.gl_widget import GlWidget
from core.errors import DisplayError


class FaultController(QObject):
    """Turns faults into notices; another source takes the notice away."""

    def __init__(self, window: MainWindow, session: Session, parent: QObject) -> None:
        """Hear the session and the views."""
        super().__init__(parent)
        self._window = window
        session.faulted.connect(self._show_fault)
        session.opening.connect(lambda _source: window.banner.clear())
        for view in (window.picture, window.scene):
            if isinstance(view, GlWidget):
                view.failed.connect(self._show_drawing_failure)

    def _show_fault(self, fault: Fault) -> None:
        """Show what happened and what to do; what is on the screen is no longer live."""
        window = self._window
        details = f"{fault.code} ({fault.where}): {fault.cause}. {fault.remedy}"
        window.banner.show_notice(
            Notice("error", fault.code, fault.cause, fault.remedy, details, can_retry=True)
        )
        window.picture.show_stale(True)
        window.show_message("")
        if window.scene is not None:
            window.scene.show_nothing()
        window.status.show_hand_count(0, 0)

    def show_crash(self, line: str, details: str) -> None:
        """Show an exception that nobody caught; the program goes on."""
        remedy = "The program goes on. If it happens again, send us the details."
        self._window.banner.show_notice(Notice("error", "", line, remedy, details))

    def show_no_opengl(self, reason: str) -> None:
        """Say that there is no 3D view, and why."""
        error = DisplayError(
            "GUI-02",
            f"OpenGL cannot be used: {reason}",
            "The picture is drawn without it, and there is no 3D view. Install a graphics driver.",
        )
        notice = Notice("warn", error.code, error.cause, error.remedy)
        self._window.banner.show_notice(notice)

    def _show_drawing_failure(self, reason: str) -> None:
        title = f"A view cannot be drawn: {reason}"
        notice = Notice("error", "GUI-02", title, "Restart; else use another driver.")
        self._window.banner.show_notice(notice)
