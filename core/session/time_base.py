"""TimeBase: one rising time over sources that start, end and step back."""

from collections.abc import Callable
from typing import Final

#: Another source goes on so much later at least.
_LEAST_STEP_NS: Final = 1_000_000


class TimeBase:
    """A recorder's time, from 0 at its first frame."""

    def __init__(self, clock: Callable[[], int]) -> None:
        """Start at 0, with the program's clock."""
        self.now_ns = 0
        self._clock = clock
        self._epoch: int | None = None
        self._source_ns = self._added_ns = 0

    def advance(self, epoch: int, source_ns: int) -> bool:
        """Go on to a frame; False where the source's time did not.

        The time of a source counts within one epoch. After another source has begun, or its clock
        has stepped back, time goes on by what has really passed.
        """
        clock_ns = self._clock()
        if self._epoch is None:
            self._epoch = epoch
        elif epoch != self._epoch or source_ns < self._source_ns:
            self._epoch = epoch
            self.now_ns += max(_LEAST_STEP_NS, clock_ns - self._added_ns)
        elif source_ns == self._source_ns:
            return False
        else:
            self.now_ns += source_ns - self._source_ns
        self._source_ns, self._added_ns = source_ns, clock_ns
        return True
