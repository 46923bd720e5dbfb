"""Colours of hands, the same in the window and in written overlays."""

from typing import Final, Literal

#: What gives a surface its colour: one for each hand, the predicted skin, or its normals.
SurfaceColour = Literal["hand", "skin", "normals"]
SURFACE_COLOURS: Final[tuple[SurfaceColour, ...]] = ("hand", "skin", "normals")

#: Okabe and Ito (2008), "Color universal design", without black: told apart by colour-blind people.
HAND_COLOURS: Final[tuple[tuple[int, int, int], ...]] = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (240, 228, 66),
    (213, 94, 0),
    (0, 114, 178),
    (187, 187, 187),
)
