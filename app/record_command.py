"""`manyhands record`: a source in, a session `name.hands` out."""

import contextlib
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.run_command import (
    EngineFactory,
    SourceFactory,
    default_engine,
    default_source,
    stop_on_signal,
)
from core.capture import FrameSource
from core.config import PipelineConfig
from core.engines.select import AUTO, check_choice
from core.errors import ManyHandsError, OutputError, SourceError, UsageError
from core.latest import LatestSlot
from core.pipeline import FramePipeline
from core.session.recorder import SessionRecorder
from core.session.status import RecorderStatus, RecordOptions, SessionInfo
from core.types import Frame

_POLL_S: Final = 0.1
_JOIN_S: Final = 2.0
#: A file waits so long for the disk before pictures are dropped.
_PATIENCE_S: Final = 30.0

#: Called after every frame.
ShowStatus = Callable[[RecorderStatus], None]


@dataclass(frozen=True, slots=True)
class RecordCommand:
    """What the command line asks of a recording.

    Attributes:
        source: camera index, video, image, image folder, URL or "demo".
        out: the session's folder; its name gets the suffix and, where it exists, a number.
        seconds: end after so much; None for the source's end or Ctrl-C.
        engine: one of `engine_choices()`.
        video: keep the pictures, too.
        every_frame: of these also those that the network is too slow to look at; a file waits
            for the network, so it has none.
    """

    source: str
    out: Path
    seconds: float | None = None
    engine: str = AUTO
    video: bool = True
    every_frame: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recording has left.

    Attributes:
        status: the recorder's last word.
        fault: what ended it early: the source or the disk; None where it ended as it should.
    """

    status: RecorderStatus
    fault: ManyHandsError | None


def record(
    command: RecordCommand,
    show: ShowStatus,
    make_engine: EngineFactory = default_engine,
    make_source: SourceFactory = default_source,
    config: PipelineConfig | None = None,
    make_recorder: Callable[[RecordOptions], SessionRecorder] = SessionRecorder,
) -> Recorded:
    """Record a source to its end, for so many seconds, or until Ctrl-C (SIGINT) or SIGTERM.

    A session that has begun is always completed, also where the source or the disk fails.

    Raises:
        ManyHandsError: bad option, source, weights, engine or target; nothing is left behind.
    """
    config = config or PipelineConfig()
    check_choice(command.engine)
    if command.seconds is not None and not 0 < command.seconds < float("inf"):
        raise UsageError("USE-03", f"--seconds is {command.seconds}", "Give more than 0.")
    if command.every_frame and not command.video:
        raise UsageError("USE-01", "--every-frame keeps pictures, --no-video none", "Choose one.")
    recorder = make_recorder(
        RecordOptions(
            video=command.video, every_frame=command.every_frame, max_seconds=command.seconds
        )
    )
    with contextlib.ExitStack() as stack:
        source = make_source(command.source, config.capture)
        stack.callback(source.close)
        stop = stack.enter_context(stop_on_signal(True))
        config = _config_for(source, config)
        frame = source.read()
        if frame is None:
            raise SourceError("CAM-07", f"{source.name} gave no picture", "Give another source.")
        open_another = functools.partial(make_engine, command.engine)
        engine = open_another(*frame.image.shape[:2])
        stack.callback(engine.close)
        pipeline = FramePipeline(engine, config, open_engine=open_another)
        stack.callback(pipeline.close)
        recorder.start(command.out.expanduser(), _info(source, pipeline, config))
        try:
            take_all = (
                _record_every_frame if command.every_frame and source.is_live else _record_all
            )
            fault = take_all(source, frame, pipeline, recorder, stop, show)
        finally:
            status = recorder.stop()
    if status.fault is not None:
        fault = OutputError(status.fault.code, status.fault.cause, status.fault.remedy)
    return Recorded(status, fault)


def _config_for(source: FrameSource, config: PipelineConfig) -> PipelineConfig:
    """Return the settings without what joins frames, where those of a source stand alone."""
    if not source.independent_frames:
        return config
    tracking = replace(config.tracking, enabled=False)
    return replace(config, tracking=tracking, smoothing=replace(config.smoothing, enabled=False))


def _info(source: FrameSource, pipeline: FramePipeline, config: PipelineConfig) -> SessionInfo:
    engine = pipeline.describe()
    return SessionInfo(
        source=source.name,
        is_live=source.is_live,
        engine=f"{engine.name}: {engine.detail}, {engine.precision}",
        weights_sha256=engine.weights_sha256,
        config=config,
    )


def _record_all(
    source: FrameSource,
    frame: Frame | None,
    pipeline: FramePipeline,
    recorder: SessionRecorder,
    stop: threading.Event,
    show: ShowStatus,
) -> SourceError | None:
    """Take every frame into the session; return what ended the source early."""
    patience_s = 0.0 if source.is_live else _PATIENCE_S
    while frame is not None and not stop.is_set():
        recorder.add(pipeline.process(frame), wait_s=patience_s)
        status = recorder.status()
        show(status)
        if status.state != "recording":
            return None
        try:
            frame = source.read()
        except SourceError as error:
            return None if stop.is_set() else error
    return None


def _record_every_frame(
    source: FrameSource,
    frame: Frame | None,
    pipeline: FramePipeline,
    recorder: SessionRecorder,
    stop: threading.Event,
    show: ShowStatus,
) -> SourceError | None:
    """Take every frame into the session, and through the network the newest whenever it is free.

    Return what ended the source early.
    """
    newest: LatestSlot[Frame] = LatestSlot()
    faults: list[SourceError] = []
    ended = threading.Event()

    def capture() -> None:
        captured = frame
        try:
            while captured is not None and not ended.is_set():
                recorder.add_picture(captured)
                newest.put(captured)
                captured = source.read()
        except SourceError as error:
            faults.append(error)
        finally:
            ended.set()

    reader = threading.Thread(target=capture, name="capture", daemon=True)
    reader.start()
    try:
        while not stop.is_set() and recorder.status().state == "recording":
            current = newest.take(_POLL_S)
            if current is not None:
                recorder.add(pipeline.process(current))
                show(recorder.status())
            elif ended.is_set():
                break
    finally:
        ended.set()
        reader.join(_JOIN_S)  # one that hangs in a driver is left behind
    return faults[0] if faults and not stop.is_set() else None
