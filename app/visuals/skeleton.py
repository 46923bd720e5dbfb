"""The 21 joints and 20 bones of each hand as lines and dots."""

import numpy as np
from numpy.typing import NDArray

from app.visuals.hand_batch import MAX_HANDS, HandBatch
from app.visuals.hand_mesh import PREDICTED_OPACITY
from app.visuals.segments import SEGMENT_DTYPE, SegmentsVisual, dashed, make_segments
from core.topology import BONES, NUM_JOINTS, WRIST
from core.types import Float32

_PARENTS = np.array([parent for parent, _ in BONES])
_CHILDREN = np.array([child for _, child in BONES])
_BONE_RADIUS_PX = 1.9
_OUTLINE_PX = 1.2
_JOINT_RADIUS_PX = 3.2
_WRIST_RADIUS_PX = 4.4
#: Joints that the network is unsure of stay visible, but faint.
_LEAST_ALPHA = 0.25
#: Bones of a predicted hand are drawn as so many dashes.
_DASHES = 3
_PER_HAND = 2 * (_DASHES * len(BONES) + NUM_JOINTS)


def skeleton_segments(batch: HandBatch) -> NDArray[np.void]:
    """Return the segments of all hands, far hands first, in the camera frame.

    Bones come with a dark outline, so that they stand out on any picture; joints are light dots
    in the hand's colour; both fade with the joints' confidence. A predicted hand has dashed bones.
    """
    parts = []
    colours = batch.colours
    for row in np.argsort(-batch.joints_3d[:, WRIST, 2]) if len(batch) else ():
        joints = batch.joints_3d[row]
        is_seen = row < batch.seen_count
        alpha = np.maximum(batch.joint_confidence[row], _LEAST_ALPHA)
        alpha = alpha * (1.0 if is_seen else PREDICTED_OPACITY)
        bone_alpha = np.minimum(alpha[_PARENTS], alpha[_CHILDREN])
        start, end = joints[_PARENTS], joints[_CHILDREN]
        if not is_seen:
            start, end = dashed(start, end, _DASHES)
            bone_alpha = np.repeat(bone_alpha, _DASHES)
        radius = np.full(NUM_JOINTS, _JOINT_RADIUS_PX)
        radius[WRIST] = _WRIST_RADIUS_PX
        dark = colours[row] * 0.12
        light = 0.35 * colours[row] + 0.65
        parts += [
            make_segments(start, end, _BONE_RADIUS_PX + _OUTLINE_PX, _rgba(dark, 0.7 * bone_alpha)),
            make_segments(joints, joints, _both(radius + _OUTLINE_PX), _rgba(dark, 0.8 * alpha)),
            make_segments(start, end, _BONE_RADIUS_PX, _rgba(colours[row], bone_alpha)),
            make_segments(joints, joints, _both(radius), _rgba(light, alpha)),
        ]
    return np.concatenate(parts) if parts else np.zeros(0, SEGMENT_DTYPE)


def _rgba(rgb: Float32, alpha: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.concatenate([np.tile(rgb, (len(alpha), 1)), alpha[:, None]], axis=1)


def _both(radius: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.stack([radius, radius], axis=1)


class SkeletonVisual:
    """Draws the skeletons of up to MAX_HANDS hands."""

    def __init__(self) -> None:
        """Make the buffers."""
        self._segments = SegmentsVisual(MAX_HANDS * _PER_HAND)
        self._new_batch: HandBatch | None = None

    def set_hands(self, batch: HandBatch) -> None:
        """Take the hands of batch; they are uploaded when they are drawn."""
        self._new_batch = batch

    def draw(self, clip_from_camera: Float32, viewport_px: tuple[int, int], scale: float) -> None:
        """Draw over everything; arguments as in SegmentsVisual.draw."""
        if self._new_batch is not None:
            self._segments.set_segments(skeleton_segments(self._new_batch))
            self._new_batch = None
        self._segments.draw(clip_from_camera, viewport_px, scale, depth_test=False)
