"""Shapes of pictures for which engines of fixed size are built."""

import math
from collections.abc import Mapping
from typing import Final

#: (height, width) px of the picture that an engine of each aspect takes. Cameras give these very
#: sizes; other pictures are scaled to them first.
PICTURE_SIZES: Final[Mapping[str, tuple[int, int]]] = {
    "4x3": (480, 640),
    "16x9": (720, 1280),
    "3x4": (640, 480),
    "9x16": (1280, 720),
}


def nearest_aspect(height: int, width: int) -> str:
    """Return the name of the aspect that a picture of (height, width) px fills best."""

    def difference(name: str) -> float:
        own_height, own_width = PICTURE_SIZES[name]
        return abs(math.log((width / height) / (own_width / own_height)))

    return min(PICTURE_SIZES, key=difference)
