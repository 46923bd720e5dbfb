"""Samples what is not a hand: held things, things beside and before the hands, people."""

from dataclasses import fields

import torch
from torch import Tensor

from core.rotations import rotmat_from_rotvec
from training.synthetic.dice import Dice
from training.synthetic.scene import Hands, SceneConfig, Things


def sample_things(
    config: SceneConfig, dice: Dice, counts: Tensor, hands: Hands, cloths: int
) -> Things:
    """Held things, things beside and before the hands, and people (head, neck, torso)."""
    rows = [
        _held_things(config, dice, hands, cloths),
        _loose_things(config, dice, counts, hands, cloths),
        *_people(config, dice, len(counts), cloths),
    ]
    merged = {
        field.name: torch.cat([getattr(row, field.name) for row in rows])
        for field in fields(Things)
    }
    return Things(**merged)


def _thing_shapes(dice: Dice, count: int) -> tuple[Tensor, Tensor]:
    """Radii (count, 3) m and exponents (count, 2) of graspable boxes, rods, balls, cards."""
    kind = dice.integer(4, count)[:, None]
    ball = dice.uniform(count, 1, low=0.015, high=0.04).expand(-1, 3)
    thick = dice.uniform(count, 1, low=0.003, high=0.03)
    rod = torch.cat((thick, dice.uniform(count, 1, low=0.05, high=0.13), thick), -1)
    box = dice.uniform(count, 3, low=0.008, high=0.06)
    card = torch.cat(
        (
            dice.uniform(count, 1, low=0.002, high=0.006),
            dice.uniform(count, 2, low=0.03, high=0.08),
        ),
        -1,
    )
    radius = torch.where(kind == 0, ball, torch.where(kind == 1, rod, box))
    radius = torch.where(kind == 3, card, radius)
    round_, flat = torch.ones(count, 1), torch.full((count, 1), 0.15)
    along = torch.where(kind == 0, round_, flat)
    around = torch.where(kind <= 1, round_, flat)
    return radius * (1 + dice.normal(count, 3, sd=0.1)), torch.cat((along, around), -1)


def _plain_tint(dice: Dice, count: int) -> Tensor:
    return (dice.uniform(count, 1) ** 1.3 * (1 + dice.normal(count, 3, sd=0.5))).clamp(0.01, 0.95)


def _held_things(config: SceneConfig, dice: Dice, hands: Hands, cloths: int) -> Things:
    hand = dice.chance(config.held_share, len(hands.picture)).nonzero().squeeze(1)
    n = len(hand)
    radius, exponent = _thing_shapes(dice, n)
    # Hand frame: fingers -x, palm -y: over the palm or between the fingers.
    offset = torch.tensor([-0.075, -0.035, 0.0]) + dice.normal(n, 3) * torch.tensor(
        [0.03, 0.015, 0.02]
    )
    return Things(
        picture=hands.picture[hand],
        hand=hand,
        held=torch.ones(n, dtype=torch.bool),
        place=torch.zeros(n, 2),
        depth=torch.ones(n),
        relative=torch.ones(n, dtype=torch.bool),
        offset=offset,
        rotation=dice.rotation(n),
        radius=radius,
        exponent=exponent,
        texture=dice.integer(max(cloths, 1), n),
        tint=_plain_tint(dice, n),
        gloss=dice.uniform(n, high=0.4),
    )


