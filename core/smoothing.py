"""Steady hands: One-Euro filters of pose and place, running means of shape and skin.

One-Euro: Casiez, Roussel, Vogel, "1 Euro Filter", CHI 2012, with a floor under the speed
(`SmoothingConfig`) and with the speed filtered as a vector, so that noise cancels before its
length is taken. On SO(3) the filter runs along the geodesic from the smoothed to the measured
rotation, which is slerp with the hemispheres aligned.

Two choices keep the drawn hand on the hand of the picture. A hand is placed by its middle
knuckle, the point that the network measures, and the direction towards it is filtered apart from
its depth, so noise of the depth moves nothing in the picture. And where the settled shape is
larger than this frame's, the hand is put farther away in proportion: only its size in the picture
was measured.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.config import SmoothingConfig
from core.geometry import all_finite, is_sound, project
from core.hand_model.length import HandLength
from core.hand_model.poser import HandPoser
from core.rotations_np import rotmat_from_rotvec, rotvec_from_rotmat
from core.topology import MIDDLE_MCP
from core.types import Float32, HandState, TrackedHands

Float64 = NDArray[np.float64]
Number = TypeVar("Number", float, Float64)

_GAP_S: Final = 0.5
_MIN_DT_S: Final = 0.001
_MAX_DT_S: Final = 0.2
#: Light changes as a hand turns, but not from frame to frame.
_LIGHT_HZ: Final = 1.0
#: Hands whose shape and skin are remembered: one that is gone may return under its id.
_MOST_SHAPES: Final = 32


@dataclass(slots=True)
class _Motion:
    """Filter state of N hands; row i of every field is the same hand.

    Attributes:
        measured: (N, 16, 3, 3) last measured rotations.
        rotation: (N, 16, 3, 3) smoothed rotations.
        spin: (N, 16, 3) rad/s, smoothed angular velocity in the joint's own frame.
        place_measured: (N, 3) last measured knuckle as (x/z, y/z, z m).
        place: (N, 3) smoothed.
        speed: (N, 3) smoothed (1/s, 1/s, m/s).
    """

    measured: Float64
    rotation: Float64
    spin: Float64
    place_measured: Float64
    place: Float64
    speed: Float64

    @classmethod
    def at_rest(cls, rotation: Float64, place: Float64) -> "_Motion":
        """Start where the hands are."""
        spin = np.zeros(rotation.shape[:-1])
        speed = np.zeros(place.shape)
        return cls(rotation, rotation, spin, place, place, speed)

    def continued(self, old: "_Motion", rows: NDArray[np.intp]) -> "_Motion":
        """Return this state with the rows of `old` where they are known (rows >= 0)."""
        known = rows >= 0
        merged = []
        for item in fields(self):
            fresh = getattr(self, item.name).copy()
            fresh[known] = getattr(old, item.name)[rows[known]]
            merged.append(fresh)
        return _Motion(*merged)


class _Shape:
    """Running confidence-weighted mean of one hand's betas and albedo, frozen after a while."""

    def __init__(self) -> None:
        self.betas: Float32 = np.zeros(0, np.float32)
        self.albedo: Float32 | None = None
        self.light: Float32 | None = None
        self._weight = 0.0
        self._albedo_weight = 0.0
        self._good_frames = 0

    def learned(self, config: SmoothingConfig) -> float:
        """Return the share of the good frames that it takes, in [0, 1]."""
        return min(1.0, self._good_frames / config.shape_frames)

    def add(self, hand: HandState, config: SmoothingConfig, light_gain: float) -> None:
        """Take in one seen frame."""
        if hand.light is not None:
            old = hand.light if self.light is None else self.light
            self.light = old + np.float32(light_gain) * (hand.light - old)
        if self._good_frames >= config.shape_frames:
            return
        weight = max(1e-3, hand.score * float(hand.joint_confidence.mean()))
        self._good_frames += weight >= config.shape_confidence
        old_betas = self.betas if self._weight else hand.betas
        self._weight += weight
        self.betas = old_betas + np.float32(weight / self._weight) * (hand.betas - old_betas)
        if hand.albedo is not None and all_finite(hand.albedo):
            old_albedo = hand.albedo if self.albedo is None else self.albedo
            self._albedo_weight += weight
            share = np.float32(weight / self._albedo_weight)
            self.albedo = old_albedo + share * (hand.albedo - old_albedo)


