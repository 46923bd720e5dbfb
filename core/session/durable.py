"""A file that is being recorded: what is written is written, and can be put on the disk."""

import errno
import io
import os
from pathlib import Path
from typing import Final, Protocol

from av.error import FFmpegError

from core.atomic import sync_folder
from core.errors import OutputError

_FULL_ERRNO: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG})


class RecordedFile(io.RawIOBase):
    """An unbuffered new file: whatever write() returns from survives the end of the process.

    A raw file of Python writes less than asked on a full disk, without an error; this one goes
    on until everything is written or the system says why not.
    """

    def __init__(self, path: Path) -> None:
        """Make the file.

        Raises:
            OSError: it exists, or cannot be made.
        """
        super().__init__()
        self.path = path
        self.size = 0
        self._raw = path.open("x+b", buffering=0)
        sync_folder(path.parent)
        self._is_dirty = False

    def writable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes: a video's index is completed at its end."""
        return True

    def readable(self) -> bool:
        """No."""
        return False

    def write(self, data: object) -> int:
        """Write all of the data.

        Raises:
            OSError: ENOSPC and whatever else disks say.
        """
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        done = 0
        while done < len(view):
            done += self._raw.write(view[done:]) or 0
        self._is_dirty = True
        self.size = max(self.size, self._raw.tell())
        return done

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move, as in every file."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """Return where the next byte goes."""
        return self._raw.tell()

    def sync(self) -> None:
        """Put everything on the disk, where there is something new."""
        if self._is_dirty:
            os.fsync(self._raw.fileno())
            self._is_dirty = False

    def is_in_place(self) -> bool:
        """Say whether the file is still what its name stands for: not moved, not deleted."""
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self._raw.fileno()))
        except OSError:
            return False

    def close(self) -> None:
        """Close it; what is not on the disk yet goes there first.

        Raises:
            OSError: as write().
        """
        if self.closed:
            return
        try:
            self.sync()
        finally:
            self._raw.close()
            super().close()


class FileOpener(Protocol):
    """Makes the file of a segment; tests give files that fail."""

    def __call__(self, path: Path) -> RecordedFile:
        """Make the file at `path`."""


def vanished(path: Path) -> OutputError:
    """Return the error of a folder that is not there any longer."""
    return OutputError(
        "OUT-04",
        f"{path} was moved or deleted while it was being recorded",
        "Save the last seconds elsewhere, and record into a folder that stays.",
    )


def full_disk(path: Path, free: int) -> OutputError:
    """Return the error of a disk with too few free bytes."""
    return OutputError(
        "OUT-02",
        f"the disk of {path} has only {free / 1e6:.0f} MB left; recording needs 500 MB",
        "Free some space, or record to another disk.",
    )


def write_error(path: Path, error: OSError | FFmpegError) -> OutputError:
    """Name what the system said."""
    if error.errno in _FULL_ERRNO:
        return OutputError(
            "OUT-02",
            f"the disk of {path} is full",
            "Free some space, or record to another disk; what was recorded opens.",
        )
    return OutputError(
        "OUT-01",
        f"{path} cannot be written: {error.strerror or error}",
        "Record into another folder that you may write to.",
    )
