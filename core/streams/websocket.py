"""WebSocketTarget: a small server that tells every client of each frame's hands, as JSON.

It listens on this machine alone unless told otherwise. A web page may connect only from an origin
that is allowed: browsers let any page of the internet open a WebSocket to 127.0.0.1, and only the
Origin header tells them apart. Programs that are no browsers send none. An address that other
machines can reach asks for a token as well.

A client that reads too slowly is dropped: it would hold ever more memory and show ever older
hands. Clients have nothing to say; one that says much is dropped, too.
"""

import asyncio
import contextlib
import errno
import hmac
import http
import logging
import re
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Origin

from core.errors import StreamError, UsageError
from core.streams.address import Address
from core.streams.json_message import hands_text, heartbeat_text, hello_text
from core.timing import now_ns
from core.types import TrackedHands

WEBSOCKET_PORT: Final = 8765
_LOG = logging.getLogger(__name__)
#: Pages that this machine itself serves.
_LOCAL_PAGES: Final = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")
_MAX_CLIENTS: Final = 16
#: Messages that wait for one client: two seconds of hands.
_QUEUE_LENGTH: Final = 64
#: What the system may hold back for one client, beside the queue.
_SEND_BUFFER_BYTES: Final = 65_536
_MAX_RECEIVED_BYTES: Final = 4096
_MAX_RECEIVED_PER_S: Final = 20
_START_S: Final = 10.0
_POLICY_VIOLATION: Final = 1008
_OFFERED_PORTS: Final = 100


@dataclass(frozen=True, slots=True)
class WebSocketAccess:
    """Who may connect.

    Attributes:
        origins: web pages (scheme://host:port) beside those that this machine serves itself.
        token: what a client has to show; empty where none is asked for.
    """

    origins: tuple[str, ...] = ()
    token: str = ""


@dataclass(slots=True, eq=False)
class _Client:
    """A connection and the messages that wait for it."""

    connection: ServerConnection
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(_QUEUE_LENGTH))


