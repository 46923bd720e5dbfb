"""Cuts hands out of pictures: with a soft alpha, from masks where there are any, else by keypoints.

Without a mask a hand is taken to be flesh of known thickness around its bones (capsules, and
triangles that fill the palm), a little too wide, and colour decides at its rim: what looks like the
surroundings rather than like the inside of the hand is left behind.
"""

from dataclasses import dataclass, replace
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from core.errors import TrainingError
from core.topology import BONES
from training.batch import TrainingBatch
from training.warp import PicturePool, keypoints_in_frame, source_points, warp_image, warp_labels

#: Half the thickness of the flesh around each bone as a share of the palm's length (wrist to middle
#: knuckle), per finger from thumb to little: at the palm's ray, then the three phalanges.
_FLESH: Final = (
    (0.17, 0.17, 0.125, 0.115),
    (0.12, 0.105, 0.095, 0.09),
    (0.12, 0.105, 0.095, 0.09),
    (0.12, 0.105, 0.095, 0.09),
    (0.14, 0.10, 0.09, 0.085),
)
#: Triangles of joints that fill palm and thumb web.
_PALM: Final = ((0, 1, 5), (0, 5, 9), (0, 9, 13), (0, 13, 17), (1, 2, 5))
_PALM_FLESH: Final = 0.12
# Above this alpha a pixel is the hand's alone.
_SURE: Final = 0.97
# Log odds of being hand per palm length nearer to the bones, at the flesh's edge.
_PRIOR: Final = 60.0
# Colours closer than this are one colour, 8-bit values.
_COLOUR_SD: Final = 9.0


@dataclass(frozen=True, slots=True)
class CutConfig:
    """Which hands are cut out, and how.

    Attributes:
        side_px: side of the square picture that a cut-out is kept in; even.
        min_px: longer side of a hand's keypoint box; smaller hands are left where they are.
        min_confidence: mean confidence of its keypoints; below it, the outline is a guess.
        min_in_frame: share of its keypoints inside its picture.
        max_foreign: share of its box that other hands or unlabelled regions may take.
        min_on_mask: share of its keypoints on its own mask, where there are masks.
        grow: how far the alpha without a mask reaches beyond the flesh, in palm lengths.
        feather: width of its soft edge, in palm lengths.
        tighten: how far colour decides at the rim, 0 not at all, 1 alone.
    """

    side_px: int = 128
    min_px: float = 24.0
    min_confidence: float = 0.55
    min_in_frame: float = 0.95
    max_foreign: float = 0.05
    min_on_mask: float = 0.9
    grow: float = 0.05
    feather: float = 0.06
    tighten: float = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class CutOuts:
    """N hands, each alone in a small square picture of its own.

    Attributes:
        pictures: N pictures (3, P, P) with one labelled hand each; its rim, where it is mixed with
            what was behind it, has the colours of the hand nearby.
        alpha: (N, P, P) in [0, 1], how much of each pixel is hand.
        source: (N, 2) int64, row and slot in the pool that they are from.
        cut_from_source: (N, 3, 3) similarities, pixels of the cut-out from pixels of the source.
    """

    pictures: PicturePool
    alpha: Tensor
    source: Tensor
    cut_from_source: Tensor


def whole_hands(pool: PicturePool, config: CutConfig) -> Tensor:
    """Return the hands (S, 2) int64, row and slot, that can be cut out without cutting them off.

    Raises:
        TrainingError: TRN-01 there is none.
    """
    labels = pool.labels
    keypoints = labels.keypoints_2d
    limit = pool.size[:, None, None] - 1
    inside = ((keypoints >= 0) & (keypoints <= limit)).all(-1).float().mean(-1)
    low, high = keypoints.amin(2), keypoints.amax(2)
    usable = labels.valid & (inside >= config.min_in_frame)
    usable &= (high - low).amax(-1) >= config.min_px
    usable &= labels.keypoint_confidence.mean(-1) >= config.min_confidence
    if labels.hand_index is None:
        usable &= _foreign(labels, torch.cat([low, high], -1)) <= config.max_foreign
    else:
        usable &= _on_mask(labels) >= config.min_on_mask
    found = usable.nonzero()
    if len(found) == 0:
        raise TrainingError(
            "TRN-01",
            f"none of the hands in {len(pool)} pictures is whole, sure and alone",
            "Give pictures whose hands lie inside the frame.",
        )
    return found


