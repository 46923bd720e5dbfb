"""Counts and errors of detections over many pictures, and their summary."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.metrics import PckCurve, PixelCounts, detection_curve, match_hands, pck_curve
from core.topology import NUM_JOINTS
from core.types import Detections

Floats = NDArray[np.floating]

#: Of the PCK curves: 100 from 0 to 50 mm.
THRESHOLDS_MM = np.linspace(0, 50, 100)


@dataclass(slots=True)
class Tally:
    """Counts and errors over many pictures.

    Attributes:
        threshold: detections that score less count in the ranking (`ap`) alone.
        hands: labelled.
        found: of those.
        spurious: detections that are no hand.
        right_side: hands found whose side is right.
        errors: one number per hand found, by name.
        joint_errors_mm: (21,) per hand found, by the name of its PCK curve.
        ranking: score and correctness of every detection that is judged.
        pixels: hand against background, where masks are compared.
    """

    threshold: float = 0.0
    hands: int = 0
    found: int = 0
    spurious: int = 0
    right_side: int = 0
    errors: dict[str, list[float]] = field(default_factory=dict)
    joint_errors_mm: dict[str, list[Floats]] = field(default_factory=dict)
    ranking: list[tuple[float, bool]] = field(default_factory=list)
    pixels: PixelCounts = field(default_factory=PixelCounts)

    def add(self, name: str, value: float) -> None:
        """Keep one hand's error."""
        self.errors.setdefault(name, []).append(value)

    def add_joints(self, name: str, errors_mm: Floats) -> None:
        """Keep one hand's errors (21,) mm for a PCK curve."""
        self.joint_errors_mm.setdefault(name, []).append(errors_mm)

    def curves(self) -> Mapping[str, PckCurve]:
        """Return the PCK curves; a hand that was not found is right at no threshold."""
        lost = np.full((self.hands - self.found, NUM_JOINTS), np.inf)
        return {
            name: pck_curve(np.concatenate((np.array(rows), lost)), THRESHOLDS_MM)
            for name, rows in self.joint_errors_mm.items()
        }

    def summary(self) -> dict[str, float]:
        """Return rates, the mean of each error, areas under curves and figures of masks."""
        summary = {
            "hands": self.hands,
            "recall": self.found / max(self.hands, 1),
            "precision": self.found / max(self.found + self.spurious, 1),
            "side_accuracy": self.right_side / max(self.found, 1),
        }
        if self.hands:
            score = np.array([score for score, _ in self.ranking])
            correct = np.array([correct for _, correct in self.ranking], bool)
            summary["ap"] = detection_curve(score, correct, self.hands).average_precision
        summary |= {name: float(np.mean(values)) for name, values in self.errors.items()}
        summary |= {f"{name}_auc": curve.auc for name, curve in self.curves().items()}
        if self.pixels != PixelCounts():
            scores = asdict(self.pixels.scores())
            summary |= {f"mask_{name}": value for name, value in scores.items()}
        return summary


def box_px(keypoints: Floats) -> float:
    """Longer side of the box around keypoints (21, 2) px."""
    return max(float(np.ptp(keypoints, axis=0).max()), 1.0)


def tally_hands(
    tally: Tally,
    detections: Detections,
    keypoints_2d: Floats,
    sides: list[str],
    doubtful_xyxy: Floats,
) -> tuple[tuple[int, int], ...]:
    """Match one picture's detections, add what 2D labels can tell, return the pairs.

    Pairs whose detection scores less than the tally's threshold are ranked and not returned. As
    the best choose first, they take no hand from those above.
    """
    matches = match_hands(detections.keypoints_2d, detections.score, keypoints_2d, doubtful_xyxy)
    counts = detections.score >= tally.threshold
    pairs = tuple(pair for pair in matches.pairs if counts[pair[0]])
    tally.ranking += [(float(detections.score[i]), True) for i, _ in matches.pairs]
    tally.ranking += [(float(detections.score[i]), False) for i in matches.spurious]
    tally.hands += len(keypoints_2d)
    tally.found += len(pairs)
    tally.spurious += sum(bool(counts[i]) for i in matches.spurious)
    for detection, hand in pairs:
        state, label = detections.hands[detection], keypoints_2d[hand]
        tally.right_side += state.side == sides[hand]
        size = box_px(label)
        for name, points in (
            ("projected_error_box", state.joints_2d),
            ("keypoint_error_box", detections.keypoints_2d[detection]),
        ):
            tally.add(name, float(np.linalg.norm(points - label, axis=1).mean()) / size)
    return pairs
