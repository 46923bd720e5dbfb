"""Take: the hands of a stretch of time as plain arrays, one HandTrack per identity.

What clean-up and exports work on, whether it was recorded, replayed or made by a test; it knows no
file and no video.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.topology import NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS
from core.types import Float32, Side, frozen

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RecordedHand:
    """Who is in a session.

    Attributes:
        track_id: identity over the session.
        side: anatomical side, that of most frames.
        frames: in how many it is.
    """

    track_id: int
    side: Side
    frames: int


def main_side(is_right: Bool) -> Side:
    """Return the side that a hand has in most of its frames (F,)."""
    return "right" if 2 * is_right.sum() >= len(is_right) else "left"


@dataclass(frozen=True, slots=True, eq=False)
class HandTrack:
    """One hand over F frames, in the camera frame (OpenCV: x right, y down, z forward; metres).

    A frame in which the hand is missing has no row: gaps show in `timestamps_ns` alone.

    Attributes:
        track_id: identity over the session.
        side: anatomical side.
        timestamps_ns: (F,) int64, rising; of the frames' clock.
        pose: (F, 16, 3, 3) rotations relative to the parent, of the hand's own side; pose[:, 0] is
            the global orientation.
        betas: (F, 10) shape coefficients.
        transl: (F, 3) m, the wrist joint.
        score: (F,) of the detection, in [0, 1].
        joint_confidence: (F, 21) in [0, 1].
        keypoints_2d: (F, 21, 2) px in the picture, what the network saw; NaN where it saw nothing.
        seen: (F,) bool, False where the hand is extrapolated.
        albedo: (V, 3) RGB in [0, 1], or None.
    """

    track_id: int
    side: Side
    timestamps_ns: Int64
    pose: Float32
    betas: Float32
    transl: Float32
    score: Float32
    joint_confidence: Float32
    keypoints_2d: Float32
    seen: Bool
    albedo: Float32 | None = None

    def __post_init__(self) -> None:
        """Check shapes and order."""
        count = len(self.timestamps_ns)
        frozen("timestamps_ns", self.timestamps_ns, (count,))
        frozen("pose", self.pose, (count, NUM_MODEL_JOINTS, 3, 3))
        frozen("betas", self.betas, (count, NUM_BETAS))
        frozen("transl", self.transl, (count, 3))
        frozen("score", self.score, (count,))
        frozen("joint_confidence", self.joint_confidence, (count, NUM_JOINTS))
        frozen("keypoints_2d", self.keypoints_2d, (count, NUM_JOINTS, 2))
        frozen("seen", self.seen, (count,))
        if self.albedo is not None:
            frozen("albedo", self.albedo, (None, 3))
        if np.any(np.diff(self.timestamps_ns) <= 0):
            raise ValueError("timestamps_ns: expected rising times")


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """All hands of a stretch of time, and the camera that saw them.

    Attributes:
        timestamps_ns: (N,) int64, rising: every frame, with hands or without.
        tracks: one per identity, by track_id ascending.
        K: (3, 3) px, pinhole intrinsics.
        width: px of the pictures.
        height: px of the pictures.
        name: what a person calls it.
    """

    timestamps_ns: Int64
    tracks: tuple[HandTrack, ...]
    K: Float32
    width: int
    height: int
    name: str = ""

    def __post_init__(self) -> None:
        """Check shapes."""
        frozen("timestamps_ns", self.timestamps_ns, (None,))
        frozen("K", self.K, (3, 3))
