"""Losses of the hand in 3D: joints, mesh, pose, shape, anatomy."""

import torch
import torch.nn.functional as F
from torch import Tensor

from core.topology import MIDDLE_MCP
from training.losses.means import per_picture

_METRES_PER_UNIT = 0.1
#: Room around the tight box in the normalised skeleton (Baek 2.5).
_BOX_MARGIN = 1.5


def joints_3d_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean L1 (B,) of joints (B, M, 21, 3) m relative to the middle MCP, in decimetres (SMHR #10).

    Weight is (B, M).
    """
    own = predicted - predicted[:, :, MIDDLE_MCP : MIDDLE_MCP + 1]
    true = target - target[:, :, MIDDLE_MCP : MIDDLE_MCP + 1]
    return points_loss(own, true, weight)


def points_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean L1 (B,) of points (B, M, N, 3) m in decimetres; weight (B, M) (SMHR #11)."""
    error = (predicted - target).abs().sum(-1).mean(-1) / _METRES_PER_UNIT
    return per_picture(error, weight)


def hands_loss(predicted: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """`points_loss` (B,) of the N known (B, M) hands alone; predicted and target (N, V, 3) m."""
    error = (predicted - target).abs().sum(-1).mean(-1) / _METRES_PER_UNIT
    weight = known.to(error.dtype)
    return per_picture(torch.zeros_like(weight).masked_scatter(known, error), weight)


def rotation_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean squared Frobenius distance (B,) of rotations (B, M, 16, 3, 3); weight (B, M)."""
    return per_picture((predicted - target).square().sum((-1, -2)).mean(-1), weight)


def shape_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean L1 (B,) of betas (B, M, 10); weight (B, M)."""
    return per_picture((predicted - target).abs().mean(-1), weight)


def shape_prior(betas: Tensor, weight: Tensor) -> Tensor:
    """Mean square (B,) of betas (B, M, 10): unlikely shapes cost (SMHR #6); weight (B, M)."""
    return per_picture(betas.square().mean(-1), weight)


def joint_limit_prior(angles: Tensor, low: Tensor, high: Tensor, weight: Tensor) -> Tensor:
    """Mean excess (B,) over the joint limits (SMHR #6), in radians.

    Args:
        angles: (B, M, 15, 3) flexion, abduction and twist of each finger joint.
        low: (15, 3) lower limits.
        high: (15, 3) upper limits.
        weight: (B, M).
    """
    excess = F.relu(low - angles) + F.relu(angles - high)
    return per_picture(excess.mean((-1, -2)), weight)


def uniform_laplacian(vertices: Tensor, ends: Tensor) -> Tensor:
    """Each vertex minus the mean of its neighbours (N, V, 3) m.

    Args:
        vertices: (N, V, 3) m.
        ends: (E, 2) int64, each edge once.
    """
    both = torch.cat([ends, ends.flip(1)])
    own, other = both.unbind(1)
    count = torch.zeros(vertices.shape[1], device=vertices.device)
    count = count.index_add(0, own, torch.ones_like(own, dtype=count.dtype))
    total = torch.zeros_like(vertices).index_add(1, own, vertices[:, other])
    return vertices - total / count.clamp(min=1)[:, None]


def laplacian_loss(vertices: Tensor, template: Tensor, ends: Tensor) -> Tensor:
    """Roughness (N,) of meshes beyond the template's own (Baek Eq 10-11).

    L = sum_i max(0, |v_i - mean_k v_k|^2 - |t_i - mean_k t_k|^2) / sum_i |t_i - mean_k t_k|^2: a
    knuckle may be as sharp as in the template without cost, a spike is dear.

    Args:
        vertices: (N, V, 3) m.
        template: (V, 3) m, the hand at rest.
        ends: (E, 2) int64, each edge once.
    """
    own = uniform_laplacian(vertices, ends).square().sum(-1)
    allowed = uniform_laplacian(template[None], ends).square().sum(-1)
    return F.relu(own - allowed).sum(-1) / allowed.sum().clamp(min=1e-12)


def skeleton_box(keypoints_2d: Tensor) -> Tensor:
    """Unit w (...) px of the normalised skeleton: 1.5 longer sides of the tight box (Baek 2.5)."""
    extent = keypoints_2d.amax(-2) - keypoints_2d.amin(-2)
    return _BOX_MARGIN * extent.amax(-1).clamp(min=1.0)


def normalise_skeleton(points_2d: Tensor, depth: Tensor, box_px: Tensor, focal: Tensor) -> Tensor:
    """N of a 2.5D skeleton: (..., 21, 3) around 0.5, all axes in one unit (Baek 2.5).

    ((u, v) - (u, v)_MCP) / w and (z - z_MCP) / (w z_MCP / f): w pixels at the root's depth are
    w z_MCP / f metres.

    Args:
        points_2d: (..., 21, 2) px.
        depth: (..., 21) m.
        box_px: (...) w.
        focal: (...) px.
    """
    root_2d = points_2d[..., MIDDLE_MCP : MIDDLE_MCP + 1, :]
    root_depth = depth[..., MIDDLE_MCP, None]
    flat = (points_2d - root_2d) / box_px[..., None, None]
    metres = (box_px / focal)[..., None] * root_depth
    return torch.cat([flat, ((depth - root_depth) / metres)[..., None]], -1) + 0.5


def denormalise_skeleton(
    skeleton: Tensor, root_2d: Tensor, root_depth: Tensor, box_px: Tensor, K: Tensor
) -> Tensor:
    """Inverse of `normalise_skeleton`: joints (..., 21, 3) m in the camera frame (Baek 2.5).

    Args:
        skeleton: (..., 21, 3).
        root_2d: (..., 2) px, the middle MCP.
        root_depth: (...) m, its depth.
        box_px: (...) w.
        K: (..., 3, 3) px; the focal length of z is the mean of both.
    """
    focal = torch.stack([K[..., 0, 0], K[..., 1, 1]], -1)[..., None, :]
    points = (skeleton[..., :2] - 0.5) * box_px[..., None, None] + root_2d[..., None, :]
    metres = box_px * root_depth / focal.mean(-1).squeeze(-1)
    depth = (skeleton[..., 2:] - 0.5) * metres[..., None, None] + root_depth[..., None, None]
    return torch.cat([(points - K[..., None, :2, 2]) * depth / focal, depth], -1)


def articulation_loss(
    predicted: Tensor, target: Tensor, confidence: Tensor, depth_weight: Tensor
) -> Tensor:
    """|| N(j) - N(j_gt) ||^2 (B,) of normalised skeletons (B, M, 21, 3) (Baek Eq 8).

    Args:
        predicted: N of the predicted joints.
        target: N of the labels.
        confidence: (B, M, 21) of the 2D labels.
        depth_weight: (B, M), 0 where the depths are no label: what is left is the 2D part, for
            weak supervision.
    """
    error = (predicted - target).square()
    counted = error[..., :2].sum(-1) + error[..., 2] * depth_weight[..., None]
    return per_picture(counted, confidence)
