"""Frozen values that cross a module or thread border: Frame, Detections, HandState, TrackedHands.

Arrays are made read-only here, once; they are passed by reference from then on. Shapes are
checked here and trusted everywhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.topology import NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]
Side = Literal["left", "right"]


def frozen(name: str, array: NDArray[np.generic], shape: tuple[int | None, ...]) -> None:
    """Check the shape (None = any length) and make the array read-only."""
    # This runs some thirty times per hand and frame, mostly on arrays of one fixed shape that were
    # frozen before.
    actual = array.shape
    if actual != shape and not _fits(actual, shape):
        raise ValueError(f"{name}: expected {shape}, got {actual}")
    if array.flags.writeable:
        array.setflags(write=False)


def _fits(actual: tuple[int, ...], shape: tuple[int | None, ...]) -> bool:
    """Say whether a shape is another, in which None is any length."""
    if len(actual) != len(shape):
        return False
    for have, want in zip(actual, shape, strict=True):  # a generator would take three times as long
        if want is not None and have != want:
            return False
    return True


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        index: count of pictures of this source since it was opened, from 0.
        epoch: restart number of the pipeline; results of an older epoch are dropped.
        timestamp_ns: for a live source the program's clock right after read(); for a file the
            presentation time.
        image: (H, W, 3) uint8 RGB.
        K: (3, 3) float32 pinhole intrinsics, px.
        source_name: what a person calls it: file name, camera name.
    """

    index: int
    epoch: int
    timestamp_ns: int
    image: UInt8
    K: Float32
    source_name: str = ""

    def __post_init__(self) -> None:
        """Check shapes and types."""
        if self.image.dtype != np.uint8:
            raise ValueError(f"image: expected uint8, got {self.image.dtype}")
        frozen("image", self.image, (None, None, 3))
        frozen("K", self.K, (3, 3))


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Hands found in one image, before tracking; row i of every field is the same hand.

    Attributes:
        score: (N,) centre score in [0, 1].
        right_probability: (N,) probability that the hand is a right hand, in [0, 1].
        keypoints_2d: (N, 21, 2) px in the frame, predicted directly from the image.
        keypoint_confidence: (N, 21) in [0, 1].
        hands: the decoded hands, with track_id -1.
        rejected_score: (R,) of those left out since their numbers are not finite or impossible.
    """

    score: Float32
    right_probability: Float32
    keypoints_2d: Float32
    keypoint_confidence: Float32
    hands: tuple["HandState", ...]
    rejected_score: Float32 = field(default_factory=lambda: np.zeros(0, np.float32))

    def __post_init__(self) -> None:
        """Check shapes."""
        count = len(self.hands)
        frozen("score", self.score, (count,))
        frozen("right_probability", self.right_probability, (count,))
        frozen("keypoints_2d", self.keypoints_2d, (count, NUM_JOINTS, 2))
        frozen("keypoint_confidence", self.keypoint_confidence, (count, NUM_JOINTS))
        frozen("rejected_score", self.rejected_score, (None,))


@dataclass(frozen=True, slots=True, eq=False)
class HandState:
    """One hand in the camera frame (OpenCV: x right, y down, z forward; metres).

    Attributes:
        track_id: identity over time; -1 where there is no tracking.
        side: anatomical side.
        score: of the detection, in [0, 1].
        pose: (16, 3, 3) rotations relative to the parent, of the hand's own side; pose[0] is the
            global orientation in the camera frame.
        betas: (10,) shape coefficients.
        transl: (3,) m, position of the wrist joint: joints_3d[0].
        vertices: (V, 3) m.
        joints_3d: (21, 3) m.
        joints_2d: (21, 2) px, projection of joints_3d by the frame's K.
        joint_confidence: (21,) in [0, 1].
        albedo: (V, 3) RGB in [0, 1], or None.
        light: (27,) spherical-harmonic coefficients, colour-major, or None.
        keypoints_2d: (21, 2) px in the frame, predicted directly from the image, unsmoothed; None
            where the hand was not seen in this frame. `joint_confidence` is theirs, too.
    """

    track_id: int
    side: Side
    score: float
    pose: Float32
    betas: Float32
    transl: Float32
    vertices: Float32
    joints_3d: Float32
    joints_2d: Float32
    joint_confidence: Float32
    albedo: Float32 | None = None
    light: Float32 | None = None
    keypoints_2d: Float32 | None = None

    def __post_init__(self) -> None:
        """Check shapes."""
        frozen("pose", self.pose, (NUM_MODEL_JOINTS, 3, 3))
        frozen("betas", self.betas, (NUM_BETAS,))
        frozen("transl", self.transl, (3,))
        frozen("vertices", self.vertices, (None, 3))
        frozen("joints_3d", self.joints_3d, (NUM_JOINTS, 3))
        frozen("joints_2d", self.joints_2d, (NUM_JOINTS, 2))
        frozen("joint_confidence", self.joint_confidence, (NUM_JOINTS,))
        if self.albedo is not None:
            frozen("albedo", self.albedo, (len(self.vertices), 3))
        if self.light is not None:
            frozen("light", self.light, (27,))
        if self.keypoints_2d is not None:
            frozen("keypoints_2d", self.keypoints_2d, (NUM_JOINTS, 2))


@dataclass(frozen=True, slots=True, eq=False)
class TrackedHands:
    """The hands of one frame, with that very frame.

    Attributes:
        frame: the frame that the hands were computed from.
        hands: one state per track, by track_id ascending.
        predicted: track ids that are extrapolated, not seen in this frame.
        step_ms: milliseconds of each step ("wait" for the network in a live pipeline, "resize",
            "network", "decode", "track", "smooth").
        shape_learned: by track id, in [0, 1]: how much of what it takes to know the hand's shape
            was seen; at 1 the shape stays. Empty where nothing is learnt.
        read_ns: when the frame was read, by the program's clock; 0 where nobody noted it.
        raw: the same hands before smoothing, by track_id ascending; empty where nobody kept them.
        rejected: hands of this frame that were left out since their numbers were not finite or
            impossible.
    """

    frame: Frame
    hands: tuple[HandState, ...]
    predicted: frozenset[int] = frozenset()
    step_ms: Mapping[str, float] = field(default_factory=dict)
    shape_learned: Mapping[int, float] = field(default_factory=dict)
    read_ns: int = 0
    raw: tuple[HandState, ...] = ()
    rejected: int = 0
