from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.metrics import PixelCounts, count_pixels, masked_psnr

MASKS = arrays(np.bool_, (4, 5))


def test_the_eight_figures_of_a_toy_mask() -> None:
    target = np.zeros((2, 5), bool)
    target[0, :4] = True
    predicted = np.zeros((2, 5), bool)
    predicted[0, 1:4], predicted[1, 0] = True, True
    counts = count_pixels(predicted, target)
    assert counts == PixelCounts(hit=3, false_alarm=1, miss=1, rejection=5)
    assert asdict(counts.scores()) == pytest.approx(
        {
            "foreground_iou": 3 / 5,
            "mean_iou": (3 / 5 + 5 / 7) / 2,
            "pixel_accuracy": 8 / 10,
            "mean_class_accuracy": (3 / 4 + 5 / 6) / 2,
            "frequency_weighted_iou": 0.4 * 3 / 5 + 0.6 * 5 / 7,
            "precision": 3 / 4,
            "recall": 3 / 4,
            "f1": 3 / 4,
        }
    )


def test_precision_and_recall_are_not_taken_for_each_other() -> None:
    target = np.array([True, True, True, True, False])
    scores = count_pixels(np.array([True, False, False, False, False]), target).scores()
    # One of one is right, one of four was found: F1 = 2 * 1/4 / (5/4).
    assert (scores.precision, scores.recall) == (1, 0.25)
    assert scores.f1 == pytest.approx(0.4)
    # Background: 1 of 1 found, taken for background 4 times: IoU 1/4. Hand's IoU 1/4.
    assert scores.mean_class_accuracy == pytest.approx((1 / 4 + 1) / 2)
    assert scores.mean_iou == pytest.approx(1 / 4)


@given(st.lists(st.tuples(MASKS, MASKS), min_size=1, max_size=4))
def test_figures_are_shares_and_pictures_have_no_order(
    pairs: list[tuple[np.ndarray, np.ndarray]],
) -> None:
    counts = [count_pixels(*pair) for pair in pairs]
    scores = sum(counts, PixelCounts()).scores()
    assert scores == sum(reversed(counts), PixelCounts()).scores()
    assert all(0 <= value <= 1 for value in asdict(scores).values())
    joined = count_pixels(*(np.concatenate(masks) for masks in zip(*pairs, strict=True)))
    assert joined.scores() == scores


@given(MASKS)
def test_a_mask_agrees_with_itself_even_where_there_is_no_hand(mask: np.ndarray) -> None:
    assert set(asdict(count_pixels(mask, mask).scores()).values()) == {1.0}


@given(MASKS, MASKS)
def test_swapping_prediction_and_label_swaps_precision_and_recall(
    one: np.ndarray, other: np.ndarray
) -> None:
    scores, swapped = count_pixels(one, other).scores(), count_pixels(other, one).scores()
    assert scores.foreground_iou == swapped.foreground_iou
    assert scores.f1 == swapped.f1
    if one.any() and other.any():
        assert (scores.precision, scores.recall) == (swapped.recall, swapped.precision)


def test_masks_that_cannot_be_compared_are_refused() -> None:
    mask = np.zeros((2, 3), bool)
    with pytest.raises(ValueError, match="got none"):
        PixelCounts().scores()
    with pytest.raises(ValueError, match="expected"):
        count_pixels(mask, mask.T)
    with pytest.raises(ValueError, match="bool"):
        count_pixels(mask.astype(np.float32), mask)


def test_psnr_of_toy_values() -> None:
    target = np.zeros((1, 3, 3))
    predicted = np.full((1, 3, 3), 0.1)
    predicted[0, 2] = 9.0  # outside the mask
    mask = np.array([[True, True, False]])
    # MSE 0.01 against a peak of 1: 20 dB.
    assert masked_psnr(predicted, target, mask) == pytest.approx(20)
    # A tenth of the range more per factor of ten: peak 10 gives 40 dB.
    assert masked_psnr(predicted, target, mask, peak=10) == pytest.approx(40)


def test_psnr_of_bytes_does_not_wrap_around() -> None:
    dark, light = np.zeros((1, 1, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)
    mask = np.ones((1, 1), bool)
    assert masked_psnr(dark, light, mask, peak=255) == pytest.approx(0)
    assert masked_psnr(light, dark, mask, peak=255) == pytest.approx(0)


def test_psnr_of_equal_pictures_is_infinite_and_of_no_pixels_an_error() -> None:
    picture = np.random.default_rng(0).random((4, 5, 3))
    mask = np.ones((4, 5), bool)
    assert masked_psnr(picture, picture, mask) == np.inf
    with pytest.raises(ValueError, match="at least one pixel"):
        masked_psnr(picture, picture, ~mask)
    with pytest.raises(ValueError, match="one size"):
        masked_psnr(picture, picture[:3], mask)
    broken = picture.copy()
    broken[0, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        masked_psnr(broken, picture, mask)
    mask[0, 0] = False
    assert masked_psnr(broken, picture, mask) == np.inf
