"""What a camera says of its modes; a driver is faked at the border of the kernel."""

import struct
from pathlib import Path

import pytest

from core.capture.modes import CameraModes, camera_modes, read_modes

MJPG, YUYV = 0x47504A4D, 0x56595559
#: Bytes of v4l2_fmtdesc, v4l2_frmsizeenum and v4l2_frmivalenum on every Linux.
FMT, SIZES, INTERVALS = 0xC0405602, 0xC02C564A, 0xC034564B


class FakeDriver:
    """Answers as uvcvideo does: lists that end by EINVAL.

    Attributes:
        formats: pixel format -> (type of sizes, six numbers each) and their intervals.
    """

    def __init__(self, formats: dict[int, dict[tuple[int, ...], list[tuple[int, ...]]]]) -> None:
        self.formats = formats

    def __call__(self, request: int, data: bytes) -> bytes:
        index, second = struct.unpack_from("<II", data)
        try:
            if request == FMT:
                if second != 1:
                    raise IndexError
                pixel_format = list(self.formats)[index]
                return data[:44] + struct.pack("<I", pixel_format) + data[48:]
            sizes = self.formats[second]
            if request == SIZES:
                numbers = list(sizes)[index]
                kind = 1 if len(numbers) == 2 else 3
                padded = (*numbers, *[0] * (6 - len(numbers)))
                return struct.pack("<III6I2I", index, second, kind, *padded, 0, 0)
            assert request == INTERVALS
            width, height = struct.unpack_from("<II", data, 8)
            found = self._intervals(sizes, width, height)[index]
            kind = 1 if len(found) == 2 else 2
            padded = (*found, *[0] * (6 - len(found)))
            return struct.pack("<IIIII6I2I", index, second, width, height, kind, *padded, 0, 0)
        except (IndexError, KeyError) as error:
            raise OSError(22, "Invalid argument") from error

    @staticmethod
    def _intervals(
        sizes: dict[tuple[int, ...], list[tuple[int, ...]]], width: int, height: int
    ) -> list[tuple[int, ...]]:
        return sizes.get((width, height)) or next(iter(sizes.values()))


def test_sizes_and_rates_of_all_formats_come_together() -> None:
    driver = FakeDriver(
        {
            YUYV: {(640, 480): [(1, 30), (1, 15)], (1280, 720): [(1, 10)]},
            MJPG: {(1280, 720): [(1001, 30000), (1, 60)], (1920, 1080): [(1, 30)]},
        }
    )
    assert read_modes(driver) == CameraModes(
        {(640, 480): (15, 30), (1280, 720): (10, 30, 60), (1920, 1080): (30,)}
    )


def test_sizes_are_told_smaller_ones_first() -> None:
    modes = CameraModes({(1280, 720): (30,), (640, 480): (), (320, 240): ()})
    assert modes.sizes == ((320, 240), (640, 480), (1280, 720))


def test_of_a_range_the_usual_sizes_and_rates_are_offered() -> None:
    ranged = {(320, 1280, 16, 240, 720, 8): [(1, 60, 1, 10, 0, 1)]}
    modes = read_modes(FakeDriver({YUYV: ranged}))
    assert modes is not None
    assert modes.sizes == ((320, 240), (640, 360), (640, 480), (800, 600), (1280, 720))
    assert set(modes.rates.values()) == {(10, 15, 20, 24, 25, 30, 50, 60)}


@pytest.mark.parametrize("formats", [{}, {YUYV: {}}])
def test_a_driver_that_tells_nothing_has_no_modes(
    formats: dict[int, dict[tuple[int, ...], list[tuple[int, ...]]]],
) -> None:
    assert read_modes(FakeDriver(formats)) is None


def test_a_list_that_never_ends_is_not_believed() -> None:
    asked = []

    def endless(request: int, data: bytes) -> bytes:
        asked.append(request)
        if request == FMT and struct.unpack_from("<I", data)[0] > 0:
            raise OSError(22, "Invalid argument")
        if request == SIZES:
            return data[:8] + struct.pack("<III", 1, 640, 480) + data[20:]
        if request == INTERVALS:
            return data[:16] + struct.pack("<III", 1, 1, 30) + data[28:]
        return data

    modes = read_modes(endless)
    assert modes is not None and modes.rates == {(640, 480): (30,)}
    assert asked.count(SIZES) <= 2 * 256


def test_an_interval_without_a_length_is_left_out() -> None:
    modes = read_modes(FakeDriver({YUYV: {(640, 480): [(0, 30), (1, 0), (1, 25)]}}))
    assert modes == CameraModes({(640, 480): (25,)})


def test_what_is_no_camera_has_no_modes(tmp_path: Path) -> None:
    plain = tmp_path / "video0"
    plain.touch()
    assert camera_modes(str(plain)) is None
    assert camera_modes(str(tmp_path / "none")) is None
    assert camera_modes("") is None
