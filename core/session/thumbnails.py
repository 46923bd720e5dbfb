"""Small pictures of a session, for a timeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.session.reader import SessionReader
from core.types import UInt8

_COUNT: Final = 24
_HEIGHT_PX: Final = 54


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """A small picture (h, w, 3) RGB of a session time."""

    time_ns: int
    image: UInt8


def thumbnails_of(reader: SessionReader) -> Iterator[Thumbnail]:
    """Yield small pictures, evenly spread, coarse first; those that are missing are left out."""
    for index in spread(reader.frame_count, _COUNT):
        picture = reader.thumbnail_at(index, _HEIGHT_PX)
        if picture is not None:
            yield Thumbnail(int(reader.timestamps_ns[index]), picture)


def spread(count: int, most: int) -> tuple[int, ...]:
    """Return up to `most` of `count` indices, evenly spread, in an order that is coarse first."""
    number = min(count, most)
    even = [round(i * (count - 1) / max(1, number - 1)) for i in range(number)]
    order: list[int] = []
    step = 1 << max(0, len(even) - 1).bit_length()
    while step:
        order += [index for index in even[::step] if index not in order]
        step //= 2
    return tuple(order)
