"""Identities and sides that hold over time.

Detections are assigned to the hands that are known already by the cheapest total cost (Kuhn 1955,
"The Hungarian method"): distance to where the hand is expected, in hand lengths, probability of
the other side, mean joint angle and difference of skin colour. Sure detections go first, then
unsure ones to hands that are known (Zhang et al. 2022, "ByteTrack").

An unseen hand is shown where it is expected for a while, at the picture's edge hardly at all. Then
it is gone, but remembered: a hand of its side and colour that comes soon is taken for the same one.

A hand's side changes only after contrary evidence of several frames in a row that outweighs what
has been seen of it before. Until then a frame
whose detection has the other side is read again as the track's side, in one of two ways: the
network describes every hand as a right one and mirrors it by its side, so its numbers may be right
and only the side wrong; or all of it is wrong, and the last good pose, moved to the new place, is
nearer the truth. Whichever fits the directly predicted keypoints better is handed on.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from core.config import DetectionConfig, TrackingConfig
from core.geometry import is_sound, mirror_rotmat, project
from core.hand_model.poser import HandPoser
from core.topology import MIDDLE_MCP
from core.types import Detections, Float32, Frame, HandState, Side, TrackedHands

Float64 = NDArray[np.float64]

#: Wrist to fingertip of an adult, the unit of distances here.
_HAND_LENGTH_M: Final = 0.18
#: A single camera's depth is this much less sure than what lies across the picture.
_DEPTH_SHARE: Final = 0.25
_GAP_NS: Final = 500_000_000
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
#: A hand is at the picture's edge where its middle is nearer to it than this share of its box.
_EDGE_SHARE: Final = 0.6
#: Mean colours farther apart than this are two people's: a hand that comes into the picture differs
#: by up to 0.15 from what it was, two people of the demo clip by 0.28.
_SAME_SKIN: Final = 0.25
#: What a hand length between where a hand left and where one comes weighs against colour.
_RETURN_DISTANCE: Final = 0.02


@dataclass(slots=True, eq=False)
class _Track:
    """One hand over time; track_id -1 until it is confirmed.

    Attributes:
        hand: as last seen, of the track's side.
        velocity: (3,) m/s of the middle knuckle across the picture, z component 0.
        seen_ns: when it was last seen.
        hits: frames in which it was seen.
        right_log_odds: accumulated evidence, positive for a right hand.
        contrary_frames: how many frames in a row spoke for the other side.
        skin: (3,) mean albedo, or None.
    """

    track_id: int
    hand: HandState
    velocity: Float64
    seen_ns: int
    hits: int
    right_log_odds: float
    contrary_frames: int
    skin: Float64 | None

    @property
    def side(self) -> Side:
        return self.hand.side

    def expected_shift(self, now_ns: int, coast_s: float) -> Float64:
        """Return how far (3,) m it has moved since it was seen, slowing down as it coasts."""
        age_s = max(0, now_ns - self.seen_ns) / 1e9
        way_s = coast_s * -math.expm1(-age_s / coast_s) if coast_s > 0 else 0.0
        return self.velocity * way_s


class HandTracker:
    """Gives the hands of one stream of frames lasting ids and sides."""

    def __init__(
        self, tracking: TrackingConfig, detection: DetectionConfig, poser: HandPoser
    ) -> None:
        """Start without hands; the first id is 0."""
        self._tracking = tracking
        self._detection = detection
        self._poser = poser
        self._next_id = 0
        self.reset()

    def apply(self, tracking: TrackingConfig, detection: DetectionConfig) -> None:
        """Use other settings from the next frame on."""
        self._tracking = tracking
        self._detection = detection

    def reset(self) -> None:
        """Forget every hand; ids are not used again."""
        self._tracks: list[_Track] = []
        self._gone: list[_Track] = []
        self._last_ns: int | None = None
        self._skins: list[Float64 | None] = []

    def update(self, frame: Frame, detections: Detections) -> TrackedHands:
        """Return the hands of a frame by id, seen and predicted ones.

        Detections below the score threshold only continue hands that are known.
        """
        now_ns = frame.timestamp_ns
        step_ns = 0 if self._last_ns is None else now_ns - self._last_ns
        is_gap = step_ns > _GAP_NS
        if is_gap or step_ns < 0:
            self.reset()
        self._last_ns = now_ns
        # Averaging every vertex's colour is worth doing once a frame only.
        self._skins = [_mean_skin(hand.albedo) for hand in detections.hands]

        rows = [row for row, hand in enumerate(detections.hands) if is_sound(hand)]
        sure = [r for r in rows if detections.score[r] >= self._detection.score_threshold]
        unsure = [r for r in rows if r not in sure]
        known = [track for track in self._tracks if track.track_id >= 0]
        young = [track for track in self._tracks if track.track_id < 0]
        for candidates, tracks in ((sure, known), (unsure, known), (sure, young)):
            for track, row in self._assign(tracks, detections, candidates, frame):
                self._see(track, detections, row, frame)
                tracks.remove(track)
                candidates.remove(row)

        for track in young:
            self._tracks.remove(track)
        self._let_go(frame)
        self._tracks += [_born(detections, row, now_ns, self._skins[row]) for row in sure]
        # After a gap there is no second frame to wait for: a slow source would show nothing.
        self._confirm(1 if is_gap else self._tracking.birth_hits)
        return self._report(frame)

    def _assign(
        self, tracks: list[_Track], detections: Detections, rows: Sequence[int], frame: Frame
    ) -> list[tuple[_Track, int]]:
        """Return the pairs of tracks and detection rows that belong together."""
        if not tracks or not rows:
            return []
        cost, allowed = self._costs(tracks, detections, rows, frame.timestamp_ns)
        # A pair that costs more than this is worse than a lost hand and a new one; capping makes
        # the assignment minimise the same.
        alone = self._tracking.distance_weight * self._tracking.gate
        alone += 0.5 * self._tracking.side_weight
        capped = np.where(allowed, np.minimum(cost, alone), alone)
        pairs = zip(*linear_sum_assignment(capped), strict=True)
        return [(tracks[t], rows[d]) for t, d in pairs if capped[t, d] < alone]

    def _costs(
        self, tracks: list[_Track], detections: Detections, rows: Sequence[int], now_ns: int
    ) -> tuple[Float64, NDArray[np.bool_]]:
        """Return the cost (T, D) of each pair, and whether it lies within the gate."""
        config = self._tracking
        hands = [detections.hands[row] for row in rows]
        expected = np.array(
            [t.hand.joints_3d[MIDDLE_MCP] + t.expected_shift(now_ns, config.coast_s)
             for t in tracks]
        )  # fmt: skip
        seen = np.array([hand.joints_3d[MIDDLE_MCP] for hand in hands], np.float64)
        across = expected[:, None, :2] / expected[:, None, 2:] - seen[:, :2] / seen[:, 2:]
        metres = np.linalg.norm(across, axis=-1) * expected[:, None, 2]
        deeper = _DEPTH_SHARE * (expected[:, None, 2] - seen[:, 2])
        distance = np.hypot(metres, deeper) / _HAND_LENGTH_M

        right = detections.right_probability[list(rows)].astype(np.float64)
        is_right = np.array([track.side == "right" for track in tracks])
        other_side = np.where(is_right[:, None], 1 - right, right)

        track_pose = np.stack([_canonical(track.hand) for track in tracks])
        seen_pose = np.stack([_canonical(hand) for hand in hands])
        trace = np.einsum("tjab,djab->tdj", track_pose, seen_pose)
        angle = np.arccos(np.clip((trace - 1) / 2, -1, 1)).mean(-1)

        cost = config.distance_weight * distance + config.side_weight * other_side
        cost += config.pose_weight * angle / math.pi
        # A hand without a colour (not a number) differs from nobody.
        apart = _colours([t.skin for t in tracks])[:, None] - _colours(
            [self._skins[row] for row in rows]
        )
        cost += config.albedo_weight * np.nan_to_num(np.sqrt((apart * apart).sum(-1)))
        return cost, distance <= config.gate

    def _see(self, track: _Track, detections: Detections, row: int, frame: Frame) -> None:
        """Take a detection into its track."""
        hand = detections.hands[row]
        dt_s = max(0.001, (frame.timestamp_ns - track.seen_ns) / 1e9)
        track.velocity = _velocity(track, hand, dt_s)

        if not self._keeps_side(track, hand, float(detections.right_probability[row])):
            hand = self._read_as(track, detections, row, frame)
        skin = self._skins[row]
        if skin is not None:
            track.skin = (
                skin if track.skin is None else track.skin + _SKIN_GAIN * (skin - track.skin)
            )
        track.hand = replace(hand, track_id=track.track_id)
        track.seen_ns = frame.timestamp_ns
        track.hits += 1

    def _keeps_side(self, track: _Track, hand: HandState, right_probability: float) -> bool:
        """Weigh the side of a detection; say whether the track may have the hand as it is."""
        said = _log_odds(right_probability)
        if track.track_id < 0:  # nobody has seen its side yet
            track.right_log_odds = said if hand.side != track.side else track.right_log_odds + said
            return True
        track.right_log_odds = _bounded(track.right_log_odds + said)
        if hand.side == track.side:
            track.contrary_frames = 0
            return True
        track.contrary_frames += 1
        speaks_for: Side = "right" if track.right_log_odds >= 0 else "left"
        flips = speaks_for == hand.side
        if flips and track.contrary_frames >= self._tracking.side_flip_frames:
            track.contrary_frames = 0
            return True
        return False

    def _read_as(self, track: _Track, detections: Detections, row: int, frame: Frame) -> HandState:
        """Return a detection of the wrong side as a hand of the track's side."""
        hand = detections.hands[row]
        pose = np.stack((mirror_rotmat(hand.pose), track.hand.pose))
        betas = np.stack((hand.betas, track.hand.betas))
        knuckle = np.stack([hand.joints_3d[MIDDLE_MCP]] * 2)
        is_right = np.full(2, track.side == "right")
        posed, transl = self._poser.pose_at_knuckle(is_right, pose, betas, knuckle)
        joints_2d = project(posed.joints_3d, frame.K)
        away = np.linalg.norm(joints_2d - detections.keypoints_2d[row], axis=-1)
        error = (away * (detections.keypoint_confidence[row] + 1e-6)).sum(-1)
        best = int(np.argmin(error))
        return replace(
            hand,
            side=track.side,
            pose=pose[best],
            betas=betas[best],
            transl=transl[best],
            vertices=posed.vertices[best],
            joints_3d=posed.joints_3d[best],
            joints_2d=joints_2d[best],
        )

    def _let_go(self, frame: Frame) -> None:
        """Part with hands that are unseen for too long, and forget those that were so long ago."""
        now_ns = frame.timestamp_ns
        kept = [t for t in self._tracks if now_ns - t.seen_ns <= self._kept_s(t, frame) * 1e9]
        self._gone.extend(track for track in self._tracks if track not in kept)
        self._tracks = kept
        oldest_ns = now_ns - self._tracking.remember_s * 1e9
        self._gone = [track for track in self._gone if track.seen_ns >= oldest_ns]

    def _kept_s(self, track: _Track, frame: Frame) -> float:
        """Return how long a hand is kept while it is unseen, by where it is expected."""
        config = self._tracking
        if track.seen_ns == frame.timestamp_ns or config.keep_at_edge_s >= config.keep_s:
            return config.keep_s
        shift = track.expected_shift(frame.timestamp_ns, config.coast_s)
        joints = project(track.hand.joints_3d + shift.astype(np.float32), frame.K)
        x, y = 0.5 * (joints.min(axis=0) + joints.max(axis=0))
        height, width = frame.image.shape[:2]
        is_at_edge = min(x, y, width - x, height - y) < _EDGE_SHARE * np.ptp(joints, axis=0).max()
        return config.keep_at_edge_s if is_at_edge else config.keep_s

    def _confirm(self, birth_hits: int) -> None:
        """Give ids to young tracks while there is room; the best score goes first."""
        known = [track for track in self._tracks if track.track_id >= 0]
        known.sort(key=lambda track: (track.seen_ns, track.hand.score), reverse=True)
        for track in known[self._detection.max_hands :]:  # the limit was lowered
            self._tracks.remove(track)
        room = max(0, self._detection.max_hands - len(known))
        ripe = [t for t in self._tracks if t.track_id < 0 and t.hits >= birth_hits]
        ripe.sort(key=lambda track: track.hand.score, reverse=True)
        for track in ripe[:room]:
            returned = self._returned(track)
            if returned is None:
                track.track_id = self._next_id
                self._next_id += 1
            else:
                self._gone.remove(returned)
                track.track_id = returned.track_id
                brought = _bounded(returned.right_log_odds, _RETURN_LOG_ODDS)
                track.right_log_odds = _bounded(track.right_log_odds + brought)
            track.hand = replace(track.hand, track_id=track.track_id)

    def _returned(self, track: _Track) -> _Track | None:
        """Return which hand that was gone has most likely come back as a young track."""
        likely: list[tuple[float, int, _Track]] = []
        for gone in self._gone:
            apart = 0.0
            if gone.skin is not None and track.skin is not None:
                apart = float(np.linalg.norm(gone.skin - track.skin))
            if gone.side == track.side and apart <= _SAME_SKIN:
                way = gone.hand.joints_3d[MIDDLE_MCP] - track.hand.joints_3d[MIDDLE_MCP]
                lengths = float(np.linalg.norm(way[:2])) / _HAND_LENGTH_M
                likely.append((apart + _RETURN_DISTANCE * lengths, -gone.seen_ns, gone))
        return min(likely, key=lambda one: one[:2])[2] if likely else None

    def _report(self, frame: Frame) -> TrackedHands:
        """Return the confirmed hands, unseen ones moved to where they are expected."""
        known = sorted(
            (track for track in self._tracks if track.track_id >= 0), key=lambda t: t.track_id
        )
        unseen = [track for track in known if track.seen_ns != frame.timestamp_ns]
        return TrackedHands(
            frame=frame,
            hands=tuple(self._predicted(t, frame) if t in unseen else t.hand for t in known),
            predicted=frozenset(track.track_id for track in unseen),
        )

    def _predicted(self, track: _Track, frame: Frame) -> HandState:
        """Return an unseen hand at its expected place, the less sure the longer it is unseen."""
        hand = track.hand
        shift = track.expected_shift(frame.timestamp_ns, self._tracking.coast_s)
        offset = shift.astype(np.float32)
        age_s = (frame.timestamp_ns - track.seen_ns) / 1e9
        kept_s = self._kept_s(track, frame)
        left = max(0.0, 1 - age_s / kept_s) if kept_s else 0.0
        joints_3d = hand.joints_3d + offset
        return replace(
            hand,
            score=hand.score * left,
            transl=hand.transl + offset,
            vertices=hand.vertices + offset,
            joints_3d=joints_3d,
            joints_2d=project(joints_3d, frame.K),
            joint_confidence=hand.joint_confidence * np.float32(left),
            keypoints_2d=None,
        )


