"""What lies in the picture itself: keypoints as the network saw them, a box around each hand."""

import numpy as np
from numpy.typing import NDArray

from app.overlay_marks import hand_box
from app.visuals.hand_batch import MAX_HANDS, HandBatch
from app.visuals.segments import SEGMENT_DTYPE, SegmentsVisual, dashed, make_segments
from core.topology import NUM_JOINTS
from core.types import Float32

_RING_RADIUS_PX, _DOT_RADIUS_PX = 4.2, 2.4
_BOX_RADIUS_PX, _BOX_OUTLINE_PX = 0.8, 1.6
_DASHES = 12
_LEAST_ALPHA = 0.25


def keypoint_segments(batch: HandBatch) -> NDArray[np.void]:
    """Return a white dot in a ring of the hand's colour for each keypoint, (u, v, 0) px."""
    parts = []
    for hand, colour in zip(batch.hands, batch.colours, strict=True):
        if hand.keypoints_2d is None or not np.isfinite(hand.keypoints_2d).all():
            continue
        points = _flat(hand.keypoints_2d)
        alpha = np.maximum(hand.joint_confidence, _LEAST_ALPHA)[:, None]
        ring = np.concatenate([np.tile(0.55 * colour, (NUM_JOINTS, 1)), alpha], axis=1)
        dot = np.concatenate([np.ones((NUM_JOINTS, 3)), alpha], axis=1)
        parts += [
            make_segments(points, points, _RING_RADIUS_PX, ring),
            make_segments(points, points, _DOT_RADIUS_PX, dot),
        ]
    return np.concatenate(parts) if parts else np.zeros(0, SEGMENT_DTYPE)


def box_segments(batch: HandBatch) -> NDArray[np.void]:
    """Return the sides of each hand's box, (u, v, 0) px; dashed where the hand is predicted."""
    parts = []
    for row, (hand, colour) in enumerate(zip(batch.hands, batch.colours, strict=True)):
        if not np.isfinite(hand.joints_2d).all():
            continue
        left, top, right, bottom = hand_box(hand.joints_2d)
        corners = _flat(np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))
        start, end = corners, np.roll(corners, -1, axis=0)
        if row >= batch.seen_count:
            start, end = dashed(start, end, _DASHES)
        dark, light = np.array([*(0.1 * colour), 0.6]), np.array([*colour, 1.0])
        parts += [
            make_segments(start, end, _BOX_OUTLINE_PX, dark),
            make_segments(start, end, _BOX_RADIUS_PX, light),
        ]
    return np.concatenate(parts) if parts else np.zeros(0, SEGMENT_DTYPE)


def _flat(points_2d: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return points (M, 2) as (M, 3) with nothing in the third place."""
    return np.concatenate([points_2d, np.zeros((len(points_2d), 1))], axis=1)


class PictureMarksVisual:
    """Draws keypoints and boxes of up to MAX_HANDS hands."""

    def __init__(self) -> None:
        """Make the buffers."""
        self._keypoints = SegmentsVisual(MAX_HANDS * 2 * NUM_JOINTS)
        self._boxes = SegmentsVisual(MAX_HANDS * 2 * 4 * _DASHES)
        self._batch: HandBatch | None = None
        self._is_old = {self._keypoints: True, self._boxes: True}

    def set_hands(self, batch: HandBatch) -> None:
        """Take the hands of batch; each kind of mark is uploaded when it is drawn."""
        self._batch = batch
        self._is_old = dict.fromkeys(self._is_old, True)

    def draw(
        self,
        clip_from_picture: Float32,
        viewport_px: tuple[int, int],
        scale: float,
        keypoints: bool,
        boxes: bool,
    ) -> None:
        """Draw over everything; the first three arguments as in SegmentsVisual.draw."""
        for segments, make, wanted in (
            (self._boxes, box_segments, boxes),
            (self._keypoints, keypoint_segments, keypoints),
        ):
            if not wanted or self._batch is None:
                continue
            if self._is_old[segments]:
                segments.set_segments(make(self._batch))
                self._is_old[segments] = False
            segments.draw(clip_from_picture, viewport_px, scale, depth_test=False)
