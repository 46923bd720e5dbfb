"""Files that appear whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

#: File systems take names of 255 bytes, and something is added to a temporary one.
_MOST_BYTES: Final = 200


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the name `path` once it is whole and on the disk.

    Until then it has a temporary name in the same folder, which is made where it is missing. If
    the block or the disk fails, `path` stays as it was and nothing is left behind.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{_shortened(path.name)}.part")
    try:
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def write_atomically(data: bytes, path: Path) -> None:
    """Write a whole file by `replacing`.

    Raises:
        OSError: the file cannot be written.
    """
    with replacing(path) as stream:
        stream.write(data)


def _shortened(name: str) -> str:
    """Return the beginning of a name, cut at whole characters, with room for an addition."""
    encoded = os.fsencode(name)
    if len(encoded) <= _MOST_BYTES:
        return name
    return encoded[:_MOST_BYTES].decode("utf-8", "ignore")


def sync_folder(folder: Path) -> None:
    """Put the new name on the disk too, where folders can be synced (not on Windows)."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """Give a temporary path for a file or a folder that takes the name `path` once it is whole.

    It has the same name in a hidden folder beside the target, so that writers which look at the
    suffix find it. If the block fails, `path` stays as it was and nothing is left behind. A folder
    of that name is replaced as a whole.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{_shortened(path.name)}.", dir=path.parent))
    try:
        temporary = folder / path.name
        yield temporary
        _sync(temporary)
        if path.is_dir():
            path.replace(Path(tempfile.mkdtemp(dir=folder)) / path.name)
        temporary.replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sync_folder(path.parent)


def _sync(path: Path) -> None:
    """Put a file, or the files of a folder, on the disk."""
    for file in [path] if path.is_file() else sorted(path.iterdir()):
        with file.open("r+b") as stream:
            os.fsync(stream.fileno())
