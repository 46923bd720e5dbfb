"""Replay of recordings: joins the panel with the player, and shows another recording beside."""

from dataclasses import replace
from pathlib import Path
from typing import Final, cast

import numpy as np
from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtGui import QImage

from app.actions import connect_actions
from app.error_texts import error_notice
from app.main_window import MainWindow
from app.palette import HAND_COLOURS
from app.panels.banner import Notice
from app.panels.dialogs import ask_recording
from app.panels.docks import DockSpec
from app.panels.replay_panel import ReplayNumbers, ReplayPanel
from app.panels.timeline import TimelineMarker, TimelinePicture
from app.session import Session
from app.settings import SettingsStore
from app.visuals.hand_batch import HandBatch, HandColours, empty_batch, make_batch
from core.config import smoothing_from_slider
from core.errors import ManyHandsError
from core.session.compare import Difference
from core.session.played import HandsKind, OpenedSession, PlayedFrame, ShownHands
from core.session.player import SessionPlayer
from core.session.thumbnails import Thumbnail
from core.types import TrackedHands, UInt8

_SHOW_MS: Final = 33
#: The other recording's hands are grey: no hand of this one is, but for the eighth.
_BESIDE_COLOUR: Final = len(HAND_COLOURS) - 1


class ReplayController(QObject):
    """Shows the panel while a recording is open; what is pressed goes to the player."""

    def __init__(
        self, window: MainWindow, session: Session, store: SettingsStore, parent: QObject
    ) -> None:
        """Put the panel into the window, hidden, and connect the rows of the Replay menu."""
        super().__init__(parent)
        self._window, self._session, self._store = window, session, store
        self._shown = ShownHands()
        self._difference: Difference | None = None
        self._pictures = 0
        actions = window.actions_by_id
        names = ("step_back", "run", "step_forward", "loop", "range_in", "range_out")
        self._panel = ReplayPanel([actions[name] for name in names])
        area = Qt.DockWidgetArea.BottomDockWidgetArea
        title = self.tr("Replay")
        window.add_dock(DockSpec("replay_dock", title, self._panel, area=area, shown=False))
        self._connect_actions()
        self._connect_panel()
        session.replay.opened.connect(self._show_opened)
        session.replay.played.connect(self._show_played)
        session.replay.closed.connect(self._show_closed)
        session.replay.failed_beside.connect(self._show_failure)
        self._timer = QTimer(self)
        self._timer.setInterval(_SHOW_MS)
        self._timer.timeout.connect(self._show)
        window.closing.connect(self._close)
        self._enable(False)

    @property
    def _player(self) -> SessionPlayer | None:
        return self._session.replay.player

    def _connect_actions(self) -> None:
        connect_actions(
            self._window.actions_by_id,
            {
                "open_recording": self._ask_recording,
                "step_back": lambda: self._step(-1),
                "step_forward": lambda: self._step(1),
                "loop": self._loop,
                "range_in": self._begin_here,
                "range_out": self._end_here,
                "range_all": self._play_everything,
            },
        )

    def _connect_panel(self) -> None:
        panel = self._panel
        panel.sought.connect(self._seek)
        panel.stepped.connect(self._step)
        panel.speed_chosen.connect(self._set_speed)
        panel.kind_chosen.connect(self._choose_hands)
        panel.compare_asked.connect(self._ask_other)
        panel.compare_ended.connect(lambda: self._show_hands(replace(self._shown, other=None)))
        panel.align_asked.connect(self._align)
        panel.offset_chosen.connect(self._shift)

    # What is asked of the player

    def _seek(self, time_ns: int) -> None:
        if self._player is not None:
            self._player.seek(time_ns)

    def _step(self, frames: int) -> None:
        if self._player is not None:
            self._player.step(frames)

    def _set_speed(self, speed: float) -> None:
        if self._player is not None:
            self._player.set_speed(speed)

    def _loop(self, on: bool) -> None:
        if self._player is not None:
            self._player.set_loop(on)

    def _begin_here(self) -> None:
        player = self._player
        if player is not None:
            status = player.status()
            player.set_range(status.position_ns, max(status.clock.out_ns, status.position_ns))

    def _end_here(self) -> None:
        player = self._player
        if player is not None:
            status = player.status()
            player.set_range(min(status.clock.in_ns, status.position_ns), status.position_ns)

    def _play_everything(self) -> None:
        player = self._player
        if player is not None:
            player.set_range(0, player.status().clock.end_ns)

    def _choose_hands(self, kind: str, quickness: float) -> None:
        smoothing = smoothing_from_slider(quickness)
        shown = replace(self._shown, kind=cast(HandsKind, kind), smoothing=smoothing)
        self._show_hands(shown)

    def _shift(self, offset_ns: int) -> None:
        self._show_hands(replace(self._shown, offset_ns=offset_ns))

    def _align(self) -> None:
        if self._player is not None:
            self._player.align()

    def _show_hands(self, shown: ShownHands) -> None:
        self._shown = shown
        if self._player is not None:
            self._player.show(shown)

    def _ask_recording(self) -> None:
        ask_recording(self._window, self._store.settings.last_folder, self._open)

    def _open(self, path: str) -> None:
        self._store.keep(replace(self._store.settings, last_folder=str(Path(path).parent)))
        self._window.picker.chosen.emit(path)

    def _ask_other(self) -> None:
        folder = self._store.settings.last_folder
        ask_recording(
            self._window,
            folder,
            lambda path: self._show_hands(replace(self._shown, other=Path(path), offset_ns=0)),
        )

    # What is shown

    def _show_opened(self, opened: OpenedSession) -> None:
        self._shown, self._difference, self._pictures = ShownHands(), None, 0
        end_ns = int(opened.times_ns[-1])
        markers = [TimelineMarker(marker.time_ns, marker.text) for marker in opened.markers]
        gaps = [(gap.from_ns, gap.to_ns) for gap in opened.gaps if gap.what == "everything"]
        self._panel.timeline.show_recording(end_ns, markers, gaps)
        self._panel.show_kind(self._shown.kind)
        self._window.docks["replay_dock"].show()
        self._enable(True)
        self._timer.start()
        if opened.notices:
            notice = Notice("warn", "", opened.notices[0], " ".join(opened.notices[1:3]))
            self._window.banner.show_notice(notice)

    def _show_closed(self) -> None:
        self._timer.stop()
        self._window.docks["replay_dock"].hide()
        self._enable(False)
        self._show_beside(empty_batch(self._window.topology))

    def _close(self) -> None:
        """Leave the window without the panel, so that the next start has none."""
        self._timer.stop()
        self._window.docks["replay_dock"].hide()

    def _show_played(self, played: PlayedFrame) -> None:
        """Show the other recording's hands beside those of this one."""
        self._difference = played.difference
        topology = self._window.topology
        if not played.other:
            self._show_beside(empty_batch(topology))
            return
        other = TrackedHands(played.tracked.frame, played.other)
        batch = make_batch(other, topology, HandColours())
        grey = np.full(len(batch), _BESIDE_COLOUR)
        self._show_beside(replace(batch, colour_index=grey, seen_count=0))

    def _show_beside(self, batch: HandBatch) -> None:
        if self._window.scene is not None:
            self._window.scene.show_beside(batch)

    def _show_failure(self, error: ManyHandsError) -> None:
        self._shown = replace(self._shown, other=None)
        self._window.banner.show_notice(error_notice("warn", error))

    def _show(self) -> None:
        """Follow the player."""
        player = self._player
        if player is None:
            return
        status = player.status()
        clock = status.clock
        self._shown = status.shown
        self._panel.show_other(status.other_name)
        self._panel.show_numbers(
            ReplayNumbers(
                position_ns=status.position_ns,
                end_ns=clock.end_ns,
                in_ns=clock.in_ns,
                out_ns=clock.out_ns,
                frame=max(0, status.index),
                speed=clock.speed,
                loops=clock.loops,
                offset_ns=status.shown.offset_ns,
                difference=self._difference_text(),
            )
        )
        thumbnails = player.thumbnails
        if len(thumbnails) != self._pictures:
            self._pictures = len(thumbnails)
            self._panel.timeline.show_pictures([_picture(one) for one in thumbnails])

    def _difference_text(self) -> str:
        difference = self._difference
        if difference is None:
            return ""
        if difference.apart_mm is None or difference.shape_mm is None:
            return self.tr("no hand in both")
        text = self.tr("{apart} mm apart, {shape} mm in shape")
        return text.format(apart=f"{difference.apart_mm:.1f}", shape=f"{difference.shape_mm:.1f}")

    def _enable(self, on: bool) -> None:
        actions = self._window.actions_by_id
        for name in ("step_back", "step_forward", "loop", "range_in", "range_out", "range_all"):
            actions[name].setEnabled(on)
        if not on:
            actions["loop"].setChecked(False)


def _picture(thumbnail: Thumbnail) -> TimelinePicture:
    image: UInt8 = np.ascontiguousarray(thumbnail.image)
    height, width = image.shape[:2]
    shown = QImage(image.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return TimelinePicture(thumbnail.time_ns, shown.copy())
