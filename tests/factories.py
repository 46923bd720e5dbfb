"""Small real values for tests: frames, hands of the real hand model, detections, raw arrays."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.assets import hand_model_path
from core.engines.base import RawHands
from core.geometry import bbox_from_points, intrinsics_from_fov, mirror_rotmat, project
from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.poser import HandPoser
from core.preprocess import NetworkInput
from core.rotations_np import rotmat_from_rotvec
from core.session.take import HandTrack, Take
from core.topology import MIDDLE_MCP, NUM_JOINTS, NUM_MODEL_JOINTS
from core.types import Detections, Float32, Frame, HandState, Side

Float64 = NDArray[np.float64]
WIDTH, HEIGHT = 640, 480
#: Fingers up, palm to the camera: the model's axes in the camera frame, for a right hand.
PALM_TO_CAMERA = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], np.float32)
PERIOD_NS = 33_333_333


@functools.cache
def hand_model() -> HandModel:
    """The open right hand."""
    return load_hand_model(hand_model_path())


@functools.cache
def hand_poser() -> HandPoser:
    return HandPoser(hand_model())


def intrinsics(width: int = WIDTH, height: int = HEIGHT) -> Float32:
    return intrinsics_from_fov(width, height)


def make_frame(
    index: int = 0,
    *,
    timestamp_ns: int | None = None,
    width: int = WIDTH,
    height: int = HEIGHT,
    epoch: int = 0,
    grey: int = 90,
    source_name: str = "test",
) -> Frame:
    """An even picture; without a time stamp 30 frames a second from 0."""
    image = np.full((height, width, 3), grey, np.uint8)
    stamp_ns = index * PERIOD_NS if timestamp_ns is None else timestamp_ns
    return Frame(index, epoch, stamp_ns, image, intrinsics(width, height), source_name)


def local_pose(side: Side, curl: float, turn: Sequence[float]) -> Float32:
    """Rotations (16, 3, 3): the palm to the camera turned by `turn`, fingers curled (rad)."""
    rotvecs = np.zeros((NUM_MODEL_JOINTS, 3))
    rotvecs[1:13, 2] = curl
    pose = rotmat_from_rotvec(rotvecs).astype(np.float32)
    pose[0] = (rotmat_from_rotvec(np.asarray(turn, float)) @ PALM_TO_CAMERA).astype(np.float32)
    return pose if side == "right" else mirror_rotmat(pose)


def make_hand(
    side: Side = "right",
    *,
    at: Sequence[float] = (0.0, 0.0, 0.6),
    curl: float = 0.3,
    turn: Sequence[float] = (0.0, 0.0, 0.0),
    pose: Float32 | None = None,
    betas: Sequence[float] = (0.0,) * 10,
    score: float = 0.9,
    confidence: float = 0.9,
    track_id: int = -1,
    skin: Sequence[float] | None = None,
    K: Float32 | None = None,
) -> HandState:
    """A hand whose middle knuckle lies `at` (m, camera frame)."""
    rotations = local_pose(side, curl, turn) if pose is None else pose
    shape = np.asarray(betas, np.float32)
    posed, transl = hand_poser().pose_at_knuckle(
        np.array([side == "right"]),
        rotations[None],
        shape[None],
        np.asarray(at, np.float32)[None],
    )
    vertices = posed.vertices[0]
    return HandState(
        track_id=track_id,
        side=side,
        score=score,
        pose=rotations.copy(),
        betas=shape.copy(),
        transl=transl[0],
        vertices=vertices,
        joints_3d=posed.joints_3d[0],
        joints_2d=project(posed.joints_3d[0], intrinsics() if K is None else K),
        joint_confidence=np.full(NUM_JOINTS, confidence, np.float32),
        albedo=None if skin is None else np.full_like(vertices, 1) * np.asarray(skin, np.float32),
    )


def make_detections(
    hands: Sequence[HandState], right_probability: Sequence[float] | None = None
) -> Detections:
    """What decoding would say of these hands; by default sure of their sides."""
    count = len(hands)
    if right_probability is None:
        right_probability = [0.95 if hand.side == "right" else 0.05 for hand in hands]
    keypoints = np.array([hand.joints_2d for hand in hands], np.float32)
    confidence = np.array([hand.joint_confidence for hand in hands], np.float32)
    return Detections(
        score=np.array([hand.score for hand in hands], np.float32),
        right_probability=np.array(right_probability, np.float32),
        keypoints_2d=keypoints.reshape(count, NUM_JOINTS, 2),
        keypoint_confidence=confidence.reshape(count, NUM_JOINTS),
        hands=tuple(hands),
    )


def make_raw_hands(
    hands: Sequence[HandState],
    network_input: NetworkInput,
    *,
    right_probability: Sequence[float] | None = None,
    slots: int = 8,
) -> RawHands:
    """What a perfect network would return for these hands: the inverse of decoding."""
    detections = make_detections(hands, right_probability)
    K_input = network_input.K_input
    num_vertices = hand_model().num_vertices
    right = detections.right_probability >= 0.5
    knuckles = np.array([hand.joints_3d[MIDDLE_MCP] for hand in hands]).reshape(-1, 3)
    input_from_image = np.linalg.inv(network_input.image_from_input)
    keypoints = detections.keypoints_2d @ input_from_image[:2, :2].T + input_from_image[:2, 2]

    def fill(rows: Sequence[np.ndarray] | np.ndarray, *shape: int) -> Float32:
        array = np.zeros((slots, *shape), np.float32)
        if len(rows):
            array[: len(rows)] = rows
        return array

    poses = [
        hand.pose if is_right else mirror_rotmat(hand.pose)
        for hand, is_right in zip(hands, right, strict=True)
    ]
    empty_pose = np.tile(np.eye(3, dtype=np.float32), (slots, NUM_MODEL_JOINTS, 1, 1))
    empty_pose[: len(hands)] = poses if hands else empty_pose[:0]
    scale = np.full(slots, 500.0, np.float32)
    scale[: len(hands)] = np.sqrt(K_input[0, 0] * K_input[1, 1]) / knuckles[:, 2]
    return RawHands(
        score=fill(detections.score),
        right_probability=fill(detections.right_probability),
        keypoints_2d=fill(keypoints, NUM_JOINTS, 2),
        keypoint_confidence=fill(detections.keypoint_confidence, NUM_JOINTS),
        pose=empty_pose,
        betas=fill([hand.betas for hand in hands], 10),
        middle_mcp_2d=fill(project(knuckles, K_input), 2),
        pixels_per_metre=scale,
        vertices=fill([h.vertices - h.joints_3d[MIDDLE_MCP] for h in hands], num_vertices, 3),
        joints_3d=fill([h.joints_3d - h.joints_3d[MIDDLE_MCP] for h in hands], NUM_JOINTS, 3),
    )


def hand_size_px(hand: HandState) -> float:
    """The longer side of the joints' box."""
    x0, y0, x1, y1 = bbox_from_points(hand.joints_2d)
    return float(max(x1 - x0, y1 - y0))


