"""What is remembered of each camera: mode, turn, exposure, lens, and whose hand it looks at."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from core.atomic import write_atomically
from core.calibration.lens import FOCAL_SD, LENS_SOURCES, LensSource, fov_at_aspect
from core.config import CaptureConfig
from core.errors import OutputError, UsageError
from core.geometry import DEFAULT_HORIZONTAL_FOV_DEG

_LOG = logging.getLogger(__name__)
FILE_NAME: Final = "cameras.json"
_VERSION: Final = 1
_MAX_BYTES: Final = 1 << 20
_MAX_CAMERAS: Final = 200
HAND_LENGTH_RANGE_M: Final = (0.10, 0.26)


@dataclass(frozen=True, slots=True)
class Lens:
    """How the focal length is known.

    Attributes:
        source: where from.
        focal_sd: standard deviation of the focal length as a share of it.
        error_px: reprojection error of a board; 0 without one.
        aspect: longer by shorter side of the picture it was found in.
        fov_deg: of that picture's longer side.
    """

    source: LensSource = "default"
    focal_sd: float = FOCAL_SD["default"]
    error_px: float = 0.0
    aspect: float = 16 / 9
    fov_deg: float = DEFAULT_HORIZONTAL_FOV_DEG

    def __post_init__(self) -> None:
        """Check values, which come from a file.

        Raises:
            ValueError: one is of another type or outside its range.
        """
        if self.source not in LENS_SOURCES:
            raise ValueError(f"lens.source is {self.source!r}")
        for name, low, high in (
            ("focal_sd", 0, 1),
            ("error_px", 0, 100),
            ("aspect", 1, 10),
            ("fov_deg", 20, 150),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"lens.{name} is {value!r}, not a number")
            if not low <= value <= high:
                raise ValueError(f"lens.{name} is {value}, outside {low} to {high}")


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """One camera.

    Attributes:
        capture: what is asked of it and assumed of its pictures.
        lens: how its focal length is known.
        hand_length_m: of the person before it, wrist crease to middle fingertip; 0 unknown.
    """

    capture: CaptureConfig = field(default_factory=CaptureConfig)
    lens: Lens = field(default_factory=Lens)
    hand_length_m: float = 0.0

    def __post_init__(self) -> None:
        """Check the hand length.

        Raises:
            ValueError: it is neither 0 nor that of a hand.
        """
        low, high = HAND_LENGTH_RANGE_M
        length = self.hand_length_m
        if isinstance(length, bool) or not isinstance(length, int | float):
            raise ValueError(f"hand_length_m is {length!r}, not a number")
        if length != 0 and not low <= length <= high:
            raise ValueError(f"hand_length_m is {length}, outside {low} to {high}")

    def with_mode(self, width: int, height: int, fps: float) -> "CameraRecord":
        """Return the record with another mode asked for, its angle of view following."""
        capture = replace(self.capture, width=width, height=height, fps=fps)
        return replace(self, capture=capture).with_lens(self.lens, None)

    def with_lens(
        self, lens: Lens, principal: tuple[float, float] | None = (0.0, 0.0)
    ) -> "CameraRecord":
        """Return the record with another lens; principal None keeps where the axis is."""
        capture = self.capture
        longer, shorter = sorted((capture.width, capture.height), reverse=True)
        fov_deg = fov_at_aspect(lens.fov_deg, lens.aspect, longer / shorter)
        x, y = (capture.principal_x, capture.principal_y) if principal is None else principal
        seen = replace(
            capture,
            horizontal_fov_deg=min(150.0, max(20.0, fov_deg)),
            principal_x=min(0.2, max(-0.2, x)),
            principal_y=min(0.2, max(-0.2, y)),
        )
        return replace(self, capture=seen, lens=lens)


class CameraStore:
    """The records of all cameras, in one file of the user's folder.

    Attributes:
        notices: what was wrong with the file, one line each.
    """

    def __init__(self, path: Path | None) -> None:
        """Read the file; a broken one is kept under another name, a broken entry left out.

        Without a path records last as long as the program.
        """
        self._path = path
        self.notices: list[str] = []
        self._records = {} if path is None else self._load(path)

    def get(self, camera: str) -> CameraRecord:
        """Return what is known of a camera; the defaults where nothing is."""
        return self._records.get(camera, CameraRecord())

    def put(self, camera: str, record: CameraRecord) -> None:
        """Remember a camera until the end; `save` writes it."""
        self._records.pop(camera, None)
        self._records[camera] = record
        while len(self._records) > _MAX_CAMERAS:
            del self._records[next(iter(self._records))]

    def save(self) -> None:
        """Write the file, whole or not at all; may be called in another thread.

        Raises:
            OutputError: OUT-01 where it cannot be written; what is known holds until the end.
        """
        if self._path is None:
            return
        cameras = {name: asdict(kept) for name, kept in dict(self._records).items()}
        text = json.dumps({"version": _VERSION, "cameras": cameras}, indent=1, ensure_ascii=False)
        try:
            write_atomically(text.encode("utf-8", "replace"), self._path)
        except OSError as error:
            raise OutputError(
                "OUT-01",
                f"{self._path} cannot be written ({error.strerror})",
                "Check the folder's permissions and free space.",
            ) from error

    def _load(self, path: Path) -> dict[str, CameraRecord]:
        try:
            if not path.exists():
                return {}
            if path.stat().st_size > _MAX_BYTES:
                raise ValueError("it is too large")
            content = json.loads(path.read_text("utf-8"))
            if not isinstance(content, dict) or content.get("version") != _VERSION:
                raise ValueError("it is of another version")
            cameras = content["cameras"]
            if not isinstance(cameras, dict):
                raise ValueError("it lists no cameras")
        except (OSError, ValueError, KeyError, RecursionError) as error:
            self._set_aside(path, error)
            return {}
        records = {}
        for name, entry in list(cameras.items())[:_MAX_CAMERAS]:
            try:
                records[name] = _record(entry)
            except (TypeError, ValueError, UsageError) as error:
                self.notices.append(f"{path.name}: {name} is left out ({error})")
                _LOG.warning(self.notices[-1])
        return records

    def _set_aside(self, path: Path, error: Exception) -> None:
        broken = path.with_name(f"{path.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
        try:
            path.replace(broken)
            notice = f"{path.name} cannot be read ({error}); it is kept as {broken.name}"
        except OSError:
            notice = f"{path.name} cannot be read ({error})"
        self.notices.append(notice)
        _LOG.warning(notice)


def _record(entry: Any) -> CameraRecord:
    """Build a record from its JSON; every value is checked by the classes themselves."""
    return CameraRecord(
        capture=CaptureConfig(**_known(entry["capture"], CaptureConfig)),
        lens=Lens(**_known(entry["lens"], Lens)),
        hand_length_m=entry["hand_length_m"],
    )


def _known(values: Any, kind: type) -> Mapping[str, Any]:
    """Return the values whose names the class has; a file of a later version may have more."""
    if not isinstance(values, dict):
        raise TypeError(f"{values!r} is no table")
    names = {item.name for item in fields(kind)}
    return {name: value for name, value in values.items() if name in names}
