from dataclasses import replace

import numpy as np
import pytest

from core.session.compare import compare_hands, offset_ns
from core.session.take import HandTrack, Take
from core.types import HandState
from tests.factories import make_hand

HZ = 30


def shifted(hand: HandState, by: tuple[float, float, float], track_id: int) -> HandState:
    move = np.array(by, np.float32)
    return replace(
        hand, track_id=track_id, joints_3d=hand.joints_3d + move, transl=hand.transl + move
    )


def test_hands_of_one_side_that_are_near_each_other_are_pairs() -> None:
    first = make_hand("right", at=(-0.1, 0, 0.5), track_id=1)
    second = make_hand("right", at=(0.1, 0, 0.5), track_id=2)
    left = make_hand("left", at=(0.1, 0, 0.5), track_id=3)
    other = (shifted(second, (0.004, 0, 0), 8), shifted(first, (0, 0.004, 0), 9))
    difference = compare_hands((first, second, left), other)
    assert set(difference.pairs) == {(1, 9), (2, 8)}
    assert difference.apart_mm == pytest.approx(4.0, abs=1e-3)
    assert difference.shape_mm == pytest.approx(0.0, abs=1e-3)


def test_another_shape_shows_where_the_wrists_lie_on_each_other() -> None:
    hand, curled = make_hand(curl=0.2, track_id=1), make_hand(curl=0.4, track_id=1)
    difference = compare_hands((hand,), (shifted(curled, (0.1, 0.1, 0.1), 1),))
    assert difference.shape_mm is not None
    assert 2 < difference.shape_mm < 30


def test_nothing_in_common_is_no_difference() -> None:
    difference = compare_hands((make_hand("left"),), (make_hand("right"),))
    assert (difference.pairs, difference.apart_mm, difference.shape_mm) == ((), None, None)
    assert compare_hands((), ()).pairs == ()


def moving_take(start_s: float, seconds: float, rate: int = HZ) -> Take:
    """A wrist that shakes three times, at times that are no multiple of each other."""
    count = int(seconds * rate)
    times = np.arange(count) / rate
    clock = times + start_s
    place = sum(0.2 * np.tanh(8 * (clock - when)) for when in (2.0, 3.1, 5.7))
    transl = np.stack([place, np.zeros(count), np.full(count, 0.6)], 1).astype(np.float32)
    stamps = (times * 1e9).astype(np.int64)
    track = HandTrack(
        track_id=1,
        side="right",
        timestamps_ns=stamps.copy(),
        pose=np.tile(np.eye(3, dtype=np.float32), (count, 16, 1, 1)),
        betas=np.zeros((count, 10), np.float32),
        transl=transl,
        score=np.ones(count, np.float32),
        joint_confidence=np.ones((count, 21), np.float32),
        keypoints_2d=np.full((count, 21, 2), np.nan, np.float32),
        seen=np.ones(count, bool),
    )
    return Take(stamps, (track,), np.eye(3, dtype=np.float32), 640, 480)


@pytest.mark.parametrize("late_s", [-1.5, 0.0, 0.8])
def test_the_same_motion_is_found_again_at_another_time_and_rate(late_s: float) -> None:
    """B was started `late_s` later, so what is at t in A is at t - late_s in B."""
    found = offset_ns(moving_take(0.0, 8.0), moving_take(late_s, 7.0, rate=24))
    assert found is not None
    assert found / 1e9 == pytest.approx(late_s, abs=0.04)


def test_where_nothing_moves_there_is_no_offset() -> None:
    assert offset_ns(moving_take(100.0, 4.0), moving_take(0.0, 8.0)) is None
