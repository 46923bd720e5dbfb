"""Receivers that know nothing of ours: python-osc's server, and a socket that speaks RFC 6455."""

import base64
import json
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

Message = tuple[str, tuple[Any, ...]]


class OscReceiver:
    """What arrived at a UDP port, in order."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.datagrams = 0
        dispatcher = Dispatcher()
        dispatcher.set_default_handler(lambda address, *values: self._take(address, values))
        self._server = BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher)
        self.port: int = self._server.server_address[1]
        self._came = threading.Condition()

    def _take(self, address: str, values: tuple[Any, ...]) -> None:
        with self._came:
            self.messages.append((address, values))
            self._came.notify_all()

    def run(self) -> None:
        self._server.serve_forever(poll_interval=0.01)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, address: str, count: int = 1, timeout_s: float = 5.0) -> list[Message]:
        """Messages of this address, once there are so many."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.of(address)) >= count, timeout_s), (
                f"{address} came {len(self.of(address))} times in {timeout_s} s"
            )
        return self.of(address)

    def of(self, address: str) -> list[Message]:
        return [message for message in self.messages if message[0] == address]


@contextmanager
def osc_receiver() -> Iterator[OscReceiver]:
    receiver = OscReceiver()
    thread = threading.Thread(target=receiver.run)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.close()
        thread.join(5)


class RawWebSocket:
    """A client written from RFC 6455 alone, so that it shares no line with the server."""

    def __init__(self, port: int, path: str = "/", receive_buffer: int = 0, **headers: str) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self._stream = self.socket.makefile("rb")
        self.status = int(self._stream.readline().split()[1])
        while self._stream.readline().strip():
            continue

    def read(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame; (8, b"") where the connection just ended."""
        try:
            head = self._stream.read(2)
        except ConnectionError:
            return 8, b""
        if len(head) < 2:
            return 8, b""
        length = head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self._stream.read(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self._stream.read(8))
        return head[0] & 0x0F, self._stream.read(length)

    def read_json(self, kind: str) -> dict[str, Any]:
        """The next message of this type."""
        while True:
            opcode, payload = self.read()
            assert opcode == 1, f"opcode {opcode}: {payload!r}"
            message: dict[str, Any] = json.loads(payload)
            if message["type"] == kind:
                return message

    def say(self, payload: bytes) -> None:
        """Send a text frame, masked with zeros."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else struct.pack(">BH", 0x80 | 126, size)
        self.socket.sendall(b"\x81" + length + bytes(4) + payload)

    def close(self) -> None:
        self._stream.close()
        self.socket.close()

    def __enter__(self) -> "RawWebSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
