import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.metrics import PckCurve, joint_mean, joint_median, pck_curve

MM = np.linspace(0, 50, 100)
#: Errors as protocols know them: NaN was not labelled, infinity was not found.
ERRORS = arrays(
    np.float64, (6, 3), elements=st.one_of(st.floats(0, 80), st.sampled_from([np.nan, np.inf]))
).filter(lambda errors: not np.isnan(errors).all())


def test_pck_of_toy_values() -> None:
    errors = np.array([[0.0, 10], [20, 30]])
    curve = pck_curve(errors, np.array([0.0, 10, 20, 40]))
    # Joint 0: 1/2, 1/2, 1, 1; joint 1: 0, 1/2, 1/2, 1.
    np.testing.assert_allclose(curve.share, [0.25, 0.5, 0.75, 1])
    # Trapezoids 10 * 0.375 + 10 * 0.625 + 20 * 0.875 = 27.5 of 40.
    assert curve.auc == pytest.approx(27.5 / 40)


def test_a_joint_with_few_labels_weighs_as_much_as_the_others() -> None:
    errors = np.array([[5.0, 50], [5, np.nan], [5, np.nan]])
    # Joint 0 is right at 10 mm three times of three, joint 1 none of one: a half, not 3 / 4.
    curve = pck_curve(errors, np.array([10.0, 20]))
    np.testing.assert_allclose(curve.share, [0.5, 0.5])
    # Means 5 and 50; the three fives do not count thrice.
    assert joint_mean(errors) == pytest.approx(27.5)


def test_a_hand_that_was_not_found_is_wrong_everywhere_and_enters_no_mean() -> None:
    errors = np.array([[2.0, 4], [np.inf, np.inf]])
    curve = pck_curve(errors, MM)
    assert curve.share[-1] == 0.5
    assert joint_mean(errors) == 3
    assert joint_mean(errors[1:]) is None


def test_joint_median_is_the_mean_of_the_joints_medians() -> None:
    errors = np.array([[1.0, 10], [2, 20], [9, np.nan]])
    # Medians 2 and 15.
    assert joint_median(errors) == pytest.approx(8.5)


def test_no_error_is_an_area_of_one_and_a_large_one_of_none() -> None:
    assert pck_curve(np.zeros((4, 21)), MM).auc == pytest.approx(1)
    assert pck_curve(np.full((4, 21), 51.0), MM).auc == 0


def test_the_last_twelve_of_twenty_thresholds_are_20_to_50() -> None:
    thresholds = np.linspace(0, 50, 20)
    curve = PckCurve(thresholds, np.linspace(0, 1, 20)).last(12)
    assert curve.thresholds[0] == pytest.approx(21.05, abs=0.005)
    assert curve.thresholds[-1] == 50
    # A straight line from 8/19 to 1.
    assert curve.auc == pytest.approx((8 / 19 + 1) / 2)


@given(ERRORS)
def test_curves_only_rise_and_areas_are_shares(errors: np.ndarray) -> None:
    curve = pck_curve(errors, MM)
    assert (np.diff(curve.share) >= 0).all()
    assert 0 <= curve.share[0] <= curve.share[-1] <= 1
    assert 0 <= curve.auc <= 1
    assert 0 <= curve.last(12).auc <= 1


@given(ERRORS, st.permutations(range(6)))
def test_curves_do_not_depend_on_the_order_of_pictures(
    errors: np.ndarray, order: list[int]
) -> None:
    np.testing.assert_array_equal(pck_curve(errors[order], MM).share, pck_curve(errors, MM).share)


@given(ERRORS, st.floats(0, 20))
def test_larger_errors_never_have_a_larger_area(errors: np.ndarray, more: float) -> None:
    assert pck_curve(errors + more, MM).auc <= pck_curve(errors, MM).auc


@given(ERRORS)
def test_curves_equal_counting_joint_by_joint(errors: np.ndarray) -> None:
    """The plain twin: loops as the protocol is told."""
    expected = []
    for threshold in MM[::9]:
        shares = []
        for joint in range(errors.shape[1]):
            judged = [error for error in errors[:, joint] if not np.isnan(error)]
            if judged:
                shares.append(sum(error <= threshold for error in judged) / len(judged))
        expected.append(sum(shares) / len(shares))
    np.testing.assert_allclose(pck_curve(errors, MM[::9]).share, expected, atol=1e-12)


def test_curves_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one judged"):
        pck_curve(np.full((3, 21), np.nan), MM)
    with pytest.raises(ValueError, match="at least one judged"):
        pck_curve(np.zeros((0, 21)), MM)
    with pytest.raises(ValueError, match=r"\(N, J\)"):
        pck_curve(np.zeros(21), MM)
    with pytest.raises(ValueError, match="ascending"):
        PckCurve(MM[::-1].copy(), MM)
    with pytest.raises(ValueError, match="share"):
        PckCurve(MM, MM[:-1])
    with pytest.raises(ValueError, match="T > 1"):
        PckCurve(MM[:1], MM[:1])
