"""How good hands are: errors in 3D, PCK curves, detections, masks, jitter."""

from core.metrics.curves import PckCurve, joint_mean, joint_median, pck_curve
from core.metrics.detection import (
    DetectionCurve,
    Matches,
    detection_curve,
    match_hands,
    side_accuracy,
)
from core.metrics.masks import PixelCounts, SegmentationScores, count_pixels, masked_psnr
from core.metrics.motion import acceleration_error_mm_s2, accelerations, still_rms_mm
from core.metrics.points import (
    Similarity,
    bone_scale,
    distances,
    f_scores,
    mpjpe,
    mpvpe,
    mrrpe,
    nearest_similarity,
    pa_error,
    procrustes_aligned,
    scale_translation_aligned,
    st_error,
)

__all__ = [
    "DetectionCurve",
    "Matches",
    "PckCurve",
    "PixelCounts",
    "SegmentationScores",
    "Similarity",
    "acceleration_error_mm_s2",
    "accelerations",
    "bone_scale",
    "count_pixels",
    "detection_curve",
    "distances",
    "f_scores",
    "joint_mean",
    "joint_median",
    "masked_psnr",
    "match_hands",
    "mpjpe",
    "mpvpe",
    "mrrpe",
    "nearest_similarity",
    "pa_error",
    "pck_curve",
    "procrustes_aligned",
    "scale_translation_aligned",
    "side_accuracy",
    "st_error",
    "still_rms_mm",
]
