"""Scene: what is in a batch of pictures, as tensors; and SceneConfig, how it is drawn."""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

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
        radius: (O, 3) m, the second along the poles.
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
