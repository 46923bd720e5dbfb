"""Dark, light, or as the desktop is."""

from dataclasses import replace
from functools import partial
from typing import cast

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication

from app.actions import connect_actions
from app.main_window import MainWindow
from app.settings import SettingsStore
from app.theme import THEME_CHOICES, ThemeChoice, apply_theme, resolve


class ThemeController(QObject):
    """Gives the program the colours that are chosen."""

    def __init__(self, window: MainWindow, store: SettingsStore, parent: QObject) -> None:
        """Connect the Theme menu and follow the desktop."""
        super().__init__(parent)
        self._window, self._store = window, store
        connect_actions(
            window.actions_by_id,
            {f"theme_{choice}": partial(self._choose, choice) for choice in THEME_CHOICES},
        )
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._follow_system)
        self._choose(self._choice)

    @property
    def _choice(self) -> ThemeChoice:
        return cast(ThemeChoice, self._store.settings.theme)

    def _choose(self, choice: ThemeChoice) -> None:
        self._store.keep(replace(self._store.settings, theme=choice))
        self._window.actions_by_id[f"theme_{choice}"].setChecked(True)
        self._apply()

    def _follow_system(self) -> None:
        if self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        theme = resolve(self._choice)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        self._window.show_theme(theme)
