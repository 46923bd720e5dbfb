"""Reads hands.mcap as far as it goes, with suspicion: every size is checked before it is used."""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import zstandard
from numpy.typing import NDArray

from core.session import layout
from core.session.layout import FRAME, HAND

_MAGIC: Final = b"\x89MCAP0\r\n"
_RECORD: Final = struct.Struct("<BQ")
_MESSAGE: Final = struct.Struct("<HIQQ")
_CHUNK: Final = struct.Struct("<QQQII")
_CHANNEL, _MESSAGE_OP, _CHUNK_OP, _DATA_END = 0x04, 0x05, 0x06, 0x0F

#: Records of a session are at most 64 KiB and the skin of one hand.
_MOST_RECORD_BYTES: Final = 4 << 20
_MOST_CHUNK_BYTES: Final = 4 << 20
_MOST_RATIO: Final = 200
_MOST_JSON_BYTES: Final = 64 << 10
_MOST_FRAMES: Final = 10_000_000
_MOST_BYTES: Final = 8 << 30
_MOST_EVENTS: Final = 100_000
_MOST_TRACKS: Final = 100_000
_MOST_VERTICES: Final = 100_000
_CUT_OFF: Final = "it was cut off"
_LATEST_NS: Final = 10 * 365 * 86_400 * 10**9


class DamagedLog(Exception):
    """The rest of the file cannot be read; what was read before it stands."""


@dataclass(slots=True, eq=False)
class HandLog:
    """What hands.mcap and those after it say.

    Attributes:
        times_ns: of each frame, rising.
        frames: the header of each, FRAME.
        hands: the bytes of its hands, HAND.
        pictures: time and header, FRAME, of each picture that the network did not look at, rising.
        events: (time_ns, what happened), in the file's order.
        albedo: track id to (V, 3) uint8.
        damage: one line for each file in which something is wrong; a mere cut is none.
        is_complete: whether every file was ended regularly.
        unknown_records: messages of channels that this program does not know.
    """

    times_ns: list[int] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    hands: list[bytes] = field(default_factory=list)
    pictures: list[tuple[int, bytes]] = field(default_factory=list)
    events: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    albedo: dict[int, NDArray[np.uint8]] = field(default_factory=dict)
    damage: list[str] = field(default_factory=list)
    is_complete: bool = True
    unknown_records: int = 0
    bytes_read: int = 0


def read_log(paths: list[Path]) -> HandLog:
    """Read the files of a session one after the other; damage ends one file, not the others."""
    log = HandLog()
    for path in paths:
        try:
            with path.open("rb") as stream:
                _LogFile(stream, log).read()
        except DamagedLog as error:
            log.is_complete = False
            if str(error) != _CUT_OFF:  # as every killed recording; being incomplete says it
                log.damage.append(f"{path.name}: {error}")
        except OSError as error:
            log.is_complete = False
            log.damage.append(f"{path.name}: {error.strerror or error}")
    return log


