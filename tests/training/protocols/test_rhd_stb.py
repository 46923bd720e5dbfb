import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TrainingError
from tests.training.protocols.hands import ROUNDING_20, guesses, hands
from training.protocols.rhd_stb import (
    RING_MCP,
    palm_from_wrist,
    rhd_figures,
    rhd_segmentation,
    stb_figures,
)
from training.tables import plain_figures

MIDDLE_MCP = 9


def test_a_predictions_size_and_place_do_not_count() -> None:
    target = hands(3)
    for judge in (rhd_figures, stb_figures):
        result = judge(0.4 * target + np.array([1.0, 2, 3]), target)
        assert result.mean_mm == pytest.approx(0, abs=1e-9)
        assert result.auc_0_50 == pytest.approx(1, abs=ROUNDING_20)
        assert result.auc_20_50 == pytest.approx(1)


def test_figures_of_one_bent_finger() -> None:
    target = hands(2)
    predicted = target.copy()
    predicted[:, 20, 2] += 0.030
    result = rhd_figures(predicted, target)
    # One joint of 21 is 30 mm off, the others fit.
    assert result.mean_mm == pytest.approx(30 / 21)
    assert result.median_mm == pytest.approx(30 / 21)
    # Its curve over k * 50/19 mm is 0 up to k = 11 (28.9) and 1 from k = 12 (31.6): area
    # (7 + 0.5) / 19 of 0-50, and (7 + 0.5) / 11 of k = 8 ... 19; the others' areas are 1.
    assert result.auc_0_50 == pytest.approx((20 + 7.5 / 19) / 21)
    assert result.auc_20_50 == pytest.approx((20 + 7.5 / 11) / 21)


def test_the_root_is_the_palm_and_the_scale_a_finger_bone() -> None:
    target = hands(1)
    predicted = target.copy()
    predicted[:, 0, 2] += 0.040
    # The wrist is 40 mm off, so the palm is 20 mm: aligned there, all 20 others are 20 mm off.
    assert rhd_figures(predicted, target).mean_mm == pytest.approx(20 * 20 / 21)
    longer = target.copy()
    longer[:, 10:13] += longer[:, 10:11] - longer[:, 9:10]
    # The reference bone is twice as long: the hand is halved about its palm.
    palm = palm_from_wrist(target, MIDDLE_MCP)[0]
    halved = palm[0] + (palm_from_wrist(longer, MIDDLE_MCP)[0] - palm[0]) / 2
    expected = 1e3 * np.linalg.norm(halved - palm, axis=1).mean()
    assert rhd_figures(longer, target).mean_mm == pytest.approx(expected)


def test_the_palm_that_stb_labels_comes_back_exactly() -> None:
    palm_first = palm_from_wrist(hands(2), RING_MCP)
    palm_first[:, 0] += 0.01  # wherever a person put it
    wrist_first = palm_first.copy()
    wrist_first[:, 0] = palm_first[:, RING_MCP] + 2 * (palm_first[:, 0] - palm_first[:, RING_MCP])
    np.testing.assert_allclose(palm_from_wrist(wrist_first, RING_MCP), palm_first)


def test_rhd_and_stb_take_other_knuckles_for_the_palm() -> None:
    target = hands(2)
    predicted = guesses(target, 3)
    assert rhd_figures(predicted, target).mean_mm != stb_figures(predicted, target).mean_mm


def test_only_visible_joints_of_rhd_count_but_hidden_ones_align() -> None:
    target = hands(2)
    predicted = target.copy()
    predicted[:, 20, 2] += 0.030
    visible = np.ones((2, 21), bool)
    visible[:, [0, 20]] = False
    result = rhd_figures(predicted, target, visible)
    assert (result.mean_mm, result.unjudged) == (pytest.approx(0, abs=1e-9), 0)
    with pytest.raises(TrainingError, match="visible joint"):
        rhd_figures(predicted, target, np.zeros((2, 21), bool))
    with pytest.raises(TrainingError, match="visible: expected"):
        rhd_figures(predicted, target, visible[:1])


def test_hands_without_a_root_are_counted_as_unjudged() -> None:
    target = hands(3)
    gap = target.copy()
    gap[0, 0] = np.nan
    gap[1, 17:] = np.nan
    result = rhd_figures(target, gap)
    assert (result.hands, result.missing, result.unjudged) == (3, 0, 1)
    assert result.mean_mm == pytest.approx(0, abs=1e-9)
    gap[:, 10] = np.nan
    with pytest.raises(TrainingError, match="root and reference bone"):
        rhd_figures(target, gap)


def test_a_missing_hand_is_wrong_at_every_threshold() -> None:
    target = hands(4)
    predicted = target.copy()
    predicted[2, 5, 0] = np.nan
    result = stb_figures(predicted, target)
    assert (result.missing, result.auc_20_50) == (1, pytest.approx(0.75))
    assert result.mean_mm == pytest.approx(0, abs=1e-9)


@given(st.permutations(range(4)), st.integers(0, 100))
def test_pictures_have_no_order_and_areas_are_shares(order: list[int], seed: int) -> None:
    target = hands(4)
    predicted = guesses(target, seed, 0.03)
    result = rhd_figures(predicted, target)
    assert 0 <= result.auc_0_50 <= result.auc_20_50 <= 1
    shuffled = rhd_figures(predicted[order], target[order])
    assert plain_figures(shuffled) == pytest.approx(plain_figures(result))


@given(st.integers(0, 100))
def test_left_hands_are_judged_as_their_mirror_images(seed: int) -> None:
    target, mirror = hands(3), np.array([-1, 1, 1])
    predicted = guesses(target, seed)
    one, other = stb_figures(predicted, target), stb_figures(predicted * mirror, target * mirror)
    assert plain_figures(other) == pytest.approx(plain_figures(one))


def test_masks_are_judged_over_all_pixels_of_all_pictures() -> None:
    full, empty = np.ones((2, 2), bool), np.zeros((2, 2), bool)
    half = np.array([[True, True], [False, False]])
    # Pixels: 2 hit, 2 false alarms; then 4 rejected. Not the mean of the pictures' 1/2 and 1.
    scores = rhd_segmentation([(full, half), (empty, empty)])
    assert scores.foreground_iou == pytest.approx(0.5)
    assert scores.pixel_accuracy == pytest.approx(6 / 8)
    assert (scores.precision, scores.recall) == (0.5, 1)


def test_masks_that_do_not_fit_are_refused() -> None:
    mask = np.ones((2, 3), bool)
    for pairs in ([(mask, mask.T)], [(mask.astype(float), mask)], []):
        with pytest.raises(TrainingError, match="masks") as caught:
            rhd_segmentation(pairs)  # type: ignore[arg-type]
        assert caught.value.code == "TRN-02"
