"""Cameras through OpenCV, and which ones there are."""

import logging
import os
import re
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import cv2

from core.capture.source import FrameMaker, rgb_from_camera
from core.config import CaptureConfig
from core.errors import SourceError
from core.timing import now_ns
from core.types import Frame, UInt8

_LOG = logging.getLogger(__name__)
_SYSFS: Final = Path("/sys/class/video4linux")
_DEV: Final = Path("/dev")
# videodev2.h: _IOR('V', 0, struct v4l2_capability), and two bits of its capabilities.
_VIDIOC_QUERYCAP: Final = 0x80685600
_CAPABILITY_BYTES: Final = 104
_CAPTURES_VIDEO: Final = 0x1 | 0x1000
#: Raw pictures of this size and above do not fit USB 2 at 30 fps, compressed ones do.
_COMPRESS_FROM_PIXELS: Final = 1280 * 720
#: A camera that gives no usable picture for so long is lost (USB resets take a few frames).
_LOST_NS: Final = 1_000_000_000
_RETRY_S: Final = 0.01
_PROBED_INDICES: Final = 5
_PRIVACY_HELP: Final = {
    "linux": "Add yourself to the group: sudo usermod -aG video $USER, then log in again.",
    "darwin": "Allow it in System Settings, Privacy & Security, Camera, then start again.",
    "win32": "Allow it in Settings, Privacy & security, Camera, then start again.",
}


class VideoDevice(Protocol):
    """What is used of cv2.VideoCapture."""

    def isOpened(self) -> bool:
        """Say whether the device could be opened."""

    def read(self) -> tuple[bool, Any]:
        """Return (whether a picture came, the picture)."""

    def set(self, propId: int, value: float) -> bool:
        """Ask for a property; True where the driver says that it took it."""

    def get(self, propId: int) -> float:
        """Return a property."""

    def release(self) -> None:
        """Close the device."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine.

    Attributes:
        index: what `open_source` takes.
        name: what its maker calls it.
        path: device file where there are such, else "".
    """

    index: int
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class CameraMode:
    """What the driver really does, as it says; fps 0 where it does not say."""

    width: int
    height: int
    fps: float
    fourcc: str


class CameraSource:
    """A webcam. Frames carry the clock right after read(), not a nominal rate."""

    is_live = True
    independent_frames = False
    frame_count = None

    def __init__(
        self,
        index: int,
        config: CaptureConfig,
        *,
        device: Callable[[int], VideoDevice] | None = None,
        clock: Callable[[], int] = now_ns,
    ) -> None:
        """Open the camera and read one picture, since only that tells whether it is free.

        Raises:
            SourceError: CAM-01 absent, CAM-02 busy, CAM-03 not allowed, CAM-10 pixel format.
        """
        self._clock = clock
        self.name = _camera_name(index)
        self._maker = FrameMaker(self.name, config)
        self._device = (_open_device if device is None else device)(index)
        try:
            if not self._device.isOpened():
                raise _not_opened(index, self.name)
            _request_mode(self._device, config)
            if self._next_image() is None:
                raise _not_opened(index, self.name)
        except SourceError:
            self._device.release()
            raise
        self.mode = _actual_mode(self._device)
        _LOG.info("%s opened with %s", self.name, self.mode)

    @property
    def fps(self) -> float | None:
        """What the driver promises."""
        return self.mode.fps or None

    @property
    def skipped(self) -> tuple[str, ...]:
        """One line for each of the first hundred pictures that could not be used."""
        return self._maker.skipped

    @property
    def skipped_count(self) -> int:
        """How many pictures could not be used."""
        return self._maker.skipped_count

    def read(self) -> Frame:
        """Return the next picture.

        Raises:
            SourceError: CAM-04 after a second without a usable picture, CAM-10 pixel format.
        """
        image = self._next_image()
        if image is None:
            raise SourceError(
                "CAM-04",
                f"{self.name} gives no pictures any longer",
                "Check its cable, then retry; unplugging it and plugging it in may help.",
            )
        return self._maker.frame(image, self._clock())

    def close(self) -> None:
        """Free the camera for other programs."""
        self._device.release()

    def _next_image(self) -> UInt8 | None:
        """Return the next usable picture; None after a second without one."""
        start_ns = self._clock()
        while True:
            try:
                ok, image = self._device.read()
            except cv2.error as error:
                ok, image = True, None
                _LOG.debug("%s: %s", self.name, error)
            rgb = rgb_from_camera(image) if ok else None
            if rgb is not None:
                return rgb
            if ok:
                self._maker.skip("the camera delivered an empty picture")
            if self._clock() - start_ns >= _LOST_NS:
                return None
            time.sleep(_RETRY_S)


