"""Where a hand is and how it is turned, by its 2D keypoints: what twenty-one of them agree on.

The network's keypoints are nearer the truth than its mesh, for each was looked for in the picture.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.rotations_np import rotmat_from_rotvec
from core.topology import NUM_JOINTS
from core.types import Float32

Float64 = NDArray[np.float64]

#: What a keypoint without any confidence still counts, what the network's depth counts as a
#: distance from the knuckle, and the largest difference of the two depths, as a logarithm.
_LEAST_CONFIDENCE, _DEPTH_PRIOR_M, _DEPTH_AGREES = 0.05, 0.03, 0.4
#: Standard deviations that the turn weighs against each other: of a keypoint in hand boxes, of the
#: network's orientation in rad, of the depth found first as a share of it. On validation pictures
#: 0.1 to 0.2 rad are equally good.
_KEYPOINT_ERROR, _TURN_ERROR, _DEPTH_ERROR = 0.07, 0.12, 0.01
#: A larger turn, in rad, is none that one step can tell.
_LARGEST_TURN: Final = 0.6
#: Smallest hand box that errors are measured in.
_SMALLEST_PX: Final = 8.0


def placed_by_keypoints(
    keypoints_2d: Float32,
    confidence: Float32,
    joints: Float32,
    middle_3d: Float32,
    K: Float32,
    nearest_m: float,
) -> tuple[Float32, Float32]:
    """Move and turn hands to where their joints fit their keypoints best.

    First the place. With r the rays (z = 1) of the keypoints and J the joints relative to the
    knuckle at t, least squares of w |t_xy + J_xy - r (t_z + J_z)|^2 has a closed form: t_xy follows
    from t_z by weighted means, t_z from what remains. The network's own depth counts as one more
    keypoint, 3 cm from the knuckle: nearly edge-on hands say little about theirs. From there one
    Gauss-Newton step turns the hand about its knuckle and moves it; the network's orientation and
    that depth are observations like the keypoints. Further steps change nothing.

    Args:
        keypoints_2d: (N, 21, 2) px.
        confidence: (N, 21) in [0, 1].
        joints: (N, 21, 3) m relative to the middle knuckle, camera axes.
        middle_3d: (N, 3) m where the network has the knuckles.
        K: (3, 3) px.
        nearest_m: no joint may come nearer to the camera.

    Returns:
        turn (N, 3, 3), about the knuckle in camera axes, and knuckle (N, 3) m. A hand whose
        keypoints speak for quite another depth is left as it is, and is not turned where they speak
        for quite another orientation.
    """
    weight = (confidence + _LEAST_CONFIDENCE).astype(np.float64)
    weight /= weight.sum(1, keepdims=True)
    seen, own = keypoints_2d.astype(np.float64), middle_3d.astype(np.float64)
    points = joints.astype(np.float64)
    focal, centre = K[(0, 1), (0, 1)].astype(np.float64), K[:2, 2].astype(np.float64)
    place = _placed((seen - centre) / focal, weight[..., None], points, own[:, 2])
    agrees = np.abs(np.log(np.maximum(place[:, 2], 1e-6) / own[:, 2])) < _DEPTH_AGREES
    agrees &= place[:, 2] + points[..., 2].min(1) > nearest_m
    place = np.where(agrees[:, None], place, own).astype(np.float64)
    turned, moved = _turned(seen - centre, weight, points, place, focal)
    depth = place[:, 2] + moved[:, 2] + (points @ turned.swapaxes(1, 2))[..., 2].min(1)
    is_slight = np.trace(turned, axis1=1, axis2=2) > 1 + 2 * math.cos(_LARGEST_TURN)
    holds = agrees & is_slight & (depth > nearest_m)
    turn = np.where(holds[:, None, None], turned, np.eye(3))
    knuckle = np.where(holds[:, None], place + moved, place)
    return turn.astype(np.float32), knuckle.astype(np.float32)


def _placed(ray: Float64, weight: Float64, joints: Float64, own_depth: Float64) -> Float64:
    """Return the knuckles (N, 3) m that fit rays (N, 21, 2) best with the orientation as it is."""
    along = ray * joints[..., 2:] - joints[..., :2]
    mean_ray, mean_along = (weight * ray).sum(1), (weight * along).sum(1)
    a, b = ray - mean_ray[:, None], along - mean_along[:, None]
    prior = (_DEPTH_PRIOR_M / own_depth) ** 2 / NUM_JOINTS
    depth = prior * own_depth - (weight * a * b).sum((1, 2))
    depth /= prior + (weight * a * a).sum((1, 2))
    return np.concatenate((mean_ray * depth[:, None] + mean_along, depth[:, None]), axis=1)


def _turned(
    seen: Float64, weight: Float64, joints: Float64, place: Float64, focal: Float64
) -> tuple[Float64, Float64]:
    """Return one Gauss-Newton step: rotations (N, 3, 3) about the knuckle, and moves (N, 3) m.

    Args:
        seen: keypoints (N, 21, 2) px from the principal point.
        weight: (N, 21), of sum 1.
        joints: (N, 21, 3) m from the knuckle.
        place: (N, 3) m of the knuckle.
        focal: (2,) px.
    """
    count = len(seen)
    size = np.ptp(seen, axis=1).max(-1).clip(min=_SMALLEST_PX)
    point = joints + place[:, None]
    scale = focal / (point[..., 2:] * size[:, None, None])  # of boxes per metre
    flat = point[..., :2] / point[..., 2:]
    apart = seen / size[:, None, None] - flat * focal / size[:, None, None]
    # Of the projection by the point, in boxes per metre; by a turn w it is (joint x row) . w.
    by_point = np.zeros((count, NUM_JOINTS, 2, 3))
    by_point[..., 0, 0], by_point[..., 1, 1] = scale[..., 0], scale[..., 1]
    by_point[..., 2] = -flat * scale
    by_turn = np.empty_like(by_point)
    x, y, z = np.moveaxis(joints[:, :, None], -1, 0)
    by_turn[..., 0] = y * by_point[..., 2] - z * by_point[..., 1]
    by_turn[..., 1] = z * by_point[..., 0] - x * by_point[..., 2]
    by_turn[..., 2] = x * by_point[..., 1] - y * by_point[..., 0]
    rows = np.concatenate((by_turn, by_point), -1).reshape(count, 2 * NUM_JOINTS, 6)
    trust = np.repeat(weight * (NUM_JOINTS / _KEYPOINT_ERROR**2), 2, axis=1)[:, None]
    weighted = rows.swapaxes(1, 2) * trust
    normal = weighted @ rows
    normal[:, (0, 1, 2), (0, 1, 2)] += 1 / _TURN_ERROR**2
    normal[:, 5, 5] += 1 / (_DEPTH_ERROR * place[:, 2]) ** 2
    step = np.linalg.solve(normal, weighted @ apart.reshape(count, -1, 1))[..., 0]
    return rotmat_from_rotvec(step[:, :3]), step[:, 3:]
