"""Jitter: how unsteady points are over time, by the frames' own timestamps."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

#: Across a longer gap there is no motion to speak of: smoothing starts anew after it too.
LONGEST_GAP_S = 0.5


def accelerations(
    points: Floats, timestamp_ns: NDArray[np.integer], longest_gap_s: float = LONGEST_GAP_S
) -> Floats:
    """Accelerations at the inner frames, (T - 2, J, 3), in the points' unit per s^2.

    Second divided difference, exact for any motion of constant acceleration however uneven the
    frames: a = 2 ((p2 - p1) / h2 - (p1 - p0) / h1) / (h1 + h2).

    Args:
        points: (T, J, 3); NaN where the hand was not seen, which makes its neighbours NaN too.
        timestamp_ns: (T,) strictly ascending.
        longest_gap_s: next to a longer gap the result is NaN.

    Raises:
        ValueError: shapes are wrong, or time does not ascend.
    """
    step = _steps_s(points, timestamp_ns)
    before, after = step[:-1, None, None], step[1:, None, None]
    velocity = np.diff(points.astype(np.float64), axis=0) / step[:, None, None]
    result = 2 * np.diff(velocity, axis=0) / (before + after)
    result[(np.maximum(before, after) > longest_gap_s)[:, 0, 0]] = np.nan
    return np.asarray(result)


def acceleration_error_mm_s2(
    predicted: Floats,
    target: Floats,
    timestamp_ns: NDArray[np.integer],
    longest_gap_s: float = LONGEST_GAP_S,
) -> float:
    """Mean distance of accelerations, mm/s^2 (Kanazawa et al., HMMR, 2019, per s^2).

    Args:
        predicted: (T, J, 3) m; NaN where the hand was not found.
        target: (T, J, 3) m; NaN where there is no label.
        timestamp_ns: (T,) strictly ascending.
        longest_gap_s: accelerations beside a longer gap are left out.

    Raises:
        ValueError: shapes differ, time does not ascend, or no three frames in a row are judged.
    """
    if predicted.shape != target.shape:
        raise ValueError(f"predicted: expected {target.shape}, got {predicted.shape}")
    # Differences are linear: that of the accelerations is the acceleration of the error.
    error = accelerations(predicted - target, timestamp_ns, longest_gap_s)
    length = np.linalg.norm(error, axis=-1)
    judged = length[np.isfinite(length)]
    if not len(judged):
        raise ValueError("expected three frames in a row with hand and label, got none")
    return float(1e3 * judged.mean())


def still_rms_mm(points: Floats, timestamp_ns: NDArray[np.integer]) -> float:
    """Root mean square distance of a still hand's points from their mean place, mm.

    Each frame weighs as long as it stood on the screen, so that an uneven camera does not bias the
    figure; the last one as long as the one before.

    Args:
        points: (T, J, 3) m; frames with a NaN are left out, and weigh nothing.
        timestamp_ns: (T,) strictly ascending.

    Raises:
        ValueError: shapes are wrong, time does not ascend, or fewer than two frames are finite.
    """
    step = _steps_s(points, timestamp_ns)
    weight = np.append(step, step[-1])
    seen = np.isfinite(points).all((1, 2))
    if seen.sum() < 2:
        raise ValueError(f"expected at least two frames with the hand, got {int(seen.sum())}")
    kept, weight = points[seen].astype(np.float64), weight[seen] / weight[seen].sum()
    away = kept - np.tensordot(weight, kept, 1)
    return float(1e3 * np.sqrt(weight @ np.square(away).sum(-1).mean(1)))


def _steps_s(points: Floats, timestamp_ns: NDArray[np.integer]) -> Floats:
    """Check the shapes and return the times between frames (T - 1,) s."""
    if points.ndim != 3 or points.shape[2] != 3 or len(points) < 2:
        raise ValueError(f"points: expected (T > 1, J, 3), got {points.shape}")
    if timestamp_ns.shape != (len(points),):
        raise ValueError(f"timestamp_ns: expected ({len(points)},), got {timestamp_ns.shape}")
    step = np.diff(timestamp_ns) * 1e-9
    if not (step > 0).all():
        raise ValueError("timestamp_ns: expected strictly ascending times")
    return np.asarray(step)
