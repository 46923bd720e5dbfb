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

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.image)

    def to(self, device: torch.device) -> "TrainingBatch":
        """Return the batch on another device."""
        moved = {
            field.name: value.to(device, non_blocking=True)
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }
        return replace(self, **moved)
