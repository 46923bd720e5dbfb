"""Runs a refinement beside the window: a child process, and a thread that hears it."""

import logging
import multiprocessing
import threading
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal

from app.refine_child import Begun, RefineJob, Stepped, refine_in_child
from core.errors import EngineError

_LOG = logging.getLogger(__name__)
_JOIN_S: Final = 2.0


class RefineTask(QObject):
    """One refinement; `heard` brings its messages in the window's thread, in their order.

    After the last message, which is a Refined or an error, or after `cancel`, nothing comes.
    """

    heard = pyqtSignal(object)  # RefineMessage

    def __init__(self, parent: QObject | None = None) -> None:
        """Do nothing yet."""
        super().__init__(parent)
        self._process: BaseProcess | None = None
        self._thread: threading.Thread | None = None
        self._is_cancelled = False

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, job: RefineJob) -> None:
        """Begin; returns at once."""
        self._thread = threading.Thread(
            target=self._run, args=(job,), name="refinement", daemon=True
        )
        self._thread.start()

    def cancel(self) -> None:
        """End it; what it found so far is lost."""
        self._is_cancelled = True
        process = self._process
        if process is not None:
            process.kill()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def _run(self, job: RefineJob) -> None:
        """Start the process and hand its messages on. Sending a picture may take a moment."""
        context = multiprocessing.get_context("spawn")  # a fork would copy the window's threads
        ours, theirs = context.Pipe()
        process = context.Process(target=refine_in_child, args=(theirs,), daemon=True)
        try:
            process.start()
            self._process = process
            theirs.close()
            if self._is_cancelled:
                process.kill()
            ours.send(job)
            self._hear(ours)
        except (EOFError, OSError) as error:
            if not self._is_cancelled:
                _LOG.warning("the refinement ended early: %s", error)
                ended = EngineError("ENG-02", "the refinement ended by itself", "Try it again.")
                self.heard.emit(ended)
        finally:
            ours.close()
            process.join(_JOIN_S)

    def _hear(self, pipe: Connection) -> None:
        """Hand messages on until the pipe closes or the last one has come."""
        while True:
            message = pipe.recv()
            if self._is_cancelled:
                return
            self.heard.emit(message)
            if not isinstance(message, Begun | Stepped):
                return
