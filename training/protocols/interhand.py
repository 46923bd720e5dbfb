"""InterHand2.6M: two hands per picture; MPJPE per side, MPVPE and MRRPE, in millimetres.

Two alignments are in use: SMHR's and IntagHand's (middle knuckle on the label's, rescaled by the
length from wrist to middle knuckle), and the data set's own script (wrist on the label's; Moon et
al. 2020). Root-relative positions of hand and hand are never rescaled.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics import (
    PckCurve,
    bone_scale,
    distances,
    joint_mean,
    mrrpe,
    pck_curve,
    scale_translation_aligned,
)
from core.topology import MIDDLE_MCP, NUM_JOINTS, WRIST
from training.protocols.pairing import Mask, Pairs, errors_mm, mismatch, pair

Floats = NDArray[np.floating]

THRESHOLDS_MM = np.linspace(0, 50, 100)
#: What SMHR's alignment looks at.
_NEEDED = (WRIST, MIDDLE_MCP)


@dataclass(frozen=True, slots=True, eq=False)
class InterhandFigures:
    """Errors in mm; None where there was nothing to measure.

    Attributes:
        pictures: how many.
        hands: labelled hands.
        missing: of those, not found.
        unjudged: of those, without a label of wrist or middle knuckle.
        spurious: predicted hands of a side that is not labelled.
        mpjpe_mm: joints, middle knuckle aligned and rescaled, both sides.
        left_mpjpe_mm: of left hands.
        right_mpjpe_mm: of right hands.
        single_mpjpe_mm: of pictures with one labelled hand.
        interacting_mpjpe_mm: of pictures with two.
        wrist_mpjpe_mm: joints, wrist aligned, not rescaled (official MPJPE).
        mpvpe_mm: vertices, aligned as mpjpe_mm; None without meshes.
        mrrpe_mm: left wrist as seen from the right one, of pictures with both.
        auc: area under the PCK curve, 0-50 mm, of mpjpe_mm.
        curves: PCK of it.
    """

    pictures: int
    hands: int
    missing: int
    unjudged: int
    spurious: int
    mpjpe_mm: float | None
    left_mpjpe_mm: float | None
    right_mpjpe_mm: float | None
    single_mpjpe_mm: float | None
    interacting_mpjpe_mm: float | None
    wrist_mpjpe_mm: float | None
    mpvpe_mm: float | None
    mrrpe_mm: float | None
    auc: float
    curves: Mapping[str, PckCurve]


def interhand_figures(
    predicted: Floats,
    joints: Floats,
    predicted_vertices: Floats | None = None,
    vertices: Floats | None = None,
) -> InterhandFigures:
    """Judge up to two hands per picture.

    Args:
        predicted: (N, 2, 21, 3) m, left then right; NaN where that hand was not found.
        joints: (N, 2, 21, 3) m; NaN where a joint is not valid, all of them where a side is not
            there.
        predicted_vertices: (N, 2, V, 3) m, or None without meshes.
        vertices: (N, 2, V, 3) m, or None; NaN where a mesh is not labelled.

    Raises:
        TrainingError: TRN-02 shapes differ, or nothing is judged.
    """
    both = _flat(predicted, joints, NUM_JOINTS, "joints")
    present = np.isfinite(both.target).all(2).any(1)
    pairs = Pairs(both.predicted[present], both.target[present])
    errors = errors_mm(pairs, _knuckle_aligned, _NEEDED)
    if np.isnan(errors).all():
        raise mismatch("no hand has labels of wrist and middle knuckle")
    left, right, single, interacting = _group_means(errors, present)
    curve = pck_curve(errors, THRESHOLDS_MM)
    return InterhandFigures(
        pictures=len(joints),
        hands=len(pairs.target),
        missing=pairs.missing,
        unjudged=int((~pairs.judged(_NEEDED)).sum()),
        spurious=int((both.found & ~present).sum()),
        mpjpe_mm=joint_mean(errors),
        left_mpjpe_mm=left,
        right_mpjpe_mm=right,
        single_mpjpe_mm=single,
        interacting_mpjpe_mm=interacting,
        wrist_mpjpe_mm=joint_mean(errors_mm(pairs, _wrist_aligned, (WRIST,))),
        mpvpe_mm=_mpvpe_mm(both, present, predicted_vertices, vertices),
        mrrpe_mm=_mrrpe_mm(both),
        auc=curve.auc,
        curves={"middle knuckle aligned, rescaled": curve},
    )


def _group_means(errors: Floats, present: Mask) -> tuple[float | None, ...]:
    """Mean errors (mm) of left, right, single and interacting hands.

    Args:
        errors: (H, 21) of the hands that are labelled.
        present: (2 N,) which of all pictures' left and right hands they are.
    """
    picture, side = np.divmod(np.flatnonzero(present), 2)
    interacting = present.reshape(-1, 2).all(1)[picture]
    groups = (side == 0, side == 1, ~interacting, interacting)
    return tuple(joint_mean(errors[group]) for group in groups)


def _wrist_aligned(own: Floats, true: Floats) -> Floats:
    """Move the wrist onto the label's."""
    return own - own[WRIST] + true[WRIST]


def _knuckle_aligned(own: Floats, true: Floats) -> Floats:
    """Move the middle knuckle onto the label's and rescale by the palm's length."""
    return scale_translation_aligned(own, true, root=MIDDLE_MCP)


def _flat(predicted: Floats, target: Floats, points: int, what: str) -> Pairs:
    """Check (N, 2, points, 3) twice and return the 2 N hands, left and right in turn."""
    for name, array in (("predicted", predicted), ("labelled", target)):
        if array.ndim != 4 or array.shape[1:] != (2, points, 3):
            raise mismatch(f"{name} {what}: expected (N, 2, {points}, 3), got {array.shape}")
    return pair(predicted.reshape(-1, points, 3), target.reshape(-1, points, 3), points, what)


def _mpvpe_mm(
    both: Pairs, present: Mask, predicted: Floats | None, target: Floats | None
) -> float | None:
    """Mean error of vertices under the alignment of their joints."""
    if predicted is None or target is None:
        return None
    if predicted.ndim != 4 or 2 * len(predicted) != len(both.target):
        raise mismatch(
            f"vertices: expected ({len(both.target) // 2}, 2, V, 3), got {predicted.shape}"
        )
    meshes = _flat(predicted, target, predicted.shape[2], "vertices")
    usable = present & both.found & both.judged(_NEEDED)
    usable &= meshes.found & meshes.judged(range(meshes.target.shape[1]))
    errors = []
    for row in np.flatnonzero(usable):
        own, true = both.predicted[row], both.target[row]
        scale = bone_scale(np.nan_to_num(own), np.nan_to_num(true))
        moved = scale * (meshes.predicted[row] - own[MIDDLE_MCP]) + true[MIDDLE_MCP]
        errors.append(1e3 * float(distances(moved, meshes.target[row]).mean()))
    return float(np.mean(errors)) if errors else None


def _mrrpe_mm(both: Pairs) -> float | None:
    """Mean relative-root error over pictures whose two hands are labelled and found."""
    usable = (both.found & both.judged((WRIST,))).reshape(-1, 2).all(1)
    roots, labels = (points[:, WRIST].reshape(-1, 2, 3) for points in (both.predicted, both.target))
    errors = [
        1e3 * mrrpe(roots[row, 0], roots[row, 1], labels[row, 0], labels[row, 1])
        for row in np.flatnonzero(usable)
    ]
    return float(np.mean(errors)) if errors else None
