"""What source and engine turned out to be, for a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication

from core.capture import CAMERA_PREFIX, CameraInfo
from core.pipeline import SourceStatus

#: Size (width, height) px -> frames per second.
Rates = Mapping[tuple[int, int], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source turned out to be.

    Attributes:
        source: as it was asked for.
        name: for a person.
        mode: its real size and stated rate, for a person.
        is_live: whether it is a camera or stream.
        exposure_ms: what the exposure was fixed to; 0 where it is automatic or does not count,
            None where the driver refuses to have it fixed.
        stated_fps: pictures per second as the source states them; 0 where it does not.
    """

    source: str
    name: str
    mode: str
    is_live: bool
    exposure_ms: float | None = 0.0
    stated_fps: float = 0.0

    @property
    def is_camera(self) -> bool:
        """Whether it is a camera of this machine, which can be asked for other modes."""
        return is_camera(self.source)


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What runs the network, why nothing faster does, and what failed before, for a person."""

    text: str
    tip: str
    failure: str = ""


def is_camera(source: str) -> bool:
    """Say whether a source, as it is asked for, is a camera of this machine."""
    return source.isdigit() or source.startswith((CAMERA_PREFIX, "/dev/video"))


def camera_rates(source: str, cameras: Iterable[CameraInfo]) -> Rates:
    """Return the rates of each size (width, height) px that a camera has.

    Nothing where the source is no camera, or nobody can tell.
    """
    for camera in cameras:
        if source and source in (camera.source, str(camera.index), camera.path):
            return camera.modes.rates if camera.modes is not None else {}
    return {}


def mode_text(width: int, height: int, fps: float) -> str:
    """Return size in px and rate (0 where it is not stated) for a person."""
    size = f"{width} \u00d7 {height}"
    if not fps:
        return size
    text = QCoreApplication.translate("Session", "{size} at {rate} per second")
    return text.format(size=size, rate=f"{fps:.3g}")


def source_info(source: str, status: SourceStatus) -> SourceInfo:
    """Return what a source that was asked for turned out to be."""
    mode = status.mode
    if mode is None:
        text = mode_text(status.width, status.height, status.stated_fps or 0.0)
        return SourceInfo(source, status.name, text, status.is_live)
    return SourceInfo(
        source, status.name, str(mode), status.is_live, mode.exposure_ms, status.stated_fps or 0.0
    )
