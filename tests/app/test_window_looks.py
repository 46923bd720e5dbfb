"""The real window: what is shown, how it looks, and what it remembers."""

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QDialog, QToolButton
from pytestqt.qtbot import QtBot

from app.actions import ACTIONS, connect_actions, unconnected
from app.settings import Settings, load_settings, save_settings
from app.state import ViewOptions
from app.theme import DARK, LIGHT
from app.views.orbit_camera import SIDE
from tests.app.program import Program, picture_pixels


@pytest.mark.gl
def test_views_follow_what_is_switched(running: Program, qtbot: QtBot) -> None:
    with_mesh = picture_pixels(running.window)
    for name in ("mesh", "labels"):
        running.trigger(name)
    running.wait_drawn(qtbot)
    bare = picture_pixels(running.window)
    assert (np.abs(with_mesh.astype(int) - bare).max(axis=2) > 20).sum() > 2000
    assert len(np.unique(bare[100:-100, 200:-200].reshape(-1, 3), axis=0)) == 1
    running.trigger("skeleton")
    running.wait_drawn(qtbot)
    assert len(np.unique(picture_pixels(running.window).reshape(-1, 3), axis=0)) > 20


@pytest.mark.gl
def test_presets_move_the_3d_view(running: Program) -> None:
    running.trigger("view_side")
    assert running.window.scene is not None and running.window.scene.camera == SIDE


@pytest.mark.parametrize(("name", "theme"), [("dark", DARK), ("light", LIGHT)])
def test_theme_colours_the_whole_window(
    program: Program, qtbot: QtBot, name: str, theme: object
) -> None:
    program.trigger(f"theme_{name}")
    qtbot.waitUntil(lambda: program.window.theme is theme, timeout=3000)
    assert program.window.actions_by_id[f"theme_{name}"].isChecked()
    colour = program.window.palette().window().color().name()
    assert colour == (DARK if theme is DARK else LIGHT).window
    icon = program.window.actions_by_id["mesh"].icon().pixmap(24).toImage()
    inked = [
        icon.pixelColor(x, y).lightness()
        for x in range(icon.width())
        for y in range(icon.height())
        if icon.pixelColor(x, y).alpha() > 200
    ]
    assert (np.mean(inked) > 128) == (theme is DARK)


def test_every_action_does_something_without_an_exception(running: Program, qtbot: QtBot) -> None:
    """What it opens is closed again; the fixture looks for what stays behind."""
    window = running.window
    for spec in ACTIONS:
        if spec.id == "quit":
            continue
        window.actions_by_id[spec.id].trigger()
        qtbot.wait(10)
        for dialog in window.findChildren(QDialog):
            dialog.close()
        if spec.id == "record":  # again, so that nothing is asked at the end
            qtbot.waitUntil(lambda: running.controller.recording.is_recording, timeout=5000)
            running.trigger("record")
            qtbot.waitUntil(lambda: not running.controller.recording.is_recording, timeout=5000)
    window.actions_by_id["full_screen"].setChecked(False)
    running.trigger("quit")
    assert not window.isVisible()


def test_every_row_of_the_table_belongs_to_one_controller(program: Program) -> None:
    actions = program.window.actions_by_id
    assert unconnected(actions) == set()
    for name in actions:
        with pytest.raises(ValueError, match="connected already"):
            connect_actions(actions, {name: lambda: None})


def test_action_table_has_no_double_names_or_keys() -> None:
    assert len({spec.id for spec in ACTIONS}) == len(ACTIONS)
    keys = [key for spec in ACTIONS for key in spec.shortcut.split("; ") if key]
    assert [key for key in set(keys) if keys.count(key) > 1] == []
    assert all(spec.tip for spec in ACTIONS)


