"""Errors of joints and vertices: (PA-)MPJPE, (PA-)MPVPE, aligned errors, F-scores, MRRPE.

Points are (N, 3) in one unit, and errors come out in it. All functions raise ValueError where
shapes differ, there are no points, or a number is not finite: an error of nothing is not zero.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from core.topology import MIDDLE_MCP, WRIST

Floats = NDArray[np.floating]

#: The bone that SMHR, HO3D and InterHand2.6M's followers scale by: wrist to middle knuckle.
PALM_BONE = (WRIST, MIDDLE_MCP)


def check_points(predicted: Floats, target: Floats, same_count: bool = True) -> None:
    """Check two sets of points (N, 3).

    Raises:
        ValueError: they are not (N, 3) with N > 0, differ in N, or are not finite.
    """
    for name, points in (("predicted", predicted), ("target", target)):
        if points.ndim != 2 or points.shape[1] != 3 or not len(points):
            raise ValueError(f"{name}: expected (N, 3) with N > 0, got {points.shape}")
        if not np.isfinite(points).all():
            raise ValueError(f"{name}: expected finite numbers, got NaN or infinity")
    if same_count and len(predicted) != len(target):
        raise ValueError(f"predicted: expected {len(target)} points, got {len(predicted)}")


def distances(predicted: Floats, target: Floats) -> Floats:
    """Distance (N,) of each predicted point (N, 3) to its target, as they lie."""
    check_points(predicted, target)
    return np.asarray(np.linalg.norm(predicted - target, axis=-1))


def mpjpe(predicted: Floats, target: Floats, root: int = WRIST) -> float:
    """Mean distance of joints (J, 3) after moving the root joint onto the target's; same unit."""
    check_points(predicted, target)
    return mpvpe(predicted, target, predicted[root], target[root])


def mpvpe(predicted: Floats, target: Floats, predicted_root: Floats, target_root: Floats) -> float:
    """Mean distance of vertices (V, 3) after moving the root joint (3,) onto the target's."""
    return float(distances(predicted - predicted_root, target - target_root).mean())


@dataclass(frozen=True, slots=True, eq=False)
class Similarity:
    """A change of place, orientation and size: points @ (scale * rotation) + shift.

    Attributes:
        scale: positive number.
        rotation: (3, 3), for row vectors.
        shift: (3,), unit of the points.
    """

    scale: float
    rotation: Floats
    shift: Floats

    def moved(self, points: Floats) -> Floats:
        """Apply it to points (N, 3)."""
        return np.asarray(points @ (self.scale * self.rotation) + self.shift)


def nearest_similarity(predicted: Floats, target: Floats) -> Similarity:
    """Find the similarity that brings predicted points (N, 3) nearest to the target (N, 3).

    Umeyama 1991, without reflection (FreiHAND's official script allows one: a hand of the wrong
    side would score as well as one of the right).
    """
    check_points(predicted, target)
    predicted, target = predicted.astype(np.float64), target.astype(np.float64)
    mean_p, mean_t = predicted.mean(0), target.mean(0)
    p, t = predicted - mean_p, target - mean_t
    u, s, vt = np.linalg.svd(p.T @ t)
    sign = np.ones(3)
    sign[2] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign) @ vt
    scale = float((s * sign).sum() / max(float((p * p).sum()), 1e-12))
    return Similarity(scale, rotation, mean_t - scale * mean_p @ rotation)


def procrustes_aligned(predicted: Floats, target: Floats) -> Floats:
    """Return predicted points (N, 3) moved by their nearest similarity to the target (N, 3)."""
    return nearest_similarity(predicted, target).moved(predicted)


def pa_error(predicted: Floats, target: Floats) -> float:
    """Mean distance of points (N, 3) after Procrustes alignment: PA-MPJPE or PA-MPVPE."""
    return float(distances(procrustes_aligned(predicted, target), target).mean())


def scale_translation_aligned(
    predicted: Floats, target: Floats, root: int = WRIST, bone: tuple[int, int] = PALM_BONE
) -> Floats:
    """Return predicted joints (J, 3) with one bone's length and the root's place of the target.

    HO3D: root wrist, bone wrist to middle knuckle (align_sc_tr of its official script; SMHR 1.15).
    InterHand2.6M by SMHR: root middle knuckle, the same bone. Zimmermann and Brox 2017: root palm,
    bone middle knuckle to the next joint. A prediction whose bone has no length keeps its scale.

    Args:
        predicted: (J, 3).
        target: (J, 3).
        root: joint that is moved onto the target's.
        bone: the two joints whose distance gives the scale.
    """
    scale = bone_scale(predicted, target, bone)
    return np.asarray(scale * (predicted - predicted[root]) + target[root])


def bone_scale(predicted: Floats, target: Floats, bone: tuple[int, int] = PALM_BONE) -> float:
    """Return how much longer a bone is in the target (J, 3) than in the prediction (J, 3).

    1 where the predicted bone has no length: a hand that fell into one point stays there.
    """
    check_points(predicted, target)
    own, true = (
        float(np.linalg.norm(joints[bone[1]] - joints[bone[0]])) for joints in (predicted, target)
    )
    return true / own if own > 0 else 1.0


def st_error(
    predicted: Floats, target: Floats, root: int = WRIST, bone: tuple[int, int] = PALM_BONE
) -> float:
    """Mean distance of joints (J, 3) after alignment of scale and translation; same unit."""
    aligned = scale_translation_aligned(predicted, target, root, bone)
    return float(distances(aligned, target).mean())


def f_scores(
    predicted: Floats, target: Floats, thresholds: tuple[float, ...] = (0.005, 0.015)
) -> tuple[float, ...]:
    """F@d of two surfaces' points for each threshold d (Knapitsch et al. 2017, FreiHAND).

    Precision is the share of predicted points whose nearest target point is closer than d, recall
    the share of target points whose nearest predicted point is; F is their harmonic mean.

    Args:
        predicted: (V, 3); needs no correspondence to the target.
        target: (W, 3).
        thresholds: same unit as the points; 5 and 15 mm for points in metres.
    """
    check_points(predicted, target, same_count=False)
    to_target, _ = cKDTree(target).query(predicted)
    to_predicted, _ = cKDTree(predicted).query(target)
    scores = []
    for threshold in thresholds:
        precision = float((to_target < threshold).mean())
        recall = float((to_predicted < threshold).mean())
        both = precision + recall
        scores.append(2 * precision * recall / both if both else 0.0)
    return tuple(scores)


def mrrpe(predicted_left: Floats, predicted_right: Floats, left: Floats, right: Floats) -> float:
    """Error of where the left hand's root lies as seen from the right's; same unit.

    The relative-root position error of one picture (Moon et al., InterHand2.6M, 2020); its mean
    over pictures with both hands is MRRPE.

    Args:
        predicted_left: (3,) root joint, camera frame; the other three likewise.
        predicted_right: (3,).
        left: (3,).
        right: (3,).
    """
    offset = (predicted_left - predicted_right)[None]
    return float(distances(offset, (left - right)[None])[0])
