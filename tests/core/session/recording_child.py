"""Records in real time until it is killed; tells every frame that it has handed over."""

import sys
import time
from dataclasses import replace
from pathlib import Path

from core.session.recorder import SessionRecorder
from core.session.status import RecordOptions
from core.types import TrackedHands
from tests.core.session.recording import INFO, PERIOD_NS, tracked_hands


def at_time(tracked: TrackedHands, time_ns: int) -> TrackedHands:
    return replace(tracked, frame=replace(tracked.frame, timestamp_ns=time_ns))


if __name__ == "__main__":
    frames = [tracked_hands(index) for index in range(30)]
    recorder = SessionRecorder(RecordOptions(), free=lambda path: 10**12)
    recorder.start(Path(sys.argv[1]), INFO)
    start_ns = time.perf_counter_ns()
    for index in range(3000):
        wait_ns = start_ns + index * PERIOD_NS - time.perf_counter_ns()
        time.sleep(max(0, wait_ns) / 1e9)
        recorder.add(at_time(frames[index % 30], time.perf_counter_ns()))
        sys.stdout.write(f"{index}\n")
        sys.stdout.flush()
