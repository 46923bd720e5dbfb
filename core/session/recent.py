"""Recent: the last encoded seconds, kept in memory."""

from collections import deque
from typing import Final

from core.session.folder import EncodedFrame

_MOST_BYTES: Final = 64 << 20


class Recent:
    """Encoded frames of at least `seconds`, beginning with one that can be decoded."""

    def __init__(self, seconds: float) -> None:
        """Start empty; with 0 seconds it stays so."""
        self._span_ns = round(seconds * 1e9)
        self._frames: deque[EncodedFrame] = deque()
        self._bytes = 0

    def add(self, frame: EncodedFrame) -> None:
        """Take in a frame and forget those that are too old, a group of pictures at a time."""
        if self._span_ns == 0:
            return
        self._frames.append(frame)
        self._bytes += _size(frame)
        if _can_begin(frame):
            starts = [at for at, one in enumerate(self._frames) if _can_begin(one)]
            old = [at for at in starts if frame.time_ns - self._frames[at].time_ns >= self._span_ns]
            self._drop(old[-1] if old else 0)
        if self._bytes > _MOST_BYTES:
            starts = [at for at, one in enumerate(self._frames) if _can_begin(one) and at]
            self._drop(starts[0] if starts else len(self._frames))

    def frames(self) -> tuple[EncodedFrame, ...]:
        """Return what is kept."""
        return tuple(self._frames)

    def clear(self) -> None:
        """Forget everything."""
        self._frames.clear()
        self._bytes = 0

    def _drop(self, count: int) -> None:
        for _ in range(count):
            self._bytes -= _size(self._frames.popleft())


def _can_begin(frame: EncodedFrame) -> bool:
    return frame.picture is None or frame.picture.is_key


def _size(frame: EncodedFrame) -> int:
    hands = 1000 * len(frame.hands or ())
    return hands + (len(frame.picture.data) if frame.picture is not None else 0)
