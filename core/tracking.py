"""Identities and sides that hold over time.

Detections are assigned to the hands that are known already by the cheapest total cost (Kuhn 1955,
"The Hungarian method"): distance to where the hand is expected, in hand lengths, probability of
the other side, mean joint angle and difference of skin colour. Sure detections go first, then
unsure ones to hands that are known (Zhang et al. 2022, "ByteTrack").

An unseen hand is shown where it is expected for a while, at the picture's edge hardly at all. Then
it is gone, but remembered: a hand of its side and colour that comes soon is taken for the same one.

A hand's side changes only after contrary evidence of several frames in a row that outweighs what
has been seen of it before. Until then a frame whose detection has the other side is read again as
the track's side, in one of two ways: the network describes every hand as a right one and mirrors it
by its side, so its numbers may be right and only the side wrong; or all of it is wrong, and the
last good pose, moved to the new place, is nearer the truth. Whichever fits the directly predicted
keypoints better is handed on.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from core.config import DetectionConfig, TrackingConfig
from core.geometry import is_sound, mirror_rotmat, project
from core.hand_model.poser import HandPoser
from core.topology import MIDDLE_MCP
from core.track import Track, born, canonical, colours_apart, mean_skin
from core.types import Detections, Float32, Frame, HandState, TrackedHands

Float64 = NDArray[np.float64]

#: Wrist to fingertip of an adult, the unit of distances here.
_HAND_LENGTH_M: Final = 0.18
#: A single camera's depth is this much less sure than what lies across the picture.
_DEPTH_SHARE: Final = 0.25
_GAP_NS: Final = 500_000_000
#: A hand is at the picture's edge where its middle is nearer to it than this share of its box.
_EDGE_SHARE: Final = 0.6
#: Mean colours farther apart than this are two people's: a hand that comes into the picture differs
#: by up to 0.15 from what it was, two people of the demo clip by 0.28.
_SAME_SKIN: Final = 0.25
#: What a hand length between where a hand left and where one comes weighs against colour.
_RETURN_DISTANCE: Final = 0.02


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
        self._tracks: list[Track] = []
        self._gone: list[Track] = []
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
        self._skins = [mean_skin(hand.albedo) for hand in detections.hands]

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
        unseen = self._let_go(frame)
        self._tracks += [born(detections, row, now_ns, self._skins[row]) for row in sure]
        # After a gap there is no second frame to wait for: a slow source would show nothing.
        self._confirm(1 if is_gap else self._tracking.birth_hits)
        return self._report(frame, unseen)

    def _assign(
        self, tracks: list[Track], detections: Detections, rows: Sequence[int], frame: Frame
    ) -> list[tuple[Track, int]]:
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
        self, tracks: list[Track], detections: Detections, rows: Sequence[int], now_ns: int
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

        track_pose = np.stack([canonical(track.hand) for track in tracks])
        seen_pose = np.stack([canonical(hand) for hand in hands])
        trace = np.einsum("tjab,djab->tdj", track_pose, seen_pose)
        angle = np.arccos(np.clip((trace - 1) / 2, -1, 1)).mean(-1)

        cost = config.distance_weight * distance + config.side_weight * other_side
        cost += config.pose_weight * angle / math.pi
        skins = [self._skins[row] for row in rows]
        cost += config.albedo_weight * colours_apart([t.skin for t in tracks], skins)
        return cost, distance <= config.gate

    def _see(self, track: Track, detections: Detections, row: int, frame: Frame) -> None:
        """Take a detection into its track."""
        hand = detections.hands[row]
        right_probability = float(detections.right_probability[row])
        track.take_motion(hand, frame.timestamp_ns)
        track.take_skin(self._skins[row])
        if not track.takes_side(hand.side, right_probability, self._tracking.side_flip_frames):
            hand = self._read_as(track, detections, row, frame)
        track.hand = replace(hand, track_id=track.track_id)
        track.seen_ns = frame.timestamp_ns
        track.hits += 1

    def _read_as(self, track: Track, detections: Detections, row: int, frame: Frame) -> HandState:
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

    def _let_go(self, frame: Frame) -> dict[Track, HandState]:
        """Part with hands that are unseen for too long, and forget those that were so long ago.

        Returns:
            The unseen hands that stay, where they are expected.
        """
        now_ns = frame.timestamp_ns
        expected = {t: self._predicted(t, frame) for t in self._tracks if t.seen_ns != now_ns}
        unseen = {track: hand for track, hand in expected.items() if hand is not None}
        self._gone.extend(track for track, hand in expected.items() if hand is None)
        self._tracks = [t for t in self._tracks if t in unseen or t not in expected]
        oldest_ns = now_ns - self._tracking.remember_s * 1e9
        self._gone = [track for track in self._gone if track.seen_ns >= oldest_ns]
        return unseen

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
                track.return_as(returned)
            track.hand = replace(track.hand, track_id=track.track_id)

    def _returned(self, track: Track) -> Track | None:
        """Return which hand that was gone has most likely come back as a young track."""
        likely: list[tuple[float, int, Track]] = []
        for gone in self._gone:
            apart = float(colours_apart([gone.skin], [track.skin])[0, 0])
            if gone.side == track.side and apart <= _SAME_SKIN:
                way = gone.hand.joints_3d[MIDDLE_MCP] - track.hand.joints_3d[MIDDLE_MCP]
                lengths = float(np.linalg.norm(way[:2])) / _HAND_LENGTH_M
                likely.append((apart + _RETURN_DISTANCE * lengths, -gone.seen_ns, gone))
        return min(likely, key=lambda one: one[:2])[2] if likely else None

    def _report(self, frame: Frame, unseen: dict[Track, HandState]) -> TrackedHands:
        """Return the confirmed hands, unseen ones moved to where they are expected."""
        known = sorted(
            (track for track in self._tracks if track.track_id >= 0), key=lambda t: t.track_id
        )
        return TrackedHands(
            frame=frame,
            hands=tuple(unseen.get(track, track.hand) for track in known),
            predicted=frozenset(track.track_id for track in known if track in unseen),
        )

    def _predicted(self, track: Track, frame: Frame) -> HandState | None:
        """Return an unseen hand at its expected place, the less sure the longer it is unseen.

        None when it has been unseen for too long: at the picture's edge that is soon, and nowhere
        longer than it was seen, so that what came up for a moment is soon gone.
        """
        config, hand = self._tracking, track.hand
        shift = track.expected_shift(frame.timestamp_ns, config.coast_s)
        offset = shift.astype(np.float32)
        joints_3d = hand.joints_3d + offset
        joints_2d = project(joints_3d, frame.K)
        kept_s = min(config.keep_s, (track.seen_ns - track.born_ns) / 1e9)
        if _is_at_edge(joints_2d, frame):
            kept_s = min(kept_s, config.keep_at_edge_s)
        age_ns = frame.timestamp_ns - track.seen_ns
        if age_ns > kept_s * 1e9:
            return None
        left = max(0.0, 1 - age_ns / 1e9 / kept_s)
        return replace(
            hand,
            score=hand.score * left,
            transl=hand.transl + offset,
            vertices=hand.vertices + offset,
            joints_3d=joints_3d,
            joints_2d=joints_2d,
            joint_confidence=hand.joint_confidence * np.float32(left),
            keypoints_2d=None,
        )


def _is_at_edge(joints_2d: Float32, frame: Frame) -> bool:
    """Say whether a hand's joints (21, 2) px are so near to the picture's edge that it leaves."""
    x, y = 0.5 * (joints_2d.min(axis=0) + joints_2d.max(axis=0))
    height, width = frame.image.shape[:2]
    to_edge = min(x, y, width - x, height - y)
    return bool(to_edge < _EDGE_SHARE * np.ptp(joints_2d, axis=0).max())
