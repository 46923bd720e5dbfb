"""LivePipeline: a capture thread and an inference thread, joined by slots.

    capture thread -> LatestSlot -> inference thread -> LatestSlot -> whoever polls take()

Every start of a source raises the epoch; frames and results of an older epoch are dropped
wherever they turn up. A thread that fails reports one Fault and ends. A thread that hangs in a
driver is left behind as a daemon: nothing can end it, but nothing waits for it either.
"""

import logging
import statistics
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from core.capture.source import FrameSource
from core.config import PipelineConfig
from core.engines.base import Engine
from core.errors import EngineError, ManyHandsError, SourceError
from core.hand_model.file import HandModel
from core.pipeline.frames import EngineOpener, FramePipeline
from core.pipeline.runs import (
    CapturedFrame,
    CaptureRun,
    InferenceRun,
    SourceOpener,
    rate,
    source_status,
)
from core.pipeline.status import Fault, LiveStatus, Where
from core.timing import now_ns
from core.types import Frame, TrackedHands

_LOG = logging.getLogger(__name__)

#: Hears of a result, and of a picture.
ResultListener = Callable[[TrackedHands], None]
FrameListener = Callable[[Frame], None]

_JOIN_S: Final = 1.2
_POLL_S: Final = 0.1
#: Opening a source may take so long before it counts as hung.
_SOURCE_OPENING_S: Final = 15.0
#: A file that is read slower than it plays does not rush afterwards.
_LATE_NS: Final = 500_000_000
#: An engine that hangs is left behind and opened anew so often within a minute.
_MOST_RESTARTS: Final = 3
_RESTARTS_NS: Final = 60_000_000_000


