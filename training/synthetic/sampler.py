"""Samples scenes from a seed, on the CPU: how many hands, whose, how turned, in what lens.

Everything that decides a shape (how many hands, how many things) is drawn here, on the CPU, so that
the renderer never waits for the device. Where a hand stands is settled on the device, where its
posed size is known (`placing.place_hands`).
"""

import math

import torch
from torch import Tensor

from core.rotations import rotmat_from_rotvec
from training.synthetic.dice import Dice
from training.synthetic.scene import PLACES, REFERENCE_WIDTH, Hands, Scene, SceneConfig
from training.synthetic.surroundings import sample_backdrops, sample_lights
from training.synthetic.things import sample_things


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
    weights = torch.tensor(config.hand_count_weights, dtype=torch.float32)
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
        things=sample_things(config, dice, counts, hands, cloths),
        lights=sample_lights(dice, count),
        backdrops=sample_backdrops(config, dice, count, backgrounds, width / height),
        slots=slots,
    )


def _places(dice: Dice, count: int) -> Tensor:
    """Places (count, PLACES, 2) to try: anywhere first, then ever nearer to the middle."""
    anywhere = dice.uniform(count, PLACES, 2, low=-0.55, high=0.55)
    shrink = torch.linspace(1, 0.4, PLACES)[:, None]
    central = torch.where(dice.chance(0.5, count), 0.6, 1.0)[:, None, None]
    return 0.5 + anywhere * shrink * central


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
        place=_places(dice, n),
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
