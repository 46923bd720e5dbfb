"""One hand over time: where it goes, which side it is of and what colour."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.geometry import mirror_rotmat
from core.topology import MIDDLE_MCP
from core.types import Detections, Float32, HandState, Side

Float64 = NDArray[np.float64]

_MAX_SPEED_M_S: Final = 3.0
#: Time constants of a hand's velocity and of its mean colour.
_VELOCITY_S: Final = 0.06
_SKIN_GAIN: Final = 0.1
#: Log-odds of a side: what one frame may add, and what all frames together may amount to. A hand
#: has one side for good, but frames in a row err together, so the latest 20 sure ones decide. A
#: hand that returns brings half of them along: it may be its owner's other one after all.
_FRAME_LOG_ODDS: Final = 2.0
_MAX_LOG_ODDS: Final = 40.0
_RETURN_LOG_ODDS: Final = 20.0


@dataclass(slots=True, eq=False)
class Track:
    """One hand over time; track_id -1 until it is confirmed.

    Attributes:
        hand: as last seen, of the track's side.
        velocity: (3,) m/s of the middle knuckle across the picture, z component 0.
        born_ns: when it was first seen, or seen again after it was gone.
        seen_ns: when it was last seen.
        hits: frames in which it was seen.
        right_log_odds: accumulated evidence, positive for a right hand.
        contrary_frames: how many frames in a row spoke for the other side.
        skin: (3,) mean albedo, or None.
    """

    track_id: int
    hand: HandState
    velocity: Float64
    born_ns: int
    seen_ns: int
    hits: int
    right_log_odds: float
    contrary_frames: int
    skin: Float64 | None

    @property
    def side(self) -> Side:
        """Which hand it is taken for."""
        return self.hand.side

    def expected_shift(self, now_ns: int, coast_s: float) -> Float64:
        """Return how far (3,) m it has moved since it was seen, slowing down as it coasts."""
        age_s = max(0, now_ns - self.seen_ns) / 1e9
        way_s = coast_s * -math.expm1(-age_s / coast_s) if coast_s > 0 else 0.0
        return self.velocity * way_s

    def take_motion(self, hand: HandState, now_ns: int) -> None:
        """Learn the velocity from where it is seen now."""
        dt_s = max(0.001, (now_ns - self.seen_ns) / 1e9)
        # Plain numbers: numpy takes ten times as long with three of them, eight times a frame.
        old_x, old_y, old_z = self.hand.joints_3d[MIDDLE_MCP].tolist()
        x, y, z = hand.joints_3d[MIDDLE_MCP].tolist()
        last_x, last_y, _ = self.velocity.tolist()
        share = -math.expm1(-dt_s / _VELOCITY_S)
        speed_x = last_x + share * ((x / z - old_x / old_z) * z / dt_s - last_x)
        speed_y = last_y + share * ((y / z - old_y / old_z) * z / dt_s - last_y)
        slower = max(1.0, math.hypot(speed_x, speed_y) / _MAX_SPEED_M_S)
        self.velocity = np.array([speed_x / slower, speed_y / slower, 0.0])

    def take_skin(self, skin: Float64 | None) -> None:
        """Take a frame's mean colour (3,) into the hand's."""
        if skin is not None:
            self.skin = skin if self.skin is None else self.skin + _SKIN_GAIN * (skin - self.skin)

    def takes_side(self, side: Side, right_probability: float, flip_frames: int) -> bool:
        """Weigh the side of a detection; say whether the hand may have it."""
        said = _log_odds(right_probability)
        if self.track_id < 0:  # nobody has seen its side yet
            self.right_log_odds = said if side != self.side else self.right_log_odds + said
            return True
        self.right_log_odds = _bounded(self.right_log_odds + said)
        if side == self.side:
            self.contrary_frames = 0
            return True
        self.contrary_frames += 1
        speaks_for: Side = "right" if self.right_log_odds >= 0 else "left"
        if speaks_for == side and self.contrary_frames >= flip_frames:
            self.contrary_frames = 0
            return True
        return False

    def return_as(self, gone: "Track") -> None:
        """Be the hand that was gone: have its id, and some of what was known of its side."""
        self.track_id = gone.track_id
        brought = _bounded(gone.right_log_odds, _RETURN_LOG_ODDS)
        self.right_log_odds = _bounded(self.right_log_odds + brought)


def born(detections: Detections, row: int, now_ns: int, skin: Float64 | None) -> Track:
    """Return the track of a hand that is seen for the first time."""
    hand = detections.hands[row]
    return Track(
        track_id=-1,
        hand=hand,
        velocity=np.zeros(3),
        born_ns=now_ns,
        seen_ns=now_ns,
        hits=1,
        right_log_odds=_log_odds(float(detections.right_probability[row])),
        contrary_frames=0,
        skin=skin,
    )


def mean_skin(albedo: Float32 | None) -> Float64 | None:
    """Return the mean colour (3,) of per-vertex albedo (V, 3), where there is one."""
    if albedo is None:
        return None
    # As a product: numpy's own mean along the long axis takes ten times as long.
    share = np.full(len(albedo), 1 / len(albedo), np.float32)
    return np.asarray(share @ albedo, np.float64)


def colours_apart(some: Sequence[Float64 | None], others: Sequence[Float64 | None]) -> Float64:
    """Return how far colours (3,) lie apart, (N, M); a hand without one differs from nobody."""
    unknown = np.full(3, np.nan)
    first, second = (
        np.array([unknown if skin is None else skin for skin in skins]) for skins in (some, others)
    )
    apart = first[:, None] - second
    return np.asarray(np.nan_to_num(np.sqrt((apart * apart).sum(-1))))


def canonical(hand: HandState) -> Float32:
    """Return the pose (16, 3, 3) as a right hand's."""
    return hand.pose if hand.side == "right" else mirror_rotmat(hand.pose)


def _log_odds(right_probability: float) -> float:
    share = min(max(right_probability, 1e-6), 1 - 1e-6)
    return _bounded(math.log(share / (1 - share)), _FRAME_LOG_ODDS)


def _bounded(log_odds: float, most: float = _MAX_LOG_ODDS) -> float:
    return min(max(log_odds, -most), most)
