"""Where everything stands: panels, the window's place, full screen."""

from dataclasses import replace

from PyQt6.QtCore import QObject

from app.actions import connect_actions
from app.main_window import MainWindow
from app.settings import SettingsStore


class LayoutController(QObject):
    """Puts the window as it was left, and remembers how it is left."""

    def __init__(self, window: MainWindow, store: SettingsStore, parent: QObject) -> None:
        """Connect the layout's actions; every panel must be in the window by now."""
        super().__init__(parent)
        self._window, self._store = window, store
        connect_actions(
            window.actions_by_id,
            {
                "reset_layout": window.reset_layout,
                "full_screen": window.set_full_screen,
                "quit": window.close,
            },
        )
        window.finish_layout()
        window.restore_layout(store.settings.geometry, store.settings.layout)
        store.saving.connect(self._keep)

    def _keep(self) -> None:
        geometry, layout = self._window.save_layout()
        self._store.keep(replace(self._store.settings, geometry=geometry, layout=layout))
