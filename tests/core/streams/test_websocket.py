import socket
import time
from collections.abc import Callable, Iterator

import pytest
from websockets.sync.client import connect

from core.errors import StreamError, UsageError
from core.streams.address import Address
from core.streams.websocket import WebSocketAccess, WebSocketTarget, allowed_origins
from core.types import TrackedHands
from tests.core.streams.receivers import RawWebSocket
from tests.factories import make_frame, make_hand


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def tracked(index: int = 0, hands: int = 1) -> TrackedHands:
    return TrackedHands(make_frame(index), tuple(make_hand(track_id=i) for i in range(hands)))


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.005)


class Served:
    """An open target and its port."""

    def __init__(self, access: WebSocketAccess | None = None) -> None:
        self.port = free_port()
        self.target = WebSocketTarget(Address("127.0.0.1", self.port), access)
        self.target.open()


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.target.close()


def test_a_client_hears_of_every_frame(served: Served) -> None:
    with RawWebSocket(served.port) as client:
        assert client.status == 101
        assert client.read_json("hello")["program"] == "manyhands"
        wait_until(lambda: served.target.clients == 1)
        for index in range(3):
            served.target.send(tracked(index, hands=2))
            message = client.read_json("hands")
            assert message["frame"] == index
            assert [hand["id"] for hand in message["hands"]] == [0, 1]
        served.target.send_heartbeat(77)
        assert client.read_json("heartbeat")["time_ns"] == 77
    wait_until(lambda: served.target.clients == 0)


def test_who_comes_late_hears_at_once_what_holds(served: Served) -> None:
    """Row 34: after "no hands" was told, a newcomer still gets to know."""
    served.target.send(tracked(5, hands=0))
    with RawWebSocket(served.port) as client:
        assert client.read_json("hands")["hands"] == []


def test_a_library_client_agrees(served: Served) -> None:
    with connect(f"ws://127.0.0.1:{served.port}/") as client:
        assert '"hello"' in client.recv(timeout=5)
        wait_until(lambda: served.target.clients == 1)
        served.target.send(tracked(1))
        assert '"frame":1' in client.recv(timeout=5)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example:80",
        "https://evil.example/http://localhost",
        "http://localhost@evil.example",
        "http://evil.example#http://localhost",
        "null",
        "file://",
        "chrome-extension://abcdefgh",
    ],
)
def test_a_page_of_another_origin_is_refused(served: Served, origin: str) -> None:
    """Row 69: any page of the internet can ask a browser to connect to this machine."""
    with RawWebSocket(served.port, Origin=origin) as client:
        assert client.status == 403
    assert served.target.clients == 0


@pytest.mark.parametrize(
    "origin",
    ["http://localhost", "http://localhost:8000", "https://127.0.0.1:5173", "http://[::1]:80"],
)
def test_a_page_that_this_machine_serves_may_connect(served: Served, origin: str) -> None:
    with RawWebSocket(served.port, Origin=origin) as client:
        assert client.status == 101


def test_a_page_that_was_named_may_connect() -> None:
    served = Served(WebSocketAccess(origins=("https://stage.example",)))
    try:
        with RawWebSocket(served.port, Origin="https://stage.example") as client:
            assert client.status == 101
        with RawWebSocket(served.port, Origin="https://other.example") as client:
            assert client.status == 403
    finally:
        served.target.close()


def test_only_who_shows_the_token_gets_in() -> None:
    served = Served(WebSocketAccess(token="s3cret"))
    try:
        for path in ("/", "/?token=", "/?token=s3cre", "/?token=s3cret2", "/?Token=s3cret"):
            with RawWebSocket(served.port, path) as client:
                assert client.status == 401, path
        with RawWebSocket(served.port, "/?token=s3cret") as client:
            assert client.status == 101
        with RawWebSocket(served.port, Authorization="Bearer s3cret") as client:
            assert client.status == 101
        with RawWebSocket(served.port, "/?token=s3cret", Origin="https://evil.example") as client:
            assert client.status == 403
    finally:
        served.target.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "studio.local"])