def _velocity(track: _Track, hand: HandState, dt_s: float) -> Float64:
    """Return the track's velocity (3,) m/s after it was seen again, z component 0."""
    # Plain numbers: numpy takes ten times as long with three of them, eight times a frame.
    old_x, old_y, old_z = track.hand.joints_3d[MIDDLE_MCP].tolist()
    x, y, z = hand.joints_3d[MIDDLE_MCP].tolist()
    last_x, last_y, _ = track.velocity.tolist()
    share = -math.expm1(-dt_s / _VELOCITY_S)
    speed_x = last_x + share * ((x / z - old_x / old_z) * z / dt_s - last_x)
    speed_y = last_y + share * ((y / z - old_y / old_z) * z / dt_s - last_y)
    slower = max(1.0, math.hypot(speed_x, speed_y) / _MAX_SPEED_M_S)
    return np.array([speed_x / slower, speed_y / slower, 0.0])


def _born(detections: Detections, row: int, now_ns: int, skin: Float64 | None) -> _Track:
    hand = detections.hands[row]
    return _Track(
        track_id=-1,
        hand=hand,
        velocity=np.zeros(3),
        seen_ns=now_ns,
        hits=1,
        right_log_odds=_log_odds(float(detections.right_probability[row])),
        contrary_frames=0,
        skin=skin,
    )


def _mean_skin(albedo: Float32 | None) -> Float64 | None:
    """Return the mean colour (3,) of per-vertex albedo (V, 3), where there is one."""
    if albedo is None:
        return None
    # As a product: numpy's own mean along the long axis takes ten times as long.
    share = np.full(len(albedo), 1 / len(albedo), np.float32)
    return np.asarray(share @ albedo, np.float64)


def _colours(skins: Sequence[Float64 | None]) -> Float64:
    """Return colours (N, 3); NaN where there is none."""
    unknown = np.full(3, np.nan)
    return np.array([unknown if skin is None else skin for skin in skins])


def _canonical(hand: HandState) -> Float32:
    """Return the pose (16, 3, 3) as a right hand's."""
    return hand.pose if hand.side == "right" else mirror_rotmat(hand.pose)


def _log_odds(right_probability: float) -> float:
    share = min(max(right_probability, 1e-6), 1 - 1e-6)
    return _bounded(math.log(share / (1 - share)), _FRAME_LOG_ODDS)


def _bounded(log_odds: float, most: float = _MAX_LOG_ODDS) -> float:
    return min(max(log_odds, -most), most)
