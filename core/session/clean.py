"""Takes cleaned with hindsight: gaps filled, one shape per hand, motion smoothed without lag.

Live smoothing knows only the past, so it lags where it steadies. A whole take can be filtered
forwards and backwards, which shifts nothing in time. Two low-pass filters of that kind run beside
each other, a strong one for what is still and a weak one for what moves, and the motion's own
speed blends them: the idea of the One-Euro filter (Casiez et al. 2012) without its lag.

A hand is placed by its middle knuckle: its direction as seen from the camera, and its depth apart,
which a single camera measures worst. Where the settled shape is larger than a frame's own, the
hand goes farther away in proportion, since only its size in the picture was measured.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from core.hand_model.poser import HandPoser
from core.rotations_np import (
    continuous_quats,
    quat_xyzw_from_rotmat,
    rotmat_from_quat_xyzw,
)
from core.session.take import HandTrack, Take
from core.session.tracks import (
    confidence,
    frame_numbers,
    interpolated,
    rows_of,
    settled_betas,
)
from core.topology import NUM_JOINTS
from core.types import Float32

Float64 = NDArray[np.float64]
#: Nothing can be smoothed with fewer frames.
_FEWEST: Final = 4
#: A filter needs its cutoff below half of the rate; nearer than this to it, it does nothing.
_HIGHEST_SHARE: Final = 0.45
_ORDER: Final = 2


@dataclass(frozen=True, slots=True)
class CleanConfig:
    """How a take is cleaned; raising a cutoff keeps more detail and more noise."""

    # Rotations: cutoffs in Hz of still and moving joints, and the speeds (rad/s) of the two.
    rotation_still_hz: float = 1.5
    rotation_moving_hz: float = 5.0
    rotation_speeds: tuple[float, float] = (0.2, 1.0)
    # Place across the picture: the same, with speeds in m/s at the hand's depth.
    xy_still_hz: float = 1.5
    xy_moving_hz: float = 5.0
    xy_speeds: tuple[float, float] = (0.02, 0.1)
    # Depth: the same.
    z_still_hz: float = 1.0
    z_moving_hz: float = 3.0
    z_speeds: tuple[float, float] = (0.05, 0.2)
    # Default 0.5 s. A hand that is missing for no longer than this is put in between; raising it
    # invents more.
    longest_gap_s: float = 0.5
    # Default 0.1. A row that is worth less (score times joint confidence) counts as missing.
    least_confidence: float = 0.1
    # Default 0.15 m. A hand that jumps so far from one frame to the next is not dragged.
    jump_m: float = 0.15


@dataclass(frozen=True, slots=True)
class TrackReport:
    """What cleaning did to one hand.

    Attributes:
        name: side and track, such as "right_0".
        filled: frames that were missing and are not now.
        replaced: rows that were extrapolated or not to be trusted; they were put in anew or left
            out.
    """

    name: str
    filled: int
    replaced: int


def clean_take(
    take: Take, poser: HandPoser, config: CleanConfig | None = None
) -> tuple[Take, tuple[TrackReport, ...]]:
    """Return the take cleaned, from its raw values. Hands without a row to trust are left out.

    Args:
        take: as measured.
        poser: of the hand that the take is posed with.
        config: how.
    """
    config = config or CleanConfig()
    tracks, reports = [], []
    for track in take.tracks:
        trusted = rows_of(track, np.flatnonzero(_trusted(track, config)))
        if not len(trusted.timestamps_ns):
            continue
        filled = _filled(take, trusted, config)
        tracks.append(_smoothed(filled, poser, config))
        had = np.isin(filled.timestamps_ns, track.timestamps_ns)
        lost = len(track.timestamps_ns) - len(trusted.timestamps_ns)
        name = f"{track.side}_{track.track_id}"
        reports.append(TrackReport(name, int((~had).sum()), lost))
    return replace(take, tracks=tuple(tracks)), tuple(reports)


def _trusted(track: HandTrack, config: CleanConfig) -> NDArray[np.bool_]:
    arrays = (track.pose, track.betas, track.transl, track.joint_confidence)
    count = len(track.timestamps_ns)
    finite = np.all([np.isfinite(part.reshape(count, -1)).all(1) for part in arrays], axis=0)
    good = confidence(track) >= config.least_confidence
    return np.asarray(finite & track.seen & good & (track.transl[:, 2] > 0))


def _filled(take: Take, track: HandTrack, config: CleanConfig) -> HandTrack:
    """Return the track with rows in the frames of its short gaps; those are not `seen`."""
    numbers = frame_numbers(take, track)
    first, last = int(numbers[0]), int(numbers[-1])
    frames = np.arange(first, last + 1)
    right = np.searchsorted(numbers, frames)
    there = numbers[right] == frames
    left = np.where(there, right, right - 1)
    gap_ns = track.timestamps_ns[right] - track.timestamps_ns[left]
    keep = there | (gap_ns <= config.longest_gap_s * 1e9)
    left, right, there = left[keep], right[keep], there[keep]
    times_ns = take.timestamps_ns[frames[keep]]
    span_ns = np.maximum(gap_ns[keep], 1)
    share = np.where(there, 0.0, (times_ns - track.timestamps_ns[left]) / span_ns)
    result = interpolated(track, left, right, share, times_ns)
    keypoints = result.keypoints_2d.copy()
    keypoints[~there] = np.nan
    joint_confidence = np.where(there[:, None], result.joint_confidence, 0)
    return replace(
        result,
        seen=there,
        keypoints_2d=keypoints,
        joint_confidence=joint_confidence.astype(np.float32),
    )


def _smoothed(track: HandTrack, poser: HandPoser, config: CleanConfig) -> HandTrack:
    """Return the track with one shape and smooth motion."""
    count = len(track.timestamps_ns)
    betas = np.tile(settled_betas(track), (count, 1))
    is_right = np.full(count, track.side == "right")
    knuckle = track.transl + poser.knuckle_from_wrist(is_right, track.pose, track.betas)
    larger = poser.finger_length(betas[:1]) / poser.finger_length(track.betas)
    place = np.concatenate((knuckle[:, :2] / knuckle[:, 2:], knuckle[:, 2:]), axis=1)
    place[:, 2] *= larger
    place = place.astype(np.float64)
    quats = np.asarray(continuous_quats(quat_xyzw_from_rotmat(track.pose)), np.float64)
    seconds = track.timestamps_ns / 1e9
    for rows in _stretches(seconds, place, config):
        place[rows], quats[rows] = _filtered(seconds[rows], place[rows], quats[rows], config)
    pose = rotmat_from_quat_xyzw(quats).astype(np.float32)
    knuckle = np.concatenate((place[:, :2] * place[:, 2:], place[:, 2:]), axis=1)
    transl = knuckle.astype(np.float32) - poser.knuckle_from_wrist(is_right, pose, betas)
    return replace(track, pose=pose, betas=betas, transl=transl)


def _stretches(seconds: Float64, place: Float64, config: CleanConfig) -> Iterator[slice]:
    """Yield the stretches between gaps and jumps that are long enough to be smoothed."""
    across = np.linalg.norm(np.diff(place[:, :2], axis=0), axis=1) * place[1:, 2]
    breaks = (np.diff(seconds) > config.longest_gap_s) | (across > config.jump_m)
    edges = [0, *(np.flatnonzero(breaks) + 1).tolist(), len(seconds)]
    for start, end in itertools.pairwise(edges):
        if end - start >= _FEWEST:
            yield slice(start, end)


def _filtered(
    seconds: Float64, place: Float64, quats: Float64, config: CleanConfig
) -> tuple[Float64, Float64]:
    """Smooth place (F, 3) as (x/z, y/z, z) and quaternions (F, 16, 4) of one stretch.

    The frames come at their own times; the filters run on an even grid of as many.
    """
    even = _EvenGrid(seconds)
    across, depth = even.to(place[:, :2]), even.to(place[:, 2:])
    distance = depth.mean()
    speeds = tuple(speed / distance for speed in config.xy_speeds)
    across = _blended(across, even.rate_hz, config.xy_still_hz, config.xy_moving_hz, speeds)
    depth = _blended(depth, even.rate_hz, config.z_still_hz, config.z_moving_hz, config.z_speeds)
    flat = even.to(quats.reshape(len(quats), -1))
    turns = flat.reshape(-1, *quats.shape[1:])
    turns = _blended(
        turns, even.rate_hz, config.rotation_still_hz, config.rotation_moving_hz,
        tuple(0.5 * speed for speed in config.rotation_speeds),  # |dq/dt| is half the turn's rate
    )  # fmt: skip
    back = even.back(turns.reshape(len(turns), -1)).reshape(quats.shape)
    # The mean of neighbouring rotations: Markley et al. 2007, for those on one hemisphere.
    back /= np.linalg.norm(back, axis=-1, keepdims=True)
    return even.back(np.concatenate((across, depth), axis=1)), back


class _EvenGrid:
    """As many times at even steps, and the way there and back."""

    def __init__(self, seconds: Float64) -> None:
        self._own = seconds
        self._even = np.linspace(seconds[0], seconds[-1], len(seconds))
        self.rate_hz = (len(seconds) - 1) / (seconds[-1] - seconds[0])

    def to(self, values: Float64) -> Float64:
        return _at(self._even, self._own, values)

    def back(self, values: Float64) -> Float64:
        return _at(self._own, self._even, values)


def _at(wanted: Float64, known: Float64, values: Float64) -> Float64:
    """Values (F, C) at other times, by linear interpolation."""
    right = np.clip(np.searchsorted(known, wanted), 1, len(known) - 1)
    share = (wanted - known[right - 1]) / (known[right] - known[right - 1])
    return np.asarray(values[right - 1] + share[:, None] * (values[right] - values[right - 1]))


def _blended(
    values: Float64, rate_hz: float, still_hz: float, moving_hz: float, speeds: tuple[float, ...]
) -> Float64:
    """Values (F, ..., C) by the strong filter at rest, by the weak one in motion.

    Args:
        values: at an even rate; the last axis is one quantity, whose length of change is its speed.
        rate_hz: of the values.
        still_hz: cutoff below the first speed.
        moving_hz: cutoff above the second speed.
        speeds: per second.
    """
    moving = _low_pass(values, rate_hz, moving_hz)
    still = _low_pass(values, rate_hz, still_hz)
    # Noise that the weak filter leaves must not look like speed.
    calm = _low_pass(values, rate_hz, 0.5 * (still_hz + moving_hz))
    speed = np.linalg.norm(np.gradient(calm, axis=0) * rate_hz, axis=-1, keepdims=True)
    share = np.clip((speed - speeds[0]) / (speeds[1] - speeds[0]), 0, 1)
    share = np.clip(_low_pass(share, rate_hz, moving_hz), 0, 1)
    return np.asarray(still + share * (moving - still))


def _low_pass(values: Float64, rate_hz: float, cutoff_hz: float) -> Float64:
    """Values (F, ...) through a Butterworth filter forwards and backwards: no lag."""
    if cutoff_hz >= _HIGHEST_SHARE * rate_hz:
        return values
    sections = butter(_ORDER, cutoff_hz, fs=rate_hz, output="sos")
    padding = min(len(values) - 1, int(rate_hz / cutoff_hz))
    return np.asarray(sosfiltfilt(sections, values, axis=0, padtype="odd", padlen=padding))


@dataclass(frozen=True, slots=True)
class Quality:
    """How steady a hand is, and how well it lies on the picture.

    Attributes:
        jitter_mm: mean distance of the joints from the middle between their neighbours in time.
        reprojection_px: mean distance of projected joints from the keypoints that the network
            saw, weighted by their confidence; NaN where it saw none.
    """

    jitter_mm: float
    reprojection_px: float


def quality(take: Take, track: HandTrack, poser: HandPoser) -> Quality:
    """Measure one hand of a take."""
    joints = np.concatenate([np.zeros((0, NUM_JOINTS, 3)), *_joints(track, poser)])
    numbers = frame_numbers(take, track)
    inner = (numbers[2:] - numbers[:-2]) == 2
    away = joints[1:-1] - 0.5 * (joints[2:] + joints[:-2])
    jitter = np.linalg.norm(away[inner], axis=-1)
    with np.errstate(all="ignore"):
        projected = joints @ take.K.T
        pixels = projected[..., :2] / projected[..., 2:]
        distance = np.linalg.norm(pixels - track.keypoints_2d, axis=-1)
    weight = np.where(np.isfinite(distance), track.joint_confidence, 0)
    total = float(weight.sum())
    return Quality(
        jitter_mm=float(1e3 * jitter.mean()) if jitter.size else float("nan"),
        reprojection_px=float((weight * np.nan_to_num(distance)).sum() / total)
        if total > 0
        else float("nan"),
    )


def _joints(track: HandTrack, poser: HandPoser) -> Iterator[Float32]:
    """Yield joints (N, 21, 3) m, block by block."""
    for start in range(0, len(track.pose), 512):
        rows = slice(start, start + 512)
        is_right = np.full(len(track.pose[rows]), track.side == "right")
        posed = poser.pose(is_right, track.pose[rows], track.betas[rows], track.transl[rows])
        yield posed.joints_3d
