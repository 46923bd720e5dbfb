"""When to open a lost camera again: soon at first, then ever more rarely."""

from typing import Final

from core.pipeline.status import Fault

_FIRST_NS: Final = 500_000_000
_LONGEST_NS: Final = 5_000_000_000
#: Lost or silent, and what opening it again says until it is back.
_LOST: Final = frozenset({"CAM-04", "CAM-05"})
_STILL_AWAY: Final = frozenset({"CAM-01", "CAM-02", "CAM-04", "CAM-05", "CAM-08"})
#: A camera that works for so long is back; less is a loose plug.
_BACK_NS: Final = 10_000_000_000


class Reopening:
    """Says when a live source that was lost is to be opened again: after 0.5 s to 5 s.

    Only a source that has worked is waited for: one that never opened is a wrong choice.
    """

    def __init__(self) -> None:
        """Start with nothing to open."""
        self._wait_ns = _FIRST_NS
        self._due_ns: int | None = None
        self._works_since_ns: int | None = None
        self.attempts = 0

    @property
    def is_waiting(self) -> bool:
        """Whether a source is lost and will be opened again."""
        return self.attempts > 0

    def reset(self) -> None:
        """Forget all, as when a person chooses a source."""
        self._wait_ns, self._due_ns, self._works_since_ns = _FIRST_NS, None, None
        self.attempts = 0

    def works(self, time_ns: int) -> None:
        """Take note of a picture."""
        if self._works_since_ns is None:
            self._works_since_ns = time_ns
        self.attempts, self._due_ns = 0, None
        if time_ns - self._works_since_ns >= _BACK_NS:
            self._wait_ns = _FIRST_NS

    def failed(self, fault: Fault, *, is_live: bool, time_ns: int) -> bool:
        """Take note of a fault; return whether the source will be opened again."""
        if fault.where != "source" or not is_live:
            return False
        has_worked = self._works_since_ns is not None or self.is_waiting
        if not (has_worked and fault.code in (_STILL_AWAY if self.is_waiting else _LOST)):
            self.reset()
            return False
        self._works_since_ns = None
        self.attempts += 1
        self._due_ns = time_ns + self._wait_ns
        self._wait_ns = min(2 * self._wait_ns, _LONGEST_NS)
        return True

    def hurry(self) -> None:
        """Open it at the next look: a camera was plugged in."""
        if self._due_ns is not None:
            self._due_ns = 0

    def is_due(self, time_ns: int) -> bool:
        """Return whether to open the source now; True once for each time."""
        if self._due_ns is None or time_ns < self._due_ns:
            return False
        self._due_ns = None
        return True
