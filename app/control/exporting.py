"""Exports the recording that plays, in a child process, in a dialog that stops nothing."""

from dataclasses import replace

import numpy as np
from PyQt6.QtCore import QObject, QUrl
from PyQt6.QtGui import QDesktopServices

from app.actions import connect_actions
from app.error_texts import error_sentence
from app.main_window import MainWindow
from app.panels.dialogs import ask_result_folder
from app.panels.export_dialog import ExportChoice, ExportDialog, FormatChoices
from app.panels.record_panel import clock_text
from app.session import Session
from app.settings import SettingsStore
from app.take_child import Exported, Progressed, TakeMessage
from app.take_jobs import FORMATS, ExportOptions, axes_choices
from app.take_task import TakeTask
from core.errors import ManyHandsError
from core.session.naming import safe_name
from core.session.played import OpenedSession


class ExportController(QObject):
    """One export at a time; it goes on when another source is shown."""

    def __init__(
        self, window: MainWindow, session: Session, store: SettingsStore, parent: QObject
    ) -> None:
        """Connect the action, which can be used while a recording is open."""
        super().__init__(parent)
        self._window, self._session, self._store = window, session, store
        self._opened: OpenedSession | None = None
        self._exported: OpenedSession | None = None  # what the dialog is about
        self._marked = (0, 0)
        self._task = TakeTask(self)
        self._task.heard.connect(self._hear)
        self._dialog: ExportDialog | None = None
        connect_actions(window.actions_by_id, {"export": self._ask})
        session.replay.opened.connect(self._show_opened)
        session.replay.closed.connect(self._show_closed)
        window.closing.connect(self._close)
        self._show_closed()

    def _show_opened(self, opened: OpenedSession) -> None:
        self._opened = opened
        self._window.actions_by_id["export"].setEnabled(True)

    def _show_closed(self) -> None:
        self._opened = None
        self._window.actions_by_id["export"].setEnabled(False)

    def _ask(self) -> None:
        """Open the dialog for the recording that plays; one that is busy comes forward."""
        if self._dialog is not None and self._task.is_busy:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        opened, player = self._opened, self._session.replay.player
        if opened is None or player is None:
            return
        dialog = self._dialog or self._make_dialog()
        clock = player.status().clock
        times_ns = opened.times_ns
        self._exported = opened
        self._marked = (
            int(np.searchsorted(times_ns, clock.in_ns)),
            int(np.searchsorted(times_ns, clock.out_ns, side="right")),
        )
        first, end = self._marked
        marked = ""
        if 0 <= first < end and (first, end) != (0, len(times_ns)):
            marked = f"{clock_text(clock.in_ns / 1e9)} \u2013 {clock_text(clock.out_ns / 1e9)}"
        dialog.show_recording(opened.name, clock_text(clock.end_ns / 1e9), marked)
        folder = self._store.settings.export_folder or str(opened.path.absolute().parent)
        dialog.destination.show_folder(folder)
        dialog.destination.show_name(safe_name(opened.name))
        dialog.show()
        dialog.raise_()

    def _make_dialog(self) -> ExportDialog:
        formats = {kind: FormatChoices(own, axes_choices(kind)) for kind, own in FORMATS.items()}
        dialog = self._dialog = ExportDialog(self._window, formats)
        dialog.format.setCurrentIndex(list(FORMATS).index(self._store.settings.export_format))
        dialog.asked.connect(self._begin)
        dialog.destination.folder_asked.connect(
            lambda folder: ask_result_folder(dialog, folder, dialog.destination.show_folder)
        )
        dialog.job.cancel_asked.connect(self._cancel)
        dialog.job.result_asked.connect(self._open_folder)
        dialog.finished.connect(lambda _result: self._end())
        return dialog

    def _begin(self, choice: ExportChoice) -> None:
        """Export what was chosen."""
        dialog, exported = self._dialog, self._exported
        if dialog is None or exported is None or self._task.is_busy:
            return
        folder = str(choice.stem.parent)
        settings = self._store.settings
        self._store.keep(replace(settings, export_folder=folder, export_format=choice.format))
        first, end = self._marked
        options = ExportOptions(
            session=exported.path,
            format=choice.format,
            stem=choice.stem.with_name(safe_name(choice.stem.name)),
            start=f"{first}f" if choice.marked else None,
            end=f"{end}f" if choice.marked else None,
            rate_hz=choice.rate_hz,
            axes=choice.axes,
            raw=choice.raw,
            correctives=choice.correctives,
            overwrite=choice.overwrite,
        )
        self._task.start(options)
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
        if isinstance(message, Exported):
            lines = [
                self.tr("{path}: {frames} frames, {hands}").format(
                    path=message.path,
                    frames=message.frames,
                    hands=", ".join(message.hands) or self.tr("no hands"),
                ),
                *message.notices[:2],
            ]
            dialog.job.show_done("\n".join(lines))
        elif isinstance(message, ManyHandsError):
            text = f"{message.code}  {error_sentence(message)}"
            dialog.job.show_failure(text, str(message))
        dialog.show_job()

    def _open_folder(self) -> None:
        """Show the result in the desktop's own window for files."""
        folder = self._store.settings.export_folder
        QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    def _cancel(self) -> None:
        """End the export; the dialog stays."""
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
