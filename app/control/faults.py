"""What failed is said over the picture: faults of the session, crashes, views that cannot draw."""

from dataclasses import replace
from typing import Final

from PyQt6.QtCore import QObject, Qt

from app.error_texts import error_notice, error_title
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.session import Fault, Session
from app.views.gl_widget import GlWidget
from core.errors import DisplayError

#: Of the notice that stands while a lost camera is waited for.
_WAITING: Final = "reopen_now"


class FaultController(QObject):
    """Turns faults into notices; another source takes the notice away."""

    def __init__(self, window: MainWindow, session: Session, parent: QObject) -> None:
        """Hear the session and the views."""
        super().__init__(parent)
        self._window = window
        session.faulted.connect(self._show_fault)
        session.lost.connect(self._show_loss)
        session.found_again.connect(self._show_found)
        window.banner.action_asked.connect(
            lambda action: session.hurry() if action == _WAITING else None
        )
        session.opening.connect(self._clear)
        for view in (window.picture, window.scene):
            if isinstance(view, GlWidget):
                view.failed.connect(self._give_up_opengl, Qt.ConnectionType.QueuedConnection)

    def _clear(self) -> None:
        """Take away what was said of the source before; other notices stay."""
        notice = self._window.banner.notice
        if notice is not None and (notice.can_retry or notice.action == _WAITING):
            self._window.banner.clear()

    def _show_fault(self, fault: Fault) -> None:
        """Show what happened and what to do; what is on the screen is no longer live."""
        window = self._window
        details = f"{fault.code} ({fault.where}): {fault.cause}. {fault.remedy}"
        window.banner.show_notice(
            replace(error_notice("error", fault), details=details, can_retry=True)
        )
        window.show_stale()
        window.show_message("")

    def _show_loss(self, fault: Fault) -> None:
        """Grey the last picture, and say that the camera is waited for."""
        window, banner = self._window, self._window.banner
        shown = banner.notice
        if shown is None or shown.action != _WAITING:
            window.show_stale()
        remedy = self.tr("It is opened again as soon as it is back; or choose another source.")
        details = f"{fault.code} ({fault.where}): {fault.cause}. {fault.remedy}"
        title = self.tr("Camera lost: {cause}").format(cause=error_title(fault))
        banner.show_notice(
            Notice("warn", fault.code, title, remedy, details, action=_WAITING,
                   action_text=self.tr("Try now"))
        )  # fmt: skip

    def _show_found(self) -> None:
        """Take the notice of the loss away."""
        shown = self._window.banner.notice
        if shown is not None and shown.action == _WAITING:
            self._window.banner.clear()

    def show_crash(self, line: str, details: str) -> None:
        """Show an exception that nobody caught; the program goes on."""
        remedy = self.tr("The program goes on. If it happens again, send us the details.")
        self._window.banner.show_notice(Notice("error", "", line, remedy, details))

    def show_no_opengl(self, reason: str) -> None:
        """Say that there is no 3D view, and why."""
        error = DisplayError(
            "GUI-02",
            self.tr("OpenGL cannot be used: {reason}").format(reason=reason),
            self.tr(
                "The picture is drawn without it, and there is no 3D view. Start with "
                "--software-gl, or install a graphics driver; Mesa's needs no graphics card."
            ),
        )
        notice = Notice("warn", error.code, error.cause, error.remedy)
        self._window.banner.show_notice(notice)

    def show_not_software(self, renderer: str) -> None:
        """Say that the processor was to draw, and does not."""
        title = self.tr("--software-gl has no effect: {renderer} draws.")
        remedy = self.tr(
            "Install Mesa's software driver (Debian, Ubuntu: libgl1-mesa-dri), or start with "
            "--safe-mode."
        )
        notice = Notice("warn", "GUI-02", title.format(renderer=renderer), remedy)
        self._window.banner.show_notice(notice)

    def show_notices(self, notices: tuple[str, ...]) -> None:
        """Show the first of what was wrong at the start; all of it is in the log."""
        if notices:
            notice = Notice("warn", "", notices[0], self.tr("The program works on with defaults."))
            self._window.banner.show_notice(notice)

    def show_safe_mode(self) -> None:
        """Say what is different now."""
        title = self.tr("Safe mode: default settings, no OpenGL.")
        remedy = self.tr("Nothing that you change is kept. Start without --safe-mode to return.")
        self._window.banner.show_notice(Notice("warn", "", title, remedy))

    def _give_up_opengl(self, reason: str) -> None:
        """Draw without OpenGL, which has failed twice."""
        self._window.give_up_opengl()
        title = self.tr("OpenGL has failed: {reason}").format(reason=reason)
        remedy = self.tr(
            "The picture is drawn without it, and there is no 3D view. Restart to try again; "
            "if it happens again, start with --software-gl or use another graphics driver."
        )
        self._window.banner.show_notice(Notice("warn", "GUI-02", title, remedy))
