"""Sends the hands on the screen to other programs, by the switches of the panel Streams."""

import secrets
from dataclasses import dataclass, replace
from typing import Final, cast

from PyQt6.QtCore import QObject, QTimer

from app.error_texts import error_sentence
from app.main_window import MainWindow
from app.panels.docks import DockSpec
from app.panels.stream_panel import StreamKind, StreamPanel, StreamState
from app.session import Session
from app.settings import SettingsStore
from core.errors import ManyHandsError, UsageError
from core.streams.address import parse_address
from core.streams.osc import OSC_PORT, OscTarget
from core.streams.stream import HandStream, StreamStatus, StreamTarget
from core.streams.vmc import VMC_PORT, VmcTarget
from core.streams.websocket import WEBSOCKET_PORT, WebSocketAccess, WebSocketTarget
from core.types import TrackedHands

_SHOW_MS: Final = 250
_TOKEN_BYTES: Final = 12
_KINDS: Final[tuple[StreamKind, ...]] = ("vmc", "osc", "websocket")


@dataclass(slots=True)
class _Channel:
    """One row: the stream that runs, the one that waits for another to let go of its port.

    Attributes:
        stream: what sends; None while off.
        waiting: what starts once `ending` has ended.
        ending: what was switched off last.
        url: what clients connect to; empty where there are none.
    """

    stream: HandStream | None = None
    waiting: HandStream | None = None
    ending: HandStream | None = None
    url: str = ""

    def advance(self) -> None:
        """Start what waits where its time has come. Never waits itself."""
        if self.ending is not None and not self.ending.is_alive:
            self.ending = None
        if self.waiting is not None and self.ending is None:
            self.stream, self.waiting = self.waiting, None
            self.stream.start()

    def let_go(self) -> None:
        """End what sends."""
        if self.stream is not None:
            self.stream.end()
            self.ending = self.stream
        self.stream = self.waiting = None


class StreamsController(QObject):
    """Opens and closes streams, feeds them, and shows how they do.

    Streams are off at the start of the program: it opens no port that nobody asked for today.
    """

    def __init__(
        self, window: MainWindow, session: Session, store: SettingsStore, parent: QObject
    ) -> None:
        """Put the panel into the window."""
        super().__init__(parent)
        self._store = store
        self._panel = StreamPanel()
        self._channels: dict[StreamKind, _Channel] = {kind: _Channel() for kind in _KINDS}
        for kind in _KINDS:
            self._panel.show_address(kind, self._remembered(kind))
        self._panel.switched.connect(self._switch)
        self._panel.address_edited.connect(self._remember)
        window.add_dock(
            DockSpec(
                "streams_dock",
                self.tr("Streams"),
                self._panel,
                tab_with="plot_dock",
                shown=False,
            )
        )
        session.add_listener(self._put)
        session.replay.played.connect(lambda played: self._put(played.tracked))
        self._timer = QTimer(self)
        self._timer.setInterval(_SHOW_MS)
        self._timer.timeout.connect(self._show)
        window.closing.connect(self._close)

    def _remembered(self, kind: StreamKind) -> str:
        settings = self._store.settings
        texts = {
            "vmc": settings.stream_vmc,
            "osc": settings.stream_osc,
            "websocket": settings.stream_websocket,
        }
        return texts[kind]

    def _remember(self, kind: str, text: str) -> None:
        settings = self._store.settings
        changed = {
            "vmc": replace(settings, stream_vmc=text),
            "osc": replace(settings, stream_osc=text),
            "websocket": replace(settings, stream_websocket=text),
        }
        self._store.keep(changed[cast(StreamKind, kind)])

    def _put(self, tracked: TrackedHands) -> None:
        """Send these hands; called in the inference thread, or for a recording in the window's."""
        for channel in self._channels.values():
            stream = channel.stream
            if stream is not None:
                stream.put(tracked)

    def _switch(self, name: str, on: bool) -> None:
        """Open or close one stream."""
        kind = cast(StreamKind, name)
        channel = self._channels[kind]
        self._panel.show_on(kind, on)
        if not on:
            channel.let_go()
            self._panel.show_state(kind, StreamState(""))
            return
        try:
            target, channel.url = self._target(kind, self._panel.address(kind))
        except UsageError as error:
            self._refuse(kind, _words(error))
            return
        channel.waiting = HandStream(target, kind)
        self._panel.show_state(kind, StreamState(self.tr("Opening ...")))
        channel.advance()
        self._timer.start()

    def _target(self, kind: StreamKind, text: str) -> tuple[StreamTarget, str]:
        """Return what sends to, or listens at, an address, and what clients connect to."""
        if kind == "vmc":
            return VmcTarget(parse_address(text, VMC_PORT)), ""
        if kind == "osc":
            return OscTarget(parse_address(text, OSC_PORT)), ""
        address = parse_address(text, WEBSOCKET_PORT)
        token = "" if address.is_loopback else secrets.token_urlsafe(_TOKEN_BYTES)
        url = f"ws://{address}/?token={token}" if token else f"ws://{address}"
        return WebSocketTarget(address, WebSocketAccess(token=token)), url

    def _refuse(self, kind: StreamKind, reason: str) -> None:
        """Put the switch back and say why."""
        self._channels[kind].let_go()
        self._panel.show_on(kind, False)
        self._panel.show_state(kind, StreamState(reason, "error"))

    def _show(self) -> None:
        """Show how the streams do; rest while there are none."""
        for kind, channel in self._channels.items():
            channel.advance()
            if channel.stream is None:
                continue
            status = channel.stream.status()
            if not channel.stream.is_alive:
                self._refuse(kind, _words(status.fault) or self.tr("The stream has ended."))
            elif status.is_open:
                self._panel.show_state(kind, self._state(status, channel.url))
        if not any(c.stream or c.waiting or c.ending for c in self._channels.values()):
            self._timer.stop()

    def _state(self, status: StreamStatus, url: str) -> StreamState:
        if status.fault is not None:
            return StreamState(_words(status.fault), "warn", url)
        rate = self.tr("{rate} per second").format(rate=f"{status.frames_per_s:.0f}")
        if status.clients is None:
            text = self.tr("Sending") if status.frames_per_s else self.tr("Nothing to send")
        elif status.clients == 1:
            text = self.tr("1 client")
        else:
            text = self.tr("{count} clients").format(count=status.clients)
        if status.frames_per_s:
            text += f" · {rate}"
        return StreamState(text, "ok", url)

    def _close(self) -> None:
        """End every stream, and wait for their threads."""
        self._timer.stop()
        for channel in self._channels.values():
            channel.let_go()
            if channel.ending is not None:
                channel.ending.close()


def _words(fault: ManyHandsError | None) -> str:
    return "" if fault is None else error_sentence(fault)
