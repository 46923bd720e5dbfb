"""Composes pictures of many hands from single hands (SMHR 1.13), on the device, from one generator.

Hands are cut out softly, mirrored, turned, scaled, coloured a little like their new surroundings
and laid over a background, larger ones in front. A later hand may be covered, within a limit; what
is covered of it, its joints say. Each hand remembers where it is from and how it was moved, for the
consistency of one hand seen alone and among others (SMHR 1.9).
"""

from dataclasses import dataclass, field, replace
from typing import Final

import torch
from torch import Tensor

from training.arrange import ArrangeConfig, Arrangement, arrange
from training.augment import AugmentConfig, Draw, photometric
from training.batch import TrainingBatch
from training.cutout import CutConfig, CutOuts, cut_out, sample_alpha, whole_hands
from training.synthetic.dice import Dice
from training.synthetic.generator import backdrop
from training.synthetic.scene import SceneConfig, to_device
from training.synthetic.surroundings import sample_backdrops
from training.synthetic.textures import srgb_from_linear
from training.warp import (
    PicturePool,
    keypoints_in_frame,
    source_points,
    warp_image,
    warp_labels,
)

# A hand smaller than this share of its source is resampled by way of its cut-out.
_FAR_SHRUNK: Final = 0.35
# A joint behind another hand is a guess; so much of its confidence goes when nothing is seen of it.
_HIDDEN_DISCOUNT: Final = 0.7
# A flat hand or background has no contrast to pass on: deviations change by this factor at most.
_MOST_CONTRAST: Final = 2.0


