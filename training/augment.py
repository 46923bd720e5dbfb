"""Pictures of a pool to training batches: warp, mirror, two pictures in one, colour and blur.

Everything runs batched on the device that holds the pictures, CPU or GPU, from one generator, so
a batch depends on its seed alone.
"""

from dataclasses import dataclass, replace
from typing import Final

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from core.topology import MIDDLE_MCP, WRIST
from training.batch import TrainingBatch, concatenate, join_hands
from training.warp import (
    PicturePool,
    boxes_where,
    keypoints_in_frame,
    similarity,
    warp_image,
    warp_labels,
)

#: A hand whose box is larger than this share of its picture leaves nothing to see beside it.
_MOST_BESIDE: Final = 0.45


@dataclass(frozen=True, slots=True)
class AugmentConfig:
    """How far a picture may be changed.

    Attributes:
        hand_px: longer side of the hand's box after the warp, px, log-uniform; at most 90 % of
            the picture's shorter side.
        zoom: scale of a picture at least and at most, whatever the hand's size.
        keep_place: share of pictures whose hand stays about where it was in the frame.
        beside: share of pictures, of those with room beside their hand, that are moved until it is
            just outside the frame, fingers first: a bare arm, an elbow or a sleeve is no hand.
        turn_deg: standard deviation of the usual in-plane rotation.
        any_turn: share of pictures that are turned by any angle.
        mirror: share of pictures that are mirrored (sides swap).
        pair: share of a batch's pictures that show parts of two pictures.
        photometric: share of pictures whose colour is changed.
        blur: share that is blurred, evenly or along a line.
        occlude: share over which a patch is laid.
    """

    hand_px: tuple[float, float] = (26.0, 150.0)
    zoom: tuple[float, float] = (0.15, 2.5)
    keep_place: float = 0.7
    beside: float = 0.05
    turn_deg: float = 10.0
    any_turn: float = 0.08
    mirror: float = 0.5
    pair: float = 0.1
    photometric: float = 0.6
    blur: float = 0.1
    occlude: float = 0.05


