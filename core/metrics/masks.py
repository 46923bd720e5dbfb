"""How well masks and colours agree: eight segmentation figures and PSNR under a mask."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class SegmentationScores:
    """Eight figures of hand against background, each in [0, 1] (Long et al. 2015 for four).

    Attributes:
        foreground_iou: intersection over union of the hand.
        mean_iou: mean of the hand's and the background's, of those that occur.
        pixel_accuracy: share of pixels that are right.
        mean_class_accuracy: mean over the classes that are labelled of their share found.
        frequency_weighted_iou: IoU of both, weighted by how much of the label they are.
        precision: share of predicted hand pixels that are hand.
        recall: share of hand pixels that are predicted.
        f1: harmonic mean of precision and recall.
    """

    foreground_iou: float
    mean_iou: float
    pixel_accuracy: float
    mean_class_accuracy: float
    frequency_weighted_iou: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class PixelCounts:
    """Pixels by what they are and what they were taken for; counts of pictures add up.

    Attributes:
        hit: hand taken for hand.
        false_alarm: background taken for hand.
        miss: hand taken for background.
        rejection: background taken for background.
    """

    hit: int = 0
    false_alarm: int = 0
    miss: int = 0
    rejection: int = 0

    def __add__(self, other: "PixelCounts") -> "PixelCounts":
        """Join the counts of two pictures."""
        return PixelCounts(
            self.hit + other.hit,
            self.false_alarm + other.false_alarm,
            self.miss + other.miss,
            self.rejection + other.rejection,
        )

    def scores(self) -> SegmentationScores:
        """Return the eight figures; 0 / 0 is 1, as nothing was there and nothing was claimed.

        Raises:
            ValueError: there are no pixels.
        """
        hand, wall = self.hit + self.miss, self.rejection + self.false_alarm
        total = hand + wall
        if not total:
            raise ValueError("expected pixels, got none")
        hand_union, wall_union = hand + self.false_alarm, wall + self.miss
        hand_iou, wall_iou = _ratio(self.hit, hand_union), _ratio(self.rejection, wall_union)
        ious = [iou for iou, union in ((hand_iou, hand_union), (wall_iou, wall_union)) if union]
        found = [
            part / whole for part, whole in ((self.hit, hand), (self.rejection, wall)) if whole
        ]
        return SegmentationScores(
            foreground_iou=hand_iou,
            mean_iou=sum(ious) / len(ious),
            pixel_accuracy=(self.hit + self.rejection) / total,
            mean_class_accuracy=sum(found) / len(found),
            frequency_weighted_iou=(hand * hand_iou + wall * wall_iou) / total,
            precision=_ratio(self.hit, self.hit + self.false_alarm),
            recall=_ratio(self.hit, hand),
            f1=_ratio(2 * self.hit, 2 * self.hit + self.false_alarm + self.miss),
        )


def _ratio(part: int, whole: int) -> float:
    """Return part / whole, 1 for 0 / 0."""
    return part / whole if whole else 1.0


def count_pixels(predicted: Mask, target: Mask) -> PixelCounts:
    """Compare two masks of one shape, True for the hand.

    Raises:
        ValueError: shapes differ, or a mask is not of bool (probabilities want a threshold first).
    """
    if predicted.shape != target.shape:
        raise ValueError(f"predicted: expected {target.shape}, got {predicted.shape}")
    for name, mask in (("predicted", predicted), ("target", target)):
        if mask.dtype != np.bool_:
            raise ValueError(f"{name}: expected bool, got {mask.dtype}")
    return PixelCounts(
        hit=int((predicted & target).sum()),
        false_alarm=int((predicted & ~target).sum()),
        miss=int((~predicted & target).sum()),
        rejection=int((~predicted & ~target).sum()),
    )


def masked_psnr(predicted: Floats, target: Floats, mask: Mask, peak: float = 1.0) -> float:
    """Peak signal-to-noise ratio in dB over the pixels of a mask (SMHR 1.15).

    10 log10(peak^2 / MSE), the mean being over masked pixels and channels. Infinite where they are
    equal.

    Args:
        predicted: (H, W, C).
        target: (H, W, C).
        mask: (H, W).
        peak: largest possible value: 1, or 255 for bytes.

    Raises:
        ValueError: shapes differ, the mask is empty, or a masked value is not finite.
    """
    if predicted.shape != target.shape or predicted.shape[:2] != mask.shape:
        raise ValueError(
            f"expected one size, got {predicted.shape}, {target.shape} and mask {mask.shape}"
        )
    if not mask.any():
        raise ValueError("mask: expected at least one pixel, got none")
    # Bytes would wrap around when they are subtracted.
    difference = predicted[mask].astype(np.float64) - target[mask].astype(np.float64)
    error = float(np.square(difference).mean())
    if not np.isfinite(error):
        raise ValueError("expected finite pixels under the mask, got NaN or infinity")
    return float(10 * np.log10(peak**2 / error)) if error else float("inf")