@dataclass(frozen=True, slots=True)
class ComposeConfig:
    """How pictures are composed.

    Attributes:
        hand_count_weights: of pictures with 0, 1, 2 ... hands; zero hands teach what is none.
        mirror: share of hands that are mirrored (sides swap).
        transfer: how far a hand's colours may move towards the background's, mean and deviation;
            drawn per hand from [0, transfer].
        cut: which hands are taken, and their edges.
        arrange: how large they become and how they lie.
        augment: only its `photometric` and `blur`, for the whole picture in the end.
    """

    hand_count_weights: tuple[float, ...] = (0.06, 0.12, 0.24, 0.22, 0.16, 0.11, 0.09)
    mirror: float = 0.5
    transfer: float = 0.3
    cut: CutConfig = field(default_factory=CutConfig)
    arrange: ArrangeConfig = field(default_factory=ArrangeConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """Composed pictures and where their hands are from; slots run from near to far.

    Attributes:
        batch: B pictures with at most M hands and their masks.
        source: (B, M, 2) int64, row and slot in the pool; -1 in empty slots.
        out_from_source: (B, M, 3, 3) similarities, pixels of the composite from those of the
            source; a negative determinant mirrors.
        visibility: (B, M, 21) how much of each joint no nearer hand covers; 0 out of the frame.
        shown: (B, M) share of each hand's area in the frame that no nearer hand covers.
    """

    batch: TrainingBatch
    source: Tensor
    out_from_source: Tensor
    visibility: Tensor
    shown: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Recolour:
    """x -> (x - mean) * gain + goal, all (B, M, 3), 8-bit values."""

    mean: Tensor
    gain: Tensor
    goal: Tensor

    def of(self, pixels: Tensor, rows: Tensor, slot: int) -> Tensor:
        """Recolour pixels (b, 3, H, W) of the hands in one slot of pictures `rows`."""
        mean, gain, goal = (
            value[rows, slot, :, None, None] for value in (self.mean, self.gain, self.goal)
        )
        return ((pixels - mean) * gain + goal).clamp(0, 255)


@dataclass(frozen=True, slots=True, eq=False)
class _Pasted:
    """Pictures (B, 3, H, W) in [0, 255], and the rest as in `Composite` and `TrainingBatch`."""

    image: Tensor
    hand_index: Tensor
    visibility: Tensor
    shown: Tensor


def composed_batch(
    pool: PicturePool,
    backgrounds: Tensor,
    count: int,
    height: int,
    width: int,
    draw: Draw,
    config: ComposeConfig,
) -> Composite:
    """Compose `count` pictures of height x width px.

    Args:
        pool: source pictures, on the draw's device; weak and full labels alike.
        backgrounds: (N, 3, h, w) uint8 without hands.
        count: of pictures.
        height: px.
        width: px.
        draw: random numbers; the same seed composes the same pictures.
        config: how.

    Raises:
        TrainingError: TRN-01 no hand of the pool can be cut out.
    """
    present = _present(count, draw, config)
    usable = whole_hands(pool, config.cut)
    hands = max(1, int(present.sum()))  # without any, one is cut out in vain
    cut = cut_out(pool, usable[draw.integers(len(usable), hands)], config.cut)
    flip = torch.where(draw.chance(config.mirror, hands), -1.0, 1.0)
    placed = arrange(cut, present, flip, height, width, draw, config.arrange)
    back = photographed(backgrounds, count, height, width, draw)
    amount = draw.uniform(*present.shape, 1, high=config.transfer)
    colour = _recolour(cut, placed.which, back, amount)
    labels = _moved_labels(cut, placed, present, height, width)
    pasted = _paste(pool, cut, placed, present, labels.keypoints_2d, back, colour)
    in_frame = keypoints_in_frame(labels.keypoints_2d, height, width)
    source = cut.source[placed.which]
    return Composite(
        batch=replace(
            _with_pixels(labels, pasted, colour),
            image=photometric(pasted.image, draw, config.augment),
        ),
        source=torch.where(present[..., None], source, torch.full_like(source, -1)),
        out_from_source=placed.out_from_cut @ cut.cut_from_source[placed.which],
        visibility=pasted.visibility * in_frame * present[..., None],
        shown=pasted.shown,
    )


def _with_pixels(labels: TrainingBatch, pasted: _Pasted, colour: _Recolour) -> TrainingBatch:
    """Labels that know what the pasting covered and how it changed colours; no picture yet."""
    light = labels.light
    if light is not None:
        # Albedo is the hand's own, so what changed its colour was the light.
        light = light * (colour.goal / colour.mean.clamp(min=1.0)).repeat_interleave(9, -1)
    seen = 1 - _HIDDEN_DISCOUNT * (1 - pasted.visibility)
    return replace(
        labels,
        keypoint_confidence=labels.keypoint_confidence * seen,
        hand_index=pasted.hand_index,
        light=light,
    )


def _present(count: int, draw: Draw, config: ComposeConfig) -> Tensor:
    """Draw which slots (B, M) hold a hand: the first n of each picture."""
    weights = torch.tensor(config.hand_count_weights, device=draw.device)
    bounds = (weights / weights.sum()).cumsum(0)[:-1].contiguous()
    number = torch.searchsorted(bounds, draw.uniform(count), right=True)
    return torch.arange(len(weights) - 1, device=draw.device) < number[:, None]


def photographed(backgrounds: Tensor, count: int, height: int, width: int, draw: Draw) -> Tensor:
    """Backgrounds (count, 3, height, width) in [0, 255]: turned crops of photos, some plain walls.

    Args:
        backgrounds: (N, 3, h, w) uint8 sRGB.
        count: of pictures.
        height: px.
        width: px.
        draw: random numbers.
    """
    dice = Dice(int(draw.integers(2**31 - 1, 1)))
    drawn = sample_backdrops(SceneConfig(), dice, count, len(backgrounds), width / height)
    linear = backdrop(backgrounds, to_device(drawn, draw.device), height, width)
    return srgb_from_linear(linear.clamp(0, 1)) * 255


def _recolour(cut: CutOuts, which: Tensor, back: Tensor, amount: Tensor) -> _Recolour:
    """Move hands' colours (B, M) by amount (B, M, 1) towards those of backgrounds (B, 3, H, W).

    Mean and deviation per channel (Reinhard et al., "Color transfer between images", 2001).
    """
    weight = cut.alpha.flatten(1)[:, None]
    pixels = cut.pictures.labels.image.flatten(2).float()
    total = weight.sum(-1).clamp(min=1e-3)
    mean = (pixels * weight).sum(-1) / total
    deviation = (((pixels - mean[..., None]).square() * weight).sum(-1) / total).sqrt()
    mean, deviation = mean[which], deviation[which]
    around = back.flatten(2)
    ratio = around.std(-1)[:, None] / deviation.clamp(min=1.0)
    ratio = ratio.clamp(1 / _MOST_CONTRAST, _MOST_CONTRAST)
    goal = mean + amount * (around.mean(-1)[:, None] - mean)
    return _Recolour(mean, 1 + amount * (ratio - 1), goal)


def _moved_labels(
    cut: CutOuts, placed: Arrangement, present: Tensor, height: int, width: int
) -> TrainingBatch:
    """Labels of all hands (B, M) as they lie; the pictures are left out (size 0)."""
    count, slots = present.shape
    single = replace(cut.pictures.labels, image=cut.pictures.labels.image[..., :0, :0])
    single = single.rows(placed.which.flatten())
    moved = warp_labels(single, placed.out_from_cut.flatten(0, 1), height, width)

    def grouped(values: Tensor) -> Tensor:
        return values.view(count, slots, *values.shape[2:])

    def perhaps(values: Tensor | None) -> Tensor | None:
        return None if values is None else grouped(values)

    ignored = moved.ignore_xyxy.view(count, slots, -1, 4) * present[..., None, None]
    return TrainingBatch(
        image=moved.image[:count],
        K=grouped(moved.K),
        valid=grouped(moved.valid) & present,
        side=grouped(moved.side),
        keypoints_2d=grouped(moved.keypoints_2d),
        keypoint_confidence=grouped(moved.keypoint_confidence) * present[..., None],
        joints_3d=grouped(moved.joints_3d),
        pose=grouped(moved.pose),
        betas=grouped(moved.betas),
        has_3d=grouped(moved.has_3d) & present,
        ignore_xyxy=ignored.flatten(1, 2),
        albedo=perhaps(moved.albedo),
        light=perhaps(moved.light),
        hint_3d=perhaps(moved.hint_3d),
        has_hint=None if moved.has_hint is None else grouped(moved.has_hint) & present,
        has_joints=None if moved.has_joints is None else grouped(moved.has_joints) & present,
    )


def _paste(
    pool: PicturePool,
    cut: CutOuts,
    placed: Arrangement,
    present: Tensor,
    keypoints: Tensor,
    back: Tensor,
    colour: _Recolour,
) -> _Pasted:
    """Lay hands (B, M) over backgrounds (B, 3, H, W), from near to far."""
    count, _, height, width = back.shape
    image = torch.zeros_like(back)
    clear = torch.ones_like(back[:, 0])  # how much of what lies behind is seen
    most = torch.zeros_like(clear)
    index = torch.full_like(clear, -1, dtype=torch.int8)
    visibility, shown = [], []
    limit = keypoints.new_tensor([width - 1, height - 1])
    for slot in range(present.shape[1]):
        points = torch.minimum(keypoints[:, slot].clamp(min=0), limit)
        visibility.append(sample_alpha(clear, points[:, None])[:, 0])
        rows = present[:, slot].nonzero()[:, 0]
        own = placed.which[rows, slot]
        pixels, alpha = _hand_layer(pool, cut, own, placed.out_from_cut[rows, slot], height, width)
        weight = torch.zeros_like(clear)
        weight[rows] = alpha * clear[rows]
        image[rows] += weight[rows, None] * colour.of(pixels, rows, slot)
        share = torch.ones(count, device=back.device)
        area = alpha.sum((1, 2)).clamp(min=1e-6)
        share[rows] = weight[rows].sum((1, 2)) / area
        shown.append(share)
        index = torch.where((weight > most) & (weight >= 0.5), slot, index)
        most = torch.maximum(most, weight)
        clear = clear - weight
    image = image + clear[:, None] * back
    return _Pasted(image, index, torch.stack(visibility, 1), torch.stack(shown, 1))


def _hand_layer(
    pool: PicturePool, cut: CutOuts, own: Tensor, out_from_cut: Tensor, height: int, width: int
) -> tuple[Tensor, Tensor]:
    """Pixels (b, 3, H, W) and alpha (b, H, W) of the cut-outs `own` (b,)."""
    out_from_source = out_from_cut @ cut.cut_from_source[own]
    pixels, _ = warp_image(pool, cut.source[own, 0], out_from_source, height, width)
    kept, _ = warp_image(cut.pictures, own, out_from_cut, height, width)
    points = source_points(torch.linalg.inv(out_from_cut), height, width)
    alpha = sample_alpha(cut.alpha[own], points)
    # The cut-out has a clean rim, and no aliasing where a hand shrinks a lot; else it is blurred.
    scale = torch.linalg.det(out_from_source[:, :2, :2]).abs().sqrt()
    sharp = (alpha - 0.9).clamp(min=0) * 10 * (scale >= _FAR_SHRUNK)[:, None, None]
    return torch.lerp(kept, pixels, sharp[:, None]), alpha
