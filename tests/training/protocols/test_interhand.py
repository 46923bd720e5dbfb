from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TrainingError
from tests.training.protocols.hands import ROUNDING_100, guesses, hands
from training.protocols.interhand import interhand_figures
from training.tables import plain_figures


def pictures(count: int) -> np.ndarray:
    """(N, 2, 21, 3) m: a left hand, mirrored, and a right one 20 cm beside it."""
    right = hands(count) + np.array([0.1, 0, 0])
    return np.stack((right * [-1, 1, 1], right), axis=1)


def alone(joints: np.ndarray, side: int, rows: slice) -> np.ndarray:
    """The labels with one side alone in some pictures."""
    kept = joints.copy()
    kept[rows, 1 - side] = np.nan
    return kept


def test_the_labels_themselves_have_no_error() -> None:
    joints = alone(pictures(4), 1, slice(2))
    result = interhand_figures(joints, joints, joints, joints)
    assert (result.pictures, result.hands, result.missing, result.spurious) == (4, 6, 0, 0)
    for name, value in plain_figures(result).items():
        if name.endswith("_mm"):
            assert value == pytest.approx(0, abs=1e-9), name
    assert result.auc == pytest.approx(1, abs=ROUNDING_100)


def test_size_and_place_of_each_hand_count_for_mrrpe_alone() -> None:
    joints = pictures(3)
    knuckle = joints[:, :, 9:10]
    # Half the size about the knuckle, then the left hand 30 mm nearer.
    predicted = knuckle + 0.5 * (joints - knuckle)
    predicted[:, 0, :, 2] -= 0.030
    result = interhand_figures(predicted, joints)
    assert result.mpjpe_mm == pytest.approx(0, abs=1e-9)
    # Wrists move the same way towards their knuckles (along y and z): 30 mm are left between them.
    assert result.mrrpe_mm == pytest.approx(30)
    # Wrist aligned but not rescaled: half of each joint's distance from the wrist is left.
    away = np.linalg.norm(joints - joints[:, :, :1], axis=3).mean()
    assert result.wrist_mpjpe_mm == pytest.approx(1e3 * 0.5 * away)


def test_sides_and_company_are_told_apart() -> None:
    joints = alone(pictures(4), 1, slice(2))
    predicted = joints.copy()
    predicted[2:, 0, 20, 2] += 0.021  # one joint of 21 of the left hands, which are never alone
    result = interhand_figures(predicted, joints)
    assert result.left_mpjpe_mm == pytest.approx(1)
    assert result.right_mpjpe_mm == pytest.approx(0, abs=1e-9)
    assert result.single_mpjpe_mm == pytest.approx(0, abs=1e-9)
    # Two of four hands in company, two of six in all.
    assert result.interacting_mpjpe_mm == pytest.approx(1 / 2)
    assert result.mpjpe_mm == pytest.approx(1 / 3)


def test_missing_and_spurious_hands_are_counted() -> None:
    joints = alone(pictures(4), 1, slice(2))
    predicted = pictures(4)  # a left hand in each, where two pictures have none
    predicted[3, 1] = np.nan
    result = interhand_figures(predicted, joints)
    assert (result.hands, result.missing, result.spurious) == (6, 1, 2)
    assert result.auc == pytest.approx(5 / 6, abs=ROUNDING_100)
    assert result.mrrpe_mm == pytest.approx(0, abs=1e-9)
    predicted[2, 0] = np.nan
    assert interhand_figures(predicted, joints).mrrpe_mm is None


def test_joints_without_a_label_are_not_judged() -> None:
    joints = pictures(2)
    labels = joints.copy()
    labels[0, 0, 17:] = np.nan
    labels[1, 1, 9] = np.nan
    predicted = joints.copy()
    predicted[0, 0, 18] += 1.0
    result = interhand_figures(predicted, labels)
    assert (result.hands, result.unjudged) == (4, 1)
    assert result.mpjpe_mm == pytest.approx(0, abs=1e-9)
    # The wrist is labelled in all four, and that is all that the other alignment needs.
    assert result.wrist_mpjpe_mm == pytest.approx(0, abs=1e-9)


def test_vertices_are_judged_under_the_alignment_of_their_joints() -> None:
    joints = pictures(2)
    vertices = joints + np.array([0.005, 0, 0])
    predicted, moved = 0.5 * joints + 1, 0.5 * vertices + 1
    result = interhand_figures(predicted, joints, moved, vertices)
    assert result.mpvpe_mm == pytest.approx(0, abs=1e-9)
    # 3 mm in the small hand are 6 mm in the true size.
    result = interhand_figures(predicted, joints, moved + np.array([0, 0, 0.003]), vertices)
    assert result.mpvpe_mm == pytest.approx(6)
    with pytest.raises(TrainingError, match="vertices: expected"):
        interhand_figures(predicted, joints, moved[:1], vertices[:1])


@given(st.permutations(range(4)), st.integers(0, 100))
def test_pictures_have_no_order(order: list[int], seed: int) -> None:
    joints = alone(pictures(4), seed % 2, slice(1))
    predicted = guesses(joints, seed)
    predicted[seed % 4, 1] = np.nan
    one = interhand_figures(predicted, joints)
    other = interhand_figures(predicted[order], joints[order])
    assert plain_figures(other) == pytest.approx(plain_figures(one))


@given(st.integers(0, 100))
def test_a_mirrored_picture_swaps_the_sides_and_nothing_else(seed: int) -> None:
    joints = alone(pictures(3), 0, slice(1))
    predicted = guesses(joints, seed)
    mirror = np.array([-1, 1, 1])
    one = interhand_figures(predicted, joints)
    other = interhand_figures(predicted[:, ::-1] * mirror, joints[:, ::-1] * mirror)
    swapped = replace(other, left_mpjpe_mm=other.right_mpjpe_mm, right_mpjpe_mm=other.left_mpjpe_mm)
    assert plain_figures(swapped) == pytest.approx(plain_figures(one))


def test_labels_that_do_not_fit_are_refused() -> None:
    joints = pictures(2)
    no_knuckle = joints.copy()
    no_knuckle[:, :, 9] = np.nan
    for predicted, labels in (
        (joints[:, 0], joints[:, 0]),
        (joints[:1], joints),
        (joints, np.full_like(joints, np.nan)),
        (joints, no_knuckle),
        (joints[:0], joints[:0]),
    ):
        with pytest.raises(TrainingError) as caught:
            interhand_figures(predicted, labels)
        assert caught.value.code == "TRN-02"
