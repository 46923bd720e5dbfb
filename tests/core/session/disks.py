"""Files that fail as disks do."""

import errno
import os
import threading
from pathlib import Path

from core.session.durable import RecordedFile


class FullDisk:
    """Makes files that together take so many bytes, then ENOSPC (or another error)."""

    def __init__(self, room: int, number: int = errno.ENOSPC) -> None:
        self.left = room
        self.number = number

    def __call__(self, path: Path) -> RecordedFile:
        return _LimitedFile(path, self)


class _LimitedFile(RecordedFile):
    def __init__(self, path: Path, disk: FullDisk) -> None:
        super().__init__(path)
        self._disk = disk

    def write(self, data: object) -> int:
        size = memoryview(data).nbytes  # type: ignore[arg-type]
        if size > self._disk.left:
            self._disk.left = 0  # nothing more goes onto it, smaller things neither
            raise OSError(self._disk.number, os.strerror(self._disk.number))
        self._disk.left -= size
        return super().write(data)


class StuckDisk:
    """Makes files whose sync() waits until `release` is set."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.is_stuck = threading.Event()

    def __call__(self, path: Path) -> RecordedFile:
        return _StuckFile(path, self)


class _StuckFile(RecordedFile):
    def __init__(self, path: Path, disk: StuckDisk) -> None:
        super().__init__(path)
        self._disk = disk

    def sync(self) -> None:
        self._disk.is_stuck.set()
        self._disk.release.wait(20)
        super().sync()
