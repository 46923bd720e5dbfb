"""The window's settings: whatever the file holds, the program starts and says what was wrong."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.settings import (
    Settings,
    SettingsStore,
    from_text,
    load_settings,
    reset_settings,
    save_settings,
    to_text,
)
from core.errors import OutputError


def test_path_that_is_no_text_does_no_harm(tmp_path: Path) -> None:
    save_settings(Settings(source="caf\udce9.mp4"), tmp_path / "window.toml")
    assert load_settings(tmp_path / "window.toml").settings.source == "caf?.mp4"


def test_missing_file_gives_the_defaults_without_a_word(tmp_path: Path) -> None:
    loaded = load_settings(tmp_path / "window.toml")
    assert loaded.settings == Settings() and loaded.notices == ()


def test_settings_survive_the_file(tmp_path: Path) -> None:
    chosen = Settings(
        theme="light", source='C:\\clips\\"h\u00e4nde"\t\u624b \U0001f91a.mp4', opacity=0.5,
        mirror_cameras=False, geometry=to_text(bytes(range(256))),
    )  # fmt: skip
    save_settings(chosen, tmp_path / "folder" / "window.toml")
    loaded = load_settings(tmp_path / "folder" / "window.toml")
    assert loaded.settings == chosen and loaded.notices == ()
    assert from_text(loaded.settings.geometry) == bytes(range(256))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("opacity = 7.0", "opacity"),
        ("opacity = nan", "opacity"),
        ("opacity = true", "opacity"),
        ('opacity = "0,5"', "opacity"),
        ("show_mesh = 1", "show_mesh"),
        ('theme = "purple"', "theme"),
        ("source = 3", "source"),
        ("source = [1]", "source"),
    ],
)
def test_wrong_value_falls_back_alone(tmp_path: Path, line: str, name: str) -> None:
    path = tmp_path / "window.toml"
    path.write_text(f"show_labels = false\n{line}\n")
    loaded = load_settings(path)
    assert loaded.settings == Settings(show_labels=False)
    assert len(loaded.notices) == 1 and name in loaded.notices[0]


def test_whole_number_is_an_opacity_too(tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    path.write_text("opacity = 1\n")
    assert load_settings(path).settings.opacity == 1.0


def test_unknown_name_is_told(tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    path.write_text("opacty = 0.5\n")
    assert "opacty is unknown" in load_settings(path).notices[0]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"= = =", b"x" * (2 << 20)])
def test_unreadable_file_is_kept_under_another_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "window.toml"
    path.write_bytes(content)
    loaded = load_settings(path)
    assert loaded.settings == Settings() and len(loaded.notices) == 1
    kept = list(tmp_path.glob("window.toml.broken-*"))
    assert len(kept) == 1 and kept[0].read_bytes() == content


def test_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "window.toml").mkdir()
    assert load_settings(tmp_path / "window.toml").settings == Settings()


def test_unwritable_folder_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="OUT-01"):
        save_settings(Settings(), tmp_path / "file" / "window.toml")


def test_half_written_file_never_takes_the_place_of_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    save_settings(Settings(opacity=0.3), path)
    path.with_name(".window.toml.part").mkdir()
    with pytest.raises(OutputError):
        save_settings(Settings(opacity=0.9), path)
    assert load_settings(path).settings.opacity == 0.3


values = st.one_of(
    st.booleans().map(lambda b: str(b).lower()),
    st.integers(-(2**70), 2**70).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(st.characters(blacklist_characters="'\n\r", blacklist_categories=("Cs", "Cc"))).map(
        lambda text: f"'{text}'"
    ),
    st.just("[1, 2]"),
)
names = st.sampled_from([item.name for item in fields(Settings)] + ["other"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=st.dictionaries(names, values))
def test_no_file_can_stop_the_program(tmp_path: Path, lines: dict[str, str]) -> None:
    path = tmp_path / "window.toml"
    path.write_text("\n".join(f"{k} = {v}" for k, v in lines.items()), encoding="utf-8")
    loaded = load_settings(path)
    save_settings(loaded.settings, path)
    assert load_settings(path).settings == loaded.settings


@pytest.mark.parametrize("text", ["", "!", "AAA", "\u00e4"])
def test_text_that_is_no_layout_gives_no_bytes_or_some_and_no_error(text: str) -> None:
    assert isinstance(from_text(text), bytes)


def test_broken_file_gives_the_last_good_settings(tmp_path: Path) -> None:
    """Row 61: the file is kept for whoever wants to mend it, and the choices are not lost."""
    path = tmp_path / "window.toml"
    save_settings(Settings(opacity=0.3, theme="light"), path)
    assert load_settings(path).settings.opacity == 0.3
    path.write_bytes(b"opacity = 0.4\ntheme = \x00\xff")
    loaded = load_settings(path)
    assert (loaded.settings.opacity, loaded.settings.theme) == (0.3, "light")
    assert len(loaded.notices) == 1 and "broken" in loaded.notices[0]
    assert len(list(tmp_path.glob("window.toml.broken-*"))) == 1


def test_file_with_a_complaint_never_becomes_the_good_copy(tmp_path: Path) -> None:
    """Row 61."""
    path = tmp_path / "window.toml"
    save_settings(Settings(opacity=0.3), path)
    load_settings(path)
    path.write_text("opacity = 0.9\ntheme = 3\n")
    assert load_settings(path).settings.opacity == 0.9
    path.write_bytes(b"\xff")
    assert load_settings(path).settings.opacity == 0.3


def test_reset_keeps_the_old_file(tmp_path: Path) -> None:
    """Row 61: --reset-settings."""
    path = tmp_path / "window.toml"
    save_settings(Settings(opacity=0.3), path)
    loaded = reset_settings(path)
    assert loaded.settings == Settings() and "before-reset" in loaded.notices[0]
    kept = list(tmp_path.glob("window.toml.before-reset-*"))
    assert len(kept) == 1 and "opacity = 0.3" in kept[0].read_text()
    assert reset_settings(path).notices == ()


def test_lists_of_texts_are_kept_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    save_settings(Settings(shortcuts=("mesh=X", "h\u00e4nde=Y")), path)
    assert load_settings(path).settings.shortcuts == ("mesh=X", "h\u00e4nde=Y")
    path.write_text("shortcuts = [1]\n")
    assert "not a list of texts" in load_settings(path).notices[0]


def test_store_tells_saves_late_and_only_what_is_new(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    store = SettingsStore(Settings(), path)
    told: list[Settings] = []
    store.changed.connect(told.append)
    store.keep(Settings())
    assert told == []
    store.keep(replace(store.settings, opacity=0.5))
    assert [one.opacity for one in told] == [0.5] and not path.exists()
    qtbot.waitUntil(path.exists, timeout=5000)
    assert load_settings(path).settings.opacity == 0.5


def test_store_without_a_file_writes_nothing(tmp_path: Path) -> None:
    """Row 61: --safe-mode; row 60: --multi."""
    store = SettingsStore(Settings(), None)
    store.keep(Settings(opacity=0.5))
    store.save()
    assert list(tmp_path.iterdir()) == []
