"""FrameIntake: what is to be recorded on its way into the backlog, in the recorder's time."""

import threading
from collections.abc import Callable

from core.session.backlog import Backlog
from core.session.encoding import QueuedFrame
from core.session.folder import Camera
from core.session.packing import HandValues, values_of
from core.session.picture_order import PictureOrder
from core.session.status import RecordOptions
from core.session.time_base import TimeBase
from core.types import Frame, TrackedHands


class FrameIntake:
    """Queues results, and where every frame is wanted the pictures between them; thread-safe.

    Attributes:
        skipped_frames: frames that came twice (their time did not go on).
        late_hands: hands whose picture had been queued without them.
    """

    def __init__(self, backlog: Backlog, options: RecordOptions, clock: Callable[[], int]) -> None:
        """Start without frames, at time 0."""
        self.skipped_frames = self.late_hands = 0
        self._backlog = backlog
        self._options = options
        self._adding = threading.Lock()
        self._time = TimeBase(clock)
        self._order = PictureOrder(options.queue_s, options.queue_bytes)
        self._is_paused = self._was_paused = False

    @property
    def now_ns(self) -> int:
        """The recorder's time of the last frame."""
        return self._time.now_ns

    def add(self, tracked: TrackedHands, wait_s: float) -> None:
        """Queue the hands of one frame and its picture, and pictures that waited before it."""
        with self._adding:
            before = self._order.found(tracked.frame) if self._options.every_frame else []
            if before is None:
                self.late_hands += len(tracked.hands)
                return
            for frame in before:
                self._queue(frame, None)
            self._queue(tracked.frame, values_of(tracked), wait_s)

    def add_picture(self, frame: Frame) -> None:
        """Let a picture wait for its hands, where every frame is wanted."""
        if self._options.every_frame:
            with self._adding:
                for late in self._order.captured(frame):
                    self._queue(late, None)

    def flush(self) -> None:
        """Queue the pictures that still wait for their hands."""
        with self._adding:
            for frame in self._order.rest():
                self._queue(frame, None)

    def pause(self) -> None:
        """Leave out what comes until resume()."""
        self.flush()
        self._is_paused = self._was_paused = True

    def resume(self) -> None:
        """Go on after pause()."""
        self._is_paused = False

    def _queue(
        self, frame: Frame, hands: tuple[HandValues, ...] | None, wait_s: float = 0.0
    ) -> None:
        """Queue a frame; `hands` is None where the network did not look."""
        if self._is_paused:
            return
        if not self._time.advance(frame.epoch, frame.timestamp_ns):
            self.skipped_frames += 1
            return
        height, width = frame.image.shape[:2]
        queued = QueuedFrame(
            time_ns=self._time.now_ns,
            frame_index=frame.index,
            hands=hands,
            camera=Camera(frame.K, width, height),
            picture=frame.image if self._options.video else None,
            was_paused=self._was_paused,
        )
        if self._backlog.put_frame(queued, wait_s):
            self._was_paused = False
