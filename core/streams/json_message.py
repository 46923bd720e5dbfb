"""What the WebSocket stream says, as JSON texts; README.md holds the schema."""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.rotations_np import quat_xyzw_from_rotmat
from core.topology import BONES, JOINT_NAMES, MODEL_JOINT_NAMES
from core.types import HandState, TrackedHands

#: Raised when a field changes its meaning or goes; new fields do not raise it.
VERSION: Final = 1
#: Decimals: 10 micrometres, a hundredth of a pixel, 1e-5 of a unit quaternion.
_METRES, _PIXELS, _UNIT = 5, 2, 5


def hello_text() -> str:
    """Return what a client gets first: names and conventions that never change meanwhile."""
    return _text(
        {
            "type": "hello",
            "version": VERSION,
            "program": "manyhands",
            "camera_frame": "x right, y down, z forward; metres",
            "joints": JOINT_NAMES,
            "bones": BONES,
            "rotations": MODEL_JOINT_NAMES,
        }
    )


def hands_text(tracked: TrackedHands) -> str:
    """Return the hands of one frame; a hand with values that are not finite is left out."""
    frame = tracked.frame
    hands = [_hand(hand, hand.track_id not in tracked.predicted) for hand in tracked.hands]
    return _text(
        {
            "type": "hands",
            "version": VERSION,
            "frame": frame.index,
            "time_ns": frame.timestamp_ns,
            "source": frame.source_name,
            "width": frame.image.shape[1],
            "height": frame.image.shape[0],
            "K": np.round(frame.K.astype(float), _PIXELS).tolist(),
            "hands": [hand for hand in hands if hand is not None],
        }
    )


def heartbeat_text(time_ns: int) -> str:
    """Return what says that the program is alive while there is nothing new."""
    return _text({"type": "heartbeat", "version": VERSION, "time_ns": time_ns})


def _hand(hand: HandState, seen: bool) -> dict[str, Any] | None:
    arrays: dict[str, tuple[NDArray[np.floating], int]] = {
        "joints_3d": (hand.joints_3d, _METRES),
        "joints_2d": (hand.joints_2d, _PIXELS),
        "confidence": (hand.joint_confidence, 3),
        "rotations": (quat_xyzw_from_rotmat(hand.pose), _UNIT),
        "betas": (hand.betas, 4),
    }
    if not all(np.isfinite(array).all() for array, _ in arrays.values()):
        return None
    return {
        "id": hand.track_id,
        "side": hand.side,
        "score": round(float(hand.score), 3),
        "seen": seen,
        **{
            name: np.round(array.astype(float), digits).tolist()
            for name, (array, digits) in arrays.items()
        },
    }


def _text(message: Mapping[str, Any]) -> str:
    return json.dumps(message, allow_nan=False, separators=(",", ":"))
