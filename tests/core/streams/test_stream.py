import threading
import time

import pytest

from core.errors import StreamError
from core.streams.stream import HandStream
from core.types import TrackedHands
from tests.factories import make_frame, make_hand


class RecordingTarget:
    """A target that keeps what it is told; sending can block or fail."""

    def __init__(self, open_error: StreamError | None = None) -> None:
        self.clients = None
        self.events: list[str] = []
        self.sent: list[TrackedHands] = []
        self.gate = threading.Event()
        self.gate.set()
        self.came = threading.Condition()
        self.send_error: StreamError | None = None
        self._open_error = open_error

    def open(self) -> None:
        if self._open_error is not None:
            raise self._open_error
        self._note("open")

    def send(self, tracked: TrackedHands) -> None:
        self.gate.wait(5)
        if self.send_error is not None:
            raise self.send_error
        self.sent.append(tracked)
        self._note("hands" if tracked.hands else "no hands")

    def send_heartbeat(self, time_ns: int) -> None:
        assert time_ns > 0
        self._note("beat")

    def close(self) -> None:
        self._note("close")

    def _note(self, event: str) -> None:
        with self.came:
            self.events.append(event)
            self.came.notify_all()

    def wait_for(self, event: str, count: int = 1) -> None:
        with self.came:
            assert self.came.wait_for(lambda: self.events.count(event) >= count, 5), self.events


def tracked(index: int, hands: int = 1) -> TrackedHands:
    return TrackedHands(make_frame(index), tuple(make_hand(track_id=i) for i in range(hands)))


def test_no_hands_are_told_once_then_heartbeats() -> None:
    """Row 34."""
    target = RecordingTarget()
    stream = HandStream(target, "test", heartbeat_s=0.05)
    stream.start()
    try:
        stream.put(tracked(0))
        target.wait_for("hands")
        started = time.monotonic()
        index = 1
        while time.monotonic() - started < 0.4:
            stream.put(tracked(index, hands=0))
            index += 1
            time.sleep(0.005)
        target.wait_for("beat", 3)
        stream.put(tracked(index))
        target.wait_for("hands", 2)
    finally:
        stream.close()
    assert target.events.count("no hands") == 1
    assert 3 <= target.events.count("beat") <= 10
    assert target.events[-1] == "close"


def test_heartbeats_come_while_no_frames_do() -> None:
    target = RecordingTarget()
    stream = HandStream(target, "test", heartbeat_s=0.02)
    stream.start()
    target.wait_for("beat", 2)
    stream.close()


def test_a_receiver_that_blocks_costs_the_camera_nothing_and_gets_the_newest() -> None:
    """Row 68."""
    target = RecordingTarget()
    target.gate.clear()
    stream = HandStream(target, "test", heartbeat_s=0.1)
    stream.start()
    try:
        hands = (make_hand(),)
        frames = [TrackedHands(make_frame(index), hands) for index in range(1, 501)]
        started = time.perf_counter()
        for frame in frames:
            stream.put(frame)
        assert time.perf_counter() - started < 0.1
        target.gate.set()
        target.wait_for("hands")
        target.wait_for("beat")
    finally:
        stream.close()
    assert target.sent[-1].frame.index == 500
    assert stream.status().left_out >= 498


def test_a_fault_is_kept_until_sending_works_again() -> None:
    target = RecordingTarget()
    target.send_error = StreamError("STR-03", "the network is down", "Check it.")
    stream = HandStream(target, "test")
    stream.start()
    try:
        stream.put(tracked(0))
        deadline = time.monotonic() + 5
        while stream.status().fault is None and time.monotonic() < deadline:
            time.sleep(0.005)
        assert stream.status().fault is target.send_error
        assert stream.status().is_open
        target.send_error = None
        stream.put(tracked(1))
        target.wait_for("hands")
        while stream.status().fault is not None and time.monotonic() < deadline:
            time.sleep(0.005)
        assert stream.status().fault is None
        assert stream.status().sent == 1
    finally:
        stream.close()


def test_an_address_that_cannot_be_used_is_raised_where_it_is_waited_for() -> None:
    stream = HandStream(RecordingTarget(StreamError("STR-01", "no such host", "Check it.")), "test")
    stream.start()
    with pytest.raises(StreamError, match="STR-01: no such host"):
        stream.wait_until_open()
    stream.close()
    assert not stream.status().is_open
