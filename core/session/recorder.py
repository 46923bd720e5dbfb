"""SessionRecorder: keeps what the pipeline sees and finds, in its own thread.

    recorder = SessionRecorder(RecordOptions())
    folder = recorder.start(Path("take.hands"), SessionInfo(source="camera"))
    recorder.add(tracked)            # for every result, from one thread
    recorder.add_picture(frame)      # for every picture, from another one, where all are wanted
    recorder.mark("clap")
    recorder.pause(); recorder.resume()
    status = recorder.status()       # whenever it is shown
    recorder.stop()

add() only queues. Where the disk or the encoder is too slow, pictures are dropped first and whole
frames last; both are counted in `status` and written down as gaps.
"""

import logging
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from av.error import FFmpegError

from core.errors import ManyHandsError, OutputError
from core.session.backlog import Backlog, Queued, QueuedMarker
from core.session.durable import FileOpener, RecordedFile, full_disk, write_error
from core.session.encoding import FrameEncoder, QueuedFrame
from core.session.folder import EncodedFrame, SessionFolder
from core.session.intake import FrameIntake
from core.session.naming import make_session_folder
from core.session.recent import Recent
from core.session.status import (
    FULL_DISK_BYTES,
    RecorderFault,
    RecorderState,
    RecorderStatus,
    RecordOptions,
    SessionInfo,
    disk_level,
)
from core.timing import now_ns
from core.types import Frame, TrackedHands

_LOG = logging.getLogger(__name__)
_POLL_S: Final = 0.1
_LOOK_NS: Final = 1_000_000_000
#: What is kept in memory for a second try elsewhere.
_RESCUE_S: Final = 10.0
#: After stop() pictures are encoded for so long; those that still wait then are dropped.
_DRAIN_NS: Final = 2_500_000_000
#: Free bytes where a path lies.
FreeBytes = Callable[[Path], int]


def free_bytes(path: Path) -> int:
    """Return how much a user may still write where `path` lies, in bytes."""
    return shutil.disk_usage(path).free


