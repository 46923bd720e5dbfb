"""Which camera is shown, and what is remembered of it."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

from PyQt6.QtCore import QObject, pyqtSignal

from core.calibration import CameraRecord, CameraStore
from core.errors import OutputError

_LOG = logging.getLogger(__name__)


class CameraBook(QObject):
    """Holds the record of the source that is shown; each concern reads it and replaces its part.

    Files and addresses have records too: a clip that was filmed head down stays turned.
    """

    turned = pyqtSignal(object)  # CameraRecord: of another source
    changed = pyqtSignal(object)  # CameraRecord: other values for the same source
    failed = pyqtSignal(object)  # OutputError

    def __init__(self, path: Path | None, parent: QObject | None = None) -> None:
        """Read the file of records; None for nothing read and nothing written."""
        super().__init__(parent)
        self._store = CameraStore(path)
        self._camera = ""
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
        """Remember a new record of this source, now."""
        if record == self.record:
            return
        try:
            self._store.put(self._camera, record)
        except OutputError as error:
            _LOG.warning("%s", error)
            self.failed.emit(error)
        self.changed.emit(record)


def _page_of(source: str) -> str:
    """Return the name under which a source is remembered: an address without its secrets."""
    if "://" not in source:
        return source
    try:
        parts = urlsplit(source)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    except ValueError:
        return "address"
