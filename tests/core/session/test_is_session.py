from pathlib import Path

from core.session.naming import is_session


def test_only_folders_of_that_name_are_sessions(tmp_path: Path) -> None:
    folder = tmp_path / "take.HANDS"
    folder.mkdir()
    assert is_session(str(folder)) and is_session(f"{folder}/")
    assert not is_session(str(tmp_path))
    assert not is_session(str(tmp_path / "none.hands"))
    (tmp_path / "file.hands").write_bytes(b"")
    assert not is_session(str(tmp_path / "file.hands"))
    assert not is_session("demo")
