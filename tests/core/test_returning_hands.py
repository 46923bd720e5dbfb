"""Hands that leave and come back."""

import numpy as np

from core.geometry import mirror_rotmat
from tests.core.tracker_scripts import Seen, ids, make_tracker, run, sure
from tests.factories import make_hand


def after_absence(
    before: Seen, after: Seen, frames: int = 30, **tracking: float
) -> list[list[int]]:
    """Show hands, nothing for so many frames, and hands again; return the last three's ids."""
    results = run(make_tracker(**tracking), [before] * 3 + [[]] * frames + [after] * 3)
    return [ids(result) for result in results[-3:]]


def test_a_hand_that_was_gone_gets_its_id_again_and_after_too_long_another() -> None:
    hand, elsewhere = sure(make_hand()), sure(make_hand(at=(0.3, 0.1, 0.9)))
    assert after_absence(hand, hand) == [[], [0], [0]]
    assert after_absence(hand, elsewhere) == [[], [0], [0]]
    assert after_absence(hand, hand, 301) == [[], [1], [1]]
    assert after_absence(hand, hand, remember_s=0) == [[], [1], [1]]


def test_another_side_or_another_colour_is_another_hand() -> None:
    dark, light = (0.3, 0.2, 0.15), (0.9, 0.75, 0.65)
    assert after_absence(sure(make_hand()), sure(make_hand("left"))) == [[], [1], [1]]
    one, two = sure(make_hand(skin=dark)), sure(make_hand(skin=light))
    assert after_absence(one, two) == [[], [1], [1]]
    # Where both were there, each gets its own, whichever comes where.
    places = ((-0.2, 0, 0.6), (0.2, 0, 0.6))
    both = sure(make_hand(at=places[0], skin=dark), make_hand(at=places[1], skin=light))
    swapped = sure(make_hand(at=places[0], skin=light), make_hand(at=places[1], skin=dark))
    results = run(make_tracker(), [both] * 3 + [[]] * 30 + [swapped] * 3)
    for before, after in zip(results[2].hands, results[-1].hands, strict=True):
        assert before.albedo is not None
        assert after.albedo is not None
        assert np.allclose(before.albedo, after.albedo)


def test_of_two_hands_that_were_gone_the_nearer_returns() -> None:
    left, right = make_hand(at=(-0.25, 0, 0.6)), make_hand(at=(0.25, 0, 0.6))
    assert after_absence(sure(left, right), sure(left))[-1] == [0]
    assert after_absence(sure(left, right), sure(right))[-1] == [1]


def test_a_hand_that_returns_brings_its_side_along() -> None:
    right = make_hand("right")
    left = make_hand("left", pose=mirror_rotmat(right.pose))
    results = run(
        make_tracker(), [sure(right)] * 20 + [[]] * 30 + [sure(right)] * 2 + [sure(left)] * 20
    )
    sides = [result.hands[0].side for result in results[52:]]
    # Its return adds two sure frames to the ten that it brings.
    assert sides == ["right"] * 12 + ["left"] * 8
    assert {i for result in results for i in ids(result)} == {0}


def test_an_unseen_hand_at_the_edge_is_let_go_sooner() -> None:
    leaving = [sure(make_hand(at=(0.02 * index, 0, 0.6))) for index in range(16)]
    results = run(make_tracker(), leaving + [[]] * 20)
    edge = results[15].hands[0].joints_2d
    width = results[15].frame.image.shape[1]
    assert width - edge[:, 0].max() < 0.1 * width
    assert [len(result.hands) for result in results[16:22]] == [1, 1, 1, 0, 0, 0]
    slow = run(make_tracker(keep_at_edge_s=2.0), leaving + [[]] * 20)
    assert sum(len(result.hands) for result in slow[16:]) == 15


def test_what_was_seen_for_a_moment_is_soon_gone() -> None:
    results = run(make_tracker(), [sure(make_hand())] * 4 + [[]] * 5)
    assert [len(result.hands) for result in results] == [0, 1, 1, 1, 1, 1, 1, 0, 0]
