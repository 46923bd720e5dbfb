"""PictureReader: any picture of a session's video, decoded in a process of its own."""

import contextlib
import json
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

import numpy as np

from core.types import UInt8

#: As in picture_child.py, which must not be imported: it is another program.
_HEADER: Final = struct.Struct("<cIIq")
_CHILD: Final = Path(__file__).with_name("picture_child.py")
_ANSWER_S: Final = 10.0
_PIPE_BYTES: Final = 1 << 20
_MOST_PIXELS: Final = 4096 * 4096
#: After so many breaks the file is left alone.
_MOST_BREAKS: Final = 3


class PictureReader:
    """Asks a child process for pictures; it may be used from several threads, one at a time.

    A child that crashes or hangs on a hostile video is ended and started anew.
    """

    def __init__(self, paths: Mapping[int, Path], answer_s: float = _ANSWER_S) -> None:
        """Start nothing yet.

        Args:
            paths: video files by segment.
            answer_s: a child that needs longer for an answer is ended.
        """
        self.damage: list[str] = []
        self._paths = paths
        self._answer_s = answer_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._breaks: dict[int, int] = {}
        self._is_closed = False

    def picture(self, segment: int, ticks: int, height: int = 0) -> UInt8 | None:
        """Return a picture (H, W, 3) RGB of a segment; None where there is none.

        Args:
            segment: its number.
            ticks: 1/90000 s since its first picture.
            height: 0 for the very picture; else the last one before it that stands alone, scaled
                to so many px, which is much faster.
        """
        answer = self._ask(segment, {"ticks": ticks, "height": height, "last": False})
        if answer is None or answer[1] is None:
            return None
        return answer[1]

    def last_ticks(self, segment: int) -> int | None:
        """Return the time of a segment's last picture; None where it cannot be read."""
        answer = self._ask(segment, {"ticks": 0, "height": 0, "last": True})
        return None if answer is None or answer[0] < 0 else answer[0]

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._is_closed = True
            self._end_child()

    def _ask(
        self, segment: int, request: Mapping[str, int | bool]
    ) -> tuple[int, UInt8 | None] | None:
        """Return (ticks, picture or None); None where there is nothing or it is damaged."""
        path = self._paths.get(segment)
        with self._lock:
            if path is None or self._is_closed or self._breaks.get(segment, 0) >= _MOST_BREAKS:
                return None
            line = json.dumps({"path": str(path.absolute()), **request}) + "\n"
            try:
                state, ticks, picture = self._exchange(line.encode())
            except (OSError, EOFError, ValueError):
                self._end_child()
                state, ticks, picture = b"D", 0, None
            if state == b"D":
                self._breaks[segment] = self._breaks.get(segment, 0) + 1
                line = f"{path.name} is damaged: some of its pictures cannot be shown."
                if line not in self.damage:
                    self.damage.append(line)
            return (ticks, picture) if state == b"P" else None

    def _exchange(self, line: bytes) -> tuple[bytes, int, UInt8 | None]:
        """Send a request and read its answer.

        Raises:
            EOFError: the child has ended, by itself or since it took too long.
            OSError: likewise.
            ValueError: the answer is none.
        """
        child = self._child = self._child or _start_child()
        assert child.stdin is not None and child.stdout is not None
        too_late = threading.Timer(self._answer_s, child.kill)
        too_late.daemon = True
        too_late.start()
        try:
            child.stdin.write(line)
            child.stdin.flush()
            state, width, height, ticks = _HEADER.unpack(_read(child.stdout, _HEADER.size))
            if state not in (b"P", b"N", b"D") or width * height > _MOST_PIXELS:
                raise ValueError("no answer")
            data = _read(child.stdout, 3 * width * height)
        finally:
            too_late.cancel()
        picture = np.frombuffer(data, np.uint8).reshape(height, width, 3) if data else None
        return state, ticks, picture

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()


def _start_child() -> subprocess.Popen[bytes]:
    # -P: no module beside the script takes the place of one of Python's.
    return subprocess.Popen(
        [sys.executable, "-P", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=_PIPE_BYTES,
        pipesize=_PIPE_BYTES,
    )


def _read(stream: IO[bytes], size: int) -> bytearray:
    """Return so many bytes.

    Raises:
        EOFError: there are fewer.
    """
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        count = stream.readinto(view[done:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        done += count
    return data
