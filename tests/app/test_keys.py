"""Keys and commands: every action by keyboard, keys of one's own, and the palette."""

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from app.actions import ACTIONS
from app.control.keys import parse_shortcuts
from app.panels.command_palette import CommandPalette, best_first, fuzzy_score
from app.panels.help_dialog import HelpDialog
from app.panels.shortcut_editor import ShortcutEditor
from app.settings import Settings, load_settings, save_settings
from tests.app.program import Program


@pytest.fixture
def editor(program: Program) -> ShortcutEditor:
    program.trigger("shortcuts")
    dialog = program.window.findChild(HelpDialog)
    assert dialog is not None and dialog.editor.isVisible()
    return dialog.editor


def press(editor: ShortcutEditor, name: str, key: str) -> None:
    editor.mark(name)
    editor.key.setKeySequence(QKeySequence(key))
    editor.key.editingFinished.emit()


def key_of(program: Program, name: str) -> str:
    return program.window.actions_by_id[name].shortcut().toString()


def test_a_new_key_works_at_once_and_after_a_restart(
    program: Program, editor: ShortcutEditor, qtbot: QtBot
) -> None:
    press(editor, "skeleton", "Ctrl+Alt+J")
    assert key_of(program, "skeleton") == "Ctrl+Alt+J"
    assert "Ctrl+Alt+J" in program.window.actions_by_id["skeleton"].toolTip()
    program.window.close()
    assert load_settings(program.settings_path).settings.shortcuts == ("skeleton=Ctrl+Alt+J",)
    again = Program(program.settings_path)
    again.build(qtbot)
    assert key_of(again, "skeleton") == "Ctrl+Alt+J"


def test_a_key_that_is_taken_names_its_owner_and_can_be_taken_over(
    program: Program, editor: ShortcutEditor
) -> None:
    press(editor, "skeleton", "M")
    assert "Mirror" in editor.text() and "M" in editor.text()
    assert (key_of(program, "skeleton"), key_of(program, "mirror")) == ("2", "M")
    editor.take.click()
    assert (key_of(program, "skeleton"), key_of(program, "mirror")) == ("M", "")
    assert not editor.take.isEnabled()


def test_one_of_two_keys_can_be_taken(program: Program, editor: ShortcutEditor) -> None:
    press(editor, "skeleton", "Ctrl+K")
    editor.take.click()
    assert program.window.actions_by_id["palette"].shortcuts() == [QKeySequence("Ctrl+Shift+P")]


def test_keys_can_be_taken_away_and_reset(program: Program, editor: ShortcutEditor) -> None:
    editor.mark("mirror")
    editor.none.click()
    assert key_of(program, "mirror") == ""
    press(editor, "skeleton", "M")
    editor.mark("mirror")
    editor.reset.click()
    assert key_of(program, "mirror") == "" and "Skeleton" in editor.text()
    editor.reset_all.click()
    for spec in ACTIONS:
        wanted = QKeySequence.listFromString(spec.shortcut)
        assert program.window.actions_by_id[spec.id].shortcuts() == wanted
    assert program.controller.store.settings.shortcuts == ()


def test_the_table_of_keys_can_be_searched(editor: ShortcutEditor) -> None:
    editor.search.setText("mirror")
    shown = [row for row in range(editor.table.rowCount()) if not editor.table.isRowHidden(row)]
    texts = [item.text() for row in shown if (item := editor.table.item(row, 0)) is not None]
    assert texts == ["Mirror"]


def test_keys_of_unknown_actions_are_left_out() -> None:
    lines = ("mesh=Ctrl+Alt+M", "gone=Ctrl+G", "skeleton", "labels=", "mirror=no key at all")
    assert parse_shortcuts(lines) == {"mesh": "Ctrl+Alt+M", "labels": ""}


def test_settings_with_wrong_keys_open_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    save_settings(Settings(shortcuts=("gone=X", "=", "mesh=Ctrl+Alt+M")), path)
    program = Program(path)
    program.build(qtbot)
    assert key_of(program, "mesh") == "Ctrl+Alt+M"


def test_a_pressed_key_does_what_the_table_says(program: Program, qtbot: QtBot) -> None:
    with qtbot.waitActive(program.window, timeout=5000):
        program.window.activateWindow()
    mirror = program.window.actions_by_id["mirror"]
    before = mirror.isChecked()
    with qtbot.waitSignal(mirror.toggled, timeout=3000):
        qtbot.keyClick(program.window, Qt.Key.Key_M)
    assert mirror.isChecked() is not before


@pytest.mark.parametrize(
    ("query", "first"),
    [("opvi", "Open video"), ("img", "Open image folder"), ("", "Open video"), ("sk", "Skeleton")],
)
def test_some_letters_find_the_command(query: str, first: str) -> None:
    texts = ["Open video", "Open image folder", "Ask nobody", "Skeleton"]
    assert texts[best_first(query, texts)[0]] == first


def test_letters_that_are_missing_find_nothing() -> None:
    assert fuzzy_score("xyz", "Open video") is None
    assert best_first("qq", ["Open video"]) == []


@pytest.fixture
def palette(program: Program) -> CommandPalette:
    program.trigger("palette")
    found = program.window.findChild(CommandPalette)
    assert found is not None
    return found


def test_the_palette_lists_every_action_and_panel(
    program: Program, palette: CommandPalette
) -> None:
    enabled = [a for a in program.window.actions_by_id.values() if a.isEnabled()]
    assert palette.list.count() == len(enabled) - 1 + len(program.window.docks)


def test_typing_and_return_do_what_was_found(
    program: Program, palette: CommandPalette, qtbot: QtBot
) -> None:
    skeleton = program.window.actions_by_id["skeleton"]
    before = skeleton.isChecked()
    qtbot.keyClicks(palette.field, "skele")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert skeleton.isChecked() is not before
    assert not palette.isVisible()


def test_arrows_move_the_mark_and_escape_does_nothing(
    palette: CommandPalette, qtbot: QtBot
) -> None:
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentRow() == 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentRow() == palette.list.count() - 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
