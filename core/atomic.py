"""Files that appear whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the name `path` once it is whole and on the disk.

    Until then it has a temporary name in the same folder, which is made where it is missing. If
    the block or the disk fails, `path` stays as it was and nothing is left behind.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
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
    _sync_folder(path.parent)


def write_atomically(data: bytes, path: Path) -> None:
    """Write a whole file by `replacing`.

    Raises:
        OSError: the file cannot be written.
    """
    with replacing(path) as stream:
        stream.write(data)


def _sync_folder(folder: Path) -> None:
    """Put the new name on the disk too, where folders can be synced (not on Windows)."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
