"""`manyhands run`: a source in, hands.csv, hands.npz, an overlay and summary.json out."""

import contextlib
import functools
import logging
import platform
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType
from typing import Any, Final

from app.overlay import MeshPainter
from app.overlay_style import DEFAULT_STYLE, style_from_words
from app.writers import (
    CSV_NAME,
    NPZ_NAME,
    PICTURES_NAME,
    SUMMARY_NAME,
    VIDEO_NAME,
    HandTable,
    PictureOverlay,
    ResultFolder,
    VideoOverlay,
    write_summary,
)
from core.assets import demo_clip_path, hand_model_path
from core.capture import FrameSource, open_source
from core.config import CaptureConfig, PipelineConfig
from core.engines.base import Engine
from core.engines.select import AUTO, DEFAULT_PROFILE, check_choice, open_engine
from core.errors import ManyHandsError, SourceError, UsageError
from core.hand_model.file import load_hand_model
from core.pipeline import FramePipeline
from core.session.layout import SUFFIX
from core.session.reader import open_session
from core.session.source import SessionSource
from core.timing import StepHistory, StepTimer, now_ns
from core.types import Frame, TrackedHands, UInt8

_LOG = logging.getLogger(__name__)
#: Whose versions explain a result.
_LIBRARIES: Final = ("manyhands", "numpy", "opencv-python-headless", "onnxruntime", "av", "scipy")

#: (choice, frame height px, frame width px) -> engine.
EngineFactory = Callable[[str, int, int], Engine]
#: (what a person typed, settings) -> source.
SourceFactory = Callable[[str, CaptureConfig], FrameSource]
SignalHandler = Callable[[int, FrameType | None], None] | signal.Handlers
#: (frames done, frames in all or None) -> nothing.
ShowProgress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line asks of a run.

    Attributes:
        source: camera index, video, image, image folder, URL or "demo".
        out: folder of the results.
        engine: one of `engine_choices()`.
        max_frames: end after so many frames; None for all.
        overlay: write pictures with the meshes on them.
        overwrite: replace results that are there already.
        style: how hands are drawn on the overlay, see app/overlay_style.py.
    """

    source: str
    out: Path
    engine: str = AUTO
    max_frames: int | None = None
    overlay: bool = True
    overwrite: bool = False
    style: str = DEFAULT_STYLE


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run has left.

    Attributes:
        summary: the content of summary.json.
        paths: the results under their final names.
        fault: the error that ended a live source early, or None.
    """

    summary: dict[str, Any]
    paths: tuple[Path, ...]
    fault: ManyHandsError | None


def default_engine(choice: str, frame_height: int, frame_width: int) -> Engine:
    """Open the engine of the default profile for frames of this size."""
    return open_engine(choice, DEFAULT_PROFILE, frame_height, frame_width)


def default_source(text: str, config: CaptureConfig) -> FrameSource:
    """Open a source; "demo" is the clip that ships, a folder name.hands a recorded session."""
    if text.rstrip("/\\").casefold().endswith(SUFFIX):
        return SessionSource(open_session(Path(text).expanduser()))
    clip = demo_clip_path()
    if text == "demo" and not clip.is_file():
        raise SourceError(
            "CAM-06",
            f"the demo clip {clip} is missing",
            "Restore resources/ (git checkout, or reinstall), or give another source.",
        )
    return open_source(text, config, demo_clip=clip)


def open_overlay(
    folder: ResultFolder, source: FrameSource, picture: UInt8
) -> VideoOverlay | PictureOverlay:
    """Open what pictures of this size (H, W, 3) are written to: one file each, or a video."""
    if source.independent_frames:
        return PictureOverlay(folder.path(PICTURES_NAME))
    return VideoOverlay(folder.path(VIDEO_NAME), *picture.shape[:2], source.fps)


