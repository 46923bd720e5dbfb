"""Pictures to try engines on: frames of a clip, as the network sees them."""

from pathlib import Path

from core.capture import VideoFileSource
from core.config import PipelineConfig
from core.preprocess import prepare
from core.types import UInt8


def clip_pictures(
    clip: Path, input_size: tuple[int, int], count: int, step: int | None = None
) -> list[UInt8]:
    """Return up to `count` pictures (height, width, 3) uint8 RGB of a clip.

    Args:
        clip: a video file.
        input_size: (height, width) px of the network input.
        count: of pictures.
        step: every so many frames from the first on; None spreads them over the clip.

    Raises:
        SourceError: the clip is missing or cannot be read.
    """
    source = VideoFileSource(clip, PipelineConfig().capture)
    try:
        every = step or max(1, (source.frame_count or count) // count)
        pictures: list[UInt8] = []
        while len(pictures) < count and (frame := source.read()) is not None:
            if frame.index % every == 0:
                pictures.append(prepare(frame, input_size).image)
        return pictures
    finally:
        source.close()
