"""Linear blend skinning of the hand in torch: differentiable, batched, exportable.

The layer works in right-hand canonical form with the wrist at the origin; a left hand's results
are mirrored afterwards with `mirror_x`. All of it runs in FP32, under autocast too: half precision
moves vertices by millimetres.
"""

from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from core.hand_model.file import HandModel
from core.rotations import rotmat_from_rotvec, rotvec_from_rotmat
from core.topology import OPENPOSE_FROM_MODEL

# The model's fingers (index, middle, little, ring, thumb) in OpenPose's order (thumb .. little).
_OPENPOSE_FINGERS = (4, 0, 1, 3, 2)
# The reverse: tips come thumb .. little, the model's fingers index, middle, little, ring, thumb.
_MODEL_FINGERS = (1, 2, 4, 3, 0)


class HandLayer(nn.Module):
    """A hand model as a module without parameters.

    Attributes:
        num_vertices: V.
        faces: (F, 3) int64.
        tip_ids: (5,) int64, vertices at the fingertips, thumb to little.
        arm_faces: (Ff, 3) int64 into [hand vertices, forearm vertices]; empty without a forearm.
    """

    v_template: Tensor
    shapedirs: Tensor
    posedirs: Tensor
    weights: Tensor
    faces: Tensor
    tip_ids: Tensor
    joints_template: Tensor
    joint_dirs: Tensor
    tips_template: Tensor
    tip_dirs: Tensor
    openpose: Tensor
    openpose_fingers: Tensor
    model_fingers: Tensor
    arm_template: Tensor
    arm_shapedirs: Tensor
    arm_weights: Tensor
    arm_bend_start: Tensor
    arm_bend_axis: Tensor
    arm_faces: Tensor

    def __init__(self, model: HandModel) -> None:
        """Copy the model's arrays into buffers; they are not part of the state dict.

        Args:
            model: a right hand (or any, if poses are given in that hand's own rotations).
        """
        super().__init__()

        def keep(name: str, array: ArrayLike) -> None:
            self.register_buffer(name, torch.from_numpy(np.array(array)), persistent=False)

        def keep_directions(name: str, directions: NDArray[np.float32]) -> None:
            keep(name, directions.reshape(-1, directions.shape[-1]).T)

        regressor = model.J_regressor
        self.num_vertices = model.num_vertices
        keep("v_template", model.v_template)
        keep_directions("shapedirs", model.shapedirs)
        keep_directions("posedirs", model.posedirs)
        keep("weights", model.weights)
        keep("faces", model.faces.astype(np.int64))
        keep("tip_ids", model.tip_ids.astype(np.int64))
        keep("joints_template", regressor @ model.v_template)
        keep_directions("joint_dirs", np.einsum("jv,vdc->jdc", regressor, model.shapedirs))
        keep("tips_template", model.v_template[model.tip_ids])
        keep_directions("tip_dirs", model.shapedirs[model.tip_ids])
        keep("openpose", OPENPOSE_FROM_MODEL)
        keep("openpose_fingers", _OPENPOSE_FINGERS)
        keep("model_fingers", _MODEL_FINGERS)
        arm = model.forearm
        empty = np.zeros((0, 3), np.float32)
        keep("arm_template", empty if arm is None else arm.v_template)
        keep_directions("arm_shapedirs", model.shapedirs[:0] if arm is None else arm.shapedirs)
        keep("arm_weights", empty[:, 0] if arm is None else arm.weights)
        # A right hand's arm runs along +x, a left hand's along -x.
        start, length = (0.0, 0.0) if arm is None else arm.bend.tolist()
        outward = np.array([1 if model.side == "right" else -1, 0, 0], np.float32)
        keep("arm_bend_start", outward * np.float32(start))
        keep("arm_bend_axis", outward * np.float32(length))
        keep("arm_faces", (empty if arm is None else arm.faces).astype(np.int64))

    def forward(self, pose: Tensor, betas: Tensor) -> tuple[Tensor, Tensor]:
        """Vertices (B, V, 3) and joints_3d (B, 21, 3) in metres, wrist at the origin.

        Args:
            pose: (B, 16, 3, 3) rotations relative to the parent; the first is the global one.
            betas: (B, 10).
        """
        with full_precision(pose):
            pose, betas = pose.float(), betas.float()
            shaped = self.v_template + (betas @ self.shapedirs).reshape(-1, self.num_vertices, 3)
            eye = torch.eye(3, dtype=pose.dtype, device=pose.device)
            feature = (pose[:, 1:] - eye).flatten(1)
            rest = shaped + (feature @ self.posedirs).reshape(-1, self.num_vertices, 3)
            rest_joints = self.rest_joints(betas)
            world, joints = forward_kinematics(pose, rest_joints)
            offset = joints - (world @ rest_joints[..., None]).squeeze(-1)
            transforms = torch.cat((world, offset[..., None]), -1).flatten(2)
            blended = (self.weights @ transforms).reshape(-1, self.num_vertices, 3, 4)
            vertices = (blended[..., :3] * rest[..., None, :]).sum(-1) + blended[..., 3]
            tips = vertices.index_select(1, self.tip_ids)
            model_joints = torch.cat((joints, tips), 1)
            joints_3d = model_joints.index_select(1, self.openpose)
            root = joints[:, :1]
            return vertices - root, joints_3d - root

    def rest_joints(self, betas: Tensor) -> Tensor:
        """The 16 model joints (B, 16, 3) m of the unposed, shaped hand; betas (B, 10)."""
        return self.joints_template + (betas @ self.joint_dirs).reshape(-1, 16, 3)

    def skeleton(self, pose: Tensor, betas: Tensor) -> Tensor:
        """The 21 joints (B, 21, 3) m without the mesh, wrist at the origin.

        Fingertips ride rigidly on their last bone, so they differ from the mesh's tip vertices by
        the small pose corrective (under a millimetre).
        """
        with full_precision(pose):
            pose, betas = pose.float(), betas.float()
            rest_joints = self.rest_joints(betas)
            tips = self.tips_template + (betas @ self.tip_dirs).reshape(-1, 5, 3)
            world, joints = forward_kinematics(pose, rest_joints)
            last_world = world[:, 1:].reshape(-1, 5, 3, 3, 3)[:, :, 2]
            last_rest = rest_joints[:, 1:].reshape(-1, 5, 3, 3)[:, :, 2]
            chains = joints[:, 1:].reshape(-1, 5, 3, 3)
            bone = tips.index_select(1, self.model_fingers) - last_rest
            posed_tips = chains[:, :, 2] + (last_world @ bone[..., None]).squeeze(-1)
            chains = torch.cat((chains, posed_tips[:, :, None]), 2)
            fingers = chains.index_select(1, self.openpose_fingers).flatten(1, 2)
            root = joints[:, :1]
            return torch.cat((root, fingers), 1) - root


