"""`manyhands bench --compare`: every engine and MediaPipe Hands on the same frames in one run.

The clip is composed: a hand that was found in a real clip, copied 1, 2, 4 and 6 times, swaying a
little from frame to frame. All of them see each frame in turn, so that a machine that slows down
meanwhile slows all of them. An engine's time is the whole frame, from the picture to smoothed
meshes; MediaPipe's is what its own process spends from the picture to landmarks. Beside the time by
the clock stands what all threads of either computed, which other programs disturb less.
"""

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.bench_limit import physical_limit
from app.bench_scenes import (
    HEIGHT,
    WIDTH,
    background_of,
    compose,
    patches,
    sample,
    single_pictures,
)
from app.mediapipe_hands import MediaPipeHands, Seen
from app.mediapipe_hands import start as start_mediapipe
from app.run_command import EngineFactory, default_engine, library_versions
from core.assets import demo_clip_path
from core.config import PipelineConfig
from core.engines.base import Engine
from core.engines.select import DEFAULT_PROFILE, engine_report
from core.errors import EngineError, ManyHandsError, UsageError
from core.geometry import intrinsics_from_fov
from core.pipeline import FramePipeline
from core.timing import now_ns
from core.types import Frame, UInt8

HAND_COUNTS: Final = (1, 2, 4, 6)
MEDIAPIPE: Final = "mediapipe"
_WARM_UP_FRAMES: Final = 12
_FRAME_NS: Final = 33_333_333
_SWAY_PX: Final = 6
_SWAY_FRAMES: Final = 24
#: Frames that MediaPipe gets to find the hands of a patch before it is judged.
_AUDITION_FRAMES: Final = 4


@dataclass(slots=True)
class _Series:
    """Times of one engine for one number of hands."""

    ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    found: list[int] = field(default_factory=list)

    def row(self, asked: int) -> dict[str, Any]:
        """Return plain values."""
        return {
            "asked": asked,
            "found": int(np.median(self.found)),
            "p50_ms": float(np.percentile(self.ms, 50)),
            "p10_ms": float(np.percentile(self.ms, 10)),
            "p50_cpu_ms": float(np.percentile(self.cpu_ms, 50)),
            "p95_ms": float(np.percentile(self.ms, 95)),
        }


#: (frame index, picture, hands asked for) -> what was found, and in which time.
_Contender = Callable[[int, UInt8, int], Seen]


