import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.capture import UrlSource, open_source
from core.config import CaptureConfig
from core.errors import SourceError
from tests.core.capture.media import code_of, read_all, write_video

CONFIG = CaptureConfig()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path in ("/stream", "/stalls"):
            self._stream()
            if self.path == "/stalls":
                self.server.quiet.wait(10)  # type: ignore[attr-defined]
        elif self.path == "/silent":
            self.server.quiet.wait(10)  # type: ignore[attr-defined]
        elif self.path == "/clip.mp4":
            body = self.server.clip  # type: ignore[attr-defined]
            self.send_response(200)
            self.send_header("Content-Type", "video/mp4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif self.path == "/text":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello " * 100)
        else:
            self.send_error(404)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for index in range(8):
            image = np.full((48, 64, 3), 20 * index, np.uint8)
            jpeg = cv2.imencode(".jpg", image)[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg + b"\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A web server on this machine; gives its address."""
    web = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    web.daemon_threads = True
    web.quiet = threading.Event()  # type: ignore[attr-defined]
    web.clip = write_video(tmp_path / "served.mp4", 5).read_bytes()  # type: ignore[attr-defined]
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{web.server_port}"
    web.quiet.set()  # type: ignore[attr-defined]
    web.shutdown()
    thread.join()
    web.server_close()


def test_an_mjpeg_stream_is_read_live(server: str) -> None:
    source = open_source(f"{server}/stream", CONFIG)
    assert isinstance(source, UrlSource)
    assert source.is_live
    frames = [source.read() for _ in range(7)]
    for index, frame in enumerate(frames):
        assert frame.image.astype(int).mean() == pytest.approx(20 * index, abs=3)
    stamps = [frame.timestamp_ns for frame in frames]
    assert stamps == sorted(stamps)
    assert abs(stamps[-1] - time.perf_counter_ns()) < 5e9
    source.close()


def test_a_stream_that_breaks_off_is_a_lost_source(server: str) -> None:
    source = open_source(f"{server}/stream", CONFIG)
    with pytest.raises(SourceError) as caught:
        read_all(source)
    assert code_of(caught) == "CAM-04"
    source.close()


def test_a_stream_that_falls_silent_is_reported_in_time(server: str) -> None:
    source = open_source(f"{server}/stalls", CaptureConfig(url_timeout_s=1.0))
    start = time.monotonic()
    with pytest.raises(SourceError) as caught:
        read_all(source)
    assert code_of(caught) == "CAM-05"
    assert time.monotonic() - start < 3
    source.close()


def test_a_file_on_a_server_is_read_with_its_own_times(server: str) -> None:
    source = open_source(f"{server}/clip.mp4", CONFIG)
    assert not source.is_live
    assert source.frame_count == 5
    frames = read_all(source)
    assert [frame.timestamp_ns for frame in frames] == [40_000_000 * i for i in range(5)]


@pytest.mark.parametrize("path", ["/missing", "/text"])
def test_an_address_without_a_video_is_refused(path: str, server: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_source(server + path, CONFIG)
    assert code_of(caught) == "CAM-08"


def test_a_server_that_never_answers_is_given_up(server: str) -> None:
    start = time.monotonic()
    with pytest.raises(SourceError) as caught:
        open_source(f"{server}/silent", CaptureConfig(url_timeout_s=0.5))
    assert code_of(caught) == "CAM-08"
    assert time.monotonic() - start < 2.5


def test_a_closed_port_is_refused_at_once() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.monotonic()
    with pytest.raises(SourceError) as caught:
        open_source(f"http://127.0.0.1:{port}/stream", CONFIG)
    assert code_of(caught) == "CAM-08"
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("url", ["ftp://example/a.mp4", "file:///etc/passwd", "http://[::1/x"])
def test_other_schemes_and_broken_addresses_are_refused(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_source(url, CONFIG)
    assert code_of(caught) == "CAM-08"


def test_a_password_in_an_address_is_never_shown(server: str) -> None:
    secret = server.replace("http://", "http://me:hunter2@") + "/missing?token=hunter2"
    with pytest.raises(SourceError) as caught:
        open_source(secret, CONFIG)
    assert "hunter2" not in str(caught.value)
