"""Writes MCAP in small chunks that are closed by time, which the library's own writer cannot.

Format: https://mcap.dev/spec (version 0). A chunk is all that a killed process can lose.
"""

import zlib
from collections import defaultdict
from collections.abc import Callable
from typing import Final

import zstandard
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Channel,
    Chunk,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    Message,
    MessageIndex,
    Schema,
    Statistics,
    SummaryOffset,
)

from core.session.durable import RecordedFile
from core.timing import now_ns

_MAGIC: Final = b"\x89MCAP0\r\n"
_LIBRARY: Final = "manyhands"
#: Chunks are closed here, well under 64 KiB: the next message may be large.
_FULL_BYTES: Final = 32 << 10
_LEVEL: Final = 3


class McapFile:
    """One hands.mcap: messages go into a chunk, chunks into the file."""

    def __init__(
        self, file: RecordedFile, chunk_s: float, clock: Callable[[], int] = now_ns
    ) -> None:
        """Write the header.

        Args:
            file: new and empty; it is closed with this one.
            chunk_s: a chunk is written so long after its first message at the latest, as long as
                `tick` is called.
            clock: nanoseconds.

        Raises:
            OSError: as every method but `size`.
        """
        self._file = file
        self._chunk_ns = round(chunk_s * 1e9)
        self._clock = clock
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._schemas: list[Schema] = []
        self._channels: list[Channel] = []
        self._counts: dict[int, int] = defaultdict(int)
        self._indices: list[ChunkIndex] = []
        self._first_ns: int | None = None
        self._last_ns = 0
        self._opened_ns: int | None = None
        self._start_chunk()
        builder = RecordBuilder()
        builder.write(_MAGIC)
        Header(profile="", library=_LIBRARY).write(builder)
        file.write(_taken(builder))

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return self._file.size

    @property
    def file(self) -> RecordedFile:
        """What is written to."""
        return self._file

    def add_channel(self, topic: str, encoding: str, schema: tuple[str, str, bytes]) -> int:
        """Announce a channel and return its number.

        Args:
            topic: its name.
            encoding: of its messages.
            schema: name, encoding and text of their schema.
        """
        name, schema_encoding, data = schema
        number = len(self._channels) + 1
        self._schemas.append(Schema(id=number, name=name, encoding=schema_encoding, data=data))
        self._channels.append(
            Channel(id=number, topic=topic, message_encoding=encoding, schema_id=number,
                    metadata={})
        )  # fmt: skip
        builder = RecordBuilder()
        self._schemas[-1].write(builder)
        self._channels[-1].write(builder)
        self._file.write(_taken(builder))
        return number

    def add(self, channel: int, time_ns: int, data: bytes) -> None:
        """Add a message; the chunk is written when it is full or old."""
        if self._opened_ns is None:
            self._opened_ns = self._clock()
            self._chunk_first_ns = self._chunk_last_ns = time_ns
        self._chunk_first_ns = min(self._chunk_first_ns, time_ns)
        self._chunk_last_ns = max(self._chunk_last_ns, time_ns)
        self._records[channel].append((time_ns, self._chunk.count))
        self._counts[channel] += 1
        message = Message(
            channel_id=channel,
            log_time=time_ns,
            publish_time=time_ns,
            sequence=self._counts[channel],
            data=data,
        )
        message.write(self._chunk)
        if self._chunk.count >= _FULL_BYTES:
            self.flush()
        else:
            self.tick()

    def tick(self) -> None:
        """Write the chunk if it is old enough."""
        if self._opened_ns is not None and self._clock() - self._opened_ns >= self._chunk_ns:
            self.flush()

    def flush(self) -> None:
        """Write the chunk and its index."""
        if self._opened_ns is None:
            return
        data = _taken(self._chunk)
        chunk = Chunk(
            compression="zstd",
            data=self._compressor.compress(data),
            message_start_time=self._chunk_first_ns,
            message_end_time=self._chunk_last_ns,
            uncompressed_crc=zlib.crc32(data),
            uncompressed_size=len(data),
        )
        records = self._records
        self._start_chunk()
        self._write_chunk(chunk, records)
        first_ns, last_ns = chunk.message_start_time, chunk.message_end_time
        self._first_ns = first_ns if self._first_ns is None else min(self._first_ns, first_ns)
        self._last_ns = max(self._last_ns, last_ns)

    def _write_chunk(self, chunk: Chunk, records: dict[int, list[tuple[int, int]]]) -> None:
        """Write a chunk, the index of its messages, and note where both are."""
        start = self._file.tell()
        builder = RecordBuilder()
        chunk.write(builder)
        length = builder.count
        offsets = {}
        for channel, entries in records.items():
            offsets[channel] = start + builder.count
            MessageIndex(channel_id=channel, records=entries).write(builder)
        index_length = builder.count - length
        self._file.write(_taken(builder))
        self._indices.append(
            ChunkIndex(
                chunk_length=length,
                chunk_start_offset=start,
                compression=chunk.compression,
                compressed_size=len(chunk.data),
                message_end_time=chunk.message_end_time,
                message_index_length=index_length,
                message_index_offsets=offsets,
                message_start_time=chunk.message_start_time,
                uncompressed_size=chunk.uncompressed_size,
            )
        )

    def finish(self) -> None:
        """Write what is left and the summary, and close the file."""
        self.flush()
        builder = RecordBuilder()
        DataEnd(0).write(builder)
        self._file.write(_taken(builder))
        start = self._file.tell()
        groups = (
            (Opcode.SCHEMA, self._schemas),
            (Opcode.CHANNEL, self._channels),
            (Opcode.STATISTICS, [self._statistics()]),
            (Opcode.CHUNK_INDEX, self._indices),
        )
        summary, offsets = RecordBuilder(), []
        for opcode, records in groups:
            group_start = summary.count
            for record in records:
                record.write(summary)
            if records:
                offsets.append(
                    SummaryOffset(opcode, start + group_start, summary.count - group_start)
                )
        offset_start = start + summary.count
        for offset in offsets:
            offset.write(summary)
        Footer(summary_start=start, summary_offset_start=offset_start, summary_crc=0).write(summary)
        summary.write(_MAGIC)
        self._file.write(_taken(summary))
        self._file.close()

    def _start_chunk(self) -> None:
        self._chunk = RecordBuilder()
        self._opened_ns = None
        self._chunk_first_ns = self._chunk_last_ns = 0
        self._records: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def _statistics(self) -> Statistics:
        return Statistics(
            attachment_count=0,
            channel_count=len(self._channels),
            channel_message_counts=dict(self._counts),
            chunk_count=len(self._indices),
            message_count=sum(self._counts.values()),
            metadata_count=0,
            message_start_time=self._first_ns or 0,
            message_end_time=self._last_ns,
            schema_count=len(self._schemas),
        )


def _taken(builder: RecordBuilder) -> bytes:
    """Return what was built, and empty the builder."""
    return bytes(builder.end())  # type: ignore[no-untyped-call]
