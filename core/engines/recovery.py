"""An engine that outlives its own failures: restarted, then replaced by the processor's.

A frame that an engine fails on counts as one without hands, so recording and window go on over a
gap. Full memory is answered by a smaller engine at once (a restart would fill it again); any other
failure by up to three restarts a minute, and then by the processor's engine. After a fatal fault
of CUDA nothing of CUDA works in the process any more: the restart fails, and the processor takes
over. The network's slots are fixed when an engine is built and all of them together take under a
hundredth of its memory, so fewer hands would save nothing.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from core.engines.base import Engine, EngineDescription, RawHands, first_line
from core.errors import EngineError, ManyHandsError
from core.timing import now_ns
from core.types import UInt8

_LOG = logging.getLogger(__name__)

_MOST_RESTARTS: Final = 3
_WITHIN_NS: Final = 60_000_000_000
#: So long may numbers be not finite before the engine counts as failed.
_BROKEN_NS: Final = 1_000_000_000
#: Slots that count when numbers are looked at.
_IS_HAND: Final = 0.01


@dataclass(frozen=True, slots=True)
class Level:
    """One engine of the ladder, fastest first.

    Attributes:
        name: for a person.
        open: opens it; called again for a restart.
    """

    name: str
    open: Callable[[], Engine]


class RecoveringEngine:
    """Runs the first level that works, and steps down when it must."""

    def __init__(self, levels: Sequence[Level], clock_ns: Callable[[], int] = now_ns) -> None:
        """Open the first level that opens.

        Args:
            levels: at least one, fastest first; the last one should need no GPU.
            clock_ns: tells the time.

        Raises:
            ManyHandsError: none opens; that of the last level.
        """
        self._levels = list(levels)
        self._clock_ns = clock_ns
        self._restarts: deque[int] = deque(maxlen=_MOST_RESTARTS)
        self._broken_since: int | None = None
        self._failure = ""
        #: Since when an engine is being opened, on the program's clock; None while none is.
        self.opening_ns: int | None = None
        self._engine: Engine | None = self._open_next()

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) px of the engine that runs now; another one may take another size."""
        return self._working().input_size

    def describe(self) -> EngineDescription:
        """Say what runs, and what failed before."""
        description = self._working().describe()
        if not self._failure:
            return description
        detail = f"{description.detail} ({self._failure})"
        return replace(description, detail=detail, failure=self._failure)

    def run(self, image: UInt8) -> RawHands:
        """Find hands in image (height, width, 3) uint8 RGB; none where the engine has just failed.

        Raises:
            EngineError: the last level has failed more often than it is restarted.
        """
        try:
            raw = self._working().run(image)
        except MemoryError as error:
            return self._recover(EngineError("ENG-04", first_line(error) or "memory is full", ""))
        except EngineError as error:
            return self._recover(error)
        except Exception as error:  # noqa: BLE001 - drivers and libraries fail in every way there is
            return self._recover(EngineError("ENG-02", first_line(error), "Restart ManyHands."))
        return self._recover(_not_finite()) if self._is_broken(raw) else raw

    def close(self) -> None:
        """Close the engine that runs."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def _working(self) -> Engine:
        if self._engine is None:
            raise EngineError("ENG-02", "the engine is closed", "Start again.")
        return self._engine

    def _is_broken(self, raw: RawHands) -> bool:
        """Whether numbers have not been finite for a second; decoding leaves such hands out."""
        if _is_finite(raw):
            self._broken_since = None
            return False
        now = self._clock_ns()
        if self._broken_since is None:
            self._broken_since = now
        return now - self._broken_since > _BROKEN_NS

    def _recover(self, error: EngineError) -> RawHands:
        """Open the same level or the next; return what a frame without hands is."""
        name = self._levels[0].name
        _LOG.warning("engine %s failed: %s", name, error)
        self._close_failed()
        self._broken_since = None
        now = self._clock_ns()
        recent = [at for at in self._restarts if now - at < _WITHIN_NS]
        if error.code == "ENG-04" or len(recent) == _MOST_RESTARTS:
            if len(self._levels) == 1:
                raise error
            self._levels.pop(0)
            self._restarts.clear()
            self._failure = f"{name} failed: {error.cause}"
        else:
            self._restarts.append(now)
            self._failure = f"restarted: {error.cause}"
        self._engine = self._open_next()
        height, width = self._engine.input_size
        return _without_hands(self._engine.run(np.zeros((height, width, 3), np.uint8)))

    def _close_failed(self) -> None:
        """Close what has failed; its own failing to close changes nothing any more."""
        engine, self._engine = self._engine, None
        try:
            if engine is not None:
                engine.close()
        except Exception:  # noqa: BLE001 - as above
            _LOG.info("a failed engine did not close", exc_info=True)

    def _open_next(self) -> Engine:
        """Open the first level that opens, and forget those that do not."""
        level = self._levels[0]
        self.opening_ns = now_ns()
        try:
            return level.open()
        except ManyHandsError as error:
            if len(self._levels) == 1:
                raise
            _LOG.warning("engine %s does not open: %s", level.name, error)
            self._levels.pop(0)
            self._failure = f"{level.name}: {error.cause}"
            return self._open_next()
        finally:
            self.opening_ns = None


def _is_finite(raw: RawHands) -> bool:
    """Whether every number of the slots that may be hands is finite."""
    is_hand = ~(raw.score < _IS_HAND)  # a score that is not a number counts
    arrays = (getattr(raw, field.name) for field in fields(RawHands))
    return all(values is None or bool(np.isfinite(values[is_hand]).all()) for values in arrays)


def _not_finite() -> EngineError:
    return EngineError(
        "ENG-03", "the network's numbers have not been finite for a second", "Build it anew."
    )


def _without_hands(raw: RawHands) -> RawHands:
    return replace(raw, score=np.zeros_like(raw.score))
