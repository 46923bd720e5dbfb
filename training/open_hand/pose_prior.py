"""Poses that hands take: anatomical angles drawn within joint limits, and everyday gestures.

Angles are flexion, abduction and twist about each joint's own axes (`joint_axes` of the hand
model), in radians inside and in degrees in the tables. Positive flexion bends towards the palm;
positive abduction turns the four fingers towards the thumb and the thumb out of the palm's plane.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.hand_model.file import HandModel
from core.rotations import rotmat_from_rotvec
from core.topology import NUM_MODEL_JOINTS
from training.open_hand.interpenetration import HandSpheres, collision_depth, hand_spheres

_FREE = (-180.0, 180.0)
_MCP = ((-18.0, 92.0), (-18.0, 18.0), (-5.0, 5.0))
_PIP = ((0.0, 105.0), (-3.0, 3.0), (-3.0, 3.0))
_DIP = ((-8.0, 75.0), (-3.0, 3.0), (-3.0, 3.0))
_THUMB_CMC = ((-15.0, 42.0), (-8.0, 52.0), (-18.0, 42.0))
_THUMB_MCP = ((-12.0, 50.0), (-8.0, 8.0), (-5.0, 5.0))
_THUMB_IP = ((-15.0, 75.0), (-3.0, 3.0), (-3.0, 3.0))
#: Degrees; (16, 3, 2): joint, (flexion, abduction, twist), (least, most).
JOINT_LIMITS_DEG: Final = (
    (_FREE, _FREE, _FREE),
    *((_MCP, _PIP, _DIP) * 4),
    _THUMB_CMC,
    _THUMB_MCP,
    _THUMB_IP,
)

_SHARED_CURL_SHARE: Final = 0.75
_NAMED_SHARE: Final = 0.3
# A gesture is never made twice alike.
_NAMED_JITTER_DEG: Final = 5.0
_MAX_ROUNDS: Final = 64

#: Per gesture in degrees: index | middle | little | ring, each MCP, PIP and DIP flexion and MCP
#: abduction | thumb: CMC flexion, abduction and twist, MCP flexion, IP flexion.
GESTURES: Final = {
    "flat": "0 4 2 0 | 0 4 2 0 | 0 4 2 0 | 0 4 2 0 | 0 5 5 0 0",
    "spread": "0 4 2 12 | 0 4 2 2 | 0 4 2 -14 | 0 4 2 -7 | -12 8 5 -6 -8",
    "together": "2 4 2 -2 | 2 4 2 1 | 2 5 2 11 | 2 4 2 6 | 24 6 6 12 8",
    "relaxed": "22 34 18 0 | 26 38 20 0 | 34 38 22 3 | 30 40 22 1 | 8 18 10 10 12",
    "fist": "78 94 56 1 | 80 94 56 0 | 76 90 54 1 | 79 93 56 0 | 24 44 18 36 38",
    "point": "0 4 2 0 | 80 94 56 0 | 76 90 54 1 | 79 93 56 0 | 24 44 18 34 34",
    "pinch": "52 46 22 0 | 40 42 22 0 | 34 34 20 0 | 38 40 22 0 | 14 44 22 12 22",
    "ok": "56 50 22 0 | 16 16 8 0 | 4 6 4 -6 | 8 10 5 -2 | 14 44 22 14 24",
    "victory": "0 3 2 12 | 2 4 2 -7 | 76 90 54 1 | 80 93 56 0 | 30 45 20 38 40",
    "thumbs_up": "80 95 58 0 | 80 95 58 0 | 78 92 56 3 | 80 95 58 0 | -10 4 4 -8 -12",
    "gun": "0 4 2 0 | 4 6 3 0 | 78 92 56 3 | 80 95 58 0 | -8 4 4 -4 -8",
    "call": "80 95 58 0 | 80 95 58 0 | 2 6 3 -8 | 80 95 58 0 | -12 8 4 -8 -8",
    "horns": "0 4 2 0 | 80 94 56 0 | 2 6 3 -4 | 79 93 56 0 | 24 45 18 34 34",
    "three": "0 3 2 8 | 0 4 2 0 | 78 92 56 3 | 2 6 3 -8 | 30 44 20 40 42",
    "four": "0 4 2 0 | 0 4 2 0 | 0 4 2 0 | 0 4 2 0 | 34 28 16 34 34",
    "hook": "4 92 58 0 | 4 95 58 0 | 4 90 56 0 | 4 94 58 0 | 24 6 6 12 8",
    "table": "80 6 3 0 | 80 6 3 0 | 76 8 4 0 | 78 6 3 0 | 10 20 10 5 5",
    "letter_c": "36 44 24 0 | 38 46 26 0 | 36 42 24 3 | 38 45 25 1 | 2 44 20 10 22",
    "letter_l": "0 4 2 0 | 80 95 58 0 | 78 92 56 3 | 80 95 58 0 | -12 2 4 -6 -6",
    "letter_e": "38 96 62 0 | 38 98 62 0 | 36 94 60 3 | 37 97 62 1 | 26 42 18 40 44",
    "letter_o": "58 50 30 0 | 60 50 30 0 | 62 48 30 3 | 61 50 30 1 | 14 46 22 14 26",
    "letter_x": "16 88 52 0 | 80 94 56 0 | 76 90 54 1 | 79 93 56 0 | 24 45 18 34 34",
    "letter_y": "80 95 58 0 | 80 95 58 0 | 2 5 2 -12 | 80 95 58 0 | -13 6 4 -6 -6",
    "grip_thick": "34 48 28 2 | 36 50 30 0 | 40 50 30 -2 | 38 52 30 0 | 6 48 18 12 20",
    "grip_thin": "58 74 42 0 | 62 78 44 0 | 64 74 44 1 | 63 78 45 0 | 14 52 20 26 34",
    "pen": "42 48 18 0 | 48 56 26 -1 | 58 62 34 2 | 54 62 32 0 | 14 42 22 14 30",
    "mouse": "16 22 10 2 | 18 26 12 0 | 20 30 14 -6 | 22 32 14 -2 | 4 24 10 8 10",
    "key": "40 62 34 0 | 48 68 38 0 | 54 70 40 1 | 52 72 40 0 | 18 4 2 6 8",
}


@dataclass(frozen=True, slots=True, eq=False)
class PosePrior:
    """What sampling needs of a hand, on one device.

    Attributes:
        axes: (15, 3, 3), columns flexion, abduction, twist of joints 1..15.
        limits: (15, 3, 2) rad.
        gestures: (G, 15, 3) rad, the rows of `GESTURES`.
        spheres: for the collision test.
    """

    axes: Tensor
    limits: Tensor
    gestures: Tensor
    spheres: HandSpheres


def pose_prior(model: HandModel, device: torch.device | str = "cpu") -> PosePrior:
    """The prior of a right hand's model; ValueError where the model has no joint axes."""
    if model.joint_axes is None:
        raise ValueError(f"the hand {model.name!r} has no joint axes")
    joints = model.J_regressor @ model.v_template
    tips = model.v_template[model.tip_ids][[1, 2, 4, 3, 0]]
    spheres = hand_spheres(model.v_template, model.weights, joints, tips)
    return prior_from_arrays(model.joint_axes, spheres, device)


