"""Real pictures to training batches: warp, mirror, two pictures in one, colour and blur.

Everything runs batched on the device that holds the pictures, CPU or GPU, from one generator, so
a batch depends on its seed alone.
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from core.geometry import DEFAULT_HORIZONTAL_FOV_DEG
from training.batch import TrainingBatch
from training.datasets.weak_shards import WeakPictures


@dataclass(frozen=True, slots=True)
class AugmentConfig:
    """How far a picture may be changed.

    Attributes:
        hand_px: longer side of the hand's box after the warp, log-uniform, px at width 384.
        zoom: scale of a picture at most and at least, whatever the hand's size.
        keep_place: share of pictures whose hand stays about where it was in the frame.
        turn_deg: standard deviation of the usual in-plane rotation.
        any_turn: share of pictures that are turned by any angle.
        mirror: share of pictures that are mirrored (sides swap).
        pair: share of batches' pictures that show parts of two pictures.
        photometric: share of pictures whose colour is changed.
        blur: share that is blurred, evenly or along a line.
        occlude: share over which a patch is laid.
    """

    hand_px: tuple[float, float] = (30.0, 270.0)
    zoom: tuple[float, float] = (0.45, 3.2)
    keep_place: float = 0.5
    turn_deg: float = 18.0
    any_turn: float = 0.2
    mirror: float = 0.5
    pair: float = 0.35
    photometric: float = 0.9
    blur: float = 0.25
    occlude: float = 0.2


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


def weak_batch(
    pictures: WeakPictures,
    rows: Tensor,
    backgrounds: Tensor,
    height: int,
    width: int,
    draw: Draw,
    config: AugmentConfig,
) -> TrainingBatch:
    """Make one augmented batch of B = len(rows) pictures with four hand slots.

    Args:
        pictures: on the draw's device.
        rows: (B,) which pictures.
        backgrounds: (N, 3, h, w) uint8, shown where a warped picture ends.
        height: px of the batch.
        width: px of the batch.
        draw: random numbers.
        config: how far to go.
    """
    first = _warped(pictures, rows, backgrounds, height, width, draw, config)
    partner_rows = draw.integers(len(pictures), len(rows))
    second = _warped(pictures, partner_rows, backgrounds, height, width, draw, config)
    region = _split_region(len(rows), height, width, draw)
    region |= ~draw.chance(config.pair, len(rows))[:, None, None]
    batch = _joined(first, second, region)
    image = occluded(batch.image, draw, config.occlude)
    return replace(batch, image=photometric(image, draw, config))


def _similarity(
    pictures: WeakPictures, rows: Tensor, height: int, width: int, draw: Draw, config: AugmentConfig
) -> Tensor:
    """Draw out_from_source (B, 3, 3): scale, turn, place and mirror around one of the hands."""
    count = len(rows)
    size, valid = pictures.size[rows], pictures.valid[rows]
    both = valid.all(1)
    pick = torch.where(both, draw.integers(2, count), valid.float().argmax(1))
    keypoints = pictures.keypoints_2d[rows, pick]
    low, high = keypoints.amin(1), keypoints.amax(1)
    has_hand = valid.any(1)
    centre = torch.where(has_hand[:, None], (low + high) / 2, size / 2)
    box_px = torch.where(has_hand, (high - low).amax(1).clamp(min=8.0), size.amax(1) / 3)
    small, large = config.hand_px
    target_px = small * (large / small) ** draw.uniform(count) * (width / 384)
    fit = torch.minimum(width / size[:, 0], height / size[:, 1])
    scale = (target_px / box_px).clamp(config.zoom[0] * fit, config.zoom[1] * fit)
    turn = torch.deg2rad(draw.normal(count) * config.turn_deg)
    turn = torch.where(
        draw.chance(config.any_turn, count), draw.uniform(count, low=-torch.pi, high=torch.pi), turn
    )
    flip = torch.where(draw.chance(config.mirror, count), -1.0, 1.0)
    goal = torch.stack(
        [draw.uniform(count, low=0.08, high=0.92) * width,
         draw.uniform(count, low=0.08, high=0.92) * height], -1,
    )  # fmt: skip
    cos, sin = torch.cos(turn) * scale, torch.sin(turn) * scale
    linear = torch.stack(
        [torch.stack([cos * flip, -sin], -1), torch.stack([sin * flip, cos], -1)], 1
    )
    shift = goal - (linear @ centre[..., None]).squeeze(-1)
    bottom = torch.tensor([0.0, 0.0, 1.0], device=draw.device).expand(count, 1, 3)
    return torch.cat([torch.cat([linear, shift[..., None]], -1), bottom], 1)


def _warped(
    pictures: WeakPictures,
    rows: Tensor,
    backgrounds: Tensor,
    height: int,
    width: int,
    draw: Draw,
    config: AugmentConfig,
) -> TrainingBatch:
    """Warp pictures and their labels by one similarity each."""
    count, device = len(rows), draw.device
    out_from_source = _similarity(pictures, rows, height, width, draw, config)
    linear, shift = out_from_source[:, :2, :2], out_from_source[:, :2, 2]
    size = pictures.size[rows]
    image, inside = _warp_image(pictures.image[rows], size, out_from_source, height, width)
    behind = _background(backgrounds, count, height, width, draw)
    image = torch.where(inside[:, None], image, behind)
    keypoints = pictures.keypoints_2d[rows] @ linear[:, None].mT + shift[:, None, None]
    mirrored = torch.linalg.det(linear) < 0
    side = torch.where(mirrored[:, None], 1 - pictures.side[rows], pictures.side[rows])
    scale = torch.linalg.det(linear).abs().sqrt()
    turn_3d = torch.eye(3, device=device).repeat(count, 1, 1)
    turn_3d[:, :2, :2] = linear / scale[:, None, None]
    confidence = pictures.keypoint_confidence[rows]
    in_frame = _in_frame(keypoints, height, width)
    valid = pictures.valid[rows] & (in_frame.float().mean(-1) >= 0.5)
    ignore = _warped_boxes(pictures.ignore_xyxy[rows], out_from_source)
    cut = pictures.valid[rows] & ~valid
    ignore = torch.cat([ignore, _boxes_where(keypoints, cut)], 1)
    return TrainingBatch(
        image=image,
        K=_warped_intrinsics(size, scale, out_from_source),
        valid=valid,
        side=side,
        keypoints_2d=keypoints,
        keypoint_confidence=torch.where(in_frame, confidence, confidence * 0.3),
        joints_3d=torch.zeros(count, 2, 21, 3, device=device),
        pose=torch.eye(3, device=device).expand(count, 2, 16, 3, 3),
        betas=torch.zeros(count, 2, 10, device=device),
        has_3d=torch.zeros(count, 2, dtype=torch.bool, device=device),
        hint_3d=pictures.hint_3d[rows] @ turn_3d[:, None].mT,
        has_hint=pictures.has_hint[rows] & valid,
        ignore_xyxy=ignore,
    )


def _warp_image(
    image: Tensor, size: Tensor, out_from_source: Tensor, height: int, width: int
) -> tuple[Tensor, Tensor]:
    """Resample (B, 3, S, S) uint8; returns pixels in [0, 255] and where the source covers them."""
    source_from_out = torch.linalg.inv(out_from_source)
    ys = torch.arange(height, device=image.device, dtype=torch.float32)
    xs = torch.arange(width, device=image.device, dtype=torch.float32)
    grid = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1)
    source = grid @ source_from_out[:, None, :2, :2].mT + source_from_out[:, None, None, :2, 2]
    inside = ((source >= 0) & (source <= size[:, None, None] - 1)).all(-1)
    normalised = (source + 0.5) * (2 / image.shape[-1]) - 1
    # Shrinking without a low pass would alias; halve the source first where it shrinks a lot.
    scale = torch.linalg.det(out_from_source[:, :2, :2]).abs().sqrt()
    floating = image.float()
    softened = F.interpolate(F.avg_pool2d(floating, 2), scale_factor=2, mode="bilinear")
    floating = torch.where((scale < 0.65)[:, None, None, None], softened, floating)
    return F.grid_sample(floating, normalised, align_corners=False), inside


def _warped_intrinsics(size: Tensor, scale: Tensor, out_from_source: Tensor) -> Tensor:
    """K (B, 3, 3) px of a picture taken at the default field of view and then warped."""
    half_tangent = torch.tan(torch.deg2rad(torch.tensor(DEFAULT_HORIZONTAL_FOV_DEG / 2)))
    focal = 0.5 * size.amax(1) / half_tangent * scale
    middle = torch.cat([(size - 1) / 2, torch.ones_like(size[:, :1])], 1)
    centre = (out_from_source @ middle[..., None]).squeeze(-1)[:, :2]
    K = torch.zeros(len(size), 3, 3, device=size.device)
    K[:, 0, 0] = K[:, 1, 1] = focal
    K[:, :2, 2] = centre
    K[:, 2, 2] = 1
    return K


def _background(backgrounds: Tensor, count: int, height: int, width: int, draw: Draw) -> Tensor:
    """What lies outside of a warped picture: black as a letterbox, a plain colour, or a photo."""
    photo = backgrounds[draw.integers(len(backgrounds), count)].float()
    photo = F.interpolate(photo, size=(height, width), mode="bilinear", align_corners=False)
    kind = draw.integers(6, count)[:, None, None, None]
    plain = draw.uniform(count, 3, 1, 1, high=255.0).expand(-1, -1, height, width)
    return torch.where(kind == 0, torch.zeros_like(photo), torch.where(kind == 1, plain, photo))


def _in_frame(keypoints: Tensor, height: int, width: int) -> Tensor:
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


def _boxes_where(keypoints: Tensor, chosen: Tensor) -> Tensor:
    """Boxes (B, M, 4) of keypoints (B, M, 21, 2) where chosen (B, M), else zero."""
    boxes = torch.cat([keypoints.amin(2), keypoints.amax(2)], -1)
    return boxes * chosen[..., None]


def _split_region(count: int, height: int, width: int, draw: Draw) -> Tensor:
    """Half-planes (B, H, W) bool through a point near the middle, at any angle."""
    angle = draw.uniform(count, high=2 * torch.pi)[:, None, None]
    x0 = draw.uniform(count, low=0.3, high=0.7)[:, None, None] * width
    y0 = draw.uniform(count, low=0.3, high=0.7)[:, None, None] * height
    ys = torch.arange(height, device=draw.device)[None, :, None]
    xs = torch.arange(width, device=draw.device)[None, None, :]
    return (xs - x0) * torch.cos(angle) + (ys - y0) * torch.sin(angle) > 0


def _joined(first: TrainingBatch, second: TrainingBatch, region: Tensor) -> TrainingBatch:
    """Show `first` inside the region (B, H, W) and `second` outside, with the labels of both."""
    parts = []
    for batch, shown in ((first, region), (second, ~region)):
        height, width = shown.shape[-2:]
        columns = batch.keypoints_2d[..., 0].round().long().clamp(0, width - 1)
        lines = batch.keypoints_2d[..., 1].round().long().clamp(0, height - 1)
        index = (lines * width + columns).flatten(1)
        seen = shown.flatten(1).gather(1, index).view_as(columns)
        seen &= _in_frame(batch.keypoints_2d, height, width)
        share = seen.float().mean(-1)
        # Half a hand at the border is a label worth having, a finger's tip is not.
        valid = batch.valid & (share >= 0.5)
        partly = batch.valid & ~valid & (share > 0)
        confidence = batch.keypoint_confidence * torch.where(seen, 1.0, 0.3)
        visible = shown.flatten(1).any(1)
        ignore = torch.cat([batch.ignore_xyxy, _boxes_where(batch.keypoints_2d, partly)], 1)
        parts.append((valid, confidence, ignore * visible[:, None, None]))
    (valid_a, confidence_a, ignore_a), (valid_b, confidence_b, ignore_b) = parts

    def both(name: str) -> Tensor:
        return torch.cat([getattr(first, name), getattr(second, name)], 1)

    return TrainingBatch(
        image=torch.where(region[:, None], first.image, second.image),
        # Both parts were taken at the default field of view; the pair has one camera, and the
        # second part's perspective error is smaller than the teacher's.
        K=first.K,
        valid=torch.cat([valid_a, valid_b], 1),
        side=both("side"),
        keypoints_2d=both("keypoints_2d"),
        keypoint_confidence=torch.cat([confidence_a, confidence_b], 1),
        joints_3d=both("joints_3d"),
        pose=both("pose"),
        betas=both("betas"),
        has_3d=both("has_3d"),
        hint_3d=both("hint_3d"),
        has_hint=both("has_hint") & torch.cat([valid_a, valid_b], 1),
        ignore_xyxy=torch.cat([ignore_a, ignore_b], 1),
    )


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
    patch &= draw.chance(share, count)[:, None, None]
    colour = draw.uniform(count, 3, 1, 1, high=255.0)
    return torch.where(patch[:, None], colour + 12 * draw.normal(*image.shape), image.float())


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
    gamma = torch.exp(draw.normal(*column) * 0.25)
    gain = torch.exp(draw.normal(*column) * 0.2)
    balance = torch.exp(draw.normal(count, 3, 1, 1) * 0.08)
    grey = x.mean(1, keepdim=True)
    saturation = draw.uniform(*column, low=0.4, high=1.5)
    saturation = torch.where(draw.chance(0.04, *column), torch.zeros_like(saturation), saturation)
    changed = (grey + (x - grey) * saturation).clamp(1e-4, 1) ** gamma * gain * balance
    noise = draw.uniform(*column, high=0.05) * draw.chance(0.5, *column)
    changed = changed + noise * draw.normal(*x.shape)
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