def moving_pose(side: Side, seconds: Float64, seed: int = 0) -> Float32:
    """Rotations (F, 16, 3, 3) of a hand that turns and moves every finger joint about its axes."""
    draw = np.random.default_rng(seed)
    phase = draw.uniform(0, 2 * np.pi, (NUM_MODEL_JOINTS, 3))
    rate = draw.uniform(1.0, 3.0, (NUM_MODEL_JOINTS, 3))  # rad/s
    swing = np.sin(phase + rate * seconds[:, None, None])
    rotvec = swing * (0.05, 0.12, 0.35) + (0, 0, 0.35)
    rotvec[:, 0] = swing[:, 0] * (0.4, 0.4, 0.6)
    pose = rotmat_from_rotvec(rotvec)
    pose[:, 0] = pose[:, 0] @ PALM_TO_CAMERA
    right = pose.astype(np.float32)
    return right if side == "right" else mirror_rotmat(right)


def make_track(
    side: Side,
    track_id: int,
    timestamps_ns: NDArray[np.int64],
    *,
    rows: Sequence[int] | NDArray[np.intp] | None = None,
    skin: Sequence[float] | None = None,
    noise: float = 0.0,
    seed: int = 0,
) -> HandTrack:
    """A hand that moves; in the frames `rows` (default all). `noise` shakes pose, place, shape."""
    seconds = (timestamps_ns - timestamps_ns[0]) / 1e9
    count = len(seconds)
    draw = np.random.default_rng(seed + 100)
    pose = moving_pose(side, seconds, seed)
    shake = rotmat_from_rotvec(draw.normal(0, 0.04 * noise, (count, NUM_MODEL_JOINTS, 3)))
    pose = (pose @ shake).astype(np.float32)
    x = -0.08 if side == "right" else 0.08
    transl = np.stack(
        (x + 0.05 * np.sin(seconds), 0.03 * np.cos(1.3 * seconds), 0.55 + 0.05 * np.sin(seconds)),
        axis=1,
    )
    transl += draw.normal(0, 1, (count, 3)) * (0.002, 0.002, 0.008) * np.array(noise)
    betas = np.linspace(-0.5, 0.5, 10) + draw.normal(0, 0.3 * noise, (count, 10))
    is_right = np.full(count, side == "right")
    true_betas = np.tile(np.linspace(-0.5, 0.5, 10), (count, 1)).astype(np.float32)
    posed = hand_poser().pose(
        is_right, moving_pose(side, seconds, seed), true_betas, transl.astype(np.float32)
    )
    take = slice(None) if rows is None else np.asarray(rows, np.intp)
    skin_of = (
        np.tile(np.asarray(skin, np.float32), (hand_model().num_vertices, 1)) if skin else None
    )
    return HandTrack(
        track_id=track_id,
        side=side,
        timestamps_ns=timestamps_ns[take],
        pose=pose[take],
        betas=betas.astype(np.float32)[take],
        transl=transl.astype(np.float32)[take],
        score=np.full(count, 0.9, np.float32)[take],
        joint_confidence=np.full((count, NUM_JOINTS), 0.8, np.float32)[take],
        keypoints_2d=project(posed.joints_3d, intrinsics())[take],
        seen=np.ones(count, bool)[take],
        albedo=skin_of,
    )


def make_take(
    frames: int = 12,
    *,
    sides: Sequence[Side] = ("right", "left"),
    rate_hz: float = 30.0,
    gaps: Mapping[int, range] | None = None,
    noise: float = 0.0,
    name: str = "walk",
) -> Take:
    """A take of moving hands, one per side; track i is missing in the frames `gaps[i]`."""
    stamps = 5_000_000_000 + np.round(np.arange(frames) * 1e9 / rate_hz).astype(np.int64)
    tracks = []
    for index, side in enumerate(sides):
        missing = (gaps or {}).get(index, range(0))
        rows = [frame for frame in range(frames) if frame not in missing]
        skin = (0.2 + 0.1 * index, 0.5, 0.8)
        tracks.append(
            make_track(side, index, stamps, rows=rows, skin=skin, noise=noise, seed=index)
        )
    return Take(stamps, tuple(tracks), intrinsics(), WIDTH, HEIGHT, name)
