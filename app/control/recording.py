"""Recording from the window: start, pause, mark, stop; what happens when the window closes."""

import logging
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import platformdirs
from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFileDialog

from app.actions import connect_actions
from app.error_texts import error_notice, error_sentence
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.panels.dialogs import ask_recordings_folder
from app.panels.docks import DockSpec
from app.panels.record_panel import RecordingNumbers, RecordPanel, clock_text, size_text
from app.panels.recording_dialogs import CloseAnswer, ask_about_recording
from app.session import Session
from app.settings import SettingsStore, recordings_folder
from core.errors import ManyHandsError
from core.session.layout import SUFFIX
from core.session.recorder import SessionRecorder
from core.session.status import RecorderStatus, RecordOptions
from core.types import Frame, TrackedHands

_LOG = logging.getLogger(__name__)
_SHOW_MS: Final = 200
_JOIN_S: Final = 6.0
_DISK_LEVELS: Final = {"good": "ok", "low": "warn", "critical": "error", "full": "error"}
#: Where nobody can be asked anything.
_HEADLESS: Final = frozenset({"offscreen", "minimal"})


class RecordingController(QObject):
    """Owns the recorder. Everything that waits for a disk happens in other threads."""

    _started = pyqtSignal(object)  # SessionRecorder, or the ManyHandsError that it met
    _stopped = pyqtSignal(object, object)  # RecorderStatus, the rescued session's Path or None

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        store: SettingsStore,
        parent: QObject,
        make_recorder: Callable[[RecordOptions], SessionRecorder] = SessionRecorder,
    ) -> None:
        """Put the panel into the window and connect the rows of the Recording menu."""
        super().__init__(parent)
        self._window, self._session, self._store = window, session, store
        self._make_recorder = make_recorder
        self._recorder: SessionRecorder | None = None  # starting or recording
        self._armed: SessionRecorder | None = None  # keeps the last seconds
        self._feeds: SessionRecorder | None = None  # gets the results
        self._is_stopping = False
        self._closes: CloseAnswer | None = None
        self._starting: threading.Thread | None = None
        self._helpers: list[threading.Thread] = []
        actions = window.actions_by_id
        self._panel = RecordPanel(
            [actions[name] for name in ("record", "pause_recording", "marker")]
        )
        title = self.tr("Recording")
        window.add_dock(
            DockSpec("record_dock", title, self._panel, tab_with="plot_dock", shown=False)
        )
        connect_actions(
            actions,
            {"record": self._toggle, "pause_recording": self._pause, "marker": self._mark},
        )
        self._connect_panel()
        session.add_listener(self._feed)
        session.add_frame_listener(self._feed_picture)
        session.replay.opened.connect(lambda _opened: self._enable())
        session.replay.closed.connect(self._enable)
        self._started.connect(self._show_started)
        self._stopped.connect(self._show_stopped)
        self._timer = QTimer(self)
        self._timer.setInterval(_SHOW_MS)
        self._timer.timeout.connect(self._show)
        window.close_guards.append(self._may_close)
        window.closing.connect(self._close)
        self._enable()
        self._arm()

    @property
    def is_recording(self) -> bool:
        """Whether a session is being recorded, or about to be."""
        return self._recorder is not None

    # What is chosen

    def _connect_panel(self) -> None:
        panel, keep = self._panel, self._store.keep
        panel.preroll_chosen.connect(
            lambda s: keep(replace(self._store.settings, record_preroll_s=s))
        )
        panel.limit_chosen.connect(lambda s: keep(replace(self._store.settings, record_limit_s=s)))
        panel.video_chosen.connect(lambda on: keep(replace(self._store.settings, record_video=on)))
        panel.every_frame_chosen.connect(
            lambda on: keep(replace(self._store.settings, record_every_frame=on))
        )
        panel.folder_asked.connect(self._ask_folder)
        self._store.changed.connect(self._follow_settings)
        self._options = self._wanted_options()
        self._show_choices()

    def _wanted_options(self) -> RecordOptions:
        settings = self._store.settings
        return RecordOptions(
            video=settings.record_video,
            every_frame=settings.record_every_frame and settings.record_video,
            preroll_s=float(settings.record_preroll_s),
            max_seconds=float(settings.record_limit_s) or None,
        )

    def _follow_settings(self) -> None:
        options = self._wanted_options()
        self._show_choices()
        if options != self._options:
            self._options = options
            if not self.is_recording:
                self._arm()

    def _show_choices(self) -> None:
        settings = self._store.settings
        self._panel.show_choices(
            settings.record_preroll_s,
            settings.record_limit_s,
            settings.record_video,
            settings.record_every_frame,
            str(recordings_folder(self._store.settings)),
        )

    def _ask_folder(self) -> QFileDialog:
        return ask_recordings_folder(
            self._window,
            str(recordings_folder(self._store.settings)),
            lambda path: self._store.keep(replace(self._store.settings, record_folder=path)),
        )

    # What is done

    def _feed(self, tracked: TrackedHands) -> None:
        """Record a result; called in the inference thread."""
        recorder = self._feeds
        if recorder is not None:
            recorder.add(tracked)

    def _feed_picture(self, frame: Frame) -> None:
        """Record a picture before the network sees it; called in the capture thread."""
        recorder = self._feeds
        if recorder is not None:
            recorder.add_picture(frame)

    def _arm(self) -> None:
        """Keep the last seconds from now on, where that is wanted."""
        old, self._armed, self._feeds = self._armed, None, None
        if old is not None:
            self._help(f"end preroll {id(old)}", old.stop)
        if self._options.preroll_s > 0:
            self._armed = self._feeds = self._make_recorder(self._options)
            self._armed.arm()

    def _toggle(self, on: bool) -> None:
        if on and not self.is_recording:
            self._start()
        elif not on and self.is_recording:
            self._stop()

    def _start(self) -> None:
        """Begin a session, in another thread: a network disk may take its time."""
        recorder = self._armed or self._make_recorder(self._options)
        self._recorder, self._armed, self._feeds = recorder, None, None
        path = (
            recordings_folder(self._store.settings)
            / f"hands-{time.strftime('%Y%m%d-%H%M%S')}{SUFFIX}"
        )
        info = self._session.recording_info()

        def start() -> None:
            try:
                recorder.start(path, info)
                self._started.emit(recorder)
            except ManyHandsError as error:
                recorder.stop()
                self._started.emit(error)

        self._starting = self._help("start recording", start)
        self._enable()
        dock = self._window.docks["record_dock"]
        dock.show()
        dock.raise_()

    def _show_started(self, outcome: SessionRecorder | ManyHandsError) -> None:
        if isinstance(outcome, ManyHandsError):
            self._recorder, self._is_stopping = None, False
            self._window.banner.show_notice(error_notice("error", outcome))
            self._enable()
            self._arm()
            return
        if not self._is_stopping:
            self._feeds = outcome
            self._timer.start()
            self._show()

    def _pause(self, on: bool) -> None:
        if self._recorder is not None:
            self._recorder.pause() if on else self._recorder.resume()

    def _mark(self) -> None:
        recorder = self._recorder
        if recorder is not None:
            recorder.mark(self.tr("Marker {number}").format(number=recorder.status().markers + 1))
            self._show()

    def _stop(self) -> None:
        """End the session in another thread: its last pictures are still being written."""
        recorder = self._recorder
        if recorder is None or self._is_stopping:
            return
        self._is_stopping, self._feeds = True, None
        self._enable()
        starting = self._starting

        def stop() -> None:
            if starting is not None:
                starting.join()
            status = recorder.stop()
            rescued = self._rescue(recorder, status)
            _forget_empty(status)
            self._stopped.emit(status, rescued)

        self._help("stop recording", stop)

    def _rescue(self, recorder: SessionRecorder, status: RecorderStatus) -> Path | None:
        """Save the seconds that are in memory elsewhere where the disk has failed."""
        if status.fault is None or status.path is None:
            return None
        folder = platformdirs.user_data_path("manyhands", appauthor=False) / "rescued"
        try:
            return recorder.save_last(folder / status.path.name, self._session.recording_info())
        except (ManyHandsError, RuntimeError) as error:
            _LOG.warning("nothing could be rescued: %s", error)
            return None

    def _show_stopped(self, status: RecorderStatus, rescued: Path | None) -> None:
        """Say what was recorded and where it lies."""
        if self._recorder is None:  # it has not even begun, and that was said
            return
        self._recorder, self._is_stopping = None, False
        self._timer.stop()
        self._show_status(status)
        if status.fault is not None:
            notice = error_notice("error", status.fault)
            if rescued is not None:
                text = self.tr("The last seconds were saved: {path}")
                remedy = f"{notice.remedy} {text.format(path=rescued)}"
                notice = replace(notice, remedy=remedy)
            self._window.banner.show_notice(notice)
        elif status.path is not None and not status.frames:
            title = self.tr("Nothing was recorded: no picture came.")
            remedy = self.tr("Start a source, then record.")
            self._window.banner.show_notice(Notice("warn", "", title, remedy))
        elif status.path is not None:
            title = self.tr("{name} was saved: {time}, {size}").format(
                name=status.path.name,
                time=clock_text(status.recorded_s),
                size=size_text(status.bytes),
            )
            remedy = str(status.path.parent)
            if status.warning is not None:
                remedy = error_sentence(status.warning)
            self._window.banner.show_notice(Notice("info", "", title, remedy))
        self._enable()
        self._arm()

    # What is shown

    def _show(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        status = recorder.status()
        self._show_status(status)
        if status.state in ("finished", "failed"):  # by itself: the timer, or a full disk
            self._stop()

    def _show_status(self, status: RecorderStatus) -> None:
        states = {
            "recording": self.tr("Recording"),
            "paused": self.tr("Paused"),
            "failed": self.tr("Failed"),
        }
        self._panel.show_numbers(
            RecordingNumbers(
                seconds=status.recorded_s,
                size_bytes=status.bytes,
                disk_bytes=status.disk_free,
                disk_level=_DISK_LEVELS[status.disk_level],
                dropped_pictures=status.dropped_pictures,
                dropped_frames=status.dropped_frames,
                late_hands=status.late_hands,
                markers=status.markers,
            ),
            self.tr("Saving ...") if self._is_stopping else states.get(status.state, ""),
        )

    def _enable(self) -> None:
        """Make actions and panel say what can be done now."""
        actions, on = self._window.actions_by_id, self.is_recording
        actions["record"].setChecked(on and not self._is_stopping)
        can_begin = not self._session.replay.is_open  # a recording is not recorded again
        actions["record"].setEnabled(not self._is_stopping and (on or can_begin))
        for name in ("pause_recording", "marker"):
            actions[name].setEnabled(on and not self._is_stopping)
        if not on:
            actions["pause_recording"].setChecked(False)
        self._panel.show_busy(on)

    # The end of the program

    def _may_close(self) -> bool:
        """Ask what shall become of a recording; the window closes once that is answered."""
        if not self.is_recording or self._closes is not None:
            return True
        if QGuiApplication.platformName() in _HEADLESS:
            return True
        recorder = self._recorder
        path = recorder.status().path if recorder is not None else None
        ask_about_recording(self._window, path.name if path is not None else "", self._answer)
        return False

    def _answer(self, answer: CloseAnswer) -> None:
        if answer != "keep":
            self._closes = answer
            self._window.close()

    def _close(self) -> None:
        """End the recording: it is saved unless somebody said otherwise."""
        self._timer.stop()
        self._feeds = None
        recorder = self._recorder
        for helper in self._helpers:
            helper.join(_JOIN_S)
        if self._armed is not None:
            self._armed.stop()
        if recorder is None:
            return
        status = recorder.stop()
        self._recorder = None
        _forget_empty(status)
        if self._closes == "discard" and status.path is not None:
            shutil.rmtree(status.path, ignore_errors=True)

    def _help(self, name: str, body: Callable[[], object]) -> threading.Thread:
        """Run body in a thread of its own."""
        self._helpers = [helper for helper in self._helpers if helper.is_alive()]
        helper = threading.Thread(target=body, name=name, daemon=True)
        self._helpers.append(helper)
        helper.start()
        return helper


def _forget_empty(status: RecorderStatus) -> None:
    """Take the folder of a session away into which nothing was recorded."""
    if status.path is not None and not status.frames and status.fault is None:
        shutil.rmtree(status.path, ignore_errors=True)
