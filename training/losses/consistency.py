"""Feature consistency: what one hand is said to be in several ways must agree (SMHR 1.9)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from training.losses.means import per_picture

#: From here on, in hand boxes, the smooth L1 is linear.
_SMOOTH_BOX = 0.05


def consistency_loss(
    reprojected: Tensor, local: Tensor, confidence: Tensor, labelled: Tensor, box_px: Tensor
) -> Tensor:
    """L_con (B,): reprojected joints against local keypoints, in hand boxes (SMHR 1.9).

    L_con = sum_hj conf smoothL1(P_rep - P_loc) / sum conf. Where there is a label both sides learn;
    elsewhere the local side, the more accurate one in 2D, is the teacher.

    Args:
        reprojected: P_rep (B, M, 21, 2) px, by way of the hand model.
        local: P_loc (B, M, 21, 2) px, from the features near the hand.
        confidence: (B, M, 21).
        labelled: (B, M, 21) bool.
        box_px: (B, M).
    """
    teacher = torch.where(labelled[..., None], local, local.detach())
    apart = (reprojected - teacher) / box_px[..., None, None]
    error = F.smooth_l1_loss(apart, torch.zeros_like(apart), reduction="none", beta=_SMOOTH_BOX)
    return per_picture(error.sum(-1), confidence)


def centre_consistency_loss(
    reprojected: Tensor, centre_2d: Tensor, weight: Tensor, box_px: Tensor
) -> Tensor:
    """L1 (B,) between the centroid of the counted joints and the hand's centre (SMHR 1.9).

    Args:
        reprojected: (B, M, 21, 2) px.
        centre_2d: (B, M, 2) px, the centre's cell and its offset.
        weight: (B, M, 21), the joints that a hand's centre is the mean of; none counts nothing.
        box_px: (B, M).
    """
    total = weight.sum(-1)
    centroid = (reprojected * weight[..., None]).sum(2) / total.clamp(min=1e-6)[..., None]
    error = (centroid - centre_2d).abs().sum(-1) / box_px
    return per_picture(error, (total > 0).float())


def paste_turn(pasted_from_alone: Tensor, alone_left: Tensor, pasted_left: Tensor) -> Tensor:
    """Turn (N, 3, 3) of the canonical global orientation that pasting a hand brings about.

    A similarity (N, 3, 3) of the picture turns and maybe mirrors the camera frame by Q; points are
    S R v with S the mirror of left hands, so Q S R v = S' R' v gives R' = (S' Q S) R.
    """
    linear = pasted_from_alone[:, :2, :2]
    scale = torch.linalg.det(linear).abs().sqrt()
    turn = torch.eye(3, device=linear.device).repeat(len(linear), 1, 1)
    turn[:, :2, :2] = linear / scale[:, None, None]
    return _mirror(pasted_left) @ turn @ _mirror(alone_left)


def _mirror(is_left: Tensor) -> Tensor:
    """S (N, 3, 3)."""
    signs = torch.ones(len(is_left), 3, device=is_left.device)
    signs[:, 0] = torch.where(is_left, -1.0, 1.0)
    return torch.diag_embed(signs)


def multi_consistency_loss(
    alone: tuple[Tensor, Tensor, Tensor],
    pasted: tuple[Tensor, Tensor, Tensor],
    turn: Tensor,
    pasted_from_alone: Tensor,
    box_px: Tensor,
) -> Tensor:
    """L_mcon (N,): the same source hand alone and pasted into a composite (SMHR 1.9).

    L_mcon = |theta_i - theta_ii|_1 + |beta_i - beta_ii|_1 + |T_paste(P_rep_i) - P_rep_ii|_1, each
    as a mean; theta as rotation matrices, the global one turned as the paste turns it, which is
    what a mirror's signs of axis angles are; P in boxes of the pasted hand.

    Args:
        alone: pose (N, 16, 3, 3), betas (N, 10) and reprojected joints (N, 21, 2) px.
        pasted: the same in the composite.
        turn: (N, 3, 3) of `paste_turn`.
        pasted_from_alone: T_paste (N, 3, 3), pixels of the composite from the single picture's.
        box_px: (N,) of the pasted hands.
    """
    (pose, betas, points), (other_pose, other_betas, other_points) = alone, pasted
    expected = torch.cat([(turn @ pose[:, 0])[:, None], pose[:, 1:]], 1)
    moved = points @ pasted_from_alone[:, :2, :2].mT + pasted_from_alone[:, None, :2, 2]
    theta = (expected - other_pose).abs().mean((1, 2, 3))
    beta = (betas - other_betas).abs().mean(1)
    apart = (moved - other_points).abs().sum(-1).mean(1) / box_px
    return theta + beta + apart


def foreground_loss(whole: Tensor, masked: Tensor, weight: Tensor) -> Tensor:
    """|| F(x) - F(x m) ||^2 (B,) of each hand's feature, in their variance (Baek Eq 2).

    The feature of the masked picture is the teacher, without gradient, and the error is measured in
    the mean variance over hands of both: shrinking features gain nothing, those that tell hands
    apart do. Unrelated features cost about 2, equal ones nothing.

    Args:
        whole: F(x) (B, M, D), of the whole picture.
        masked: F(x m) (B, M, D), of the hands alone.
        weight: (B, M).
    """
    own, teacher = whole.float(), masked.detach().float()
    spread = (feature_variance(own, weight) + feature_variance(teacher, weight)) / 2
    return per_picture((own - teacher).square().mean(-1) / spread.clamp(min=1e-6), weight)


def feature_variance(features: Tensor, weight: Tensor) -> Tensor:
    """Variance over hands of features (B, M, D), mean over D: near zero is a collapse."""
    share = (weight / weight.sum().clamp(min=1e-6))[..., None]
    mean = (features * share).sum((0, 1))
    return ((features - mean).square() * share).sum((0, 1)).mean()