class HandSmoother:
    """Smooths the hands of one stream of frames, each by its track id."""

    def __init__(
        self, config: SmoothingConfig, poser: HandPoser, length: HandLength | None = None
    ) -> None:
        """Start without hands; without `length`, `config.hand_length_m` changes nothing."""
        self._config = config
        self._poser = poser
        self._length = length
        self.reset()

    def apply(self, config: SmoothingConfig) -> None:
        """Use other settings from the next frame on."""
        self._config = config

    def reset(self) -> None:
        """Forget every hand."""
        self._last_ns: int | None = None
        self._keys: list[tuple[int, str]] = []
        self._motion: _Motion | None = None
        self._shapes: dict[int, _Shape] = {}

    def update(self, tracked: TrackedHands) -> TrackedHands:
        """Return the hands smoothed; one that is not finite is left out and forgotten."""
        if not self._config.enabled:
            self.reset()
            return tracked
        dt_s = self._step_s(tracked.frame.timestamp_ns)
        hands = [hand for hand in tracked.hands if is_sound(hand)]
        shapes = {h.track_id: self._shapes.pop(h.track_id, _Shape()) for h in hands}
        # The latest are last.
        self._shapes = dict([*self._shapes.items(), *shapes.items()][-_MOST_SHAPES:])
        if not hands:
            self._keys, self._motion = [], None
            return replace(tracked, hands=(), predicted=frozenset())
        light_gain = _gain(_LIGHT_HZ, dt_s)
        for hand in hands:
            shape = shapes[hand.track_id]
            if hand.track_id not in tracked.predicted or not shape.betas.size:
                shape.add(hand, self._config, light_gain)

        betas = np.stack([shapes[hand.track_id].betas for hand in hands])
        if self._length is not None and self._config.hand_length_m:
            betas = self._length.with_length(betas, self._config.hand_length_m)
        rotation, place = self._measured(hands, betas)
        motion = self._filter(hands, rotation, place, dt_s)
        self._keys = [(hand.track_id, hand.side) for hand in hands]
        self._motion = motion
        smoothed = self._posed(hands, motion, betas, tracked)
        return replace(
            tracked,
            hands=smoothed,
            predicted=tracked.predicted.intersection(hand.track_id for hand in hands),
            shape_learned={key: one.learned(self._config) for key, one in shapes.items()},
        )

    def _step_s(self, timestamp_ns: int) -> float:
        """Return the time since the last frame in s; a gap or a step back forgets all motion."""
        last_ns, self._last_ns = self._last_ns, timestamp_ns
        dt_s = 0.0 if last_ns is None else (timestamp_ns - last_ns) / 1e9
        if not 0 <= dt_s <= _GAP_S:
            self._keys, self._motion = [], None
        return min(max(dt_s, _MIN_DT_S), _MAX_DT_S)

    def _measured(self, hands: Iterable[HandState], betas: Float32) -> tuple[Float64, Float64]:
        """Return rotations (N, 16, 3, 3) and places (N, 3) of what was seen."""
        rotation = np.stack([hand.pose for hand in hands]).astype(np.float64)
        knuckle = np.stack([hand.joints_3d[MIDDLE_MCP] for hand in hands]).astype(np.float64)
        seen_betas = np.stack([hand.betas for hand in hands])
        larger = self._poser.finger_length(betas) / self._poser.finger_length(seen_betas)
        place = np.concatenate((knuckle[:, :2] / knuckle[:, 2:], knuckle[:, 2:]), axis=1)
        place[:, 2] *= larger
        return rotation, place

    def _filter(
        self, hands: list[HandState], rotation: Float64, place: Float64, dt_s: float
    ) -> _Motion:
        """Advance the One-Euro filters of all hands by one frame."""
        config = self._config
        motion = _Motion.at_rest(rotation, place)
        if self._motion is not None:
            rows = np.array(
                [_index(self._keys, (hand.track_id, hand.side)) for hand in hands], np.intp
            )
            jump = self._motion.place[rows, :2] - place[:, :2]
            jumps = np.linalg.norm(jump, axis=1) * place[:, 2] > config.jump_m
            motion = motion.continued(self._motion, np.where(jumps, -1, rows))
        follow = _gain(config.speed_hz, dt_s)

        turns = np.stack((motion.measured, motion.rotation)).swapaxes(-1, -2) @ rotation
        turned, behind = rotvec_from_rotmat(turns)
        spin = motion.spin + follow * (turned / dt_s - motion.spin)
        rate = np.linalg.norm(spin, axis=-1, keepdims=True)
        gain = _gain(_cutoff(rate, config.rotation_min_hz, config.rotation_beta,
                             config.rotation_rest), dt_s)  # fmt: skip
        smoothed = motion.rotation @ rotmat_from_rotvec(gain * behind)

        speed = motion.speed + follow * ((place - motion.place_measured) / dt_s - motion.speed)
        across = np.linalg.norm(speed[:, :2], axis=1, keepdims=True) * place[:, 2:]
        xy_hz = _cutoff(across, config.xy_min_hz, config.xy_beta, config.xy_rest)
        z_hz = _cutoff(np.abs(speed[:, 2:]), config.z_min_hz, config.z_beta, config.z_rest)
        gains = _gain(np.concatenate((xy_hz, xy_hz, z_hz), axis=1), dt_s)
        settled = motion.place + gains * (place - motion.place)
        return _Motion(rotation, smoothed, spin, place, settled, speed)

    def _posed(
        self, hands: list[HandState], motion: _Motion, betas: Float32, tracked: TrackedHands
    ) -> tuple[HandState, ...]:
        """Skin the smoothed hands and project them."""
        pose = motion.rotation.astype(np.float32)
        knuckle = motion.place.astype(np.float32)
        knuckle[:, :2] *= knuckle[:, 2:]
        is_right = np.array([hand.side == "right" for hand in hands])
        posed, transl = self._poser.pose_at_knuckle(is_right, pose, betas, knuckle)
        joints_2d = project(posed.joints_3d, tracked.frame.K)
        smoothed = []
        for row, hand in enumerate(hands):
            shape = self._shapes[hand.track_id]
            smoothed.append(
                replace(
                    hand,
                    pose=pose[row],
                    betas=betas[row],
                    transl=transl[row],
                    vertices=posed.vertices[row],
                    joints_3d=posed.joints_3d[row],
                    joints_2d=joints_2d[row],
                    albedo=shape.albedo,
                    light=shape.light,
                )
            )
        return tuple(smoothed)


