"""TrainingBatch: one batch of pictures with the labels that each source happens to have."""

from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class TrainingBatch:
    """B pictures with at most M hands each, all on one device; missing labels weigh nothing.

    Attributes:
        image: (B, 3, H, W) uint8 RGB.
        K: (B, 3, 3) px.
        valid: (B, M) bool, whether the slot holds a labelled hand.
        side: (B, M) int64, 0 left, 1 right (anatomical).
        keypoints_2d: (B, M, 21, 2) px.
        keypoint_confidence: (B, M, 21) in [0, 1]; 0 = no label.
        joints_3d: (B, M, 21, 3) m, camera frame.
        pose: (B, M, 16, 3, 3) in right-hand canonical form.
        betas: (B, M, 10).
        has_3d: (B, M) bool, whether joints_3d, pose and betas are true.
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

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.image)

    @property
    def num_hands(self) -> int:
        """M, the number of hand slots."""
        return self.valid.shape[1]

    def to(self, device: torch.device) -> "TrainingBatch":
        """Return the batch on another device."""
        moved = {
            field.name: value.to(device, non_blocking=True)
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }
        return replace(self, **moved)


def concatenate(first: TrainingBatch, second: TrainingBatch) -> TrainingBatch:
    """Stack two batches of one picture size; slots and regions are padded to the larger count.

    Masks, albedo and light survive where both have them or where the missing ones can be marked:
    `has_3d` says which hands have true albedo and light.
    """
    hands = max(first.num_hands, second.num_hands)
    regions = max(first.ignore_xyxy.shape[1], second.ignore_xyxy.shape[1])
    merged = {}
    for entry in fields(TrainingBatch):
        a, b = getattr(first, entry.name), getattr(second, entry.name)
        if a is None and b is None:
            continue
        if a is None or b is None:
            known = b if a is None else a
            fill = -1 if entry.name == "hand_index" else 0
            missing = first if a is None else second
            shape = (len(missing), missing.num_hands, *known.shape[2:])
            if entry.name == "hand_index":
                shape = (len(missing), *known.shape[1:])
            empty = known.new_full(shape, fill)
            a, b = (empty, b) if a is None else (a, empty)
        if entry.name not in ("image", "K", "hand_index"):
            slots = regions if entry.name == "ignore_xyxy" else hands
            a, b = _padded(a, slots), _padded(b, slots)
        merged[entry.name] = torch.cat([a, b])
    return TrainingBatch(**merged)


def _padded(values: Tensor, slots: int) -> Tensor:
    """Append empty slots along dimension 1."""
    missing = slots - values.shape[1]
    if missing == 0:
        return values
    return torch.cat([values, values.new_zeros(len(values), missing, *values.shape[2:])], 1)
