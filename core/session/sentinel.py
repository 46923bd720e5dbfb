"""The `.recording` sentinel: who records into a folder, locked while they do.

The system lets go of the lock when the process ends, however it ends: a sentinel that can be
locked was left behind.
"""

import json
import os
import socket
import sys
from pathlib import Path
from typing import Final

from core.session.layout import SENTINEL_NAME

#: Windows locks bytes, and forbids others to read them: one far behind the text.
_LOCKED_BYTE: Final = 1 << 30


class Sentinel:
    """Lies in a session's folder from its first byte to its last."""

    def __init__(self, folder: Path, started: str) -> None:
        """Make and lock it.

        Raises:
            OSError: it cannot be written.
        """
        self._path = folder / SENTINEL_NAME
        text = {"pid": os.getpid(), "host": socket.gethostname(), "started": started}
        self._stream = self._path.open("x+b")
        self._stream.write(json.dumps(text).encode())
        self._stream.flush()
        os.fsync(self._stream.fileno())
        _lock(self._stream.fileno())

    def remove(self) -> None:
        """Take it away: the session is complete."""
        self._stream.close()
        self._path.unlink(missing_ok=True)

    def let_go(self) -> None:
        """Leave it where it lies, for whoever recovers the session."""
        self._stream.close()


def is_recorded_now(folder: Path) -> bool:
    """Say whether a running program records into the folder."""
    try:
        with (folder / SENTINEL_NAME).open("r+b") as stream:
            return not _lock(stream.fileno())
    except OSError:  # there is none, or it may not be written: then nobody here records
        return False


def _lock(number: int) -> bool:
    """Lock an open file until it is closed; False where another process has it.

    File systems without locks count as free.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(number, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True
