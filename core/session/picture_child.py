"""Decodes video for another process, with little to lose: run as a script, never imported.

Requests are lines of JSON on stdin, {"path", "ticks", "height", "last"}; each is answered on
stdout by `HEADER` and, where it says so, the picture. A video from a stranger that breaks the
decoder ends this process alone.

It imports nothing of the program: the less is loaded, the sooner it answers.
"""

import contextlib
import json
import struct
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import IO

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

#: State ("P" picture or number, "N" nothing there, "D" damaged), width px, height px, ticks.
HEADER = struct.Struct("<cIIq")
TICKS = 90_000
_CODECS = ("h264",)
_MOST_PIXELS = 4096 * 4096
_MOST_BYTES = 3 << 30
_MOST_CPU_S = 3600
#: Pictures this little ahead are decoded up to; to others the file is searched.
_AHEAD = TICKS // 2
#: A picture is another one where it is this much away, 1 ms.
_SAME = TICKS // 1000
_END = 1 << 40


class _Video:
    """One open file and where its decoder stands."""

    def __init__(self, path: str) -> None:
        # "file:" keeps a name such as "a:b.mp4" from being read as a protocol.
        options = {"protocol_whitelist": "file", "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2"}
        self._container: InputContainer = av.open(f"file:{path}", format="mp4", options=options)
        stream = self._container.streams.video[0]
        context = stream.codec_context
        if context.codec.canonical_name not in _CODECS:
            raise ValueError("its codec is not allowed")
        if not 0 < context.width * context.height <= _MOST_PIXELS:
            raise ValueError("its pictures are too large")
        self._stream: VideoStream = stream
        self._rate = stream.time_base or Fraction(1, TICKS)
        self._frames: Iterator[VideoFrame] = iter(())
        self._last: tuple[int, VideoFrame] | None = None

    def last_ticks(self) -> int:
        """Return the time of the last picture."""
        self._last = None
        self._container.seek(_END, stream=self._stream)
        times = [packet.pts for packet in self._container.demux(self._stream)]
        return max((self._ticks(time) for time in times if time is not None), default=-1)

    def picture(self, ticks: int, any_before: bool) -> tuple[int, VideoFrame] | None:
        """Return the picture at ticks, or with any_before the last one alone that can be shown."""
        last = self._last
        if last is not None and abs(last[0] - ticks) <= _SAME:
            return last
        if last is None or any_before or not 0 < ticks - last[0] <= _AHEAD:
            self._container.seek(int(ticks / TICKS / self._rate), stream=self._stream)
            self._frames = self._container.decode(self._stream)
        self._last = None
        for frame in self._frames:
            if frame.width * frame.height > _MOST_PIXELS:
                raise ValueError("its pictures are too large")
            at = self._ticks(frame.pts or 0)
            if any_before or at >= ticks - _SAME:
                self._last = at, frame
                return self._last if any_before or at <= ticks + _SAME else None
        return None

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _ticks(self, pts: int) -> int:
        return round(pts * self._rate * TICKS)


def limit_resources() -> None:
    """Bound memory and time, and forbid writing files, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the process is apart, but not bounded
        return
    for kind, most in (
        (resource.RLIMIT_AS, _MOST_BYTES),
        (resource.RLIMIT_CPU, _MOST_CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def answer(stdin: IO[bytes], stdout: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    opened: dict[str, _Video] = {}
    for line in stdin:
        request = json.loads(line)
        path = request["path"]
        try:
            if path not in opened:
                opened[path] = _Video(path)
            video = opened[path]
            if request["last"]:
                _write(stdout, b"P", 0, 0, video.last_ticks(), b"")
                continue
            found = video.picture(request["ticks"], request["height"] > 0)
            if found is None:
                _write(stdout, b"N", 0, 0, 0, b"")
            else:
                _write_picture(stdout, *found, request["height"])
        except (FFmpegError, IndexError, ValueError, MemoryError, OverflowError):
            broken = opened.pop(path, None)
            if broken is not None:
                broken.close()
            _write(stdout, b"D", 0, 0, 0, b"")


def _write_picture(stdout: IO[bytes], ticks: int, frame: VideoFrame, height: int) -> None:
    """Write a picture as RGB rows without padding, scaled to a height where one is asked for."""
    width = frame.width
    if height:
        width = max(1, round(frame.width * height / frame.height))
    rgb = frame.reformat(width=width, height=height or frame.height, format="rgb24")
    plane = rgb.planes[0]
    row_bytes = 3 * rgb.width
    data = memoryview(plane)
    if plane.line_size != row_bytes:
        step = plane.line_size
        data = memoryview(
            b"".join(data[at * step : at * step + row_bytes] for at in range(rgb.height))
        )
    _write(stdout, b"P", rgb.width, rgb.height, ticks, data)


def _write(
    stdout: IO[bytes], state: bytes, width: int, height: int, ticks: int, data: bytes | memoryview
) -> None:
    stdout.write(HEADER.pack(state, width, height, ticks))
    stdout.write(data)
    stdout.flush()


if __name__ == "__main__":
    limit_resources()
    answer(sys.stdin.buffer, sys.stdout.buffer)
