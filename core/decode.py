"""From the network's raw arrays to hands in the camera frame."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.config import DetectionConfig
from core.engines.base import RawHands
from core.geometry import mirror_rotmat, project, transform_points, unproject
from core.placing import placed_by_keypoints
from core.preprocess import NetworkInput
from core.rotations_np import nearest_rotmat
from core.topology import WRIST
from core.types import Detections, Float32, Frame, HandState

#: A knuckle nearer than this or farther on any axis, and a hand of which a part lies as near as
#: the last number, are errors of the network.
_NEAREST_M, _FARTHEST_M, _NEAREST_PART_M = 0.05, 8.0, 0.01
#: No part of a hand is farther than this from its middle knuckle.
_REACH_M = 0.5
_LARGEST_BETA = 8.0
_LARGEST_LIGHT = 100.0
_LARGEST_PX = 1e5
#: Numbers that cannot exceed 1, with room for the rounding of half precision.
_ONE = 1.01
#: Half precision leaves a thousandth. From the first number on a matrix is made the nearest
#: rotation, and the hand counts as unsure; from the second on it is no rotation at all.
_ROTATION_ERROR, _LARGEST_ROTATION_ERROR = 0.05, 0.3
#: Two detections whose keypoints lie this near, in hand sizes, are one hand found twice ...
_SAME_HAND = 0.25
#: ... and for two of different sides, which may really touch, this near.
_SAME_PLACE = 0.12


def decode(
    raw: RawHands, network_input: NetworkInput, frame: Frame, config: DetectionConfig
) -> Detections:
    """Turn raw slots into hands of the frame.

    Slots under the threshold, not finite or impossible are left out, and so is the weaker of
    two slots on one hand. At most `config.max_hands` remain, best first. What would be
    hands but for their numbers is told by its score.
    """
    with np.errstate(all="ignore"):  # slots that are not finite are left out, not computed with
        keypoints_2d = transform_points(network_input.image_from_input, raw.keypoints_2d)
        middle_3d = _middle_mcp_3d(raw, network_input.K_input)
        rotation_error = _rotation_error(raw.pose).max(1)
        plausible = _plausible(raw, rotation_error, keypoints_2d, middle_3d)
        same = _same_hands(keypoints_2d, raw.right_probability)
        is_no_hand = np.isfinite(raw.score) & (raw.score < config.score_threshold)
    order = np.argsort(-np.nan_to_num(raw.score, nan=-1.0), kind="stable")
    kept: list[int] = []
    for slot in order:
        if raw.score[slot] < config.score_threshold or len(kept) == config.max_hands:
            break
        if plausible[slot] and not same[slot, kept].any():
            kept.append(int(slot))
    rows = np.array(kept, np.intp)
    doubtful = rows[rotation_error[rows] > _ROTATION_ERROR]
    if len(doubtful):
        raw = _mended(raw, doubtful)
    turn = None
    if config.place_by_keypoints and kept:
        turn, middle_3d[rows] = placed_by_keypoints(
            raw.keypoints_2d[rows], raw.keypoint_confidence[rows], raw.joints_3d[rows],
            middle_3d[rows], network_input.K_input, _NEAREST_PART_M,
        )  # fmt: skip
    return Detections(
        score=raw.score[rows],
        right_probability=raw.right_probability[rows],
        keypoints_2d=keypoints_2d[rows],
        keypoint_confidence=raw.keypoint_confidence[rows],
        hands=_hand_states(raw, rows, turn, middle_3d[rows], keypoints_2d, frame),
        rejected_score=raw.score[~plausible & ~is_no_hand],
    )


def _middle_mcp_3d(raw: RawHands, K_input: Float32) -> Float32:
    """Return where each slot's middle knuckle is, (K, 3) m in the camera frame.

    t_z = f / s with the geometric mean of both focal lengths, then back along the pixel's ray
    (SMHR 1.7 for any focal length).
    """
    depth = np.sqrt(K_input[0, 0] * K_input[1, 1]) / raw.pixels_per_metre
    return unproject(raw.middle_mcp_2d, depth, K_input)


def _plausible(
    raw: RawHands, rotation_error: Float32, keypoints_2d: Float32, middle_3d: Float32
) -> NDArray[np.bool_]:
    """Say for each slot (K,) whether its numbers are finite and possible.

    A hand that reaches to the camera or behind it cannot be projected.
    """
    limits = (
        (raw.score, _ONE),
        (raw.right_probability, _ONE),
        (raw.keypoint_confidence, _ONE),
        (rotation_error, _LARGEST_ROTATION_ERROR),
        (raw.betas, _LARGEST_BETA),
        (raw.vertices, _REACH_M),
        (raw.joints_3d, _REACH_M),
        (raw.albedo, _ONE),
        (raw.light, _LARGEST_LIGHT),
        (keypoints_2d, _LARGEST_PX),
        (middle_3d, _FARTHEST_M),
    )
    # What is not a number is not below its limit either.
    within = [
        np.abs(values.reshape(len(values), -1)).max(1) < limit
        for values, limit in limits
        if values is not None
    ]
    depth = middle_3d[:, 2]
    nearest = depth + np.minimum(raw.vertices[..., 2].min(1), raw.joints_3d[..., 2].min(1))
    within += [depth > _NEAREST_M, nearest > _NEAREST_PART_M]
    return np.asarray(np.all(within, axis=0))


def _rotation_error(pose: Float32) -> Float32:
    """How far matrices (K, 16, 3, 3) are from rotations, (K, 16): from R R^T = 1 and det R = 1."""
    apart = np.abs(pose @ pose.swapaxes(-1, -2) - np.eye(3, dtype=np.float32)).max((-2, -1))
    handed = (np.cross(pose[..., 0], pose[..., 1]) * pose[..., 2]).sum(-1)
    error: Float32 = np.maximum(apart, np.abs(handed - 1))
    return error


def _mended(raw: RawHands, slots: NDArray[np.intp]) -> RawHands:
    """Make the matrices of slots rotations; nothing of these hands is sure any more."""
    pose, confidence = raw.pose.copy(), raw.keypoint_confidence.copy()
    pose[slots] = nearest_rotmat(pose[slots])
    confidence[slots] = 0
    return replace(raw, pose=pose, keypoint_confidence=confidence)


def _same_hands(keypoints_2d: Float32, right_probability: Float32) -> NDArray[np.bool_]:
    """Say of each pair of slots (K, K) whether the two are one hand found twice."""
    size = np.ptp(keypoints_2d, axis=1).max(1) + 1e-6
    apart = keypoints_2d[:, None] - keypoints_2d
    distance = np.sqrt((apart * apart).sum(-1)).mean(-1) / size[:, None]
    is_right = right_probability >= 0.5
    return np.asarray(distance < np.where(is_right[:, None] == is_right, _SAME_HAND, _SAME_PLACE))


def _hand_states(
    raw: RawHands,
    rows: NDArray[np.intp],
    turn: Float32 | None,
    middle_3d: Float32,
    keypoints_2d: Float32,
    frame: Frame,
) -> tuple[HandState, ...]:
    """Place the hands of slots `rows` (N,) in the camera frame.

    They are turned by `turn` (N, 3, 3), if at all, about their knuckles, which lie at `middle_3d`
    (N, 3) m; `keypoints_2d` (K, 21, 2) px are of all slots.
    """
    is_right = raw.right_probability[rows] >= 0.5
    pose = raw.pose[rows]
    pose = np.where(is_right[:, None, None, None], pose, mirror_rotmat(pose))
    vertices, joints_3d = raw.vertices[rows], raw.joints_3d[rows]
    if turn is not None:
        pose[:, 0] = turn @ pose[:, 0]
        vertices, joints_3d = (points @ turn.swapaxes(1, 2) for points in (vertices, joints_3d))
    vertices = vertices + middle_3d[:, None]
    joints_3d = joints_3d + middle_3d[:, None]
    joints_2d = project(joints_3d, frame.K)
    # Copies, so that a hand that is kept keeps nothing else.
    return tuple(
        HandState(
            track_id=-1,
            side="right" if is_right[row] else "left",
            score=float(raw.score[slot]),
            pose=pose[row].copy(),
            betas=raw.betas[slot].copy(),
            transl=joints_3d[row, WRIST].copy(),
            vertices=vertices[row],
            joints_3d=joints_3d[row],
            joints_2d=joints_2d[row],
            joint_confidence=raw.keypoint_confidence[slot].copy(),
            albedo=None if raw.albedo is None else raw.albedo[slot].copy(),
            light=None if raw.light is None else raw.light[slot].copy(),
            keypoints_2d=keypoints_2d[slot].copy(),
        )
        for row, slot in enumerate(rows)
    )
