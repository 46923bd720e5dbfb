"""RHD and STB by the protocol of Zimmermann and Brox 2017, and RHD's masks.

Root-relative joints, the prediction rescaled to the label's reference bone (middle knuckle to the
next joint), 20 thresholds from 0 to 50 mm; "20-50" are the last 12 of them, 21.05 to 50. The root
is the palm's centre, taken for the middle between the wrist and a knuckle: the middle finger's in
RHD, the ring finger's in STB, which labels the palm and no wrist. Labels come with the wrist first,
as `training/datasets` yields them; for STB the palm that was labelled comes back exactly.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics import (
    PckCurve,
    PixelCounts,
    SegmentationScores,
    count_pixels,
    joint_mean,
    joint_median,
    pck_curve,
    scale_translation_aligned,
)
from core.topology import MIDDLE_MCP, NUM_JOINTS, WRIST
from training.protocols.pairing import Mask, Pairs, errors_mm, mismatch, pair

Floats = NDArray[np.floating]

THRESHOLDS_MM = np.linspace(0, 50, 20)
#: How many of them are the "20-50" curve.
LAST_THRESHOLDS = 12
#: Middle knuckle to the next joint: the bone that gives the scale.
REFERENCE_BONE = (MIDDLE_MCP, MIDDLE_MCP + 1)
RING_MCP = 13


@dataclass(frozen=True, slots=True, eq=False)
class ZimmermannBroxFigures:
    """Root-relative, rescaled errors in mm and areas under the PCK curve.

    Attributes:
        hands: labelled hands.
        missing: of those, not found.
        unjudged: of those, without a label of root or reference bone.
        mean_mm: end-point error: mean per joint, then over the joints (the root, 0, included).
        median_mm: likewise of the joints' medians.
        auc_0_50: area over 20 thresholds from 0 to 50 mm.
        auc_20_50: area over the last 12 of them.
        curves: PCK.
    """

    hands: int
    missing: int
    unjudged: int
    mean_mm: float | None
    median_mm: float | None
    auc_0_50: float
    auc_20_50: float
    curves: Mapping[str, PckCurve]


def palm_from_wrist(joints: Floats, knuckle: int) -> Floats:
    """Return joints (..., 21, 3) with the palm's centre, halfway to a knuckle, for the wrist."""
    moved = joints.copy()
    moved[..., WRIST, :] = (joints[..., WRIST, :] + joints[..., knuckle, :]) / 2
    return moved


def rhd_figures(
    predicted: Floats, joints: Floats, visible: Mask | None = None
) -> ZimmermannBroxFigures:
    """Judge one hand per picture of RHD.

    Args:
        predicted: (N, 21, 3) m, wrist first; NaN where no hand was found.
        joints: (N, 21, 3) m, wrist first; NaN without a label.
        visible: (N, 21), the joints that count, as the official script has it; None for all.

    Raises:
        TrainingError: TRN-02 shapes differ, or nothing is judged.
    """
    pairs = pair(predicted, joints, NUM_JOINTS)
    if visible is not None and visible.shape != joints.shape[:2]:
        raise mismatch(f"visible: expected {joints.shape[:2]}, got {visible.shape}")
    return _figures(pairs, MIDDLE_MCP, visible)


def stb_figures(predicted: Floats, joints: Floats) -> ZimmermannBroxFigures:
    """Judge one hand per picture of STB.

    Args:
        predicted: (N, 21, 3) m, wrist first; NaN where no hand was found.
        joints: (N, 21, 3) m, wrist first: knuckle + 2 (palm - knuckle) of the ring finger.

    Raises:
        TrainingError: TRN-02 shapes differ, or nothing is judged.
    """
    pairs = pair(predicted, joints, NUM_JOINTS)
    return _figures(pairs, RING_MCP, None)


def _figures(hands: Pairs, knuckle: int, counted: Mask | None) -> ZimmermannBroxFigures:
    """Judge hands by the palm halfway from the wrist to a knuckle."""
    palms = (palm_from_wrist(joints, knuckle) for joints in (hands.predicted, hands.target))
    pairs = Pairs(*palms)

    def align(own: Floats, true: Floats) -> Floats:
        return scale_translation_aligned(own, true, WRIST, REFERENCE_BONE)

    needed = (WRIST, *REFERENCE_BONE)
    errors = errors_mm(pairs, align, needed)
    if counted is not None:
        errors[~counted] = np.nan
    if np.isnan(errors).all():
        raise mismatch("no hand has a visible joint and labels of root and reference bone")
    curve = pck_curve(errors, THRESHOLDS_MM)
    return ZimmermannBroxFigures(
        hands=len(pairs.target),
        missing=pairs.missing,
        unjudged=int((~pairs.judged(needed)).sum()),
        mean_mm=joint_mean(errors),
        median_mm=joint_median(errors),
        auc_0_50=curve.auc,
        auc_20_50=curve.last(LAST_THRESHOLDS).auc,
        curves={"root-relative, rescaled": curve},
    )


def rhd_segmentation(masks: Iterable[tuple[Mask, Mask]]) -> SegmentationScores:
    """Judge hand against background over all pixels of all pictures (Baek et al. 2019, Table 2).

    Args:
        masks: (predicted, labelled) bool (H, W) of each picture.

    Raises:
        TrainingError: TRN-02 two masks differ in shape or are no masks, or there are none.
    """
    total = PixelCounts()
    try:
        for predicted, labelled in masks:
            total = total + count_pixels(predicted, labelled)
        return total.scores()
    except ValueError as error:
        raise mismatch(f"masks: {error}") from error
