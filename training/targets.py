"""What the dense heads should say: Gaussian peaks at hand centres and keypoints."""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.augment import Draw
from training.batch import TrainingBatch

#: Overlap that a box shifted by the Gaussian's radius still has with the true one (CornerNet).
_MIN_IOU = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class DenseTargets:
    """Targets of the dense heads, on cells of the network's stride.

    Attributes:
        centre: (B, 1, h, w) in [0, 1], exactly 1 at each hand's centre cell.
        side: (B, 2, h, w), the same peak in the channel of the hand's side.
        heatmap: (B, 21, h, w), one peak per hand and keypoint.
        weight: (B, 1, h, w), 0 where no loss may be taken.
        cells: (B, M) flat index of each hand's centre cell.
        centre_2d: (B, M, 2) px, each hand's centre.
        box_px: (B, M) longer side of each hand's keypoint box, at least 16.
    """

    centre: Tensor
    side: Tensor
    heatmap: Tensor
    weight: Tensor
    cells: Tensor
    centre_2d: Tensor
    box_px: Tensor


def gaussian_radius(box_height: Tensor, box_width: Tensor) -> Tensor:
    """Radius within which a shifted box keeps an IoU of 0.7 (CornerNet's three cases)."""
    h, w, iou = box_height, box_width, _MIN_IOU

    def root(a: float, b: Tensor, c: Tensor) -> Tensor:
        return (b - (b * b - 4 * a * c).clamp(min=0).sqrt()) / (2 * a)

    overlap = root(1.0, h + w, w * h * (1 - iou) / (1 + iou))
    inner = root(4.0, 2 * (h + w), (1 - iou) * w * h)
    b = 2 * iou * (h + w)
    outer = (-b + (b * b + 16 * iou * (1 - iou) * w * h).sqrt()) / (8 * iou)
    return torch.minimum(torch.minimum(overlap, inner), outer).clamp(min=0)


def draw_peaks(cells_xy: Tensor, sigma: Tensor, shown: Tensor, height: int, width: int) -> Tensor:
    """Gaussians around integer cells; a peak is exactly 1.

    Args:
        cells_xy: (..., 2) int64 (column, row).
        sigma: (...) in cells.
        shown: (...) bool; hidden ones draw nothing.
        height: cells.
        width: cells.

    Returns:
        (..., height, width) in [0, 1].
    """
    ys = torch.arange(height, device=cells_xy.device)
    xs = torch.arange(width, device=cells_xy.device)
    dx2 = (xs - cells_xy[..., :1]).float().square() / (2 * sigma[..., None].square())
    dy2 = (ys - cells_xy[..., 1:]).float().square() / (2 * sigma[..., None].square())
    peak = torch.exp(-dy2)[..., :, None] * torch.exp(-dx2)[..., None, :]
    return peak * shown[..., None, None]


def dense_targets(batch: TrainingBatch, stride: int) -> DenseTargets:
    """Draw all dense targets of a batch (SMHR 1.6; keypoint peaks for every hand, not only one)."""
    height, width = batch.image.shape[-2] // stride, batch.image.shape[-1] // stride
    keypoints, valid = batch.keypoints_2d, batch.valid
    limit = keypoints.new_tensor([batch.image.shape[-1] - 1, batch.image.shape[-2] - 1])
    inside = ((keypoints >= 0) & (keypoints <= limit)).all(-1)
    share = (inside & (batch.keypoint_confidence > 0)).float()[..., None]
    centre_2d = (keypoints * share).sum(2) / share.sum(2).clamp(min=1)
    extent = keypoints.amax(2) - keypoints.amin(2)
    last = torch.tensor([width - 1, height - 1], device=keypoints.device)
    cells_xy = torch.minimum((centre_2d / stride).floor().long().clamp(min=0), last)
    radius = gaussian_radius(extent[..., 1] / stride, extent[..., 0] / stride)
    sigma = (2 * radius.floor() + 1) / 6
    peaks = draw_peaks(cells_xy, sigma, valid, height, width)
    is_right = batch.side[..., None, None] == 1
    side = torch.stack([(peaks * ~is_right).amax(1), (peaks * is_right).amax(1)], 1)
    joint_cells = torch.minimum((keypoints / stride).floor().long().clamp(min=0), last)
    shown = inside & valid[..., None] & (batch.keypoint_confidence > 0.2)
    joint_sigma = (sigma / 3).clamp(min=0.6)[..., None].expand(shown.shape)
    heatmap = draw_peaks(joint_cells, joint_sigma, shown, height, width).amax(1)
    centre = peaks.amax(1, keepdim=True)
    return DenseTargets(
        centre=centre,
        side=side,
        heatmap=heatmap,
        weight=_loss_weight(batch, centre, stride),
        cells=cells_xy[..., 1] * width + cells_xy[..., 0],
        centre_2d=centre_2d,
        box_px=extent.amax(-1).clamp(min=16.0),
    )


def _loss_weight(batch: TrainingBatch, centre: Tensor, stride: int) -> Tensor:
    """Zero inside ignored regions, but never on a labelled hand's own peak."""
    height, width = centre.shape[-2:]
    xs = (torch.arange(width, device=centre.device) + 0.5) * stride
    ys = (torch.arange(height, device=centre.device) + 0.5) * stride
    x0, y0, x1, y1 = batch.ignore_xyxy[..., None].unbind(2)
    in_x = (xs >= x0) & (xs <= x1)
    in_y = (ys >= y0) & (ys <= y1)
    ignored = (in_y[..., :, None] & in_x[..., None, :]).any(1, keepdim=True)
    return (~ignored | (centre > 0.1)).to(centre.dtype)


def jitter_cells(cells: Tensor, height: int, width: int, draw: Draw, share: float) -> Tensor:
    """Move a share of centre cells (B, M) by up to one cell: a predicted peak is often beside."""
    row, column = torch.div(cells, width, rounding_mode="floor"), cells % width
    move = draw.chance(share, *cells.shape)
    step = (draw.integers(3, 2, *cells.shape) - 1) * move
    row = (row + step[0]).clamp(0, height - 1)
    column = (column + step[1]).clamp(0, width - 1)
    return row * width + column
