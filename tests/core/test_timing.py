import time

import pytest

from core.timing import StepHistory, StepTimer, SuspendWatch, now_ns
from tests.fakes import FakeClock


def test_the_clock_runs_forward_in_nanoseconds() -> None:
    start = now_ns()
    time.sleep(0.01)
    assert 9e6 < now_ns() - start < 1e9


def test_steps_are_timed_in_their_order_and_handed_over_once() -> None:
    timer = StepTimer()
    with timer.step("resize"):
        time.sleep(0.01)
    with timer.step("network"):
        pass
    taken = timer.take()
    assert list(taken) == ["resize", "network"]
    assert 9 < taken["resize"] < 500
    assert taken["network"] < taken["resize"]
    assert timer.take() == {}


def test_a_step_that_runs_twice_adds_up() -> None:
    timer = StepTimer()
    for _ in range(2):
        with timer.step("read"):
            time.sleep(0.005)
    assert timer.take()["read"] > 9


def test_a_step_that_fails_is_timed_too() -> None:
    timer = StepTimer()
    with pytest.raises(ValueError, match="no"), timer.step("decode"):
        raise ValueError("no")
    assert "decode" in timer.take()


def test_history_gives_percentiles_of_steps_and_their_total() -> None:
    history = StepHistory()
    for value in range(101):
        history.add({"network": float(value), "decode": 2.0})
    percentiles = history.percentiles()
    assert percentiles["network"] == {"p50_ms": 50.0, "p95_ms": 95.0}
    assert percentiles["decode"] == {"p50_ms": 2.0, "p95_ms": 2.0}
    assert percentiles["total"] == {"p50_ms": 52.0, "p95_ms": 97.0}


def test_history_forgets_what_is_too_old() -> None:
    history = StepHistory(length=3)
    for value in (100.0, 1.0, 1.0, 1.0):
        history.add({"network": value})
    assert history.percentiles()["network"]["p95_ms"] == 1.0


def test_an_empty_history_has_no_percentiles() -> None:
    assert StepHistory().percentiles() == {}


def test_sleep_shows_in_the_clock_that_goes_on_and_is_told_once() -> None:
    """B4 59."""
    awake, always = FakeClock(), FakeClock(77_000_000_000)
    watch = SuspendWatch((awake, always, 2_000_000_000))
    for _ in range(5):
        awake.advance(20)
        always.advance(20)
        assert not watch.has_slept()
    always.advance(3_600_000)
    assert watch.has_slept()
    assert not watch.has_slept()


def test_this_machine_is_awake() -> None:
    watch = SuspendWatch()
    assert not watch.has_slept()
