"""`manyhands refine`: hands fitted to each picture of a source, with what that gained."""

import contextlib
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from app.earlier_hands import (
    EarlierHands,
    PictureKey,
    hands_of_session,
    is_run_folder,
    original_of,
    picture_key,
    read_run,
)
from app.overlay import MeshPainter
from app.refine_report import before_and_after, gain_of, rows_of
from app.run_command import (
    EngineFactory,
    RunResult,
    ShowProgress,
    SourceFactory,
    default_engine,
    default_source,
    expected_frames,
    library_versions,
    open_overlay,
    signals_ignored,
    stop_on_signal,
)
from app.torch_extra import require_torch
from app.writers import (
    CSV_NAME,
    NPZ_NAME,
    REFINEMENT_NAME,
    SUMMARY_NAME,
    HandTable,
    PictureOverlay,
    ResultFolder,
    VideoOverlay,
    write_summary,
)
from core.assets import hand_model_path
from core.capture import FrameSource
from core.config import PipelineConfig
from core.decode import decode
from core.engines.base import Engine
from core.engines.select import AUTO, check_choice
from core.errors import SourceError, UsageError
from core.hand_model.file import load_hand_model
from core.hand_model.poser import HandPoser
from core.metrics import match_hands
from core.preprocess import NetworkInput, prepare
from core.session.reader import SessionReader
from core.session.source import SessionSource
from core.timing import StepHistory, StepTimer, now_ns
from core.tracking import HandTracker
from core.types import Detections, Float32, Frame, HandState, TrackedHands, UInt8

if TYPE_CHECKING:
    from app.frame_refiner import FrameRefiner

DEFAULT_STEPS: Final = 50
MOST_STEPS: Final = 1000
#: Of a file with one object per hand; raised where a reader of the old would misunderstand.
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class RefineOptions:
    """What the command line asks of a refinement.

    Attributes:
        source: video, image, image folder, "demo", a session, or the folder of an earlier run.
        out: folder of the results.
        original: the pictures of that run, where they cannot be found by their name.
        engine: one of `engine_choices()`.
        steps: of the refinement, per picture, at most.
        recursive: let the network refine its 2D joints again as the hand changes.
        foreground: also let the hand's silhouette explain what the network saw; slow.
        max_frames: end after so many frames; None for all.
        overlay: write pictures of before and after.
        overwrite: replace results that are there already.
    """

    source: str
    out: Path
    original: str | None = None
    engine: str = AUTO
    steps: int = DEFAULT_STEPS
    recursive: bool = False
    foreground: bool = False
    max_frames: int | None = None
    overlay: bool = True
    overwrite: bool = False


class _Found(NamedTuple):
    """The hands of one picture that there is 2D evidence for, and the others.

    hands N; keypoints_2d (N, 21, 2) px; confidence (N, 21); others are written as they are;
    network_input is the picture as the engine saw it.
    """

    hands: tuple[HandState, ...]
    keypoints_2d: Float32
    confidence: Float32
    others: tuple[HandState, ...] = ()
    network_input: NetworkInput | None = None


def refine(
    options: RefineOptions,
    show_progress: ShowProgress,
    make_engine: EngineFactory = default_engine,
    make_source: SourceFactory = default_source,
    config: PipelineConfig | None = None,
) -> RunResult:
    """Refine the hands of each picture and write them, before and after.

    Ctrl-C (SIGINT) and SIGTERM end it regularly: what was refined so far is kept.

    Raises:
        ManyHandsError: bad option, source, weights, engine or target, or no torch; nothing is
            left behind.
    """
    _check(options)
    config = config or PipelineConfig()
    earlier_folder = Path(options.source).expanduser()
    is_earlier = is_run_folder(earlier_folder)
    if options.original is not None and not is_earlier:
        raise UsageError(
            "USE-01",
            f"--original goes with the folder of a run, which {options.source} is not",
            "Leave it out.",
        )
    with ResultFolder(options.out, options.overwrite) as folder, contextlib.ExitStack() as stack:
        text = options.source
        if is_earlier:
            text = options.original or str(original_of(earlier_folder))
        source = make_source(text, config.capture)
        stack.callback(source.close)
        if source.is_live:
            raise UsageError(
                "USE-01",
                f"{source.name} is live, and refining takes longer than its pictures stay",
                "Record it first: `manyhands record`, or give a video, an image or a folder.",
            )
        stop = stack.enter_context(stop_on_signal(True))
        work = _Work(options, config, source, folder)
        stack.callback(work.close)
        if is_earlier:
            work.continue_from(earlier_folder)
        elif isinstance(source, SessionSource):
            work.continue_from_session(source.session)
        summary = work.process(make_engine, stop, show_progress)
        with signals_ignored():
            return RunResult(summary, folder.publish(), None)


