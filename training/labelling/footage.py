"""A user's videos and image folders, and which of their frames are worth a label."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from core.capture.images import IMAGE_SUFFIXES, ImageFolderSource
from core.capture.video import VideoFileSource
from core.config import CaptureConfig
from core.errors import TrainingError
from core.types import UInt8

VIDEO_SUFFIXES: Final = frozenset(".avi .m4v .mkv .mov .mp4 .mpeg .mpg .ts .webm".split())
#: Size of the grey thumbnails that say whether anything moved.
_THUMBNAIL: Final = (32, 24)
_CHANGED_SHARE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of one video, or a whole image folder: what one worker labels.

    Attributes:
        path: video file or folder of images.
        start_s: where the stretch begins.
        stop_s: where it ends; None for the end of the video.
    """

    path: Path
    start_s: float = 0.0
    stop_s: float | None = None

    @property
    def stem(self) -> str:
        """Name of what is written: readable, and another for every path and stretch."""
        readable = re.sub(r"[^a-z0-9]+", "-", self.path.stem.lower()).strip("-")[:40] or "footage"
        digest = hashlib.sha256(str(self.path.resolve()).encode()).hexdigest()[:6]
        stretch = "" if self.stop_s is None and not self.start_s else f"-{self.start_s:06.0f}s"
        return f"{readable}-{digest}{stretch}"


def footage_in(paths: Iterable[Path]) -> list[Path]:
    """Return the videos and image folders that were named, or lie in a folder that was.

    Raises:
        TrainingError: TRN-01 a path does not exist, or nothing of it can be labelled.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise TrainingError("TRN-01", f"there is no {path}", "Check the name.")
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        videos = [entry for entry in inside if entry.suffix.lower() in VIDEO_SUFFIXES]
        images = path.is_dir() and any(e.suffix.lower() in IMAGE_SUFFIXES for e in inside)
        if not videos and not images:
            raise TrainingError(
                "TRN-01",
                f"{path} is no video, and holds neither videos nor images",
                f"Videos end in {', '.join(sorted(VIDEO_SUFFIXES))}.",
            )
        found += videos + ([path] if images else [])
    return list(dict.fromkeys(found))


def split_of(path: Path, val_share: float) -> str:
    """Return "train" or "val" for all of a video's frames, by its name alone.

    Frames of one video are much alike; one in each split would flatter every figure.
    """
    number = int.from_bytes(hashlib.sha256(path.name.encode()).digest()[:4])
    return "val" if number < val_share * 2**32 else "train"


def thumbnail(image: UInt8) -> UInt8:
    """Return a picture (H, W, 3) as 24 x 32 grey."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, _THUMBNAIL, interpolation=cv2.INTER_AREA), np.uint8)


def changed(now: UInt8, before: UInt8) -> float:
    """Mean difference of the most changed twentieth of two thumbnails, of 255.

    A hand that moves changes a small part of the frame: the mean over all of it would miss it.
    """
    difference = np.abs(now.astype(np.float32) - before).ravel()
    count = max(1, round(_CHANGED_SHARE * difference.size))
    return float(np.sort(difference)[-count:].mean())


@dataclass(frozen=True, slots=True, eq=False)
class ChosenFrame:
    """A frame worth a label.

    Attributes:
        index: in its footage.
        image: (H, W, 3) uint8 RGB.
        name: the image's file name, or the time in the video.
        thumbnail: to compare later frames with.
        time_s: since the start of the footage.
    """

    index: int
    image: UInt8
    name: str
    thumbnail: UInt8
    time_s: float


def chosen_frames(
    chunk: Chunk,
    max_fps: float,
    min_change: float,
    first: int = 0,
    last_kept: tuple[UInt8, float] | None = None,
) -> Iterator[ChosenFrame]:
    """Yield the frames of a chunk that differ from the one yielded before.

    Args:
        chunk: of footage.
        max_fps: frames of a video's second that are kept at most.
        min_change: of 255; a frame whose `changed` is less is a near duplicate.
        first: index of the frame to go on from.
        last_kept: thumbnail and time of the frame kept before that.

    Raises:
        SourceError: CAM-06, CAM-07, CAM-09 the footage cannot be read.
    """
    is_video = chunk.path.is_file()
    source = (VideoFileSource if is_video else ImageFolderSource)(chunk.path, CaptureConfig())
    thumb, kept_s = last_kept or (None, -np.inf)
    try:
        while (frame := source.read()) is not None:
            time_s = frame.timestamp_ns / 1e9 if is_video else 0.0
            if chunk.stop_s is not None and time_s >= chunk.stop_s:
                return
            if frame.index < first or time_s < chunk.start_s:
                continue
            if is_video and time_s - kept_s < 1 / max_fps - 1e-6:
                continue
            now = thumbnail(frame.image)
            if thumb is not None and changed(now, thumb) < min_change:
                continue
            thumb, kept_s = now, time_s
            name = f"{chunk.path.name}@{time_s:.3f}s" if is_video else frame.source_name
            yield ChosenFrame(frame.index, frame.image, name, now, time_s)
    finally:
        source.close()