class Draw:
    """Uniform and normal numbers from one generator on its own device."""

    def __init__(self, generator: Generator) -> None:
        """Keep the generator."""
        self._generator = generator
        self.device = generator.device

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Uniform in [low, high)."""
        drawn = torch.rand(*shape, generator=self._generator, device=self.device)
        return drawn * (high - low) + low

    def normal(self, *shape: int) -> Tensor:
        """Standard normal."""
        return torch.randn(*shape, generator=self._generator, device=self.device)

    def chance(self, share: float, *shape: int) -> Tensor:
        """True with the given probability."""
        return self.uniform(*shape) < share

    def integers(self, high: int, *shape: int) -> Tensor:
        """Integers in [0, high)."""
        return torch.randint(high, shape, generator=self._generator, device=self.device)


def augmented_batch(
    pool: PicturePool,
    rows: Tensor,
    backgrounds: Tensor,
    height: int,
    width: int,
    draw: Draw,
    config: AugmentConfig,
) -> TrainingBatch:
    """Make one augmented batch of B = len(rows) pictures; pairs have the hands of both.

    Args:
        pool: on the draw's device.
        rows: (B,) which pictures.
        backgrounds: (N, 3, h, w) uint8, shown where a warped picture ends.
        height: px of the batch.
        width: px of the batch.
        draw: random numbers.
        config: how far to go.
    """
    batch = _warped(pool, rows, backgrounds, height, width, draw, config)
    paired = round(config.pair * len(rows))
    if paired:
        partners = draw.integers(len(pool), paired)
        other = _warped(pool, partners, backgrounds, height, width, draw, config)
        region = _split_region(paired, height, width, draw)
        joined = joined_pictures(batch.part(0, paired), other, region)
        batch = concatenate(joined, batch.part(paired, None))
    image = occluded(batch.image, draw, config.occlude)
    return replace(batch, image=photometric(image, draw, config))


def _similarity(
    pool: PicturePool, rows: Tensor, height: int, width: int, draw: Draw, config: AugmentConfig
) -> Tensor:
    """Draw out_from_source (B, 3, 3): scale, turn, place and mirror around one of the hands."""
    count = len(rows)
    size, valid = pool.size[rows], pool.labels.valid[rows]
    pick = (draw.uniform(*valid.shape) * valid).argmax(1)
    keypoints = pool.labels.keypoints_2d[rows, pick]
    low, high = keypoints.amin(1), keypoints.amax(1)
    has_hand = valid.any(1)
    centre = torch.where(has_hand[:, None], (low + high) / 2, size / 2)
    box_px = torch.where(has_hand, (high - low).amax(1).clamp(min=8.0), size.amax(1) / 3)
    small, large = config.hand_px[0], min(config.hand_px[1], 0.9 * min(height, width))
    target_px = small * (large / small) ** draw.uniform(count)
    frame = torch.tensor([width, height], device=draw.device)
    # What is beside a hand is to be seen, not what the picture lies on: close-ups have nothing.
    has_room = has_hand & (box_px < _MOST_BESIDE * size.amin(1))
    beside = draw.chance(config.beside, count) & has_room
    filling = torch.where(beside, 1.2 * (frame / size).amax(-1), 0.0)
    scale = torch.maximum(target_px / box_px, filling).clamp(*config.zoom)
    turn = torch.deg2rad(draw.normal(count) * config.turn_deg)
    anyhow = draw.uniform(count, low=-torch.pi, high=torch.pi)
    turn = torch.where(draw.chance(config.any_turn, count), anyhow, turn)
    flip = torch.where(draw.chance(config.mirror, count), -1.0, 1.0)
    anywhere = draw.uniform(count, 2, low=0.1, high=0.9) * frame
    # Where the hand is in its own picture: most of the frame stays covered then.
    as_taken = (centre / size).clamp(0.1, 0.9)
    as_taken[:, 0] = torch.where(flip < 0, 1 - as_taken[:, 0], as_taken[:, 0])
    goal = torch.where(draw.chance(config.keep_place, count, 1), as_taken * frame, anywhere)
    out_from_source = similarity(scale, turn, flip, centre, goal)
    pointing = keypoints[:, MIDDLE_MCP] - keypoints[:, WRIST]
    ahead = (out_from_source[:, :2, :2] @ pointing[..., None]).squeeze(-1)
    outside = _goal_outside(ahead, scale * box_px, frame, draw)
    out_from_source[:, :2, 2] += torch.where(beside[:, None], outside - goal, 0.0)
    return out_from_source


def _goal_outside(ahead: Tensor, hand_px: Tensor, frame: Tensor, draw: Draw) -> Tensor:
    """Draw where (B, 2) px hands go that leave the frame (2,) px the way (B, 2) they point."""
    ahead = ahead / ahead.norm(dim=-1, keepdim=True).clamp(min=1e-6)
    start = draw.uniform(len(ahead), 2, low=0.3, high=0.7) * frame
    border = torch.where(ahead > 0, frame - start, start)
    # From half a box outside the frame no joint is in it.
    border = border + (hand_px * draw.uniform(len(ahead), low=0.55, high=0.9))[:, None]
    way = (border / ahead.abs().clamp(min=1e-3)).amin(-1)
    return start + ahead * way[:, None]


def _warped(
    pool: PicturePool,
    rows: Tensor,
    backgrounds: Tensor,
    height: int,
    width: int,
    draw: Draw,
    config: AugmentConfig,
) -> TrainingBatch:
    """Warp pictures and all their labels, 3D ones too, by one random similarity each."""
    out_from_source = _similarity(pool, rows, height, width, draw, config)
    image, inside = warp_image(pool, rows, out_from_source, height, width)
    behind = _background(backgrounds, len(rows), height, width, draw)
    labels = warp_labels(pool.labels_of(rows), out_from_source, height, width)
    return replace(labels, image=torch.where(inside[:, None], image, behind))


def _background(backgrounds: Tensor, count: int, height: int, width: int, draw: Draw) -> Tensor:
    """What lies outside of a warped picture: black as a letterbox, a plain colour, or a photo."""
    photo = backgrounds[draw.integers(len(backgrounds), count)].float()
    photo = F.interpolate(photo, size=(height, width), mode="bilinear", align_corners=False)
    kind = draw.integers(6, count)[:, None, None, None]
    plain = draw.uniform(count, 3, 1, 1, high=255.0).expand(-1, -1, height, width)
    return torch.where(kind == 0, torch.zeros_like(photo), torch.where(kind == 1, plain, photo))


def _split_region(count: int, height: int, width: int, draw: Draw) -> Tensor:
    """Half-planes (B, H, W) bool through a point near the middle, at any angle."""
    angle = draw.uniform(count, high=2 * torch.pi)
    x0 = draw.uniform(count, low=0.3, high=0.7) * width
    y0 = draw.uniform(count, low=0.3, high=0.7) * height
    return half_planes(angle, torch.stack([x0, y0], -1), height, width)


def half_planes(angle: Tensor, through: Tensor, height: int, width: int) -> Tensor:
    """Return which pixels (B, H, W) bool lie ahead of a line through a point.

    Args:
        angle: (B,) rad of the direction ahead, from +x towards +y.
        through: (B, 2) px, a point of the line.
        height: px.
        width: px.
    """
    ys = torch.arange(height, device=angle.device)[None, :, None]
    xs = torch.arange(width, device=angle.device)[None, None, :]
    angle = angle[:, None, None]
    x0, y0 = through[:, None, None].unbind(-1)
    return (xs - x0) * torch.cos(angle) + (ys - y0) * torch.sin(angle) > 0


def joined_pictures(first: TrainingBatch, second: TrainingBatch, region: Tensor) -> TrainingBatch:
    """Show `first` inside the region (B, H, W) and `second` outside, with the labels of both."""
    parts = []
    for batch, shown in ((first, region), (second, ~region)):
        height, width = shown.shape[-2:]
        columns = batch.keypoints_2d[..., 0].round().long().clamp(0, width - 1)
        lines = batch.keypoints_2d[..., 1].round().long().clamp(0, height - 1)
        index = (lines * width + columns).flatten(1)
        seen = shown.flatten(1).gather(1, index).view_as(columns)
        seen &= keypoints_in_frame(batch.keypoints_2d, height, width)
        share = seen.float().mean(-1)
        # Half a hand at the border is a label worth having, a finger's tip is not.
        valid = batch.valid & (share >= 0.5)
        partly = batch.valid & ~valid & (share > 0)
        confidence = batch.keypoint_confidence * torch.where(seen, 1.0, 0.3)
        visible = shown.flatten(1).any(1)
        ignore = torch.cat([batch.ignore_xyxy, boxes_where(batch.keypoints_2d, partly)], 1)
        parts.append((valid, confidence, ignore * visible[:, None, None]))
    (valid_a, confidence_a, ignore_a), (valid_b, confidence_b, ignore_b) = parts

    joined = join_hands(
        replace(first, valid=valid_a, keypoint_confidence=confidence_a, ignore_xyxy=ignore_a),
        replace(second, valid=valid_b, keypoint_confidence=confidence_b, ignore_xyxy=ignore_b),
    )
    return replace(joined, image=torch.where(region[:, None], first.image, second.image))


def occluded(image: Tensor, draw: Draw, share: float) -> Tensor:
    """Lay one flat or noisy rectangle over a share of pictures (B, 3, H, W)."""
    count, _, height, width = image.shape
    w = draw.uniform(count, low=0.04, high=0.18) * width
    h = draw.uniform(count, low=0.04, high=0.22) * height
    x0 = draw.uniform(count) * (width - w)
    y0 = draw.uniform(count) * (height - h)
    ys = torch.arange(height, device=image.device)[None, :, None]
    xs = torch.arange(width, device=image.device)[None, None, :]
    patch = (xs >= x0[:, None, None]) & (xs < (x0 + w)[:, None, None])
    patch = patch & (ys >= y0[:, None, None]) & (ys < (y0 + h)[:, None, None])
    chosen = draw.chance(share, count)
    colour = draw.uniform(count, 3, 1, 1, high=255.0)[chosen]
    covered = image.float()
    noise = 12 * draw.normal(*colour.shape[:2], height, width)
    covered[chosen] = torch.where(patch[chosen][:, None], colour + noise, covered[chosen])
    return covered


def photometric(image: Tensor, draw: Draw, config: AugmentConfig) -> Tensor:
    """Change exposure, gamma, white balance, saturation, noise and sharpness; returns uint8.

    Args:
        image: (B, 3, H, W) in [0, 255].
        draw: random numbers.
        config: shares.
    """
    count = len(image)
    column = (count, 1, 1, 1)
    x = image.float().clamp(0, 255) / 255
    x = _blurred(x, draw, config.blur)
    gamma = torch.exp(draw.normal(*column) * 0.2)
    gain = torch.exp(draw.normal(*column) * 0.15)
    balance = torch.exp(draw.normal(count, 3, 1, 1) * 0.08)
    grey = x.mean(1, keepdim=True)
    saturation = draw.uniform(*column, low=0.4, high=1.5)
    saturation = torch.where(draw.chance(0.04, *column), torch.zeros_like(saturation), saturation)
    changed = (grey + (x - grey) * saturation).clamp(1e-4, 1) ** gamma * gain * balance
    noise = draw.uniform(*column, high=0.03)
    noisy = draw.chance(0.5, count)
    changed[noisy] += noise[noisy] * draw.normal(*x[noisy].shape)
    x = torch.where(draw.chance(config.photometric, *column), changed, x)
    return (x.clamp(0, 1) * 255).round().to(torch.uint8)


def _blurred(x: Tensor, draw: Draw, share: float) -> Tensor:
    """Blur a share of pictures with a 9x9 kernel each: a Gaussian stretched along a line."""
    count, channels, height, width = x.shape
    offsets = torch.arange(-4, 5, device=x.device, dtype=torch.float32)
    angle = draw.uniform(count, high=torch.pi)[:, None, None]
    along = offsets[None, None, :] * torch.cos(angle) + offsets[None, :, None] * torch.sin(angle)
    across = offsets[None, :, None] * torch.cos(angle) - offsets[None, None, :] * torch.sin(angle)
    wide = draw.uniform(count, low=0.3, high=2.5)[:, None, None]
    thin = torch.where(draw.chance(0.5, count, 1, 1), wide, torch.full_like(wide, 0.4))
    kernel = torch.exp(-0.5 * ((along / wide) ** 2 + (across / thin) ** 2))
    sharp = torch.zeros_like(kernel)
    sharp[:, 4, 4] = 1
    kernel = torch.where(draw.chance(share, count, 1, 1), kernel, sharp)
    kernel = kernel / kernel.sum((1, 2), keepdim=True)
    weight = kernel.repeat_interleave(channels, 0)[:, None]
    rows = x.reshape(1, count * channels, height, width)
    padded = F.pad(rows, (4, 4, 4, 4), mode="replicate")
    return F.conv2d(padded, weight, groups=count * channels).view_as(x)