class WebSocketTarget:
    """Serves clients in a thread of its own, with an event loop."""

    def __init__(self, address: Address, access: WebSocketAccess | None = None) -> None:
        """Listen there once open.

        Raises:
            UsageError: USE-01 another machine could connect and no token is asked for.
        """
        self._access = access or WebSocketAccess()
        if not address.is_loopback and not self._access.token:
            raise UsageError(
                "USE-01",
                f"{address} can be reached from other machines, and no token is asked for",
                "Give a token, or listen at 127.0.0.1.",
            )
        self._address = address
        self._clients: set[_Client] = set()
        self._latest = ""
        self._dropped = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._started = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def clients(self) -> int | None:
        """How many clients are connected."""
        return len(self._clients)

    @property
    def dropped_clients(self) -> int:
        """How many clients were dropped because they read too slowly or said too much."""
        return self._dropped

    def open(self) -> None:
        """Listen.

        Raises:
            StreamError: STR-02 the port is taken, STR-01 the address cannot be used otherwise.
        """
        listener = _listen(self._address)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listener)), name="websocket", daemon=True
        )
        self._thread.start()
        if not self._started.wait(_START_S):
            raise StreamError("STR-01", f"no server starts at {self._address}", "Try again.")

    def send(self, tracked: TrackedHands) -> None:
        """Tell every client, and those that come before the next frame."""
        self._tell(hands_text(tracked), keep=True)

    def send_heartbeat(self, time_ns: int) -> None:
        """Tell every client that the program is alive."""
        self._tell(heartbeat_text(time_ns), keep=False)

    def close(self) -> None:
        """Say goodbye to every client and end the thread."""
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                loop.call_soon_threadsafe(stop.set)
        if self._thread is not None:
            self._thread.join(_START_S)

    def _tell(self, text: str, keep: bool) -> None:
        if self._loop is None:
            raise StreamError("STR-03", f"{self._address} is not open", "Switch the stream on.")
        try:
            self._loop.call_soon_threadsafe(self._broadcast, text, keep)
        except RuntimeError as error:
            raise StreamError(
                "STR-03", f"the server at {self._address} has ended", "Switch the stream on again."
            ) from error

    # In the event loop

    async def _serve(self, listener: socket.socket) -> None:
        """Serve until told to stop."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        origins = [None, _LOCAL_PAGES, *map(Origin, self._access.origins)]
        library_log = _LOG.getChild("library")
        library_log.setLevel(logging.CRITICAL)  # refused handshakes are no errors of ours
        async with serve(
            self._handle,
            sock=listener,
            origins=origins,
            process_request=self._check_request,
            compression=None,
            max_size=_MAX_RECEIVED_BYTES,
            max_queue=4,
            close_timeout=1,
            logger=library_log,
        ):
            self._started.set()
            await self._stop.wait()

    def _check_request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse clients without the token, and more clients than can be served."""
        if self._access.token and not self._shows_token(request):
            return connection.respond(http.HTTPStatus.UNAUTHORIZED, "The token is missing.\n")
        if len(self._clients) >= _MAX_CLIENTS:
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "Too many clients.\n")
        return None

    def _shows_token(self, request: Request) -> bool:
        """Look into ?token=..., as a browser can, and into Authorization: Bearer ..."""
        shown = parse_qs(urlsplit(request.path).query).get("token", [])
        headers = request.headers.get_all("Authorization")
        shown += [header.removeprefix("Bearer ") for header in headers]
        token = self._access.token.encode()
        return any(hmac.compare_digest(text.encode(), token) for text in shown)

    async def _handle(self, connection: ServerConnection) -> None:
        """Serve one client until it goes or is dropped."""
        client = _Client(connection)
        client.queue.put_nowait(hello_text())
        if self._latest:
            client.queue.put_nowait(self._latest)
        self._clients.add(client)
        writing = asyncio.create_task(_write(client))
        try:
            await self._hear(client)
        except ConnectionClosed:
            return
        finally:
            self._clients.discard(client)
            writing.cancel()

    async def _hear(self, client: _Client) -> None:
        """Read and forget what the client says, until it goes or says too much."""
        heard, since_ns = 0, now_ns()
        async for _ in client.connection:
            if now_ns() - since_ns > 1_000_000_000:
                heard, since_ns = 0, now_ns()
            heard += 1
            if heard > _MAX_RECEIVED_PER_S:
                self._dropped += 1
                await client.connection.close(_POLICY_VIOLATION, "this stream only talks")
                return

    def _broadcast(self, text: str, keep: bool) -> None:
        """Queue the text for every client; drop those whose queue is full."""
        if keep:
            self._latest = text
        for client in tuple(self._clients):
            try:
                client.queue.put_nowait(text)
            except asyncio.QueueFull:
                _LOG.warning("a WebSocket client reads too slowly and was dropped")
                self._dropped += 1
                self._clients.discard(client)
                client.connection.transport.abort()


async def _write(client: _Client) -> None:
    """Send what is queued; waits where the client does not read."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await client.connection.send(await client.queue.get())


def _listen(address: Address) -> socket.socket:
    """Open the listening socket, with a small send buffer for each client."""
    try:
        found = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, target = found[0]
        listener = socket.create_server(target[:2], family=family)
    except (OSError, UnicodeError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            free = _next_free_port(address)
            raise StreamError(
                "STR-02",
                f"port {address.port} is taken by another program",
                f"Use another, such as {free}." if free else "Use another port.",
            ) from error
        raise StreamError(
            "STR-01",
            f"nothing can listen at {address} ({getattr(error, 'strerror', None) or error})",
            "Use 127.0.0.1 and a port above 1023.",
        ) from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    return listener


def _next_free_port(address: Address) -> int | None:
    """Return the next port that can be listened at; None where none of the next ones can."""
    last = min(address.port + _OFFERED_PORTS, 65535)
    for port in range(address.port + 1, last + 1):
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        with (
            contextlib.suppress(OSError),
            socket.create_server((address.host, port), family=family),
        ):
            return port
    return None


def allowed_origins(origins: Sequence[str]) -> tuple[str, ...]:
    """Check what a person wrote as origins of web pages.

    Raises:
        UsageError: USE-01 one is not scheme://host or scheme://host:port.
    """
    for origin in origins:
        if not re.fullmatch(r"https?://[^/\s?#@]+", origin):
            raise UsageError(
                "USE-01",
                f'"{origin}" is not the origin of a web page',
                "Write it as browsers do, without a path: http://192.168.1.5:8000.",
            )
    return tuple(origins)
