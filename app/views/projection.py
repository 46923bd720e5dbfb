"""Matrices for OpenGL: the camera picture's own pinhole, and a free perspective."""

from dataclasses import dataclass

import numpy as np

from core.types import Float32

NEAR_M = 0.03
FAR_M = 20.0


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a picture lies in a view: as large as it fits, in the middle.

    Attributes:
        scale: view pixels per picture pixel.
        left: px of the view, to the picture's left edge.
        top: px of the view, to the picture's top edge.
    """

    scale: float
    left: float
    top: float


def letterbox(picture_px: tuple[int, int], view_px: tuple[int, int]) -> Letterbox:
    """Fit a picture (width, height) into a view (width, height)."""
    scale = min(view_px[0] / picture_px[0], view_px[1] / picture_px[1])
    return Letterbox(
        scale, (view_px[0] - scale * picture_px[0]) / 2, (view_px[1] - scale * picture_px[1]) / 2
    )


def picture_rect(picture_px: tuple[int, int], view_px: tuple[int, int]) -> Float32:
    """Return (4,) left, bottom, right, top of the letterboxed picture in clip coordinates."""
    box = letterbox(picture_px, view_px)
    x = 1 - 2 * box.left / view_px[0]
    y = 1 - 2 * box.top / view_px[1]
    return np.array([-x, -y, x, y], np.float32)


def clip_from_camera(
    K: Float32, picture_px: tuple[int, int], view_px: tuple[int, int], mirror: bool
) -> Float32:
    """Return the matrix (4, 4) that puts camera-frame points where the picture shows them.

    A pixel centre u lies at u + 0.5 of the picture's width, so that pixel (0, 0) is inside the
    picture and not on its corner. Hartley and Zisserman, Multiple View Geometry, section 6.1,
    with OpenGL's depth.
    """
    box = letterbox(picture_px, view_px)
    to_view_x, to_view_y = 2 * box.scale / view_px[0], 2 * box.scale / view_px[1]
    matrix = np.zeros((4, 4))
    matrix[0, :3] = to_view_x * K[0]
    matrix[0, 2] += to_view_x * 0.5 + 2 * box.left / view_px[0] - 1
    matrix[1, :3] = -to_view_y * K[1]
    matrix[1, 2] += 1 - to_view_y * 0.5 - 2 * box.top / view_px[1]
    matrix[2, 2] = (FAR_M + NEAR_M) / (FAR_M - NEAR_M)
    matrix[2, 3] = -2 * FAR_M * NEAR_M / (FAR_M - NEAR_M)
    matrix[3, 2] = 1
    if mirror:
        matrix[0] *= -1
    return matrix.astype(np.float32)


def clip_from_picture(
    picture_px: tuple[int, int], view_px: tuple[int, int], mirror: bool
) -> Float32:
    """Return the matrix (4, 4) that puts pixels (u, v, 0) where clip_from_camera does."""
    box = letterbox(picture_px, view_px)
    to_view_x, to_view_y = 2 * box.scale / view_px[0], 2 * box.scale / view_px[1]
    matrix = np.eye(4)
    matrix[0] = [to_view_x, 0, 0, 0.5 * to_view_x + 2 * box.left / view_px[0] - 1]
    matrix[1] = [0, -to_view_y, 0, 1 - 0.5 * to_view_y - 2 * box.top / view_px[1]]
    if mirror:
        matrix[0] *= -1
    return matrix.astype(np.float32)


def perspective(vertical_fov_deg: float, aspect: float) -> Float32:
    """Return clip_from_eye (4, 4) of OpenGL: x right, y up, looking along -z."""
    cotangent = 1 / np.tan(np.radians(vertical_fov_deg) / 2)
    depth = NEAR_M - FAR_M
    return np.array(
        [
            [cotangent / aspect, 0, 0, 0],
            [0, cotangent, 0, 0],
            [0, 0, (FAR_M + NEAR_M) / depth, 2 * FAR_M * NEAR_M / depth],
            [0, 0, -1, 0],
        ],
        np.float32,
    )