def expected_frames(source: FrameSource, most: int | None) -> int | None:
    """Return how many frames there will be at most; None where nobody knows."""
    counts = [source.frame_count, most]
    return min((count for count in counts if count is not None), default=None)


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of what a result depends on."""
    versions = {"python": platform.python_version()}
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def run(
    options: RunOptions,
    show_progress: ShowProgress,
    make_engine: EngineFactory = default_engine,
    make_source: SourceFactory = default_source,
    config: PipelineConfig | None = None,
) -> RunResult:
    """Process a source from its first frame to its last and write the results.

    Ctrl-C (SIGINT) and SIGTERM end a live source regularly: what was taken is kept. Elsewhere
    they raise KeyboardInterrupt, and nothing is left under a final name.

    Raises:
        ManyHandsError: bad option, source, weights, engine or target; nothing is left behind.
    """
    config = config or PipelineConfig()
    check_choice(options.engine)
    style_from_words(options.style)  # an unknown word is refused before anything is opened
    if options.max_frames is not None and options.max_frames < 1:
        raise UsageError(
            "USE-03", f"--max-frames is {options.max_frames}", "Give 1 or more, or leave it out."
        )
    with ResultFolder(options.out, options.overwrite) as folder, contextlib.ExitStack() as stack:
        source = make_source(options.source, config.capture)
        stack.callback(source.close)
        if source.independent_frames:
            config = replace(
                config,
                tracking=replace(config.tracking, enabled=False),
                smoothing=replace(config.smoothing, enabled=False),
            )
        stop = stack.enter_context(stop_on_signal(source.is_live))
        one_run = _Run(options, source, folder)
        stack.callback(one_run.close)
        summary = one_run.process(make_engine, config, stop, show_progress)
        with signals_ignored():
            paths = folder.publish()
        return RunResult(summary, paths, one_run.fault)


class _Run:
    """One pass over a source: what is counted, timed and written on the way."""

    def __init__(self, options: RunOptions, source: FrameSource, folder: ResultFolder) -> None:
        self.fault: ManyHandsError | None = None
        self._options = options
        self._source = source
        self._folder = folder
        self._style = style_from_words(options.style)
        self._hand = load_hand_model(hand_model_path())
        self._timer = StepTimer()
        self._pipeline_steps = StepHistory()
        self._other_steps = StepHistory()
        self._frames = self._frames_with_hands = self._rejected_hands = 0
        self._track_ids: set[int] = set()
        self._closing = contextlib.ExitStack()
        self._overlay: VideoOverlay | PictureOverlay | None = None

    def process(
        self,
        make_engine: EngineFactory,
        config: PipelineConfig,
        stop: threading.Event,
        show_progress: ShowProgress,
    ) -> dict[str, Any]:
        """Take every frame through the pipeline and into the files; return the summary."""
        frame = self._read(stop)
        if frame is None:
            raise self.fault or SourceError(
                "CAM-07", f"{self._source.name} gave no picture", "Give another source."
            )
        open_another = functools.partial(make_engine, self._options.engine)
        engine = open_another(*frame.image.shape[:2])
        self._closing.callback(engine.close)
        pipeline = FramePipeline(engine, config, open_engine=open_another, model=self._hand)
        self._closing.callback(pipeline.close)
        table = HandTable(self._folder.path(CSV_NAME))
        self._closing.callback(table.close)
        painter = MeshPainter(self._hand) if self._options.overlay else None
        total = expected_frames(self._source, self._options.max_frames)
        start_ns = now_ns()
        while frame is not None:
            tracked = pipeline.process(frame)
            self._count(tracked)
            with self._timer.step("write"):
                table.add(tracked)
            if painter is not None:
                self._draw(painter, tracked)
            self._other_steps.add(self._timer.take())
            show_progress(self._frames, total)
            frame = None if self._frames == self._options.max_frames else self._read(stop)
        elapsed_s = (now_ns() - start_ns) / 1e9
        table.finish(self._folder.path(NPZ_NAME))
        if self._overlay is not None:
            self._overlay.finish()
        summary = self._summary(engine, table.num_rows, elapsed_s, stop)
        write_summary(self._folder.path(SUMMARY_NAME), summary)
        return summary

    def close(self) -> None:
        """Close what is open, in whatever state it is."""
        self._closing.close()

    def _read(self, stop: threading.Event) -> Frame | None:
        """Return the next frame; None at the end, or where a live source was stopped or lost."""
        if stop.is_set():
            return None
        try:
            with self._timer.step("read"):
                return self._source.read()
        except SourceError as error:
            if not self._source.is_live:
                raise
            if not stop.is_set():  # silence after Ctrl-C is no fault
                _LOG.warning("the source ended: %s", error)
                self.fault = error
            return None

    def _draw(self, painter: MeshPainter, tracked: TrackedHands) -> None:
        with self._timer.step("draw"):
            picture = painter.paint(tracked, self._style)
        with self._timer.step("write"):
            if self._overlay is None:
                self._overlay = open_overlay(self._folder, self._source, picture)
                self._closing.callback(self._overlay.close)
            self._overlay.add(tracked.frame, picture)

    def _count(self, tracked: TrackedHands) -> None:
        self._frames += 1
        self._frames_with_hands += bool(tracked.hands)
        self._rejected_hands += tracked.rejected
        self._track_ids |= {hand.track_id for hand in tracked.hands if hand.track_id >= 0}
        self._pipeline_steps.add(dict(tracked.step_ms))

    def _summary(
        self, engine: Engine, num_hands: int, elapsed_s: float, stop: threading.Event
    ) -> dict[str, Any]:
        description = engine.describe()
        if self.fault is not None:
            ended_by = self.fault.code
        elif stop.is_set():
            ended_by = "stopped"
        elif self._frames == self._options.max_frames:
            ended_by = "max frames"
        else:
            ended_by = "end of source"
        return {
            "source": self._source.name,
            "source_fps": self._source.fps,
            "frames": self._frames,
            "frames_with_hands": self._frames_with_hands,
            "hands": num_hands,
            "rejected_hands": self._rejected_hands,
            "tracks": len(self._track_ids),
            "ended_by": ended_by,
            "skipped_images": self._source.skipped_count,
            "skipped": list(self._source.skipped),
            "engine": {
                "name": description.name,
                "detail": description.detail,
                "precision": description.precision,
                "input_size": list(engine.input_size),
            },
            "weights_sha256": description.weights_sha256,
            "steps": self._pipeline_steps.percentiles(),
            "other_steps": self._other_steps.percentiles(),
            "fps": self._frames / elapsed_s if elapsed_s > 0 else None,
            "versions": library_versions(),
        }


@contextlib.contextmanager
def stop_on_signal(is_live: bool) -> Iterator[threading.Event]:
    """Let Ctrl-C and SIGTERM set the event (live source) or raise KeyboardInterrupt (others).

    A second Ctrl-C interrupts a live source, too.
    """
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if not is_live or stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    with _signals_to(handle):
        yield stop


@contextlib.contextmanager
def signals_ignored() -> Iterator[None]:
    """Let the results get their names one after the other without a stop in between."""
    with _signals_to(signal.SIG_IGN):
        yield


@contextlib.contextmanager
def _signals_to(handler: SignalHandler) -> Iterator[None]:
    """Handle Ctrl-C and SIGTERM in this way meanwhile.

    Outside of the main thread signals are left alone: Python delivers them to the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
