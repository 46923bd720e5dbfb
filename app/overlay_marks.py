"""What is drawn over hands on pictures without OpenGL: boxes, joints, keypoints and names."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.label_room import Box, clear_low
from app.overlay_style import OverlayStyle, track_colour
from core.geometry import bbox_from_points
from core.topology import BONES
from core.types import Float32, HandState, TrackedHands, UInt8

#: OpenCV's fixed-point corners overflow far outside of the picture.
MAX_CORNER_PX: Final = 16_000.0
#: A box is this much larger than its joints: flesh lies around them.
_BOX_MARGIN: Final = 0.12
_BONE_DASHES, _BOX_DASHES = 3, 12
_LABEL_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX


def hand_box(joints_2d: Float32) -> Float32:
    """Return bbox_xyxy (4,) px of a hand with joints (21, 2) px, flesh included."""
    box = bbox_from_points(joints_2d)
    margin = _BOX_MARGIN * np.float32(max(box[2] - box[0], box[3] - box[1]))
    return np.asarray(box + margin * np.array([-1, -1, 1, 1], np.float32))


def draw_marks(picture: UInt8, tracked: TrackedHands, style: OverlayStyle) -> None:
    """Draw boxes, joints, keypoints and labels, far hands first."""
    hands = tracked.hands
    order = sorted(range(len(hands)), key=lambda index: -float(hands[index].transl[2]))
    taken: list[Box] = []
    for index in order:
        hand = hands[index]
        points = hand.joints_2d
        if not np.isfinite(points).all() or np.abs(points).max() > MAX_CORNER_PX:
            continue
        colour = track_colour(index, hand)
        is_seen = hand.track_id not in tracked.predicted
        if style.boxes:
            _draw_box(picture, hand_box(points), colour, is_seen)
        if style.joints:
            _draw_joints(picture, points, colour, is_seen)
        if style.keypoints and hand.keypoints_2d is not None:
            _draw_keypoints(picture, hand.keypoints_2d, colour)
        if style.labels:
            taken.append(_draw_label(picture, points, hand, colour, taken))


def _draw_joints(
    picture: UInt8, points: Float32, colour: tuple[int, int, int], is_seen: bool
) -> None:
    for parent, child in BONES:
        for start, end in _pieces(points[parent], points[child], 1 if is_seen else _BONE_DASHES):
            cv2.line(picture, start, end, (20, 20, 20), 3, cv2.LINE_AA)
            cv2.line(picture, start, end, colour, 1, cv2.LINE_AA)
    for point in points:
        cv2.circle(picture, _pixel(point), 3, (255, 255, 255), -1, cv2.LINE_AA)


def _draw_keypoints(picture: UInt8, points: Float32, colour: tuple[int, int, int]) -> None:
    """Draw a white dot in a ring of the hand's colour for each keypoint (21, 2) px."""
    if not np.isfinite(points).all() or np.abs(points).max() > MAX_CORNER_PX:
        return
    for point in points:
        cv2.circle(picture, _pixel(point), 4, tuple(value * 5 // 9 for value in colour), -1,
                   cv2.LINE_AA)  # fmt: skip
        cv2.circle(picture, _pixel(point), 2, (255, 255, 255), -1, cv2.LINE_AA)


def _draw_box(picture: UInt8, box: Float32, colour: tuple[int, int, int], is_seen: bool) -> None:
    left, top, right, bottom = box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        for first, last in _pieces(start, end, 1 if is_seen else _BOX_DASHES):
            cv2.line(picture, first, last, (20, 20, 20), 3, cv2.LINE_AA)
            cv2.line(picture, first, last, colour, 1, cv2.LINE_AA)


def _pieces(
    start: NDArray[np.floating], end: NDArray[np.floating], dashes: int
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return both ends of the dashes of a line (2,) to (2,) px; one dash is the whole line."""
    at = np.linspace(0, 1, 2 * dashes)[:, None]
    pixels = [_pixel(point) for point in start + at * (end - start)]
    return list(zip(pixels[::2], pixels[1::2], strict=True))


def _pixel(point: NDArray[np.floating]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _draw_label(
    picture: UInt8,
    points: Float32,
    hand: HandState,
    colour: tuple[int, int, int],
    taken: Sequence[Box],
) -> Box:
    """Write side and track id above the hand, clear of the boxes `taken`; return its own box."""
    height, width = picture.shape[:2]
    text = hand.side if hand.track_id < 0 else f"{hand.side} {hand.track_id}"
    size = max(0.45, height / 1400)
    (text_width, text_height), below = cv2.getTextSize(text, _LABEL_FONT, size, 1)
    box_width, box_height = text_width + 10, text_height + below + 6
    x = int(np.clip(points[:, 0].mean() - box_width / 2, 0, max(width - box_width, 0)))
    y = int(np.clip(points[:, 1].min() - box_height - 10, 0, max(height - box_height, 0)))
    y = clear_low((x, y, x + box_width, y + box_height), taken)
    patch = picture[y : y + box_height, x : x + box_width]
    patch[:] = patch // 4 + 15
    baseline = (x + 5, y + text_height + 3)
    cv2.putText(picture, text, baseline, _LABEL_FONT, size, (255, 255, 255), 1, cv2.LINE_AA)
    cv2.rectangle(picture, (x, y), (x + 2, y + box_height - 1), colour, -1)
    return x, y, x + box_width, y + box_height
