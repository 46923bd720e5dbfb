"""`manyhands bench`: how long each step takes for 0 to 8 hands, on the real pipeline.

The pictures are made from the demo clip, with hands that the network itself found in it.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.bench_scenes import (
    HEIGHT,
    WIDTH,
    background_of,
    compose,
    patches,
    sample,
    single_pictures,
)
from app.run_command import EngineFactory, default_engine, library_versions
from core.assets import demo_clip_path, unwritable_reason
from core.atomic import write_atomically
from core.config import PipelineConfig
from core.engines.base import Engine
from core.errors import OutputError, UsageError
from core.geometry import intrinsics_from_fov
from core.pipeline import FramePipeline
from core.timing import now_ns
from core.types import Frame, UInt8

HAND_COUNTS: Final = (0, 1, 2, 4, 8)
_WARM_UP_FRAMES: Final = 10
_FRAME_NS: Final = 33_333_333


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
    engine = make_engine(engine_choice, HEIGHT, WIDTH)
    try:
        scenes = _make_scenes(sample(clip or demo_clip_path()), engine)
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
        "picture": [HEIGHT, WIDTH],
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
        self._K = intrinsics_from_fov(WIDTH, HEIGHT)
        self._steps: dict[str, list[float]] = {}
        self._found: list[int] = []
        self._rejected = 0

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
        self._rejected += tracked.rejected

    def result(self) -> dict[str, Any]:
        """Return what was asked, found and rejected, and p50 and p95 of each step in ms."""
        return {
            "asked": self._scene.asked,
            "found": int(np.median(self._found)),
            "rejected": self._rejected,
            "steps": {
                name: {
                    "p50_ms": float(np.percentile(values, 50)),
                    "p95_ms": float(np.percentile(values, 95)),
                }
                for name, values in self._steps.items()
            },
        }


def _make_scenes(frames: Sequence[Frame], engine: Engine) -> list[_Scene]:
    """Return a picture for each number of hands, of the patch that the network finds most often."""
    background = background_of(frames)
    pipeline = single_pictures(engine)
    found_patches = patches(frames, pipeline)
    most = max(HAND_COUNTS)

    def found(patch: UInt8) -> int:
        image = compose(background, patch, most)
        K = intrinsics_from_fov(WIDTH, HEIGHT)
        return len(pipeline.process(Frame(0, 0, 0, image, K, "bench")).hands)

    best = max(found_patches, key=found, default=None)
    return [
        _Scene(count, background if best is None else compose(background, best, count))
        for count in HAND_COUNTS
    ]
