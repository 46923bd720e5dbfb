"""Cleans the recording that plays, in a child process, in a dialog that stops nothing."""

from pathlib import Path

from PyQt6.QtCore import QObject

from app.main_window import MainWindow
from app.panels.clean_dialog import CleanChoice, CleanDialog, CleanGain
from app.session import Session
from app.take_child import Cleaned, Exported
from app.take_controller import TakeController
from app.take_jobs import LONGEST_GAP_S, MOST_REFINE_STEPS, CleanOptions
from app.torch_extra import require_torch
from core.errors import ManyHandsError
from core.session.layout import SUFFIX
from core.session.naming import safe_name
from core.session.played import OpenedSession


class CleanController(TakeController):
    """One cleaning at a time."""

    def __init__(self, window: MainWindow, session: Session, parent: QObject) -> None:
        """Connect the action."""
        super().__init__(window, session, "clean", parent)
        self._result: Path | None = None

    def _offer(self, opened: OpenedSession) -> CleanDialog:
        dialog = self._dialog if isinstance(self._dialog, CleanDialog) else self._make_dialog()
        dialog.show_recording(opened.name, CleanOptions(opened.path, opened.path).longest_gap_s)
        dialog.destination.show_folder(str(opened.path.absolute().parent))
        dialog.destination.show_name(f"{safe_name(opened.name)}-clean")
        return dialog

    def _make_dialog(self) -> CleanDialog:
        why_no_refining = ""
        try:
            require_torch()
        except ManyHandsError as error:
            why_no_refining = str(error)
        dialog = CleanDialog(self._window, LONGEST_GAP_S, MOST_REFINE_STEPS, why_no_refining)
        dialog.asked.connect(self._begin)
        self._connect(dialog)
        return dialog

    def _begin(self, choice: CleanChoice) -> None:
        """Clean as was chosen."""
        dialog, taken = self._dialog, self._taken
        if not isinstance(dialog, CleanDialog) or taken is None or self._task.is_busy:
            return
        out = choice.out.with_name(f"{safe_name(choice.out.name)}{SUFFIX}")
        dialog.show_gains(())
        job = CleanOptions(taken.path, out, choice.longest_gap_s, choice.refine_steps)
        self._start(dialog, job, self.tr("Reading the recording ..."))

    def _told(self, result: Exported | Cleaned) -> str:
        if isinstance(result, Cleaned) and isinstance(self._dialog, CleanDialog):
            self._result = result.path
            self._dialog.show_gains(
                [
                    CleanGain(self._title(row.name), row.jitter_mm, row.reprojection_px, row.filled)
                    for row in result.rows
                ]
            )
        return self.tr("{path}: {frames} frames").format(path=result.path, frames=result.frames)

    def _title(self, name: str) -> str:
        side, _, number = name.partition("_")
        return f"{self.tr('Left') if side == 'left' else self.tr('Right')} {number}"

    def _show_result(self) -> None:
        """Play what was written."""
        if self._result is not None:
            self._window.picker.chosen.emit(str(self._result))
