import numpy as np
import pytest

from core.session.playback import PlaybackClock, stepped

S = 1_000_000_000


def playing() -> PlaybackClock:
    """Ten seconds that began to play when the program's clock said 100."""
    return PlaybackClock.of(10 * S).play(100 * S)


def looping(in_s: int, out_s: int) -> PlaybackClock:
    return playing().with_range(in_s * S, out_s * S, 100 * S).with_loop(True, 100 * S)


def test_a_clock_stands_until_it_plays_and_then_goes_with_the_time() -> None:
    clock = PlaybackClock.of(10 * S)
    assert clock.position_ns(55 * S) == 0
    assert playing().position_ns(103 * S) == 3 * S


@pytest.mark.parametrize("speed", [0.1, 0.5, 1.0, 2.0, 4.0])
def test_speed_changes_without_a_jump(speed: float) -> None:
    clock = playing().with_speed(speed, 102 * S)
    assert clock.position_ns(102 * S) == 2 * S
    assert clock.position_ns(103 * S) == pytest.approx((2 + speed) * S, abs=2)


def test_speed_stays_between_a_tenth_and_four() -> None:
    assert playing().with_speed(100, 0).speed == 4.0
    assert playing().with_speed(0, 0).speed == 0.1


def test_a_pause_keeps_the_place_and_playing_goes_on_from_there() -> None:
    clock = playing().pause(104 * S)
    assert clock.position_ns(900 * S) == 4 * S
    assert clock.play(900 * S).position_ns(901 * S) == 5 * S


def test_at_the_end_it_stays_and_plays_from_the_start_again() -> None:
    clock = playing()
    assert not clock.has_ended(109 * S)
    assert clock.position_ns(200 * S) == 10 * S
    assert clock.has_ended(200 * S)
    again = clock.pause(200 * S).play(300 * S)
    assert again.position_ns(301 * S) == 1 * S


def test_a_loop_goes_round_between_in_and_out() -> None:
    clock = looping(2, 5).seek(4 * S, 100 * S)
    positions = [clock.position_ns((100 + second) * S) // S for second in range(8)]
    assert positions == [4, 5, 3, 4, 2, 3, 4, 2]
    assert not clock.has_ended(500 * S)


def test_playing_ends_at_the_out_point() -> None:
    clock = playing().with_range(2 * S, 5 * S, 100 * S)
    assert clock.position_ns(150 * S) == 5 * S
    assert clock.has_ended(150 * S)
    assert clock.pause(150 * S).play(200 * S).position_ns(200 * S) == 2 * S


def test_put_behind_the_out_point_it_plays_to_the_end() -> None:
    clock = playing().with_range(2 * S, 5 * S, 100 * S).seek(7 * S, 100 * S)
    assert clock.position_ns(102 * S) == 9 * S
    assert clock.position_ns(120 * S) == 10 * S


def test_in_and_out_may_be_set_in_either_order_and_stay_in_the_session() -> None:
    clock = playing().with_range(20 * S, -5 * S, 0)
    assert (clock.in_ns, clock.out_ns) == (0, 10 * S)
    clock = playing().with_range(6 * S, 4 * S, 0)
    assert (clock.in_ns, clock.out_ns) == (4 * S, 6 * S)


def test_a_loop_of_no_length_stays_where_it_is() -> None:
    clock = looping(3, 3).seek(3 * S, 100 * S)
    assert clock.position_ns(150 * S) == 3 * S


def test_seeking_stays_in_the_session() -> None:
    assert playing().seek(99 * S, 0).anchor_ns == 10 * S
    assert playing().seek(-1, 0).anchor_ns == 0


def test_what_lies_ahead_is_due_after_its_time_at_this_speed() -> None:
    clock = playing().with_speed(2.0, 100 * S)
    assert clock.wait_ns(4 * S, 101 * S) == 1 * S
    assert clock.wait_ns(1 * S, 101 * S) == 0


def test_steps_go_by_frames_however_they_are_spaced() -> None:
    times = np.array([0, 10, 15, 40, 100], np.int64)
    assert stepped(times, 12, 1) == 15
    assert stepped(times, 12, -1) == 0
    assert stepped(times, 40, 2) == 100
    assert stepped(times, 100, -3) == 10
    assert stepped(times, 0, -1) == 0
