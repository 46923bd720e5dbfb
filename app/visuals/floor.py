"""What stands still in the 3D view: floor grid in centimetres, axes, the webcam's place."""

import numpy as np
from numpy.typing import NDArray

from app.theme import Theme, rgb
from app.visuals.labels import Label
from app.visuals.segments import make_segments
from core.geometry import scene_from_camera, unproject
from core.types import Float32

#: Height of the floor under the webcam's axis, scene frame.
FLOOR_Y_M = -0.22
_HALF_WIDTH_M = 0.30
_DEPTH_M = 0.80
_STEP_M = 0.05
_AXIS_M = 0.10
_AXIS_COLOURS = ((0.91, 0.36, 0.36), (0.36, 0.75, 0.42), (0.33, 0.56, 0.95))
_LENS_M = 0.07


def floor_segments(theme: Theme) -> NDArray[np.void]:
    """Return the grid, a line each 5 cm and a stronger one each 10 cm, scene frame."""
    across = np.arange(-_HALF_WIDTH_M, _HALF_WIDTH_M + 1e-6, _STEP_M)
    along = np.arange(0, _DEPTH_M + 1e-6, _STEP_M)
    start = [(x, FLOOR_Y_M, 0) for x in across] + [(-_HALF_WIDTH_M, FLOOR_Y_M, -z) for z in along]
    end = [(x, FLOOR_Y_M, -_DEPTH_M) for x in across]
    end += [(_HALF_WIDTH_M, FLOOR_Y_M, -z) for z in along]
    strong = np.abs(np.r_[across, along] * 10 - np.round(np.r_[across, along] * 10)) < 1e-6
    colour = np.tile([*rgb(theme.grid), 0.0], (len(start), 1))
    colour[:, 3] = np.where(strong, 0.62, 0.22)
    return make_segments(np.array(start), np.array(end), 0.55, colour)


def axis_segments() -> NDArray[np.void]:
    """Return 10 cm of x (red), y (green) and z (blue) at the floor's near left corner."""
    origin = np.array([-_HALF_WIDTH_M, FLOOR_Y_M, 0.0])
    start = np.tile(origin, (3, 1))
    colour = np.concatenate([np.array(_AXIS_COLOURS), np.ones((3, 1))], axis=1)
    return make_segments(start, start + _AXIS_M * np.eye(3), 1.4, colour)


def webcam_segments(K: Float32, picture_px: tuple[int, int], theme: Theme) -> NDArray[np.void]:
    """Return the webcam's pyramid of sight at the origin, scene frame."""
    width, height = picture_px
    corners_px = np.array([[0, 0], [width, 0], [width, height], [0, height]]) - 0.5
    corners = scene_from_camera(unproject(corners_px, np.full(4, _LENS_M), K))
    start = np.concatenate([np.zeros((4, 3)), corners])
    end = np.concatenate([corners, np.roll(corners, -1, axis=0)])
    return make_segments(start, end, 0.8, np.array([*rgb(theme.muted), 0.9]))


def floor_labels(theme: Theme) -> tuple[Label, ...]:
    """Return distances from the webcam in centimetres and the axes' letters."""
    ink = _bytes(rgb(theme.muted))
    labels = [
        Label(f"{round(100 * z)} cm", (_HALF_WIDTH_M + 0.035, FLOOR_Y_M, -z), colour=ink)
        for z in np.arange(0.2, _DEPTH_M + 1e-6, 0.2)
    ]
    labels += [
        Label(f"{round(100 * x)}", (x, FLOOR_Y_M, 0.03), colour=ink) for x in (-0.2, 0.0, 0.2)
    ]
    for letter, colour, axis in zip("xyz", _AXIS_COLOURS, np.eye(3), strict=True):
        x, y, z = np.array([-_HALF_WIDTH_M, FLOOR_Y_M, 0]) + (_AXIS_M + 0.015) * axis
        labels.append(Label(letter, (float(x), float(y), float(z)), colour=_bytes(colour)))
    return tuple(labels)


def _bytes(colour: tuple[float, float, float]) -> tuple[int, int, int]:
    return (round(255 * colour[0]), round(255 * colour[1]), round(255 * colour[2]))
