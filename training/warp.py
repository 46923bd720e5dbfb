"""Warping labelled pictures by similarities: pixels, 2D labels and, exactly, 3D labels."""

from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from training.batch import TrainingBatch, concatenate
from training.synthetic.shading import sh_basis


@dataclass(frozen=True, slots=True, eq=False)
class PicturePool:
    """N labelled pictures in memory, to be warped anew each time they are used.

    Attributes:
        labels: the pictures (N, 3, S, S'), each at the top left, with their labels.
        size: (N, 2) float32, (width, height) px of each picture without padding.
        half: (N, 3, S / 2, S' / 2) uint8, the pictures at half the size, for warps that shrink.
    """

    labels: TrainingBatch
    size: Tensor
    half: Tensor = field(init=False)

    def __post_init__(self) -> None:
        """Halve the pictures, a few at a time; their sides must be even."""
        parts = [
            F.avg_pool2d(part.float(), 2).round().to(torch.uint8)
            for part in self.labels.image.split(64)
        ]
        object.__setattr__(self, "half", torch.cat(parts))

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.labels)

    def labels_of(self, rows: Tensor) -> TrainingBatch:
        """Return the labels of rows (B,), their pictures empty: warping brings its own pixels."""
        return replace(self.labels, image=self.labels.image[..., :0, :0]).rows(rows)

    def to(self, device: torch.device) -> "PicturePool":
        """Return the pool on another device."""
        return PicturePool(self.labels.to(device), self.size.to(device))


def merged(*pools: PicturePool) -> PicturePool:
    """Return one pool of all pictures; those of one size of padding only."""
    if len(pools) == 1:
        return pools[0]
    labels = concatenate(*(pool.labels for pool in pools))
    return PicturePool(labels, torch.cat([pool.size for pool in pools]))


def similarity(scale: Tensor, turn: Tensor, flip: Tensor, centre: Tensor, goal: Tensor) -> Tensor:
    """Similarities (B, 3, 3) that take centre (B, 2) px to goal (B, 2) px.

    Args:
        scale: (B,).
        turn: (B,) rad, from x towards y, after the mirror.
        flip: (B,) -1 to mirror x, else 1.
        centre: (B, 2) px, of the source.
        goal: (B, 2) px, of the output.
    """
    cos, sin = torch.cos(turn) * scale, torch.sin(turn) * scale
    linear = torch.stack(
        [torch.stack([cos * flip, -sin], -1), torch.stack([sin * flip, cos], -1)], 1
    )
    shift = goal - (linear @ centre[..., None]).squeeze(-1)
    bottom = torch.tensor([0.0, 0.0, 1.0], device=scale.device).expand(len(scale), 1, 3)
    return torch.cat([torch.cat([linear, shift[..., None]], -1), bottom], 1)


def source_points(source_from_out: Tensor, height: int, width: int) -> Tensor:
    """Where each output pixel lies in its source, (B, height, width, 2) px; maps (B, 3, 3)."""
    device = source_from_out.device
    ys = torch.arange(height, device=device, dtype=torch.float32)
    xs = torch.arange(width, device=device, dtype=torch.float32)
    grid = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1)
    return grid @ source_from_out[:, None, :2, :2].mT + source_from_out[:, None, None, :2, 2]


def warp_image(
    pool: PicturePool, rows: Tensor, out_from_source: Tensor, height: int, width: int
) -> tuple[Tensor, Tensor]:
    """Resample pictures by similarities (B, 3, 3).

    Args:
        pool: the pictures.
        rows: (B,) which of them.
        out_from_source: output pixels from source pixels.
        height: of the output.
        width: of the output.

    Returns:
        Pixels (B, 3, height, width) in [0, 255], and (B, height, width) bool where the source
        covers them.
    """
    source = source_points(torch.linalg.inv(out_from_source), height, width)
    device = source.device
    inside = ((source >= 0) & (source <= pool.size[rows][:, None, None] - 1)).all(-1)
    full = pool.labels.image
    extent = source.new_tensor([full.shape[-1], full.shape[-2]])
    normalised = (source + 0.5) * (2 / extent) - 1
    # Shrinking without a low pass would alias: what shrinks a lot is taken from the half size.
    shrunk = torch.linalg.det(out_from_source[:, :2, :2]).abs().sqrt() < 0.65
    warped = torch.empty(len(rows), 3, height, width, device=device)
    for pictures, chosen in ((pool.half, shrunk), (full, ~shrunk)):
        taken = pictures[rows[chosen]].float()
        warped[chosen] = F.grid_sample(taken, normalised[chosen], align_corners=False)
    return warped, inside