def lag_s(config: SmoothingConfig, speed_m_s: float) -> float:
    """Return how far behind a hand is drawn that moves across the picture at a steady speed.

    A first-order low-pass with cutoff f that takes the share a = 2 pi f dt / (1 + 2 pi f dt) of
    the way in each step trails a ramp by (1 - a) / a * dt = 1 / (2 pi f), whatever dt is. One-Euro
    (Casiez et al. 2012, equation 10, here with a floor under the speed) has
    f = xy_min_hz + xy_beta * max(0, speed - xy_rest), the speed itself having settled, so

        lag = 1 / (2 pi (xy_min_hz + xy_beta * max(0, speed - xy_rest))).
    """
    if not config.enabled:
        return 0.0
    cutoff = _cutoff(np.asarray(speed_m_s), config.xy_min_hz, config.xy_beta, config.xy_rest)
    return 1 / (2 * math.pi * float(cutoff))


def _index(keys: list[tuple[int, str]], key: tuple[int, str]) -> int:
    return keys.index(key) if key in keys else -1


def _cutoff(speed: Float64, min_hz: float, beta: float, rest: float) -> Float64:
    """Return the One-Euro cutoff in Hz for a speed."""
    return np.asarray(min_hz + beta * np.maximum(0, speed - rest))


def _gain(cutoff_hz: Number, dt_s: float) -> Number:
    """Return the share of the way that a first-order low-pass goes in one step."""
    turn = 2 * math.pi * dt_s * cutoff_hz
    return turn / (1 + turn)