def prior_from_arrays(
    joint_axes: NDArray[np.floating], spheres: HandSpheres, device: torch.device | str = "cpu"
) -> PosePrior:
    """The prior from joint axes (16, 3, 3) and collision spheres."""
    limits = torch.deg2rad(torch.tensor(JOINT_LIMITS_DEG[1:], dtype=torch.float32))
    gestures = torch.stack([_gesture_angles(gesture) for gesture in GESTURES.values()])
    gestures = gestures.clamp(limits[..., 0], limits[..., 1])
    axes = torch.from_numpy(np.array(joint_axes[1:], dtype=np.float32))
    return PosePrior(axes.to(device), limits.to(device), gestures.to(device), spheres.to(device))


def sample_pose(count: int, generator: torch.Generator, prior: PosePrior) -> Tensor:
    """Draw finger rotations (count, 15, 3, 3) of right hands that do not run into themselves.

    Args:
        count: how many.
        generator: on the prior's device; the same seed gives the same poses.
        prior: from `pose_prior`.
    """
    kept: list[Tensor] = []
    missing = count
    for _ in range(_MAX_ROUNDS):
        angles = sample_angles(missing + missing // 2 + 8, generator, prior)
        pose = pose_from_angles(angles, prior.axes)
        root = torch.eye(3, device=pose.device).expand(len(pose), 1, 3, 3)
        free = collision_depth(prior.spheres, torch.cat((root, pose), 1)) <= 0
        kept.append(pose[free][:missing])
        missing -= len(kept[-1])
        if missing == 0:
            return torch.cat(kept)
    raise RuntimeError(f"{missing} of {count} poses still collide: the spheres do not fit the hand")


def sample_angles(count: int, generator: torch.Generator, prior: PosePrior) -> Tensor:
    """Draw angles (count, 15, 3) rad within the limits, collisions not looked at."""
    free = _free_angles(count, generator)
    chosen = _uniform((count,), generator) * len(prior.gestures)
    named = prior.gestures[chosen.long().clamp(max=len(prior.gestures) - 1)]
    jitter = np.radians(_NAMED_JITTER_DEG) * _normal((count, 15, 3), generator)
    jitter = jitter * prior.limits.diff(dim=-1).squeeze(-1).clamp(max=1.0)  # less where stiff
    is_named = _uniform((count, 1, 1), generator) < _NAMED_SHARE
    angles = torch.where(is_named, named + jitter, free)
    return angles.clamp(prior.limits[..., 0], prior.limits[..., 1])


def pose_from_angles(angles: Tensor, axes: Tensor) -> Tensor:
    """Rotations (..., J, 3, 3) from angles (..., J, 3) rad about axes (J, 3, 3).

    Flexion turns first the whole phalanx; abduction and twist follow about the turned axes.
    """
    flexion, abduction, twist = (
        rotmat_from_rotvec(angles[..., i : i + 1] * axes[..., i]) for i in range(3)
    )
    return flexion @ abduction @ twist


def angles_from_pose(pose: Tensor, axes: Tensor) -> Tensor:
    """Angles (..., J, 3) rad of rotations (..., J, 3, 3): the inverse of `pose_from_angles`.

    Unique while abduction stays within a right angle.
    """
    local = axes.mT @ pose @ axes
    abduction = local[..., 0, 2].clamp(-1 + 1e-6, 1 - 1e-6).asin()
    flexion = torch.atan2(-local[..., 1, 2], local[..., 2, 2])
    twist = torch.atan2(-local[..., 0, 1], local[..., 0, 0])
    return torch.stack((flexion, abduction, twist), -1)


def _free_angles(count: int, generator: torch.Generator) -> Tensor:
    """Angles (count, 15, 3) rad: three in four with a curl that the four fingers share."""
    limits_deg = torch.tensor(JOINT_LIMITS_DEG[1:], device=generator.device)
    shared = _uniform((count, 1, 1), generator) < _SHARED_CURL_SHARE
    common = _uniform((count, 1, 2), generator)
    # The knuckle and the middle joint follow one another, though not slavishly.
    common = torch.cat((common[..., :1], 0.6 * common[..., :1] + 0.4 * common[..., 1:]), -1)
    nudged = common + 0.12 * _normal((count, 4, 2), generator)
    curl = torch.where(shared, nudged, _uniform((count, 4, 2), generator)).clamp(0, 1)
    mcp = -18 + 110 * curl[..., 0]
    pip = 105 * curl[..., 1]
    dip = 0.62 * pip + 6 * _normal((count, 4), generator)
    # Collateral ligaments tighten: a bent knuckle does not spread.
    room = (1 - mcp / 90).clamp(0.15, 1)
    abduction = room * 8 * _normal((count, 4), generator)
    fingers = torch.stack((mcp, pip, dip), -1)
    side = torch.stack((abduction, torch.zeros_like(pip), torch.zeros_like(pip)), -1)
    four = torch.stack((fingers, side, torch.zeros_like(side)), -1).reshape(count, 12, 3)

    low, high = limits_deg[12:, :, 0], limits_deg[12:, :, 1]
    thumb = low + (high - low) * _uniform((count, 3, 3), generator)
    twist = 12 + 10 * _normal((count,), generator)
    zero = torch.zeros_like(twist)
    cmc = torch.stack((thumb[:, 0, 0], thumb[:, 0, 1], twist), -1)
    mcp_thumb = torch.stack((thumb[:, 1, 0], zero, zero), -1)
    ip_thumb = torch.stack((thumb[:, 2, 0], zero, zero), -1)
    angles = torch.cat((four, torch.stack((cmc, mcp_thumb, ip_thumb), 1)), 1)
    # Hinges have a little play.
    return torch.deg2rad(angles + 1.0 * _normal((count, 15, 3), generator))


def _gesture_angles(row: str) -> Tensor:
    """Angles (15, 3) rad of one row of the table."""
    *fingers, thumb = ([float(number) for number in part.split()] for part in row.split("|"))
    angles = torch.zeros(NUM_MODEL_JOINTS - 1, 3)
    for finger, (mcp, pip, dip, abduction) in enumerate(fingers):
        angles[3 * finger : 3 * finger + 3, 0] = torch.tensor((mcp, pip, dip))
        angles[3 * finger, 1] = abduction
    angles[12] = torch.tensor(thumb[:3])
    angles[13, 0], angles[14, 0] = thumb[3:]
    return torch.deg2rad(angles)


def _uniform(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.rand(shape, generator=generator, device=generator.device)


def _normal(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator, device=generator.device)
