"""LatestSlot: hand-over between threads where the newest value wins."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds at most one value. A newer one replaces it, and the drop is counted.

    A queue between camera, network and window grows whenever the reader is slower than the
    writer; a slot bounds the age of what is read by one period.
    """

    def __init__(self) -> None:
        """Start empty and open."""
        self._condition = threading.Condition()
        self._value: T | None = None
        self._closed = False
        self._put_count = 0
        self._drop_count = 0

    def put(self, value: T) -> None:
        """Store the value; an unread one is dropped and counted. Ignored once closed."""
        with self._condition:
            if self._closed:
                return
            self._put_count += 1
            self._drop_count += self._value is not None
            self._value = value
            self._condition.notify()

    def take(self, timeout_s: float | None = 0.0) -> T | None:
        """Return the value and empty the slot; None if there is none in time or it was closed."""
        with self._condition:
            self._condition.wait_for(
                lambda: self._value is not None or self._closed, timeout=timeout_s
            )
            value, self._value = self._value, None
            return value

    def close(self) -> None:
        """Wake every waiting reader; later puts are ignored."""
        with self._condition:
            self._closed = True
            self._value = None
            self._condition.notify_all()

    @property
    def closed(self) -> bool:
        """Whether the slot was closed."""
        return self._closed

    @property
    def counts(self) -> tuple[int, int]:
        """(values put, values dropped unread)."""
        with self._condition:
            return self._put_count, self._drop_count
