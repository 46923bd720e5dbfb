"""Does a posed hand run into itself? Spheres on the skeleton answer cheaply, in batches."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.hand_model.skinning_torch import forward_kinematics
from core.topology import NUM_MODEL_JOINTS

#: How far two fingers may sink into each other, and a finger into the palm, m: soft tissue gives
#: way by about this much.
FINGER_SLACK = 0.003
PALM_SLACK = 0.005
# A thicker part of the palm gets two spheres: one of its size would reach out sideways.
_PALM_RADIUS = 0.013
# Where spheres sit along a phalanx, and along the palm's rays from wrist to knuckle.
_PHALANX_STEPS = (0.15, 0.4, 0.65, 0.9)
_PALM_STEPS = (0.3, 0.45, 0.6, 0.75, 0.9)
_KNUCKLES = (1, 4, 7, 10)


@dataclass(frozen=True, slots=True, eq=False)
class HandSpheres:
    """Spheres that fill the hand, each riding rigidly on one joint.

    Attributes:
        rest_joints: (16, 3) m.
        centres: (S, 3) m at rest.
        radii: (S,) m.
        joint: (S,) int64, the joint that carries the sphere.
        first, second: (P,) int64, the pairs of spheres that may collide.
        reach: (P,) m; closer than this is a collision.
    """

    rest_joints: Tensor
    centres: Tensor
    radii: Tensor
    joint: Tensor
    first: Tensor
    second: Tensor
    reach: Tensor

    def to(self, device: torch.device | str) -> "HandSpheres":
        """The same spheres on another device."""
        return HandSpheres(*(getattr(self, name).to(device) for name in self.__slots__))


def hand_spheres(
    v_template: NDArray[np.floating],
    weights: NDArray[np.floating],
    rest_joints: NDArray[np.floating],
    tips: NDArray[np.floating],
) -> HandSpheres:
    """Fit spheres to a hand at rest.

    What overlaps at rest (neighbouring knuckles, the thumb's root) may overlap as much when posed.

    Args:
        v_template: (V, 3) m.
        weights: (V, 16).
        rest_joints: (16, 3) m.
        tips: (5, 3) m, fingertips in the order of the model's fingers (index, middle, little,
            ring, thumb).
    """
    centres, radii, carriers = _finger_spheres(v_template, weights, rest_joints, tips)
    palm_centres, palm_radii = _palm_spheres(v_template, weights, rest_joints)
    centres, radii = np.concatenate((centres, palm_centres)), np.concatenate((radii, palm_radii))
    joint = np.concatenate((carriers, np.zeros(len(palm_radii), int)))
    # A finger cannot meet itself within its joint limits, nor the palm what grows out of it.
    finger = (joint - 1) // 3
    first, second = np.triu_indices(len(radii), 1)
    apart = finger[first] != finger[second]
    root = (np.minimum(joint[first], joint[second]) == 0) & (
        (np.maximum(joint[first], joint[second]) - 1) % 3 == 0
    )
    first, second = first[apart & ~root], second[apart & ~root]
    distance = np.linalg.norm(centres[first] - centres[second], axis=-1)
    slack = np.where((joint[first] == 0) | (joint[second] == 0), PALM_SLACK, FINGER_SLACK)
    reach = np.minimum(radii[first] + radii[second], distance) - slack

    def tensor(array: NDArray[np.floating]) -> Tensor:
        return torch.from_numpy(np.asarray(array, dtype=np.float32))

    return HandSpheres(
        tensor(rest_joints),
        tensor(centres),
        tensor(radii),
        torch.from_numpy(joint),
        torch.from_numpy(first),
        torch.from_numpy(second),
        tensor(reach),
    )


def collision_depth(spheres: HandSpheres, pose: Tensor) -> Tensor:
    """Deepest forbidden overlap (N,) in metres of hands in `pose` (N, 16, 3, 3); <= 0 is free."""
    rest = spheres.rest_joints.expand(len(pose), NUM_MODEL_JOINTS, 3)
    world, joints = forward_kinematics(pose, rest)
    offset = spheres.centres - spheres.rest_joints[spheres.joint]
    turned = (world[:, spheres.joint] @ offset[..., None]).squeeze(-1)
    centres = joints[:, spheres.joint] + turned
    between = centres[:, spheres.first] - centres[:, spheres.second]
    return (spheres.reach - between.norm(dim=-1)).amax(-1)


def _finger_spheres(
    vertices: NDArray[np.floating],
    weights: NDArray[np.floating],
    joints: NDArray[np.floating],
    tips: NDArray[np.floating],
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.int64]]:
    """Centres (S, 3), radii (S,) and carrying joints (S,) along the 15 phalanges."""
    owner = weights.argmax(1)
    ends = np.concatenate((joints[1:].reshape(5, 3, 3)[:, 1:], tips[:, None]), 1).reshape(15, 3)
    centres, radii, carriers = [], [], []
    for joint in range(1, NUM_MODEL_JOINTS):
        start, end = joints[joint], ends[joint - 1]
        length = float(np.linalg.norm(end - start))
        bone = (end - start) / length
        finger = (owner - 1) // 3 == (joint - 1) // 3
        own = vertices[(owner > 0) & finger]
        along = (own - start) @ bone
        for step in _PHALANX_STEPS:
            near = own[np.abs(along - step * length) < max(0.2 * length, 0.004)]
            if len(near) < 4:
                continue
            across = near - start - ((near - start) @ bone)[:, None] * bone
            middle = (across.min(0) + across.max(0)) / 2
            centres.append(start + step * length * bone + middle)
            radii.append(np.linalg.norm(across - middle, axis=-1).mean())
            carriers.append(joint)
    return np.array(centres), np.array(radii), np.array(carriers)


def _palm_spheres(
    vertices: NDArray[np.floating], weights: NDArray[np.floating], joints: NDArray[np.floating]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Centres (S, 3) and radii (S,) of spheres as thick as the palm along its four rays."""
    palm = vertices[weights[:, 0] > 0.5]
    centres, radii = [], []
    for knuckle in _KNUCKLES:
        for step in _PALM_STEPS:
            point = joints[0] + step * (joints[knuckle] - joints[0])
            near = palm[np.linalg.norm((palm - point)[:, [0, 2]], axis=-1) < 0.008]
            if len(near) < 2:
                continue
            low, high = near[:, 1].min(), near[:, 1].max()
            radius = min((high - low) / 2, _PALM_RADIUS)
            for height in {low + radius, high - radius}:
                centres.append([point[0], height, point[2]])
                radii.append(radius)
    return np.array(centres), np.array(radii)
