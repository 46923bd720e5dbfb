"""How far a hand is, and how far off that may be.

One camera sees a hand's size in the picture alone: l px for a hand of length L at depth z is
l = f L / z, so z = f L / l. Errors of f and L are independent and enter as shares:

    sd(z) / z = sqrt((sd(f) / f)^2 + (sd(L) / L)^2)

sd(f) / f comes with the lens: a board states it, a data sheet or a guess has that of
`core.calibration.lens.FOCAL_SD`. L is the person's: typed in, it is known to about 2 mm in 190,
else it is what people's hands differ by once the picture has told its proportions, about 5 %
(adult hand lengths scatter by 5 to 6 % of their mean within one sex, ANSUR II 2012). What the
network itself measures wrongly in l is not in it.
"""

import math
from dataclasses import dataclass
from typing import Final

from core.topology import MIDDLE_MCP
from core.types import HandState

UNKNOWN_LENGTH_SD: Final = 0.05
MEASURED_LENGTH_SD: Final = 0.01


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance and its standard deviation, in metres."""

    metres: float
    sd_m: float

    def __str__(self) -> str:
        """Return it in whole centimetres, for a person."""
        return f"{100 * self.metres:.0f} \u00b1 {max(1.0, 100 * self.sd_m):.0f} cm"


def distance_of(hand: HandState, focal_sd: float, *, is_length_known: bool) -> Distance:
    """Return how far the hand's middle knuckle is from the camera, straight to it.

    Args:
        hand: as tracked.
        focal_sd: standard deviation of the focal length as a share of it.
        is_length_known: whether the person's hand length was typed in.
    """
    x, y, z = (float(value) for value in hand.joints_3d[MIDDLE_MCP])
    metres = math.sqrt(x * x + y * y + z * z)
    length_sd = MEASURED_LENGTH_SD if is_length_known else UNKNOWN_LENGTH_SD
    return Distance(metres, metres * math.hypot(focal_sd, length_sd))
