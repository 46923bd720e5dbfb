"""The one clock, and how long each step takes."""

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

_SLEPT_NS: Final = 2_000_000_000
_GAP_NS: Final = 10_000_000_000


def now_ns() -> int:
    """Return the program's monotonic clock in nanoseconds (never the wall clock)."""
    return time.perf_counter_ns()


class SuspendWatch:
    """Notices that the computer has slept, from two clocks of which one stands still meanwhile.

    Where there are none such, a long time between two looks counts as sleep.
    """

    def __init__(
        self, clocks: tuple[Callable[[], int], Callable[[], int], int] | None = None
    ) -> None:
        """Start awake.

        Args:
            clocks: (ns that stand still in sleep, ns that go on, ns between them from which on it
                was sleep); default this system's.
        """
        self._awake, self._always, self._limit_ns = _suspend_clocks() if clocks is None else clocks
        self._difference_ns = self._always() - self._awake()

    def has_slept(self) -> bool:
        """Return whether the computer has slept since the last call; call it often."""
        difference_ns = self._always() - self._awake()
        slept_ns, self._difference_ns = difference_ns - self._difference_ns, difference_ns
        return slept_ns > self._limit_ns


def _suspend_clocks() -> tuple[Callable[[], int], Callable[[], int], int]:
    """Return this system's clocks as SuspendWatch wants them."""
    if sys.platform == "darwin":
        return (
            lambda: time.clock_gettime_ns(time.CLOCK_UPTIME_RAW),
            lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC),
            _SLEPT_NS,
        )
    if sys.platform.startswith("linux"):
        return (
            lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC),
            lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME),
            _SLEPT_NS,
        )
    return lambda: 0, time.monotonic_ns, _GAP_NS


class StepTimer:
    """Times named steps of one frame; `take` hands the result over and starts anew."""

    def __init__(self) -> None:
        """Start without steps."""
        self._step_ms: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the body; a step that runs twice in a frame adds up."""
        start_ns = now_ns()
        try:
            yield
        finally:
            elapsed_ms = (now_ns() - start_ns) / 1e6
            self._step_ms[name] = self._step_ms.get(name, 0.0) + elapsed_ms

    def take(self) -> dict[str, float]:
        """Return milliseconds by step name, and forget them."""
        taken, self._step_ms = self._step_ms, {}
        return taken


class StepHistory:
    """Keeps the last values of each step and gives percentiles."""

    def __init__(self, length: int = 100_000) -> None:
        """Keep at most `length` frames."""
        self._values: dict[str, deque[float]] = {}
        self._length = length

    def add(self, step_ms: dict[str, float]) -> None:
        """Add one frame's steps and their sum, named "total"."""
        for name, value in (*step_ms.items(), ("total", sum(step_ms.values()))):
            self._values.setdefault(name, deque(maxlen=self._length)).append(value)

    def percentiles(self) -> dict[str, dict[str, float]]:
        """Return p50 and p95 in milliseconds by step name."""
        return {
            name: {
                "p50_ms": float(np.percentile(values, 50)),
                "p95_ms": float(np.percentile(values, 95)),
            }
            for name, values in self._values.items()
        }
