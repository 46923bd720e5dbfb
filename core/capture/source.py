"""The FrameSource protocol, and what every source does to a picture before it is a Frame."""

import logging
from typing import Any, Final, Protocol

import cv2
import numpy as np

from core.config import CaptureConfig
from core.errors import SourceError
from core.geometry import intrinsics_from_fov, turned_image, turned_intrinsics
from core.types import Float32, Frame, UInt8

_LOG = logging.getLogger(__name__)
_KEPT_REASONS: Final = 100


class FrameSource(Protocol):
    """Gives frames one after the other. One thread owns a source, from opening to close()."""

    @property
    def name(self) -> str:
        """What a person calls it: camera, file or folder name, address without password."""

    @property
    def is_live(self) -> bool:
        """Whether time goes on without us: frames that are not read in time are lost."""

    @property
    def independent_frames(self) -> bool:
        """Whether frames have nothing to do with each other, as the pictures of a folder."""

    @property
    def frame_count(self) -> int | None:
        """How many frames there are, where that is known."""

    @property
    def fps(self) -> float | None:
        """Frames per second as the source states them, where it does."""

    @property
    def skipped(self) -> tuple[str, ...]:
        """One line for each picture that could not be used; the first hundred."""

    @property
    def skipped_count(self) -> int:
        """How many pictures could not be used."""

    def read(self) -> Frame | None:
        """Return the next frame, of epoch 0; None after the last one.

        Raises:
            SourceError: the source is lost or not usable any longer.
        """

    def close(self) -> None:
        """Let go of the device or file."""


class FrameMaker:
    """Counts the frames of one source and gives each its intrinsics; counts what is skipped."""

    def __init__(self, source_name: str, config: CaptureConfig) -> None:
        """Start at index 0."""
        self.source_name = source_name
        self.skipped_count = 0
        self._skipped: list[str] = []
        self._config = config
        self._index = 0
        self._K: Float32 | None = None
        self._K_size = (0, 0)

    @property
    def skipped(self) -> tuple[str, ...]:
        """One line for each of the first hundred skipped pictures."""
        return tuple(self._skipped)

    def frame(self, image: UInt8, timestamp_ns: int, source_name: str | None = None) -> Frame:
        """Return the next frame of image (H, W, 3) uint8 RGB.

        A source that is known to deliver mirrored pictures is turned back here, once, and a
        camera that is mounted on its side is turned upright.
        """
        config = self._config
        if config.source_is_mirrored:
            image = np.ascontiguousarray(image[:, ::-1])
        height, width = image.shape[:2]
        if self._K is None or self._K_size != (height, width):
            K = intrinsics_from_fov(width, height, config.horizontal_fov_deg)
            K[:2, 2] += max(width, height) * np.array([config.principal_x, config.principal_y])
            self._K = turned_intrinsics(K, width, height, config.rotation_deg)
            self._K_size = (height, width)
        image = np.asarray(turned_image(image, config.rotation_deg), np.uint8)
        name = self.source_name if source_name is None else source_name
        made = Frame(self._index, 0, timestamp_ns, image, self._K, name)
        self._index += 1
        return made

    def skip(self, reason: str) -> None:
        """Count a picture that cannot be used, and log the first of them."""
        self.skipped_count += 1
        if len(self._skipped) < _KEPT_REASONS:
            self._skipped.append(reason)
            _LOG.warning("%s: skipped a picture: %s", self.source_name, reason)


def rgb_from_camera(image: Any) -> UInt8 | None:
    """Return an OpenCV picture as (H, W, 3) uint8 RGB; None where it is empty or no picture.

    Grey, BGR, BGRA and packed YUYV of 8 bits and grey, BGR and BGRA of 16 bits are known.

    Raises:
        SourceError: CAM-10 for any other layout.
    """
    if not isinstance(image, np.ndarray) or image.size == 0 or image.ndim not in (2, 3):
        return None
    channels = 1 if image.ndim == 2 else image.shape[2]
    if image.dtype == np.uint16 and channels != 2:
        image = (image >> 8).astype(np.uint8)
    codes = {
        1: cv2.COLOR_GRAY2RGB,
        2: cv2.COLOR_YUV2RGB_YUYV,
        3: cv2.COLOR_BGR2RGB,
        4: cv2.COLOR_BGRA2RGB,
    }
    if image.dtype != np.uint8 or channels not in codes:
        raise SourceError(
            "CAM-10",
            f"the source delivers pictures of {channels} channels of {image.dtype}",
            "Choose another mode of the camera (MJPG, YUYV or RGB, 8 bits), or convert the file.",
        )
    return np.asarray(cv2.cvtColor(image, codes[channels]), np.uint8)
