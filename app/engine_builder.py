"""Builds this machine's fast engine in a process of its own, while the program goes on.

The process is `python -m export.build_trt`; it is started and listened to, never imported. What it
writes on its standard output are lines of core.engines.build_lines; its last line on the standard
error is why it failed.
"""

import logging
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final

from PyQt6.QtCore import QObject, QProcess, QTimer, pyqtSignal

from core.engines.aspects import nearest_aspect
from core.engines.build_lines import BuildProgress, parse_line
from core.engines.gpu import why_not_buildable

_LOG = logging.getLogger(__name__)
_COMMAND: Final = (sys.executable, "-m", "export.build_trt")
#: A child that does not end by itself is killed; what it writes is whole or not there.
_GRACE_MS: Final = 4000
_CLOSING_MS: Final = 1000
_JOIN_S: Final = 3.0
_CANCELLED: Final = 130


class EngineBuilder(QObject):
    """One build at a time."""

    buildable = pyqtSignal(str)  # why nothing can be built here; empty where it can
    progressed = pyqtSignal(int, str)  # percent, what it does
    built = pyqtSignal()
    failed = pyqtSignal(str)
    cancelled = pyqtSignal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        command: Sequence[str] = _COMMAND,
        find_reason: Callable[[], str] = why_not_buildable,
    ) -> None:
        """Start nothing yet.

        Args:
            parent: that owns it.
            command: what builds; the aspect is added.
            find_reason: returns why nothing can be built here.
        """
        super().__init__(parent)
        self._command, self._find_reason = tuple(command), find_reason
        self._process: QProcess | None = None
        self._is_cancelled = False
        self._rest = ""
        self._probe: threading.Thread | None = None
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(_GRACE_MS)
        self._grace.timeout.connect(self._kill)

    @property
    def is_running(self) -> bool:
        """Whether an engine is being built."""
        return self._process is not None

    def look(self) -> None:
        """Find out whether this machine can build, in another thread: a driver may take long."""
        self._probe = threading.Thread(target=self._tell_reason, name="look for a GPU", daemon=True)
        self._probe.start()

    def start(self, height: int, width: int) -> None:
        """Build for pictures of (height, width) px; nothing where a build runs already."""
        if self._process is not None:
            return
        self._is_cancelled, self._rest = False, ""
        process = self._process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finish)
        process.errorOccurred.connect(self._fail_to_start)
        program, *arguments = self._command
        process.start(program, [*arguments, "--aspect", nearest_aspect(height, width)])

    def cancel(self) -> None:
        """Tell the build to end; it does within four seconds."""
        if self._process is not None:
            self._is_cancelled = True
            self._process.terminate()
            self._grace.start()

    def close(self) -> None:
        """End everything now; nobody hears of it."""
        process, self._process = self._process, None
        self._grace.stop()
        if process is not None:
            process.blockSignals(True)
            process.terminate()
            if not process.waitForFinished(_CLOSING_MS):
                process.kill()
                process.waitForFinished(_CLOSING_MS)
        if self._probe is not None:
            self._probe.join(_JOIN_S)

    def _tell_reason(self) -> None:
        self.buildable.emit(self._find_reason())

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _read(self) -> None:
        """Pass on what the child says; a line may come in pieces."""
        if self._process is None:
            return
        text = self._rest + bytes(self._process.readAllStandardOutput()).decode(errors="replace")
        *lines, self._rest = text.split("\n")
        for line in lines:
            said = parse_line(line)
            if isinstance(said, BuildProgress) and not self._is_cancelled:
                self.progressed.emit(said.percent, said.text)

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        process, self._process = self._process, None
        self._grace.stop()
        if process is None:
            return
        errors = bytes(process.readAllStandardError()).decode(errors="replace").strip()
        process.deleteLater()
        if self._is_cancelled or code == _CANCELLED:
            self.cancelled.emit()
        elif code == 0 and status == QProcess.ExitStatus.NormalExit:
            self.built.emit()
        else:
            _LOG.warning("building an engine ended with %d: %s", code, errors)
            last = errors.splitlines()[-1] if errors else ""
            self.failed.emit(last or self.tr("the builder ended with {code}").format(code=code))

    def _fail_to_start(self, error: QProcess.ProcessError) -> None:
        """Say that there is no child; every other fault ends it, and _finish hears of that."""
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            process, self._process = self._process, None
            process.deleteLater()
            self.failed.emit(process.errorString())
