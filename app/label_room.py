"""Room for a name beside names that are there already: in saved pictures and in the GL view."""

from collections.abc import Iterable

#: left, low, right, high px; which way y goes is the caller's.
Box = tuple[int, int, int, int]
_GAP_PX = 2


def clear_low(box: Box, taken: Iterable[Box]) -> int:
    """Return the low edge at which a box is clear of others.

    It moves towards smaller y, or to the other side of what it meets where y would be negative.
    """
    left, low, right, high = box
    height = high - low
    for other_left, other_low, other_right, other_high in sorted(taken, key=lambda b: -b[3]):
        beside = right <= other_left or other_right <= left
        if beside or other_high <= low or low + height <= other_low:
            continue
        beyond = other_low - height - _GAP_PX
        low = beyond if beyond >= 0 else other_high + _GAP_PX
    return low
