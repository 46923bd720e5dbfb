"""All textures of a batch in one flat tensor, with mip levels: skins, cloth, things, faces."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

#: Levels of each texture, each half the size of the one before.
LEVELS = 6
#: Side of the textures that are not skins, px.
CLOTH_SIZE = 128


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """Square textures end to end.

    Attributes:
        texels: (N, 3) uint8 sRGB.
        start: (T, LEVELS) int64, first texel of each level.
        side: (T,) int64, px of level 0.
    """

    texels: Tensor
    start: Tensor
    side: Tensor

    def sample(self, texture: Tensor, level: Tensor, uv: Tensor) -> Tensor:
        """Bilinear linear-light colours (M, 3) at texture coordinates (M, 2), which wrap.

        Args:
            texture: (M,) int64.
            level: (M,) int64.
            uv: (M, 2), u right and v down, 1 = one texture.
        """
        start = self.start.flatten()[texture * LEVELS + level]
        side = self.side[texture] >> level
        at = uv * side[:, None] - 0.5
        corner = at.floor()
        share = at - corner
        column, row = corner.long().unbind(-1)
        mask = side - 1  # sides are powers of two
        left, right = column & mask, (column + 1) & mask
        top, bottom = start + (row & mask) * side, start + ((row + 1) & mask) * side
        across, down = share[:, :1], share[:, 1:]
        upper = self.texels[top + left] * (1 - across) + self.texels[top + right] * across
        lower = self.texels[bottom + left] * (1 - across) + self.texels[bottom + right] * across
        return linear_from_srgb((upper * (1 - down) + lower * down) / 255)


def linear_from_srgb(colour: Tensor) -> Tensor:
    """Decode sRGB in [0, 1] by a cubic fit of its curve, within 0.002 and cheaper than a power."""
    return colour * (colour * (colour * 0.305306011 + 0.682171111) + 0.012522878)


def srgb_from_linear(colour: Tensor) -> Tensor:
    """Encode linear light in [0, 1] as sRGB (IEC 61966-2-1)."""
    high = 1.055 * colour.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(colour <= 0.0031308, 12.92 * colour, high)


def make_atlas(banks: list[Tensor]) -> Atlas:
    """Lay banks of textures (S, 3, T, T) uint8, T a power of two, end to end with mip levels."""
    texels, starts, sides, at = [], [], [], 0
    for bank in banks:
        count, _, side, _ = bank.shape
        if side & (side - 1) or side >> (LEVELS - 1) < 1:
            raise ValueError(f"textures must be a power of two >= {2 ** (LEVELS - 1)}, got {side}")
        start = torch.zeros(count, LEVELS, dtype=torch.int64)
        level = bank.float()
        for number in range(LEVELS):
            size = side >> number
            start[:, number] = at + torch.arange(count) * size * size
            flat = level.permute(0, 2, 3, 1).reshape(-1, 3)
            texels.append(flat.add(0.5).clamp(0, 255).to(torch.uint8))
            at += count * size * size
            if number + 1 < LEVELS:
                level = torch.nn.functional.avg_pool2d(level, 2)
        starts.append(start)
        sides.append(torch.full((count,), side))
    return Atlas(torch.cat(texels), torch.cat(starts), torch.cat(sides))


def _tileable(rng: np.random.Generator, sigma: float) -> np.ndarray:
    noise = rng.standard_normal((CLOTH_SIZE, CLOTH_SIZE))
    smooth = ndimage.gaussian_filter(noise, sigma, mode="wrap")
    return smooth / (smooth.std() + 1e-9)


def cloth_textures(count: int, seed: int = 0) -> Tensor:
    """Tileable cloth (count, 3, 128, 128) uint8: the first is skin grain, then weaves and prints.

    They are near white: the scene's tint colours them.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:CLOTH_SIZE, 0:CLOTH_SIZE] / CLOTH_SIZE
    textures = []
    for number in range(count):
        grain = 0.06 * _tileable(rng, 0.7) + 0.06 * _tileable(rng, 3) + 0.05 * _tileable(rng, 12)
        value = 0.85 + grain
        colour = np.ones(3)
        second = np.clip(rng.uniform(0.05, 1.0) * (1 + rng.normal(0, 0.3, 3)), 0.02, 1)
        kind = 0 if number == 0 else number % 6
        mask = np.zeros_like(x)
        if number == 0:
            value = 0.93 + 0.3 * grain
        elif kind == 1:
            mask = (
                np.sin(2 * np.pi * (x if rng.random() < 0.5 else y) * rng.integers(3, 12))
                > rng.uniform(-0.5, 0.7)
            ) * 1.0
        elif kind == 2:
            n = rng.integers(2, 7)
            mask = 0.5 * (np.sin(2 * np.pi * n * x) > 0.2) + 0.5 * (np.sin(2 * np.pi * n * y) > 0.2)
        elif kind == 3:
            value = value + 0.10 * np.sin(2 * np.pi * 32 * x) * np.sin(2 * np.pi * 32 * y)
        elif kind == 4:
            mask = 1.0 * (_tileable(rng, rng.uniform(3, 9)) > rng.uniform(0, 1.5))
        elif kind == 5:
            n = rng.integers(3, 8)
            mask = 1.0 * ((x * n % 1 - 0.5) ** 2 + (y * n % 1 - 0.5) ** 2 < rng.uniform(0.03, 0.12))
        mixed = colour + mask[..., None] * (second - colour)
        textures.append(np.clip(value[..., None] * mixed, 0, 1))
    return torch.from_numpy((np.stack(textures) * 255).astype(np.uint8)).permute(0, 3, 1, 2)


