"""HandPoser: many hands of both sides posed at once, fast enough for every frame."""

from typing import Final

import numpy as np

from core.hand_model.file import HandModel
from core.hand_model.skinning_np import PosedHand, forward_kinematics
from core.topology import MIDDLE_MCP, NUM_MODEL_JOINTS, OPENPOSE_FROM_MODEL, WRIST
from core.types import Float32

_OPENPOSE: Final = np.array(OPENPOSE_FROM_MODEL)
#: Model joints from the wrist along the middle finger; their bones tell the size of a hand.
_MIDDLE_CHAIN: Final = (0, 4, 5, 6)
_EYE: Final = np.eye(3, dtype=np.float32)
_MIRROR_ROTATION: Final = np.array([[1, -1, -1], [-1, 1, 1], [-1, 1, 1]], np.float32)
_MIRROR_POINT: Final = np.array([-1, 1, 1], np.float32)
#: Vertices per block. OpenBLAS shares a product of more than 2^18 multiply-adds among threads,
#: and those wait for cores that the network keeps busy: 40 ms instead of 1. Eight hands' products
#: stay below that with blocks of this size.
_BLOCK: Final = 72


class HandPoser:
    """Poses N hands of either side in one batch; the plain twin is `skinning_np.pose_hand`.

    All hands are posed as right hands and the left ones mirrored afterwards. Arrays keep the
    vertex index last, so that blending is two matrix products and three multiply-adds over rows
    of vertices: 8 hands take 0.5 ms instead of 8 ms on one core (`manyhands bench`, step
    "smooth"). Vertices come in blocks, so that no product is large enough for BLAS's threads.
    """

    def __init__(self, right: HandModel) -> None:
        """Rearrange the arrays of a right hand's model.

        Raises:
            ValueError: the model is a left hand's.
        """
        if right.side != "right":
            raise ValueError(f"HandPoser takes the right hand's model, got the {right.side} one")
        count = right.num_vertices
        shapedirs = right.shapedirs.reshape(count, -1)
        self.num_vertices = count
        self._num_blocks = -(-count // _BLOCK)
        directions = np.concatenate((right.shapedirs, right.posedirs), axis=-1)  # (V, 3, 145)
        blocks = self._in_blocks(directions).transpose(0, 3, 2, 1)
        self._directions = blocks.reshape(*blocks.shape[:2], 3 * _BLOCK).copy()  # (B, 145, 3 Vb)
        template = self._in_blocks(right.v_template).transpose(0, 2, 1)
        self._template = template.reshape(self._num_blocks, 1, 3 * _BLOCK).copy()
        self._weights = self._in_blocks(right.weights).transpose(0, 2, 1).copy()  # (B, 16, Vb)
        self._tip_ids = right.tip_ids
        self._rest_joints = right.J_regressor @ right.v_template
        self._joint_dirs = (right.J_regressor @ shapedirs).reshape(3 * NUM_MODEL_JOINTS, -1).T

    def _in_blocks(self, per_vertex: Float32) -> Float32:
        """Return (V, ...) as (B, Vb, ...), filled up with zeros."""
        missing = self._num_blocks * _BLOCK - len(per_vertex)
        padding = [(0, missing), *[(0, 0)] * (per_vertex.ndim - 1)]
        filled: Float32 = np.pad(per_vertex, padding)
        return filled.reshape(self._num_blocks, _BLOCK, *per_vertex.shape[1:])

    def pose(
        self, is_right: np.ndarray, pose: Float32, betas: Float32, transl: Float32
    ) -> PosedHand:
        """Vertices (N, V, 3) and joints_3d (N, 21, 3) in metres, the wrists at `transl`.

        Args:
            is_right: (N,) bool.
            pose: (N, 16, 3, 3) rotations relative to the parent, each of its hand's own side.
            betas: (N, 10).
            transl: (N, 3) m.
        """
        return self._posed(is_right, pose, betas, transl, WRIST)

    def _posed(
        self, is_right: np.ndarray, pose: Float32, betas: Float32, anchor: Float32, joint: int
    ) -> PosedHand:
        """As `pose`, with joint number `joint` (not a fingertip) at `anchor` (N, 3) m.

        Side and place are part of the bones' transforms, so that vertices are touched once.
        """
        num = len(pose)
        side = np.where(is_right[:, None], np.float32(1), _MIRROR_POINT)[:, None, :]
        turns = np.where(is_right[:, None, None], np.float32(1), _MIRROR_ROTATION)
        rotations = pose * turns[:, None]
        rest_joints = self.rest_joints(betas)
        world, joints = forward_kinematics(rotations, rest_joints)
        joints = joints * side
        place = (anchor - joints[:, OPENPOSE_FROM_MODEL[joint]])[:, None]
        world = world * side[..., None]
        offset = joints + place - np.squeeze(world @ rest_joints[..., None], -1)
        transforms = np.concatenate((world, offset[..., None]), -1).reshape(
            num, NUM_MODEL_JOINTS, 12
        )

        feature = (rotations[:, 1:] - _EYE).reshape(num, 9 * (NUM_MODEL_JOINTS - 1))
        coefficients = np.concatenate((betas, feature), axis=1)
        if num == 1:  # a lone row would take BLAS's matrix-vector product, threaded much earlier
            coefficients = np.concatenate((coefficients, coefficients))
        blocks = self._num_blocks
        rest = (coefficients @ self._directions)[:, :num] + self._template
        rest = rest.reshape(blocks, num, 3, _BLOCK)
        rows = transforms.transpose(0, 2, 1).reshape(num * 12, NUM_MODEL_JOINTS)
        blended = (rows @ self._weights).reshape(blocks, num, 3, 4, _BLOCK)
        posed = blended[:, :, :, 0] * rest[:, :, :1]
        posed += blended[:, :, :, 1] * rest[:, :, 1:2]
        posed += blended[:, :, :, 2] * rest[:, :, 2:]
        posed += blended[:, :, :, 3]

        filled = posed.transpose(1, 0, 3, 2).reshape(num, blocks * _BLOCK, 3)
        vertices: Float32 = filled[:, : self.num_vertices]
        tips = vertices[:, self._tip_ids]
        joints_3d = np.concatenate((joints + place, tips), axis=1)[:, _OPENPOSE]
        return PosedHand(vertices=vertices, joints_3d=joints_3d)

    def rest_joints(self, betas: Float32) -> Float32:
        """The 16 model joints (N, 16, 3) m of unposed right hands with betas (N, 10)."""
        offsets = (betas @ self._joint_dirs).reshape(len(betas), NUM_MODEL_JOINTS, 3)
        joints: Float32 = self._rest_joints + offsets
        return joints

    def finger_length(self, betas: Float32) -> Float32:
        """Length (N,) m of the bones from the wrist to the middle finger's last joint."""
        chain = self.rest_joints(betas)[:, _MIDDLE_CHAIN, :]
        lengths: Float32 = np.linalg.norm(np.diff(chain, axis=1), axis=-1).sum(-1)
        return lengths

    def knuckle_from_wrist(self, is_right: np.ndarray, pose: Float32, betas: Float32) -> Float32:
        """Vectors (N, 3) m from the wrists to the middle knuckles, without posing a surface.

        Args:
            is_right: (N,) bool.
            pose: (N, 16, 3, 3), each of its hand's own side.
            betas: (N, 10).
        """
        side = np.where(is_right[:, None], np.float32(1), _MIRROR_POINT)
        turns = np.where(is_right[:, None, None], np.float32(1), _MIRROR_ROTATION)
        rest = self.rest_joints(betas)
        bone = rest[:, _MIDDLE_CHAIN[1]] - rest[:, 0]
        vector: Float32 = np.squeeze((pose[:, 0] * turns) @ bone[..., None], -1) * side
        return vector

    def pose_at_knuckle(
        self, is_right: np.ndarray, pose: Float32, betas: Float32, knuckle: Float32
    ) -> tuple[PosedHand, Float32]:
        """Pose hands so that their middle knuckles lie at `knuckle` (N, 3) m.

        Returns:
            The posed hands and their transl (N, 3) m.
        """
        hands = self._posed(is_right, pose, betas, knuckle, MIDDLE_MCP)
        return hands, hands.joints_3d[:, WRIST].copy()
