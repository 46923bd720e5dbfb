"""Waiting for a thread, and a clock that does not."""

import threading
import time
from collections.abc import Callable


def wait_until(is_true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.005)


class FastClock:
    """Every look at it is a tenth of a second later."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.lock = threading.Lock()

    def __call__(self) -> int:
        with self.lock:
            self.now_ns += 100_000_000
            return self.now_ns