def forward_kinematics(pose: Tensor, rest_joints: Tensor) -> tuple[Tensor, Tensor]:
    """Global rotations (B, 16, 3, 3) and joint positions (B, 16, 3) m of a posed skeleton.

    The three levels of the five equal chains are unrolled, so the exported graph is short.

    Args:
        pose: (B, 16, 3, 3) rotations relative to the parent.
        rest_joints: (B, 16, 3) m.
    """
    fingers = pose[:, 1:].reshape(-1, 5, 3, 3, 3)
    rest = rest_joints[:, 1:].reshape(-1, 5, 3, 3)
    root, root_position = pose[:, :1], rest_joints[:, :1]

    world_1 = root @ fingers[:, :, 0]
    world_2 = world_1 @ fingers[:, :, 1]
    world_3 = world_2 @ fingers[:, :, 2]
    bone_1 = (rest[:, :, 0] - root_position)[..., None]
    bone_2 = (rest[:, :, 1] - rest[:, :, 0])[..., None]
    bone_3 = (rest[:, :, 2] - rest[:, :, 1])[..., None]
    position_1 = root_position + (root @ bone_1).squeeze(-1)
    position_2 = position_1 + (world_1 @ bone_2).squeeze(-1)
    position_3 = position_2 + (world_2 @ bone_3).squeeze(-1)

    world = torch.stack((world_1, world_2, world_3), 2).flatten(1, 2)
    positions = torch.stack((position_1, position_2, position_3), 2).flatten(1, 2)
    return torch.cat((root, world), 1), torch.cat((root_position, positions), 1)


def pose_forearm(layer: HandLayer, pose: Tensor, betas: Tensor, wrist_bend: Tensor) -> Tensor:
    """Forearm vertices (B, Vf, 3) m in the frame of `layer(pose, betas)`.

    The hand's own mesh reaches past the wrist and does not move, so the bend lies just behind it:
    the arm's axis curves as an arc, which keeps girth and smoothness where linear blending would
    pinch. A point at share w of the arc turns by w of the bend (as a rotation vector), and the
    axis is the integral of that: the left Jacobian of SO(3) (Sola et al. 2018, "A micro Lie
    theory", Eq. 145).

    Args:
        layer: made from a model that has a forearm.
        pose: (B, 16, 3, 3); only the global orientation matters here.
        betas: (B, 10).
        wrist_bend: (B, 3, 3) rotation of the forearm relative to the hand, in the hand's rest
            frame; the identity continues the rest pose.
    """
    with full_precision(pose):
        pose, betas, wrist_bend = pose.float(), betas.float(), wrist_bend.float()
        shaped = layer.arm_template + (betas @ layer.arm_shapedirs).reshape(
            -1, len(layer.arm_weights), 3
        )
        from_wrist = shaped - layer.rest_joints(betas)[:, :1]
        share = layer.arm_weights[:, None]
        start, arc = layer.arm_bend_start, layer.arm_bend_axis
        rotvec = rotvec_from_rotmat(wrist_bend)[:, None] * share
        axis_at_rest = start + share * arc
        axis = start + share * (_left_jacobian(rotvec) @ arc)
        beside = (from_wrist - axis_at_rest)[..., None]
        bent = axis + (rotmat_from_rotvec(rotvec) @ beside).squeeze(-1)
        return (pose[:, None, 0] @ bent[..., None]).squeeze(-1)


def _left_jacobian(rotvec: Tensor) -> Tensor:
    """Mean of the rotations (..., 3, 3) on the way from the identity to `rotvec` (..., 3)."""
    # Gauss-Legendre with four nodes: exact to 1e-9 below a right angle, finite at zero.
    nodes = (0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970263)
    halves = (0.17392742256872692, 0.32607257743127307, 0.32607257743127307, 0.17392742256872692)
    parts = [half * rotmat_from_rotvec(rotvec * t) for t, half in zip(nodes, halves, strict=True)]
    return torch.stack(parts).sum(0)


def mirror_x(points: Tensor, is_left: Tensor) -> Tensor:
    """Points (B, N, 3) with x negated where `is_left` (B,) bool: canonical form to anatomy."""
    sign = 1 - 2 * is_left.to(points.dtype)
    ones = torch.ones_like(sign)
    return points * torch.stack((sign, ones, ones), -1)[:, None]


def full_precision(like: Tensor) -> AbstractContextManager[object]:
    """Autocast off where it is on; nothing at all otherwise, so that exports stay plain."""
    device = like.device.type
    if torch.is_autocast_enabled(device):
        return torch.autocast(device_type=device, enabled=False)
    return nullcontext()
