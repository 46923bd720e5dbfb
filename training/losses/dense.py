"""Losses of what is read at every cell, and of each keypoint's heat."""

import torch
import torch.nn.functional as F
from torch import Tensor

from training.losses.means import per_picture

_HEAT_SIGMA_CELLS = 0.8


def focal_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Penalty-reduced focal loss (B,), divided by each picture's own positives (SMHR 1.10 #1-#3).

    L = -1/N sum { (1-p)^2 log p at y = 1; (1-y)^4 p^2 log(1-p) elsewhere }, N >= 1, so a picture
    without hands is finite.

    Args:
        logits: (B, C, h, w).
        target: (B, C, h, w) in [0, 1], 1 at peaks.
        weight: (B, 1, h, w), 0 where no loss is taken.
    """
    logits = logits.float()
    p = torch.sigmoid(logits).clamp(1e-4, 1 - 1e-4)
    positive = (target == 1).float()
    hit = (1 - p).square() * F.logsigmoid(logits).clamp(min=-9.3) * positive
    miss = (1 - target).pow(4) * p.square() * F.logsigmoid(-logits).clamp(min=-9.3)
    miss = miss * (1 - positive)
    total = ((hit + miss) * weight).sum((1, 2, 3))
    return -(total / positive.sum((1, 2, 3)).clamp(min=1))


def heat_loss(log_heat: Tensor, points: Tensor, target: Tensor, confidence: Tensor) -> Tensor:
    """Cross-entropy of each keypoint's heat in its window against a Gaussian around its label.

    The mean of the heat alone learns slowly: any heat with the right mean would do (Nibali et al.,
    DSNT, 2018, on regularised heatmaps).

    Args:
        log_heat: (B, M, 21, P).
        points: (B, M, P, 2) px, evenly spaced.
        target: (B, M, 21, 2) px.
        confidence: (B, M, 21); labels outside of the window weigh nothing.

    Returns:
        (B,) per picture.
    """
    cell = (points[:, :, -1] - points[:, :, 0]).amax(-1) / (points.shape[2] ** 0.5 - 1)
    away = (points[:, :, None] - target[..., None, :]).square().sum(-1)
    goal = torch.exp(-away / (2 * (_HEAT_SIGMA_CELLS * cell[..., None, None]).square()))
    mass = goal.sum(-1, keepdim=True)
    inside = (mass.squeeze(-1) > 0.5).float()
    error = -(goal / mass.clamp(min=1e-6) * log_heat).sum(-1)
    return per_picture(error, confidence * inside)


def side_loss(right_logit: Tensor, side: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy (B,) of each hand's side (B, M), 0 left and 1 right, at its centre."""
    error = F.binary_cross_entropy_with_logits(right_logit, side.float(), reduction="none")
    return per_picture(error, weight)
