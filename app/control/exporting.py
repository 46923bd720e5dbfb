"""Exports the recording that plays, in a child process, in a dialog that stops nothing."""

from dataclasses import replace

import numpy as np
from PyQt6.QtCore import QObject, QUrl
from PyQt6.QtGui import QDesktopServices

from app.main_window import MainWindow
from app.panels.export_dialog import ExportChoice, ExportDialog, FormatChoices
from app.panels.record_panel import clock_text
from app.session import Session
from app.settings import SettingsStore
from app.take_child import Cleaned, Exported
from app.take_controller import TakeController
from app.take_jobs import FORMATS, ExportOptions, axes_choices
from core.session.naming import safe_name
from core.session.played import OpenedSession


class ExportController(TakeController):
    """One export at a time."""

    def __init__(
        self, window: MainWindow, session: Session, store: SettingsStore, parent: QObject
    ) -> None:
        """Connect the action."""
        super().__init__(window, session, "export", parent)
        self._store = store
        self._marked = (0, 0)

    def _offer(self, opened: OpenedSession) -> ExportDialog | None:
        player = self._session.replay.player
        if player is None:
            return None
        dialog = self._dialog if isinstance(self._dialog, ExportDialog) else self._make_dialog()
        clock = player.status().clock
        times_ns = opened.times_ns
        self._marked = (
            int(np.searchsorted(times_ns, clock.in_ns)),
            int(np.searchsorted(times_ns, clock.out_ns, side="right")),
        )
        first, end = self._marked
        marked = ""
        if 0 <= first < end and (first, end) != (0, len(times_ns)):
            marked = f"{clock_text(clock.in_ns / 1e9)} \u2013 {clock_text(clock.out_ns / 1e9)}"
        dialog.show_recording(opened.name, clock_text(clock.end_ns / 1e9), marked)
        dialog.show_hands(opened.hands)
        folder = self._store.settings.export_folder or str(opened.path.absolute().parent)
        dialog.destination.show_folder(folder)
        dialog.destination.show_name(safe_name(opened.name))
        return dialog

    def _make_dialog(self) -> ExportDialog:
        formats = {kind: FormatChoices(own, axes_choices(kind)) for kind, own in FORMATS.items()}
        dialog = ExportDialog(self._window, formats)
        dialog.format.setCurrentIndex(list(FORMATS).index(self._store.settings.export_format))
        dialog.asked.connect(self._begin)
        self._connect(dialog)
        return dialog

    def _begin(self, choice: ExportChoice) -> None:
        """Export what was chosen."""
        dialog, taken = self._dialog, self._taken
        if dialog is None or taken is None or self._task.is_busy:
            return
        folder = str(choice.stem.parent)
        settings = self._store.settings
        self._store.keep(replace(settings, export_folder=folder, export_format=choice.format))
        first, end = self._marked
        options = ExportOptions(
            session=taken.path,
            format=choice.format,
            stem=choice.stem.with_name(safe_name(choice.stem.name)),
            start=f"{first}f" if choice.marked else None,
            end=f"{end}f" if choice.marked else None,
            rate_hz=choice.rate_hz,
            axes=choice.axes,
            track=choice.track,
            raw=choice.raw,
            correctives=choice.correctives,
            overwrite=choice.overwrite,
        )
        self._start(dialog, options, self.tr("Reading the recording ..."))

    def _told(self, result: Exported | Cleaned) -> str:
        hands = result.hands if isinstance(result, Exported) else ()
        return self.tr("{path}: {frames} frames, {hands}").format(
            path=result.path,
            frames=result.frames,
            hands=", ".join(hands) or self.tr("no hands"),
        )

    def _show_result(self) -> None:
        """Show the result in the desktop's own window for files."""
        folder = self._store.settings.export_folder
        QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
