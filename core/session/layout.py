"""What a session folder is made of: names, channels, records. `schema.md` says it in words."""

import json
import re
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.topology import NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS

SUFFIX: Final = ".hands"
#: A reader refuses another first number; the second grows where old readers can go on.
VERSION: Final = (1, 1)
FORMAT: Final = "manyhands session"

SESSION_NAME: Final = "session.json"
SENTINEL_NAME: Final = ".recording"
HANDS_PATTERN: Final = re.compile(r"hands(?:-([2-9]|[1-9][0-9]))?\.mcap")
VIDEO_PATTERN: Final = re.compile(r"video(?:-([2-9]|[1-9][0-9]))?\.mp4")
MAX_SEGMENTS: Final = 64

HANDS_TOPIC: Final = "/hands"
PICTURES_TOPIC: Final = "/pictures"
ALBEDO_TOPIC: Final = "/albedo"
EVENTS_TOPIC: Final = "/events"
BINARY_ENCODING: Final = "x-manyhands"

#: Ticks of video.mp4 per second.
VIDEO_HZ: Final = 90_000

#: What one step of a whole number means. Raw values are noisier than their steps by far: rotations
#: by a degree, keypoints by some pixels; finer ones would only store noise.
STEPS: Final[Mapping[str, float]] = {
    "smooth_rotation": 2.0**-12,  # rad: 0.014 degrees
    "raw_rotation": 2.0**-10,  # rad: 0.056 degrees
    "smooth_transl": 1e-5,  # m
    "raw_transl": 1e-5,  # m
    "smooth_betas": 2.0**-11,
    "raw_betas": 2.0**-9,
    "keypoints_2d": 0.25,  # px
    "score": 1 / 65535,
    "joint_confidence": 1 / 255,
}

RIGHT, SEEN, HAS_KEYPOINTS = 1, 2, 4


def _split(name: str, *shape: int) -> list[tuple[str, DTypeLike, tuple[int, ...]]]:
    """A number of 16 bits as two arrays of bytes: the high ones hardly change and pack well."""
    return [(f"{name}_low", "u1", shape), (f"{name}_high", "u1", shape)]


def _hand_values(kind: str) -> list[tuple[str, DTypeLike, tuple[int, ...]]]:
    return [
        *_split(f"{kind}_rotation", NUM_MODEL_JOINTS, 3),
        (f"{kind}_transl_low", "<u2", (3,)),
        (f"{kind}_transl_high", "<u2", (3,)),
        *_split(f"{kind}_betas", NUM_BETAS),
    ]


#: Before the hands of one picture.
FRAME: Final = np.dtype(
    [
        ("frame_index", "<i8"),  # of the source
        ("video_segment", "<u2"),  # 1 is video.mp4, 2 video-2.mp4 ...; 0: no picture
        ("camera", "<u2"),  # the number of a camera event
        ("hand_count", "u1"),
    ]
)
#: One hand; `smooth` as it was shown, `raw` as it was measured.
HAND: Final = np.dtype(
    [
        ("track_id", "<i4", ()),
        ("flags", "u1", ()),  # 1 right, 2 seen, 4 has keypoints
        ("score", "<u2", ()),  # / 65535
        ("joint_confidence", "u1", (NUM_JOINTS,)),  # / 255
        *_hand_values("smooth"),
        *_hand_values("raw"),
        *_split("keypoints_2d", NUM_JOINTS, 2),
    ]
)
MAX_HANDS_PER_FRAME: Final = 64


def describe_hands() -> bytes:
    """Return the schema of the /hands channel: FRAME and HAND as numpy has them, and STEPS."""
    fields = {"frame": FRAME.descr, "hand": HAND.descr, "steps": STEPS}
    return json.dumps(fields).encode()


def describe_pictures() -> bytes:
    """Return the schema of the /pictures channel: FRAME as numpy has it."""
    return json.dumps({"frame": FRAME.descr}).encode()


def segment_name(kind: str, number: int) -> str:
    """Return the file name of a segment ("hands" or "video"), counted from 1."""
    suffix = {"hands": "mcap", "video": "mp4"}[kind]
    return f"{kind}.{suffix}" if number == 1 else f"{kind}-{number}.{suffix}"


def split_16(values: NDArray[np.floating], step: float) -> tuple[NDArray[np.uint8], ...]:
    """Return the low and high bytes of values / step, rounded to int16."""
    whole = np.clip(np.rint(values / step), -32768, 32767).astype("<i2")
    both = np.ascontiguousarray(whole).view(np.uint8).reshape(*whole.shape, 2)
    return both[..., 0], both[..., 1]


def join_16(low: NDArray[np.uint8], high: NDArray[np.uint8], step: float) -> NDArray[np.float32]:
    """The inverse of `split_16`."""
    whole = (low.astype(np.uint16) | high.astype(np.uint16) << 8).view(np.int16)
    return (whole * step).astype(np.float32)


def split_32(values: NDArray[np.floating], step: float) -> tuple[NDArray[np.uint16], ...]:
    """Return the low and high halves of values / step, rounded to int32."""
    whole = np.clip(np.rint(values / step), -(2**31), 2**31 - 1).astype("<i4")
    both = np.ascontiguousarray(whole).view("<u2").reshape(*whole.shape, 2)
    return both[..., 0], both[..., 1]


def join_32(low: NDArray[np.uint16], high: NDArray[np.uint16], step: float) -> NDArray[np.float32]:
    """The inverse of `split_32`."""
    whole = (low.astype(np.uint32) | high.astype(np.uint32) << 16).view(np.int32)
    return (whole * step).astype(np.float32)


def video_ticks(time_ns: int, base_ns: int) -> int:
    """Return the presentation time of a picture in its segment, whose first one is at base_ns."""
    return round((time_ns - base_ns) * VIDEO_HZ / 1e9)
