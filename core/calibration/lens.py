"""Angles of view and focal lengths of pinhole cameras."""

import math
from typing import Final, Literal

#: Where a focal length comes from.
LensSource = Literal["default", "known", "typed", "board"]
FovKind = Literal["diagonal", "horizontal", "vertical"]

#: Standard deviation of the focal length as a share of it, where no board measured it. Webcams
#: have 55 to 90 degrees, so a guess is off by a fifth; data sheets round and count the corners
#: that the maker's own software may cut off; what is typed comes from such a sheet.
FOCAL_SD: Final[dict[LensSource, float]] = {"default": 0.20, "known": 0.04, "typed": 0.04}
LENS_SOURCES: Final[tuple[LensSource, ...]] = ("default", "known", "typed", "board")


def focal_from_fov(fov_deg: float, length_px: float) -> float:
    """Return the focal length in px of a picture whose `length_px` spans this angle."""
    return 0.5 * length_px / math.tan(math.radians(fov_deg) / 2)


def fov_from_focal(focal_px: float, length_px: float) -> float:
    """Return the angle in degrees that `length_px` spans."""
    return math.degrees(2 * math.atan(0.5 * length_px / focal_px))


def longer_side_fov(fov_deg: float, kind: FovKind, width: int, height: int) -> float:
    """Return the angle of view of a picture's longer side, from any of its three angles.

    Args:
        fov_deg: the angle that is known.
        kind: what it spans; "horizontal" and "vertical" of the picture as the camera gives it.
        width: px, likewise `height`; only their ratio counts.
        height: px.
    """
    spans = {"diagonal": math.hypot(width, height), "horizontal": width, "vertical": height}
    focal_px = focal_from_fov(fov_deg, spans[kind])
    return fov_from_focal(focal_px, max(width, height))


def fov_at_aspect(fov_deg: float, aspect: float, wanted_aspect: float) -> float:
    """Return the longer side's angle in a mode of another aspect ratio (longer / shorter side).

    Webcams have wide sensors and cut off the sides for a narrower picture, so what the shorter
    side spans stays (seen on a Logitech C920: its 640 x 480 shows as much from top to bottom as
    its 640 x 360).
    """
    focal_per_short_side = focal_from_fov(fov_deg, aspect)
    return fov_from_focal(focal_per_short_side, wanted_aspect)
