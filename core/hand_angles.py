"""How far each finger joint is bent, as a goniometer laid on the hand would read it.

Angles come from the 21 joints alone, so that they mean the same for every hand model: 0 is a bone
in line with the one before it, positive bends towards the palm, negative is hyperextension.

Knuckles spread as well as bend, so their angle is measured in the plane that the metacarpal and
the palm's normal span: spreading does not count. The other joints are hinges; theirs is the angle
between both bones, with the sign of the turn about the finger's own axis.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.topology import FINGERS
from core.types import Float32, Side

#: Where fingers bend: the thumb at two joints, the others at three.
FLEXION_NAMES: Final = (
    "thumb_mcp",
    "thumb_ip",
    *(f"{finger}_{joint}" for finger in FINGERS[1:] for joint in ("mcp", "pip", "dip")),
)
#: Which of the angles (14) belong to each finger, thumb to little.
FLEXIONS_OF_FINGER: Final = (range(0, 2), *(range(2 + 3 * i, 5 + 3 * i) for i in range(4)))

Float64 = NDArray[np.float64]

_WRIST, _THUMB_CMC, _INDEX_MCP, _LITTLE_MCP = 0, 1, 5, 17
_KNUCKLES: Final = (5, 9, 13, 17)


def flexion_deg(joints_3d: Float32, side: Side) -> Float32:
    """Return the flexion (14,) in degrees, as FLEXION_NAMES; NaN where a bone has no length.

    Args:
        joints_3d: (21, 3) m, any frame that is not mirrored.
        side: anatomical side.
    """
    joints = np.asarray(joints_3d, np.float64)
    wrist, little = joints[_WRIST], joints[_LITTLE_MCP]
    palm = np.cross(joints[_INDEX_MCP] - wrist, little - wrist) * (1 if side == "right" else -1)
    angles: list[float] = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for at in (_THUMB_CMC, _THUMB_CMC + 1):
            # The thumb bends towards the little finger's knuckle, wherever it is opposed to.
            angles.append(_bend(joints[at : at + 3], little - joints[at + 1]))
        for knuckle in _KNUCKLES:
            metacarpal, first = joints[knuckle] - wrist, joints[knuckle + 1] - joints[knuckle]
            axis = np.cross(metacarpal, palm)
            angles.append(_angle(metacarpal, _without(first, axis), palm))
            for at in (knuckle, knuckle + 1):
                # A hinge turns about the knuckle's axis, which bending the knuckle leaves alone.
                bone = joints[at + 1] - joints[at]
                angles.append(_bend(joints[at : at + 3], np.cross(axis, bone)))
    return np.degrees(angles).astype(np.float32)


def finger_flexion_deg(flexion: Float32) -> Float32:
    """Return the mean flexion (5,) of each finger, thumb to little, of flexion_deg's (14,)."""
    means = [flexion[rows.start : rows.stop].mean() for rows in FLEXIONS_OF_FINGER]
    return np.array(means, np.float32)


def _bend(chain: Float64, inwards: Float64) -> float:
    """Angle between the two bones of a chain (3, 3) of joints, positive towards `inwards` (3,)."""
    return _angle(chain[1] - chain[0], chain[2] - chain[1], inwards)


def _angle(first: Float64, second: Float64, inwards: Float64) -> float:
    """Angle between two bones (3,) in rad, positive where the second turns towards `inwards`."""
    turned = np.linalg.norm(np.cross(first, second))
    size = np.arctan2(turned, first @ second)
    if not first.any() or not second.any():
        return float("nan")
    return float(np.copysign(size, _without(second, first) @ _without(inwards, first)))


def _without(vector: Float64, axis: Float64) -> Float64:
    """Return what of vector (3,) is at right angles to axis (3,)."""
    return np.asarray(vector - axis * (vector @ axis) / (axis @ axis))
