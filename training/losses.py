"""Losses: pure functions. Weights live in training/stages.py, one term is one line in the log.

2D errors are in units of the hand's box, so that a far hand counts as much as a near one; 3D
errors in units of a decimetre, about a hand's breadth.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from core.network.camera import project_perspective
from core.topology import BONES, MIDDLE_MCP

_PARENTS = tuple(parent for parent, _ in BONES)
_CHILDREN = tuple(child for _, child in BONES)
_METRES_PER_UNIT = 0.1
_SHORT_BONE = 0.02
_HEAT_SIGMA_CELLS = 0.8


def focal_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Penalty-reduced focal loss per picture, divided by that picture's positives (SMHR 1.10 #1).

    L = -1/N sum { (1-p)^2 log p at y = 1; (1-y)^4 p^2 log(1-p) elsewhere }, N >= 1, so a picture
    without hands is finite.

    Args:
        logits: (B, C, h, w).
        target: (B, C, h, w) in [0, 1], 1 at peaks.
        weight: (B, 1, h, w), 0 where no loss is taken.

    Returns:
        Mean over the batch.
    """
    logits = logits.float()
    p = torch.sigmoid(logits).clamp(1e-4, 1 - 1e-4)
    positive = (target == 1).float()
    hit = (1 - p).square() * F.logsigmoid(logits).clamp(min=-9.3) * positive
    miss = (1 - target).pow(4) * p.square() * F.logsigmoid(-logits).clamp(min=-9.3)
    miss = miss * (1 - positive)
    total = ((hit + miss) * weight).sum((1, 2, 3))
    return -(total / positive.sum((1, 2, 3)).clamp(min=1)).mean()


def weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """Mean of values weighted by an equally shaped weight; 0 where all weights are 0."""
    return (values * weight).sum() / weight.sum().clamp(min=1e-6)


def keypoint_loss(predicted: Tensor, target: Tensor, confidence: Tensor, box_px: Tensor) -> Tensor:
    """L1 of keypoints (B, M, 21, 2) px in hand boxes, weighted by confidence (B, M, 21).

    Serves the local keypoints, each refined j2D (Baek Eq 6) and the reprojection (SMHR #4); L1
    instead of the papers' squares, for labels of a teacher have outliers.
    """
    error = (predicted - target).abs().sum(-1) / box_px[..., None]
    return weighted_mean(error, confidence)


def heat_loss(log_heat: Tensor, points: Tensor, target: Tensor, confidence: Tensor) -> Tensor:
    """Cross-entropy of each keypoint's heat in its window against a Gaussian around its label.

    The mean of the heat alone learns slowly: any heat with the right mean would do (Nibali et al.,
    DSNT, 2018, on regularised heatmaps).

    Args:
        log_heat: (B, M, 21, P).
        points: (B, M, P, 2) px, evenly spaced.
        target: (B, M, 21, 2) px.
        confidence: (B, M, 21); labels outside of the window weigh nothing.
    """
    cell = (points[:, :, -1] - points[:, :, 0]).amax(-1) / (points.shape[2] ** 0.5 - 1)
    away = (points[:, :, None] - target[..., None, :]).square().sum(-1)
    goal = torch.exp(-away / (2 * (_HEAT_SIGMA_CELLS * cell[..., None, None]).square()))
    mass = goal.sum(-1, keepdim=True)
    inside = (mass.squeeze(-1) > 0.5).float()
    error = -(goal / mass.clamp(min=1e-6) * log_heat).sum(-1)
    return weighted_mean(error, confidence * inside)


def reproject(
    joints_3d: Tensor, middle_mcp_2d: Tensor, pixels_per_metre: Tensor, K: Tensor
) -> Tensor:
    """Project a step's joints (B, M, 21, 3) m by each hand's K (B, M, 3, 3): (B, M, 21, 2) px."""
    return project_perspective(joints_3d, middle_mcp_2d, pixels_per_metre, K)


def bone_direction_loss(
    predicted: Tensor, target: Tensor, confidence: Tensor, unit: Tensor
) -> Tensor:
    """Squared difference of bone directions, 2D or 3D (SMHR #5); 20 bones.

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
    return weighted_mean((a - b).square().sum(-1), weight)


def _direction(vector: Tensor, softness: Tensor) -> Tensor:
    """Divide by the length, or by `softness` where that is longer (SMHR adds 1e-4 px^2)."""
    return vector / (vector.square().sum(-1, keepdim=True) + softness.square()).sqrt()


def joints_3d_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean L1 of joints (B, M, 21, 3) m relative to the middle MCP, in decimetres."""
    own = predicted - predicted[:, :, MIDDLE_MCP : MIDDLE_MCP + 1]
    true = target - target[:, :, MIDDLE_MCP : MIDDLE_MCP + 1]
    return points_loss(own, true, weight)


def points_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean L1 of points (B, M, N, 3) m in decimetres; weight (B, M)."""
    error = (predicted - target).abs().sum(-1).mean(-1) / _METRES_PER_UNIT
    return weighted_mean(error, weight)


def rotation_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean squared Frobenius distance of rotations (B, M, 16, 3, 3); weight (B, M)."""
    return weighted_mean((predicted - target).square().sum((-1, -2)).mean(-1), weight)


def shape_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean L1 of betas (B, M, 10); weight (B, M)."""
    return weighted_mean((predicted - target).abs().mean(-1), weight)


def shape_prior(betas: Tensor, weight: Tensor) -> Tensor:
    """Mean square of betas (B, M, 10): unlikely shapes cost (SMHR #6); weight (B, M)."""
    return weighted_mean(betas.square().mean(-1), weight)


def joint_limit_prior(angles: Tensor, low: Tensor, high: Tensor, weight: Tensor) -> Tensor:
    """Mean excess over the joint limits (SMHR #6), in radians.

    Args:
        angles: (B, M, 15, 3) flexion, abduction and twist of each finger joint.
        low: (15, 3) lower limits.
        high: (15, 3) upper limits.
        weight: (B, M).
    """
    excess = F.relu(low - angles) + F.relu(angles - high)
    return weighted_mean(excess.mean((-1, -2)), weight)


def confidence_loss(logits: Tensor, error_box: Tensor, weight: Tensor) -> Tensor:
    """Teach a keypoint's confidence to be exp(-error / 5 % of the hand box).

    Args:
        logits: (B, M, 21).
        error_box: (B, M, 21) distance of the refined keypoint to its label in hand boxes.
        weight: (B, M, 21).
    """
    target = torch.exp(-error_box.detach() / 0.05)
    error = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return weighted_mean(error, weight)


def side_loss(right_logit: Tensor, side: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy of each hand's side (B, M), 0 left and 1 right, at its centre."""
    error = F.binary_cross_entropy_with_logits(right_logit, side.float(), reduction="none")
    return weighted_mean(error, weight)


def albedo_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean L1 of per-vertex albedo (B, M, V, 3) in [0, 1]; weight (B, M)."""
    return weighted_mean((predicted - target).abs().mean((-1, -2)), weight)


def light_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean L1 of spherical-harmonic light (B, M, 27); weight (B, M)."""
    return weighted_mean((predicted - target).abs().mean(-1), weight)
