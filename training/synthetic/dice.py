"""Dice: the random numbers of a scene, drawn on the CPU from a seed."""

import torch
from torch import Tensor

from core.rotations import rotmat_from_quat_xyzw


class Dice:
    """Random numbers of one generator, in the shapes that scenes need."""

    def __init__(self, seed: int) -> None:
        """Start from a seed; the CPU's generator makes all devices draw the same scenes."""
        self.generator = torch.Generator().manual_seed(seed)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Uniform numbers in [low, high)."""
        return low + (high - low) * torch.rand(*shape, generator=self.generator)

    def normal(self, *shape: int, sd: float = 1.0) -> Tensor:
        """Normal numbers around zero."""
        return sd * torch.randn(*shape, generator=self.generator)

    def chance(self, share: float, *shape: int) -> Tensor:
        """True with the given share."""
        return torch.rand(*shape, generator=self.generator) < share

    def integer(self, high: int, *shape: int) -> Tensor:
        """Integers in [0, high)."""
        return torch.randint(high, shape, generator=self.generator)

    def direction(self, count: int) -> Tensor:
        """Unit vectors (count, 3), uniform."""
        return torch.nn.functional.normalize(self.normal(count, 3), dim=-1)

    def rotation(self, count: int) -> Tensor:
        """Rotations (count, 3, 3), uniform."""
        return rotmat_from_quat_xyzw(self.normal(count, 4))
