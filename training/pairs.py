"""The same hand twice in a batch: alone and among others (SMHR 1.9), or in other surroundings."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from training.augment import Draw, half_planes, joined_pictures
from training.batch import TrainingBatch, compact, concatenate
from training.compose import ComposeConfig, composed_batch
from training.warp import PicturePool, warp_image, warp_labels

#: Longer side of the hand's box in its own picture, as a share of the picture's shorter side.
_ALONE_SIZE = (0.4, 0.7)
#: A hand that others cover more than this is not asked to agree with itself.
_MIN_SHOWN = 0.6
#: Share of a composed part's pictures that show a single hand alone.
_ALONE_SHARE = 1 / 3
#: Between a twin's hands and what is new beside them, in boxes of the hands.
_TWIN_MARGIN = (0.1, 0.6)
#: Largest noise of a twin's pixels, standard deviation in levels: a webcam's in a dim room.
_TWIN_NOISE = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class HandPairs:
    """N hands that a batch shows twice.

    Attributes:
        alone: (N, 2) int64, picture and slot of the hand in its own picture.
        pasted: (N, 2) int64, likewise in the composed picture.
        pasted_from_alone: (N, 3, 3) similarities of pixels; a negative determinant mirrors.
    """

    alone: Tensor
    pasted: Tensor
    pasted_from_alone: Tensor

    def after(self, pictures: int) -> "HandPairs":
        """Return the pairs of a batch that so many other pictures were put in front of."""
        step = torch.tensor([pictures, 0], device=self.alone.device)
        return HandPairs(self.alone + step, self.pasted + step, self.pasted_from_alone)


def joined(parts: list[HandPairs | None], pictures: list[int]) -> HandPairs | None:
    """Return the pairs of batches, of so many pictures each, that were put one after another."""
    found = [
        pairs.after(sum(pictures[:number]))
        for number, pairs in enumerate(parts)
        if pairs is not None
    ]
    return together(*found) if found else None


def together(*pairs: HandPairs) -> HandPairs:
    """Return all pairs of one batch."""
    return HandPairs(
        torch.cat([each.alone for each in pairs]),
        torch.cat([each.pasted for each in pairs]),
        torch.cat([each.pasted_from_alone for each in pairs]),
    )


def twin_pictures(batch: TrainingBatch, count: int, draw: Draw) -> tuple[TrainingBatch, HandPairs]:
    """Pictures of a batch once more, the same pixels at their hands but for noise, others beside.

    What a neighbour does and what a camera's noise does must move no hand; a label's error, which
    is larger than either, cannot teach that.

    Args:
        batch: compact, of at least one picture.
        count: of twins.
        draw: random numbers.

    Returns:
        The twins, and their hands with those of the batch; the twins count from its end.
    """
    without_hand = (~batch.valid.any(1)).float()
    rows = (draw.uniform(len(batch)) + without_hand).argsort()[:count]
    first = batch.rows(rows)
    second = batch.rows(draw.integers(len(batch), len(rows)))
    twin = joined_pictures(first, second, _around_hands(first, draw))
    sigma = draw.uniform(len(rows), 1, 1, 1, high=_TWIN_NOISE)
    image = twin.image + sigma * draw.normal(*twin.image.shape)
    twin = replace(twin, image=image.round().clamp(0, 255).to(torch.uint8))
    # Hands that reach out of the frame may have lost their label: slots would not be the same.
    kept = twin.valid[:, : batch.num_hands] == first.valid
    picture, slot = (first.valid & kept.all(1, keepdim=True)).nonzero().unbind(1)
    pairs = HandPairs(
        torch.stack([rows[picture], slot], 1),
        torch.stack([len(batch) + picture, slot], 1),
        torch.eye(3, device=draw.device).repeat(len(picture), 1, 1),
    )
    return compact(twin), pairs


def _around_hands(batch: TrainingBatch, draw: Draw) -> Tensor:
    """Half-planes (B, H, W) bool at any angle that hold all hands, and a margin."""
    count, (height, width) = len(batch), batch.image.shape[2:]
    angle = draw.uniform(count, high=2 * torch.pi)
    normal = torch.stack([torch.cos(angle), torch.sin(angle)], -1)
    away = torch.einsum("bmjc,bc->bmj", batch.keypoints_2d, normal)
    nearest = away.masked_fill(~batch.valid[..., None], torch.inf).flatten(1).amin(1)
    size = batch.keypoints_2d.amax(2) - batch.keypoints_2d.amin(2)
    box_px = (size.amax(-1) * batch.valid).amax(1)
    margin = box_px * draw.uniform(count, low=_TWIN_MARGIN[0], high=_TWIN_MARGIN[1])
    # A picture without hands may be cut anywhere.
    middle = (normal * normal.new_tensor([width / 2, height / 2])).sum(-1)
    border = torch.where(batch.valid.any(1), nearest - margin, middle)
    return half_planes(angle, normal * border[:, None], height, width)


def composed_pictures(
    pool: PicturePool,
    backgrounds: Tensor,
    count: int,
    height: int,
    width: int,
    draw: Draw,
    config: ComposeConfig,
) -> tuple[TrainingBatch, HandPairs]:
    """Composed pictures, and after them some of their hands in pictures of their own.

    Args:
        pool: of single pictures, on the draw's device.
        backgrounds: (N, 3, h, w) uint8.
        count: of all pictures together.
        height: px.
        width: px.
        draw: random numbers.
        config: how to compose.

    Returns:
        The pictures, and which hands they show twice: the best seen ones.
    """
    alone = int(count * _ALONE_SHARE)
    composite = composed_batch(pool, backgrounds, count - alone, height, width, draw, config)
    score = composite.shown * composite.batch.valid
    best, slot = score.max(1)
    picture = best.argsort(descending=True, stable=True)[:alone]
    slot = slot[picture]
    # Pictures are as many whatever is in them: an empty composite's partner is any picture.
    source = composite.source[picture, slot].clamp(min=0)
    alone_from_source = _centred(pool, source, height, width, draw)
    pixels, _ = warp_image(pool, source[:, 0], alone_from_source, height, width)
    labels = warp_labels(pool.labels.rows(source[:, 0]), alone_from_source, height, width)
    single = replace(labels, image=pixels.round().clamp(0, 255).to(torch.uint8))
    shown = best[picture] >= _MIN_SHOWN
    number = count - alone + torch.arange(len(picture), device=draw.device)
    pairs = HandPairs(
        torch.stack([number, source[:, 1]], 1)[shown],
        torch.stack([picture, slot], 1)[shown],
        (composite.out_from_source[picture, slot] @ torch.linalg.inv(alone_from_source))[shown],
    )
    return concatenate(composite.batch, single), pairs


def _centred(pool: PicturePool, source: Tensor, height: int, width: int, draw: Draw) -> Tensor:
    """Similarities (N, 3, 3) that bring hands (row, slot) to the middle of pictures, upright."""
    keypoints = pool.labels.keypoints_2d[source[:, 0], source[:, 1]]
    low, high = keypoints.amin(1), keypoints.amax(1)
    share = draw.uniform(len(source), low=_ALONE_SIZE[0], high=_ALONE_SIZE[1])
    scale = share * min(height, width) / (high - low).amax(1).clamp(min=1.0)
    moved = torch.eye(3, device=keypoints.device).repeat(len(source), 1, 1)
    moved[:, 0, 0] = moved[:, 1, 1] = scale
    middle = keypoints.new_tensor([(width - 1) / 2, (height - 1) / 2])
    moved[:, :2, 2] = middle - scale[:, None] * (low + high) / 2
    return moved