def test_other_machines_are_not_let_in_without_a_token(host: str) -> None:
    with pytest.raises(UsageError, match="no token is asked for"):
        WebSocketTarget(Address(host, 8765))


def test_a_port_that_is_taken_comes_with_one_that_is_free() -> None:
    """Row 68."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StreamError, match=f"STR-02: port {port} is taken") as caught:
            WebSocketTarget(Address("127.0.0.1", port)).open()
    offered = int(caught.value.remedy.split()[-1].rstrip("."))
    assert offered > port
    with socket.create_server(("127.0.0.1", offered)):
        pass


def test_an_address_of_another_machine_cannot_be_listened_at() -> None:
    with pytest.raises(StreamError, match="STR-01"):
        WebSocketTarget(Address("192.0.2.1", 8765), WebSocketAccess(token="t")).open()


def test_a_slow_client_is_dropped_and_the_others_go_on(served: Served) -> None:
    """Row 68."""
    with (
        RawWebSocket(served.port, receive_buffer=4096) as slow,
        RawWebSocket(served.port) as quick,
    ):
        assert slow.status == 101
        wait_until(lambda: served.target.clients == 2)
        message, sent = tracked(0, hands=8), 0
        deadline = time.monotonic() + 20
        while served.target.dropped_clients == 0 and time.monotonic() < deadline:
            served.target.send(message)
            quick.read_json("hands")
            sent += 1
        assert served.target.dropped_clients == 1
        assert served.target.clients == 1
        assert sent < 300, f"{sent} messages were held for it"
        served.target.send(tracked(99))
        assert quick.read_json("hands")["frame"] == 99


def test_a_client_that_talks_much_is_dropped(served: Served) -> None:
    with RawWebSocket(served.port) as client:
        client.read_json("hello")
        for _ in range(100):
            try:
                client.say(b"hello")
            except ConnectionError:
                break
        wait_until(lambda: served.target.dropped_clients == 1)
        assert client.read()[0] == 8


def test_a_client_that_says_something_huge_is_dropped(served: Served) -> None:
    with RawWebSocket(served.port) as client:
        client.read_json("hello")
        client.say(b"x" * 5000)
        assert client.read()[0] == 8
    wait_until(lambda: served.target.clients == 0)


def test_a_few_words_are_ignored(served: Served) -> None:
    with RawWebSocket(served.port) as client:
        client.read_json("hello")
        for word in (b"{}", b"not json", b"[1,2"):
            client.say(word)
        wait_until(lambda: served.target.clients == 1)
        served.target.send(tracked(3))
        assert client.read_json("hands")["frame"] == 3


def test_more_clients_than_can_be_served_are_told_so(served: Served) -> None:
    clients = [RawWebSocket(served.port) for _ in range(16)]
    try:
        wait_until(lambda: served.target.clients == 16)
        with RawWebSocket(served.port) as one_more:
            assert one_more.status == 503
    finally:
        for client in clients:
            client.close()


def test_garbage_before_the_handshake_harms_nobody(served: Served) -> None:
    for garbage in (b"", b"\x00" * 100, b"GET / HTTP/1.1\r\n\r\n", b"A" * 100_000):
        with socket.create_connection(("127.0.0.1", served.port), 5) as stranger:
            try:
                stranger.sendall(garbage)
            except ConnectionError:
                continue
    with RawWebSocket(served.port) as client:
        assert client.status == 101


def test_clients_hear_a_goodbye() -> None:
    served = Served()
    with RawWebSocket(served.port) as client:
        client.read_json("hello")
        served.target.close()
        opcode, payload = client.read()
        assert (opcode, payload[:2]) == (8, (1001).to_bytes(2, "big"))


@pytest.mark.parametrize("origin", ["localhost:80", "https://a.example/path", "*", "null", ""])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(UsageError, match="USE-01"):
        allowed_origins([origin])