def cut_out(pool: PicturePool, source: Tensor, config: CutConfig) -> CutOuts:
    """Cut out the hands `source` (N, 2), row and slot."""
    row, slot = source.unbind(1)
    side = config.side_px
    keypoints = pool.labels.keypoints_2d[row, slot]
    low, high = keypoints.amin(1), keypoints.amax(1)
    reach = 0.5 * (high - low).amax(1) + 0.4 * palm_px(keypoints)
    cut_from_source = torch.zeros(len(source), 3, 3, device=row.device)
    scale = side / (2 * reach)
    cut_from_source[:, 0, 0] = cut_from_source[:, 1, 1] = scale
    cut_from_source[:, :2, 2] = (side - 1) / 2 - 0.5 * (low + high) * scale[:, None]
    cut_from_source[:, 2, 2] = 1
    image, inside = warp_image(pool, row, cut_from_source, side, side)
    hands = warp_labels(single_hands(pool.labels, source), cut_from_source, side, side)
    if pool.labels.hand_index is None:
        alpha = keypoint_alpha(hands.keypoints_2d[:, 0], image, inside, config)
    else:
        alpha = _mask_alpha(pool, source, cut_from_source, side)
    alpha = alpha * inside
    image = _without_fringe(image, alpha)
    hands = replace(hands, image=image.round().to(torch.uint8))
    extent = torch.full((len(source), 2), float(side), device=row.device)
    return CutOuts(PicturePool(hands, extent), alpha, source, cut_from_source)


def single_hands(labels: TrainingBatch, source: Tensor) -> TrainingBatch:
    """Labels of the hands `source` (N, 2), one to a picture; the pictures are left out (size 0)."""
    row, slot = source.unbind(1)
    count = len(source)

    def pick(values: Tensor) -> Tensor:
        return values[row, slot][:, None]

    def perhaps(values: Tensor | None) -> Tensor | None:
        return None if values is None else pick(values)

    return TrainingBatch(
        image=labels.image.new_zeros(count, 3, 0, 0),
        K=pick(labels.K),
        valid=pick(labels.valid),
        side=pick(labels.side),
        keypoints_2d=pick(labels.keypoints_2d),
        keypoint_confidence=pick(labels.keypoint_confidence),
        joints_3d=pick(labels.joints_3d),
        pose=pick(labels.pose),
        betas=pick(labels.betas),
        has_3d=pick(labels.has_3d),
        ignore_xyxy=labels.ignore_xyxy.new_zeros(count, 0, 4),
        albedo=perhaps(labels.albedo),
        light=perhaps(labels.light),
        hint_3d=perhaps(labels.hint_3d),
        has_hint=perhaps(labels.has_hint),
        has_joints=perhaps(labels.has_joints),
    )


def palm_px(keypoints: Tensor) -> Tensor:
    """Length of the palm (N,) px from keypoints (N, 21, 2), little moved by foreshortening."""
    rays = (keypoints[:, (5, 9, 17)] - keypoints[:, :1]).norm(dim=-1).amax(1)
    across = (keypoints[:, 5] - keypoints[:, 17]).norm(dim=-1)
    box = (keypoints.amax(1) - keypoints.amin(1)).amax(1)
    return torch.stack([rays, 1.25 * across, 0.45 * box]).amax(0)


