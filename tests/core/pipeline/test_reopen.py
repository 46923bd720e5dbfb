import pytest

from core.pipeline import Fault, Reopening
from core.pipeline.status import Where
from tests.fakes import FakeClock


def fault(code: str, where: Where = "source") -> Fault:
    return Fault(code, "lost", "plug it in", 1, where)


def lost(clock: FakeClock) -> Reopening:
    reopening = Reopening()
    reopening.works(clock())
    clock.advance(1000)
    assert reopening.failed(fault("CAM-04"), is_live=True, time_ns=clock())
    return reopening


def waits_ms(reopening: Reopening, clock: FakeClock) -> int:
    """Advance until it is due; return how long that took."""
    for waited in range(0, 20_000, 100):
        if reopening.is_due(clock()):
            return waited
        clock.advance(100)
    raise AssertionError("never due")


def test_the_waits_grow_from_half_a_second_to_five() -> None:
    """B1 4."""
    clock = FakeClock()
    reopening = lost(clock)
    waits = [waits_ms(reopening, clock)]
    for _ in range(5):
        assert reopening.failed(fault("CAM-01"), is_live=True, time_ns=clock())
        waits.append(waits_ms(reopening, clock))
    assert waits == [500, 1000, 2000, 4000, 5000, 5000]
    assert reopening.attempts == 6


def test_it_is_due_once_for_each_fault() -> None:
    clock = FakeClock()
    reopening = lost(clock)
    clock.advance(600)
    assert reopening.is_due(clock())
    assert not reopening.is_due(clock())


def test_a_camera_that_is_back_for_good_is_waited_for_anew() -> None:
    clock = FakeClock()
    reopening = lost(clock)
    reopening.works(clock())
    assert not reopening.is_waiting
    clock.advance(11_000)
    reopening.works(clock())
    assert reopening.failed(fault("CAM-05"), is_live=True, time_ns=clock())
    assert waits_ms(reopening, clock) == 500


def test_a_loose_plug_does_not_reset_the_wait() -> None:
    clock = FakeClock()
    reopening = lost(clock)
    reopening.works(clock())
    clock.advance(300)
    assert reopening.failed(fault("CAM-04"), is_live=True, time_ns=clock())
    assert waits_ms(reopening, clock) == 1000


@pytest.mark.parametrize(
    ("code", "where", "is_live"),
    [("CAM-04", "source", False), ("ENG-02", "engine", True), ("CAM-10", "source", True)],
)
def test_what_cannot_come_back_is_not_waited_for(code: str, where: Where, is_live: bool) -> None:
    reopening = Reopening()
    reopening.works(0)
    assert not reopening.failed(fault(code, where), is_live=is_live, time_ns=0)
    assert not reopening.is_due(10**12)


@pytest.mark.parametrize("code", ["CAM-01", "CAM-02", "CAM-03", "CAM-04"])
def test_a_camera_that_never_worked_is_not_opened_again_and_again(code: str) -> None:
    """B1 2, 3: no crash loop."""
    assert not Reopening().failed(fault(code), is_live=True, time_ns=0)


def test_a_replugged_camera_is_opened_at_once() -> None:
    """B1 14."""
    clock = FakeClock()
    reopening = lost(clock)
    reopening.hurry()
    assert reopening.is_due(clock())


def test_choosing_a_source_ends_the_waiting() -> None:
    clock = FakeClock()
    reopening = lost(clock)
    reopening.reset()
    clock.advance(60_000)
    assert not reopening.is_due(clock()) and not reopening.is_waiting
