from pathlib import Path

import pytest

from core.errors import OutputError
from core.session.naming import make_session_folder, safe_name


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("take", "take"),
        ("take.hands", "take"),
        ("Take.HANDS", "Take"),
        ("a/b", "a_b"),
        ("../../etc", "_.._etc"),
        ("a:b*c?d", "a_b_c_d"),
        ('<"|>\\', "_____"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1", "_com1"),
        ("LPT\u00b9", "_LPT\u00b9"),
        ("console", "console"),
        ("ends. . ", "ends"),
        (".hidden", "hidden"),
        ("", "session"),
        ("...", "session"),
        ("\x00\x1f", "__"),
        ("\U0001f590 Hände \u624b", "\U0001f590 Hände \u624b"),
    ],
)
def test_names_are_made_safe_for_every_file_system(given: str, safe: str) -> None:
    """Row 47: reserved names and characters."""
    assert safe_name(given) == safe


@pytest.mark.parametrize("letter", ["a", "\u624b", "\U0001f590"])
def test_long_names_are_cut_at_whole_characters(letter: str, tmp_path: Path) -> None:
    """Row 47: 255 bytes."""
    name = safe_name(letter * 400)
    assert set(name) == {letter}
    folder = make_session_folder(tmp_path / (name + ".hands"))
    assert len(make_session_folder(folder).name.encode()) <= 255


def test_a_session_that_exists_is_never_touched(tmp_path: Path) -> None:
    """Row 47: a number behind the name."""
    first = make_session_folder(tmp_path / "take.hands")
    (first / "precious").write_text("")
    (tmp_path / "take-2.hands").write_text("a file of that name")
    assert make_session_folder(tmp_path / "take.hands").name == "take-3.hands"
    assert make_session_folder(tmp_path / "take").name == "take-4.hands"
    assert (first / "precious").exists()
    assert (tmp_path / "take-2.hands").read_text() == "a file of that name"


def test_a_folder_that_cannot_be_made_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """Row 41: ENOTDIR."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="OUT-01"):
        make_session_folder(tmp_path / "file" / "take.hands")
