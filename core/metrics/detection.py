"""How good hands are: errors of joints and vertices, matching of detections."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def mpjpe(predicted: Floats, target: Floats, root: int = 0) -> float:
    """Mean distance of joints (J, 3) after moving the root joint onto the target's; same unit."""
    own, true = predicted - predicted[root], target - target[root]
    return float(np.linalg.norm(own - true, axis=-1).mean())


def procrustes_aligned(predicted: Floats, target: Floats) -> Floats:
    """Return predicted points (N, 3) after the similarity that brings them nearest to the target.

    Umeyama 1991, without reflection.
    """
    mean_p, mean_t = predicted.mean(0), target.mean(0)
    p, t = predicted - mean_p, target - mean_t
    u, s, vt = np.linalg.svd(p.T @ t)
    sign = np.ones(3)
    sign[2] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign) @ vt
    scale = (s * sign).sum() / max(float((p * p).sum()), 1e-12)
    return np.asarray(scale * p @ rotation + mean_t)


def pa_error(predicted: Floats, target: Floats) -> float:
    """Mean distance of points (N, 3) after Procrustes alignment: PA-MPJPE or PA-MPVPE."""
    aligned = procrustes_aligned(predicted, target)
    return float(np.linalg.norm(aligned - target, axis=-1).mean())


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
