"""PictureOrder: captured pictures and the network's results in one order, by time.

A picture is captured long before its hands are known, and most pictures of a camera that is faster
than the network never get any. So pictures wait until a later one has its hands; when too many
wait, the oldest go without.
"""

from collections import deque

from core.types import Frame

_Key = tuple[int, int]


class PictureOrder:
    """Pictures that wait for the network, bounded in time and bytes. Not thread-safe."""

    def __init__(self, most_s: float, most_bytes: int) -> None:
        """Start empty; pictures may wait for `most_s` and need `most_bytes` together."""
        self._most_ns = round(most_s * 1e9)
        self._most_bytes = most_bytes
        self._waiting: deque[Frame] = deque()
        self._bytes = 0
        self._last: _Key | None = None

    def captured(self, frame: Frame) -> list[Frame]:
        """Take in a picture; return those that may not wait any longer for their hands."""
        if self._is_late(frame):
            return []
        self._waiting.append(frame)
        self._bytes += frame.image.nbytes
        gone = []
        while self._bytes > self._most_bytes or self._waited_ns(frame) > self._most_ns:
            gone.append(self._pop())
        return gone

    def found(self, frame: Frame) -> list[Frame] | None:
        """Return the pictures before this one, whose hands are known now; None: it went without.

        It waits no longer itself.
        """
        if self._is_late(frame):
            return None
        before = []
        while self._waiting and _key(self._waiting[0]) < _key(frame):
            before.append(self._pop())
        if self._waiting and _key(self._waiting[0]) == _key(frame):
            self._pop()
        self._last = _key(frame)
        return before

    def rest(self) -> list[Frame]:
        """Return all that wait; nobody waits any longer."""
        return [self._pop() for _ in range(len(self._waiting))]

    def _is_late(self, frame: Frame) -> bool:
        return self._last is not None and _key(frame) <= self._last

    def _waited_ns(self, frame: Frame) -> int:
        """How long the oldest has waited; for ever where its source has been closed."""
        if not self._waiting:
            return 0
        oldest = self._waiting[0]
        is_old = oldest.epoch < frame.epoch
        return self._most_ns + 1 if is_old else frame.timestamp_ns - oldest.timestamp_ns

    def _pop(self) -> Frame:
        frame = self._waiting.popleft()
        self._bytes -= frame.image.nbytes
        self._last = _key(frame)
        return frame


def _key(frame: Frame) -> _Key:
    return frame.epoch, frame.timestamp_ns
