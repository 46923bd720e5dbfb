"""The one place where Qt meets the pipeline: owns it, asks it for the newest hands, hears faults.

Frames never travel by signals: a queued signal keeps every frame that nobody has drawn yet. The
timer here takes the newest result, if there is one, and hands it straight to the viewer.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.openers import (
    SPARE_CORES,
    EngineFactory,
    SourceFactory,
    default_engine,
    looping_source,
)
from app.replay import Replay
from app.session_info import EngineInfo, SourceInfo, mode_text, source_info
from core.capture import CameraInfo, FrameSource, list_cameras
from core.config import CaptureConfig, PipelineConfig
from core.engines.base import Engine, EngineDescription
from core.engines.candidate import EngineStatus
from core.engines.select import AUTO, engine_report
from core.hand_model.file import HandModel
from core.pipeline import Fault, FrameListener, LivePipeline, LiveStatus, Reopening, ResultListener
from core.session.naming import is_session
from core.session.played import OpenedSession
from core.session.status import SessionInfo
from core.timing import SuspendWatch, now_ns
from core.types import TrackedHands

_LOG = logging.getLogger(__name__)
_POLL_MS: Final = 8
#: What a source and an engine turned out to be is looked at every so many polls.
_LOOK_EVERY: Final = 15
_JOIN_S: Final = 3.0

T = TypeVar("T")


class Session(QObject):
    """Owns a pipeline, and the short threads that look for cameras and end a pipeline.

    Nothing here makes the window wait but close(): devices and engines are opened and closed in
    other threads.
    """

    opening = pyqtSignal(str)  # the source that takes the place of the one before
    running_changed = pyqtSignal(bool)
    source_opened = pyqtSignal(object)  # SourceInfo
    engine_opened = pyqtSignal(object)  # EngineInfo
    cameras_found = pyqtSignal(object)  # tuple of CameraInfo
    faulted = pyqtSignal(object)  # Fault
    lost = pyqtSignal(object)  # Fault: of a live source, which is opened again by itself
    found_again = pyqtSignal()  # the source that was lost gives pictures

    def __init__(
        self,
        model: HandModel,
        make_source: SourceFactory = looping_source,
        make_engine: EngineFactory = default_engine,
        find: Callable[[], tuple[CameraInfo, ...]] = list_cameras,
        parent: QObject | None = None,
    ) -> None:
        """Make a session that shows nothing yet."""
        super().__init__(parent)
        self._model = model
        self._make_source, self._make_engine, self._find = make_source, make_engine, find
        self._config = PipelineConfig()
        self._engine_choice: str = AUTO
        self._source = ""
        self._viewers: list[Callable[[TrackedHands], None]] = []
        self._listeners: list[ResultListener] = []
        self._frame_listeners: list[FrameListener] = []
        self.replay = Replay(model, self)
        self._pipeline: LivePipeline | None = None
        self._engine_report: tuple[EngineStatus, ...] = ()
        self._was_running = False
        self._source_told: SourceInfo | None = None
        self._engine_told: EngineInfo | None = None
        self._engine_seen: EngineDescription | None = None
        self._polls = 0
        self._reopening = Reopening()
        self._suspended = SuspendWatch()
        self._is_live = False
        self._is_frozen = False
        self._helpers: list[threading.Thread] = []
        self.replay.opened.connect(self._show_recording)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)

    def add_viewer(self, viewer: Callable[[TrackedHands], None]) -> None:
        """Add who gets each new result, in the order of adding; called in the window's thread."""
        self._viewers.append(viewer)

    def add_listener(self, listener: ResultListener) -> None:
        """Add who hears of every live result, drawn or not.

        It is called in the inference thread, and must return at once.
        """
        self._listeners.append(listener)

    def add_frame_listener(self, listener: FrameListener) -> None:
        """Add who hears of every live picture, before the network; likewise, in another thread."""
        self._frame_listeners.append(listener)

    def recording_info(self) -> SessionInfo:
        """Return where the hands of this moment come from, for a recording."""
        status = self.status()
        source = status.source if status is not None else None
        engine = status.engine if status is not None else None
        return SessionInfo(
            source=source.name if source is not None else "",
            is_live=source is not None and source.is_live,
            engine=f"{engine.name}: {engine.detail}" if engine is not None else "",
            weights_sha256=engine.weights_sha256 if engine is not None else None,
            config=self._config,
        )

    def set_engine(self, choice: str) -> None:
        """Choose "auto" or an engine's name for the next start."""
        if choice != self._engine_choice:
            self._engine_choice = choice
            self._let_go()

    @property
    def is_running(self) -> bool:
        """Whether a source is being opened or read."""
        if self.replay.is_open:
            return self.replay.is_playing
        return self._pipeline is not None and self._pipeline.is_running

    @property
    def config(self) -> PipelineConfig:
        """The settings that hold."""
        return self._config

    def apply(self, config: PipelineConfig) -> None:
        """Use other settings from the next picture on; a camera's are taken by reopening it."""
        self._config = config
        if self._pipeline is not None:
            self._pipeline.apply(config)

    @property
    def is_frozen(self) -> bool:
        """Whether the last result is kept on the screen."""
        return self._is_frozen

    def freeze(self, on: bool) -> None:
        """Keep the last result on the screen; the source runs on."""
        self._is_frozen = on

    def reopen_engine(self) -> None:
        """Open the engine anew, for a better one may be there; the source goes on meanwhile."""
        if self._pipeline is not None:
            self._pipeline.reopen_engine()

    def forget_hands(self) -> None:
        """Begin with new hands: new numbers, shapes learnt anew."""
        if self._pipeline is not None:
            self._pipeline.forget_hands()

    def hurry(self) -> None:
        """Open a lost source now: its camera is back."""
        self._reopening.hurry()

    @property
    def waits_for_source(self) -> bool:
        """Whether a live source is lost and opened again by itself."""
        return self._reopening.is_waiting

    def open(self, source: str, capture: CaptureConfig | None = None) -> None:
        """Show a source, as open_source takes it; another one that is open is closed.

        Args:
            source: what to show.
            capture: settings of this camera; None keeps those of the one before.
        """
        self._source = source
        self._source_told = None
        self._is_live = False
        self._reopening.reset()
        if capture is not None:
            self._config = replace(self._config, capture=capture)
        self.opening.emit(source)
        self.replay.close()
        if is_session(source):
            self._let_go()
            self.replay.open(Path(source))
            self._timer.start()
            self._tell_running()
            return
        if self._pipeline is None:
            self._pipeline = LivePipeline(
                self._open_engine,
                self._config,
                model=self._model,
                on_result=lambda tracked: _tell(self._listeners, tracked),
                on_frame=lambda frame: _tell(self._frame_listeners, frame),
            )
            self._engine_told = None
        ending = tuple(self._helpers)

        def opener(config: CaptureConfig) -> FrameSource:
            for helper in ending:  # a camera opens once only, and may not be free yet
                helper.join(_JOIN_S)
            return self._make_source(source, config)

        self._pipeline.start(opener, self._config)
        self._timer.start()
        self._tell_running()

    def retry(self) -> None:
        """Open the last source again, and the engine too where it has failed."""
        if self._source:
            self.open(self._source, self._config.capture)

    def stop(self) -> None:
        """End the source, or pause a recording; the last picture stays."""
        self._reopening.reset()
        if self.replay.player is not None:
            self.replay.player.pause()
            return
        self._let_go()
        self._timer.stop()
        self._tell_running()

    def status(self) -> LiveStatus | None:
        """Return counts and rates; None while nothing is open."""
        return self._pipeline.status() if self._pipeline is not None else None

    def describe(self) -> tuple[str, ...]:
        """Return what is open and which engines there are, one line each, for a person."""
        lines = []
        if self._source_told is not None:
            source = self.tr("Source: {name}, {mode}")
            told = self._source_told
            lines.append(source.format(name=told.name, mode=told.mode))
        if self._engine_told is not None:
            lines.append(self.tr("Engine: {name}").format(name=self._engine_told.text))
        if self._not_taken():
            lines.append(self.tr("Faster engines that were not taken:"))
            lines += [f"    {line}" for line in self._not_taken()]
        return tuple(lines)

    def find_cameras(self) -> None:
        """Look for cameras in another thread; `cameras_found` brings the answer."""
        self._help("find cameras", self._look_for_cameras)

    def close(self) -> None:
        """End everything; waits for threads, but not for those that hang in a driver."""
        self._timer.stop()
        self.replay.finish()
        if self._pipeline is not None:
            self._pipeline.stop()
            self._pipeline = None
        for helper in self._helpers:
            helper.join(_JOIN_S)
        self._helpers.clear()

    # In other threads

    def _open_engine(self, frame_height: int, frame_width: int) -> Engine:
        return self._make_engine(self._engine_choice, frame_height, frame_width)

    def _look_at_engines(self) -> None:
        self._engine_report = engine_report(SPARE_CORES)

    def _look_for_cameras(self) -> None:
        try:
            cameras = self._find()
        except Exception:  # noqa: BLE001 - drivers fail in every way; then there are none
            _LOG.exception("looking for cameras failed")
            cameras = ()
        self.cameras_found.emit(cameras)

    # In the window's thread

    def _help(self, name: str, body: Callable[[], object]) -> None:
        """Run body in a thread, unless one of this name is at it."""
        self._helpers = [helper for helper in self._helpers if helper.is_alive()]
        if name not in {helper.name for helper in self._helpers}:
            helper = threading.Thread(target=body, name=name, daemon=True)
            self._helpers.append(helper)
            helper.start()

    def _let_go(self) -> None:
        """End the pipeline in another thread: a camera may take its time."""
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            self._help(f"end pipeline {id(pipeline)}", pipeline.stop)

    def _poll(self) -> None:
        """Take what is new."""
        if self.replay.is_open:
            self._poll_replay()
            return
        pipeline = self._pipeline
        if pipeline is None:
            return
        fault: Fault | None = pipeline.take_fault()
        if fault is not None:
            self._hear(fault, pipeline.status())
        if self._reopening.is_due(now_ns()) or (self._suspended.has_slept() and self._is_live):
            self._source_told = None
            pipeline.retry()
        self._polls += 1
        if self._polls % _LOOK_EVERY == 0:
            self._look(pipeline.status())
        tracked = pipeline.take()
        if tracked is not None:
            if self._source_told is None:
                self._look(pipeline.status())
            if pipeline.is_running:  # else a picture from before the loss comes late
                self._note_alive()
            if self._is_frozen:
                return
            for viewer in self._viewers:
                viewer(tracked)

    def _poll_replay(self) -> None:
        """Take what a recording shows."""
        played, fault = self.replay.poll()
        if fault is not None:
            self.faulted.emit(Fault(fault.code, fault.cause, fault.remedy, 0, "source"))
            self.replay.close()
        if played is not None:
            for viewer in self._viewers:
                viewer(played.tracked)
        self._tell_running()

    def _show_recording(self, opened: OpenedSession) -> None:
        """Tell what a recording turned out to be."""
        mode = mode_text(opened.width, opened.height, opened.fps)
        self.source_opened.emit(SourceInfo(self._source, opened.name, mode, is_live=False))

    def _note_alive(self) -> None:
        """Take note that the source gives pictures."""
        was_lost = self._reopening.is_waiting
        self._reopening.works(now_ns())
        if was_lost:
            self.found_again.emit()

    def _hear(self, fault: Fault, status: LiveStatus) -> None:
        """Tell a fault, and whether the source will be opened again by itself."""
        if status.source is not None:
            self._is_live = status.source.is_live
        if status.captured:  # it has worked, though no picture may have gone through the network
            self._reopening.works(now_ns())
        if self._reopening.failed(fault, is_live=self._is_live, time_ns=now_ns()):
            self.lost.emit(fault)
        else:
            self.faulted.emit(fault)

    def _look(self, status: LiveStatus) -> None:
        """Tell what source and engine turned out to be, where that is new."""
        self._tell_running()
        if status.source is not None and status.source.width:
            source = source_info(self._source, status.source)
            self._is_live = source.is_live
            if source != self._source_told:
                self._source_told = source
                self.source_opened.emit(source)
        if status.engine is not None:
            if status.engine != self._engine_seen:  # the report tells why it is this one
                self._engine_seen = status.engine
                self._help("look at engines", self._look_at_engines)
            text = f"{status.engine.detail}, {status.engine.precision}"
            tip = "\n".join((self.tr("Why nothing faster:"), *self._not_taken()))
            engine = EngineInfo(text, tip, status.engine.failure)
            if engine != self._engine_told:
                self._engine_told = engine
                self.engine_opened.emit(engine)

    def _not_taken(self) -> tuple[str, ...]:
        """Return why each faster engine was not taken."""
        reasons = []
        for status in self._engine_report:
            if status.available and status.by_auto:
                break
            reasons.append(f"{status.name}: {status.reason}")
        return tuple(reasons)

    def _tell_running(self) -> None:
        if self.is_running != self._was_running:
            self._was_running = self.is_running
            self.running_changed.emit(self._was_running)


def _tell(listeners: Iterable[Callable[[T], None]], value: T) -> None:
    for listener in listeners:
        listener(value)