def _check(options: RefineOptions) -> None:
    """Refuse what cannot be done, before anything is opened.

    Raises:
        UsageError: USE-01 an unknown engine, USE-03 a number out of range.
        EngineError: ENG-01 there is no torch.
    """
    check_choice(options.engine)
    for name, value, most in (
        ("--steps", options.steps, MOST_STEPS),
        ("--max-frames", options.max_frames, None),
    ):
        if value is not None and (value < 1 or (most is not None and value > most)):
            upper = "" if most is None else f" to {most}"
            raise UsageError("USE-03", f"{name} is {value}", f"Give 1{upper or ' or more'}.")
    require_torch()


class _Work:
    """One pass over a source: what is found, refined, counted and written on the way."""

    def __init__(
        self,
        options: RefineOptions,
        config: PipelineConfig,
        source: FrameSource,
        folder: ResultFolder,
    ) -> None:
        self._options, self._config = options, config
        self._source, self._folder = source, folder
        self._hand = load_hand_model(hand_model_path())
        self._poser = HandPoser(self._hand)
        self._tracker: HandTracker | None = None
        if not source.independent_frames:
            self._tracker = HandTracker(config.tracking, config.detection, self._poser)
        self._earlier: EarlierHands | None = None
        self._painter = MeshPainter(self._hand) if options.overlay else None
        self._overlay: VideoOverlay | PictureOverlay | None = None
        self._timer = StepTimer()
        self._steps = StepHistory()
        self._rows: list[dict[str, Any]] = []
        self._frames = 0
        self._engines: dict[float, Engine] = {}
        self._closing = contextlib.ExitStack()

    def continue_from(self, folder: Path) -> None:
        """Refine the hands of an earlier run instead of those that the network finds now."""
        self._earlier = read_run(folder, self._poser, self._source.independent_frames)

    def continue_from_session(self, session: SessionReader) -> None:
        """Refine the recorded hands, as they were measured."""
        self._earlier = hands_of_session(session)

    def process(
        self, make_engine: EngineFactory, stop: threading.Event, show_progress: ShowProgress
    ) -> dict[str, Any]:
        """Take every frame through detection and refinement into the files."""
        # Imported here: it brings torch, which the rest of the command line does without.
        from app.frame_refiner import FrameRefiner

        options = self._options
        refiner = FrameRefiner(self._hand, options.steps, options.recursive, options.foreground)
        table = HandTable(self._folder.path(CSV_NAME))
        self._closing.callback(table.close)
        total = expected_frames(self._source, options.max_frames)
        start_ns = now_ns()
        frame = self._source.read()
        while frame is not None and not stop.is_set():
            table.add(self._refined(frame, refiner, make_engine))
            self._steps.add(self._timer.take())
            self._frames += 1
            show_progress(self._frames, total)
            frame = None if self._frames == self._options.max_frames else self._source.read()
        self._check_result(stop)
        elapsed_s = (now_ns() - start_ns) / 1e9
        table.finish(self._folder.path(NPZ_NAME))
        if self._overlay is not None:
            self._overlay.finish()
        gain = gain_of(self._rows)
        write_summary(
            self._folder.path(REFINEMENT_NAME), {"format": _FORMAT, **gain, "hands": self._rows}
        )
        summary = self._summary(table.num_rows, elapsed_s, stop) | {"refinement": gain}
        write_summary(self._folder.path(SUMMARY_NAME), summary)
        return summary

    def close(self) -> None:
        """Close what is open, in whatever state it is."""
        self._closing.close()

    def _refined(
        self, frame: Frame, refiner: "FrameRefiner", make_engine: EngineFactory
    ) -> TrackedHands:
        """Return the hands of a frame as they are written; note and draw what was gained."""
        found = self._find(frame, make_engine)
        with self._timer.step("refine"):
            refinement = refiner.refine(
                frame, found.hands, found.keypoints_2d, found.confidence, found.network_input
            )
        after = tuple(one.hand for one in refinement.hands)
        self._rows += rows_of(frame, refinement)
        if self._painter is not None:
            with self._timer.step("draw"):
                picture = before_and_after(self._painter, frame, found.hands, after)
            with self._timer.step("write"):
                self._open_overlay(picture).add(frame, picture)
        if self._earlier is not None:
            hands = sorted((*after, *found.others), key=lambda hand: hand.track_id)
            predicted = self._earlier.predicted.get(self._key(frame), frozenset())
            return TrackedHands(frame, tuple(hands), predicted)
        if self._tracker is None:
            return TrackedHands(frame, after)
        with self._timer.step("track"):
            return self._tracker.update(frame, _as_detections(after, found))

    def _find(self, frame: Frame, make_engine: EngineFactory) -> _Found:
        """Return hands with their 2D evidence: the earlier run's, or those found now."""
        earlier: tuple[HandState, ...] = ()
        if self._earlier is not None:
            earlier = self._earlier.hands.get(self._key(frame), ())
            if not earlier:
                return _Found((), np.zeros((0, 21, 2), np.float32), np.zeros((0, 21), np.float32))
        engine = self._engine_for(frame, make_engine)
        with self._timer.step("resize"):
            network_input = prepare(frame, engine.input_size)
        with self._timer.step("network"):
            raw = engine.run(network_input.image)
        with self._timer.step("decode"):
            detections = decode(raw, network_input, frame, self._config.detection)
        if self._earlier is None:
            confidence = detections.keypoint_confidence
            found = _Found(detections.hands, detections.keypoints_2d, confidence)
        else:
            found = _matched(earlier, detections)
        return found._replace(network_input=network_input)

    def _engine_for(self, frame: Frame, make_engine: EngineFactory) -> Engine:
        """Return the engine whose input suits the frame's aspect."""
        height, width = frame.image.shape[:2]
        aspect = round(width / height, 2)
        if aspect not in self._engines:
            engine = make_engine(self._options.engine, height, width)
            self._closing.callback(engine.close)
            self._engines[aspect] = engine
        return self._engines[aspect]

    def _open_overlay(self, picture: UInt8) -> VideoOverlay | PictureOverlay:
        if self._overlay is None:
            self._overlay = open_overlay(self._folder, self._source, picture)
            self._closing.callback(self._overlay.close)
        return self._overlay

    def _key(self, frame: Frame) -> PictureKey:
        return picture_key(frame, self._source.independent_frames)

    def _check_result(self, stop: threading.Event) -> None:
        """Refuse to call nothing a result.

        Raises:
            SourceError: CAM-07 there was no picture, or none that the earlier run knows.
        """
        if self._frames == 0 and not stop.is_set():
            raise SourceError(
                "CAM-07", f"{self._source.name} gave no picture", "Give another source."
            )
        known = self._earlier is not None and bool(self._earlier.hands)
        if known and not self._engines and not stop.is_set() and self._options.max_frames is None:
            raise SourceError(
                "CAM-07",
                f"{self._source.name} has none of the pictures that {self._options.source} names",
                "Give the pictures that the run was made from with --original.",
            )

    def _summary(self, num_hands: int, elapsed_s: float, stop: threading.Event) -> dict[str, Any]:
        is_cut = self._frames == self._options.max_frames
        described = [engine.describe() for engine in self._engines.values()][:1]
        return {
            "source": self._source.name,
            "source_fps": self._source.fps,
            "frames": self._frames,
            "hands": num_hands,
            "ended_by": "stopped" if stop.is_set() else "max frames" if is_cut else "end of source",
            "skipped_images": self._source.skipped_count,
            "skipped": list(self._source.skipped),
            "engine": {
                "name": described[0].name if described else "none",
                "detail": described[0].detail if described else "no picture needed it",
            },
            "weights_sha256": described[0].weights_sha256 if described else None,
            "steps": self._steps.percentiles(),
            "fps": self._frames / elapsed_s if elapsed_s > 0 else None,
            "versions": library_versions(),
        }


def _matched(earlier: tuple[HandState, ...], detections: Detections) -> _Found:
    """Give each hand of an earlier run the keypoints of the detection that lies where it lay."""
    pairs = match_hands(
        detections.keypoints_2d,
        detections.score,
        np.array([hand.joints_2d for hand in earlier]),
        np.zeros((0, 4), np.float32),
    ).pairs
    rows = [detection for detection, _ in pairs]
    seen = [hand for _, hand in pairs]
    hands = tuple(
        replace(earlier[hand], joint_confidence=detections.keypoint_confidence[row].copy())
        for row, hand in pairs
    )
    others = tuple(hand for index, hand in enumerate(earlier) if index not in seen)
    return _Found(
        hands, detections.keypoints_2d[rows], detections.keypoint_confidence[rows], others
    )


def _as_detections(hands: tuple[HandState, ...], found: _Found) -> Detections:
    """Return refined hands as the tracker takes them; their sides are settled."""
    return Detections(
        score=np.array([hand.score for hand in hands], np.float32),
        right_probability=np.array([hand.side == "right" for hand in hands], np.float32),
        keypoints_2d=found.keypoints_2d.copy(),
        keypoint_confidence=found.confidence.copy(),
        hands=hands,
    )
