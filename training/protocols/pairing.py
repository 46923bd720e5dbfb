"""Predictions beside labels, checked once, and their errors under an alignment."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import TrainingError

Floats = NDArray[np.floating]
Mask = NDArray[np.bool_]

#: (predicted (J, 3), target (J, 3)) -> predicted (J, 3) where it is compared.
Align = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Predicted hands beside labelled ones; row i of both is the same hand.

    Attributes:
        predicted: (N, J, 3) m, camera frame; rows that are not finite were not found.
        target: (N, J, 3) m, camera frame; NaN where a joint has no label.
    """

    predicted: Floats
    target: Floats

    @property
    def found(self) -> Mask:
        """Whether each hand was found, (N,)."""
        return np.asarray(np.isfinite(self.predicted).all((1, 2)))

    @property
    def missing(self) -> int:
        """How many hands were not found."""
        return int((~self.found).sum())

    def judged(self, needed: Iterable[int]) -> Mask:
        """Whether each hand has labels of the joints that its alignment needs, (N,)."""
        return np.asarray(np.isfinite(self.target[:, list(needed)]).all((1, 2)))


def pair(predicted: Floats, target: Floats, joints: int, what: str = "joints") -> Pairs:
    """Check predictions and labels (N, joints, 3).

    Raises:
        TrainingError: TRN-02 shapes differ, there are none, or a label is infinite or all are NaN.
    """
    for name, array in (("predicted", predicted), ("labelled", target)):
        if array.ndim != 3 or array.shape[1:] != (joints, 3):
            raise mismatch(f"{name} {what}: expected (N, {joints}, 3), got {array.shape}")
    if len(predicted) != len(target):
        raise mismatch(f"{len(predicted)} predictions stand beside {len(target)} labels ({what})")
    if np.isinf(target).any():
        raise mismatch(f"a label is infinite ({what})")
    if not np.isfinite(target).all(2).any():
        raise mismatch(f"there is no label to judge by ({what})")
    return Pairs(predicted.astype(np.float64), target.astype(np.float64))


def mismatch(cause: str) -> TrainingError:
    """Make the error of predictions and labels that do not belong together."""
    return TrainingError("TRN-02", cause, "Give one prediction per label, NaN where no hand was.")


def errors_mm(pairs: Pairs, align: Align, needed: Iterable[int]) -> Floats:
    """Distance of each joint to its label after alignment, (N, J) mm.

    NaN where a joint has no label or the hand is not judged, infinite where it was not found.

    Args:
        pairs: N hands.
        align: brings one predicted hand to its label; labels that are not known are 0 there.
        needed: joints that it looks at.
    """
    errors = np.full(pairs.target.shape[:2], np.inf)
    judged = pairs.judged(needed)
    known = np.isfinite(pairs.target).all(2)
    for row in np.flatnonzero(pairs.found & judged):
        target = np.where(known[row, :, None], pairs.target[row], 0.0)
        errors[row] = 1e3 * np.linalg.norm(align(pairs.predicted[row], target) - target, axis=1)
    errors[~known] = np.nan
    errors[~judged] = np.nan
    return errors
