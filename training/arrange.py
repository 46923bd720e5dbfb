"""Decides how large cut-out hands become and where they lie: none hides another too much."""

import math
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from training.augment import Draw
from training.cutout import CutOuts, sample_alpha
from training.warp import keypoints_in_frame, similarity, source_points

# Covers are measured on hands of this side, px.
_SMALL: Final = 48
# What such a small hand may get wrong of a cover.
_COVER_ERROR: Final = 0.02
# Hands that are to lie apart may still touch with their soft edges.
_APART: Final = 0.03
# Size of a hand's keypoint box in a grid's cell: flesh reaches beyond it.
_CELL_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True)
class ArrangeConfig:
    """How large hands are and how they lie.

    Attributes:
        hand_px: longer side of a hand's keypoint box, px, log-uniform; at most 90 % of the
            picture's shorter side.
        max_zoom: magnification of a source at most: beyond it a hand is only blurred.
        turn_deg: standard deviation of the usual in-plane rotation.
        any_turn: share of hands that are turned by any angle.
        overlap: share of hands that may lie behind others; half of them are put near one.
        max_cover: share of a hand's area in the frame that nearer hands may cover.
        min_in_frame: share of a hand's keypoints inside the frame.
        tries: places tried for a hand, each smaller than the last, before all hands of the
            picture are laid out in a grid.
    """

    hand_px: tuple[float, float] = (24.0, 320.0)
    max_zoom: float = 2.5
    turn_deg: float = 20.0
    any_turn: float = 0.2
    overlap: float = 0.5
    max_cover: float = 0.4
    min_in_frame: float = 0.8
    tries: int = 12


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """Where hands lie; slots run from the nearest hand, which is the largest, to the farthest.

    Attributes:
        which: (B, M) int64, the cut-out in each slot; any in empty ones.
        out_from_cut: (B, M, 3, 3) similarities.
    """

    which: Tensor
    out_from_cut: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Hands:
    """N hands as they will be turned.

    Attributes:
        keypoints: (N, 21, 2) px of the cut-out.
        middle: (N, 2) px of the cut-out, what becomes the middle of the turned keypoint box.
        box: (N,) longer side of that box at scale 1.
        turn, flip: (N,), as of `similarity`.
        size: (N,) px, wanted longer side.
        alpha: (N, _SMALL, _SMALL).
        side: of the cut-outs, px.
    """

    keypoints: Tensor
    middle: Tensor
    box: Tensor
    turn: Tensor
    flip: Tensor
    size: Tensor
    alpha: Tensor
    side: int

    def placed(self, which: Tensor, size: Tensor, goal: Tensor) -> Tensor:
        """Similarities (..., 3, 3) of hands (...) of size (...) px with boxes around goal."""
        flat, shape = which.flatten(), which.shape
        scale = size.flatten() / self.box[flat]
        moved = similarity(
            scale, self.turn[flat], self.flip[flat], self.middle[flat], goal.flatten(0, -2)
        )
        return moved.view(*shape, 3, 3)


def arrange(
    cut: CutOuts,
    present: Tensor,
    flip: Tensor,
    height: int,
    width: int,
    draw: Draw,
    config: ArrangeConfig,
) -> Arrangement:
    """Arrange N cut-outs in B pictures of M slots.

    Args:
        cut: the hands, in the order of the slots that are present.
        present: (B, M) bool, N of them true.
        flip: (N,) -1 for hands to be mirrored, else 1.
        height: of the pictures, px.
        width: px.
        draw: random numbers.
        config: how.
    """
    hands = _turned_hands(cut, flip, height, width, draw, config)
    which = (present.flatten().cumsum(0) - 1).clamp(min=0).view_as(present)
    size = torch.where(present, hands.size[which], -1.0)
    which = which.gather(1, size.argsort(dim=1, descending=True, stable=True))
    placed, found = [], torch.ones_like(present[:, 0])
    previous = torch.full_like(found, math.inf, dtype=torch.float32)
    for slot in range(present.shape[1]):
        out_from_cut, previous, fits = _best_place(
            hands, which[:, : slot + 1], placed, previous, (height, width), draw, config
        )
        placed.append(out_from_cut)
        found = found & (fits | ~present[:, slot])
    free = torch.stack(placed, 1)
    grid = _in_a_grid(hands, which, height, width, draw)
    return Arrangement(which, torch.where(found[:, None, None, None], free, grid))


def _turned_hands(
    cut: CutOuts, flip: Tensor, height: int, width: int, draw: Draw, config: ArrangeConfig
) -> _Hands:
    """Draw turn and size of hands."""
    count = len(flip)
    turn = torch.deg2rad(draw.normal(count) * config.turn_deg)
    anyhow = draw.uniform(count, low=-torch.pi, high=torch.pi)
    turn = torch.where(draw.chance(config.any_turn, count), anyhow, turn)
    keypoints = cut.pictures.labels.keypoints_2d[:, 0]
    nowhere = torch.zeros(count, 2, device=turn.device)
    linear = similarity(torch.ones_like(turn), turn, flip, nowhere, nowhere)[:, :2, :2]
    turned = keypoints @ linear.mT
    low, high = turned.amin(1), turned.amax(1)
    box = (high - low).amax(1).clamp(min=1.0)
    middle = (0.5 * (low + high)[:, None] @ linear)[:, 0]  # back by the transpose
    smallest, largest = config.hand_px[0], min(config.hand_px[1], 0.9 * min(height, width))
    size = smallest * (largest / smallest) ** draw.uniform(count)
    source_box = box / cut.cut_from_source[:, 0, 0]
    size = torch.minimum(size, config.max_zoom * source_box).clamp(min=smallest)
    small = F.adaptive_avg_pool2d(cut.alpha[:, None], _SMALL)[:, 0]
    return _Hands(keypoints, middle, box, turn, flip, size, small, cut.alpha.shape[-1])


