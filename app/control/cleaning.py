"""Cleans the recording that plays, in a child process, in a dialog that stops nothing."""

from pathlib import Path

from PyQt6.QtCore import QObject

from app.actions import connect_actions
from app.error_texts import error_sentence
from app.main_window import MainWindow
from app.panels.clean_dialog import CleanChoice, CleanDialog, CleanGain
from app.panels.dialogs import ask_result_folder
from app.session import Session
from app.take_child import Cleaned, Progressed, TakeMessage
from app.take_jobs import LONGEST_GAP_S, MOST_REFINE_STEPS, CleanOptions
from app.take_task import TakeTask
from app.torch_extra import require_torch
from core.errors import ManyHandsError
from core.session.layout import SUFFIX
from core.session.naming import safe_name
from core.session.played import OpenedSession


class CleanController(QObject):
    """One cleaning at a time; it goes on when another source is shown."""

    def __init__(self, window: MainWindow, session: Session, parent: QObject) -> None:
        """Connect the action, which can be used while a recording is open."""
        super().__init__(parent)
        self._window = window
        self._opened: OpenedSession | None = None
        self._cleaned: OpenedSession | None = None  # what the dialog is about
        self._result: Path | None = None
        self._task = TakeTask(self)
        self._task.heard.connect(self._hear)
        self._dialog: CleanDialog | None = None
        connect_actions(window.actions_by_id, {"clean": self._ask})
        session.replay.opened.connect(self._show_opened)
        session.replay.closed.connect(self._show_closed)
        window.closing.connect(self._close)
        self._show_closed()

    def _show_opened(self, opened: OpenedSession) -> None:
        self._opened = opened
        self._window.actions_by_id["clean"].setEnabled(True)

    def _show_closed(self) -> None:
        self._opened = None
        self._window.actions_by_id["clean"].setEnabled(False)

    def _ask(self) -> None:
        """Open the dialog for the recording that plays; one that is busy comes forward."""
        if self._dialog is not None and self._task.is_busy:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        opened = self._opened
        if opened is None:
            return
        dialog = self._dialog or self._make_dialog()
        self._cleaned = opened
        dialog.show_recording(opened.name, CleanOptions(opened.path, opened.path).longest_gap_s)
        dialog.destination.show_folder(str(opened.path.absolute().parent))
        dialog.destination.show_name(f"{safe_name(opened.name)}-clean")
        dialog.show()
        dialog.raise_()

    def _make_dialog(self) -> CleanDialog:
        why_no_refining = ""
        try:
            require_torch()
        except ManyHandsError as error:
            why_no_refining = str(error)
        dialog = self._dialog = CleanDialog(
            self._window, LONGEST_GAP_S, MOST_REFINE_STEPS, why_no_refining
        )
        dialog.asked.connect(self._begin)
        dialog.destination.folder_asked.connect(
            lambda folder: ask_result_folder(dialog, folder, dialog.destination.show_folder)
        )
        dialog.job.cancel_asked.connect(self._cancel)
        dialog.job.result_asked.connect(self._open)
        dialog.finished.connect(lambda _result: self._end())
        return dialog

    def _begin(self, choice: CleanChoice) -> None:
        """Clean as was chosen."""
        dialog, cleaned = self._dialog, self._cleaned
        if dialog is None or cleaned is None or self._task.is_busy:
            return
        out = choice.out.with_name(f"{safe_name(choice.out.name)}{SUFFIX}")
        self._task.start(CleanOptions(cleaned.path, out, choice.longest_gap_s, choice.refine_steps))
        dialog.show_gains(())
        dialog.job.show_running(self.tr("Reading the recording ..."))
        dialog.show_job()

    def _hear(self, message: TakeMessage) -> None:
        """Show what the child says."""
        dialog = self._dialog
        if dialog is None:
            return
        if isinstance(message, Progressed):
            dialog.job.show_progress(message.done, message.total)
            return
        if isinstance(message, Cleaned):
            self._result = message.path
            dialog.show_gains(
                [
                    CleanGain(self._title(row.name), row.jitter_mm, row.reprojection_px, row.filled)
                    for row in message.rows
                ]
            )
            text = self.tr("{path}: {frames} frames").format(
                path=message.path, frames=message.frames
            )
            dialog.job.show_done("\n".join((text, *message.notices[:2])))
        elif isinstance(message, ManyHandsError):
            text = f"{message.code}  {error_sentence(message)}"
            dialog.job.show_failure(text, str(message))
        dialog.show_job()

    def _title(self, name: str) -> str:
        side, _, number = name.partition("_")
        return f"{self.tr('Left') if side == 'left' else self.tr('Right')} {number}"

    def _open(self) -> None:
        """Play what was written."""
        if self._result is not None:
            self._window.picker.chosen.emit(str(self._result))

    def _cancel(self) -> None:
        """End the cleaning; the dialog stays."""
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
