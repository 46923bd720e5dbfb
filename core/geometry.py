"""Projection, transforms and mirroring in numpy. Transforms are named `a_from_b`."""

import math

import numpy as np
from numpy.typing import NDArray

from core.topology import MIDDLE_MCP
from core.types import Float32, HandState

#: Horizontal field of view assumed for a source that nobody calibrated: a common webcam.
DEFAULT_HORIZONTAL_FOV_DEG = 65.0
_MIRROR = np.array([[1, -1, -1], [-1, 1, 1], [-1, 1, 1]], np.float32)


def intrinsics_from_fov(
    width: int, height: int, horizontal_fov_deg: float = DEFAULT_HORIZONTAL_FOV_DEG
) -> Float32:
    """Return K (3, 3) px of a pinhole camera with square pixels and a centred principal point.

    The field of view is that of the longer side, so that turning a camera keeps its focal length.
    """
    focal_px = 0.5 * max(width, height) / math.tan(math.radians(horizontal_fov_deg) / 2)
    return np.array(
        [[focal_px, 0, (width - 1) / 2], [0, focal_px, (height - 1) / 2], [0, 0, 1]], np.float32
    )


def turned_image(image: NDArray[np.generic], rotation_deg: int) -> NDArray[np.generic]:
    """Return image (H, W, ...) turned clockwise by 0, 90, 180 or 270 degrees."""
    quarter_turns = rotation_deg // 90 % 4
    return np.ascontiguousarray(np.rot90(image, -quarter_turns)) if quarter_turns else image


def turned_intrinsics(
    K: NDArray[np.floating], width: int, height: int, rotation_deg: int
) -> Float32:
    """Return K (3, 3) px of a picture that was width x height before `turned_image`.

    The picture is turned about the optical axis, so the scene is: what was right of the camera is
    now below it (90 degrees). K then maps the turned scene to the turned picture.
    """
    turned = np.array(K, np.float32)
    for _ in range(rotation_deg // 90 % 4):
        fx, fy, cx, cy = turned[0, 0], turned[1, 1], turned[0, 2], turned[1, 2]
        turned = np.array([[fy, 0, height - 1 - cy], [0, fx, cx], [0, 0, 1]], np.float32)
        width, height = height, width
    return turned


def all_finite(array: NDArray[np.floating]) -> bool:
    """Say whether all numbers are finite; so large that their squares are not counts as infinite.

    One pass of a dot product, several times quicker than testing each of a few dozen numbers.
    """
    return math.isfinite(np.vdot(array, array))


def is_sound(hand: HandState) -> bool:
    """Say whether a hand's numbers are finite and its middle knuckle is before the camera."""
    arrays = (hand.pose, hand.betas, hand.transl, hand.joints_3d, hand.joints_2d,
              hand.joint_confidence)  # fmt: skip
    finite = math.isfinite(hand.score) and all(map(all_finite, arrays))
    return finite and bool(hand.joints_3d[MIDDLE_MCP, 2] > 0)


def project(points: NDArray[np.floating], K: NDArray[np.floating]) -> Float32:
    """Project points (..., 3) m in the camera frame to (..., 2) px."""
    homogeneous = points @ np.swapaxes(K, -1, -2)
    return np.asarray(homogeneous[..., :2] / homogeneous[..., 2:], np.float32)


def unproject(
    pixels: NDArray[np.floating], depth: NDArray[np.floating], K: NDArray[np.floating]
) -> Float32:
    """Return the points (..., 3) m at pixels (..., 2) and depth (...,) m."""
    rays = (pixels - K[:2, 2]) / np.array([K[0, 0], K[1, 1]])
    return np.concatenate([rays * depth[..., None], depth[..., None]], -1).astype(np.float32)


def transform_points(a_from_b: NDArray[np.floating], points: NDArray[np.floating]) -> Float32:
    """Apply a 3x3 homogeneous transform to 2D points (..., 2) px."""
    return np.asarray(points @ a_from_b[:2, :2].T + a_from_b[:2, 2], np.float32)


def scene_from_camera(points: NDArray[np.floating]) -> Float32:
    """Turn camera-frame points (..., 3) (y down, z forward) into the scene frame (y up, z back)."""
    return np.asarray(points * np.array([1, -1, -1]), np.float32)


def mirror_rotmat(rotmat: NDArray[np.floating]) -> Float32:
    """Return M R M with M = diag(-1, 1, 1): the rotation (..., 3, 3) seen in a mirror across x."""
    return np.asarray(rotmat * _MIRROR, np.float32)


def bbox_from_points(points: NDArray[np.floating]) -> Float32:
    """Return the tight bbox_xyxy (..., 4) px of points (..., N, 2)."""
    return np.concatenate([points.min(-2), points.max(-2)], -1).astype(np.float32)


def vertex_normals(vertices: Float32, faces: NDArray[np.integer]) -> Float32:
    """Unit normals (..., V, 3) of meshes (..., V, 3), faces weighted by their area."""
    corner = vertices[..., faces, :]
    normal = np.cross(corner[..., 1, :] - corner[..., 0, :], corner[..., 2, :] - corner[..., 0, :])
    total = np.zeros_like(vertices)
    flat, each = total.reshape(-1, *vertices.shape[-2:]), normal.reshape(-1, *normal.shape[-2:])
    for mesh, part in zip(flat, each, strict=True):
        for column in faces.T:
            np.add.at(mesh, column, part)
    length = np.linalg.norm(total, axis=-1, keepdims=True)
    return np.where(length > 0, total / np.maximum(length, 1e-30), (0, 0, 1)).astype(np.float32)