def _best_place(
    hands: _Hands,
    which: Tensor,
    placed: list[Tensor],
    previous: Tensor,
    frame: tuple[int, int],
    draw: Draw,
    config: ArrangeConfig,
) -> tuple[Tensor, Tensor, Tensor]:
    """Place the last of hands `which` (B, k + 1) behind those placed (k of (B, 3, 3)).

    Returns:
        Its similarities (B, 3, 3), its size (B,) px, and (B,) bool whether it keeps the limits.
    """
    count, tries = len(which), config.tries
    height, width = frame
    own = which[:, -1]
    shrink = torch.linspace(1, 0.35, tries, device=draw.device)
    wanted = torch.minimum(hands.size[own], previous)
    size = (wanted[:, None] * shrink).clamp(min=config.hand_px[0]).minimum(wanted[:, None])
    behind = draw.chance(config.overlap, count)
    goal = _goals(hands, which, placed, previous, behind, (tries, *frame), draw)
    candidates = hands.placed(own[:, None].expand(-1, tries), size, goal)
    points = hands.keypoints[own, None] @ candidates[..., :2, :2].mT
    points = points + candidates[..., None, :2, 2]
    inside = keypoints_in_frame(points, height, width).float().mean(-1)
    most = max(config.max_cover - _COVER_ERROR, 0.0)
    limit = torch.where(behind, most, min(most, _APART))
    covered = _cover(hands, which, candidates, placed, frame)
    fits = (inside >= config.min_in_frame) & (covered <= limit[:, None])
    best = fits.float().argmax(1)
    row = torch.arange(count, device=best.device)
    return candidates[row, best], size[row, best], fits.any(1)


def _goals(
    hands: _Hands,
    which: Tensor,
    placed: list[Tensor],
    previous: Tensor,
    behind: Tensor,
    shape: tuple[int, int, int],
    draw: Draw,
) -> Tensor:
    """Places (B, T, 2) px to try: anywhere, or near one of the hands that lie in front."""
    tries, height, width = shape
    count = len(which)
    limits = torch.tensor([width, height], device=draw.device)
    goal = draw.uniform(count, tries, 2, low=0.05, high=0.95) * limits
    near, offset = draw.chance(0.5, count), draw.normal(count, tries, 2)
    if not placed:
        return goal
    other = len(placed) // 2
    front = placed[other]
    anchor = hands.middle[which[:, other], None] @ front[:, :2, :2].mT + front[:, None, :2, 2]
    beside = anchor + 0.5 * previous[:, None, None] * offset
    return torch.where((behind & near)[:, None, None], beside, goal)


def _cover(
    hands: _Hands,
    which: Tensor,
    candidates: Tensor,
    placed: list[Tensor],
    frame: tuple[int, int],
) -> Tensor:
    """Share (B, T) of the last hand's area in the frame that the placed ones would cover.

    Looked up on the pixels of the hand's own small picture, so a small hand counts as exactly as a
    large one.
    """
    batch, tries = candidates.shape[:2]
    step = hands.side / _SMALL
    cut_from_small = torch.diag(torch.tensor([step, step, 1.0], device=candidates.device))
    cut_from_small[:2, 2] = 0.5 * step - 0.5
    canvas = source_points((candidates @ cut_from_small).flatten(0, 1), _SMALL, _SMALL)
    canvas = canvas.view(batch, tries * _SMALL, _SMALL, 2)
    own = hands.alpha[which[:, -1]].repeat(1, tries, 1) * keypoints_in_frame(canvas, *frame)
    clear = torch.ones_like(own)
    for slot, out_from_cut in enumerate(placed):
        linear = torch.linalg.inv(out_from_cut @ cut_from_small)
        points = canvas.flatten(1, 2) @ linear[:, :2, :2].mT + linear[:, None, :2, 2]
        clear = clear * (1 - sample_alpha(hands.alpha[which[:, slot]], points.view_as(canvas)))
    total = own.view(batch, tries, -1).sum(-1)
    hidden = (own * (1 - clear)).view(batch, tries, -1).sum(-1)
    return hidden / total.clamp(min=1e-6)


def _in_a_grid(hands: _Hands, which: Tensor, height: int, width: int, draw: Draw) -> Tensor:
    """Similarities (B, M, 3, 3) with each hand in a cell of its own, as small as that needs."""
    count, slots = which.shape
    columns = math.ceil(math.sqrt(slots))
    lines = math.ceil(slots / columns)
    if height > width:
        columns, lines = lines, columns
    cell = torch.tensor([width / columns, height / lines], device=draw.device)
    place = draw.uniform(count, slots).argsort(1)
    goal = torch.stack([place % columns, place // columns], -1) * cell + cell / 2
    size = hands.size[which].clamp(max=_CELL_SHARE * float(cell.min()))
    return hands.placed(which, size, goal)
