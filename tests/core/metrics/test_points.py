import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics import (
    bone_scale,
    distances,
    f_scores,
    mpjpe,
    mpvpe,
    mrrpe,
    nearest_similarity,
    pa_error,
    procrustes_aligned,
    scale_translation_aligned,
    st_error,
)
from core.rotations_np import rotmat_from_rotvec

UNIT = st.floats(-1, 1)


def cloud(seed: int, count: int = 21) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 3)) * 0.05


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


def test_a_similarity_found_on_joints_moves_other_points_along() -> None:
    joints, vertices = cloud(0), cloud(1, 50)
    rotation = rotmat_from_rotvec(np.array([0.3, -0.8, 1.1]))
    similarity = nearest_similarity(joints, 2 * joints @ rotation.T + [1, 2, 3])
    np.testing.assert_allclose(similarity.moved(vertices), 2 * vertices @ rotation.T + [1, 2, 3])


def test_mpvpe_moves_the_root_that_is_no_vertex() -> None:
    target = np.array([[1.0, 0, 0], [0, 1, 0]])
    predicted = target + np.array([[5, 0, 0], [5, 3, 4]])
    # Its root is 5 too far right too: what is left is 0 and 5.
    root = np.zeros(3)
    assert mpvpe(predicted, target, root + np.array([5, 0, 0]), root) == pytest.approx(2.5)
    # As they lie: 5 and |(5, 3, 4)| = sqrt(50).
    np.testing.assert_allclose(distances(predicted, target), [5, np.sqrt(50)])


def test_scale_and_translation_come_from_one_bone_and_the_root() -> None:
    target = np.array([[1.0, 1, 1], [1, 1, 5], [2, 1, 1]])
    predicted = np.array([[0.0, 0, 0], [0, 0, 2], [1, 0, 0]])
    # Bone 0-1 is 4 long, not 2: doubled and moved to (1, 1, 1), joint 2 gets to (3, 1, 1).
    aligned = scale_translation_aligned(predicted, target, root=0, bone=(0, 1))
    np.testing.assert_allclose(aligned, [[1, 1, 1], [1, 1, 5], [3, 1, 1]])
    assert st_error(predicted, target, 0, (0, 1)) == pytest.approx(1 / 3)
    # About joint 1: joint 0 at (1, 1, 1), joint 2 at (3, 1, 1) again, as the bone fits.
    assert st_error(predicted, target, 1, (0, 1)) == pytest.approx(1 / 3)
    assert bone_scale(predicted, target, (0, 2)) == 1


@given(
    st.integers(0, 10_000),
    st.floats(0.05, 20),
    st.tuples(UNIT, UNIT, UNIT),
    st.integers(0, 20),
    st.sampled_from([(0, 9), (9, 10)]),
)
def test_scale_and_translation_aligned_error_ignores_size_and_place(
    seed: int, scale: float, shift: tuple[float, ...], root: int, bone: tuple[int, int]
) -> None:
    predicted, target = cloud(seed), cloud(seed + 1)
    moved = scale * predicted + np.array(shift)
    expected = st_error(predicted, target, root, bone)
    assert st_error(moved, target, root, bone) == pytest.approx(expected, rel=1e-6)
    assert st_error(scale * target + shift, target, root, bone) == pytest.approx(0, abs=1e-9)


def test_scale_and_translation_alignment_does_not_turn() -> None:
    hand = cloud(5)
    turned = hand @ rotmat_from_rotvec(np.array([0, 0, np.pi / 2])).T
    assert st_error(turned, hand) > 0.01
    assert pa_error(turned, hand) == pytest.approx(0, abs=1e-12)


@given(st.integers(0, 10_000))
def test_mirroring_both_hands_changes_no_error(seed: int) -> None:
    """A left hand judged by a left label is as good as their mirror images."""
    own, true = cloud(seed), cloud(seed + 1)
    mirror = np.array([-1, 1, 1])
    for error in (mpjpe, pa_error, st_error):
        assert error(own * mirror, true * mirror) == pytest.approx(error(own, true))
    assert f_scores(own * mirror, true * mirror) == f_scores(own, true)