def _loose_things(
    config: SceneConfig, dice: Dice, counts: Tensor, hands: Hands, cloths: int
) -> Things:
    picture = torch.cat(
        [dice.chance(share, len(counts)).nonzero().squeeze(1) for share in
         (config.thing_share, config.thing_share / 2)]
    )  # fmt: skip
    n = len(picture)
    radius, exponent = _thing_shapes(dice, n)
    # Some are limbs and blobs of skin without a hand: what must not be taken for one.
    skin = dice.chance(0.3, n)
    limb = torch.tensor([0.035, 0.14, 0.035]) * (1 + dice.normal(n, 3, sd=0.2)).clamp(0.5, 2)
    radius = torch.where(skin[:, None], limb, radius * dice.uniform(n, 1, low=0.8, high=3.0))
    exponent = torch.where(skin[:, None], torch.tensor([0.6, 1.0]), exponent)
    first = (counts.cumsum(0) - counts)[picture]
    beside = dice.chance(0.35, n) & (counts[picture] > 0)
    depth = torch.where(
        dice.chance(0.45, n), dice.uniform(n, low=0.6, high=0.95), dice.uniform(n, low=1, high=1.8)
    )
    return Things(
        picture=picture,
        hand=torch.where(beside, first, -1),
        held=torch.zeros(n, dtype=torch.bool),
        place=dice.uniform(n, 2),
        depth=depth,
        relative=torch.ones(n, dtype=torch.bool),
        offset=dice.normal(n, 3) * torch.tensor([0.07, 0.07, 0.03]) - torch.tensor([0, 0, 0.05]),
        rotation=dice.rotation(n),
        radius=radius.clamp(0.002, 0.3),
        exponent=exponent,
        texture=torch.where(skin, 0, dice.integer(max(cloths, 1), n)),
        tint=torch.where(skin[:, None], skin_tint(dice, n), _plain_tint(dice, n)),
        gloss=torch.where(skin, 0.04, dice.uniform(n, high=0.4)),
    )


def skin_tint(dice: Dice, count: int) -> Tensor:
    """Linear skin colours (count, 3) from light to dark."""
    melanin = 0.1 + 1.6 * dice.uniform(count, 1) ** 1.4
    blood = dice.uniform(count, 1, low=0.08, high=0.36)
    absorb = melanin * torch.tensor([0.80, 1.28, 1.75]) + blood * torch.tensor([0.08, 0.58, 0.60])
    return torch.tensor([0.86, 0.72, 0.64]) * torch.exp(-absorb)


def _people(config: SceneConfig, dice: Dice, count: int, cloths: int) -> list[Things]:
    """Head (texture -1: a face), neck and torso of a person behind the hands."""
    picture = dice.chance(config.person_share, count).nonzero().squeeze(1)
    n = len(picture)
    place = torch.stack(
        (dice.uniform(n, low=0.15, high=0.85), dice.uniform(n, low=0.0, high=0.6)), -1
    )
    depth = dice.uniform(n, low=1.15, high=2.2)
    turn = rotmat_from_rotvec(dice.normal(n, 3, sd=0.2))
    skin = skin_tint(dice, n)
    shirt = _plain_tint(dice, n)
    body = (
        # radius, offset from the head's centre, exponents, skin or shirt
        ((0.072, 0.11, 0.09), (0.0, 0.0, 0.0), (0.9, 1.0), True),
        ((0.055, 0.09, 0.055), (0.0, 0.14, 0.02), (0.4, 1.0), True),
        ((0.21, 0.30, 0.11), (0.0, 0.46, 0.03), (0.5, 0.8), False),
    )
    parts = []
    for number, (radius, offset, exponent, is_skin) in enumerate(body):
        size = 1 + dice.normal(n, 3, sd=0.06)
        parts.append(
            Things(
                picture=picture,
                hand=torch.full((n,), -1),
                held=torch.zeros(n, dtype=torch.bool),
                place=place,
                depth=depth,
                relative=torch.ones(n, dtype=torch.bool),
                offset=torch.tensor(offset).expand(n, 3),
                rotation=turn,
                radius=torch.tensor(radius) * size,
                exponent=torch.tensor(exponent).expand(n, 2),
                texture=torch.full((n,), -1)
                if number == 0
                else torch.where(
                    torch.tensor(is_skin),
                    torch.zeros(n, dtype=torch.int64),
                    dice.integer(max(cloths, 1), n),
                ),
                tint=skin if is_skin else shirt,
                gloss=torch.full((n,), 0.05),
            )
        )
    return parts
