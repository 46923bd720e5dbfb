"""Work beside the window: a child process, and a thread that hears it."""

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final

from PyQt6.QtCore import QObject, pyqtSignal

from core.errors import ManyHandsError

_LOG = logging.getLogger(__name__)
_JOIN_S: Final = 2.0


class ChildTask(QObject):
    """One job; `heard` brings the child's messages in the window's thread, in their order.

    After the last message, or after it was ended, nothing comes.
    """

    heard = pyqtSignal(object)

    def __init__(
        self,
        target: Callable[[Connection], None],
        goes_on: tuple[type, ...],
        ended_early: ManyHandsError,
        parent: QObject | None = None,
    ) -> None:
        """Do nothing yet.

        Args:
            target: of the child: takes one job from the pipe, and sends messages until it is done.
            goes_on: messages of these kinds are not the last one.
            ended_early: what is heard where the child ends without a last message.
            parent: of this object.
        """
        super().__init__(parent)
        self._target, self._goes_on, self._ended_early = target, goes_on, ended_early
        self._process: BaseProcess | None = None
        self._thread: threading.Thread | None = None
        self._pipe: Connection | None = None
        self._is_cancelled = False

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, job: object) -> None:
        """Begin; returns at once."""
        self._thread = threading.Thread(
            target=self._run, args=(job,), name=self._target.__name__, daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """End the child at once; what it did so far is lost."""
        self._is_cancelled = True
        process = self._process
        if process is not None:
            process.kill()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def interrupt(self) -> None:
        """Let the child put away what it has begun, and end; returns at once.

        Where there are signals it hears SIGTERM, wherever it is; elsewhere something in the pipe.
        """
        self._is_cancelled = True
        process, pipe = self._process, self._pipe
        if process is None or pipe is None:
            return
        if os.name == "posix":
            process.terminate()
        else:
            try:
                pipe.send(None)
            except OSError as error:
                _LOG.debug("the child has ended already: %s", error)

    def wait(self, seconds: float) -> None:
        """Wait for an interrupted child; one that takes longer is ended."""
        if self._thread is not None:
            self._thread.join(seconds)
            if self._thread.is_alive():
                self.cancel()

    def _run(self, job: object) -> None:
        """Start the process and hand its messages on. Sending a picture may take a moment."""
        context = multiprocessing.get_context("spawn")  # a fork would copy the window's threads
        ours, theirs = context.Pipe()
        process = context.Process(target=self._target, args=(theirs,), daemon=True)
        try:
            process.start()
            self._process, self._pipe = process, ours
            theirs.close()
            if self._is_cancelled:
                process.kill()
            ours.send(job)
            self._hear(ours)
        except (EOFError, OSError) as error:
            if not self._is_cancelled:
                _LOG.warning("%s ended early: %s", self._target.__name__, error)
                self.heard.emit(self._ended_early)
        finally:
            self._pipe = None
            if self._process is not None:  # it may not even have started
                process.join()
            ours.close()

    def _hear(self, pipe: Connection) -> None:
        """Hand messages on until the pipe closes or the last one has come."""
        while True:
            message: Any = pipe.recv()
            if not self._is_cancelled:
                self.heard.emit(message)
            if not isinstance(message, self._goes_on):
                return
