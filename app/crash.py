"""Exceptions that nobody caught: logged, counted and shown, and the program goes on.

PyQt ends the process (abort, code 134) when a slot raises and sys.excepthook is Python's own.
"""

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal

from core.timing import now_ns

_LOG = logging.getLogger(__name__)
#: The same fault is shown again only after this long; it is counted each time.
REPEAT_S: Final = 10.0


class CrashReporter(QObject):
    """Takes uncaught exceptions of any thread and tells the window about them.

    `reported` carries a line for a person and the details for a bug report. It is emitted from
    the thread that failed; Qt delivers it in the window's.
    """

    reported = pyqtSignal(str, str)

    def __init__(self, clock_ns: Callable[[], int] = now_ns, parent: QObject | None = None) -> None:
        """Know no exception yet."""
        super().__init__(parent)
        self._clock_ns = clock_ns
        self._shown_ns: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._previous: tuple[object, object, object] | None = None

    @property
    def count(self) -> int:
        """How many exceptions were taken in all."""
        return sum(self._counts.values())

    def install(self) -> None:
        """Take the place of Python's three hooks."""
        self._previous = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self.report
        threading.excepthook = lambda args: self._report_thread(args)
        sys.unraisablehook = lambda args: self._report_unraisable(args)

    def uninstall(self) -> None:
        """Put back what install found."""
        if self._previous is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._previous  # type: ignore[assignment]
            self._previous = None

    def _report_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_type, args.exc_value, args.exc_traceback)

    def _report_unraisable(self, args: "sys.UnraisableHookArgs") -> None:
        if args.exc_value is not None:
            self.report(args.exc_type, args.exc_value, args.exc_traceback)

    def report(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Log the exception; show it unless the same one was shown just now."""
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            sys.__excepthook__(kind, error, trace)
            return
        frames = traceback.extract_tb(trace)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
        key = f"{kind.__name__} {place}"
        self._counts[key] = self._counts.get(key, 0) + 1
        now = self._clock_ns()
        shown = self._shown_ns.get(key)
        if shown is not None and now - shown < REPEAT_S * 1e9:
            return
        self._shown_ns[key] = now
        details = "".join(traceback.format_exception(kind, error, trace))
        _LOG.error("uncaught exception (%d times)\n%s", self._counts[key], details)
        self.reported.emit(f"{kind.__name__}: {error}", details)
