"""Which camera is shown, and what is remembered of it."""

import logging
import threading
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from core.calibration import CameraRecord, CameraStore
from core.errors import OutputError

_LOG = logging.getLogger(__name__)
_SAVE_MS: Final = 400
_JOIN_S: Final = 2.0


class CameraBook(QObject):
    """Holds the record of the source that is shown; each concern reads it and replaces its part.

    Files and addresses have records too: a clip that was filmed head down stays turned. The file
    is written in another thread, since a disk may take its time.
    """

    turned = pyqtSignal(object)  # CameraRecord: of another source
    changed = pyqtSignal(object)  # CameraRecord: other values for the same source
    failed = pyqtSignal(object)  # OutputError

    def __init__(self, path: Path | None, parent: QObject | None = None) -> None:
        """Read the file of records; None for nothing read and nothing written."""
        super().__init__(parent)
        self._store = CameraStore(path)
        self._camera = ""
        self._writer: threading.Thread | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_MS)
        self._timer.timeout.connect(self._write)
        self.notices = tuple(self._store.notices)

    @property
    def record(self) -> CameraRecord:
        """What holds for the source that is shown."""
        return self._store.get(self._camera)

    def turn_to(self, source: str) -> CameraRecord:
        """Turn to another source's page; return its record."""
        self._camera = _page_of(source)
        record = self.record
        self.turned.emit(record)
        return record

    def keep(self, record: CameraRecord) -> None:
        """Remember a new record of this source, and write it soon."""
        if record == self.record:
            return
        self._store.put(self._camera, record)
        self._timer.start()
        self.changed.emit(record)

    def close(self) -> None:
        """Write what is not written yet, and wait for it."""
        if self._timer.isActive():
            self._timer.stop()
            self._write()
        if self._writer is not None:
            self._writer.join(_JOIN_S)

    def _write(self) -> None:
        """Write in another thread; while one writes, try again soon."""
        if self._writer is not None and self._writer.is_alive():
            self._timer.start()
            return
        self._writer = threading.Thread(target=self._save, name="write cameras", daemon=True)
        self._writer.start()

    def _save(self) -> None:
        try:
            self._store.save()
        except OutputError as error:
            _LOG.warning("%s", error)
            self.failed.emit(error)


def _page_of(source: str) -> str:
    """Return the name under which a source is remembered: an address without its secrets."""
    if "://" not in source:
        return source
    try:
        parts = urlsplit(source)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    except ValueError:
        return "address"
