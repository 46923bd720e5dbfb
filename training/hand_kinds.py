"""What kind of hand a labelled one is: pose, skin tone and size, for figures of each kind.

The kinds come from labels and pixels alone, never from what a network says.
"""

from typing import Final

import cv2
import numpy as np

from core.topology import MIDDLE_MCP, WRIST
from core.types import Float32, UInt8

#: Knuckles of the four fingers; each is followed by its two joints and its tip.
_KNUCKLES: Final = (5, 9, 13, 17)
#: Knuckle to tip over the finger's length along its bones.
_STRAIGHT: Final = 0.93
_CURLED: Final = 0.72
#: Share of a straight finger's length that points along the camera's axis.
_TOWARDS: Final = 0.75
#: Knuckle breadth over palm length in the picture: a palm seen from its side.
_EDGE_ON: Final = 0.42
POSE_KINDS: Final = ("open", "fist", "side view", "fingers along the axis", "other")
#: Individual typology angle, degrees, from which on a skin is called so (Del Bino et al. 2006).
_TONES: Final = ((41.0, "light"), (10.0, "medium"), (-30.0, "brown"), (-90.0, "dark"))
TONE_KINDS: Final = tuple(name for _, name in _TONES)
_SIZES: Final = ((48.0, "under 48 px"), (96.0, "48 to 96 px"), (160.0, "96 to 160 px"))
SIZE_KINDS: Final = (*(name for _, name in _SIZES), "160 px and more")


def straightness(joints_3d: Float32) -> Float32:
    """Knuckle to tip over the length of the bones between, (4,) in (0, 1], from joints (21, 3)."""
    fingers = np.stack([joints_3d[knuckle : knuckle + 4] for knuckle in _KNUCKLES])
    along = np.linalg.norm(np.diff(fingers, axis=1), axis=-1).sum(1)
    across = np.linalg.norm(fingers[:, 3] - fingers[:, 0], axis=-1)
    return np.asarray(across / np.maximum(along, 1e-9), np.float32)


def pose_kind(keypoints_2d: Float32, joints_3d: Float32) -> str:
    """Return one of POSE_KINDS.

    Args:
        keypoints_2d: (21, 2) px.
        joints_3d: (21, 3), any unit and place, camera axes; a teacher's guess will do.
    """
    straight = straightness(joints_3d)
    if (straight < _CURLED).all():
        return "fist"
    directions = np.stack([joints_3d[k + 3] - joints_3d[k] for k in _KNUCKLES])
    axial = np.abs(directions[:, 2]) / np.maximum(np.linalg.norm(directions, axis=1), 1e-9)
    extended = straight > _STRAIGHT
    if extended.any() and axial[extended].mean() > _TOWARDS:
        return "fingers along the axis"
    palm = np.linalg.norm(keypoints_2d[MIDDLE_MCP] - keypoints_2d[WRIST])
    breadth = np.linalg.norm(keypoints_2d[_KNUCKLES[0]] - keypoints_2d[_KNUCKLES[-1]])
    if breadth < _EDGE_ON * palm:
        return "side view"
    return "open" if extended.all() else "other"


def tone_kind(image: UInt8, keypoints_2d: Float32) -> str:
    """Return one of TONE_KINDS, from the median colour of the palm.

    The individual typology angle atan2(L* - 50, b*) is made for skin in known light (Del Bino et
    al. 2006); a webcam's light shifts it, so a kind is that of the picture, not of the person.

    Args:
        image: (H, W, 3) uint8 RGB.
        keypoints_2d: (21, 2) px.
    """
    outline = keypoints_2d[[WRIST, *_KNUCKLES]].round().astype(np.int32)
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(outline), 1)
    pixels = image[mask > 0]
    if len(pixels) == 0:  # the palm lies outside of the picture
        column, row = np.clip(keypoints_2d.mean(0), 0, np.array(image.shape[1::-1]) - 1).astype(int)
        pixels = image[row, column][None]
    colour = np.median(pixels, axis=0).astype(np.float32)[None, None] / 255
    lightness, _, yellow = cv2.cvtColor(colour, cv2.COLOR_RGB2LAB)[0, 0]
    angle = float(np.degrees(np.arctan2(lightness - 50, max(float(yellow), 1e-3))))
    return next(name for limit, name in _TONES if angle > limit or name == TONE_KINDS[-1])


def size_kind(keypoints_2d: Float32) -> str:
    """Return one of SIZE_KINDS, from the longer side of the box of keypoints (21, 2) px."""
    side = float(np.ptp(keypoints_2d, axis=0).max())
    return next((name for limit, name in _SIZES if side < limit), SIZE_KINDS[-1])
