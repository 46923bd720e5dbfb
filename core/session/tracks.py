"""Takes put on another clock, and reduced to one shape per hand."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.rotations_np import slerp
from core.session.take import HandTrack, Take
from core.types import Float32

Int64 = NDArray[np.int64]

#: Nothing is known about a hand between two sights of it that are farther apart.
LONGEST_GAP_S: Final = 0.5
_LEAST_WEIGHT: Final = 1e-3


def rows_of(track: HandTrack, rows: NDArray[np.intp]) -> HandTrack:
    """Return the track with these rows alone."""
    return replace(
        track,
        timestamps_ns=track.timestamps_ns[rows],
        pose=track.pose[rows],
        betas=track.betas[rows],
        transl=track.transl[rows],
        score=track.score[rows],
        joint_confidence=track.joint_confidence[rows],
        keypoints_2d=track.keypoints_2d[rows],
        seen=track.seen[rows],
    )


def frame_numbers(take: Take, track: HandTrack) -> NDArray[np.intp]:
    """Number (F,) of the take's frame that each row of the track belongs to."""
    return np.searchsorted(take.timestamps_ns, track.timestamps_ns)


def mean_rate(take: Take) -> float:
    """Return the frames per second of a take, by the median step; 30 for a single frame."""
    if len(take.timestamps_ns) < 2:
        return 30.0
    return float(1e9 / np.median(np.diff(take.timestamps_ns)))


def resampled(take: Take, rate_hz: float) -> Take:
    """Return the take at an even rate from its first frame on.

    Rotations go by slerp, numbers by linear interpolation. Where a frame of the take lacks the
    hand, or two of them are more than LONGEST_GAP_S apart, the gap stays.
    """
    times_ns = take.timestamps_ns
    if len(times_ns) == 0:
        return take
    span_s = (times_ns[-1] - times_ns[0]) / 1e9
    # A hair more than the span, so that rounding does not lose the last frame.
    count = int(span_s * rate_hz + 1e-3) + 1
    grid = times_ns[0] + np.round(np.arange(count) * (1e9 / rate_hz)).astype(np.int64)
    grid = np.minimum(grid, times_ns[-1]) if count > 1 else grid
    tracks = (_at(track, frame_numbers(take, track), grid) for track in take.tracks)
    return replace(
        take,
        timestamps_ns=grid,
        tracks=tuple(track for track in tracks if len(track.timestamps_ns)),
    )


def _at(track: HandTrack, numbers: NDArray[np.intp], grid_ns: Int64) -> HandTrack:
    """Return the track at those of the times (N,) at which it is known."""
    own = track.timestamps_ns
    right = np.clip(np.searchsorted(own, grid_ns), 0, len(own) - 1)
    left = np.where(own[right] == grid_ns, right, np.maximum(right - 1, 0))
    step_s = (own[right] - own[left]) / 1e9
    joined = (numbers[right] - numbers[left] <= 1) & (step_s <= LONGEST_GAP_S)
    known = joined & (grid_ns >= own[left]) & (grid_ns <= own[right])
    left, right, times_ns = left[known], right[known], grid_ns[known]
    step_ns = np.maximum(own[right] - own[left], 1)
    return interpolated(track, left, right, ((times_ns - own[left]) / step_ns), times_ns)


def interpolated(
    track: HandTrack,
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    share: NDArray[np.floating],
    times_ns: Int64,
) -> HandTrack:
    """Return a track of M rows, each so much of the way (M,) from row `left` to row `right`."""

    def mixed(values: Float32) -> Float32:
        weight = share.astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
        with np.errstate(invalid="ignore"):
            between = values[left] + weight * (values[right] - values[left])
        result: Float32 = np.where(weight == 0, values[left], between)
        return result

    return replace(
        track,
        timestamps_ns=times_ns,
        pose=slerp(track.pose[left], track.pose[right], share[:, None]).astype(np.float32),
        betas=mixed(track.betas),
        transl=mixed(track.transl),
        score=mixed(track.score),
        joint_confidence=mixed(track.joint_confidence),
        keypoints_2d=mixed(track.keypoints_2d),
        seen=track.seen[left] & track.seen[right],
    )


def confidence(track: HandTrack) -> Float32:
    """Return what each row (F,) is worth: score times mean joint confidence, less if unseen."""
    weight = track.score * track.joint_confidence.mean(1) * track.seen
    weight = np.where(np.isfinite(weight), weight, 0)
    return np.maximum(weight, _LEAST_WEIGHT).astype(np.float32)


def settled_betas(track: HandTrack) -> Float32:
    """Return the one shape (10,) of the hand: the confidence-weighted mean of its betas."""
    weight = confidence(track).astype(np.float64)
    mean: Float32 = ((weight / weight.sum()) @ track.betas).astype(np.float32)
    return mean
