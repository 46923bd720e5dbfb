"""PCK curves: the share of keypoints that are right, by how far off still counts as right."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class PckCurve:
    """Share of correct keypoints at each threshold.

    Attributes:
        thresholds: (T,) ascending, T > 1, in the unit of the errors.
        share: (T,) in [0, 1].
    """

    thresholds: Floats
    share: Floats

    def __post_init__(self) -> None:
        """Check shapes and order."""
        if self.thresholds.ndim != 1 or len(self.thresholds) < 2:
            raise ValueError(f"thresholds: expected (T > 1,), got {self.thresholds.shape}")
        if self.share.shape != self.thresholds.shape:
            raise ValueError(f"share: expected {self.thresholds.shape}, got {self.share.shape}")
        if not (np.diff(self.thresholds) > 0).all():
            raise ValueError("thresholds: expected ascending numbers")

    @property
    def auc(self) -> float:
        """Area under the curve by the trapezoid rule, in shares of the thresholds' range."""
        span = self.thresholds[-1] - self.thresholds[0]
        return float(np.trapezoid(self.share, self.thresholds) / span)

    def last(self, count: int) -> "PckCurve":
        """Return the part of the last thresholds: 12 of Zimmermann and Brox's 20 are "20-50"."""
        return PckCurve(self.thresholds[-count:], self.share[-count:])


def pck_curve(errors: Floats, thresholds: Floats) -> PckCurve:
    """Share of errors at or below each threshold, per joint, then averaged over the joints.

    Zimmermann and Brox 2017 (hand3d); averaging joints first matters where some lack labels.

    Args:
        errors: (N, J); NaN where a joint has no label and is not judged, infinite where no hand
            was found, which is right at no threshold. A joint without any label is left out.
        thresholds: (T,) ascending, same unit.

    Raises:
        ValueError: nothing is judged, or shapes are wrong.
    """
    if errors.ndim != 2:
        raise ValueError(f"errors: expected (N, J), got {errors.shape}")
    judged = ~np.isnan(errors)
    count = judged.sum(0)
    if not count.any():
        raise ValueError("errors: expected at least one judged keypoint, got none")
    used = count > 0
    within = errors[:, used, None] <= thresholds  # NaN is never within
    return PckCurve(thresholds, (within.sum(0) / count[used, None]).mean(0))


def joint_mean(errors: Floats) -> float | None:
    """Mean error (N, J) per joint, then over joints, of those that are finite; None of nothing."""
    return _over_joints(errors, np.mean)


def joint_median(errors: Floats) -> float | None:
    """Median error (N, J) per joint, then the mean over joints; None of nothing."""
    return _over_joints(errors, np.median)


def _over_joints(errors: Floats, summary: Callable[[Floats], np.floating]) -> float | None:
    """Summarise each joint's finite errors, then average the joints that have any."""
    columns = [column[np.isfinite(column)] for column in errors.T]
    values = [float(summary(column)) for column in columns if len(column)]
    return float(np.mean(values)) if values else None