def face_textures(count: int, seed: int = 1) -> Tensor:
    """Crude faces (count, 3, 128, 128) uint8 for heads: hair, brows, eyes, mouth over white.

    u runs around the head, the face at its middle; v from the crown down. Eyes must not be round
    holes, nor hair skin: it is enough that a head is no hand.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:CLOTH_SIZE, 0:CLOTH_SIZE] / CLOTH_SIZE
    textures = []
    for _ in range(count):
        image = np.ones((CLOTH_SIZE, CLOTH_SIZE, 3)) * (0.93 + 0.02 * _tileable(rng, 4))[..., None]
        hair = np.array([0.25, 0.17, 0.1]) * rng.uniform(0.1, 3.0)
        brow = 0.30 + 0.05 * rng.normal()
        line = (
            brow
            + 0.03 * _tileable(rng, 6)
            + rng.uniform(0.2, 0.8) * np.clip(np.abs(x - 0.5) - 0.17, 0, 0.3)
        )
        strands = (1 + 0.25 * _tileable(rng, 1.0))[..., None]
        image = np.where((y < line)[..., None], np.clip(hair, 0, 0.9) * strands, image)
        for side in (-1, 1):
            dx, dy = (x - 0.5 - side * 0.075) / 0.034, (y - 0.46) / 0.014
            image[dx**2 + dy**2 < 1] = (0.85, 0.83, 0.8)
            image[(dx * 2.2) ** 2 + dy**2 < 1] = (0.12, 0.08, 0.06)
            image[(np.abs(dx) < 1.2) & (np.abs(y - 0.425) < 0.008)] = np.clip(hair, 0, 0.5)
        image[((x - 0.5) / 0.055) ** 2 + ((y - 0.68) / 0.02) ** 2 < 1] *= (0.8, 0.5, 0.5)
        image[((x - 0.5) / 0.03) ** 2 + ((y - 0.585) / 0.012) ** 2 < 1] *= 0.75
        if rng.random() < 0.3:
            image[(y > 0.62) & (np.abs(x - 0.5) < 0.2) & (_tileable(rng, 0.8) > -0.3)] *= 0.45
        # The camera's side of an upright superellipsoid is three quarters around.
        textures.append(np.clip(np.roll(image, CLOTH_SIZE // 4, axis=1), 0, 1))
    return torch.from_numpy((np.stack(textures) * 255).astype(np.uint8)).permute(0, 3, 1, 2)
