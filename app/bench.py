"""`manyhands bench`: how long each step takes for 0 to 8 hands, on the real pipeline.

The pictures are made from the demo clip: its background (the median over time, blurred until no
hand is left in it), and N copies of hands that the network itself found in the clip, each in a cell
of its own.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.run_command import EngineFactory, default_engine, library_versions
from core.assets import demo_clip_path, unwritable_reason
from core.atomic import write_atomically
from core.capture import VideoFileSource
from core.config import PipelineConfig
from core.engines.base import Engine
from core.errors import OutputError, UsageError
from core.geometry import bbox_from_points, intrinsics_from_fov
from core.pipeline import FramePipeline
from core.timing import now_ns
from core.types import Frame, HandState, UInt8

HAND_COUNTS: Final = (0, 1, 2, 4, 8)
_HEIGHT: Final = 720
_WIDTH: Final = 1280
_ROWS, _COLUMNS = 2, 4
#: Cells in the order in which they are filled: spread over the picture.
_CELL_ORDER: Final = (1, 6, 3, 4, 0, 7, 2, 5)
_SAMPLED_FRAMES: Final = 16
_WARM_UP_FRAMES: Final = 10
_FRAME_NS: Final = 33_333_333
#: A patch reaches beyond the joints by this share of the hand's box.
_MARGIN: Final = 0.3
_MAX_PATCHES: Final = 6
_BACKGROUND_BLUR_PX: Final = 60


@dataclass(frozen=True, slots=True)
class _Scene:
    """A picture (H, W, 3) that shows `asked` hands."""

    asked: int
    image: UInt8


def measure(
    frames: int,
    engine_choice: str,
    show_progress: Callable[[int, int | None], None],
    make_engine: EngineFactory = default_engine,
    clip: Path | None = None,
) -> dict[str, Any]:
    """Time the pipeline on still pictures of 0, 1, 2, 4 and 8 hands and return the report.

    The numbers of hands take turns frame by frame, so that a machine that slows down meanwhile
    slows all of them. "total" is the whole frame: from resizing to smoothed meshes, without the
    decoding of the picture.

    Raises:
        UsageError: USE-03 fewer than one frame.
        ManyHandsError: no engine, no weights, no demo clip.
    """
    if frames < 1:
        raise UsageError("USE-03", f"--frames is {frames}", "Give 1 or more.")
    engine = make_engine(engine_choice, _HEIGHT, _WIDTH)
    try:
        scenes = _make_scenes(_sample(clip or demo_clip_path()), engine)
        runs = [_TimedRun(scene, engine) for scene in scenes]
        for index in range(_WARM_UP_FRAMES + frames):
            for run in runs:
                run.process(index, timed=index >= _WARM_UP_FRAMES)
            show_progress(index + 1, _WARM_UP_FRAMES + frames)
        return _report(frames, engine, [run.result() for run in runs])
    finally:
        engine.close()


def _report(frames: int, engine: Engine, results: list[dict[str, Any]]) -> dict[str, Any]:
    """Return plain values; `format` rises when a key changes its meaning."""
    described = engine.describe()
    total_ms = {result["asked"]: result["steps"]["total"]["p50_ms"] for result in results}
    return {
        "format": 1,
        "engine": {
            "name": described.name,
            "detail": described.detail,
            "precision": described.precision,
            "input_size": list(engine.input_size),
        },
        "weights_sha256": described.weights_sha256,
        "picture": [_HEIGHT, _WIDTH],
        "frames": frames,
        "cores": os.cpu_count(),
        "hands": results,
        "ratio_8_to_1": total_ms[8] / total_ms[1],
        "versions": library_versions(),
    }


def check_report_path(path: Path) -> None:
    """Refuse a place where `write_report` would fail, before minutes of timing.

    Raises:
        OutputError: OUT-01.
    """
    reason = "it is a folder" if path.is_dir() else unwritable_reason(path.parent)
    if reason is not None:
        raise _unwritable(path, reason)


def write_report(path: Path, report: dict[str, Any]) -> None:
    """Write the report to a file; the old one stays whole until the new one is.

    Raises:
        OutputError: OUT-01 where it cannot be written.
    """
    try:
        write_atomically((json.dumps(report, indent=2) + "\n").encode(), path)
    except OSError as error:
        raise _unwritable(path, error.strerror) from error


def _unwritable(path: Path, reason: str | None) -> OutputError:
    return OutputError(
        "OUT-01", f"cannot write {path} ({reason})", "Choose another file with --json."
    )


class _TimedRun:
    """One pipeline on one still picture, with the times of its steps."""

    def __init__(self, scene: _Scene, engine: Engine) -> None:
        self._scene = scene
        self._pipeline = FramePipeline(engine, PipelineConfig())
        self._K = intrinsics_from_fov(_WIDTH, _HEIGHT)
        self._steps: dict[str, list[float]] = {}
        self._found: list[int] = []

    def process(self, index: int, timed: bool) -> None:
        frame = Frame(index, 0, index * _FRAME_NS, self._scene.image, self._K, "bench")
        start_ns = now_ns()
        tracked = self._pipeline.process(frame)
        total_ms = (now_ns() - start_ns) / 1e6
        if not timed:
            return
        for name, value in (*tracked.step_ms.items(), ("total", total_ms)):
            self._steps.setdefault(name, []).append(value)
        self._found.append(len(tracked.hands) - len(tracked.predicted))

    def result(self) -> dict[str, Any]:
        """Return what was asked and found, and p50 and p95 of each step in ms."""
        return {
            "asked": self._scene.asked,
            "found": int(np.median(self._found)),
            "steps": {
                name: {
                    "p50_ms": float(np.percentile(values, 50)),
                    "p95_ms": float(np.percentile(values, 95)),
                }
                for name, values in self._steps.items()
            },
        }


def _sample(clip: Path) -> list[Frame]:
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


def _make_scenes(frames: Sequence[Frame], engine: Engine) -> list[_Scene]:
    """Return a picture for each number of hands, of the patch that the network finds most often."""
    empty = np.median(np.stack([frame.image for frame in frames]), axis=0).astype(np.uint8)
    # A hand that keeps still stays in the median; blurred, nothing in it looks like one.
    blurred = cv2.GaussianBlur(cv2.resize(empty, (_WIDTH, _HEIGHT)), (0, 0), _BACKGROUND_BLUR_PX)
    background = np.asarray(blurred, np.uint8)
    pipeline = _single_pictures(engine)
    patches = _patches(frames, pipeline)
    most = max(HAND_COUNTS)

    def found(patch: UInt8) -> int:
        image = _compose(background, patch, most)
        K = intrinsics_from_fov(_WIDTH, _HEIGHT)
        return len(pipeline.process(Frame(0, 0, 0, image, K, "bench")).hands)

    best = max(patches, key=found, default=None)
    return [
        _Scene(count, background if best is None else _compose(background, best, count))
        for count in HAND_COUNTS
    ]


def _single_pictures(engine: Engine) -> FramePipeline:
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


def _patches(frames: Sequence[Frame], pipeline: FramePipeline) -> list[UInt8]:
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


def _compose(background: UInt8, patch: UInt8, count: int) -> UInt8:
    """Return the background with `count` copies of the patch, every other one mirrored."""
    cell_width, cell_height = _WIDTH // _COLUMNS, _HEIGHT // _ROWS
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
    return np.minimum(ramp[:, None], ramp[None])[..., None]
