"""The one clock, and how long each step takes."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


def now_ns() -> int:
    """Return the program's monotonic clock in nanoseconds (never the wall clock)."""
    return time.perf_counter_ns()


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