class _LogFile:
    """One file on its way into a log."""

    def __init__(self, stream: BinaryIO, log: HandLog) -> None:
        self._stream = stream
        self._log = log
        self._channels: dict[int, str] = {}
        self._sequences: dict[int, int] = {}
        self._decompressor = zstandard.ZstdDecompressor()

    def read(self) -> None:
        """Take in every record.

        Raises:
            DamagedLog: where it cannot go on.
        """
        if self._stream.read(len(_MAGIC)) != _MAGIC:
            raise DamagedLog("it is no MCAP file")
        for opcode, data in self._records():
            if opcode == _CHANNEL:
                self._add_channel(data)
            elif opcode == _CHUNK_OP:
                self._add_chunk(data)
            elif opcode == _MESSAGE_OP:
                self._add_message(memoryview(data))
            elif opcode == _DATA_END:
                return
        raise DamagedLog(_CUT_OFF)

    def _records(self) -> Iterator[tuple[int, bytes]]:
        """Yield the file's records; unknown ones are skipped without being read."""
        while header := self._stream.read(_RECORD.size):
            if len(header) < _RECORD.size:
                return
            opcode, length = _RECORD.unpack(header)
            if opcode not in (_CHANNEL, _MESSAGE_OP, _CHUNK_OP, _DATA_END):
                if length > _MOST_BYTES:
                    raise DamagedLog(f"a record claims {length} bytes")
                self._stream.seek(length, 1)
                continue
            if length > _MOST_RECORD_BYTES:
                raise DamagedLog(f"a record claims {length} bytes")
            data = self._stream.read(length)
            if len(data) < length:
                return
            self._log.bytes_read += length
            if self._log.bytes_read > _MOST_BYTES:
                raise DamagedLog("it is larger than 8 GB")
            yield opcode, data

    def _add_channel(self, data: bytes) -> None:
        try:
            number, _, length = struct.unpack_from("<HHI", data)
            self._channels[number] = data[8 : 8 + length].decode()
        except (struct.error, UnicodeDecodeError) as error:
            raise DamagedLog("a channel cannot be read") from error

    def _add_chunk(self, data: bytes) -> None:
        """Unpack a chunk, after a look at what it claims to hold."""
        try:
            _, _, size, checksum, name_length = _CHUNK.unpack_from(data)
            at = _CHUNK.size + name_length
            name = data[_CHUNK.size : at]
            (length,) = struct.unpack_from("<Q", data, at)
        except struct.error as error:
            raise DamagedLog("a chunk cannot be read") from error
        packed = data[at + 8 : at + 8 + length]
        if len(packed) != length:
            raise DamagedLog("a chunk is shorter than it says")
        if size > _MOST_CHUNK_BYTES or size > _MOST_RATIO * max(1, length):
            raise DamagedLog(f"a chunk claims {size} bytes from {length}")
        records = self._unpacked(name, packed, size)
        if len(records) != size or (checksum and zlib.crc32(records) != checksum):
            raise DamagedLog("a chunk's checksum is wrong")
        view, at = memoryview(records), 0
        while at < size:
            if at + _RECORD.size > size:
                raise DamagedLog("a chunk ends within a record")
            opcode, length = _RECORD.unpack_from(view, at)
            at += _RECORD.size
            if length > size - at:
                raise DamagedLog("a chunk ends within a record")
            if opcode == _MESSAGE_OP:
                self._add_message(view[at : at + length])
            elif opcode == _CHANNEL:
                self._add_channel(bytes(view[at : at + length]))
            at += length

    def _unpacked(self, name: bytes, packed: bytes, size: int) -> bytes:
        if name == b"":
            return packed
        if name != b"zstd":
            raise DamagedLog(f"a chunk is packed by {name[:20]!r}")
        try:
            # The size in the frame itself is checked too: it decides what is allocated.
            if zstandard.frame_content_size(packed) not in (size, -1):
                raise DamagedLog("a chunk's sizes disagree")
            return self._decompressor.decompress(packed, max_output_size=size)
        except zstandard.ZstdError as error:
            raise DamagedLog("a chunk cannot be unpacked") from error

    def _add_message(self, message: memoryview) -> None:
        if len(message) < _MESSAGE.size:
            raise DamagedLog("a message is too short")
        channel, sequence, time_ns, _ = _MESSAGE.unpack_from(message)
        # A damaged chunk may look like a record of a later version, and be skipped as one.
        if sequence and sequence != self._sequences.get(channel, 0) + 1:
            raise DamagedLog("a part of it is missing")
        self._sequences[channel] = sequence
        if time_ns > _LATEST_NS:
            raise DamagedLog("a message is of a time that cannot be")
        data = message[_MESSAGE.size :]
        topic = self._channels.get(channel)
        if topic == layout.HANDS_TOPIC:
            self._add_frame(time_ns, data)
        elif topic == layout.PICTURES_TOPIC:
            self._add_picture(time_ns, data)
        elif topic == layout.EVENTS_TOPIC:
            self._add_event(time_ns, data)
        elif topic == layout.ALBEDO_TOPIC:
            self._add_albedo(data)
        else:
            self._log.unknown_records += 1

    def _add_frame(self, time_ns: int, data: memoryview) -> None:
        log = self._log
        if len(data) < FRAME.itemsize:
            raise DamagedLog("a frame is too short")
        count = data[FRAME.itemsize - 1]
        if count > layout.MAX_HANDS_PER_FRAME:
            raise DamagedLog(f"a frame claims {count} hands")
        if len(data) != FRAME.itemsize + count * HAND.itemsize:
            raise DamagedLog("a frame has another size than its hands need")
        if log.times_ns and time_ns <= log.times_ns[-1]:
            raise DamagedLog("a frame is older than the one before it")
        if len(log.times_ns) >= _MOST_FRAMES:
            raise DamagedLog("it has more than ten million frames")
        log.times_ns.append(time_ns)
        log.frames.append(bytes(data[: FRAME.itemsize]))
        log.hands.append(bytes(data[FRAME.itemsize :]))

    def _add_picture(self, time_ns: int, data: memoryview) -> None:
        pictures = self._log.pictures
        if len(data) != FRAME.itemsize or data[FRAME.itemsize - 1]:
            raise DamagedLog("a picture has another size than it needs")
        if pictures and time_ns <= pictures[-1][0]:
            raise DamagedLog("a picture is older than the one before it")
        if len(pictures) >= _MOST_FRAMES:
            raise DamagedLog("it has more than ten million pictures")
        pictures.append((time_ns, bytes(data)))

    def _add_event(self, time_ns: int, data: memoryview) -> None:
        """Keep an event; one that cannot be read is left out."""
        if len(data) > _MOST_JSON_BYTES or len(self._log.events) >= _MOST_EVENTS:
            raise DamagedLog("its events are too large or too many")
        try:
            event = json.loads(bytes(data))
        except (ValueError, RecursionError):
            event = None
        if isinstance(event, dict) and isinstance(event.get("kind"), str):
            self._log.events.append((time_ns, event))
        else:
            self._log.unknown_records += 1

    def _add_albedo(self, data: memoryview) -> None:
        if len(data) < 8:
            raise DamagedLog("a skin is too short")
        track_id, count = struct.unpack_from("<iI", data)
        if count > _MOST_VERTICES or len(data) != 8 + 3 * count:
            raise DamagedLog("a skin has another size than it says")
        if len(self._log.albedo) >= _MOST_TRACKS:
            raise DamagedLog("it has too many skins")
        self._log.albedo[track_id] = np.frombuffer(data[8:], np.uint8).reshape(count, 3).copy()
