"""Samples light and background."""

import torch

from training.synthetic.dice import Dice
from training.synthetic.scene import LIGHTS, Backdrops, Lights, SceneConfig


def sample_lights(dice: Dice, count: int) -> Lights:
    """Soft surroundings with a bright side, one key light, often a second from elsewhere."""
    warmth = dice.normal(count, 3, 1, sd=0.13) * torch.tensor([1.0, 0.0, -1.2])
    tint = torch.exp(warmth + dice.normal(count, 3, 3, sd=0.03))  # ambient and two lights
    ambient = torch.zeros(count, 9, 3)
    level = dice.uniform(count, 1, low=0.35, high=1.0)
    ambient[:, 0] = level * tint[:, 0]
    # In the order of the basis: upwards, forwards, to the left; mostly brighter above.
    side = dice.direction(count) + torch.tensor([0.6, 0.0, 0.0])
    strength = level * dice.uniform(count, 1, high=0.3)
    ambient[:, 1:4] = (strength * side)[..., None] * tint[:, :1]
    ambient[:, 4:] = 0.03 * level[..., None] * dice.normal(count, 5, 1)
    direction = dice.normal(count, LIGHTS, 3) * torch.tensor([1.0, 0.7, 0.7])
    direction = direction + torch.tensor([0.0, -0.7, -0.5])
    direction = torch.nn.functional.normalize(direction, dim=-1)
    on = torch.stack((dice.chance(0.85, count), dice.chance(0.35, count)), -1)
    power = on * torch.stack(
        (dice.uniform(count, low=0.2, high=1.3), dice.uniform(count, low=0.1, high=0.8)), -1
    )
    return Lights(
        ambient=ambient,
        direction=direction,
        colour=power[..., None] * tint[:, 1:],
        gloss=dice.uniform(count) ** 2 * 0.25,
        exposure=torch.exp(0.1 + dice.normal(count, sd=0.25)),
    )


def sample_backdrops(
    config: SceneConfig, dice: Dice, count: int, backgrounds: int, aspect: float
) -> Backdrops:
    """Crops of photos and plain walls for `count` pictures of the given aspect (width / height)."""
    scale = dice.uniform(count, low=0.45, high=1.0)
    shift = dice.uniform(count, 2, low=-1, high=1) * (1 - scale)[:, None]
    angle = dice.normal(count, sd=0.06)
    flip = torch.where(dice.chance(0.5, count), 1.0, -1.0)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = scale * torch.cos(angle) * flip
    theta[:, 0, 1] = -scale * torch.sin(angle) / aspect
    theta[:, 1, 0] = scale * torch.sin(angle) * flip * aspect
    theta[:, 1, 1] = scale * torch.cos(angle)
    theta[:, :, 2] = shift
    wall = dice.uniform(count, 1, 1) ** 1.5 * (1 + dice.normal(count, 1, 3, sd=0.15))
    return Backdrops(
        index=dice.integer(backgrounds, count),
        theta=theta,
        gain=torch.exp(dice.normal(count, 1, sd=0.35) + dice.normal(count, 3, sd=0.06)),
        plain=dice.chance(config.plain_background_share, count),
        wall=(wall * (1 + dice.normal(count, 4, 1, sd=0.25))).clamp(0.01, 1.0),
    )
