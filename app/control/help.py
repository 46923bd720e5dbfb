"""What tells a person about the program: help, keys, version, language, diagnostics."""

import threading
import time
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal

from app.actions import connect_actions
from app.diagnostics import bundle, private_names, write_bundle
from app.doctor import Examine
from app.error_texts import error_notice
from app.logs import log_path
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.panels.dialogs import ask_where_to_save, show_about
from app.panels.help_dialog import HelpDialog
from app.panels.shortcut_editor import ShortcutEditor
from app.session import Session
from app.settings import Settings, SettingsStore
from app.translation import LANGUAGE_CHOICES
from core.errors import ManyHandsError

_JOIN_S: Final = 5.0


class HelpController(QObject):
    """Opens what the Help menu names.

    `editing` carries a ShortcutEditor that was opened.
    """

    editing = pyqtSignal(ShortcutEditor)
    _written = pyqtSignal(object)  # Notice

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        store: SettingsStore,
        examine: Examine,
        parent: QObject,
    ) -> None:
        """Connect the Help and Language menus."""
        super().__init__(parent)
        self._window, self._store, self._examine = window, store, examine
        self._thread: threading.Thread | None = None
        self._written.connect(window.banner.show_notice)
        languages = {f"language_{name}": partial(self._speak, name) for name in LANGUAGE_CHOICES}
        connect_actions(
            window.actions_by_id,
            {
                "help": self._open,
                "shortcuts": lambda: self._open().show_keyboard(),
                "diagnostics": self._ask_for_bundle,
                "about": lambda: show_about(window, _version(), session.describe()),
                **languages,
            },
        )
        window.actions_by_id[f"language_{store.settings.language}"].setChecked(True)
        window.closing.connect(self._close)

    def _open(self) -> HelpDialog:
        dialog = HelpDialog(self._window.actions_by_id, str(log_path()), self._window)
        self.editing.emit(dialog.editor)
        dialog.show()
        return dialog

    def _speak(self, language: str) -> None:
        """Remember the language; texts are made when the window is."""
        if language != self._store.settings.language:
            self._store.keep(replace(self._store.settings, language=language))
            title = self.tr("The language changes at the next start.")
            self._window.banner.show_notice(Notice("info", "", title))

    # Diagnostics

    def _ask_for_bundle(self) -> None:
        name = f"manyhands-diagnostics-{time.strftime('%Y%m%d')}.zip"
        folder = self._store.settings.last_folder or str(Path.home())
        ask_where_to_save(
            self._window,
            self.tr("Save diagnostics"),
            str(Path(folder) / name),
            self.tr("Zip files (*.zip)"),
            self._save_bundle,
        )

    def _save_bundle(self, path: str) -> None:
        """Examine the machine in another thread, which takes seconds, and write the file."""
        if self._thread is None or not self._thread.is_alive():
            title = self.tr("Looking at this computer ...")
            self._window.banner.show_notice(Notice("info", "", title))
            settings = self._store.settings
            self._thread = threading.Thread(
                target=lambda: self._write_bundle(Path(path), settings),
                name="diagnostics",
                daemon=True,
            )
            self._thread.start()

    def _write_bundle(self, path: Path, settings: Settings) -> None:
        try:
            write_bundle(path, bundle(self._examine(()), settings, log_path(), private_names()))
        except ManyHandsError as error:
            self._written.emit(error_notice("error", error))
            return
        title = self.tr("Saved {path}").format(path=path)
        remedy = self.tr("It holds no names, paths or pictures. Look into it before you send it.")
        self._written.emit(Notice("info", "", title, remedy))

    def _close(self) -> None:
        if self._thread is not None:
            self._thread.join(_JOIN_S)


def _version() -> str:
    try:
        return version("manyhands")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "(not installed)"
