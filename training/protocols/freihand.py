"""FreiHAND and HO3D v2 and v3: joints and mesh, as they lie and aligned in three ways.

The figures of both data sets' official scripts (Zimmermann et al. 2019; Hampali et al. 2020, whose
script adds the alignment of scale and translation), in millimetres.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics import (
    PckCurve,
    distances,
    f_scores,
    joint_mean,
    mpvpe,
    nearest_similarity,
    pck_curve,
    procrustes_aligned,
    scale_translation_aligned,
)
from core.topology import NUM_JOINTS, WRIST
from training.protocols.pairing import Align, Pairs, errors_mm, mismatch, pair

Floats = NDArray[np.floating]

#: 100 thresholds from 0 to 50 mm.
THRESHOLDS_MM = np.linspace(0, 50, 100)


@dataclass(frozen=True, slots=True, eq=False)
class FreihandFigures:
    """Errors in mm; areas and F-scores in [0, 1]; None without meshes.

    Attributes:
        hands: labelled hands.
        missing: of those, not found.
        camera_mpjpe_mm: joints as they lie in the camera frame (official "xyz").
        mpjpe_mm: joints with the wrist on the label's.
        st_mpjpe_mm: joints with the wrist and the palm's length of the label (HO3D).
        pa_mpjpe_mm: joints after Procrustes (official "xyz_al").
        camera_auc: area under the PCK curve, 0-50 mm, of camera_mpjpe; the next three likewise.
        auc: of mpjpe.
        st_auc: of st_mpjpe.
        pa_auc: of pa_mpjpe.
        camera_mpvpe_mm: vertices as they lie; None where they do not correspond.
        mpvpe_mm: vertices with the wrist on the label's.
        pa_mpvpe_mm: vertices after their own Procrustes.
        f5: F-score at 5 mm as they lie.
        f15: at 15 mm.
        pa_f5: after Procrustes (of the joints, where vertices do not correspond).
        pa_f15: at 15 mm.
        curves: PCK by alignment.
    """

    hands: int
    missing: int
    camera_mpjpe_mm: float | None
    mpjpe_mm: float | None
    st_mpjpe_mm: float | None
    pa_mpjpe_mm: float | None
    camera_auc: float
    auc: float
    st_auc: float
    pa_auc: float
    camera_mpvpe_mm: float | None
    mpvpe_mm: float | None
    pa_mpvpe_mm: float | None
    f5: float | None
    f15: float | None
    pa_f5: float | None
    pa_f15: float | None
    curves: Mapping[str, PckCurve]


def freihand_figures(
    predicted_joints: Floats,
    joints: Floats,
    predicted_vertices: Floats | None = None,
    vertices: Floats | None = None,
) -> FreihandFigures:
    """Judge one hand per picture; every joint is labelled.

    Args:
        predicted_joints: (N, 21, 3) m, camera frame; NaN where no hand was found.
        joints: (N, 21, 3) m.
        predicted_vertices: (N, V, 3) m, or None without meshes.
        vertices: (N, W, 3) m, or None. Where V is not W there is no MPVPE, as officially.

    Raises:
        TrainingError: TRN-02 shapes differ or a joint has no label.
    """
    pairs = pair(predicted_joints, joints, NUM_JOINTS)
    if not pairs.judged(range(NUM_JOINTS)).all():
        raise mismatch("a joint has no label")
    alignments: dict[str, Align] = {
        "camera": lambda own, _: own,
        "wrist aligned": lambda own, true: own - own[WRIST] + true[WRIST],
        "scale and translation aligned": scale_translation_aligned,
        "Procrustes aligned": procrustes_aligned,
    }
    errors = {name: errors_mm(pairs, align, ()) for name, align in alignments.items()}
    curves = {name: pck_curve(values, THRESHOLDS_MM) for name, values in errors.items()}
    means = [joint_mean(values) for values in errors.values()]
    areas = [curve.auc for curve in curves.values()]
    mesh = _mesh_figures(pairs, predicted_vertices, vertices)
    return FreihandFigures(len(pairs.target), pairs.missing, *means, *areas, *mesh, curves)


def _mesh_figures(
    pairs: Pairs, predicted: Floats | None, target: Floats | None
) -> tuple[float | None, ...]:
    """Return the seven figures of the mesh in the order of FreihandFigures."""
    if predicted is None or target is None:
        return (None,) * 7
    for name, points in (("predicted", predicted), ("labelled", target)):
        if points.ndim != 3 or points.shape[::2] != (len(pairs.target), 3):
            raise mismatch(
                f"{name} vertices: expected ({len(pairs.target)}, V, 3), got {points.shape}"
            )
    if not np.isfinite(predicted[pairs.found]).all() or not np.isfinite(target).all():
        raise mismatch("a vertex of a hand that was found or labelled is not finite")
    measured = np.full((len(target), 7), np.nan)
    measured[:, 3:] = 0.0  # a hand that was not found covers nothing
    for row in np.flatnonzero(pairs.found):
        measured[row] = _mesh_errors(
            predicted[row], target[row], pairs.predicted[row], pairs.target[row]
        )
    finite = [column[np.isfinite(column)] for column in measured.T]
    return tuple(float(column.mean()) if len(column) else None for column in finite)


def _mesh_errors(
    predicted: Floats, target: Floats, predicted_joints: Floats, joints: Floats
) -> tuple[float, ...]:
    """Return one hand's MPVPE in mm as it lies, wrist aligned and after Procrustes, then the Fs."""
    alike = len(predicted) == len(target)
    similarity = (
        nearest_similarity(predicted, target)
        if alike
        else nearest_similarity(predicted_joints, joints)
    )
    aligned = similarity.moved(predicted)
    errors = (np.nan, np.nan, np.nan)
    if alike:
        errors = (
            1e3 * float(distances(predicted, target).mean()),
            1e3 * mpvpe(predicted, target, predicted_joints[WRIST], joints[WRIST]),
            1e3 * float(distances(aligned, target).mean()),
        )
    return (*errors, *f_scores(predicted, target), *f_scores(aligned, target))