def list_cameras(sysfs: Path = _SYSFS, dev: Path = _DEV) -> tuple[CameraInfo, ...]:
    """Return the cameras of this machine by index.

    On Linux by device files, without opening a stream; elsewhere by opening the first few.
    """
    if not sys.platform.startswith("linux"):
        return _probe_cameras()
    cameras = []
    for entry in sysfs.glob("video*") if sysfs.is_dir() else ():
        path = dev / entry.name
        if re.fullmatch(r"video\d+", entry.name) and path.exists() and _captures(path, entry):
            index = int(entry.name.removeprefix("video"))
            name = _first_line(entry / "name") or entry.name
            cameras.append(CameraInfo(index, name, str(path)))
    return tuple(sorted(cameras, key=lambda camera: camera.index))


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _captures(path: Path, sysfs_entry: Path) -> bool:
    """Say whether a device file gives pictures; a webcam has others for metadata."""
    import fcntl  # absent on Windows

    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:  # not allowed or busy: listed, so that opening it can say why
        return _first_line(sysfs_entry / "index") in ("", "0")
    try:
        answer = fcntl.ioctl(device, _VIDIOC_QUERYCAP, bytes(_CAPABILITY_BYTES))
    except OSError:
        return _first_line(sysfs_entry / "index") in ("", "0")
    finally:
        os.close(device)
    (device_capabilities,) = struct.unpack_from("<I", answer, 88)
    return bool(device_capabilities & _CAPTURES_VIDEO)


def _probe_cameras() -> tuple[CameraInfo, ...]:
    cameras = []
    for index in range(_PROBED_INDICES):
        device = _open_device(index)
        if device.isOpened():
            cameras.append(CameraInfo(index, f"camera {index}", ""))
        device.release()
    return tuple(cameras)


def _camera_name(index: int) -> str:
    return _first_line(_SYSFS / f"video{index}" / "name") or f"camera {index}"


def _open_device(index: int) -> VideoDevice:
    # OpenCV reports a missing camera on stderr at length; the error says it in one line.
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        backend = cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY
        return cv2.VideoCapture(index, backend)
    finally:
        cv2.utils.logging.setLogLevel(level)


def _request_mode(device: VideoDevice, config: CaptureConfig) -> None:
    """Ask for a mode; drivers take the nearest that they have, or ignore it."""
    if config.width * config.height >= _COMPRESS_FROM_PIXELS:
        device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    device.set(cv2.CAP_PROP_FRAME_WIDTH, config.width)
    device.set(cv2.CAP_PROP_FRAME_HEIGHT, config.height)
    device.set(cv2.CAP_PROP_FPS, config.fps)
    # The default of four buffers delivers pictures that are up to 133 ms old.
    device.set(cv2.CAP_PROP_BUFFERSIZE, 1)


def _actual_mode(device: VideoDevice) -> CameraMode:
    code = int(device.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
    letters = code.to_bytes(4, "little").decode("ascii", "replace")
    return CameraMode(
        width=int(device.get(cv2.CAP_PROP_FRAME_WIDTH)),
        height=int(device.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        fps=max(0.0, float(device.get(cv2.CAP_PROP_FPS))),
        fourcc="".join(letter for letter in letters if letter.isprintable()).strip(),
    )


def _not_opened(index: int, name: str) -> SourceError:
    """Say why a camera did not open, as far as the device file tells."""
    path = _DEV / f"video{index}"
    help_text = _PRIVACY_HELP.get(sys.platform, "Allow this program to use the camera.")
    if sys.platform.startswith("linux"):
        if not path.exists():
            return SourceError(
                "CAM-01",
                f"there is no camera {index}",
                "Plug one in, or give a video, an image, a folder, a URL or demo.",
            )
        if not os.access(path, os.R_OK | os.W_OK):
            return SourceError("CAM-03", f"you may not use {path} ({name})", help_text)
        return SourceError(
            "CAM-02",
            f"{name} ({path}) is in use by another program, or broken",
            "Close other programs that show the camera, then retry.",
        )
    return SourceError(
        "CAM-01",
        f"camera {index} is absent, in use, or may not be used",
        f"Plug it in and close other programs that show it. {help_text}",
    )
