"""Losses of 2D keypoints, and of bone directions in 2D or 3D."""

import torch
import torch.nn.functional as F
from torch import Tensor

from core.network.camera import project_orthographic, project_perspective
from core.topology import BONES
from training.losses.means import per_picture

_PARENTS = tuple(parent for parent, _ in BONES)
_CHILDREN = tuple(child for _, child in BONES)
_SHORT_BONE = 0.02


def reproject(
    joints_3d: Tensor,
    middle_mcp_2d: Tensor,
    pixels_per_metre: Tensor,
    K: Tensor,
    orthographic: bool = False,
) -> Tensor:
    """Project a step's joints (B, M, 21, 3) m to (B, M, 21, 2) px.

    By each hand's K (B, M, 3, 3), or by scale and shift alone (SMHR 1.7, the two-hand camera).
    """
    if orthographic:
        return project_orthographic(joints_3d, middle_mcp_2d, pixels_per_metre)
    return project_perspective(joints_3d, middle_mcp_2d, pixels_per_metre, K)


def keypoint_loss(predicted: Tensor, target: Tensor, confidence: Tensor, box_px: Tensor) -> Tensor:
    """L1 (B,) of keypoints (B, M, 21, 2) px in hand boxes, weighted by confidence (B, M, 21).

    Serves the local keypoints, each refined j2D (Baek Eq 6) and the reprojection (SMHR #4); L1
    instead of the papers' squares, for labels of a teacher have outliers.
    """
    error = (predicted - target).abs().sum(-1) / box_px[..., None]
    return per_picture(error, confidence)


def bone_direction_loss(
    predicted: Tensor, target: Tensor, confidence: Tensor, unit: Tensor
) -> Tensor:
    """Squared difference (B,) of bone directions, 2D or 3D (SMHR #5); 20 bones.

    A bone that points at the camera is a few pixels long and has no direction worth learning, and
    the gradient of its unit vector would drown all others; bones much shorter than 2 % of `unit`
    fade out.

    Args:
        predicted: (B, M, 21, D).
        target: (B, M, 21, D).
        confidence: (B, M, 21); a bone counts the product of its ends.
        unit: (B, M) size of the hand, in the units of the points.
    """
    softness = (_SHORT_BONE * unit)[..., None, None]
    a = _direction(predicted[:, :, _CHILDREN] - predicted[:, :, _PARENTS], softness)
    b = _direction(target[:, :, _CHILDREN] - target[:, :, _PARENTS], softness)
    weight = confidence[..., _CHILDREN] * confidence[..., _PARENTS]
    return per_picture((a - b).square().sum(-1), weight)


def _direction(vector: Tensor, softness: Tensor) -> Tensor:
    """Divide by the length, or by `softness` where that is longer (SMHR adds 1e-4 px^2)."""
    return vector / (vector.square().sum(-1, keepdim=True) + softness.square()).sqrt()


def confidence_loss(logits: Tensor, error_box: Tensor, weight: Tensor) -> Tensor:
    """Teach a keypoint's confidence to be exp(-error / 5 % of the hand box).

    Args:
        logits: (B, M, 21).
        error_box: (B, M, 21) distance of the refined keypoint to its label in hand boxes.
        weight: (B, M, 21).

    Returns:
        (B,) per picture.
    """
    target = torch.exp(-error_box.detach() / 0.05)
    error = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return per_picture(error, weight)