def warp_labels(
    source: TrainingBatch, out_from_source: Tensor, height: int, width: int
) -> TrainingBatch:
    """Move labels (B pictures) by similarities (B, 3, 3); the picture itself stays.

    A similarity of the picture is a turn (and mirroring) Q of the camera frame about the optical
    axis with another focal length and principal point, so 3D labels stay exact: X' = Q X, and
    K' = A K Q^-1 is a pinhole camera again.
    """
    linear, shift = out_from_source[:, :2, :2], out_from_source[:, :2, 2]
    keypoints = source.keypoints_2d @ linear[:, None].mT + shift[:, None, None]
    determinant = torch.linalg.det(linear)
    scale = determinant.abs().sqrt()
    turn = torch.eye(3, device=linear.device).repeat(len(linear), 1, 1)
    turn[:, :2, :2] = linear / scale[:, None, None]
    side = torch.where(determinant[:, None] < 0, 1 - source.side, source.side)
    in_frame = keypoints_in_frame(keypoints, height, width)
    valid = source.valid & (in_frame.float().mean(-1) >= 0.5)
    cut = boxes_where(keypoints, source.valid & ~valid)
    confidence, hint = source.keypoint_confidence, source.hint_3d
    return replace(
        source,
        K=_warped_intrinsics(source.K, scale, out_from_source),
        valid=valid,
        side=side,
        keypoints_2d=keypoints,
        keypoint_confidence=torch.where(in_frame, confidence, confidence * 0.3),
        joints_3d=source.joints_3d @ turn[:, None].mT,
        pose=_turned_pose(source.pose, source.side, side, turn),
        hint_3d=None if hint is None else hint @ turn[:, None].mT,
        light=None if source.light is None else _turned_light(source.light, turn),
        ignore_xyxy=torch.cat([_warped_boxes(source.ignore_xyxy, out_from_source), cut], 1),
        hand_index=None,
    )


def _turned_pose(pose: Tensor, old_side: Tensor, new_side: Tensor, turn: Tensor) -> Tensor:
    """Turn canonical poses (B, M, 16, 3, 3) by Q (B, 3, 3), which may mirror.

    A hand's points are S R v with S the mirror of left hands and R the canonical orientation, so
    Q S R v = S' R' v gives R' = S' Q S R.
    """
    old, new = _mirror_of(old_side), _mirror_of(new_side)
    orient = new @ turn[:, None] @ old @ pose[:, :, 0]
    return torch.cat([orient[:, :, None], pose[:, :, 1:]], 2)


def _mirror_of(side: Tensor) -> Tensor:
    """S (B, M, 3, 3): diag(-1, 1, 1) for left hands, the identity for right ones."""
    signs = torch.ones(*side.shape, 3, device=side.device)
    signs[..., 0] = torch.where(side == 0, -1.0, 1.0)
    return torch.diag_embed(signs)


def _turned_light(light: Tensor, turn: Tensor) -> Tensor:
    """Turn spherical-harmonic light (B, M, 27), colour-major, by Q (B, 3, 3).

    L'(n) = L(Q^T n), fitted on directions that pin nine coefficients down.
    """
    angle = torch.arange(32, device=light.device) * 2.399963  # golden angle
    z = torch.linspace(-0.97, 0.97, 32, device=light.device)
    ring = (1 - z * z).sqrt()
    directions = torch.stack([ring * torch.cos(angle), ring * torch.sin(angle), z], -1)
    fit = torch.linalg.pinv(sh_basis(directions))
    seen_from = sh_basis(directions @ turn)  # (B, 32, 9): rows n^T Q = (Q^T n)^T
    change = fit @ seen_from
    return (light.unflatten(-1, (3, 9)) @ change[:, None].mT).flatten(-2)


def _warped_intrinsics(K: Tensor, scale: Tensor, out_from_source: Tensor) -> Tensor:
    """K (B, M, 3, 3) px of warped pictures: focal lengths scale, the principal point moves."""
    moved = K * scale[:, None, None, None]
    moved[..., 2] = (out_from_source[:, None] @ K[..., 2:]).squeeze(-1)
    return moved


def keypoints_in_frame(keypoints: Tensor, height: int, width: int) -> Tensor:
    """Say which keypoints (..., 2) lie in the picture."""
    limit = keypoints.new_tensor([width - 1, height - 1])
    return ((keypoints >= 0) & (keypoints <= limit)).all(-1)


def _warped_boxes(boxes: Tensor, out_from_source: Tensor) -> Tensor:
    """Axis-aligned boxes (B, R, 4) around warped boxes; empty ones stay zero."""
    x0, y0, x1, y1 = boxes.unbind(-1)
    corners = torch.stack([torch.stack(c, -1) for c in ((x0, y0), (x1, y0), (x0, y1), (x1, y1))], 2)
    moved = corners @ out_from_source[:, None, :2, :2].mT + out_from_source[:, None, None, :2, 2]
    around = torch.cat([moved.amin(2), moved.amax(2)], -1)
    return around * (boxes[..., 2:] > boxes[..., :2]).all(-1, keepdim=True)


def boxes_where(keypoints: Tensor, chosen: Tensor) -> Tensor:
    """Boxes (B, M, 4) of keypoints (B, M, 21, 2) where chosen (B, M), else zero."""
    boxes = torch.cat([keypoints.amin(2), keypoints.amax(2)], -1)
    return boxes * chosen[..., None]
