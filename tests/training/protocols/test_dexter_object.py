import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TrainingError
from core.topology import TIPS
from tests.training.protocols.hands import guesses, hands
from training.protocols.dexter_object import dexter_object_figures
from training.tables import plain_figures


def tips(joints: np.ndarray) -> np.ndarray:
    return joints[:, TIPS].copy()


def test_tips_too_far_away_are_wrong_in_the_camera_and_right_when_centred() -> None:
    joints = hands(3)
    result = dexter_object_figures(joints + np.array([0, 0, 0.0405]), tips(joints))
    assert result.camera_mm == pytest.approx(40.5)
    # Of thresholds 0, 1 ... 100 mm wrong up to 40, right from 41: (59 + 0.5) / 100.
    assert result.camera_auc == pytest.approx(0.595)
    assert result.centred_mm == pytest.approx(0, abs=1e-9)
    assert result.centred_auc == pytest.approx(1)


def test_one_tip_off_is_shared_among_the_centred() -> None:
    joints = hands(1)
    predicted = joints.copy()
    predicted[0, TIPS[0], 2] += 0.050
    result = dexter_object_figures(predicted, tips(joints))
    assert result.camera_mm == pytest.approx(10)
    # The mean is 10 mm off: one tip is 40 mm from its label, four are 10.
    assert result.centred_mm == pytest.approx((40 + 4 * 10) / 5)


def test_hidden_tips_are_not_judged_and_pictures_without_any_are_left_out() -> None:
    joints = hands(3)
    labels = tips(joints)
    labels[0, 1:] = np.nan  # one tip alone has no centre
    labels[1] = np.nan
    predicted = joints.copy()
    predicted[0] += np.array([0.010, 0, 0])
    result = dexter_object_figures(predicted, labels)
    assert (result.hands, result.missing) == (2, 0)
    # Thumb's mean of 10 and 0, the other four 0.
    assert result.camera_mm == pytest.approx(5 / 5)
    assert result.centred_mm == pytest.approx(0, abs=1e-9)
    single = dexter_object_figures(predicted[:1], labels[:1])
    assert single.centred_mm is single.centred_auc is None
    assert single.camera_mm == pytest.approx(10)


def test_a_missing_hand_is_wrong_at_every_threshold() -> None:
    joints = hands(4)
    predicted = joints.copy()
    predicted[3] = np.nan
    result = dexter_object_figures(predicted, tips(joints))
    assert result.missing == 1
    assert result.camera_auc == result.centred_auc == pytest.approx(0.75)


@given(st.permutations(range(4)), st.integers(0, 100))
def test_pictures_have_no_order_and_areas_are_shares(order: list[int], seed: int) -> None:
    joints = hands(4)
    predicted, labels = guesses(joints, seed, 0.05), tips(joints)
    labels[seed % 4, seed % 5] = np.nan
    result = dexter_object_figures(predicted, labels)
    assert 0 <= result.camera_auc <= 1
    shuffled = dexter_object_figures(predicted[order], labels[order])
    assert plain_figures(shuffled) == pytest.approx(plain_figures(result))


def test_labels_that_do_not_fit_are_refused() -> None:
    joints = hands(2)
    for predicted, labels in (
        (tips(joints), tips(joints)),
        (joints, joints),
        (joints[:1], tips(joints)),
        (joints, np.full((2, 5, 3), np.nan)),
    ):
        with pytest.raises(TrainingError) as caught:
            dexter_object_figures(predicted, labels)
        assert caught.value.code == "TRN-02"
