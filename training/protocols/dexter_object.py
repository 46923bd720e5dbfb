"""Dexter+Object: five fingertips of one hand, PCK from 0 to 100 mm (Sridhar et al. 2016)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics import PckCurve, joint_mean, pck_curve
from core.topology import NUM_JOINTS, TIPS
from training.protocols.pairing import Pairs, errors_mm, mismatch, pair

Floats = NDArray[np.floating]

#: Every millimetre from 0 to 100.
THRESHOLDS_MM = np.linspace(0, 100, 101)


@dataclass(frozen=True, slots=True, eq=False)
class DexterObjectFigures:
    """Errors of fingertips in mm and areas under their PCK curve, 0-100 mm.

    Attributes:
        hands: labelled hands.
        missing: of those, not found.
        camera_mm: mean error as they lie in the camera frame.
        camera_auc: area under its curve.
        centred_mm: mean error with the tips' mean moved onto that of the labelled tips, for methods
            that do not know the distance to the camera.
        centred_auc: area under its curve; None where no hand has two labelled tips.
        curves: PCK of both.
    """

    hands: int
    missing: int
    camera_mm: float | None
    camera_auc: float
    centred_mm: float | None
    centred_auc: float | None
    curves: Mapping[str, PckCurve]


def dexter_object_figures(predicted: Floats, tips: Floats) -> DexterObjectFigures:
    """Judge the fingertips of one hand per picture.

    Args:
        predicted: (N, 21, 3) m, all joints; NaN where no hand was found.
        tips: (N, 5, 3) m, thumb to little finger; NaN where a tip is not labelled. A picture
            without any is not judged.

    Raises:
        TrainingError: TRN-02 shapes differ, or nothing is labelled.
    """
    if predicted.ndim != 3 or predicted.shape[1:] != (NUM_JOINTS, 3):
        raise mismatch(f"predicted joints: expected (N, {NUM_JOINTS}, 3), got {predicted.shape}")
    every = pair(predicted[:, TIPS], tips, len(TIPS), "fingertips")
    labelled = np.isfinite(every.target).all(2)
    pairs = Pairs(every.predicted[labelled.any(1)], every.target[labelled.any(1)])
    errors = {"camera frame": errors_mm(pairs, lambda own, _: own, ())}
    centred = _centred_errors_mm(pairs)
    if not np.isnan(centred).all():
        errors["centred"] = centred
    curves = {name: pck_curve(values, THRESHOLDS_MM) for name, values in errors.items()}
    return DexterObjectFigures(
        hands=len(pairs.target),
        missing=pairs.missing,
        camera_mm=joint_mean(errors["camera frame"]),
        camera_auc=curves["camera frame"].auc,
        centred_mm=joint_mean(centred),
        centred_auc=curves["centred"].auc if "centred" in curves else None,
        curves=curves,
    )


def _centred_errors_mm(pairs: Pairs) -> Floats:
    """Errors (N, 5) mm without the mean offset of the labelled tips; NaN where there is but one."""
    offset = pairs.predicted - pairs.target
    known = np.isfinite(pairs.target).all(2)
    count = known.sum(1)
    mean = np.where(known[..., None], offset, 0.0).sum(1) / np.maximum(count, 1)[:, None]
    errors = 1e3 * np.linalg.norm(offset - mean[:, None], axis=2)
    errors[~pairs.found] = np.inf
    errors[~known] = np.nan
    errors[count < 2] = np.nan
    return np.asarray(errors)
