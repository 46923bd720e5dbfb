from dataclasses import replace

import numpy as np
import pytest

from core.engines.agreement import compare, joined
from core.engines.base import RawHands
from core.preprocess import prepare
from tests.factories import make_frame, make_hand, make_raw_hands

INPUT = prepare(make_frame(), (288, 384))


def raw(*lefts: float) -> RawHands:
    """Two hands, apart from each other; `lefts` are their right probabilities."""
    hands = [make_hand(at=(-0.15, 0, 0.6), score=0.9), make_hand(at=(0.15, 0, 0.6), score=0.8)]
    return make_raw_hands(hands, INPUT, right_probability=lefts or (0.9, 0.8))


def test_engine_agrees_with_itself() -> None:
    found = compare(raw(), raw())
    assert found.hands == 2
    assert (found.missed, found.other_side) == (0, 0)
    for values in (found.joints_mm, found.vertices_mm, found.keypoints_px, found.depth):
        np.testing.assert_array_equal(values, [0, 0])


def test_differences_are_told_in_their_units() -> None:
    exact = raw()
    other = replace(
        exact,
        joints_3d=exact.joints_3d + np.float32([0.001, 0, 0]),
        vertices=exact.vertices + np.float32([0, 0.002, 0]),
        keypoints_2d=exact.keypoints_2d + np.float32([3, 4]),
        pixels_per_metre=exact.pixels_per_metre * np.float32(0.5),
        score=exact.score - np.float32(0.1),
    )
    found = compare(exact, other)
    np.testing.assert_allclose(found.joints_mm, 1, rtol=1e-4)
    np.testing.assert_allclose(found.vertices_mm, 2, rtol=1e-4)
    np.testing.assert_allclose(found.keypoints_px, 5, rtol=1e-4)
    np.testing.assert_allclose(found.depth, 1, rtol=1e-4)
    np.testing.assert_allclose(found.score, 0.1, rtol=1e-4)


def test_hands_are_matched_by_place_not_by_slot() -> None:
    exact = raw()
    swap = [1, 0, *range(2, len(exact.score))]
    values = {name: getattr(exact, name)[swap] for name in RawHands.__slots__
              if getattr(exact, name) is not None}  # fmt: skip
    found = compare(exact, RawHands(**values))
    assert found.missed == 0
    np.testing.assert_array_equal(found.joints_mm, [0, 0])


def test_hand_that_the_other_lacks_is_missed_and_nothing_is_typical() -> None:
    exact = raw()
    lower = exact.score.copy()
    lower[1] = 0.05
    found = compare(exact, replace(exact, score=lower))
    assert (found.missed, len(found.joints_mm), found.hands) == (1, 1, 2)
    assert found.typical_joints_mm == float("inf")


def test_hand_of_the_other_side_is_counted_not_measured() -> None:
    found = compare(raw(0.52, 0.9), raw(0.48, 0.1))
    assert (found.other_side, found.undecided) == (2, 1)
    assert len(found.joints_mm) == 0


def test_hand_that_is_not_finite_is_missed_and_no_difference_hides() -> None:
    exact = raw()
    lost = replace(exact, keypoints_2d=np.full_like(exact.keypoints_2d, np.nan))
    assert compare(exact, lost).missed == 2
    wild = replace(exact, joints_3d=np.full_like(exact.joints_3d, np.nan))
    assert not compare(exact, wild).typical_joints_mm <= 1e9


def test_pictures_are_joined() -> None:
    exact = raw()
    moved = replace(exact, joints_3d=exact.joints_3d + np.float32([0.004, 0, 0]))
    both = joined([compare(exact, exact), compare(exact, moved)])
    np.testing.assert_allclose(both.joints_mm, [0, 0, 4, 4], atol=1e-3)
    assert both.hands == 4
    assert both.typical_joints_mm == pytest.approx(4, abs=1e-3)