def keypoint_alpha(keypoints: Tensor, image: Tensor, inside: Tensor, config: CutConfig) -> Tensor:
    """Soft masks (N, P, P) of hands of which only keypoints are known.

    Args:
        keypoints: (N, 21, 2) px of the cut-out.
        image: (N, 3, P, P) in [0, 255].
        inside: (N, P, P) bool, where the picture has pixels.
        config: how wide, how soft, how much by colour.
    """
    distance = _flesh_distance(keypoints, image.shape[-1]) / palm_px(keypoints)[:, None, None]
    alpha = _smooth_step((config.grow - distance) / config.feather + 0.5)
    core, around = distance < -0.05, (distance > 0.22) & inside
    likely = _likely_hand(image, core & inside, around, _PRIOR * (0.02 - distance))
    # Around the bones themselves colour is not asked: rings, nails and shadows are hand.
    rim = ((distance + 0.05) / 0.05).clamp(0, 1) * config.tighten
    # Half transparent flesh is a ghost: an undecided rim is made to decide.
    alpha = _smooth_step((alpha * (1 - rim * (1 - likely)) - 0.15) / 0.7)
    return _drawn_in(alpha)


def _smooth_step(x: Tensor) -> Tensor:
    """0 below 0, 1 above 1, and smooth between."""
    x = x.clamp(0, 1)
    return x * x * (3 - 2 * x)


def _drawn_in(alpha: Tensor) -> Tensor:
    """Soften alpha (N, P, P') and draw it in: pixels on an outline hold some of what is behind."""
    mean = F.avg_pool2d(alpha[:, None], 3, 1, 1, count_include_pad=False)[:, 0]
    return ((mean - 0.4) / 0.55).clamp(0, 1)


