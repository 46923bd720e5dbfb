"""From sampled bodies to hands at one rest pose, as various as people (build steps 4 and 5)."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.rotations_np import rotmat_from_rotvec
from training.open_hand.anthropometry import (
    BREADTH_MEN,
    BREADTH_WOMEN,
    LENGTH_MEN,
    LENGTH_WOMEN,
    hand_breadth,
    hand_length,
)
from training.open_hand.skinning import dual_quaternion_skinning, rigid_motions

Array = NDArray[np.float64]

# Directions of the straight fingers at rest: spread of index, middle, little, ring in degrees ...
_SPREAD_DEG = (3.0, -2.0, -16.0, -7.0)
# ... and the thumb's.
_THUMB = np.array([-0.72, -0.32, 0.62]) / np.linalg.norm([-0.72, -0.32, 0.62])
REST_DIRECTIONS = np.stack(
    (*((-np.cos(a), 0.0, np.sin(a)) for a in np.radians(_SPREAD_DEG)), tuple(_THUMB))
)
# Long hands are broad hands, but not strictly.
_LENGTH_BREADTH_CORRELATION = 0.55
# The forearm bends over this distance behind the wrist loop, m: less would fold the skin.
ARM_RAMP = 0.040


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """N adults; row i of every field is the same person. Metres, the hand's frame.

    Attributes:
        is_woman: (N,) bool.
        vertices: (N, V, 3) hand.
        arm: (N, Vf, 3) forearm.
        joints: (N, 16, 3), wrist at the origin.
        ends: (N, 5, 3), the rig's finger ends (index, middle, little, ring, thumb).
        elbow: (N, 3).
    """

    is_woman: NDArray[np.bool_]
    vertices: Array
    arm: Array
    joints: Array
    ends: Array
    elbow: Array


@dataclass(frozen=True, slots=True, eq=False)
class BoneScales:
    """Scale factors of N hands.

    Attributes:
        palm: (N, 3) along the palm, through it, across it.
        length, width: (N, 15) along and across each phalanx.
        arm: (N, 2) along the forearm and across it.
    """

    palm: Array
    length: Array
    width: Array
    arm: Array


def arm_bend(hand: Array, loop: NDArray[np.integer]) -> Array:
    """Where the forearm bends, (2,) m: x at which the bend starts, and its length along x."""
    return np.array([hand[loop, 0].max(), ARM_RAMP])


def arm_weights(arm: Array, bend: Array) -> Array:
    """Share (Vf,) of the forearm bone: from 0 where the bend starts to 1 where it ends."""
    return np.asarray(np.clip((arm[:, 0] - bend[0]) / bend[1], 0, 1))


def flattened(people: Population, weights: Array, arm_share: Array) -> Population:
    """Everybody with straight fingers, spread a little, the forearm in line with the hand."""
    joints, count = people.joints, len(people.joints)
    chains = np.concatenate((joints[:, 1:].reshape(count, 5, 3, 3), people.ends[:, :, None]), 2)
    bones = np.diff(chains, axis=2)
    targets = np.broadcast_to(REST_DIRECTIONS, (count, 5, 3))
    world = np.empty((count, 5, 3, 3, 3))
    posed = np.empty_like(chains)
    posed[:, :, 0] = chains[:, :, 0]
    turn = np.broadcast_to(np.eye(3), (count, 5, 3, 3))
    for level in range(3):
        # Each joint turns as little as it must, given what its parent has done.
        current = np.squeeze(turn @ bones[:, :, level, :, None], -1)
        turn = _shortest_turn(current, targets) @ turn
        world[:, :, level] = turn
        posed[:, :, level + 1] = posed[:, :, level] + np.squeeze(
            turn @ bones[:, :, level, :, None], -1
        )
    root = np.broadcast_to(np.eye(3), (count, 1, 3, 3))
    rotations = np.concatenate((root, world.reshape(count, 15, 3, 3)), 1)
    new_joints = np.concatenate((joints[:, :1], posed[:, :, :3].reshape(count, 15, 3)), 1)
    vertices = dual_quaternion_skinning(
        people.vertices, weights, rotations, rigid_motions(rotations, new_joints, joints)
    )
    straight = _turn_vector(people.elbow, np.broadcast_to([1.0, 0.0, 0.0], (count, 3)))
    arm_turn = rotmat_from_rotvec(straight[:, None] * arm_share[:, None])
    return replace(
        people,
        vertices=vertices,
        arm=np.squeeze(arm_turn @ people.arm[..., None], -1),
        joints=new_joints,
        ends=posed[:, :, 3],
        elbow=np.squeeze(rotmat_from_rotvec(straight) @ people.elbow[..., None], -1),
    )


def random_scales(count: int, rng: np.random.Generator) -> BoneScales:
    """Variety that the body model lacks, where nearly all variance is overall size."""

    def one(std: float, *shape: int) -> Array:
        return rng.normal(0, std, (count, *shape)).clip(-2.5 * std, 2.5 * std)

    palm = 1 + np.stack((one(0.025), one(0.05), one(0.035)), -1)
    length = 1 + one(0.025, 1, 1) + one(0.018, 5, 1) + one(0.015, 5, 3)
    width = 1 + one(0.045, 1, 1) + np.repeat(one(0.02, 5, 1), 3, axis=2)
    return BoneScales(palm, length.reshape(count, 15), width.reshape(count, 15), 1 + one(0.04, 2))


def rescaled(
    people: Population, weights: Array, arm_share: Array, scales: BoneScales
) -> Population:
    """Stretch each bone by its own factors: v' = sum_j w_j (J'_j + S_j (v - J_j))."""
    joints, count = people.joints, len(people.joints)
    palm = scales.palm[:, None] * np.eye(3)
    frames = np.repeat(_bone_frames(REST_DIRECTIONS), 3, axis=0)
    stretch = np.stack((scales.length, scales.width, scales.width), -1)
    phalanges = np.einsum("jik,njk,jlk->njil", frames, stretch, frames)
    matrices = np.concatenate((palm[:, None], phalanges), 1)

    new_joints = np.empty_like(joints)
    new_joints[:, 0] = joints[:, 0]
    for joint in range(1, 16):
        parent = 0 if joint % 3 == 1 else joint - 1
        bone = (joints[:, joint] - joints[:, parent])[..., None]
        new_joints[:, joint] = new_joints[:, parent] + np.squeeze(matrices[:, parent] @ bone, -1)
    ends = new_joints[:, 3::3] + np.squeeze(
        matrices[:, 3::3] @ (people.ends - joints[:, 3::3])[..., None], -1
    )
    offsets = rigid_motions(matrices, new_joints, joints)
    affine = np.concatenate((matrices, offsets[..., None]), -1).reshape(count, 16, 12)
    blended = (weights @ affine).reshape(count, -1, 3, 4)
    vertices = np.einsum("nvij,nvj->nvi", blended[..., :3], people.vertices) + blended[..., 3]

    along, girth = scales.arm[:, :1], scales.arm[:, 1:]
    arm_scale = np.concatenate((along, girth, girth), 1)[:, None] * scales.palm[:, None]
    share = arm_share[:, None]
    arm = people.arm * (share * arm_scale + (1 - share) * scales.palm[:, None])
    return replace(
        people, vertices=vertices, arm=arm, joints=new_joints, ends=ends,
        elbow=people.elbow * arm_scale[:, 0],
    )  # fmt: skip


def with_human_sizes(people: Population, weights: Array, arm_share: Array) -> Population:
    """Give hand length and breadth the means and spreads of men and women (ANSUR II).

    Who was long stays long: sizes are mapped linearly within each sex, then the whole hand is
    scaled to its length and the palm and fingers across to the breadth.
    """
    length = hand_length(people.vertices, people.joints)
    breadth = hand_breadth(people.vertices, people.joints, weights)
    scale, widening = np.empty_like(length), np.empty_like(length)
    for women, target_length, target_breadth in (
        (False, LENGTH_MEN, BREADTH_MEN),
        (True, LENGTH_WOMEN, BREADTH_WOMEN),
    ):
        group = people.is_woman == women
        z_length = _standard(length[group])
        slim = _standard(_without(_standard(breadth[group] / length[group]), z_length))
        correlation = _LENGTH_BREADTH_CORRELATION
        z_breadth = correlation * z_length + np.sqrt(1 - correlation**2) * slim
        scale[group] = (target_length.mean + target_length.std * z_length) / length[group]
        wanted = target_breadth.mean + target_breadth.std * z_breadth
        widening[group] = wanted / (breadth[group] * scale[group])
    ones = np.ones_like(widening)
    thickness = widening**0.7
    scales = BoneScales(
        np.stack((ones, thickness, widening), -1),
        np.ones((len(ones), 15)),
        np.repeat(thickness[:, None], 15, 1),
        np.ones((len(ones), 2)),
    )
    wide = rescaled(people, weights, arm_share, scales)
    return replace(
        wide,
        **{
            name: getattr(wide, name) * scale.reshape(-1, *(1,) * (getattr(wide, name).ndim - 1))
            for name in ("vertices", "arm", "joints", "ends", "elbow")
        },
    )


def _standard(values: Array) -> Array:
    return np.asarray((values - values.mean()) / values.std())


def _without(values: Array, other: Array) -> Array:
    """What of standardised `values` does not follow from standardised `other`."""
    return np.asarray(values - (values * other).mean() * other)


def _turn_vector(start: Array, end: Array) -> Array:
    """Rotation vectors (..., 3) of the shortest turns from directions to unit directions."""
    unit = start / np.linalg.norm(start, axis=-1, keepdims=True)
    axis = np.cross(unit, end)
    sine = np.linalg.norm(axis, axis=-1, keepdims=True)
    angle = np.arctan2(sine, (unit * end).sum(-1, keepdims=True))
    return np.asarray(axis / np.maximum(sine, 1e-12) * angle)


def _shortest_turn(start: Array, end: Array) -> Array:
    return rotmat_from_rotvec(_turn_vector(start, end))


def _bone_frames(directions: Array) -> Array:
    """Rotations (5, 3, 3) whose first column is the bone's direction."""
    dorsal = np.array([0.0, 1.0, 0.0])
    side = np.cross(directions, dorsal)
    side /= np.linalg.norm(side, axis=-1, keepdims=True)
    return np.stack((directions, np.cross(side, directions), side), -1)
