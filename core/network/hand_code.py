"""The code of a hand that is fitted to one picture, and the way there and back.

Baek's 63 numbers (45 pose, 10 shape, quaternion, scale, translation; components.md 2.1) in the
network's own form: 96 of rot6d for all 16 joints, whose first is the global rotation, 10 betas,
where the middle knuckle lies, in hand spans from where it was, and the log of how much larger the
hand appears. A code that starts at a hand is that hand exactly.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.geometry import project
from core.hand_model.skinning_torch import HandLayer, mirror_x
from core.network.camera import project_perspective, translation
from core.network.regressor import HandStep
from core.rotations import mirror_rotmat, rot6d_from_rotmat, rotmat_from_rot6d
from core.topology import MIDDLE_MCP, NUM_BETAS, NUM_MODEL_JOINTS, WRIST
from core.types import Float32, HandState

POSE_SIZE: Final = NUM_MODEL_JOINTS * 6
CODE_SIZE: Final = POSE_SIZE + NUM_BETAS + 3
BETAS: Final = slice(POSE_SIZE, POSE_SIZE + NUM_BETAS)
_PLACE: Final = slice(BETAS.stop, BETAS.stop + 2)
_LARGEST_BETA: Final = 3.0
_SMALLEST_SPAN_PX: Final = 8.0


class FitProblem(NamedTuple):
    """What stays the same while N hands are refined; all in px of the picture.

    start_rotmat (N, 16, 3, 3), start_place (N, 2), start_scale (N,) px per metre, span (N,),
    is_left (N,), weight (N, 21) of sum one, K (3, 3).
    """

    start_rotmat: Tensor
    start_place: Tensor
    start_scale: Tensor
    span: Tensor
    is_left: Tensor
    weight: Tensor
    K: Tensor

    def only(self, row: int) -> "FitProblem":
        """Return the problem of one hand."""
        return FitProblem._make([*(part[row : row + 1] for part in self[:-1]), self.K])


def pose_codes(layer: HandLayer, code: Tensor, problem: FitProblem) -> tuple[HandStep, Tensor]:
    """Return the hands (1, N, ...) of codes (N, 109), and their vertices (N, V, 3) m.

    Vertices and joints are relative to the middle knuckle, of the hand's own side; the
    keypoints are the projected joints.
    """
    rot6d = code[:, :POSE_SIZE].view(-1, NUM_MODEL_JOINTS, 6)
    betas = code[:, BETAS]
    place = problem.start_place + problem.span[:, None] * code[:, _PLACE]
    scale = problem.start_scale * code[:, -1].exp()
    vertices, joints = layer(rotmat_from_rot6d(rot6d), betas)
    middle = joints[:, MIDDLE_MCP : MIDDLE_MCP + 1]
    joints = mirror_x(joints - middle, problem.is_left)
    vertices = mirror_x(vertices - middle, problem.is_left)
    projected = project_perspective(joints, place, scale, problem.K)
    parts = (rot6d, betas, place, scale, joints, projected)
    return HandStep(*(part[None] for part in parts)), vertices


def problem_of(
    hands: Sequence[HandState], keypoints_2d: Float32, confidence: Float32, K: Float32
) -> tuple[FitProblem, Tensor]:
    """Turn hands into codes (N, 109) and what stays the same."""
    is_left = torch.tensor([hand.side == "left" for hand in hands])
    pose = torch.from_numpy(np.stack([hand.pose for hand in hands]))
    pose = torch.where(is_left[:, None, None, None], mirror_rotmat(pose), pose)
    middle = np.stack([hand.joints_3d[MIDDLE_MCP] for hand in hands])
    focal = math.sqrt(float(K[0, 0]) * float(K[1, 1]))
    span = np.ptp(keypoints_2d, axis=1).max(-1).clip(min=_SMALLEST_SPAN_PX)
    weight = torch.from_numpy(confidence.copy()).clamp(0, 1)
    problem = FitProblem(
        pose,
        torch.from_numpy(project(middle, K)),
        torch.from_numpy((focal / middle[:, 2]).astype(np.float32)),
        torch.from_numpy(span.astype(np.float32)),
        is_left,
        weight / weight.sum(-1, keepdim=True).clamp(min=1e-6),
        torch.from_numpy(K.copy()),
    )
    betas = torch.from_numpy(np.stack([hand.betas for hand in hands]))
    rot6d = rot6d_from_rotmat(pose).flatten(1)
    return problem, torch.cat([rot6d, betas, torch.zeros(len(hands), 3)], 1)


def hand_state(hand: HandState, step: HandStep, vertices: Tensor, K: Tensor) -> HandState:
    """Place the only hand of a step (1, 1, ...) in the camera frame; the rest stays as it was."""
    pose = rotmat_from_rot6d(step.rot6d[0, 0])
    if hand.side == "left":
        pose = mirror_rotmat(pose)
    place = translation(step.middle_mcp_2d[0, 0], step.pixels_per_metre[0, 0], K)
    joints = (step.joints_3d[0, 0] + place).numpy()
    return replace(
        hand,
        pose=pose.numpy(),
        betas=step.betas[0, 0].numpy().copy(),
        transl=joints[WRIST].copy(),
        vertices=(vertices + place).numpy(),
        joints_3d=joints,
        joints_2d=project(joints, K.numpy()),
    )


def tidied(code: Tensor) -> Tensor:
    """Make rotations orthonormal again and hold betas within +-3."""
    rot6d = code[:, :POSE_SIZE].view(-1, NUM_MODEL_JOINTS, 6)
    clean = rot6d_from_rotmat(rotmat_from_rot6d(rot6d)).flatten(1)
    betas = code[:, BETAS].clamp(-_LARGEST_BETA, _LARGEST_BETA)
    return torch.cat([clean, betas, code[:, BETAS.stop :]], 1)
