"""Which key does what: the table's keys, what a person changed of them, and the palette."""

from dataclasses import replace
from typing import Final

from PyQt6.QtCore import QCoreApplication, QObject, QPoint, Qt
from PyQt6.QtGui import QKeySequence

from app.actions import ACTIONS, connect_actions, set_keys
from app.main_window import MainWindow
from app.panels.command_palette import CommandPalette
from app.panels.shortcut_editor import ShortcutEditor
from app.settings import SettingsStore

_FROM_TABLE: Final = {spec.id: spec.shortcut for spec in ACTIONS}
_PALETTE_TOP_PX: Final = 90


class KeysController(QObject):
    """Gives every action its keys, and keeps in the settings those that differ from the table."""

    def __init__(self, window: MainWindow, store: SettingsStore, parent: QObject) -> None:
        """Connect the palette and put the person's own keys in force."""
        super().__init__(parent)
        self._window, self._store = window, store
        self._keys = _FROM_TABLE | parse_shortcuts(store.settings.shortcuts)
        connect_actions(window.actions_by_id, {"palette": self._open_palette})
        self._apply()

    def edit(self, editor: ShortcutEditor) -> None:
        """Do what an editor asks for."""
        editor.wanted.connect(lambda name, key: self._want(editor, name, key))
        editor.taken.connect(lambda name, key: self._take(editor, name, key))
        editor.reset_asked.connect(lambda name: self._reset(editor, name))

    def _want(self, editor: ShortcutEditor, name: str, key: str) -> None:
        owner = self._owner_of(key, but=name)
        if owner is not None:
            editor.show_conflict(name, key, owner)
            return
        self._keys[name] = key
        self._keep(editor)

    def _take(self, editor: ShortcutEditor, name: str, key: str) -> None:
        owner = self._owner_of(key, but=name)
        if owner is not None:
            wanted = QKeySequence(key)
            left = [keys for keys in _sequences(self._keys[owner]) if keys != wanted]
            self._keys[owner] = QKeySequence.listToString(left)
        self._keys[name] = key
        self._keep(editor)

    def _reset(self, editor: ShortcutEditor, name: str) -> None:
        """Give one action the table's keys again, or every one for no name."""
        if not name:
            self._keys = dict(_FROM_TABLE)
            self._keep(editor)
            return
        for key in _sequences(_FROM_TABLE[name]):
            owner = self._owner_of(key.toString(), but=name)
            if owner is not None:
                editor.show_conflict(name, key.toString(), owner)
                return
        self._keys[name] = _FROM_TABLE[name]
        self._keep(editor)

    def _owner_of(self, key: str, but: str) -> str | None:
        """Return the action that has this key already."""
        wanted = QKeySequence(key)
        for name, keys in self._keys.items():
            if key and name != but and wanted in _sequences(keys):
                return name
        return None

    def _keep(self, editor: ShortcutEditor) -> None:
        changed = {name: keys for name, keys in self._keys.items() if keys != _FROM_TABLE[name]}
        lines = tuple(f"{name}={keys}" for name, keys in changed.items())
        self._store.keep(replace(self._store.settings, shortcuts=lines))
        self._apply()
        editor.show_keys()

    def _apply(self) -> None:
        for name, keys in self._keys.items():
            set_keys(self._window.actions_by_id[name], keys)

    def _open_palette(self) -> None:
        window = self._window
        menus = {spec.id: QCoreApplication.translate("Actions", spec.menu) for spec in ACTIONS}
        listed = [(menus[name], action) for name, action in window.actions_by_id.items()]
        panels = [dock.toggleViewAction() for dock in window.docks.values()]
        listed += [(self.tr("Panel"), action) for action in panels if action is not None]
        listed = [row for row in listed if row[1].objectName() != "palette"]
        palette = CommandPalette(listed, window)
        left = (window.width() - palette.width()) // 2
        palette.move(window.mapToGlobal(QPoint(left, _PALETTE_TOP_PX)))
        palette.show()
        palette.field.setFocus()


def parse_shortcuts(lines: tuple[str, ...]) -> dict[str, str]:
    """Return keys by action from "action=keys"; what names no action or no key is left out."""
    found: dict[str, str] = {}
    for line in lines:
        name, parted, keys = line.partition("=")
        if parted and name in _FROM_TABLE and (not keys or _sequences(keys)):
            found[name] = keys
    return found


def _sequences(keys: str) -> list[QKeySequence]:
    """Return the keys that a text names; what is no key is left out."""
    return [
        key
        for key in QKeySequence.listFromString(keys)
        if not key.isEmpty() and key[0].key() != Qt.Key.Key_unknown
    ]
