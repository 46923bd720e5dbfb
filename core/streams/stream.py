"""HandStream: takes the hands of each frame and hands them to one receiver, in its own thread.

Putting hands never waits. Where the receiver is slower than the camera the newest hands win, and
what was left out is counted. No hands are told once; from then on, and while no frames come, a
heartbeat says that the program is alive.
"""

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

from core.errors import StreamError
from core.latest import LatestSlot
from core.timing import now_ns
from core.types import TrackedHands

_LOG = logging.getLogger(__name__)
_HEARTBEAT_S: Final = 1.0
_JOIN_S: Final = 3.0
_FLUSH_POLL_S: Final = 0.002
_RATE_WINDOW: Final = 60
_SILENT_NS: Final = 2_000_000_000


class StreamTarget(Protocol):
    """Where hands go. Every method is called by the stream's thread, one at a time."""

    @property
    def clients(self) -> int | None:
        """How many receivers there are; None where nobody can know."""

    def open(self) -> None:
        """Get ready; StreamError where the address cannot be used."""

    def send(self, tracked: TrackedHands) -> None:
        """Send the hands of one frame, or that there are none; StreamError where that fails."""

    def send_heartbeat(self, time_ns: int) -> None:
        """Say that the program is alive."""

    def close(self) -> None:
        """Let go of everything, in whatever state it is."""


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """How a stream is doing.

    Attributes:
        is_open: whether it can send.
        clients: receivers that are connected; None where nobody can know (UDP).
        sent: frames sent.
        left_out: frames that a newer one replaced before they were sent.
        frames_per_s: sent, over the last frames.
        fault: what went wrong last; None once sending works again.
    """

    is_open: bool
    clients: int | None
    sent: int
    left_out: int
    frames_per_s: float
    fault: StreamError | None


class HandStream:
    """Keeps one target supplied with the newest hands."""

    def __init__(self, target: StreamTarget, name: str, heartbeat_s: float = _HEARTBEAT_S) -> None:
        """Prepare; `start` opens the target. `name` is for threads and the log."""
        self._target = target
        self._name = name
        self._heartbeat_s = heartbeat_s
        self._slot: LatestSlot[TrackedHands] = LatestSlot()
        self._ready = threading.Event()
        self._is_open = False
        self._handled = 0
        self._sent = 0
        self._times_ns: deque[int] = deque(maxlen=_RATE_WINDOW)
        self._fault: StreamError | None = None
        self._thread = threading.Thread(target=self._run, name=f"stream {name}", daemon=True)

    def start(self) -> None:
        """Open the target in the stream's thread; returns at once."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs: false before the start, after a failed one and after the end."""
        return self._thread.is_alive()

    def wait_until_open(self, timeout_s: float = 10.0) -> None:
        """Wait until the target is open.

        Raises:
            StreamError: STR-01 to STR-03: the target cannot be opened, or not in time.
        """
        if not self._ready.wait(timeout_s):
            raise StreamError(
                "STR-01", f"{self._name} did not open in {timeout_s:.0f} s", "Check its address."
            )
        if not self._is_open and self._fault is not None:
            raise self._fault

    def put(self, tracked: TrackedHands) -> None:
        """Send these hands as soon as possible; newer ones replace them. Never waits."""
        self._slot.put(tracked)

    def status(self) -> StreamStatus:
        """Return counts, rate and the last fault."""
        times = list(self._times_ns)
        rate = 0.0
        if len(times) > 1 and now_ns() - times[-1] < _SILENT_NS:
            rate = (len(times) - 1) * 1e9 / max(1, times[-1] - times[0])
        return StreamStatus(
            is_open=self._is_open,
            clients=self._target.clients if self._is_open else None,
            sent=self._sent,
            left_out=self._slot.counts[1],
            frames_per_s=rate,
            fault=self._fault,
        )

    def flush(self, timeout_s: float = 1.0) -> None:
        """Wait until everything that was put has been sent or given up."""
        deadline_ns = now_ns() + round(timeout_s * 1e9)
        while self._is_open and now_ns() < deadline_ns:
            put, left_out = self._slot.counts
            if self._handled + left_out >= put:
                return
            time.sleep(_FLUSH_POLL_S)

    def end(self) -> None:
        """Tell the thread to end; returns at once."""
        self._slot.close()

    def close(self) -> None:
        """End the thread and wait for it."""
        self.end()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        """Open, send until told to end, close."""
        try:
            self._target.open()
            self._is_open = True
            self._ready.set()
            self._send_on()
        except StreamError as error:
            self._note(error)
        finally:
            self._is_open = False
            self._target.close()
            self._ready.set()

    def _send_on(self) -> None:
        """Send what is put, and heartbeats where there is nothing to say."""
        told_empty = False
        last_ns = now_ns()
        while not self._slot.closed:
            due_s = self._heartbeat_s - (now_ns() - last_ns) / 1e9
            tracked = self._slot.take(max(0.0, due_s))
            if tracked is not None and (tracked.hands or not told_empty):
                told_empty = not tracked.hands
                self._send(tracked)
                last_ns = now_ns()
            elif now_ns() - last_ns >= self._heartbeat_s * 1e9 and not self._slot.closed:
                self._beat()
                last_ns = now_ns()
            self._handled += tracked is not None

    def _send(self, tracked: TrackedHands) -> None:
        try:
            self._target.send(tracked)
        except StreamError as error:
            self._note(error)
            return
        self._fault = None
        self._sent += 1
        self._times_ns.append(now_ns())

    def _beat(self) -> None:
        try:
            self._target.send_heartbeat(now_ns())
        except StreamError as error:
            self._note(error)

    def _note(self, error: StreamError) -> None:
        """Keep the fault; log it where it is another one than before."""
        if self._fault is None or self._fault.args != error.args:
            _LOG.warning("stream %s: %s", self._name, error)
        self._fault = error
