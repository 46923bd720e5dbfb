import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics import detection_curve, match_hands, side_accuracy

NO_DOUBT = np.zeros((0, 4))


def keypoints(x: float, y: float, size: float = 100.0) -> np.ndarray:
    """(21, 2) px with mean (x, y) and a box whose longer side is `size`."""
    points = np.zeros((21, 2))
    points[0, 0], points[1, 0] = -size / 2, size / 2
    points[2, 1], points[3, 1] = -size / 4, size / 4
    return points + np.array([x, y])


def stack(*hands: np.ndarray) -> np.ndarray:
    return np.array(hands).reshape(-1, 21, 2)


def test_each_hand_is_matched_to_the_detection_on_it() -> None:
    labels = stack(keypoints(100, 100), keypoints(400, 100))
    detected = stack(keypoints(410, 110), keypoints(95, 100))
    matches = match_hands(detected, np.array([0.9, 0.8]), labels, NO_DOUBT)
    assert set(matches.pairs) == {(0, 1), (1, 0)}
    assert matches.spurious == ()
    assert matches.missed == ()


def test_second_detection_of_a_hand_is_spurious_and_the_better_one_wins() -> None:
    labels = stack(keypoints(100, 100))
    detected = stack(keypoints(100, 100), keypoints(120, 100))
    matches = match_hands(detected, np.array([0.4, 0.9]), labels, NO_DOUBT)
    assert matches.pairs == ((1, 0),)
    assert matches.spurious == (0,)


def test_better_detection_takes_its_hand_before_a_nearer_one() -> None:
    labels = stack(keypoints(100, 100), keypoints(140, 100))
    detected = stack(keypoints(118, 100), keypoints(102, 100))
    matches = match_hands(detected, np.array([0.9, 0.8]), labels, NO_DOUBT)
    # The first is nearest to hand 0 and takes it; the other may still reach hand 1.
    assert set(matches.pairs) == {(0, 0), (1, 1)}


def test_reach_is_counted_in_the_longer_side_of_the_label() -> None:
    labels = stack(keypoints(100, 100, size=80))
    for offset, found in ((39.9, True), (40.1, False)):
        detected = stack(keypoints(100, 100 + offset, size=300))
        matches = match_hands(detected, np.array([0.9]), labels, NO_DOUBT)
        assert (matches.pairs == ((0, 0),)) == found
        assert (matches.missed == (0,)) != found
    near = match_hands(stack(keypoints(110, 100)), np.array([1.0]), labels, NO_DOUBT, reach=0.1)
    assert near.missed == (0,)


def test_detection_in_a_doubtful_region_is_not_judged() -> None:
    labels = stack(keypoints(100, 100))
    detected = stack(keypoints(300, 300), keypoints(500, 300), keypoints(100, 100))
    doubtful = np.array([[250.0, 250, 350, 350], [90, 90, 110, 110]])
    matches = match_hands(detected, np.array([0.9, 0.8, 0.7]), labels, doubtful)
    assert matches.pairs == ((2, 0),)  # a labelled hand counts even there
    assert matches.spurious == (1,)


def test_pictures_without_hands_or_without_detections() -> None:
    nobody = stack()
    hands = stack(keypoints(100, 100), keypoints(300, 100))
    score = np.array([0.9, 0.5])
    assert match_hands(nobody, score[:0], hands, NO_DOUBT).missed == (0, 1)
    assert match_hands(hands, score, nobody, NO_DOUBT).spurious == (0, 1)
    empty = match_hands(nobody, score[:0], nobody, NO_DOUBT)
    assert (empty.pairs, empty.spurious, empty.missed) == ((), (), ())


def test_average_precision_of_toy_values() -> None:
    score = np.array([0.9, 0.8, 0.7, 0.6])
    correct = np.array([True, False, True, False])
    curve = detection_curve(score, correct, hands=4)
    # Precision after each: 1, 1/2, 2/3, 1/2; recall: 1/4, 1/4, 1/2, 1/2.
    np.testing.assert_allclose(curve.precision, [1, 1 / 2, 2 / 3, 1 / 2])
    np.testing.assert_allclose(curve.recall, [1 / 4, 1 / 4, 1 / 2, 1 / 2])
    # A quarter at precision 1, the next quarter at the best from there on, 2/3; the rest missed.
    assert curve.average_precision == pytest.approx(0.25 * 1 + 0.25 * 2 / 3)
    assert curve.recall_at(0.8) == 0.25
    assert curve.recall_at(0.7) == 0.5
    assert curve.recall_at(0.95) == 0
    assert curve.precision_at(0.7) == pytest.approx(2 / 3)
    assert curve.precision_at(0.95) == 1


def test_finding_every_hand_first_is_an_average_precision_of_one() -> None:
    score = np.array([0.2, 0.9, 0.8])
    assert detection_curve(score, np.array([False, True, True]), 2).average_precision == 1
    assert detection_curve(score[:0], np.zeros(0, bool), 2).average_precision == 0


DETECTIONS = st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.7]), st.booleans()), max_size=12)


@given(DETECTIONS, st.integers(0, 5), st.randoms(use_true_random=False))
def test_the_order_of_pictures_does_not_change_the_ranking(
    detections: list[tuple[float, bool]], missed: int, random: object
) -> None:
    hands = max(sum(correct for _, correct in detections) + missed, 1)
    shuffled = list(detections)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    values = []
    for ranking in (detections, shuffled):
        score = np.array([score for score, _ in ranking])
        correct = np.array([correct for _, correct in ranking], bool)
        curve = detection_curve(score, correct, hands)
        assert (np.diff(curve.recall) >= 0).all()
        values.append(curve.average_precision)
    assert values[0] == values[1]
    assert 0 <= values[0] <= 1


def test_rankings_that_make_no_sense_are_refused() -> None:
    score, correct = np.array([0.9, 0.8]), np.array([True, True])
    with pytest.raises(ValueError, match="at least 2, got 1"):
        detection_curve(score, correct, hands=1)
    with pytest.raises(ValueError, match="at least 1, got 0"):
        detection_curve(score[:0], correct[:0], hands=0)
    with pytest.raises(ValueError, match="finite"):
        detection_curve(np.array([0.9, np.nan]), correct, hands=2)
    with pytest.raises(ValueError, match="twice"):
        detection_curve(score, correct[:1], hands=2)


def test_side_accuracy_is_the_share_of_right_sides() -> None:
    assert side_accuracy(["left", "right", "left"], ["left", "left", "left"]) == pytest.approx(
        2 / 3
    )
    with pytest.raises(ValueError, match="at least one"):
        side_accuracy([], [])
    with pytest.raises(ValueError, match="as many sides"):
        side_accuracy(["left"], ["left", "right"])