class SessionRecorder:
    """Records one session. start(), add(), pause() ... belong to one thread at a time."""

    def __init__(
        self,
        options: RecordOptions = RecordOptions(),  # noqa: B008 - frozen
        *,
        open_file: FileOpener = RecordedFile,
        free: FreeBytes = free_bytes,
        clock: Callable[[], int] = now_ns,
    ) -> None:
        """Record nothing yet.

        Args:
            options: how.
            open_file: makes files; tests give some that fail.
            free: tells how much the disk takes.
            clock: nanoseconds.
        """
        self._options = options
        self._open_file = open_file
        self._free = free
        self._clock = clock
        self._backlog = Backlog(options.queue_s, options.queue_bytes)
        self._thread: threading.Thread | None = None
        self._stopping_ns: int | None = None
        self._state: RecorderState = "idle"
        self._path: Path | None = None
        self._ended_by = ""
        self._fault: RecorderFault | None = None
        # Of the threads that add
        self._intake = FrameIntake(self._backlog, options, clock)
        self._markers = 0
        # Of the writing thread
        self._encoder = FrameEncoder()
        self._preroll = Recent(options.preroll_s)
        self._recent = Recent(_RESCUE_S)
        self._folder: SessionFolder | None = None
        self._frames = self._unseen_frames = self._hands = 0
        self._recorded_ns = 0
        self._last_written_ns: int | None = None
        self._free_now: int | None = None
        self._looked_ns = self._synced_ns = 0

    # What a person does

    def arm(self) -> None:
        """Keep the last `preroll_s` seconds from now on, for start()."""
        if self._state == "idle":
            self._start_thread()
            self._state = "armed"

    def start(self, path: Path, info: SessionInfo) -> Path:
        """Begin a session and return its folder: `path`, or "name-2.hands" where it exists.

        Raises:
            OutputError: OUT-01 it cannot be written there, OUT-02 the disk is full; nothing is
                left behind, and another path may be tried.
        """
        if self._state not in ("idle", "armed"):
            raise RuntimeError(f"a recorder starts once; this one is {self._state}")
        folder = make_session_folder(path)
        try:
            self._free_now = self._free(folder)
            if self._free_now < FULL_DISK_BYTES:
                raise full_disk(folder, self._free_now)
            files = SessionFolder(folder, info, self._options, self._open_file)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise write_error(folder, error) from error
        except OutputError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._path = folder
        self._backlog.put(files)
        self._start_thread()
        self._state = "recording"
        return folder

    def add(self, tracked: TrackedHands, *, wait_s: float = 0.0) -> None:
        """Record the hands of one frame and its picture.

        Args:
            tracked: of the frame.
            wait_s: 0 returns at once, as live pictures need; else it waits so long for a slow
                disk or encoder before anything is dropped, as a file can.
        """
        if self._state in ("armed", "recording"):
            self._intake.add(tracked, wait_s)

    def add_picture(self, frame: Frame) -> None:
        """Record a picture, with its hands where `add` brings them in time.

        For pictures as they are captured, before the network sees them, from any thread; ignored
        unless the options want every frame.
        """
        if self._state in ("armed", "recording"):
            self._intake.add_picture(frame)

    def pause(self) -> None:
        """Leave out what comes until resume(); the gap is written down."""
        if self._state == "recording":
            self._intake.pause()
            self._state = "paused"

    def resume(self) -> None:
        """Go on after pause()."""
        if self._state == "paused":
            self._intake.resume()
            self._state = "recording"

    def mark(self, text: str = "") -> None:
        """Set a marker at the last frame that was added."""
        if self._state in ("recording", "paused"):
            self._markers += 1
            self._backlog.put(QueuedMarker(self._intake.now_ns, text))

    def stop(self, timeout_s: float = 5.0) -> RecorderStatus:
        """End the session and wait until its files are complete.

        A disk that does not answer in time is left behind; what it holds opens without repair.
        """
        thread = self._thread
        if thread is not None:
            if self._stopping_ns is None:
                self._intake.flush()
                self._stopping_ns = self._clock()
            self._backlog.close()
            thread.join(timeout_s)
            if thread.is_alive():
                self._fail(
                    OutputError(
                        "OUT-05",
                        f"the disk of {self._path} does not answer",
                        "Check the disk or network; `manyhands recover` tells what was kept.",
                    )
                )
        elif self._state == "idle":
            self._state, self._ended_by = "finished", "stopped"
        return self.status()

    def status(self) -> RecorderStatus:
        """Return how it is doing."""
        folder, free = self._folder, self._free_now
        pictures, frames = self._backlog.dropped_pictures, self._backlog.dropped_frames
        return RecorderStatus(
            state=self._state,
            path=self._path,
            recorded_s=self._recorded_ns / 1e9,
            frames=self._frames,
            unseen_frames=self._unseen_frames,
            hands=self._hands,
            dropped_pictures=pictures,
            dropped_frames=frames,
            skipped_frames=self._intake.skipped_frames,
            skipped_hands=self._encoder.skipped_hands,
            late_hands=self._intake.late_hands,
            markers=self._markers,
            bytes=folder.size if folder is not None else 0,
            disk_free=free,
            disk_level="good" if free is None else disk_level(free),
            queue_s=self._backlog.seconds_behind(self._intake.now_ns),
            ended_by=self._ended_by,
            fault=self._fault,
            warning=_too_slow(pictures, frames) if pictures or frames else None,
        )

    def save_last(self, path: Path, info: SessionInfo) -> Path:
        """Write the last ten seconds, which are in memory, into another session.

        For after a recording has failed.

        Raises:
            OutputError: OUT-01 it cannot be written there either.
            RuntimeError: the recording goes on.
        """
        if self._thread is not None and self._thread.is_alive() and self._fault is None:
            raise RuntimeError("the recording goes on: stop() comes first")
        folder = make_session_folder(path)
        try:
            files = SessionFolder(folder, info, self._options, self._open_file)
            for frame in self._recent.frames():
                files.add(frame)
            for track_id, albedo in self._encoder.skins.everything().items():
                files.add_albedo(self._intake.now_ns, track_id, albedo)
            files.finish({"by": "rescued"})
        except OSError as error:
            raise write_error(folder, error) from error
        return folder

    def _start_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
            self._thread.start()

    # The writing thread

    def _run(self) -> None:
        """Write what is queued until told to stop, or until something fails."""
        try:
            while not self._ended_by and not self._backlog.is_done:
                item = self._backlog.take(_POLL_S)
                if item is not None:
                    self._take(item)
                self._look_after()
            self._finish()
        except ManyHandsError as error:
            self._fail(error)
        except (OSError, FFmpegError) as error:
            self._fail(write_error(self._path or Path(), error))
        except Exception as error:  # noqa: BLE001 - whatever fails must not end without a word
            _LOG.exception("recording failed")
            self._fail(OutputError("OUT-01", f"recording failed: {error!r}", "Record again."))
        finally:
            self._backlog.clear()

    def _take(self, item: Queued) -> None:
        if isinstance(item, SessionFolder):
            self._folder = item
            for frame in self._preroll.frames():
                self._write(frame)
            self._preroll.clear()
        elif isinstance(item, QueuedFrame):
            stopping_ns = self._stopping_ns
            if stopping_ns is not None and self._clock() - stopping_ns > _DRAIN_NS:
                if item.picture is not None:
                    self._backlog.drop_picture(item)
            frame = self._encoder.encode(item)
            if self._folder is None:
                self._preroll.add(frame)
            else:
                self._write(frame)
        elif self._folder is not None:
            self._folder.add_event(item.time_ns, {"kind": "marker", "text": item.text[:1000]})

    def _write(self, frame: EncodedFrame) -> None:
        """Write an encoded frame and count it."""
        assert self._folder is not None
        self._recent.add(frame)
        self._folder.add(frame)
        self._frames += 1
        self._unseen_frames += frame.hands is None
        self._hands += len(frame.hands or ())
        paused = any(event.get("reason") == "paused" for _, event in frame.events)
        if self._last_written_ns is not None and not paused:
            self._recorded_ns += frame.time_ns - self._last_written_ns
        self._last_written_ns = frame.time_ns
        most = self._options.max_seconds
        if most is not None and self._recorded_ns >= most * 1e9:
            self._ended_by = "timer"

    def _look_after(self) -> None:
        """Do what is due: chunks, fsync, the disk's room."""
        folder = self._folder
        if folder is None:
            return
        folder.tick()
        now = self._clock()
        if now - self._synced_ns >= self._options.sync_s * 1e9:
            folder.sync()
            self._synced_ns = now
        if now - self._looked_ns >= _LOOK_NS:
            self._looked_ns = now
            self._free_now = self._free(folder.path)
            if self._free_now < FULL_DISK_BYTES:
                raise full_disk(folder.path, self._free_now)

    def _finish(self) -> None:
        self._ended_by = self._ended_by or "stopped"
        folder = self._folder
        if folder is not None:
            for event in self._encoder.end(self._intake.now_ns):
                folder.add_event(self._intake.now_ns, event)
            for track_id, albedo in self._encoder.skins.rest().items():
                folder.add_albedo(self._intake.now_ns, track_id, albedo)
            folder.finish(self._summary())
        self._state = "finished"

    def _fail(self, error: ManyHandsError) -> None:
        """End with an error; what was written stays a valid session."""
        _LOG.warning("recording ended: %s", error)
        self._fault = RecorderFault(error.code, error.cause, error.remedy)
        self._ended_by = self._ended_by or error.code
        self._state = "failed"
        if self._folder is not None and threading.current_thread() is self._thread:
            self._folder.abandon(self._summary())

    def _summary(self) -> dict[str, Any]:
        return {
            "by": self._ended_by,
            "frames": self._frames,
            "unseen_frames": self._unseen_frames,
            "hands": self._hands,
            "recorded_s": self._recorded_ns / 1e9,
            "dropped_pictures": self._backlog.dropped_pictures,
            "dropped_frames": self._backlog.dropped_frames,
            "skipped_frames": self._intake.skipped_frames,
            "skipped_hands": self._encoder.skipped_hands,
            "late_hands": self._intake.late_hands,
            "markers": self._markers,
        }


def _too_slow(pictures: int, frames: int) -> RecorderFault:
    what = f"{pictures} pictures" + (f" and {frames} frames" if frames else "")
    return RecorderFault(
        "OUT-05", f"the disk is too slow: {what} were left out", "Record to a faster disk."
    )
