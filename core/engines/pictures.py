"""Pictures to try engines on: frames of a clip, as the network sees them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.capture import VideoFileSource
from core.config import PipelineConfig
from core.engines.base import Engine, RawHands
from core.preprocess import prepare
from core.types import Frame, UInt8


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


def run_whole(engine: Engine, picture: UInt8, input_size: tuple[int, int]) -> RawHands:
    """Run an engine on a whole picture; its answers are in pixels of a network's input.

    Engines differ in what they take: the letterboxed picture, or the whole one, and then they
    answer in its pixels. So the same hands have the same numbers.

    Args:
        engine: to run.
        picture: (height, width, 3) uint8 RGB.
        input_size: (height, width) px of the input that the answers shall be in.
    """
    frame = Frame(0, 0, 0, picture, np.eye(3, dtype=np.float32))
    own = prepare(frame, engine.input_size)
    raw = engine.run(own.image)
    if engine.input_size == input_size:
        return raw
    wanted = prepare(frame, input_size).image_from_input
    change = np.linalg.inv(wanted) @ own.image_from_input
    scale, offset = np.diag(change)[:2], change[:2, 2]
    return replace(
        raw,
        keypoints_2d=(raw.keypoints_2d * scale + offset).astype(np.float32),
        middle_mcp_2d=(raw.middle_mcp_2d * scale + offset).astype(np.float32),
        pixels_per_metre=(raw.pixels_per_metre * np.sqrt(scale.prod())).astype(np.float32),
    )
