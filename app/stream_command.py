"""`manyhands stream`: a source in, live hands out to other programs until the source ends."""

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.run_command import EngineFactory, SourceFactory, default_engine, stop_on_signal
from core.assets import demo_clip_path, hand_model_path
from core.capture import FrameSource, open_source
from core.config import CaptureConfig, PipelineConfig
from core.engines.select import AUTO, check_choice
from core.errors import EngineError, ManyHandsError, SourceError, UsageError
from core.hand_model.file import load_hand_model
from core.hand_model.poser import HandPoser
from core.pipeline import Fault, LivePipeline, LiveStatus, SourceOpener
from core.session.naming import is_session
from core.session.player import SessionPlayer
from core.streams.address import Address, parse_address
from core.streams.osc import OSC_PORT, OscTarget
from core.streams.stream import HandStream, StreamStatus
from core.streams.vmc import VMC_PORT, VmcTarget
from core.streams.websocket import (
    WEBSOCKET_PORT,
    WebSocketAccess,
    WebSocketTarget,
    allowed_origins,
)
from core.timing import now_ns
from core.types import TrackedHands

_POLL_S: Final = 0.004
_SHOW_NS: Final = 500_000_000
_TOKEN_BYTES: Final = 12

#: (name, how it is doing) of each stream.
StreamStatuses = tuple[tuple[str, StreamStatus], ...]
#: (how the pipeline is doing, how the streams are doing) -> nothing.
ShowStreams = Callable[[LiveStatus, StreamStatuses], None]
#: (the newest hands or None, how it goes), again and again.
Results = Iterator[tuple[TrackedHands | None, LiveStatus]]


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What the command line asks of a stream.

    Attributes:
        source: camera index, video, image, image folder, URL, "demo" or a recording's folder.
        vmc: where to send VMC, or None.
        osc: where to send plain OSC, or None.
        websocket: where to listen for WebSocket clients, or None.
        access: who may connect.
        engine: one of `engine_choices()`.
        loop: play a video again and again.
        max_frames: end after so many frames; None for all.
    """

    source: str
    vmc: Address | None = None
    osc: Address | None = None
    websocket: Address | None = None
    access: WebSocketAccess = field(default_factory=WebSocketAccess)
    engine: str = AUTO
    loop: bool = False
    max_frames: int | None = None


@dataclass(frozen=True, slots=True)
class StreamResult:
    """How it went: the pipeline's counts and each stream's."""

    pipeline: LiveStatus
    streams: StreamStatuses


def read_options(
    source: str,
    *,
    vmc: str | None,
    osc: str | None,
    websocket: int | None,
    host: str = "127.0.0.1",
    token: str = "",
    origins: Sequence[str] = (),
    engine: str = AUTO,
    loop: bool = False,
    max_frames: int | None = None,
) -> StreamOptions:
    """Check what was typed; a server that other machines reach gets a token where none is given.

    Raises:
        UsageError: USE-01 no stream is chosen, or a value cannot be used.
    """
    check_choice(engine)
    if vmc is None and osc is None and websocket is None:
        raise UsageError(
            "USE-01",
            "nothing says where the hands shall go",
            f"Add --vmc HOST:{VMC_PORT}, --osc HOST:{OSC_PORT} or --websocket {WEBSOCKET_PORT}.",
        )
    listen_at = None
    if websocket is not None:
        bare = host.removeprefix("[").removesuffix("]")
        listen_at = parse_address(f"[{bare}]:{websocket}", WEBSOCKET_PORT)
        if not listen_at.is_loopback and not token:
            token = secrets.token_urlsafe(_TOKEN_BYTES)
    return StreamOptions(
        source=source,
        vmc=None if vmc is None else parse_address(vmc, VMC_PORT),
        osc=None if osc is None else parse_address(osc, OSC_PORT),
        websocket=listen_at,
        access=WebSocketAccess(allowed_origins(origins), token),
        engine=engine,
        loop=loop,
        max_frames=max_frames,
    )


def describe(options: StreamOptions) -> tuple[str, ...]:
    """Return where the hands go, one line each, for a person."""
    lines = []
    if options.vmc is not None:
        lines.append(f"VMC to {options.vmc}")
    if options.osc is not None:
        lines.append(f"OSC to {options.osc}")
    if options.websocket is not None:
        token = f"/?token={options.access.token}" if options.access.token else ""
        lines.append(f"WebSocket at ws://{options.websocket}{token}")
    return tuple(lines)


def text_of(live: LiveStatus, streams: StreamStatuses) -> str:
    """Return one line on how it goes, for a person."""
    rate = f", {live.processed_fps:.0f} per second" if live.processed_fps else ""
    parts = [f"{live.processed} frames{rate}"]
    for name, status in streams:
        clients = "" if status.clients is None else f" to {status.clients} clients"
        fault = f" ({status.fault.cause})" if status.fault is not None else ""
        parts.append(f"{name} {status.sent} sent{clients}, {status.left_out} left out{fault}")
    return " | ".join(parts)


def looping_or_once(loop: bool) -> SourceFactory:
    """Return what opens a source; a video plays once or again and again."""

    def opener(text: str, config: CaptureConfig) -> FrameSource:
        return open_source(text, config, demo_clip=demo_clip_path(), loop=loop)

    return opener


def stream(
    options: StreamOptions,
    show: ShowStreams,
    make_engine: EngineFactory = default_engine,
    make_source: SourceFactory | None = None,
    config: PipelineConfig | None = None,
) -> StreamResult:
    """Find the hands of a source and send them until it ends, or until Ctrl-C.

    Pictures are taken when they are due and the newest wins: what is sent is never old. A
    recording needs no network: its hands are sent at the times at which they were recorded.

    Raises:
        StreamError: STR-01, STR-02 a stream cannot be opened.
        SourceError: the source cannot be opened, or was lost.
        SessionError: the recording cannot be read.
        EngineError: the network cannot run.
    """
    model = load_hand_model(hand_model_path())
    with ExitStack() as closing:
        streams = _open_streams(options, closing)
        stop = closing.enter_context(stop_on_signal(is_live=True))
        if is_session(options.source):
            player = SessionPlayer(Path(options.source), HandPoser(model))
            closing.callback(player.close)
            results = _played(player, options.loop)
        else:
            opener = make_source or looping_or_once(options.loop)
            pipeline = LivePipeline(
                lambda height, width: make_engine(options.engine, height, width),
                config or PipelineConfig(),
                model=model,
            )
            closing.callback(pipeline.stop)
            results = _live(pipeline, lambda capture: opener(options.source, capture))
        status = _send_on(results, streams, options.max_frames, stop, show)
        for _, one in streams:
            one.flush()
        return StreamResult(status, _statuses(streams))


def _live(pipeline: LivePipeline, opener: SourceOpener) -> Results:
    """Yield what the pipeline finds until its source has ended."""
    pipeline.start(opener)
    was_over = False
    while True:
        fault = pipeline.take_fault()
        if fault is not None:
            raise _error_of(fault)
        status = pipeline.status()
        tracked = pipeline.take()
        if tracked is None and was_over:
            return
        was_over = _has_ended(status)  # the last result may still be on its way
        yield tracked, status


def _played(player: SessionPlayer, loop: bool) -> Results:
    """Yield what was recorded until its end."""
    player.set_loop(loop)
    player.start()
    count = 0
    while True:
        fault = player.take_fault()
        if fault is not None:
            raise fault
        opened, at = player.opened, player.status().index
        is_over = opened is not None and not loop and at == len(opened.times_ns) - 1
        played = player.take()
        if played is None and is_over:
            return
        count += played is not None
        status = LiveStatus(0, None, None, count, count, 0, 0.0, 0.0, None)
        yield None if played is None else played.tracked, status


def _send_on(
    results: Results,
    streams: Sequence[tuple[str, HandStream]],
    max_frames: int | None,
    stop: threading.Event,
    show: ShowStreams,
) -> LiveStatus:
    """Hand every result to every stream until there are no more; return the last status."""
    taken, shown_ns = 0, now_ns()
    status = LiveStatus(0, None, None, 0, 0, 0, 0.0, 0.0, None)
    for tracked, status in results:
        if tracked is None:
            stop.wait(_POLL_S)
        else:
            taken += 1
            for _, one in streams:
                one.put(tracked)
        if now_ns() - shown_ns >= _SHOW_NS:
            shown_ns = now_ns()
            show(status, _statuses(streams))
        if stop.is_set() or taken == max_frames:
            break
    return status


def _open_streams(options: StreamOptions, closing: ExitStack) -> tuple[tuple[str, HandStream], ...]:
    """Open every stream that is asked for; all or none."""
    streams: list[tuple[str, HandStream]] = []
    if options.vmc is not None:
        streams.append(("VMC", HandStream(VmcTarget(options.vmc), "VMC")))
    if options.osc is not None:
        streams.append(("OSC", HandStream(OscTarget(options.osc), "OSC")))
    if options.websocket is not None:
        target = WebSocketTarget(options.websocket, options.access)
        streams.append(("WebSocket", HandStream(target, "WebSocket")))
    for _, one in streams:
        closing.callback(one.close)
        one.start()
    for _, one in streams:
        one.wait_until_open()
    return tuple(streams)


def _has_ended(status: LiveStatus) -> bool:
    """Say whether every picture of a file has been through the network."""
    source = status.source
    ended = source is not None and source.has_ended
    return ended and status.processed + status.dropped >= status.captured


def _statuses(streams: Sequence[tuple[str, HandStream]]) -> StreamStatuses:
    return tuple((name, one.status()) for name, one in streams)


def _error_of(fault: Fault) -> ManyHandsError:
    kind = SourceError if fault.where == "source" else EngineError
    return kind(fault.code, fault.cause, fault.remedy)
