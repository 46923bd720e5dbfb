"""Two sessions side by side: which hands belong together, how far apart they are, since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from core.session.take import Take
from core.types import HandState

#: Motion is compared at this rate.
_HZ: Final = 30.0
_MOST_OFFSET_S: Final = 20.0
_LEAST_OVERLAP_S: Final = 1.0
_LEAST_CORRELATION: Final = 0.3


@dataclass(frozen=True, slots=True)
class Difference:
    """How two sessions differ at one moment.

    Attributes:
        pairs: hands that are in both, by (track id of A, track id of B).
        apart_mm: mean distance of their joints in the camera frame; None without pairs.
        shape_mm: likewise with the wrists laid on each other; None without pairs.
    """

    pairs: tuple[tuple[int, int], ...]
    apart_mm: float | None
    shape_mm: float | None


def compare_hands(a: Sequence[HandState], b: Sequence[HandState]) -> Difference:
    """Pair the hands of one side that are nearest to each other, and measure them."""
    pairs: list[tuple[HandState, HandState]] = []
    for side in ("left", "right"):
        mine = [hand for hand in a if hand.side == side]
        other = [hand for hand in b if hand.side == side]
        if mine and other:
            places_a = np.stack([hand.joints_3d.mean(0) for hand in mine])
            places_b = np.stack([hand.joints_3d.mean(0) for hand in other])
            cost = np.linalg.norm(places_a[:, None] - places_b[None], axis=-1)
            rows, columns = linear_sum_assignment(cost)
            pairs += [(mine[row], other[column]) for row, column in zip(rows, columns, strict=True)]
    if not pairs:
        return Difference((), None, None)
    gaps = np.stack([one.joints_3d - two.joints_3d for one, two in pairs])
    shapes = gaps - gaps[:, :1]
    return Difference(
        pairs=tuple((one.track_id, two.track_id) for one, two in pairs),
        apart_mm=1000 * float(np.linalg.norm(gaps, axis=-1).mean()),
        shape_mm=1000 * float(np.linalg.norm(shapes, axis=-1).mean()),
    )


def offset_ns(a: Take, b: Take) -> int | None:
    """Return how much later the same motion comes in A than in B; None where nothing tells.

    The speed of the wrists over time, summed over the hands, is shifted to where its normalised
    correlation is largest. At session time t of A, B is to be shown at t - offset.
    """
    speed_a, speed_b = _speed(a), _speed(b)
    most = int(_MOST_OFFSET_S * _HZ)
    least = int(_LEAST_OVERLAP_S * _HZ)
    best, best_shift = _LEAST_CORRELATION, None
    for shift in range(-most, most + 1):
        first, last = max(0, shift), min(len(speed_a), len(speed_b) + shift)
        if last - first < least:
            continue
        value = _correlation(speed_a[first:last], speed_b[first - shift : last - shift])
        if value > best:
            best, best_shift = value, shift
    return None if best_shift is None else round(best_shift * 1e9 / _HZ)


def _speed(take: Take) -> NDArray[np.float64]:
    """Summed speed (T,) m/s of the wrists of all hands, at 30 Hz from the first frame on."""
    if not len(take.timestamps_ns):
        return np.zeros(0)
    begin = int(take.timestamps_ns[0])
    count = int((int(take.timestamps_ns[-1]) - begin) * _HZ / 1e9) + 1
    grid = np.arange(count) / _HZ
    total = np.zeros(count)
    for track in take.tracks:
        times = (track.timestamps_ns - begin) / 1e9
        if len(times) < 2:
            continue
        steps = np.linalg.norm(np.diff(track.transl, axis=0), axis=-1) / np.diff(times)
        middles = (times[1:] + times[:-1]) / 2
        total += np.interp(grid, middles, steps, left=0.0, right=0.0)
    return total


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / scale if scale > 1e-9 else 0.0
