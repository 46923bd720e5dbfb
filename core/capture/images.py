"""Single images and folders of images; each picture stands alone."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from core.capture.source import FrameMaker
from core.config import CaptureConfig
from core.errors import SourceError
from core.types import Frame, UInt8

IMAGE_SUFFIXES: Final = frozenset(
    ".jpg .jpeg .jpe .jfif .png .bmp .dib .webp .tif .tiff .avif .jp2 .ppm .pgm .pnm".split()
)
#: Pictures without time are a second apart, so that a folder plays as a slide show.
_STEP_NS: Final = 1_000_000_000
_MAX_FILE_BYTES: Final = 256 << 20


class ImageFolderSource:
    """The images of a folder in natural order; one that cannot be read is skipped and counted."""

    is_live = False
    independent_frames = True
    fps = None

    def __init__(self, folder: Path, config: CaptureConfig) -> None:
        """List the folder and read its first image.

        Raises:
            SourceError: CAM-06 no such folder, CAM-09 no readable image in it.
        """
        if not folder.is_dir():
            raise SourceError("CAM-06", f"there is no folder {folder}", "Check its name.")
        self.name = folder.name or str(folder)
        paths = natural_order(
            path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES
        )
        self.frame_count: int | None = len(paths)
        self._maker = FrameMaker(self.name, config)
        self._frames = self._read_all(paths)
        self._first = next(self._frames, None)
        if self._first is None:
            found = f"none of its {len(paths)} images can be read" if paths else "it holds no image"
            raise SourceError(
                "CAM-09", f"{folder}: {found}", "Give a folder with JPEG, PNG or WebP images."
            )

    @property
    def skipped(self) -> tuple[str, ...]:
        """One line for each of the first hundred images that could not be read."""
        return self._maker.skipped

    @property
    def skipped_count(self) -> int:
        """How many images could not be read."""
        return self._maker.skipped_count

    def read(self) -> Frame | None:
        """Return the next readable image; None after the last one."""
        if self._first is not None:
            frame, self._first = self._first, None
            return frame
        return next(self._frames, None)

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _read_all(self, paths: Sequence[Path]) -> Iterator[Frame]:
        for position, path in enumerate(paths):
            try:
                image = read_image(path)
            except SourceError as error:
                self._maker.skip(f"{path.name}: {error.cause}")
                continue
            yield self._maker.frame(image, position * _STEP_NS, path.name)


class ImageSource:
    """A single image: one frame."""

    is_live = False
    independent_frames = True
    fps = None
    skipped: tuple[str, ...] = ()
    skipped_count = 0

    def __init__(self, path: Path, config: CaptureConfig) -> None:
        """Read the image.

        Raises:
            SourceError: CAM-06 missing, CAM-07 not an image that can be read.
        """
        self.name = path.name
        self.frame_count: int | None = 1
        self._frame: Frame | None = FrameMaker(self.name, config).frame(read_image(path), 0)

    def read(self) -> Frame | None:
        """Return the image, once."""
        frame, self._frame = self._frame, None
        return frame

    def close(self) -> None:
        """Do nothing: no file stays open."""


def read_image(path: Path) -> UInt8:
    """Return an image file as (H, W, 3) uint8 RGB, upright as its EXIF orientation says.

    Raises:
        SourceError: CAM-06 missing, CAM-07 not readable.
    """
    if not path.is_file():
        raise SourceError("CAM-06", f"there is no file {path}", "Check the name and the folder.")
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise _unreadable(path, "it is larger than 256 MiB")
        # cv2.imread fails on names outside the code page on Windows, decoding bytes does not.
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR_RGB)
    except (OSError, cv2.error) as error:
        raise _unreadable(path, str(error).strip().splitlines()[0]) from error
    if image is None or image.size == 0:
        raise _unreadable(path, "it is no whole image of a known kind")
    return np.asarray(image, np.uint8)


def natural_order(paths: Iterator[Path]) -> list[Path]:
    """Sort by name with numbers as numbers: 2.png before 10.png."""

    def key(path: Path) -> tuple[list[tuple[int, int, str]], str]:
        parts = re.findall(r"(\d+)|(\D+)", path.name.casefold())
        return [(0, int(d), "") if d else (1, 0, text) for d, text in parts], path.name

    return sorted(paths, key=key)


def _unreadable(path: Path, reason: str) -> SourceError:
    return SourceError(
        "CAM-07",
        f"{path.name} cannot be read as an image: {reason}",
        "Give a whole JPEG, PNG, WebP, BMP or TIFF file.",
    )
