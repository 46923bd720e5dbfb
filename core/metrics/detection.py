"""Which detections are hands: matching, precision and recall, average precision, sides."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Matches:
    """Which detection is which hand.

    Attributes:
        pairs: (detection, hand) indices.
        spurious: detections that are no hand, without those in regions of doubt.
        missed: hands that no detection is.
    """

    pairs: tuple[tuple[int, int], ...]
    spurious: tuple[int, ...]
    missed: tuple[int, ...]


def match_hands(
    detected_2d: Floats,
    score: Floats,
    labelled_2d: Floats,
    doubtful_xyxy: Floats,
    reach: float = 0.5,
) -> Matches:
    """Match detections to labelled hands by the centres of their keypoints.

    Args:
        detected_2d: (N, J, 2) px.
        score: (N,); the best detection chooses first.
        labelled_2d: (M, J, 2) px.
        doubtful_xyxy: (R, 4) px; an unmatched detection centred in one of them is not judged.
        reach: largest distance of centres, in longer sides of the label's box.
    """
    centres = detected_2d.mean(1)
    pairs: list[tuple[int, int]] = []
    spurious: list[int] = []
    free = set(range(len(labelled_2d)))
    for detection in np.argsort(-score, kind="stable"):
        centre = centres[detection]
        distance = {
            hand: float(np.linalg.norm(labelled_2d[hand].mean(0) - centre))
            / max(float(np.ptp(labelled_2d[hand], axis=0).max()), 1e-6)
            for hand in free
        }
        nearest = min(distance, key=lambda hand: distance[hand], default=None)
        if nearest is not None and distance[nearest] <= reach:
            pairs.append((int(detection), nearest))
            free.discard(nearest)
        elif not any(x0 <= centre[0] <= x1 and y0 <= centre[1] <= y1
                     for x0, y0, x1, y1 in doubtful_xyxy):  # fmt: skip
            spurious.append(int(detection))
    return Matches(tuple(pairs), tuple(spurious), tuple(sorted(free)))


@dataclass(frozen=True, slots=True, eq=False)
class DetectionCurve:
    """Precision and recall after each detection, the surest first.

    Attributes:
        score: (N,) descending.
        precision: (N,) in [0, 1].
        recall: (N,) in [0, 1], ascending.
    """

    score: Floats
    precision: Floats
    recall: Floats

    @property
    def average_precision(self) -> float:
        """Area under precision over recall, precision being the best at that recall or beyond.

        Over all points (Pascal VOC 2010 and later), not at 11 or 101 of them.
        """
        if not len(self.score):
            return 0.0
        best = np.maximum.accumulate(self.precision[::-1])[::-1]
        return float((np.diff(self.recall, prepend=0.0) * best).sum())

    def recall_at(self, threshold: float) -> float:
        """Share of hands found by detections of at least that score."""
        found = self.recall[self.score >= threshold]
        return float(found[-1]) if len(found) else 0.0

    def precision_at(self, threshold: float) -> float:
        """Share of detections of at least that score that are hands; 1 without any."""
        right = self.precision[self.score >= threshold]
        return float(right[-1]) if len(right) else 1.0


def detection_curve(score: Floats, correct: NDArray[np.bool_], hands: int) -> DetectionCurve:
    """Rank the detections of all pictures together.

    Args:
        score: (N,) of every judged detection; those in regions of doubt are left out before.
        correct: (N,) whether it was matched to a hand (`match_hands`).
        hands: how many there are to be found.

    Raises:
        ValueError: shapes differ, a score is not finite, or there are fewer hands than matches.
    """
    if score.ndim != 1 or correct.shape != score.shape:
        raise ValueError(f"expected (N,) twice, got {score.shape} and {correct.shape}")
    if not np.isfinite(score).all():
        raise ValueError("score: expected finite numbers, got NaN or infinity")
    if hands < max(int(correct.sum()), 1):
        raise ValueError(f"hands: expected at least {max(int(correct.sum()), 1)}, got {hands}")
    # Wrong before right at the same score: an order by chance must not flatter.
    order = np.lexsort((correct, -score))
    right = correct[order].cumsum()
    return DetectionCurve(score[order], right / np.arange(1, len(score) + 1), right / hands)


def side_accuracy(predicted: Sequence[str], target: Sequence[str]) -> float:
    """Share of matched hands whose side is the label's.

    Raises:
        ValueError: lengths differ, or there are none.
    """
    if len(predicted) != len(target) or not target:
        raise ValueError(f"expected as many sides, at least one: {len(predicted)}, {len(target)}")
    return sum(own == true for own, true in zip(predicted, target, strict=True)) / len(target)
