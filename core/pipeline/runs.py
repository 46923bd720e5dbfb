"""One run of each thread of a live pipeline: what the thread and its owner both look at."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.capture import CameraSource
from core.capture.source import FrameSource
from core.config import CaptureConfig
from core.engines.base import Engine, EngineDescription
from core.engines.recovery import RecoveringEngine
from core.latest import LatestSlot
from core.pipeline.status import SourceStatus
from core.timing import now_ns
from core.types import Frame, TrackedHands

#: Opens the source; called in the capture thread.
SourceOpener = Callable[[CaptureConfig], FrameSource]

_RATE_WINDOW: Final = 60
#: Among so many first frames are those in which libraries still make themselves ready.
_FIRST_FRAMES: Final = 10
_FIRST_PATIENCE_NS: Final = 10_000_000_000
#: Later a frame hangs after so long at least, or after three times the longest of the last 60.
_LEAST_PATIENCE_NS: Final = 2_000_000_000
_OPENING_NS: Final = 120_000_000_000
_SILENT_NS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """A frame on its way to the network, and when it was read."""

    frame: Frame
    read_ns: int
    independent: bool


class CaptureRun:
    """One run of the capture thread: one source in one epoch."""

    def __init__(self, open_source: SourceOpener, epoch: int) -> None:
        """Start with nothing captured."""
        self.open_source = open_source
        self.epoch = epoch
        self.stop = threading.Event()
        self.is_over = False
        self.thread: threading.Thread | None = None
        self.source: FrameSource | None = None
        self.size = (0, 0)
        self.has_ended = False
        self.last_sign_ns = now_ns()
        self.count = 0
        self.dropped = 0
        self.early = 0
        self.misstamped = 0
        self._last_stamp_ns: int | None = None
        self.times_ns: deque[int] = deque(maxlen=_RATE_WINDOW)

    def is_newer(self, timestamp_ns: int) -> bool:
        """Say whether a frame comes after the last one; one that does not is counted.

        A stamp that stands still or runs backward would make speeds infinite or negative.
        """
        last_ns = self._last_stamp_ns
        if last_ns is not None and timestamp_ns <= last_ns:
            self.misstamped += 1
            return False
        self._last_stamp_ns = timestamp_ns
        return True


class InferenceRun:
    """One run of the inference thread, with the slots on both sides of it."""

    def __init__(self) -> None:
        """Start with nothing processed."""
        self.frames: LatestSlot[CapturedFrame] = LatestSlot()
        self.results: LatestSlot[TrackedHands] = LatestSlot()
        self.stop = threading.Event()
        self.is_over = False
        self.thread: threading.Thread | None = None
        self.busy_until_ns: int | None = None
        self.forgets_hands = False
        self.description: EngineDescription | None = None
        self.engines: list[Engine] = []
        self._began_ns = 0
        self._frame_ns: deque[int] = deque(maxlen=_RATE_WINDOW)
        self.forget_counts(0)

    def forget_counts(self, epoch: int) -> None:
        """Count anew for another source."""
        self.epoch = epoch
        self.count = self.rejected_hands = 0
        self.times_ns: deque[int] = deque(maxlen=_RATE_WINDOW)
        self.latencies_ms: deque[float] = deque(maxlen=_RATE_WINDOW)

    def begin_opening(self) -> None:
        """An engine is being opened, which takes its time."""
        self.busy_until_ns = now_ns() + _OPENING_NS

    def begin_frame(self) -> None:
        """A frame goes into the network."""
        self._began_ns = now_ns()
        longest = max(self._frame_ns, default=0)
        is_settled = len(self._frame_ns) >= _FIRST_FRAMES
        least = _LEAST_PATIENCE_NS if is_settled else _FIRST_PATIENCE_NS
        self.busy_until_ns = self._began_ns + max(least, 3 * longest)

    def complete_frame(self, tracked: TrackedHands) -> None:
        """It has come out again, with these hands."""
        done_ns = now_ns()
        self.busy_until_ns = None
        self._frame_ns.append(done_ns - self._began_ns)
        self.count += 1
        self.rejected_hands += tracked.rejected
        self.times_ns.append(done_ns)
        self.latencies_ms.append((done_ns - tracked.read_ns) / 1e6)

    @property
    def hangs(self) -> bool:
        """Whether the thread has not come back in time; one that restarts its engine has more."""
        due_ns = self.busy_until_ns
        if due_ns is None or now_ns() <= due_ns:
            return False
        openings = [e.opening_ns for e in self.engines if isinstance(e, RecoveringEngine)]
        return not any(at is not None and now_ns() - at < _OPENING_NS for at in openings)

    def end(self) -> None:
        """Tell the thread to end, and count on nothing more from it."""
        self.is_over = True
        self.stop.set()
        self.frames.close()


def rate(times_ns: deque[int]) -> float:
    """Return events per second in a window of time stamps; 0 where it went silent."""
    times = list(times_ns)
    if len(times) < 2 or now_ns() - times[-1] > _SILENT_NS:
        return 0.0
    return (len(times) - 1) * 1e9 / max(1, times[-1] - times[0])


def source_status(capture: CaptureRun | None) -> SourceStatus | None:
    """Return what a source turned out to be; None until it is open."""
    source = capture.source if capture is not None else None
    if capture is None or source is None:
        return None
    height, width = capture.size
    return SourceStatus(
        name=source.name,
        is_live=source.is_live,
        width=width,
        height=height,
        stated_fps=source.fps,
        frame_count=source.frame_count,
        skipped_count=source.skipped_count,
        has_ended=capture.has_ended,
        mode=source.mode if isinstance(source, CameraSource) else None,
    )
