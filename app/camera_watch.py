"""Notices that a camera was plugged in or pulled out."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QFileSystemWatcher, QObject, QTimer, pyqtSignal

#: A camera brings several device files and links; they are there after this.
_SETTLE_MS: Final = 400
_LIST_EVERY_MS: Final = 3000


class CameraWatch(QObject):
    """Emits `changed` when it is worth listing the cameras again.

    Where the system shows devices as files these folders are watched, which costs nothing.
    Elsewhere it is time for a look every three seconds, unless a look disturbs cameras.
    """

    changed = pyqtSignal()

    def __init__(
        self,
        folders: Callable[[], tuple[Path, ...]],
        *,
        may_poll: bool,
        parent: QObject | None = None,
    ) -> None:
        """Start watching.

        Args:
            folders: those that change with the cameras; asked again after each change, since
                folders come and go with the cameras, too.
            may_poll: whether cameras may be listed regularly where there are no such folders.
            parent: owns it.
        """
        super().__init__(parent)
        self._folders = folders
        self._timer = QTimer(self)
        self._watcher: QFileSystemWatcher | None = None
        if folders():
            self._timer.setSingleShot(True)
            self._timer.setInterval(_SETTLE_MS)
            self._watcher = QFileSystemWatcher(self)
            self._watcher.directoryChanged.connect(lambda _folder: self._timer.start())
            self._watch()
        elif may_poll:
            self._timer.setInterval(_LIST_EVERY_MS)
            self._timer.start()
        self._timer.timeout.connect(self._tell)

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.stop()
        if self._watcher is not None and self._watcher.directories():
            self._watcher.removePaths(self._watcher.directories())

    def _tell(self) -> None:
        self._watch()
        self.changed.emit()

    def _watch(self) -> None:
        """Watch the folders that are there now."""
        if self._watcher is None:
            return
        missing = {str(folder) for folder in self._folders()} - set(self._watcher.directories())
        if missing:
            self._watcher.addPaths(sorted(missing))
