"""From the network's raw arrays to hands in the camera frame."""

import numpy as np
from numpy.typing import NDArray

from core.config import DetectionConfig
from core.engines.base import RawHands
from core.geometry import mirror_rotmat, project, transform_points, unproject
from core.preprocess import NetworkInput
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
#: Two detections whose keypoints lie this near, in hand sizes, are one hand found twice ...
_SAME_HAND = 0.25
#: ... and for two of different sides, which may really touch, this near.
_SAME_PLACE = 0.12


def decode(
    raw: RawHands, network_input: NetworkInput, frame: Frame, config: DetectionConfig
) -> Detections:
    """Turn raw slots into hands of the frame.

    Slots under the threshold, not finite or impossible are left out, and so is the weaker of
    two slots on one hand. At most `config.max_hands` remain, best first.
    """
    with np.errstate(all="ignore"):  # slots that are not finite are left out, not computed with
        keypoints_2d = transform_points(network_input.image_from_input, raw.keypoints_2d)
        middle_3d = _middle_mcp_3d(raw, network_input.K_input)
        plausible = _plausible(raw, keypoints_2d, middle_3d)
    order = np.argsort(-np.nan_to_num(raw.score, nan=-1.0), kind="stable")
    kept: list[int] = []
    for slot in order:
        if raw.score[slot] < config.score_threshold or len(kept) == config.max_hands:
            break
        if plausible[slot] and not _repeats(int(slot), kept, keypoints_2d, raw.right_probability):
            kept.append(int(slot))
    rows = np.array(kept, np.intp)
    return Detections(
        score=raw.score[rows],
        right_probability=raw.right_probability[rows],
        keypoints_2d=keypoints_2d[rows],
        keypoint_confidence=raw.keypoint_confidence[rows],
        hands=tuple(_hand_state(raw, slot, middle_3d[slot], frame) for slot in kept),
    )


def _middle_mcp_3d(raw: RawHands, K_input: Float32) -> Float32:
    """Return where each slot's middle knuckle is, (K, 3) m in the camera frame.

    t_z = f / s with the geometric mean of both focal lengths, then back along the pixel's ray
    (SMHR 1.7 for any focal length).
    """
    depth = np.sqrt(K_input[0, 0] * K_input[1, 1]) / raw.pixels_per_metre
    return unproject(raw.middle_mcp_2d, depth, K_input)


def _plausible(raw: RawHands, keypoints_2d: Float32, middle_3d: Float32) -> NDArray[np.bool_]:
    """Say for each slot (K,) whether its numbers are finite and possible.

    A hand that reaches to the camera or behind it cannot be projected.
    """
    limits = (
        (raw.score, _ONE),
        (raw.right_probability, _ONE),
        (raw.keypoint_confidence, _ONE),
        (raw.pose, _ONE),
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


def _repeats(slot: int, kept: list[int], keypoints_2d: Float32, right_probability: Float32) -> bool:
    """Say whether a slot is a hand that a stronger slot has found already."""
    own = keypoints_2d[slot]
    size = float(np.ptp(own, axis=0).max()) + 1e-6
    for other in kept:
        distance = float(np.linalg.norm(own - keypoints_2d[other], axis=1).mean()) / size
        same_side = (right_probability[slot] < 0.5) == (right_probability[other] < 0.5)
        if distance < (_SAME_HAND if same_side else _SAME_PLACE):
            return True
    return False


def _hand_state(raw: RawHands, slot: int, middle_3d: Float32, frame: Frame) -> HandState:
    """Place one slot's hand in the camera frame."""
    is_right = bool(raw.right_probability[slot] >= 0.5)
    joints_3d = raw.joints_3d[slot] + middle_3d
    pose = raw.pose[slot]
    return HandState(
        track_id=-1,
        side="right" if is_right else "left",
        score=float(raw.score[slot]),
        pose=np.array(pose if is_right else mirror_rotmat(pose)),
        betas=np.array(raw.betas[slot]),
        transl=np.array(joints_3d[WRIST]),
        vertices=raw.vertices[slot] + middle_3d,
        joints_3d=joints_3d,
        joints_2d=project(joints_3d, frame.K),
        joint_confidence=np.array(raw.keypoint_confidence[slot]),
        albedo=None if raw.albedo is None else np.array(raw.albedo[slot]),
        light=None if raw.light is None else np.array(raw.light[slot]),
    )
