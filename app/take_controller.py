"""What exporting and cleaning share: a dialog about the recording that plays, and its job."""

from PyQt6.QtCore import QObject

from app.actions import connect_actions
from app.error_texts import error_sentence
from app.main_window import MainWindow
from app.panels.clean_dialog import CleanDialog
from app.panels.dialogs import ask_result_folder
from app.panels.export_dialog import ExportDialog
from app.session import Session
from app.take_child import Cleaned, Exported, Progressed, TakeJob, TakeMessage
from app.take_task import TakeTask
from core.errors import ManyHandsError
from core.session.played import OpenedSession

TakeDialog = CleanDialog | ExportDialog


class TakeController(QObject):
    """One job at a time; it goes on when another source is shown.

    What differs is said by `_offer` (the dialog), `_begin`, `_told` (a result) and `_show_result`.
    """

    def __init__(self, window: MainWindow, session: Session, action: str, parent: QObject) -> None:
        """Connect the action, which can be used while a recording is open."""
        super().__init__(parent)
        self._window, self._session = window, session
        self._action = window.actions_by_id[action]
        self._opened: OpenedSession | None = None
        self._taken: OpenedSession | None = None  # what the dialog is about
        self._task = TakeTask(self)
        self._task.heard.connect(self._hear)
        self._dialog: TakeDialog | None = None
        connect_actions(window.actions_by_id, {action: self._ask})
        session.replay.opened.connect(self._show_opened)
        session.replay.closed.connect(self._show_closed)
        window.closing.connect(self._close)
        self._show_closed()

    def _offer(self, opened: OpenedSession) -> TakeDialog | None:
        """Return the dialog, made if there is none, about a recording; None offers nothing."""
        raise NotImplementedError

    def _told(self, result: Exported | Cleaned) -> str:
        """Show what was written, and return it in words."""
        raise NotImplementedError

    def _show_result(self) -> None:
        """Open what was written."""
        raise NotImplementedError

    def _connect(self, dialog: TakeDialog) -> None:
        """Hear a new dialog."""
        self._dialog = dialog
        dialog.destination.folder_asked.connect(
            lambda folder: ask_result_folder(dialog, folder, dialog.destination.show_folder)
        )
        dialog.job.cancel_asked.connect(self._cancel)
        dialog.job.result_asked.connect(self._show_result)
        dialog.finished.connect(lambda _result: self._end())

    def _start(self, dialog: TakeDialog, job: TakeJob, text: str) -> None:
        """Begin a job, and say so in the dialog."""
        self._task.start(job)
        dialog.job.show_running(text)
        dialog.show_job()

    def _show_opened(self, opened: OpenedSession) -> None:
        self._opened = opened
        self._action.setEnabled(True)

    def _show_closed(self) -> None:
        self._opened = None
        self._action.setEnabled(False)

    def _ask(self) -> None:
        """Open the dialog for the recording that plays; one that is busy comes forward."""
        if self._dialog is not None and self._task.is_busy:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        opened = self._opened
        dialog = None if opened is None else self._offer(opened)
        if dialog is not None:
            self._taken = opened
            dialog.show()
            dialog.raise_()

    def _hear(self, message: TakeMessage) -> None:
        """Show what the child says."""
        dialog = self._dialog
        if dialog is None:
            return
        if isinstance(message, Progressed):
            dialog.job.show_progress(message.done, message.total)
            return
        if isinstance(message, ManyHandsError):
            dialog.job.show_failure(f"{message.code}  {error_sentence(message)}", str(message))
        else:
            dialog.job.show_done("\n".join((self._told(message), *message.notices[:2])))
        dialog.show_job()

    def _cancel(self) -> None:
        """End the job; the dialog stays."""
        self._task.cancel()
        if self._dialog is not None:
            self._dialog.job.show_cancelled()
            self._dialog.show_job()

    def _end(self) -> None:
        """Take note that the dialog was closed, which cancels."""
        self._dialog = None
        self._task.cancel()

    def _close(self) -> None:
        """End with the window."""
        if self._dialog is not None:
            self._dialog.close()
        self._task.finish()
