"""Which way is up and how long a unit is: what other programs expect of a file."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.types import Float32

AxesName = Literal["camera", "scene", "blender", "unity", "unreal", "maya"]
AXES_NAMES: Final[tuple[AxesName, ...]] = (
    "camera", "scene", "blender", "unity", "unreal", "maya",
)  # fmt: skip

_CAMERA: Final = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
_Y_UP: Final = ((1, 0, 0), (0, -1, 0), (0, 0, -1))
_Z_UP: Final = ((1, 0, 0), (0, 0, 1), (0, -1, 0))


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """The coordinates of a file. All are right-handed, as the formats want it.

    Unity and Unreal are left-handed inside; their importers turn right-handed files themselves.

    Attributes:
        name: of the preset.
        up: the axis that points up.
        metres_per_unit: 0.01 where the file counts centimetres.
        file_from_camera: (3, 3) rotation from the camera frame (x right, y down, z forward).
    """

    name: AxesName
    up: Literal["Y", "Z", "-Y"]
    metres_per_unit: float
    file_from_camera: Float32

    def points(self, camera_points: NDArray[np.floating]) -> Float32:
        """Points (..., 3) m of the camera frame in the file's axes and unit."""
        turned = camera_points @ self.file_from_camera.T
        return np.asarray(turned / self.metres_per_unit, np.float32)

    def rotations(self, camera_rotations: NDArray[np.floating]) -> Float32:
        """Global orientations (..., 3, 3) of the camera frame in the file's axes."""
        return np.asarray(self.file_from_camera @ camera_rotations, np.float32)


def axes_of(name: AxesName, *, reader_wants_y_up: bool = False) -> Axes:
    """Return a preset.

    Args:
        name: "camera" is OpenCV's frame, "scene" has y up and z to the viewer.
        reader_wants_y_up: of a format that cannot say which axis is up and whose readers all take
            y (BVH, OBJ): then Blender's preset has y up, too, and Blender turns it.
    """
    if name == "camera":
        return _axes(name, "-Y", 1, _CAMERA)
    if name == "blender" and not reader_wants_y_up:
        return _axes(name, "Z", 1, _Z_UP)
    if name == "unreal":
        return _axes(name, "Z", 0.01, _Z_UP)
    return _axes(name, "Y", 0.01 if name == "maya" else 1, _Y_UP)


def _axes(
    name: AxesName,
    up: Literal["Y", "Z", "-Y"],
    metres_per_unit: float,
    rows: tuple[tuple[int, ...], ...],
) -> Axes:
    return Axes(name, up, metres_per_unit, np.array(rows, np.float32))
