"""The hands of one picture as the bytes of one /hands message, and many messages as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.rotations_np import rotmat_from_rotvec, rotvec_from_rotmat
from core.session import layout
from core.session.layout import FRAME, HAND
from core.types import Float32, HandState, TrackedHands, UInt8

#: Numbers beyond these cannot be written, and nothing that is a hand has them.
_FARTHEST_M: Final = 100.0
_LARGEST_ID: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class HandValues:
    """What is kept of one hand; it holds no vertices, so that a queue of them stays small.

    Attributes:
        track_id: identity over the session; -1 where there is no tracking.
        is_right: anatomical side.
        is_seen: whether it was seen in this picture, not extrapolated.
        score: of the detection, in [0, 1].
        joint_confidence: (21,) in [0, 1].
        pose: (2, 16, 3, 3) rotations, smoothed and raw.
        transl: (2, 3) m, likewise.
        betas: (2, 10), likewise.
        keypoints_2d: (21, 2) px, or None.
        albedo: (V, 3) RGB in [0, 1], or None.
    """

    track_id: int
    is_right: bool
    is_seen: bool
    score: float
    joint_confidence: Float32
    pose: Float32
    transl: Float32
    betas: Float32
    keypoints_2d: Float32 | None
    albedo: Float32 | None

    @property
    def is_valid(self) -> bool:
        """Whether every number is finite and can be written."""
        arrays = (self.joint_confidence, self.pose, self.transl, self.betas)
        finite = np.isfinite(self.score) and all(np.isfinite(array).all() for array in arrays)
        near = bool(finite) and float(np.abs(self.transl).max()) < _FARTHEST_M
        return near and -1 <= self.track_id <= _LARGEST_ID


def values_of(tracked: TrackedHands) -> tuple[HandValues, ...]:
    """Return what is kept of the hands of one picture.

    A hand that smoothing turned to the other side keeps its smoothed values as raw ones.
    """
    raw = {(hand.track_id, hand.side): hand for hand in tracked.raw}
    return tuple(
        _values(hand, raw.get((hand.track_id, hand.side), hand) if hand.track_id >= 0 else hand,
                hand.track_id not in tracked.predicted)
        for hand in tracked.hands[: layout.MAX_HANDS_PER_FRAME]
    )  # fmt: skip


def _values(hand: HandState, raw: HandState, is_seen: bool) -> HandValues:
    keypoints = hand.keypoints_2d
    if keypoints is not None and not np.isfinite(keypoints).all():
        keypoints = None
    return HandValues(
        track_id=hand.track_id,
        is_right=hand.side == "right",
        is_seen=is_seen,
        score=hand.score,
        joint_confidence=hand.joint_confidence,
        pose=np.stack((hand.pose, raw.pose)),
        transl=np.stack((hand.transl, raw.transl)),
        betas=np.stack((hand.betas, raw.betas)),
        keypoints_2d=keypoints,
        albedo=hand.albedo,
    )


def pack(hands: Sequence[HandValues], frame_index: int, video_segment: int, camera: int) -> bytes:
    """Return the message of one picture."""
    header = np.zeros((), FRAME)
    header["frame_index"] = frame_index
    header["video_segment"] = video_segment
    header["camera"] = camera
    header["hand_count"] = len(hands)
    return header.tobytes() + pack_hands(hands)


def pack_hands(hands: Sequence[HandValues]) -> bytes:
    """Return the part of a message after its header."""
    rows = np.zeros(len(hands), HAND)
    if not hands:
        return b""
    for row, hand in zip(rows, hands, strict=True):
        row["track_id"] = hand.track_id
        row["flags"] = layout.RIGHT * hand.is_right | layout.SEEN * hand.is_seen
        row["score"] = np.rint(np.clip(hand.score, 0, 1) * 65535)
        row["joint_confidence"] = np.rint(np.clip(hand.joint_confidence, 0, 1) * 255)
        if hand.keypoints_2d is not None:
            row["flags"] |= layout.HAS_KEYPOINTS
            low, high = layout.split_16(hand.keypoints_2d, layout.STEPS["keypoints_2d"])
            row["keypoints_2d_low"], row["keypoints_2d_high"] = low, high
    rotvec = rotvec_from_rotmat(np.stack([hand.pose for hand in hands]))
    transl = np.stack([hand.transl for hand in hands])
    betas = np.stack([hand.betas for hand in hands])
    for at, kind in enumerate(("smooth", "raw")):
        for name, split, values in (
            (f"{kind}_rotation", layout.split_16, rotvec[:, at]),
            (f"{kind}_transl", layout.split_32, transl[:, at]),
            (f"{kind}_betas", layout.split_16, betas[:, at]),
        ):
            rows[f"{name}_low"], rows[f"{name}_high"] = split(values, layout.STEPS[name])
    return rows.tobytes()


def albedo_message(track_id: int, albedo: UInt8) -> bytes:
    """Return the message of a track's skin (V, 3)."""
    return np.array([track_id, len(albedo)], "<i4").tobytes() + albedo.tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class HandColumns:
    """R hands as arrays; row i of every field is the same hand.

    Attributes:
        pose: (R, 16, 3, 3) rotations relative to the parent.
        transl: (R, 3) m, camera frame.
        betas: (R, 10).
        score: (R,) in [0, 1].
        joint_confidence: (R, 21) in [0, 1].
        keypoints_2d: (R, 21, 2) px, NaN where there are none.
        seen: (R,) bool.
    """

    pose: Float32
    transl: Float32
    betas: Float32
    score: Float32
    joint_confidence: Float32
    keypoints_2d: Float32
    seen: NDArray[np.bool_]


def unpack_hands(rows: NDArray[np.void], *, smoothed: bool) -> HandColumns:
    """Return the numbers of rows (R,) of HAND."""
    kind = "smooth" if smoothed else "raw"
    rotvec = _joined(rows, f"{kind}_rotation")
    keypoints = _joined(rows, "keypoints_2d")
    keypoints[rows["flags"] & layout.HAS_KEYPOINTS == 0] = np.nan
    return HandColumns(
        pose=rotmat_from_rotvec(rotvec).astype(np.float32),
        transl=_joined(rows, f"{kind}_transl"),
        betas=_joined(rows, f"{kind}_betas"),
        score=(rows["score"] * layout.STEPS["score"]).astype(np.float32),
        joint_confidence=(rows["joint_confidence"] * layout.STEPS["joint_confidence"]).astype(
            np.float32
        ),
        keypoints_2d=keypoints,
        seen=rows["flags"] & layout.SEEN != 0,
    )


def _joined(rows: NDArray[np.void], name: str) -> Float32:
    low, high = rows[f"{name}_low"], rows[f"{name}_high"]
    join = layout.join_32 if low.dtype.itemsize == 2 else layout.join_16
    return join(low, high, layout.STEPS[name])
