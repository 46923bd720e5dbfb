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

_WRIST, _INDEX_MCP, _LITTLE_MCP = 0, 5, 17
#: The joint of each angle, and its neighbours towards the wrist and towards the tip.
_BEND = np.array([2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19])
_BEFORE = np.array([1, 2, 0, 5, 6, 0, 9, 10, 0, 13, 14, 0, 17, 18])
_AFTER = _BEND + 1
_IS_THUMB = np.arange(len(_BEND)) < len(FLEXIONS_OF_FINGER[0])
_IS_KNUCKLE = _BEFORE == _WRIST
#: The angle of each finger's knuckle, for its other joints.
_KNUCKLE_OF = np.array([0, 0, 2, 2, 2, 5, 5, 5, 8, 8, 8, 11, 11, 11])


def flexion_deg(joints_3d: Float32, side: Side) -> Float32:
    """Return the flexion (14,) in degrees, as FLEXION_NAMES; NaN where a bone has no length.

    Args:
        joints_3d: (21, 3) m, any frame that is not mirrored.
        side: anatomical side.
    """
    joints = np.asarray(joints_3d, np.float64)
    first, second = joints[_BEND] - joints[_BEFORE], joints[_AFTER] - joints[_BEND]
    wrist, little = joints[_WRIST], joints[_LITTLE_MCP]
    palm = _cross(joints[_INDEX_MCP] - wrist, little - wrist) * (1 if side == "right" else -1)
    # A hinge turns about its knuckle's axis, which bending the knuckle leaves alone.
    axis = _cross(first[_KNUCKLE_OF], palm)
    inwards = np.where(_IS_KNUCKLE[:, None], palm, _cross(axis, first))
    # The thumb bends towards the little finger's knuckle, wherever it is opposed to.
    inwards[_IS_THUMB] = little - joints[_BEND[_IS_THUMB]]
    with np.errstate(invalid="ignore", divide="ignore"):
        bone = np.where(_IS_KNUCKLE[:, None], _without(second, axis), second)
        size = np.arctan2(np.linalg.norm(_cross(first, bone), axis=-1), _dot(first, bone))
        sign = np.copysign(1, _dot(_without(bone, first), _without(inwards, first)))
    has_length = (_dot(first, first) > 0) & (_dot(second, second) > 0)
    return np.degrees(np.where(has_length, size * sign, np.nan)).astype(np.float32)


def finger_flexion_deg(flexion: Float32) -> Float32:
    """Return the mean flexion (5,) of each finger, thumb to little, of flexion_deg's (14,)."""
    means = [flexion[rows.start : rows.stop].mean() for rows in FLEXIONS_OF_FINGER]
    return np.array(means, np.float32)


def _cross(a: Float64, b: Float64) -> Float64:
    """Cross product (..., 3); np.cross takes five times as long for so few vectors."""
    rolled = [1, 2, 0]
    return np.asarray((a * b[..., rolled] - a[..., rolled] * b)[..., rolled])


def _dot(a: Float64, b: Float64) -> Float64:
    return np.asarray((a * b).sum(-1))


def _without(vector: Float64, axis: Float64) -> Float64:
    """Return what of vectors (..., 3) is at right angles to axes (..., 3)."""
    return np.asarray(vector - axis * (_dot(vector, axis) / _dot(axis, axis))[..., None])
