"""Colours and size of texts: dark, light or as the desktop is; larger and smaller."""

from dataclasses import replace
from functools import partial
from typing import Final, cast

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication

from app.actions import connect_actions
from app.main_window import MainWindow
from app.settings import SettingsStore
from app.theme import THEME_CHOICES, Theme, ThemeChoice, apply_theme, resolve

_ICONS_MS: Final = 30
_FONT_STEP: Final = 0.1
_FONT_LEAST, _FONT_MOST = 0.7, 2.0


class ThemeController(QObject):
    """Gives the program the colours and the size of texts that are chosen."""

    def __init__(self, window: MainWindow, store: SettingsStore, parent: QObject) -> None:
        """Connect the Theme menu and the sizes of texts, and follow the desktop."""
        super().__init__(parent)
        self._window, self._store = window, store
        self._shown: Theme | None = None
        connect_actions(
            window.actions_by_id,
            {
                "font_larger": partial(self._scale_font, _FONT_STEP),
                "font_smaller": partial(self._scale_font, -_FONT_STEP),
                "font_normal": partial(self._scale_font, None),
                **{f"theme_{choice}": partial(self._choose, choice) for choice in THEME_CHOICES},
            },
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

    def _scale_font(self, by: float | None) -> None:
        """Make texts larger or smaller, or of their usual size for None."""
        settings = self._store.settings
        scale = 1.0 if by is None else round(settings.font_scale + by, 2)
        scale = min(_FONT_MOST, max(_FONT_LEAST, scale))
        self._store.keep(replace(settings, font_scale=scale))
        self._apply()

    def _follow_system(self) -> None:
        if self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        theme = resolve(self._choice)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme, self._store.settings.font_scale)
        if self._shown is None:
            self._colour()
        elif theme is not self._shown:  # a font of another size changes no colour
            # Icons come after the window was drawn: all at once took it over 100 ms.
            QTimer.singleShot(_ICONS_MS, self._colour)

    def _colour(self) -> None:
        """Give every part of the window the colours that hold."""
        self._shown = resolve(self._choice)
        self._window.show_theme(self._shown)
