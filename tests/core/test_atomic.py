import errno
import os
from pathlib import Path

import pytest

from core.atomic import replacing, staged, write_atomically


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_file_is_written_and_its_folder_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file.bin"
    write_atomically(b"\x00whole\xff", path)
    assert path.read_bytes() == b"\x00whole\xff"
    assert names(path.parent) == ["file.bin"]


def test_old_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    write_atomically(b"old", path)
    with replacing(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("fault", [ValueError("a bug"), KeyboardInterrupt()])
def test_failing_writer_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, fault: BaseException
) -> None:
    path = tmp_path / "file.bin"
    write_atomically(b"old", path)
    with pytest.raises(type(fault)), replacing(path) as stream:
        stream.write(b"half of the n")
        raise fault
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file.bin"]


def test_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "file.bin"
    write_atomically(b"old", path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(b"new", path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file.bin"]


def test_left_over_of_a_killed_writer_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.with_name(".file.bin.part").write_bytes(b"a much longer left-over")
    write_atomically(b"new", path)
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["file.bin"]


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_staged_result_appears_whole_or_not_at_all(tmp_path: Path, is_folder: bool) -> None:
    target = tmp_path / "sub" / "result.bin"

    def write(path: Path, text: str) -> None:
        if is_folder:
            path.mkdir()
            path = path / "part"
        path.write_text(text)

    def text() -> str:
        return (target / "part" if is_folder else target).read_text()

    with staged(target) as path:
        assert path.name == target.name
        write(path, "first")
        assert not target.exists()
    assert text() == "first"
    with staged(target) as path:
        write(path, "second")
    assert text() == "second"
    with pytest.raises(KeyboardInterrupt), staged(target) as path:
        write(path, "third")
        raise KeyboardInterrupt
    assert text() == "second"
    assert [entry.name for entry in target.parent.iterdir()] == ["result.bin"]
