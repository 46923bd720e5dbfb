import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics import match_hands, mpjpe, pa_error, procrustes_aligned
from core.rotations_np import rotmat_from_rotvec

NO_DOUBT = np.zeros((0, 4))
UNIT = st.floats(-1, 1)


def cloud(seed: int, count: int = 21) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 3)) * 0.05


def keypoints(x: float, y: float, size: float = 100.0) -> np.ndarray:
    """(21, 2) px with mean (x, y) and a box whose longer side is `size`."""
    points = np.zeros((21, 2))
    points[0, 0], points[1, 0] = -size / 2, size / 2
    points[2, 1], points[3, 1] = -size / 4, size / 4
    return points + np.array([x, y])


def stack(*hands: np.ndarray) -> np.ndarray:
    return np.array(hands).reshape(-1, 21, 2)


def test_mpjpe_is_the_mean_distance_after_moving_the_root() -> None:
    target = np.array([[1.0, 1, 1], [1, 1, 2], [1, 1, 3]])
    predicted = np.array([[0.0, 0, 0], [3, 0, 1], [0, 4, 2]])
    assert mpjpe(predicted, target) == pytest.approx((0 + 3 + 4) / 3)
    # With joint 1 as the root: errors (-3, 0, 0), 0 and (-3, 4, 0).
    assert mpjpe(predicted, target, root=1) == pytest.approx((3 + 0 + 5) / 3)


def test_mpjpe_ignores_where_the_hand_is() -> None:
    joints = cloud(0)
    assert mpjpe(joints + np.array([0.3, -0.2, 0.9]), joints) == pytest.approx(0, abs=1e-12)


@given(
    st.integers(0, 10_000),
    st.tuples(UNIT, UNIT, UNIT),
    st.floats(0.05, 20),
    st.tuples(UNIT, UNIT, UNIT),
)
def test_aligned_error_ignores_any_similarity(
    seed: int, turn: tuple[float, ...], scale: float, shift: tuple[float, ...]
) -> None:
    predicted, target = cloud(seed), cloud(seed + 1)
    rotation = rotmat_from_rotvec(np.array(turn) * np.pi)
    moved = scale * predicted @ rotation.T + np.array(shift)
    assert pa_error(moved, target) == pytest.approx(pa_error(predicted, target), abs=1e-9)
    assert pa_error(moved, predicted) == pytest.approx(0, abs=1e-9)


def test_alignment_does_not_mirror() -> None:
    """A right hand is no left hand: a reflection stays an error."""
    hand = cloud(3)
    mirrored = hand * [-1, 1, 1]
    assert pa_error(mirrored, hand) > 0.01
    aligned = procrustes_aligned(mirrored, hand)
    spans = [(points[1:4] - points[0]) for points in (mirrored, aligned)]
    assert np.sign(np.linalg.det(spans[0])) == np.sign(np.linalg.det(spans[1]))


@pytest.mark.parametrize("seed", range(3))
def test_no_small_similarity_improves_on_the_alignment(seed: int) -> None:
    predicted, target = cloud(seed), cloud(seed + 100)
    aligned = procrustes_aligned(predicted, target)
    best = np.square(aligned - target).sum()
    rng = np.random.default_rng(seed)
    for _ in range(50):
        rotation = rotmat_from_rotvec(rng.normal(size=3) * 0.02)
        shift, scale = rng.normal(size=3) * 1e-3, 1 + rng.normal() * 0.02
        other = scale * (aligned - aligned.mean(0)) @ rotation.T + aligned.mean(0) + shift
        assert np.square(other - target).sum() >= best


def test_aligned_error_of_toy_values() -> None:
    """A square against the same one stretched to a rectangle, by hand."""
    square = np.array([[1.0, 1, 0], [-1, 1, 0], [-1, -1, 0], [1, -1, 0]])
    stretched = square * [2, 1, 1]
    # Best uniform scale 3/5 leaves (0.2, 0.4) at each corner of the stretched square.
    assert pa_error(stretched, square) == pytest.approx(np.hypot(0.2, 0.4))


def test_points_that_all_coincide_have_a_finite_error() -> None:
    target = cloud(0)
    expected = np.linalg.norm(target - target.mean(0), axis=1).mean()
    assert pa_error(np.zeros((21, 3)), target) == pytest.approx(expected)


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
