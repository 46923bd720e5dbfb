"""An engine that runs at once, and gives way to a better one that is found beside it."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from core.engines.base import Engine, EngineDescription, RawHands
from core.types import UInt8

_LOG = logging.getLogger(__name__)

#: The search begins after so many pictures: a window has shown its first hands by then.
_FIRST_PICTURES: Final = 30
_JOIN_S: Final = 1.0

#: (whether to go on, asked now and then) -> a better engine, or None; called in another thread.
Search = Callable[[Callable[[], bool]], Engine | None]


class SettlingEngine:
    """Runs the engine that it was given until its search has found a better one.

    Nothing waits for the search: hands, their numbers and the window go on meanwhile, and the
    change comes between two pictures. Its methods belong to one thread.
    """

    def __init__(self, engine: Engine, search: Search) -> None:
        """Take over an opened engine.

        Args:
            engine: to begin with.
            search: finds a better one, opened and ready, for the same input size.
        """
        self._engine = engine
        self._search = search
        self._pictures = 0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._found: Engine | None = None  # guarded by _lock, likewise:
        self._is_closed = False

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) px of the engine that runs now."""
        return self._engine.input_size

    def describe(self) -> EngineDescription:
        """Say what runs now."""
        return self._engine.describe()

    def run(self, image: UInt8) -> RawHands:
        """Find hands in image (height, width, 3) uint8 RGB.

        Raises:
            EngineError: as the engine that runs now.
        """
        self._change_over()
        raw = self._engine.run(image)
        self._pictures += 1
        if self._pictures == _FIRST_PICTURES:
            self._thread = threading.Thread(target=self._look, name="try engines", daemon=True)
            self._thread.start()
        return raw

    def close(self) -> None:
        """Close what runs and what was found; a search that goes on closes what it finds."""
        with self._lock:
            self._is_closed = True
            found, self._found = self._found, None
        if self._thread is not None:
            self._thread.join(_JOIN_S)
        if found is not None:
            found.close()
        self._engine.close()

    def _goes_on(self) -> bool:
        with self._lock:
            return not self._is_closed

    def _look(self) -> None:
        """Search, in a thread of its own."""
        try:
            found = self._search(self._goes_on)
        except Exception:  # noqa: BLE001 - libraries fail in every way; what runs runs on
            _LOG.warning("no better engine was found", exc_info=True)
            return
        with self._lock:
            if not self._is_closed:
                self._found = found
                return
        if found is not None:
            found.close()

    def _change_over(self) -> None:
        """Take what was found in place of what ran."""
        with self._lock:
            found, self._found = self._found, None
        if found is None:
            return
        before, self._engine = self._engine, found
        _LOG.info("%s takes over from %s", found.describe().detail, before.describe().detail)
        before.close()