def compare(
    frames: int,
    show_progress: Callable[[int, int | None], None],
    clip: Path | None = None,
    make_engine: EngineFactory = default_engine,
    make_mediapipe: Callable[[], MediaPipeHands] = start_mediapipe,
    names: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Time all engines of this machine and MediaPipe, and return the report.

    Args:
        frames: timed, for each number of hands.
        show_progress: told of each.
        clip: where the copied hand comes from; default the demo clip.
        make_engine: opens an engine.
        make_mediapipe: starts MediaPipe; where that fails, the report says why.
        names: of engines; default all that this machine has.

    Raises:
        UsageError: USE-03 fewer than one frame.
        ManyHandsError: no clip, no weights, or no hand in the clip.
    """
    if frames < 1:
        raise UsageError("USE-03", f"--frames is {frames}", "Give 1 or more.")
    with ExitStack() as closing:
        engines, absent = _open(names, make_engine, closing)
        mediapipe: MediaPipeHands | None = None
        try:
            mediapipe = closing.enter_context(make_mediapipe())
        except EngineError as error:
            absent[MEDIAPIPE] = f"{error.cause}. {error.remedy}"
        scenes = _scenes(sample(clip or demo_clip_path()), next(iter(engines.values())), mediapipe)
        contenders: dict[str, _Contender] = {
            name: _Pipelines(engine) for name, engine in engines.items()
        }
        if mediapipe is not None:
            contenders[MEDIAPIPE] = _looking(mediapipe)
        results = _race(contenders, scenes, frames, show_progress)
        described = {name: asdict(engine.describe()) for name, engine in engines.items()}
        # The network's own: engines of a GPU take the whole picture and scale it themselves.
        size = min((engine.input_size for engine in engines.values()), key=math.prod)
        if mediapipe is not None:
            described[MEDIAPIPE] = {"name": MEDIAPIPE, "detail": mediapipe.name}
    return {
        "format": 1,
        "clip": (clip or demo_clip_path()).name,
        "picture": [HEIGHT, WIDTH],
        "input_size": list(size),
        "frames": frames,
        "cores": os.cpu_count(),
        "contenders": [
            {**described[name], "engine": name, "hands": rows} for name, rows in results.items()
        ],
        "absent": absent,
        "ratios": _ratios(results),
        "limit": _limit(size),
        "versions": library_versions(),
    }


def _open(
    names: Sequence[str] | None, make_engine: EngineFactory, closing: ExitStack
) -> tuple[dict[str, Engine], dict[str, str]]:
    """Return the engines that open, and why the others do not."""
    engines: dict[str, Engine] = {}
    absent: dict[str, str] = {}
    for status in engine_report():
        if names is None and not status.available:
            absent[status.name] = status.reason
        elif names is None or status.name in names:
            try:
                engines[status.name] = make_engine(status.name, HEIGHT, WIDTH)
                closing.callback(engines[status.name].close)
            except ManyHandsError as error:
                absent[status.name] = error.cause
    if not engines:
        raise EngineError("ENG-01", f"no engine opens ({absent})", "Run `manyhands doctor`.")
    return engines, absent


class _Pipelines:
    """One engine in a pipeline of its own for each number of hands."""

    def __init__(self, engine: Engine) -> None:
        self._pipelines = {n: FramePipeline(engine, PipelineConfig()) for n in HAND_COUNTS}
        self._K = intrinsics_from_fov(WIDTH, HEIGHT)

    def __call__(self, index: int, image: UInt8, asked: int) -> Seen:
        frame = Frame(index, 0, index * _FRAME_NS, image, self._K, "bench")
        start_ns, start_cpu_ns = now_ns(), time.process_time_ns()
        tracked = self._pipelines[asked].process(frame)
        spent_ns, spent_cpu_ns = now_ns() - start_ns, time.process_time_ns() - start_cpu_ns
        found = len(tracked.hands) - len(tracked.predicted)
        return Seen(found, spent_ns / 1e6, spent_cpu_ns / 1e6)


def _looking(mediapipe: MediaPipeHands) -> _Contender:
    return lambda index, image, asked: mediapipe.look(image, asked)


def _race(
    contenders: Mapping[str, _Contender],
    scenes: Mapping[int, UInt8],
    frames: int,
    show_progress: Callable[[int, int | None], None],
) -> dict[str, list[dict[str, Any]]]:
    """Show each frame to each contender in turn."""
    series = {name: {asked: _Series() for asked in scenes} for name in contenders}
    for index in range(_WARM_UP_FRAMES + frames):
        for asked, scene in scenes.items():
            image = _swayed(scene, index)
            for name, contender in contenders.items():
                seen = contender(index, image, asked)
                if index >= _WARM_UP_FRAMES:
                    series[name][asked].ms.append(seen.ms)
                    series[name][asked].cpu_ms.append(seen.cpu_ms)
                    series[name][asked].found.append(seen.found)
        show_progress(index + 1, _WARM_UP_FRAMES + frames)
    return {
        name: [one.row(asked) for asked, one in of_name.items()] for name, of_name in series.items()
    }


def _swayed(scene: UInt8, index: int) -> UInt8:
    """Return the picture shifted a little sideways, as if its hands swayed."""
    shift = round(_SWAY_PX * float(np.sin(2 * np.pi * index / _SWAY_FRAMES)))
    return np.roll(scene, shift, axis=1)


def _scenes(
    frames: Sequence[Frame], engine: Engine, mediapipe: MediaPipeHands | None
) -> dict[int, UInt8]:
    """Return a picture for each number of hands, of the patch that both sides find most often.

    Raises:
        UsageError: USE-03 the clip shows no hand that stands alone.
    """
    background, pipeline = background_of(frames), single_pictures(engine)
    K = intrinsics_from_fov(WIDTH, HEIGHT)

    def share_found(patch: UInt8) -> float:
        """Return the mean share of hands that are found by the one who finds fewer."""
        shares = []
        for count in HAND_COUNTS:
            image = compose(background, patch, count)
            found = len(pipeline.process(Frame(0, 0, 0, image, K, "bench")).hands)
            if mediapipe is not None:
                for index in range(_AUDITION_FRAMES):
                    theirs = mediapipe.look(_swayed(image, 3 * index), count).found
                found = min(found, theirs)
            shares.append(min(found, count) / count)
        return float(np.mean(shares))

    best = max(patches(frames, pipeline), key=share_found, default=None)
    if best is None:
        raise UsageError(
            "USE-03", "the clip shows no hand that stands alone", "Give another one with --clip."
        )
    return {count: compose(background, best, count) for count in HAND_COUNTS}


def _ratios(results: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[str, float]]:
    """Return each engine's time over MediaPipe's, by number of hands, of the medians by the clock.

    Left out where MediaPipe found fewer hands than there are.
    """
    theirs = {row["asked"]: row for row in results.get(MEDIAPIPE, ())}
    return {
        name: {
            str(row["asked"]): row["p50_ms"] / theirs[row["asked"]]["p50_ms"]
            for row in rows
            if theirs[row["asked"]]["found"] == row["asked"] == row["found"]
        }
        for name, rows in results.items()
        if theirs and name != MEDIAPIPE
    }


def _limit(input_size: tuple[int, int]) -> dict[str, Any] | None:
    """Return the physical limit; None where OpenVINO, which reads the network, is missing."""
    try:
        return asdict(physical_limit(DEFAULT_PROFILE, input_size))
    except ImportError:
        return None
