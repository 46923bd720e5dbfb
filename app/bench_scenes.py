"""Pictures with exactly N hands, made of copies of one hand that was found in a clip.

The background is the clip's (the median over time, blurred until no hand is left in it); the
copies lie in cells of their own, every other one mirrored.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.capture import VideoFileSource
from core.config import PipelineConfig
from core.engines.base import Engine
from core.geometry import bbox_from_points
from core.pipeline import FramePipeline
from core.types import Frame, HandState, UInt8

HEIGHT: Final = 720
WIDTH: Final = 1280
_ROWS, _COLUMNS = 2, 4
#: Cells in the order in which they are filled: spread over the picture.
_CELL_ORDER: Final = (1, 6, 3, 4, 0, 7, 2, 5)
_SAMPLED_FRAMES: Final = 16
#: A patch reaches beyond the joints by this share of the hand's box.
_MARGIN: Final = 0.3
_MAX_PATCHES: Final = 6
_BACKGROUND_BLUR_PX: Final = 60


def sample(clip: Path) -> list[Frame]:
    """Return frames spread evenly over the clip."""
    source = VideoFileSource(clip, PipelineConfig().capture)
    try:
        step = max((source.frame_count or 0) // _SAMPLED_FRAMES, 1)
        frames: list[Frame] = []
        while (frame := source.read()) is not None:
            if frame.index % step == 0:
                frames.append(frame)
        return frames
    finally:
        source.close()


def background_of(frames: Sequence[Frame]) -> UInt8:
    """Return (HEIGHT, WIDTH, 3) of a clip without its hands."""
    empty = np.median(np.stack([frame.image for frame in frames]), axis=0).astype(np.uint8)
    # A hand that keeps still stays in the median; blurred, nothing in it looks like one.
    blurred = cv2.GaussianBlur(cv2.resize(empty, (WIDTH, HEIGHT)), (0, 0), _BACKGROUND_BLUR_PX)
    return np.asarray(blurred, np.uint8)


def single_pictures(engine: Engine) -> FramePipeline:
    """Return a pipeline whose frames stand alone."""
    config = PipelineConfig()
    return FramePipeline(
        engine,
        replace(
            config,
            tracking=replace(config.tracking, enabled=False),
            smoothing=replace(config.smoothing, enabled=False),
        ),
    )


def patches(frames: Sequence[Frame], pipeline: FramePipeline) -> list[UInt8]:
    """Return square pictures of single hands, those that the network is surest of first."""
    found: list[tuple[float, UInt8]] = []
    for frame in frames:
        hands = pipeline.process(frame).hands
        for hand in hands:
            others = [other for other in hands if other is not hand]
            patch = _patch(frame.image, hand, others)
            if patch is not None:
                found.append((hand.score, patch))
    found.sort(key=lambda entry: -entry[0])
    return [patch for _, patch in found[:_MAX_PATCHES]]


def _patch(image: UInt8, hand: HandState, others: Sequence[HandState]) -> UInt8 | None:
    """Cut one hand out, or return None where it leaves the picture or another hand is near."""
    box = bbox_from_points(hand.joints_2d)
    half = (0.5 + _MARGIN) * float((box[2:] - box[:2]).max())
    centre = (box[:2] + box[2:]) / 2
    low, high = np.round(centre - half).astype(int), np.round(centre + half).astype(int)
    height, width = image.shape[:2]
    if (low < 0).any() or high[0] > width or high[1] > height or (high - low < 32).any():
        return None
    for other in others:
        x, y = other.joints_2d.T
        if ((x > low[0]) & (x < high[0]) & (y > low[1]) & (y < high[1])).any():
            return None
    return image[low[1] : high[1], low[0] : high[0]]


def compose(background: UInt8, patch: UInt8, count: int) -> UInt8:
    """Return the background with `count` copies of the patch, every other one mirrored."""
    cell_width, cell_height = WIDTH // _COLUMNS, HEIGHT // _ROWS
    size = min(cell_width, cell_height)
    scaled = np.asarray(cv2.resize(patch, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
    weight = _feather(size)
    picture = background.copy()
    for number, cell in enumerate(_CELL_ORDER[:count]):
        row, column = divmod(cell, _COLUMNS)
        y = row * cell_height + (cell_height - size) // 2
        x = column * cell_width + (cell_width - size) // 2
        region = picture[y : y + size, x : x + size]
        copy = scaled[:, ::-1] if number % 2 else scaled
        region[:] = np.round(weight * copy + (1 - weight) * region).astype(np.uint8)
    return picture


def _feather(size: int) -> NDArray[np.float32]:
    """Return (size, size, 1) weights: 1 inside, falling to 0 over the outer tenth."""
    edge = np.minimum(np.arange(size) + 0.5, size - 0.5 - np.arange(size)) / (size / 10)
    ramp = np.clip(edge, 0, 1).astype(np.float32)
    weights: NDArray[np.float32] = np.minimum(ramp[:, None], ramp[None])[..., None]
    return weights
