"""TrainingBatch: one batch of pictures with the labels that each source happens to have."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

#: Fields with one row per hand slot.
_PER_HAND = (
    "K", "valid", "side", "keypoints_2d", "keypoint_confidence", "joints_3d", "pose", "betas",
    "has_3d", "has_joints", "albedo", "light", "hint_3d", "has_hint",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class TrainingBatch:
    """B pictures with at most M hands each, all on one device; missing labels weigh nothing.

    Attributes:
        image: (B, 3, H, W) uint8 RGB.
        K: (B, M, 3, 3) px, the camera that each hand was taken with: a picture may be composed
            of several. Empty slots hold any camera.
        valid: (B, M) bool, whether the slot holds a labelled hand.
        side: (B, M) int64, 0 left, 1 right (anatomical).
        keypoints_2d: (B, M, 21, 2) px.
        keypoint_confidence: (B, M, 21) in [0, 1]; 0 = no label.
        joints_3d: (B, M, 21, 3) m, camera frame.
        pose: (B, M, 16, 3, 3) in right-hand canonical form.
        betas: (B, M, 10).
        has_3d: (B, M) bool, whether joints_3d, pose and betas are true.
        has_joints: (B, M) bool, whether joints_3d alone is true, as in data sets of another hand
            model; or None for nowhere.
        ignore_xyxy: (B, R, 4) px, regions without any loss; empty ones are all zero.
        hand_index: (B, H, W) int8, slot of the visible hand, -1 elsewhere; None without masks.
        albedo: (B, M, V, 3) RGB in [0, 1], or None.
        light: (B, M, 27) spherical-harmonic coefficients, or None.
        hint_3d: (B, M, 21, 3) m, a guess of the joints, camera axes, centred anywhere, or None.
        has_hint: (B, M) bool, whether there is a guess, or None.
    """

    image: Tensor
    K: Tensor
    valid: Tensor
    side: Tensor
    keypoints_2d: Tensor
    keypoint_confidence: Tensor
    joints_3d: Tensor
    pose: Tensor
    betas: Tensor
    has_3d: Tensor
    ignore_xyxy: Tensor
    hand_index: Tensor | None = None
    albedo: Tensor | None = None
    light: Tensor | None = None
    hint_3d: Tensor | None = None
    has_hint: Tensor | None = None
    has_joints: Tensor | None = None

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.image)

    @property
    def num_hands(self) -> int:
        """M, the number of hand slots."""
        return self.valid.shape[1]

    @property
    def joints_known(self) -> Tensor:
        """Where (B, M) joints_3d is true, with or without pose and betas."""
        known = self.has_3d if self.has_joints is None else self.has_3d | self.has_joints
        return self.valid & known

    @property
    def label_weight(self) -> Tensor:
        """Confidence (B, M, 21) of the keypoints, 0 in empty slots."""
        return self.keypoint_confidence * self.valid[..., None]

    def rows(self, rows: Tensor) -> "TrainingBatch":
        """Return the pictures of the given rows (B',), in that order."""
        return self._each(lambda value: value[rows])

    def part(self, start: int, stop: int | None) -> "TrainingBatch":
        """Return the pictures from start to stop."""
        return self._each(lambda value: value[start:stop])

    def to(self, device: torch.device) -> "TrainingBatch":
        """Return the batch on another device."""
        return self._each(lambda value: value.to(device, non_blocking=True))

    def _each(self, change: Callable[[Tensor], Tensor]) -> "TrainingBatch":
        """Apply a change to every tensor there is."""
        changed = {
            field.name: change(value)
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }
        return replace(self, **changed)


def concatenate(*batches: TrainingBatch) -> TrainingBatch:
    """Stack batches of one picture size; slots and regions are padded to the largest count.

    A field that some batches lack is zero there (-1 in a mask); `has_3d`, `has_joints` and
    `has_hint` say which hands it holds for. A field that all lack stays None.
    """
    hands = max(batch.num_hands for batch in batches)
    regions = max(batch.ignore_xyxy.shape[1] for batch in batches)
    merged = {}
    for entry in fields(TrainingBatch):
        values = [getattr(batch, entry.name) for batch in batches]
        known = next((value for value in values if value is not None), None)
        if known is None:
            continue
        if entry.name in _PER_HAND:
            filled = [
                known.new_zeros(len(batch), batch.num_hands, *known.shape[2:])
                if value is None
                else value
                for value, batch in zip(values, batches, strict=True)
            ]
            values = [_padded(entry.name, value, hands) for value in filled]
        elif entry.name == "ignore_xyxy":
            values = [_padded(entry.name, value, regions) for value in values]
        elif entry.name == "hand_index":
            values = [
                known.new_full((len(batch), *known.shape[1:]), -1) if value is None else value
                for value, batch in zip(values, batches, strict=True)
            ]
        merged[entry.name] = torch.cat(values)
    return TrainingBatch(**merged)


def join_hands(first: TrainingBatch, second: TrainingBatch) -> TrainingBatch:
    """Put the hands of two equally long batches into the same pictures: `first`'s."""
    merged = {
        name: torch.cat([value, getattr(second, name)], 1)
        for name in (*_PER_HAND, "ignore_xyxy")
        if (value := getattr(first, name)) is not None
    }
    return replace(first, **merged, hand_index=None)


def tiled(batch: TrainingBatch, across: int) -> TrainingBatch:
    """Put `across` x `across` pictures side by side into each picture.

    Small pictures hold small hands; tiled, a picture shows many of them for the price of one.

    Args:
        batch: pictures (N * across^2, 3, h, w).
        across: tiles per row and column.

    Returns:
        N pictures (N, 3, across * h, across * w) with the hands of all their tiles.
    """
    if across == 1:
        return batch
    tiles = across * across
    count, height, width = len(batch) // tiles, batch.image.shape[2], batch.image.shape[3]
    place = torch.arange(tiles, device=batch.image.device)
    corner = torch.stack([place % across * width, place // across * height], -1).float()
    corner = corner.repeat(count, 1)[:, None]  # (N * tiles, 1, 2)
    K = batch.K.clone()
    K[..., :2, 2] += corner
    regions = (batch.ignore_xyxy[..., 2:] > batch.ignore_xyxy[..., :2]).all(-1, keepdim=True)
    # A region must not reach into the neighbouring tile.
    edge = batch.image.new_tensor([width, height, width, height], dtype=torch.float32)
    ignored = torch.minimum(batch.ignore_xyxy.clamp(min=0), edge) + corner.repeat(1, 1, 2)
    # Nor may a keypoint: what lies outside of its own picture is none of the neighbour's.
    own = ((batch.keypoints_2d >= 0) & (batch.keypoints_2d <= edge[:2] - 1)).all(-1)
    moved = replace(
        batch,
        K=K,
        keypoints_2d=batch.keypoints_2d + corner[:, :, None],
        keypoint_confidence=batch.keypoint_confidence * own,
        ignore_xyxy=ignored * regions,
    )
    merged = {
        name: value.reshape(count, tiles * value.shape[1], *value.shape[2:])
        for name in (*_PER_HAND, "ignore_xyxy")
        if (value := getattr(moved, name)) is not None
    }
    image = batch.image.view(count, across, across, 3, height, width).permute(0, 3, 1, 4, 2, 5)
    image = image.reshape(count, 3, across * height, across * width)
    return replace(batch, image=image, hand_index=None, **merged)


def compact(batch: TrainingBatch) -> TrainingBatch:
    """Move labelled hands to the first slots and drop the slots that no picture needs."""
    order = batch.valid.to(torch.int8).argsort(dim=1, descending=True, stable=True)
    order = order[:, : max(1, int(batch.valid.sum(1).max()))]
    rows = torch.arange(len(batch), device=order.device)[:, None]
    kept = {
        name: value[rows, order]
        for name in _PER_HAND
        if (value := getattr(batch, name)) is not None
    }
    index = batch.hand_index
    if index is not None:
        new_slot = index.new_full((len(batch), batch.num_hands + 1), -1)  # the last one: no hand
        new_slot[rows, order] = torch.arange(order.shape[1], device=order.device).to(index.dtype)
        index = new_slot.gather(1, index.long().flatten(1) % new_slot.shape[1]).view_as(index)
    return replace(batch, **kept, hand_index=index)


def _padded(name: str, values: Tensor, slots: int) -> Tensor:
    """Append empty slots along dimension 1."""
    missing = slots - values.shape[1]
    if missing == 0:
        return values
    # A copy of the first slot is as empty as zeros, and a camera of zeros would divide by zero.
    filler = values[:, :1].expand(-1, missing, *values.shape[2:])
    if name != "K":
        filler = torch.zeros_like(filler)
    return torch.cat([values, filler], 1)
