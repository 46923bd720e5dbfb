"""One window for each person: a second start brings the first window to the front.

A lock file says who is first; Qt ignores it where that process has died. The second sends the
source that it was to show over a local socket, which only the same user may open.
"""

import hashlib
import json
import logging
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QLockFile, QObject, pyqtSignal
from PyQt6.QtNetwork import QLocalServer, QLocalSocket

_LOG = logging.getLogger(__name__)
_WAIT_MS: Final = 2000
_MAX_BYTES: Final = 64 << 10
_TAKEN: Final = b"ok\n"


class SingleInstance(QObject):
    """Knows whether this process is the first one, and hears the later ones.

    `asked` carries the source that a later start was to show; empty for none.
    """

    asked = pyqtSignal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """Use a lock in this folder, which is the person's own."""
        super().__init__(parent)
        self._lock = QLockFile(str(folder / "window.lock"))
        self._lock.setStaleLockTime(0)  # a lock is stale when its process is gone, at no age
        self._name = f"manyhands-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
        self._server: QLocalServer | None = None

    def claim(self) -> bool:
        """Become the first, if no other is; return whether that is so."""
        if not self._lock.tryLock(0):
            return False
        QLocalServer.removeServer(self._name)  # what a killed process left
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        if not self._server.listen(self._name):
            _LOG.warning("later starts cannot be heard: %s", self._server.errorString())
        return True

    def ask_first(self, source: str) -> bool:
        """Ask the first one to come to the front and show a source; return whether it will."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_WAIT_MS):
            return False
        socket.write(json.dumps({"source": source}).encode() + b"\n")
        answered = socket.waitForReadyRead(_WAIT_MS) and bytes(socket.readAll()) == _TAKEN
        socket.abort()
        return answered

    def release(self) -> None:
        """Let another be the first."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()

    def _accept(self) -> None:
        if self._server is None:
            return
        socket = self._server.nextPendingConnection()
        if socket is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda: self._read(socket))

    def _read(self, socket: QLocalSocket) -> None:
        """Take one line; nothing that it says is trusted."""
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MAX_BYTES:
                socket.abort()
            return
        try:
            message = json.loads(bytes(socket.readLine(_MAX_BYTES)))
            source = message["source"]
            if not isinstance(source, str):
                raise TypeError("the source is no text")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            _LOG.warning("a later start said something else: %s", error)
            socket.abort()
            return
        socket.write(_TAKEN)
        socket.flush()
        self.asked.emit(source)
