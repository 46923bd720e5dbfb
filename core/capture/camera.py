"""Cameras through OpenCV: the mode that is asked for, and what the driver really does."""

import logging
import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import cv2

from core.capture.listing import DEV, camera_name
from core.capture.source import FrameMaker, rgb_from_camera
from core.config import CaptureConfig
from core.errors import SourceError
from core.timing import now_ns
from core.types import Frame, UInt8

_LOG = logging.getLogger(__name__)
_DEV: Final = DEV
#: Raw pictures of this size and above do not fit USB 2 at 30 fps, compressed ones do.
_COMPRESS_FROM_PIXELS: Final = 1280 * 720
#: A camera that gives no usable picture for so long is lost (USB resets take a few frames).
_LOST_NS: Final = 1_000_000_000
_RETRY_S: Final = 0.01
#: The same as list_cameras asks, so that an index means the same camera.
_BACKENDS: Final = {
    "linux": cv2.CAP_V4L2,
    "darwin": cv2.CAP_AVFOUNDATION,
    "win32": cv2.CAP_MSMF,
}
#: CAP_PROP_AUTO_EXPOSURE for (the camera chooses, fixed): V4L2's menu, and a switch elsewhere.
_AUTO_EXPOSURE: Final = {"linux": (3.0, 1.0)}
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
class CameraMode:
    """What the driver really does, as it says.

    Attributes:
        width: px, likewise `height`.
        height: px.
        fps: frames per second; 0 where it does not say.
        fourcc: how pictures come over the cable; "" where it does not say.
        exposure_ms: the fixed exposure; 0 where the camera chooses it, None where the driver
            refuses to have it set.
    """

    width: int
    height: int
    fps: float
    fourcc: str
    exposure_ms: float | None = 0.0

    def __str__(self) -> str:
        """Return it for a person: 1280 x 720 at 30 per second, MJPG."""
        rate = f" at {self.fps:.3g} per second" if self.fps else ""
        fourcc = f", {self.fourcc}" if self.fourcc else ""
        exposure = f", {self.exposure_ms:.3g} ms" if self.exposure_ms else ""
        return f"{self.width} \u00d7 {self.height}{rate}{fourcc}{exposure}"


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
        name: str = "",
        device: Callable[[int], VideoDevice] | None = None,
        clock: Callable[[], int] = now_ns,
    ) -> None:
        """Open the camera and read one picture, since only that tells whether it is free.

        Args:
            index: as list_cameras counts.
            config: what is asked of it.
            name: for a person; default what the system calls it.
            device: opens the device.
            clock: ns, read right after each picture.

        Raises:
            SourceError: CAM-01 absent, CAM-02 busy, CAM-03 not allowed, CAM-10 pixel format.
        """
        self._clock = clock
        self.name = name or camera_name(index)
        self._maker = FrameMaker(self.name, config)
        self._device = (_open_device if device is None else device)(index)
        try:
            if not self._device.isOpened():
                raise _not_opened(index, self.name)
            exposure_ms = _request_mode(self._device, config)
            if self._next_image() is None:
                raise _not_opened(index, self.name)
        except SourceError:
            self._device.release()
            raise
        self.mode = replace(_actual_mode(self._device), exposure_ms=exposure_ms)
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


def _open_device(index: int) -> VideoDevice:
    # OpenCV reports a missing camera on stderr at length; the error says it in one line.
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.VideoCapture(index, _BACKENDS.get(sys.platform, cv2.CAP_ANY))
    finally:
        cv2.utils.logging.setLogLevel(level)


def _request_mode(device: VideoDevice, config: CaptureConfig) -> float | None:
    """Ask for a mode; drivers take the nearest that they have, or ignore it.

    Returns:
        The exposure in ms as in CameraMode.
    """
    if config.width * config.height >= _COMPRESS_FROM_PIXELS:
        device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    device.set(cv2.CAP_PROP_FRAME_WIDTH, config.width)
    device.set(cv2.CAP_PROP_FRAME_HEIGHT, config.height)
    device.set(cv2.CAP_PROP_FPS, config.fps)
    # The default of four buffers delivers pictures that are up to 133 ms old.
    device.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return _request_exposure(device, config.exposure_ms)


def _request_exposure(device: VideoDevice, exposure_ms: float) -> float | None:
    """Fix the exposure, or leave it to the camera (0); a camera remembers what was fixed last.

    Returns:
        What holds now, in ms; None where the driver refuses.
    """
    automatic, fixed = _AUTO_EXPOSURE.get(sys.platform, (1.0, 0.0))
    if not exposure_ms:
        device.set(cv2.CAP_PROP_AUTO_EXPOSURE, automatic)
        return 0.0
    # V4L2 counts 0.1 ms (V4L2_CID_EXPOSURE_ABSOLUTE); Media Foundation and AVFoundation give
    # the logarithm to base 2 of seconds (KSPROPERTY_CAMERACONTROL_EXPOSURE).
    is_linear = sys.platform.startswith("linux")
    value = 10 * exposure_ms if is_linear else math.log2(exposure_ms / 1000)
    taken = device.set(cv2.CAP_PROP_AUTO_EXPOSURE, fixed)
    taken = device.set(cv2.CAP_PROP_EXPOSURE, round(value)) and taken
    if not taken:
        device.set(cv2.CAP_PROP_AUTO_EXPOSURE, automatic)
        return None
    return exposure_ms


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
