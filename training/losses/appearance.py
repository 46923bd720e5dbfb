"""Losses between a rendering of the hands and the picture, and when they count."""

import torch
from torch import Tensor

from training.losses.means import per_picture


def hierarchical_gate(
    projected: Tensor, target: Tensor, confidence: Tensor, box_px: Tensor, tau: float | None
) -> Tensor:
    """Lambda (B, M) of each hand's mask and photometric terms (Baek Eq 12); no gradient.

    lambda = 1 if dist2D(projected joints, labels) < tau else 0: mesh and camera together explain a
    silhouette in too many ways, so first align, then carve. The distance is the confidence-weighted
    mean over joints in hand boxes: 15 px in a 224 px crop, of which a hand's box takes about 100,
    are a tau of 0.15 for a hand of any size.

    Args:
        projected: (B, M, 21, 2) px.
        target: (B, M, 21, 2) px.
        confidence: (B, M, 21); a hand without any label is not aligned.
        box_px: (B, M).
        tau: in hand boxes; None for the constant 1 of every labelled hand (ablation).
    """
    total = confidence.sum(-1)
    apart = (projected.detach() - target).norm(dim=-1)
    distance = (apart * confidence).sum(-1) / total.clamp(min=1e-6) / box_px
    aligned = torch.ones_like(distance) if tau is None else (distance < tau).float()
    return aligned * (total > 0)


def silhouette_loss(soft: Tensor, mask: Tensor, known: Tensor, box_px: Tensor) -> Tensor:
    """Sum |S - m| (N,) over the known pixels, in boxes of the hand (SMHR #8, Baek Eq 9: L_Sh).

    The gradient is that of S at the outline (training/silhouette.py), which a hard mask has not.

    Args:
        soft: S (N, H, W) in [0, 1], each hand rendered alone.
        mask: m (N, H, W), 1 where the hand is seen.
        known: (N, H, W), 0 where another hand hides what is behind it.
        box_px: (N,).
    """
    return ((soft - mask).abs() * known).sum((1, 2)) / box_px.square()


def mask_iou(soft: Tensor, mask: Tensor, known: Tensor) -> Tensor:
    """Intersection over union (N,) of soft and true masks (N, H, W) over the known pixels."""
    overlap = (torch.minimum(soft, mask) * known).sum((1, 2))
    return overlap / (torch.maximum(soft, mask) * known).sum((1, 2)).clamp(min=1e-6)


def photometric_loss(rendered: Tensor, image: Tensor, mask: Tensor) -> Tensor:
    """sum_px M ||I_rend - I||_2 / (sum_px M + 1e-4) (B,), the L2 norm over RGB (SMHR #7).

    Args:
        rendered: (B, H, W, 3).
        image: (B, H, W, 3) RGB in [0, 1].
        mask: M (B, H, W), rendered and labelled as the same hand, times its gate.
    """
    error = ((rendered - image).square().sum(-1) + 1e-10).sqrt()
    per_image = (error * mask).sum((1, 2)) / (mask.sum((1, 2)) + 1e-4)
    return per_picture(per_image, mask.any(2).any(1).float())


def psnr(rendered: Tensor, image: Tensor, mask: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB over the mask; 0 where the mask is empty.

    -10 log10(mean squared error) of RGB in [0, 1].

    Args:
        rendered: (B, H, W, 3).
        image: (B, H, W, 3).
        mask: (B, H, W).
    """
    seen = mask > 0
    error = (rendered - image)[seen].square().mean().clamp(min=1e-10)
    return -10 * error.log10() if bool(seen.any()) else error.new_zeros(())


def albedo_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean L1 (B,) of per-vertex albedo (B, M, V, 3) in [0, 1]; weight (B, M)."""
    return per_picture((predicted - target).abs().mean((-1, -2)), weight)


def light_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean L1 (B,) of spherical-harmonic light (B, M, 27); weight (B, M)."""
    return per_picture((predicted - target).abs().mean(-1), weight)
