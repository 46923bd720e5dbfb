"""The same hand alone and among others, side by side in a batch (SMHR 1.9, multi-hand setting)."""

from dataclasses import dataclass

import torch
from torch import Tensor


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
