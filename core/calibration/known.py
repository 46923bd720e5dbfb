"""Angles of view of common webcams, by the names that they report."""

import re
from dataclasses import dataclass
from typing import Final

from core.calibration.lens import longer_side_fov


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """A webcam whose maker states its angle of view.

    Attributes:
        model: as on its box.
        pattern: found in the name that it reports, ignoring case.
        diagonal_fov_deg: of its 16:9 picture.
        source: where that is stated.
    """

    model: str
    pattern: str
    diagonal_fov_deg: float
    source: str

    @property
    def longer_side_fov_deg(self) -> float:
        """Angle of the longer side of its 16:9 picture."""
        return longer_side_fov(self.diagonal_fov_deg, "diagonal", 16, 9)


_LOGITECH: Final = "Logitech, data sheet of the model"
KNOWN_CAMERAS: Final = (
    KnownCamera("Logitech C270", r"\bC270\b", 55.0, _LOGITECH),
    KnownCamera("Logitech C310", r"\bC310\b", 60.0, _LOGITECH),
    # 70 degrees horizontally at 16:9, as measured for Android's emulated camera.
    KnownCamera("Logitech B910, C910", r"\b[BC]910\b", 77.5, "android.googlesource.com 4211948"),
    KnownCamera("Logitech C920", r"\bC920", 78.0, f"{_LOGITECH}: 78 diagonal, 70.4 horizontal"),
    KnownCamera("Logitech C922", r"\bC922", 78.0, _LOGITECH),
    KnownCamera("Logitech C925e", r"\bC925", 78.0, _LOGITECH),
    KnownCamera("Logitech C930e", r"\bC930", 90.0, _LOGITECH),
    KnownCamera("Logitech StreamCam", r"\bStreamCam\b", 78.0, _LOGITECH),
    KnownCamera("Microsoft LifeCam HD-3000", r"LifeCam HD-?3000", 68.5, "Microsoft, data sheet"),
    KnownCamera("Microsoft LifeCam Studio", r"LifeCam Studio", 75.0, "Microsoft, data sheet"),
    KnownCamera("Razer Kiyo", r"Razer Kiyo$", 81.6, "Razer, data sheet"),
    KnownCamera("Elgato Facecam", r"Elgato Facecam$", 82.0, "Elgato, data sheet"),
)


def known_camera(name: str) -> KnownCamera | None:
    """Return the table's row for a camera's reported name; None where it has none."""
    for camera in KNOWN_CAMERAS:
        if re.search(camera.pattern, name.strip(), re.IGNORECASE):
            return camera
    return None