@pytest.mark.gl
def test_resizing_hiding_and_docking_do_no_harm(running: Program, qtbot: QtBot) -> None:
    window = running.window
    for width, height in ((1, 1), (1600, 1000), (300, 900), (900, 500)):
        window.resize(width, height)
        qtbot.wait(5)
    for dock in window.docks.values():
        dock.setFloating(True)
        qtbot.wait(20)
        dock.setFloating(False)
    window.showMinimized()
    qtbot.wait(30)
    window.showNormal()
    running.wait_drawn(qtbot)
    assert window.banner.notice is None


def test_layout_is_kept_and_can_be_reset(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    first = Program(path)
    first.build(qtbot)
    first.window.docks["plot_dock"].hide()
    first.window.close()
    second = Program(path)
    second.build(qtbot)
    assert not second.window.docks["plot_dock"].isVisible()
    second.trigger("reset_layout")
    assert second.window.docks["plot_dock"].isVisible()


def test_choices_are_kept_when_the_window_closes(program: Program) -> None:
    program.trigger("skeleton")
    program.trigger("theme_light")
    program.window.opacity.opacity_changed.emit(0.4)
    program.window.close()
    kept = load_settings(program.settings_path).settings
    assert (kept.show_skeleton, kept.theme, kept.opacity) == (True, "light", 0.4)


def test_broken_settings_are_told_and_the_window_opens(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    path.write_text('theme = "purple"\nopacity = 0.5\ngeometry = "!"\nlayout = "AAAA"\n')
    program = Program(path)
    program.build(qtbot)
    notice = program.window.banner.notice
    assert notice is not None and "purple" in notice.title
    assert program.controller.view.state.options.opacity == 0.5


def test_saved_picture_is_a_png_of_the_view(running: Program, qtbot: QtBot, tmp_path: Path) -> None:
    running.trigger("screenshot")
    qtbot.waitUntil(lambda: running.window.banner.notice is not None, timeout=5000)
    saved = list(tmp_path.rglob("manyhands-*.png"))
    assert len(saved) == 1
    assert saved[0].read_bytes().startswith(b"\x89PNG")
    notice = running.window.banner.notice
    assert notice is not None and notice.state == "info" and str(saved[0]) in notice.title


def test_picture_that_is_being_saved_is_whole_when_the_window_has_closed(
    running: Program, tmp_path: Path
) -> None:
    running.trigger("screenshot_3d")
    running.window.close()
    (saved,) = tmp_path.rglob("manyhands-3d-*.png")
    assert saved.read_bytes().endswith(b"IEND\xaeB`\x82")


def test_text_of_another_size_restyles_nothing_but_texts(running: Program, qtbot: QtBot) -> None:
    icon = running.window.actions_by_id["mesh"].icon().cacheKey()
    running.trigger("font_larger")
    assert running.window.actions_by_id["mesh"].icon().cacheKey() == icon
    running.trigger("theme_light")
    qtbot.waitUntil(
        lambda: running.window.actions_by_id["mesh"].icon().cacheKey() != icon, timeout=3000
    )


def test_view_options_start_as_the_settings_say(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    save_settings(Settings(show_mesh=False, show_labels=False, mirror_files=True), path)
    program = Program(path)
    program.build(qtbot)
    want = ViewOptions(mirror=True, show_mesh=False, show_labels=False)
    assert program.controller.view.state.options == want
    assert not program.window.actions_by_id["mesh"].isChecked()


def test_the_colours_button_offers_what_colours_the_surface(program: Program) -> None:
    actions = program.window.actions_by_id
    buttons = program.window.findChildren(QToolButton)
    menus = [menu for menu in (button.menu() for button in buttons) if menu is not None]
    (menu,) = [menu for menu in menus if actions["colour_skin"] in menu.actions()]
    for name in ("colour_skin", "colour_normals", "colour_hand"):
        actions[name].trigger()
        assert f"colour_{program.controller.view.state.options.surface}" == name
        assert [action.isChecked() for action in menu.actions()[:3]].count(True) == 1
    actions["predicted_light"].trigger()
    assert not program.controller.view.state.options.predicted_light