class LivePipeline:
    """Keeps a source and the network running. Only stop() waits, at most three seconds.

    Its methods belong to one thread: the one that polls take() and take_fault().
    """

    def __init__(
        self,
        open_engine: EngineOpener,
        config: PipelineConfig,
        *,
        model: HandModel | None = None,
        on_result: ResultListener | None = None,
        on_frame: FrameListener | None = None,
    ) -> None:
        """Start nothing yet; the engine is opened with the first frame, in its thread.

        Args:
            open_engine: opens an engine for a frame's size.
            config: settings.
            model: the right hand; default the open hand.
            on_result: hears of every result, also of those that a newer one replaces before
                they are taken; called in the inference thread, and must return at once.
            on_frame: hears of every picture before the network does, also of those that it never
                sees; called in the capture thread, likewise.
        """
        self._open_engine = open_engine
        self._config = config
        self._model = model
        self._on_result = on_result
        self._on_frame = on_frame
        self._epoch = 0
        self._capture: CaptureRun | None = None
        self._inference: InferenceRun | None = None
        self._faults: deque[Fault] = deque()
        self._restarts_ns: deque[int] = deque(maxlen=_MOST_RESTARTS)

    @property
    def epoch(self) -> int:
        """The restart number of what take() returns."""
        return self._epoch

    @property
    def is_running(self) -> bool:
        """Whether a source is being opened or read."""
        return self._capture is not None and not self._capture.is_over

    def start(self, open_source: SourceOpener, config: PipelineConfig | None = None) -> None:
        """Show a source, the first one or another; an engine that works stays open.

        Args:
            open_source: opens it.
            config: settings from now on; None keeps those that hold.
        """
        if config is not None:
            self._config = config
        self._epoch += 1
        self._faults.clear()
        before = self._capture
        if before is not None:
            before.stop.set()
        if self._inference is None or self._inference.is_over:
            self._start_inference()
        capture = self._capture = CaptureRun(open_source, self._epoch)
        capture.thread = threading.Thread(
            target=self._run_capture,
            args=(capture, before.thread if before is not None else None),
            name=f"capture {self._epoch}",
            daemon=True,
        )
        capture.thread.start()

    def retry(self) -> None:
        """Open the last source again, and the engine too where it has failed or hangs."""
        if self._capture is not None:
            self.start(self._capture.open_source)

    def apply(self, config: PipelineConfig) -> None:
        """Use other settings from the next frame on; capture settings open the source again."""
        reopens = config.capture != self._config.capture
        self._config = config
        if reopens and self.is_running:
            self.retry()

    def reopen_engine(self) -> None:
        """Open the engine anew, for a better one may be there; the source goes on meanwhile."""
        if self._inference is not None and not self._inference.is_over:
            self._inference.end()
            self._start_inference()

    def forget_hands(self) -> None:
        """Begin with new hands at the next frame: new ids, shapes learned anew."""
        if self._inference is not None:
            self._inference.forgets_hands = True

    def stop(self) -> bool:
        """End both threads; False where one hangs and was left behind."""
        self._epoch += 1
        capture, inference = self._capture, self._inference
        self._inference = None
        threads = []
        if capture is not None:
            capture.stop.set()
            capture.is_over = True
            threads.append(capture.thread)
        if inference is not None:
            inference.end()
            threads.append(inference.thread)
        for thread in threads:
            if thread is not None:
                thread.join(_JOIN_S)
        hanging = [t.name for t in threads if t is not None and t.is_alive()]
        if hanging:
            _LOG.warning("left behind: %s", ", ".join(hanging))
        return not hanging

    def take(self) -> TrackedHands | None:
        """Return the newest result if it was not taken yet, without waiting."""
        tracked = self._inference.results.take() if self._inference is not None else None
        return tracked if tracked is not None and tracked.frame.epoch == self._epoch else None

    def take_fault(self) -> Fault | None:
        """Return the next fault of this epoch; notices threads that hang, too."""
        self._watch_source()
        self._watch_engine()
        while self._faults:
            fault = self._faults.popleft()
            if fault.epoch == self._epoch:
                return fault
        return None

    def status(self) -> LiveStatus:
        """Return counts, rates and what is open."""
        capture, inference = self._capture, self._inference
        counted = inference if inference is not None and inference.epoch == self._epoch else None
        latencies = list(counted.latencies_ms) if counted is not None else []
        return LiveStatus(
            epoch=self._epoch,
            source=source_status(capture),
            engine=inference.description if inference is not None else None,
            captured=capture.count if capture is not None else 0,
            processed=counted.count if counted is not None else 0,
            dropped=capture.dropped if capture is not None else 0,
            misstamped=capture.misstamped if capture is not None else 0,
            rejected_hands=counted.rejected_hands if counted is not None else 0,
            early=capture.early if capture is not None else 0,
            captured_fps=rate(capture.times_ns) if capture is not None else 0.0,
            processed_fps=rate(counted.times_ns) if counted is not None else 0.0,
            latency_ms=statistics.median(latencies) if latencies else None,
        )

    # The capture thread

    def _run_capture(self, capture: CaptureRun, before: threading.Thread | None) -> None:
        """Read the source until it ends, fails or is told to stop."""
        if before is not None:
            before.join(_JOIN_S)  # a camera opens once only
        source: FrameSource | None = None
        try:
            capture.last_sign_ns = now_ns()
            source = capture.open_source(self._config.capture)
            capture.last_sign_ns = now_ns()
            capture.source = source
            self._read_on(capture, source)
        except ManyHandsError as error:
            self._report(error, capture.epoch, "source")
        except Exception as error:  # noqa: BLE001 - drivers and libraries fail in every way
            _LOG.warning("reading failed", exc_info=True)
            lost = SourceError("CAM-04", f"reading failed: {error!r}", "Retry, or open another.")
            self._report(lost, capture.epoch, "source")
        finally:
            capture.is_over = True
            if source is not None:
                source.close()

    def _read_on(self, capture: CaptureRun, source: FrameSource) -> None:
        """Hand over frames; those of a file when they are due."""
        offset_ns = 0
        while not capture.stop.is_set():
            frame = source.read()
            read_ns = capture.last_sign_ns = now_ns()
            if frame is None:
                capture.has_ended = True
                return
            if not capture.is_newer(frame.timestamp_ns):
                continue
            if not source.is_live:
                late_ns = read_ns - (frame.timestamp_ns + offset_ns)
                if not capture.count or late_ns > _LATE_NS:
                    offset_ns = read_ns - frame.timestamp_ns
                elif late_ns < 0 and capture.stop.wait(-late_ns / 1e9):
                    return
                read_ns = capture.last_sign_ns = now_ns()
            capture.size = frame.image.shape[:2]
            capture.count += 1
            capture.times_ns.append(read_ns)
            inference = self._inference
            if capture.epoch == self._epoch and inference is not None:
                frames = inference.frames
                dropped_before = frames.counts[1]
                current = replace(frame, epoch=capture.epoch)
                if self._on_frame is not None:
                    self._on_frame(current)
                frames.put(CapturedFrame(current, read_ns, source.independent_frames))
                replaced = frames.counts[1] - dropped_before
                capture.dropped += replaced
                capture.early += 0 if inference.engines else replaced

    # The inference thread

    def _start_inference(self) -> None:
        inference = self._inference = InferenceRun()
        inference.thread = threading.Thread(
            target=self._run_inference, args=(inference,), name="inference", daemon=True
        )
        inference.thread.start()

    def _run_inference(self, inference: InferenceRun) -> None:
        """Take frames through the network until told to stop, or until it fails."""
        engine: Engine | None = None
        try:
            first = self._next_frame(inference)
            if first is None:
                return
            engine = self._open_for(inference, *first.frame.image.shape[:2])
            self._infer(inference, engine, first)
        except ManyHandsError as error:
            self._report_engine(error, inference)
        except Exception as error:  # noqa: BLE001 - drivers and libraries fail in every way
            _LOG.warning("the network failed", exc_info=True)
            failed = EngineError("ENG-02", f"the network failed: {error!r}", "Retry; else restart.")
            self._report_engine(failed, inference)
        finally:
            inference.end()
            if engine is not None:
                engine.close()

    def _infer(
        self, inference: InferenceRun, engine: Engine, captured: CapturedFrame | None
    ) -> None:
        config = self._config
        opener = partial(self._open_for, inference)
        pipeline = FramePipeline(engine, config, open_engine=opener, model=self._model)
        try:
            while captured is not None:
                frame = captured.frame
                if frame.epoch != inference.epoch:
                    pipeline.reset()
                    inference.forget_counts(frame.epoch)
                if inference.forgets_hands:
                    inference.forgets_hands = False
                    pipeline.reset()
                if config is not self._config:
                    config = self._config
                    pipeline.apply(config)
                inference.begin_frame()
                wait_ms = (now_ns() - captured.read_ns) / 1e6
                tracked = pipeline.process(frame, independent=captured.independent)
                step_ms = {"wait": wait_ms, **tracked.step_ms}
                tracked = replace(tracked, step_ms=step_ms, read_ns=captured.read_ns)
                inference.complete_frame(tracked)
                inference.description = pipeline.describe()
                self._hand_over(inference, tracked)
                captured = self._next_frame(inference)
        finally:
            pipeline.close()

    def _open_for(self, inference: InferenceRun, height: int, width: int) -> Engine:
        """Open an engine for frames of (height, width) px, in the inference thread."""
        inference.begin_opening()
        engine = self._open_engine(height, width)
        inference.engines.append(engine)
        inference.begin_frame()
        return engine

    def _hand_over(self, inference: InferenceRun, tracked: TrackedHands) -> None:
        """Give a result away, unless another source has been opened meanwhile."""
        if tracked.frame.epoch == self._epoch:
            if self._on_result is not None:
                self._on_result(tracked)
            inference.results.put(tracked)

    def _next_frame(self, inference: InferenceRun) -> CapturedFrame | None:
        """Wait for a frame of the current epoch; None when told to stop."""
        while not inference.stop.is_set():
            captured = inference.frames.take(_POLL_S)
            if captured is not None and captured.frame.epoch == self._epoch:
                return captured
        return None

    # Faults

    def _report(self, error: ManyHandsError, epoch: int, where: Where) -> None:
        _LOG.warning("%s: %s", where, error)
        self._faults.append(Fault(error.code, error.cause, error.remedy, epoch, where))

    def _report_engine(self, error: ManyHandsError, inference: InferenceRun) -> None:
        if inference is self._inference and not inference.is_over:  # else it was given up before
            self._report(error, self._epoch, "engine")

    def _watch_source(self) -> None:
        """Give up a source that hangs while it opens, or a live one that gives nothing."""
        capture = self._capture
        if capture is None or capture.is_over:
            return
        source = capture.source
        if source is not None and not source.is_live:
            return
        name = source.name if source is not None else "the source"
        limit_s = self._config.capture.stall_s if source is not None else _SOURCE_OPENING_S
        silent_s = (now_ns() - capture.last_sign_ns) / 1e9
        if silent_s > limit_s:
            capture.is_over = True
            capture.stop.set()
            stalled = SourceError(
                "CAM-05",
                f"{name} has given no picture for {silent_s:.1f} s",
                "Check its cable or the network, then retry.",
            )
            self._report(stalled, capture.epoch, "source")

    def _watch_engine(self) -> None:
        """Leave an engine behind that does not come back from a frame, and open it anew."""
        inference = self._inference
        if inference is None or inference.is_over or not inference.hangs:
            return
        now = now_ns()
        recent = sum(now - at < _RESTARTS_NS for at in self._restarts_ns)
        goes_on = self.is_running and recent < _MOST_RESTARTS
        remedy = "It was started anew." if goes_on else "Retry, or choose another engine."
        hung = EngineError("ENG-02", "the network does not answer", remedy)
        self._report_engine(hung, inference)
        inference.end()
        if goes_on:
            self._restarts_ns.append(now)
            self._start_inference()
