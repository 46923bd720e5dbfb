"""Losses: pure functions, one term each. Weights live in training/stages.py.

Each returns its share per picture (B,), whose mean is the term that the log shows; what is per hand
says so. 2D errors are in units of the hand's box, so that a far hand counts as much as a near one;
3D errors in units of a decimetre, about a hand's breadth.
"""

from training.losses.appearance import (
    albedo_loss,
    hierarchical_gate,
    light_loss,
    mask_iou,
    photometric_loss,
    psnr,
    silhouette_loss,
)
from training.losses.consistency import (
    centre_consistency_loss,
    consistency_loss,
    feature_variance,
    foreground_loss,
    multi_consistency_loss,
    paste_turn,
)
from training.losses.dense import focal_loss, heat_loss, side_loss
from training.losses.hands import (
    articulation_loss,
    denormalise_skeleton,
    hands_loss,
    joint_limit_prior,
    joints_3d_loss,
    laplacian_loss,
    normalise_skeleton,
    points_loss,
    rotation_loss,
    shape_loss,
    shape_prior,
    skeleton_box,
    uniform_laplacian,
)
from training.losses.keypoints import (
    bone_direction_loss,
    confidence_loss,
    keypoint_loss,
    reproject,
)
from training.losses.means import hardest, per_picture

__all__ = [
    "albedo_loss",
    "articulation_loss",
    "bone_direction_loss",
    "centre_consistency_loss",
    "confidence_loss",
    "consistency_loss",
    "denormalise_skeleton",
    "feature_variance",
    "focal_loss",
    "foreground_loss",
    "hands_loss",
    "hardest",
    "heat_loss",
    "hierarchical_gate",
    "joint_limit_prior",
    "joints_3d_loss",
    "keypoint_loss",
    "laplacian_loss",
    "light_loss",
    "mask_iou",
    "multi_consistency_loss",
    "normalise_skeleton",
    "paste_turn",
    "per_picture",
    "photometric_loss",
    "points_loss",
    "psnr",
    "reproject",
    "rotation_loss",
    "shape_loss",
    "shape_prior",
    "side_loss",
    "silhouette_loss",
    "skeleton_box",
    "uniform_laplacian",
]
