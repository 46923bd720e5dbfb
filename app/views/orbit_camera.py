"""The viewer's place in the 3D view: it orbits, pans and zooms around a centre."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.views.projection import perspective
from core.types import Float32

FOV_DEG: Final = 40.0
_NEAREST_M, _FARTHEST_M = 0.12, 4.0
_STEEPEST_DEG = 89.0
#: Where hands in front of a webcam are: half a metre away, scene frame.
_USUAL_CENTRE = (0.0, 0.0, -0.5)


@dataclass(frozen=True, slots=True)
class OrbitCamera:
    """Looks at a centre from a distance (scene frame: x right, y up, z to the viewer).

    Attributes:
        yaw_deg: 0 looks along -z, as the webcam does; 90 looks along -x, from the right.
        pitch_deg: positive looks down from above.
        distance_m: from the centre.
        centre: (x, y, z) m.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    distance_m: float = 0.9
    centre: tuple[float, float, float] = _USUAL_CENTRE

    def orbit(self, yaw_deg: float, pitch_deg: float) -> "OrbitCamera":
        """Turn around the centre."""
        yaw = (self.yaw_deg + yaw_deg + 180) % 360 - 180
        pitch = float(np.clip(self.pitch_deg + pitch_deg, -_STEEPEST_DEG, _STEEPEST_DEG))
        return replace(self, yaw_deg=yaw, pitch_deg=pitch)

    def zoom(self, factor: float) -> "OrbitCamera":
        """Come nearer (factor < 1) or go away (factor > 1)."""
        distance = float(np.clip(self.distance_m * factor, _NEAREST_M, _FARTHEST_M))
        return replace(self, distance_m=distance)

    def pan(self, right: float, up: float) -> "OrbitCamera":
        """Move the centre by shares of the view's height, as a hand would push the scene."""
        height_m = 2 * self.distance_m * np.tan(np.radians(FOV_DEG) / 2)
        axes = self.scene_from_eye()
        shift = height_m * (right * axes[:, 0] + up * axes[:, 1])
        x, y, z = (float(v) for v in np.asarray(self.centre) - shift)
        return replace(self, centre=(x, y, z))

    def scene_from_eye(self) -> Float32:
        """Return the rotation (3, 3); its columns are the viewer's right, up and back."""
        yaw, pitch = np.radians(self.yaw_deg), np.radians(self.pitch_deg)
        sin_y, cos_y, sin_p, cos_p = np.sin(yaw), np.cos(yaw), np.sin(pitch), np.cos(pitch)
        turn = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
        tilt = np.array([[1, 0, 0], [0, cos_p, sin_p], [0, -sin_p, cos_p]])
        return (turn @ tilt).astype(np.float32)

    def eye(self) -> Float32:
        """Return the viewer's position (3,) m, scene frame."""
        back = self.scene_from_eye()[:, 2]
        return (np.asarray(self.centre) + self.distance_m * back).astype(np.float32)

    def clip_from_scene(self, aspect: float) -> Float32:
        """Return the matrix (4, 4) for a view of this width by height.

        The field of view is that of the shorter side, so that a narrow view cuts nothing off.
        """
        half = np.tan(np.radians(FOV_DEG) / 2) / min(aspect, 1.0)
        vertical_deg = float(np.degrees(2 * np.arctan(half)))
        eye_from_scene = np.eye(4, dtype=np.float32)
        rotation = self.scene_from_eye().T
        eye_from_scene[:3, :3] = rotation
        eye_from_scene[:3, 3] = -rotation @ self.eye()
        return perspective(vertical_deg, aspect) @ eye_from_scene


#: What the view starts with and returns to: a little from above and from the side.
HOME: Final = OrbitCamera(24.0, 16.0, 1.0, (0.03, -0.05, -0.47))
FRONT: Final = OrbitCamera()
SIDE: Final = OrbitCamera(yaw_deg=90.0)
TOP: Final = OrbitCamera(pitch_deg=_STEEPEST_DEG)