def test_a_hand_that_fell_into_one_point_keeps_its_scale() -> None:
    target = cloud(0)
    expected = np.linalg.norm(target - target[0], axis=1).mean()
    assert st_error(np.full((21, 3), 7.0), target) == pytest.approx(expected)


def test_f_scores_of_toy_values() -> None:
    target = np.array([[0.0, 0, 0], [0.1, 0, 0]])
    predicted = np.array([[0.004, 0, 0], [0.11, 0, 0], [0.5, 0, 0], [0.6, 0, 0]])
    # 5 mm: 1 of 4 predicted is near (4 mm; the next is 10 mm off), 1 of 2 targets: 2/4/2 / 3/4.
    # 15 mm: precision 2/4, recall 2/2: 2 * 0.5 / 1.5.
    assert f_scores(predicted, target) == pytest.approx((1 / 3, 2 / 3))
    assert f_scores(target, target) == (1, 1)
    assert f_scores(target + np.array([1, 0, 0]), target) == (0, 0)


def test_f_score_needs_less_than_the_threshold() -> None:
    target = np.array([[0.0, 0, 0]])
    assert f_scores(target + np.array([0.25, 0, 0]), target, (0.25, 0.2501)) == (0, 1)


def test_f_scores_equal_those_of_all_distances() -> None:
    """The plain twin of the tree search."""
    own, true = cloud(1, 60), cloud(2, 80)
    every = np.linalg.norm(own[:, None] - true[None], axis=2)
    for threshold in (0.005, 0.015, 0.03):
        precision = (every.min(1) < threshold).mean()
        recall = (every.min(0) < threshold).mean()
        expected = 2 * precision * recall / max(precision + recall, 1e-12)
        assert f_scores(own, true, (threshold,))[0] == pytest.approx(expected)


@given(st.integers(0, 10_000))
def test_f_scores_do_not_depend_on_the_order_of_vertices(seed: int) -> None:
    own, true = cloud(seed, 30), cloud(seed + 1, 40)
    order = np.random.default_rng(seed).permutation(30)
    scores = f_scores(own[order], true, (0.01, 0.03))
    assert scores == f_scores(own, true, (0.01, 0.03))
    assert 0 <= scores[0] <= scores[1] <= 1
    assert f_scores(true, own, (0.01, 0.03)) == pytest.approx(scores)


def test_mrrpe_is_the_error_of_the_offset_between_the_hands() -> None:
    left, right = np.array([0.1, 0, 0.5]), np.array([-0.1, 0, 0.5])
    # Offset (0.2, 0, 0) taken for (0.2, 0.03, 0.04): 5 cm off; moving both hands changes nothing.
    seen = left + np.array([1, 0.03, 0.04]), right + np.array([1, 0, 0])
    assert mrrpe(*seen, left, right) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("predicted", "target", "words"),
    [
        (np.zeros((0, 3)), np.zeros((0, 3)), "N > 0"),
        (np.zeros((21, 2)), np.zeros((21, 2)), "(N, 3)"),
        (np.zeros((20, 3)), np.zeros((21, 3)), "expected 21 points, got 20"),
        (np.full((21, 3), np.nan), np.zeros((21, 3)), "predicted: expected finite"),
        (np.zeros((21, 3)), np.full((21, 3), np.inf), "target: expected finite"),
    ],
    ids=["empty", "flat", "fewer", "NaN", "infinite"],
)
def test_points_that_cannot_be_compared_are_refused(
    predicted: np.ndarray, target: np.ndarray, words: str
) -> None:
    for measure in (mpjpe, pa_error, st_error, distances):
        with pytest.raises(ValueError, match=re.escape(words)):
            measure(predicted, target)