def _flesh_distance(keypoints: Tensor, side: int) -> Tensor:
    """Distance (N, side, side) px of pixels from the flesh around bones, negative inside.

    Measured on every other pixel and interpolated: distances change evenly.
    """
    at = 2 * torch.arange(side // 2, device=keypoints.device, dtype=torch.float32) + 0.5
    pixel = (at[None, None, :], at[None, :, None])
    palm = palm_px(keypoints)[:, None, None]
    joints = keypoints[..., None, None].unbind(1)  # 21 of (N, 2, 1, 1)
    nearest = torch.full((len(keypoints), len(at), len(at)), torch.inf, device=keypoints.device)
    for parent, child in BONES:
        thickness = _FLESH[(child - 1) // 4][(child - 1) % 4] * palm
        away = _segment_distance(pixel, joints[parent], joints[child])
        nearest = torch.minimum(nearest, away - thickness)
    for corners in _PALM:
        edges = [(joints[corners[i]], joints[corners[(i + 1) % 3]]) for i in range(3)]
        inner = torch.stack([_half_plane(pixel, *edge) for edge in edges])
        within = (inner > 0).all(0) | (inner < 0).all(0)
        away = torch.stack([_segment_distance(pixel, *edge) for edge in edges]).amin(0)
        away = torch.where(within, -away, away)
        nearest = torch.minimum(nearest, away - _PALM_FLESH * palm)
    return F.interpolate(nearest[:, None], size=(side, side), mode="bilinear")[:, 0]


def _segment_distance(pixel: tuple[Tensor, Tensor], start: Tensor, end: Tensor) -> Tensor:
    """Distance (N, P, P) of pixels (x, y) from segments between points (N, 2, 1, 1)."""
    along_x, along_y = (end - start).unbind(1)
    x, y = pixel[0] - start[:, 0], pixel[1] - start[:, 1]
    share = (x * along_x + y * along_y) / (along_x**2 + along_y**2).clamp(min=1e-6)
    share = share.clamp(0, 1)
    return torch.hypot(x - share * along_x, y - share * along_y)


def _half_plane(pixel: tuple[Tensor, Tensor], start: Tensor, end: Tensor) -> Tensor:
    """Twice the signed area (N, P, P) of pixels (x, y) and edges between points (N, 2, 1, 1)."""
    along_x, along_y = (end - start).unbind(1)
    return along_x * (pixel[1] - start[:, 1]) - along_y * (pixel[0] - start[:, 0])


def _likely_hand(image: Tensor, core: Tensor, around: Tensor, prior: Tensor) -> Tensor:
    """Probability (N, P, P) that pixels have the core's colour rather than the surroundings'.

    One Gaussian for each of the two (N, P, P) bool; the prior (N, P, P), log odds, decides where
    they look alike, and where there are no surroundings all is hand.
    """
    pixels = image.flatten(2).mT
    cost = []
    for region in (core, around):
        weight = region.flatten(1)[..., None].float()
        total = weight.sum(1, keepdim=True).clamp(min=1)
        mean = (pixels * weight).sum(1, keepdim=True) / total
        offset = pixels - mean
        noise = _COLOUR_SD**2 * torch.eye(3, device=image.device)
        covariance = (offset * weight).mT @ offset / total + noise
        squared = ((offset @ torch.linalg.inv(covariance)) * offset).sum(-1)
        cost.append(0.5 * (squared + torch.logdet(covariance)[:, None]))
    likely = torch.sigmoid((cost[1] - cost[0]).clamp(-8, 8).view_as(prior) + prior)
    alone = around.float().mean((1, 2), keepdim=True) < 0.02
    likely = torch.where(alone, torch.ones_like(likely), likely)
    return F.avg_pool2d(likely[:, None], 3, 1, 1, count_include_pad=False)[:, 0]


def _mask_alpha(pool: PicturePool, source: Tensor, cut_from_source: Tensor, side: int) -> Tensor:
    """Soft masks (N, side, side) of hands that have a mask, drawn in by half a pixel."""
    index = pool.labels.hand_index
    assert index is not None
    row, slot = source.unbind(1)
    own = (index[row] == slot[:, None, None]).float()
    points = source_points(torch.linalg.inv(cut_from_source), side, side)
    return sample_alpha(_drawn_in(own), points)


def _without_fringe(image: Tensor, alpha: Tensor) -> Tensor:
    """Images (N, 3, P, P) whose rim takes the mean colour of the sure hand around it."""
    sure = (alpha > _SURE).float()[:, None]
    known = F.avg_pool2d(torch.cat([image * sure, sure], 1), 2)
    size = 2 * (known.shape[-1] // 24) + 1
    spread = F.avg_pool2d(known, size, 1, size // 2)
    spread = F.interpolate(spread, size=image.shape[-2:], mode="bilinear")
    share = spread[:, 3:]
    nearby = spread[:, :3] / share.clamp(min=1e-6)
    return torch.where((sure == 0) & (share > 1e-3), nearby, image)


def sample_alpha(alpha: Tensor, points: Tensor) -> Tensor:
    """Bilinear values (N, h, w) of alpha (N, P, P') at points (N, h, w, 2) px; 0 outside."""
    extent = points.new_tensor([alpha.shape[-1], alpha.shape[-2]])
    normalised = (points + 0.5) * (2 / extent) - 1
    return F.grid_sample(alpha[:, None], normalised, align_corners=False)[:, 0]


def _foreign(labels: TrainingBatch, boxes: Tensor) -> Tensor:
    """Largest share (N, M) of hands' boxes (N, M, 4) that another hand or region takes."""
    hands = boxes * labels.valid[..., None]
    others = torch.cat([hands, labels.ignore_xyxy], 1)
    low = torch.maximum(boxes[:, :, None, :2], others[:, None, :, :2])
    high = torch.minimum(boxes[:, :, None, 2:], others[:, None, :, 2:])
    common = (high - low).clamp(min=0).prod(-1)
    slots = boxes.shape[1]
    common[:, range(slots), range(slots)] = 0
    area = (boxes[..., 2:] - boxes[..., :2]).prod(-1).clamp(min=1)
    return common.amax(-1) / area


def _on_mask(labels: TrainingBatch) -> Tensor:
    """Share (N, M) of hands' keypoints that lie on their own mask."""
    index = labels.hand_index
    assert index is not None
    height, width = index.shape[-2:]
    keypoints = labels.keypoints_2d
    column = keypoints[..., 0].round().long().clamp(0, width - 1)
    line = keypoints[..., 1].round().long().clamp(0, height - 1)
    there = index.flatten(1).gather(1, (line * width + column).flatten(1)).view_as(column)
    slot = torch.arange(keypoints.shape[1], device=index.device)[:, None]
    seen = (there == slot) & keypoints_in_frame(keypoints, height, width)
    return seen.float().mean(-1)
