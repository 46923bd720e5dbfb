"""What is in a picture: hands, sleeves, things, people, light, lens; drawn from a seed.

Everything that decides a shape (how many hands, how many things) is drawn here, on the CPU, so that
the renderer never waits for the device. Where a hand stands is settled on the device, where its
posed size is known (`render.place_hands`).
"""

import math
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from core.rotations import rotmat_from_quat_xyzw, rotmat_from_rotvec

#: Sizes in px are stated for this picture width and scale with it.
REFERENCE_WIDTH = 384
#: Places tried for each hand; the best is taken.
PLACES = 8
#: Directional lights of every picture; the second is often dark.
LIGHTS = 2


@dataclass(frozen=True, slots=True)
class SceneConfig:
    """How scenes are drawn; every value is a default to change, shares are in [0, 1]."""

    # Weights of pictures with 0, 1, 2 ... hands; more hands make pictures harder and slower.
    hand_count_weights: tuple[float, ...] = (0.08, 0.42, 0.35, 0.10, 0.05)
    # Longer side of a hand's joint box, px at width 384, log-uniform.
    min_size_px: float = 28.0
    max_size_px: float = 300.0
    # Betas are N(0, 1), cut at this many standard deviations.
    betas_limit: float = 2.5
    # Horizontal field of view, degrees: most pictures in the inner range, a share in the outer.
    inner_fov_deg: tuple[float, float] = (55.0, 80.0)
    outer_fov_deg: tuple[float, float] = (45.0, 95.0)
    outer_fov_share: float = 0.2
    # Hands turned anywhere at all; the rest follow webcam, pointing and first-person views.
    uniform_orientation_share: float = 0.2
    # Of the second hands: belongs to the same person as the first (skin, sleeve, size, other side).
    same_person_share: float = 0.7
    # Of the second hands: within reach of the first (touching, crossing, overlapping).
    interacting_share: float = 0.3
    # Free hands that may overlap others.
    overlap_share: float = 0.25
    sleeve_share: float = 0.6
    # Pictures with a head, neck and torso behind the hands.
    person_share: float = 0.35
    # Hands that hold a thing; pictures with things in front of or beside the hands.
    held_share: float = 0.15
    thing_share: float = 0.35
    # Hands whose skin is shifted in colour beyond its bank.
    skin_shift: float = 0.06
    # Pictures in front of a plain wall instead of a photo.
    plain_background_share: float = 0.12
    # Hands with a smaller visible share get no label, and no loss either.
    min_visible: float = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Hands:
    """N hands of a batch, picture by picture; row i of every field is the same hand.

    Attributes:
        picture, slot: (N,) int64.
        is_left: (N,) bool.
        pose_index: (N,) int64 into the bank of finger poses.
        orient: (N, 3, 3) global orientation, camera frame, right-hand canonical form.
        betas: (N, 10).
        size_px: (N,) wanted longer side of the joint box.
        place: (N, PLACES, 2) wanted box centres as shares of width and height.
        near: (N, PLACES, 3) m, offsets from the picture's first hand.
        interacts: (N,) bool, placed by `near` instead of `place`.
        overlaps: (N,) bool, may cover other hands.
        wrist_bend: (N, 3, 3).
        upper_arm: (N, 3) direction from the elbow, camera frame, unit length.
        skin: (N,) int64.
        skin_gain: (N, 3).
        cuff: (N,) where the sleeve starts, 0 wrist, 1 elbow.
        sleeve_offset: (N,) m between arm and sleeve; 0 for a bare arm.
        sleeve_phase: (N, 4) rad, of the folds.
        cloth: (N,) int64 texture, -1 = bare arm.
        cloth_tint: (N, 3) linear.
    """

    picture: Tensor
    slot: Tensor
    is_left: Tensor
    pose_index: Tensor
    orient: Tensor
    betas: Tensor
    size_px: Tensor
    place: Tensor
    near: Tensor
    interacts: Tensor
    overlaps: Tensor
    wrist_bend: Tensor
    upper_arm: Tensor
    skin: Tensor
    skin_gain: Tensor
    cuff: Tensor
    sleeve_offset: Tensor
    sleeve_phase: Tensor
    cloth: Tensor
    cloth_tint: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Things:
    """O superellipsoids: held things, occluders, heads, torsos; row i is the same thing.

    Attributes:
        picture: (O,) int64.
        hand: (O,) int64, the hand (index into Hands) it is placed by, -1 for none.
        held: (O,) bool, in the palm of `hand` (offset in the hand's frame) rather than beside it.
        place: (O, 2) px-plane place as shares of width and height, for what is not held.
        depth: (O,) m; a factor of the hands' own depth where `relative` is true.
        relative: (O,) bool.
        offset: (O, 3) m, camera frame (hand frame when held).
        rotation: (O, 3, 3).
        radius: (O, 3) m.
        exponent: (O, 2) of the superellipsoid: 1 round, 0.2 boxy, along and around.
        texture: (O,) int64 into the things' textures.
        tint: (O, 3) linear.
        gloss: (O,) strength of the highlight.
    """

    picture: Tensor
    hand: Tensor
    held: Tensor
    place: Tensor
    depth: Tensor
    relative: Tensor
    offset: Tensor
    rotation: Tensor
    radius: Tensor
    exponent: Tensor
    texture: Tensor
    tint: Tensor
    gloss: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Lights:
    """Light of P pictures, camera frame, linear RGB.

    Attributes:
        ambient: (P, 9, 3) irradiance, real spherical harmonics in the order of `shading.sh_basis`.
        direction: (P, LIGHTS, 3) unit vectors towards the lights.
        colour: (P, LIGHTS, 3).
        gloss: (P,) strength of the skin's highlight.
        exposure: (P,) of the hands against the background.
    """

    ambient: Tensor
    direction: Tensor
    colour: Tensor
    gloss: Tensor
    exposure: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Backdrops:
    """Backgrounds of P pictures.

    Attributes:
        index: (P,) int64 into the bank.
        theta: (P, 2, 3) of affine_grid: crop, flip, turn.
        gain: (P, 3) linear.
        plain: (P,) bool, a wall instead.
        wall: (P, 4, 3) linear colours of the wall's corners.
    """

    index: Tensor
    theta: Tensor
    gain: Tensor
    plain: Tensor
    wall: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A batch of P scenes.

    Attributes:
        K: (P, 3, 3) px.
        hands, things, lights, backdrops: what is in them.
        slots: for each slot, the rows of `hands` in that slot, in order of pictures.
    """

    K: Tensor
    hands: Hands
    things: Things
    lights: Lights
    backdrops: Backdrops
    slots: tuple[Tensor, ...]


Record = TypeVar("Record")


def to_device(record: Record, device: torch.device) -> Record:
    """Return a dataclass of tensors (or of such dataclasses and tuples) on another device."""
    moved = {}
    for field in fields(record):  # type: ignore[arg-type]
        value = getattr(record, field.name)
        if isinstance(value, Tensor):
            moved[field.name] = value.to(device, non_blocking=True)
        elif isinstance(value, tuple):
            moved[field.name] = tuple(v.to(device, non_blocking=True) for v in value)
        elif is_dataclass(value):
            moved[field.name] = to_device(value, device)
    return replace(record, **moved)  # type: ignore[type-var]


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


def _turn(axis: int, degrees: Tensor) -> Tensor:
    rotvec = torch.zeros(len(degrees), 3)
    rotvec[:, axis] = torch.deg2rad(degrees)
    return rotmat_from_rotvec(rotvec)


def sample_orientation(dice: Dice, count: int, uniform_share: float) -> Tensor:
    """Global orientations (count, 3, 3), camera frame, right-hand canonical form.

    Base: fingers up, palm to the camera (thumb to the picture's right on a right hand), then yaw
    about the fingers, tilt towards or away from the camera, roll in the picture. Four kinds: palm
    or back shown to a webcam, pointing at the camera, first person (back of the hand, fingers
    away), and, with `uniform_share`, anything.
    """
    base = torch.tensor([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])
    kind = dice.uniform(count)
    back = kind < 0.3
    anyhow = (kind >= 0.3) & (kind < 0.55)
    yaw = torch.where(back, 180 + dice.normal(count, sd=40), dice.normal(count, sd=35))
    yaw = torch.where(anyhow, dice.uniform(count, low=-180, high=180), yaw)
    tilt = dice.normal(count, sd=28)
    roll = 8 + dice.normal(count, sd=38)
    view = dice.uniform(count)
    pointing, own = view < 0.10, (view >= 0.10) & (view < 0.25)
    tilt = torch.where(pointing, 60 + dice.normal(count, sd=20), tilt)
    tilt = torch.where(own, -40 + dice.normal(count, sd=20), tilt)
    yaw = torch.where(own, 180 + dice.normal(count, sd=50), yaw)
    usual = _turn(2, roll) @ _turn(0, tilt) @ _turn(1, yaw) @ base
    uniform = dice.chance(uniform_share, count)[:, None, None]
    return torch.where(uniform, dice.rotation(count), usual)


def sample_scene(
    config: SceneConfig,
    dice: Dice,
    count: int,
    height: int,
    width: int,
    banks: tuple[int, int, int, int],
) -> Scene:
    """Draw `count` scenes for pictures of the given size.

    Args:
        config: how.
        dice: the randomness; the same seed draws the same scenes.
        count: pictures.
        height: px.
        width: px.
        banks: how many finger poses, skins, backgrounds and cloth textures there are.
    """
    poses, skins, backgrounds, cloths = banks
    weights = torch.tensor(config.hand_count_weights)
    counts = torch.multinomial(weights, count, replacement=True, generator=dice.generator)
    inner, outer = config.inner_fov_deg, config.outer_fov_deg
    fov = torch.where(
        dice.chance(config.outer_fov_share, count),
        dice.uniform(count, low=outer[0], high=outer[1]),
        dice.uniform(count, low=inner[0], high=inner[1]),
    )
    K = torch.zeros(count, 3, 3)
    K[:, 0, 0] = K[:, 1, 1] = 0.5 * width / torch.tan(torch.deg2rad(fov) / 2)
    K[:, 0, 2], K[:, 1, 2], K[:, 2, 2] = (width - 1) / 2, (height - 1) / 2, 1
    hands = _sample_hands(config, dice, counts, width, (poses, skins, cloths))
    slots = tuple((hands.slot == slot).nonzero().squeeze(1) for slot in range(len(weights) - 1))
    return Scene(
        K=K,
        hands=hands,
        things=_sample_things(config, dice, counts, hands, cloths),
        lights=_sample_lights(dice, count),
        backdrops=_sample_backdrops(config, dice, count, backgrounds, width / height),
        slots=slots,
    )


def _sample_hands(
    config: SceneConfig, dice: Dice, counts: Tensor, width: int, banks: tuple[int, int, int]
) -> Hands:
    poses, skins, cloths = banks
    n = int(counts.sum())
    picture = torch.repeat_interleave(counts)
    slot = torch.arange(n) - (counts.cumsum(0) - counts)[picture]
    # Odd slots may belong to the hand before them: its other hand.
    paired = (slot % 2 == 1) & dice.chance(config.same_person_share, n)
    before = (torch.arange(n) - 1).clamp(min=0)

    def inherit(own: Tensor) -> Tensor:
        mask = paired.view(-1, *[1] * (own.dim() - 1))
        return torch.where(mask, own[before], own)

    is_left = dice.chance(0.5, n)
    other = paired & dice.chance(0.92, n)
    is_left = torch.where(other, ~is_left[before], is_left)
    low, high = math.log(config.min_size_px), math.log(config.max_size_px)
    log_size = dice.uniform(n, low=low, high=high)
    log_size = (inherit(log_size) + paired * dice.normal(n, sd=0.15)).clamp(low, high)
    bend = torch.deg2rad(dice.normal(n, 3) * torch.tensor([12.0, 9.0, 24.0])).clamp(-1.2, 1.2)
    upper = torch.tensor([0.0, 0.8, 0.2]) + dice.normal(n, 3, sd=0.6)
    sleeved = inherit(dice.chance(config.sleeve_share, n)) & (cloths > 0)
    cuff = torch.where(dice.chance(0.6, n), dice.uniform(n, high=0.25), dice.uniform(n, high=0.9))
    offset = inherit(dice.uniform(n, low=0.003, high=0.014))
    tint = inherit(0.9 * dice.uniform(n, 1) ** 1.5 * (1 + dice.normal(n, 3, sd=0.3)))
    gain = 1 + dice.normal(n, 1, sd=1.5 * config.skin_shift)
    gain = gain + dice.normal(n, 3, sd=config.skin_shift / 2)
    return Hands(
        picture=picture,
        slot=slot,
        is_left=is_left,
        pose_index=dice.integer(poses, n),
        orient=sample_orientation(dice, n, config.uniform_orientation_share),
        betas=inherit(dice.normal(n, 10).clamp(-config.betas_limit, config.betas_limit)),
        size_px=log_size.exp() * width / REFERENCE_WIDTH,
        place=dice.uniform(n, PLACES, 2, low=-0.05, high=1.05),
        near=dice.normal(n, PLACES, 3) * torch.tensor([0.10, 0.07, 0.05]),
        interacts=(slot == 1) & dice.chance(config.interacting_share, n),
        overlaps=dice.chance(config.overlap_share, n),
        wrist_bend=rotmat_from_rotvec(bend),
        upper_arm=torch.nn.functional.normalize(upper, dim=-1),
        skin=inherit(dice.integer(skins, n)),
        skin_gain=inherit(gain.clamp(0.7, 1.3)),
        cuff=torch.where(sleeved, cuff, torch.full_like(cuff, 0.97)),
        sleeve_offset=torch.where(sleeved, offset, torch.zeros_like(offset)),
        sleeve_phase=dice.uniform(n, 4, high=2 * math.pi),
        cloth=torch.where(sleeved, inherit(dice.integer(max(cloths, 1), n)), -1),
        cloth_tint=tint.clamp(0.01, 0.9),
    )


def _sample_things(
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
    rod = torch.cat(
        (
            dice.uniform(count, 1, low=0.003, high=0.03).expand(-1, 2),
            dice.uniform(count, 1, low=0.05, high=0.13),
        ),
        -1,
    )
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
    limb = torch.tensor([0.035, 0.035, 0.14]) * (1 + dice.normal(n, 3, sd=0.2)).clamp(0.5, 2)
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


def _sample_lights(dice: Dice, count: int) -> Lights:
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


def _sample_backdrops(
    config: SceneConfig, dice: Dice, count: int, backgrounds: int, aspect: float
) -> Backdrops:
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
