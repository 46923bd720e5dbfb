"""Where fingertips were: a line behind each that fades with its age."""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.visuals.hand_batch import MAX_HANDS, HandBatch
from app.visuals.segments import SEGMENT_DTYPE, SegmentsVisual, make_segments
from core.topology import TIPS
from core.types import Float32

_TRAIL_S: Final = 1.2
#: A hand that was away for longer did not come straight from where it left.
_BREAK_S: Final = 0.3
_MOST_POINTS: Final = 72
_RADIUS_PX: Final = 1.6
_TIPS: Final = list(TIPS)


class FingertipTrails:
    """Remembers the fingertips of each track for a while."""

    def __init__(self) -> None:
        """Start without trails."""
        self._points: dict[int, deque[tuple[int, Float32]]] = {}
        self._colour_of: dict[int, Float32] = {}
        self._newest_ns = 0

    def add(self, batch: HandBatch, time_ns: int) -> None:
        """Take the seen hands of a frame of this time; a step back in time forgets everything."""
        if time_ns < self._newest_ns:
            self.clear()
        self._newest_ns = time_ns
        colours = batch.colours
        for row, hand in enumerate(batch.hands[: batch.seen_count]):
            if hand.track_id < 0:
                continue
            trail = self._points.setdefault(hand.track_id, deque(maxlen=_MOST_POINTS))
            if trail and time_ns - trail[-1][0] > _BREAK_S * 1e9:
                trail.clear()
            trail.append((time_ns, batch.joints_3d[row, _TIPS]))
            self._colour_of[hand.track_id] = colours[row]
        for track_id, trail in list(self._points.items()):
            while trail and time_ns - trail[0][0] > _TRAIL_S * 1e9:
                trail.popleft()
            if not trail:
                del self._points[track_id], self._colour_of[track_id]

    def clear(self) -> None:
        """Forget all trails."""
        self._points.clear()
        self._colour_of.clear()
        self._newest_ns = 0

    def segments(self) -> NDArray[np.void]:
        """Return the lines, oldest first, in the camera frame."""
        parts = []
        for track_id, trail in self._points.items():
            if len(trail) < 2:
                continue
            age_s = np.array([self._newest_ns - time_ns for time_ns, _ in trail]) / 1e9
            share = np.repeat(1 - age_s[1:] / _TRAIL_S, len(_TIPS))[:, None]
            tips = np.stack([tips for _, tips in trail])
            colour = np.tile(self._colour_of[track_id], (len(share), 1))
            rgba = np.concatenate([colour, 0.9 * share], axis=1)
            radius = _RADIUS_PX * (0.3 + 0.7 * share)
            parts.append(
                make_segments(
                    tips[:-1].reshape(-1, 3), tips[1:].reshape(-1, 3), np.tile(radius, 2), rgba
                )
            )
        return np.concatenate(parts) if parts else np.zeros(0, SEGMENT_DTYPE)


class TrailsVisual:
    """Draws the trails of up to MAX_HANDS hands."""

    def __init__(self) -> None:
        """Make the buffers."""
        self._segments = SegmentsVisual(MAX_HANDS * len(_TIPS) * (_MOST_POINTS - 1))
        self._new_trails: FingertipTrails | None = None

    def set_trails(self, trails: FingertipTrails) -> None:
        """Take the trails; they are uploaded when they are drawn."""
        self._new_trails = trails

    def draw(self, clip_from_camera: Float32, viewport_px: tuple[int, int], scale: float) -> None:
        """Draw where nothing hides them; arguments as in SegmentsVisual.draw."""
        if self._new_trails is not None:
            self._segments.set_segments(self._new_trails.segments())
            self._new_trails = None
        self._segments.draw(clip_from_camera, viewport_px, scale, depth_test=True)
