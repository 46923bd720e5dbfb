"""Backlog: what waits for the writing thread, bounded in time and bytes."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

from core.session.encoding import QueuedFrame
from core.session.folder import SessionFolder

#: Frames without pictures that may wait; at 30 a second this is a minute.
_MOST_FRAMES: Final = 1800


@dataclass(frozen=True, slots=True)
class QueuedMarker:
    """A marker on its way to the writing thread: the recorder's time and what a person wrote."""

    time_ns: int
    text: str


Queued = QueuedFrame | QueuedMarker | SessionFolder


class Backlog:
    """A queue that drops pictures first and whole frames last, and counts both."""

    def __init__(self, most_s: float, most_bytes: int) -> None:
        """Start empty; pictures may wait for `most_s` and need `most_bytes` together."""
        self.dropped_pictures = 0
        self.dropped_frames = 0
        self._most_ns = round(most_s * 1e9)
        self._most_bytes = most_bytes
        self._condition = threading.Condition()
        self._items: deque[Queued] = deque()
        self._frames: deque[QueuedFrame] = deque()
        self._bytes = 0
        self._lost_before = 0
        self._is_closing = False

    def put(self, item: Queued) -> None:
        """Queue what is never dropped."""
        with self._condition:
            self._items.append(item)
            self._condition.notify()

    def put_frame(self, frame: QueuedFrame, wait_s: float = 0.0) -> bool:
        """Queue a frame, without its picture where there is no room; False where it was lost.

        Waits so long for room before anything is dropped.
        """
        with self._condition:
            if wait_s:
                self._condition.wait_for(lambda: self._has_room(frame) or self._is_closing, wait_s)
            if len(self._frames) >= _MOST_FRAMES:
                self.dropped_frames += 1
                self._lost_before += 1
                return False
            frame.lost_before, self._lost_before = self._lost_before, 0
            if frame.picture is not None:
                if self._has_room(frame):
                    self._bytes += frame.picture.nbytes
                else:
                    self.drop_picture(frame)
            self._frames.append(frame)
            self._items.append(frame)
            self._condition.notify()
        return True

    def take(self, timeout_s: float) -> Queued | None:
        """Return the next item; None where there is none in time."""
        with self._condition:
            if not self._items and not self._is_closing:
                self._condition.wait(timeout_s)
            if not self._items:
                return None
            item = self._items.popleft()
            if isinstance(item, QueuedFrame):
                self._frames.popleft()
                self._bytes -= item.picture.nbytes if item.picture is not None else 0
                self._condition.notify_all()
            return item

    def _has_room(self, frame: QueuedFrame) -> bool:
        """Say whether a frame may wait with its picture."""
        late_ns = frame.time_ns - self._frames[0].time_ns if self._frames else 0
        size = self._bytes + (frame.picture.nbytes if frame.picture is not None else 0)
        is_first = not self._frames  # one picture may be larger than everything
        return is_first or (late_ns <= self._most_ns and size <= self._most_bytes)

    def drop_picture(self, frame: QueuedFrame) -> None:
        """Take a frame's picture away and count it."""
        frame.picture, frame.picture_was_dropped = None, True
        self.dropped_pictures += 1

    def close(self) -> None:
        """Let take() return at once from now on."""
        with self._condition:
            self._is_closing = True
            self._condition.notify_all()

    def clear(self) -> None:
        """Forget what waits, and what comes: nobody takes it any longer."""
        with self._condition:
            self._items.clear()
            self._frames.clear()
            self._bytes = 0
            self._is_closing = True
            self._condition.notify_all()

    @property
    def is_done(self) -> bool:
        """Whether it was closed and nothing waits any longer."""
        with self._condition:
            return self._is_closing and not self._items

    def seconds_behind(self, now_ns: int) -> float:
        """Return how long the oldest frame has waited, by the recorder's time."""
        with self._condition:
            return (now_ns - self._frames[0].time_ns) / 1e9 if self._frames else 0.0
