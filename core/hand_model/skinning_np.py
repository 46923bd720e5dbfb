"""Linear blend skinning of the hand in numpy (Romero et al. 2017, "Embodied Hands", Eq. 1-3)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.hand_model.file import HandModel
from core.topology import NUM_BETAS, NUM_MODEL_JOINTS, OPENPOSE_FROM_MODEL

Float32 = NDArray[np.float32]

_OPENPOSE = np.array(OPENPOSE_FROM_MODEL)


@dataclass(frozen=True, slots=True, eq=False)
class PosedHand:
    """A posed hand.

    Attributes:
        vertices: (..., V, 3) float32 m.
        joints_3d: (..., 21, 3) float32 m, OpenPose order; joint 0 lies at `transl`.
    """

    vertices: Float32
    joints_3d: Float32


def pose_hand(
    model: HandModel, pose: ArrayLike, betas: ArrayLike, transl: ArrayLike | None = None
) -> PosedHand:
    """Pose the model.

    Args:
        model: right or left; `pose` is in that hand's own rotations.
        pose: (..., 16, 3, 3) rotations relative to the parent; the first is the global orientation.
        betas: (..., 10) shape coefficients, same leading dimensions as `pose`.
        transl: (..., 3) m position of the wrist joint, default the origin.
    """
    rotations = np.asarray(pose, dtype=np.float32)
    shape = np.asarray(betas, dtype=np.float32)
    lead = rotations.shape[:-3]
    if rotations.shape[-3:] != (NUM_MODEL_JOINTS, 3, 3):
        raise ValueError(f"pose must be (..., 16, 3, 3), got {rotations.shape}")
    if shape.shape != (*lead, NUM_BETAS):
        raise ValueError(f"betas must be {(*lead, NUM_BETAS)}, got {shape.shape}")
    rotations = rotations.reshape(-1, NUM_MODEL_JOINTS, 3, 3)
    shape = shape.reshape(-1, NUM_BETAS)
    num, num_vertices = len(rotations), model.num_vertices

    shaped = model.v_template + _blend(model.shapedirs, shape)
    rest_joints = model.J_regressor @ shaped
    feature = (rotations[:, 1:] - np.eye(3, dtype=np.float32)).reshape(num, -1)
    rest = shaped + _blend(model.posedirs, feature)

    world, joints = forward_kinematics(rotations, rest_joints)
    # x -> R (x - J_rest) + J_posed, blended as 3x4 matrices.
    offset = joints - np.squeeze(world @ rest_joints[..., None], -1)
    transforms = np.concatenate((world, offset[..., None]), -1).reshape(num, NUM_MODEL_JOINTS, 12)
    blended = (model.weights @ transforms).reshape(num, num_vertices, 3, 4)
    vertices = np.einsum("nvij,nvj->nvi", blended[..., :3], rest) + blended[..., 3]

    model_joints = np.concatenate((joints, vertices[:, model.tip_ids]), axis=1)
    origin = np.zeros(3, np.float32) if transl is None else np.asarray(transl, dtype=np.float32)
    origin = np.broadcast_to(origin, (*lead, 3)).reshape(num, 1, 3)
    shift = origin - joints[:, :1]
    return PosedHand(
        vertices=(vertices + shift).reshape(*lead, num_vertices, 3),
        joints_3d=(model_joints[:, _OPENPOSE] + shift).reshape(*lead, 21, 3),
    )


def forward_kinematics(pose: Float32, rest_joints: Float32) -> tuple[Float32, Float32]:
    """Global rotations (N, 16, 3, 3) and joint positions (N, 16, 3) of a posed skeleton.

    All five fingers have the same depth, so the tree is walked level by level.

    Args:
        pose: (N, 16, 3, 3) rotations relative to the parent.
        rest_joints: (N, 16, 3) m.
    """
    num = len(pose)
    fingers = pose[:, 1:].reshape(num, 5, 3, 3, 3)
    rest = rest_joints[:, 1:].reshape(num, 5, 3, 3)
    root, root_position = pose[:, 0], rest_joints[:, 0]

    world = np.empty_like(fingers)
    position = np.empty_like(rest)
    parent, parent_rest = root[:, None], root_position[:, None]
    parent_position = root_position[:, None]
    for level in range(3):
        bone = (rest[:, :, level] - parent_rest)[..., None]
        position[:, :, level] = parent_position + np.squeeze(parent @ bone, -1)
        world[:, :, level] = parent @ fingers[:, :, level]
        parent, parent_rest = world[:, :, level], rest[:, :, level]
        parent_position = position[:, :, level]
    return (
        np.concatenate((root[:, None], world.reshape(num, 15, 3, 3)), axis=1),
        np.concatenate((root_position[:, None], position.reshape(num, 15, 3)), axis=1),
    )


def _blend(directions: Float32, coefficients: Float32) -> Float32:
    """Offsets (N, V, 3) of blend shapes (V, 3, C) with coefficients (N, C)."""
    num_vertices, _, num_coefficients = directions.shape
    flat = directions.reshape(num_vertices * 3, num_coefficients)
    offsets: Float32 = (coefficients @ flat.T).reshape(len(coefficients), num_vertices, 3)
    return offsets
