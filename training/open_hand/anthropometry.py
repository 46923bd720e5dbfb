"""Sizes of adult hands: what a hand measures, and what people measure.

Figures: 2012 Anthropometric Survey of U.S. Army Personnel (ANSUR II), Gordon et al. 2014,
NATICK/TR-15/007, public data set (4082 men, 1986 women), "hand length" (stylion to dactylion III)
and "hand breadth" (metacarpale II to metacarpale V). Weighted by those numbers the means below give
the 189.3 mm and 85.0 mm that are published for the combined sample; the standard deviations are as
quoted from the public data set and have not been compared with the report's printed tables.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Size:
    """Mean and standard deviation in metres."""

    mean: float
    std: float


LENGTH_MEN: Final = Size(0.1933, 0.0099)
LENGTH_WOMEN: Final = Size(0.1811, 0.0097)
BREADTH_MEN: Final = Size(0.0883, 0.0043)
BREADTH_WOMEN: Final = Size(0.0782, 0.0039)

# Where along the fingers the edges of the palm are looked for, either side of a knuckle, m.
_EDGE_WINDOW: Final = 0.007
_INDEX_KNUCKLE, _LITTLE_KNUCKLE = 1, 7


def pooled(men: Size, women: Size) -> Size:
    """Mean and standard deviation of as many men as women together."""
    between = (men.mean - women.mean) / 2
    variance = (men.std**2 + women.std**2) / 2 + between**2
    return Size((men.mean + women.mean) / 2, float(np.sqrt(variance)))


def hand_length(
    vertices: NDArray[np.floating], joints: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Wrist joint to the farthest fingertip along the hand (N,) m, of hands at rest.

    The wrist joint stands for the stylion, which lies at the same height.

    Args:
        vertices: (N, V, 3) m, fingers along -x.
        joints: (N, 16, 3) m.
    """
    length: NDArray[np.floating] = joints[:, 0, 0] - vertices[..., 0].min(-1)
    return length


def hand_breadth(
    vertices: NDArray[np.floating],
    joints: NDArray[np.floating],
    weights: NDArray[np.floating],
) -> NDArray[np.floating]:
    """Breadth across the knuckles, without the thumb (N,) m, of hands at rest.

    Args:
        vertices: (N, V, 3) m.
        joints: (N, 16, 3) m.
        weights: (V, 16), which tell the thumb's vertices.
    """
    palm = vertices[:, weights[:, 13:].sum(1) < 0.05]
    x, z = palm[..., 0], palm[..., 2]
    at_index = np.abs(x - joints[:, _INDEX_KNUCKLE, None, 0]) < _EDGE_WINDOW
    at_little = np.abs(x - joints[:, _LITTLE_KNUCKLE, None, 0]) < _EDGE_WINDOW
    radial = np.where(at_index, z, -np.inf).max(-1)
    ulnar = np.where(at_little, z, np.inf).min(-1)
    breadth: NDArray[np.floating] = radial - ulnar
    return breadth
