"""The pictures of the documentation: every main state of the window, each by a process of its own.

The health warning needs a poor camera: the demo clip is darkened, served on this machine as a
stream and watched as any stream is.
"""

import contextlib
import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np
from PyQt6.QtGui import QImage

from core.assets import demo_clip_path
from core.capture import open_source
from core.config import CaptureConfig

_COLOURS: Final = 256
_DARK_SHARE: Final = 0.1
_DARK_FRAMES: Final = 900
_FPS: Final = 30
_LIGHT: Final = ("--theme", "light")
_NEAR: Final = ("--preset", "front", "--zoom", "0.5", "--actions", "colour_skin", "--seconds", "10")

#: Name of the picture and the options of app/screenshot.py; {dark} is the poor stream.
SHOTS: Final = (
    ("first-run", ("--first-run", "--seconds", "12")),
    ("live-dark", ("--panel", "hands_dock", "--seconds", "10")),
    ("live-light", (*_LIGHT, "--panel", "numbers_dock", "--seconds", "10")),
    ("close-up", _NEAR),
    ("health", ("--source", "{dark}", "--panel", "health_dock", "--seconds", "15")),
    ("calibration", ("--actions", "calibrate", "--panel", "lens_dock")),
    ("palette", ("--actions", "palette", "--seconds", "5")),
    ("keyboard", ("--actions", "shortcuts", *_LIGHT, "--seconds", "5")),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that was taken, or not.

    Attributes:
        name: of the file, without its ending.
        said: the status bar's line, or why there is no picture.
        is_taken: whether the file was written.
    """

    name: str
    said: str
    is_taken: bool


def take_all(folder: Path, size: str) -> Iterator[Shot]:
    """Take every picture into folder, one after another."""
    folder.mkdir(parents=True, exist_ok=True)
    with _dark_stream() as dark:
        for name, options in SHOTS:
            out = folder / f"{name}.png"
            given = [option.format(dark=dark) for option in options]
            command = [sys.executable, "-m", "app.screenshot", "--out", str(out), "--size", size]
            done = subprocess.run([*command, *given], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                shrink(out)
            yield Shot(name, (done.stdout or done.stderr).strip(), done.returncode == 0)


def shrink(path: Path) -> None:
    """Write a PNG anew with the 256 colours that fit it best: a third of its size."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    width, height = image.width(), image.height()
    bits = image.constBits()
    assert bits is not None  # The picture was just written.
    pixels = np.frombuffer(bits.asstring(4 * width * height), np.uint8).reshape(-1, 4)[:, :3]
    rng = np.random.default_rng(0)
    sample = pixels[rng.integers(0, len(pixels), 20_000)].astype(np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    cv2.setRNGSeed(0)
    _, _, centres = cv2.kmeans(
        sample, _COLOURS, np.empty(0, np.int32), criteria, 1, cv2.KMEANS_PP_CENTERS
    )
    # The nearest colour is looked up by five bits of each channel.
    steps = (np.arange(32) * 8 + 4).astype(np.float32)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    nearest = np.concatenate(
        [((part[:, None] - centres) ** 2).sum(-1).argmin(1) for part in np.split(grid, 64)]
    ).astype(np.uint8)
    five = (pixels >> 3).astype(np.int32)
    indices = nearest[five[:, 0] << 10 | five[:, 1] << 5 | five[:, 2]].reshape(height, width)
    stride = -(-width // 4) * 4
    padded = np.zeros((height, stride), np.uint8)
    padded[:, :width] = indices
    small = QImage(padded.tobytes(), width, height, stride, QImage.Format.Format_Indexed8)
    blue_green_red = centres.round().astype(int)
    small.setColorTable([0xFF000000 | r << 16 | g << 8 | b for b, g, r in blue_green_red.tolist()])
    small.save(str(path), "PNG")


@contextmanager
def _dark_stream() -> Iterator[str]:
    """Serve a darkened demo clip on this machine; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Streamer, _dark_clip()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/dark.ts"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Streamer(BaseHTTPRequestHandler):
    """Sends a clip as slowly as it plays."""

    def __init__(self, clip: bytes, *args: Any) -> None:
        """Answer one request, which `args` are about."""
        self._clip = clip
        super().__init__(*args)

    def do_GET(self) -> None:
        """Send the clip in as many parts as it has frames."""
        self.send_response(200)
        self.send_header("Content-Type", "video/mp2t")
        self.end_headers()
        part = -(-len(self._clip) // _DARK_FRAMES)
        with contextlib.suppress(OSError):  # the window has closed
            for start in range(0, len(self._clip), part):
                self.wfile.write(self._clip[start : start + part])
                time.sleep(1 / _FPS)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _dark_clip() -> bytes:
    """Return the darkened demo clip as a stream that can be read from its start."""
    source = open_source("demo", CaptureConfig(), demo_clip=demo_clip_path(), loop=True)
    written = io.BytesIO()
    with av.open(written, "w", format="mpegts") as container:
        stream = container.add_stream("libx264", rate=_FPS)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        stream.options = {"tune": "zerolatency", "preset": "veryfast"}
        for _ in range(_DARK_FRAMES):
            frame = source.read()
            if frame is None:
                break
            small = cv2.resize(frame.image, (640, 360), interpolation=cv2.INTER_AREA)
            dark = (small * _DARK_SHARE).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(dark, format="rgb24")))
        container.mux(stream.encode())
    source.close()
    return written.getvalue()
