import itertools
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.stream_command import (
    StreamOptions,
    StreamStatuses,
    describe,
    read_options,
    stream,
    text_of,
)
from core.capture import FrameSource
from core.config import CaptureConfig
from core.engines.base import Engine
from core.errors import SessionError, SourceError, StreamError, UsageError
from core.pipeline import LiveStatus
from core.streams.address import Address
from core.types import HandState
from tests.app.results import always
from tests.core.session.recording import record
from tests.core.streams.receivers import RawWebSocket, osc_receiver
from tests.factories import make_frame, make_hand
from tests.fakes import ScriptedEngine, ScriptedSource, SourceStep

HANDS = (make_hand("right", at=(0.15, 0.0, 0.6)), make_hand("left", at=(-0.15, 0.0, 0.7)))
pytestmark = pytest.mark.usefixtures("handlers_are_put_back")


def quiet(live: LiveStatus, streams: StreamStatuses) -> None:
    """Show nothing."""


def seeing(*hands: HandState) -> Callable[[str, int, int], Engine]:
    return always(ScriptedEngine([hands]))


def playing(
    steps: Callable[[], Iterator[SourceStep]], is_live: bool = True
) -> Callable[[str, CaptureConfig], FrameSource]:
    return lambda text, config: ScriptedSource(steps(), is_live=is_live, period_s=0.01)


def frames(count: int | None = None) -> Iterator[SourceStep]:
    numbers = itertools.count() if count is None else iter(range(count))
    return (make_frame(index) for index in numbers)


def test_every_stream_gets_the_hands_until_the_source_ends() -> None:
    with osc_receiver() as marionette, osc_receiver() as patch:
        options = StreamOptions(
            "scripted",
            vmc=Address("127.0.0.1", marionette.port),
            osc=Address("127.0.0.1", patch.port),
        )
        result = stream(options, quiet, seeing(*HANDS), playing(lambda: frames(30)))
        marionette.wait_for("/VMC/Ext/Bone/Pos", 32)
        patch.wait_for("/manyhands/hand/1/joints_3d")
    assert [name for name, _ in result.streams] == ["VMC", "OSC"]
    # Two hits make a hand: the first frame has none.
    assert all(status.sent >= 2 and status.fault is None for _, status in result.streams)
    assert "VMC" in text_of(result.pipeline, result.streams)


def test_a_web_client_sees_the_hands_while_the_source_runs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    told: list[str] = []
    seen: dict[str, object] = {}

    def show(live: LiveStatus, streams: StreamStatuses) -> None:
        told.append(text_of(live, streams))
        if "message" not in seen:
            with RawWebSocket(port) as client:
                seen["message"] = client.read_json("hands")
        os.kill(os.getpid(), signal.SIGINT)

    options = StreamOptions("scripted", websocket=Address("127.0.0.1", port))
    result = stream(options, show, seeing(*HANDS), playing(frames))
    message = seen["message"]
    assert isinstance(message, dict)
    assert {hand["side"] for hand in message["hands"]} == {"left", "right"}
    assert "WebSocket" in told[0]
    assert result.streams[0][1].sent > 2


def test_a_port_that_is_taken_ends_the_command_before_the_camera_opens() -> None:
    """Row 68."""
    opened: list[str] = []

    def source(text: str, config: CaptureConfig) -> FrameSource:
        opened.append(text)
        return ScriptedSource(frames())

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = StreamOptions(
            "scripted", vmc=Address("127.0.0.1", 39539), websocket=Address("127.0.0.1", port)
        )
        with pytest.raises(StreamError, match=f"STR-02: port {port} is taken.*such as"):
            stream(options, quiet, seeing(), source)
    assert opened == []


def test_a_camera_that_is_lost_ends_the_command_with_its_fault() -> None:
    def lost() -> Iterator[SourceStep]:
        yield make_frame(0)
        yield SourceError("CAM-04", "the camera is gone", "Plug it in.")

    options = StreamOptions("scripted", vmc=Address("127.0.0.1", 39539))
    with pytest.raises(SourceError, match="CAM-04: the camera is gone"):
        stream(options, quiet, seeing(), playing(lost))


def test_a_recording_is_sent_at_the_times_of_its_frames(tmp_path: Path) -> None:
    record(tmp_path / "take.hands", 45)
    with osc_receiver() as patch:
        options = StreamOptions(str(tmp_path / "take.hands"), osc=Address("127.0.0.1", patch.port))
        started = time.perf_counter()
        result = stream(options, quiet, refusing)
        took_s = time.perf_counter() - started
        patch.wait_for("/manyhands/hand/1/joints_3d")
    assert took_s > 44 / 30
    frames = [values[0] for _, values in patch.of("/manyhands/frame")]
    assert frames == sorted(frames)
    assert frames[-1] == 44
    assert result.pipeline.processed >= 5


def refusing(choice: str, height: int, width: int) -> Engine:
    raise AssertionError("a recording needs no network")


def test_a_recording_plays_again_and_again_where_that_is_asked_for(tmp_path: Path) -> None:
    record(tmp_path / "take.hands", 5)
    with osc_receiver() as patch:
        options = StreamOptions(
            str(tmp_path / "take.hands"),
            osc=Address("127.0.0.1", patch.port),
            loop=True,
            max_frames=12,
        )
        stream(options, quiet, refusing)
        patch.wait_for("/manyhands/frame", 5)
    frames = [values[0] for _, values in patch.of("/manyhands/frame")]
    assert any(later < earlier for earlier, later in itertools.pairwise(frames))


def test_a_recording_that_cannot_be_read_ends_the_command(tmp_path: Path) -> None:
    (tmp_path / "empty.hands").mkdir()
    options = StreamOptions(str(tmp_path / "empty.hands"), osc=Address("127.0.0.1", 9000))
    with pytest.raises(SessionError, match="SES-04"):
        stream(options, quiet, refusing)


def test_no_thread_is_left_after_a_fault() -> None:
    before = set(threading.enumerate())
    test_a_camera_that_is_lost_ends_the_command_with_its_fault()
    assert not [t for t in set(threading.enumerate()) - before if t.is_alive()]


def test_what_is_typed_becomes_addresses() -> None:
    options = read_options("demo", vmc="studio.local", osc=":9001", websocket=8765)
    assert options.vmc == Address("studio.local", 39539)
    assert options.osc == Address("127.0.0.1", 9001)
    assert options.websocket == Address("127.0.0.1", 8765)
    assert options.access.token == ""
    assert describe(options)[-1] == "WebSocket at ws://127.0.0.1:8765"


def test_a_server_for_other_machines_gets_a_token_of_its_own() -> None:
    first = read_options("demo", vmc=None, osc=None, websocket=8765, host="0.0.0.0")
    second = read_options("demo", vmc=None, osc=None, websocket=8765, host="0.0.0.0")
    assert len(first.access.token) >= 16
    assert first.access.token != second.access.token
    assert describe(first) == (f"WebSocket at ws://0.0.0.0:8765/?token={first.access.token}",)
    given = read_options("demo", vmc=None, osc=None, websocket=1, host="[::]", token="mine")
    assert given.websocket == Address("::", 1)
    assert given.access.token == "mine"


def test_without_any_stream_the_command_says_which_there_are() -> None:
    with pytest.raises(UsageError, match=r"USE-01.*--vmc HOST:39539.*--websocket 8765"):
        read_options("demo", vmc=None, osc=None, websocket=None)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(UsageError, match="USE-01"):
        read_options("demo", vmc=None, osc=None, websocket=port)
