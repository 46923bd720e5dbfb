"""The modes that a camera really has, as Video4Linux tells them: sizes and the rates of each.

The structures are those of Linux' videodev2.h (v4l2_fmtdesc, v4l2_frmsizeenum and
v4l2_frmivalenum), which never change: they are part of the kernel's interface to programs.
"""

import os
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

#: (request, structure) -> the structure as the driver filled it; OSError at the end of a list.
Ask = Callable[[int, bytes], bytes]

# _IOWR('V', number, struct ...): direction, size of the structure, letter, number.
_ENUM_FMT: Final = 0xC0405602
_ENUM_FRAMESIZES: Final = 0xC02C564A
_ENUM_FRAMEINTERVALS: Final = 0xC034564B
_FMT: Final = struct.Struct("<III32sI4I")
_SIZE: Final = struct.Struct("<III6I2I")
_INTERVAL: Final = struct.Struct("<IIIII6I2I")
#: V4L2_BUF_TYPE_VIDEO_CAPTURE and the same with several planes.
_CAPTURE_TYPES: Final = (1, 9)
_DISCRETE: Final = 1
#: A driver that never ends a list is not believed.
_MOST: Final = 256
#: Of a camera that takes every size in a range, these are offered.
USUAL_SIZES: Final = (
    (320, 240), (640, 360), (640, 480), (800, 600), (960, 540), (1280, 720), (1280, 960),
    (1920, 1080), (2560, 1440), (3840, 2160),
)  # fmt: skip
USUAL_RATES: Final = (5, 10, 15, 20, 24, 25, 30, 50, 60, 90, 120)


@dataclass(frozen=True, slots=True)
class CameraModes:
    """What a camera has.

    Attributes:
        rates: size (width, height) px -> rates, frames per second, whole numbers, rising; a size
            whose rates the driver does not tell has none.
    """

    rates: dict[tuple[int, int], tuple[int, ...]]

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """The sizes, smaller areas first."""
        return tuple(sorted(self.rates, key=lambda size: (size[0] * size[1], size)))


def camera_modes(path: str) -> CameraModes | None:
    """Ask a camera for its modes; None where nobody can tell. Starts no stream.

    Args:
        path: the device file, such as "/dev/video0"; "" where the system has none.
    """
    if not path or not sys.platform.startswith("linux"):
        return None
    import fcntl  # absent on Windows

    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:  # not allowed, or it has gone
        return None
    try:
        return read_modes(lambda request, data: fcntl.ioctl(device, request, data))
    finally:
        os.close(device)


def read_modes(ask: Ask) -> CameraModes | None:
    """Return the modes of every pixel format together; None where the driver tells none."""
    rates: dict[tuple[int, int], set[int]] = {}
    for pixel_format in _formats(ask):
        for size in _sizes(ask, pixel_format):
            rates.setdefault(size, set()).update(_rates(ask, pixel_format, size))
    if not rates:
        return None
    return CameraModes({size: tuple(sorted(found)) for size, found in rates.items()})


def _formats(ask: Ask) -> Iterator[int]:
    for kind in _CAPTURE_TYPES:
        for index in range(_MOST):
            try:
                answer = ask(_ENUM_FMT, _FMT.pack(index, kind, 0, b"", 0, 0, 0, 0, 0))
            except OSError:
                break
            yield _FMT.unpack(answer)[4]


def _sizes(ask: Ask, pixel_format: int) -> Iterator[tuple[int, int]]:
    """Yield (width, height) px of a format."""
    for index in range(_MOST):
        try:
            answer = ask(_ENUM_FRAMESIZES, _SIZE.pack(index, pixel_format, *[0] * 9))
        except OSError:
            return
        _, _, kind, *numbers = _SIZE.unpack(answer)
        if kind == _DISCRETE:
            yield numbers[0], numbers[1]
            continue
        least_w, most_w, step_w, least_h, most_h, step_h = numbers[:6]
        for width, height in USUAL_SIZES:
            if _lies(width, least_w, most_w, step_w) and _lies(height, least_h, most_h, step_h):
                yield width, height
        return


def _lies(value: int, least: int, most: int, step: int) -> bool:
    return least <= value <= most and (value - least) % max(1, step) == 0


def _rates(ask: Ask, pixel_format: int, size: tuple[int, int]) -> Iterator[int]:
    """Yield frames per second of a size, whole numbers."""
    for index in range(_MOST):
        empty = [0] * 9
        try:
            answer = ask(_ENUM_FRAMEINTERVALS, _INTERVAL.pack(index, pixel_format, *size, *empty))
        except OSError:
            return
        kind, *numbers = _INTERVAL.unpack(answer)[4:11]
        if kind == _DISCRETE:
            numerator, denominator = numbers[:2]
            if numerator and denominator >= numerator:
                yield round(denominator / numerator)
            continue
        # Seconds from the shortest to the longest frame; both as fractions.
        shortest, longest = (
            numbers[at] / numbers[at + 1] if numbers[at + 1] else 0.0 for at in (0, 2)
        )
        yield from (rate for rate in USUAL_RATES if shortest <= 1 / rate <= longest)
        return
