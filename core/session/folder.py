"""SessionFolder: one session's files while they grow. One thread owns it."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from core.atomic import write_atomically
from core.session import layout
from core.session.durable import FileOpener, vanished
from core.session.mcap_file import McapFile
from core.session.packing import HandValues, albedo_message, pack
from core.session.sentinel import Sentinel
from core.session.status import RecordOptions, SessionInfo
from core.session.video import EncodedPicture, VideoSegment
from core.types import Float32, UInt8

#: After so long without a picture another file begins: MP4 counts durations in 32 bits.
_LONG_GAP_NS: Final = 3600 * 10**9
_EVENTS_SCHEMA: Final = b'{"type": "object", "properties": {"kind": {"type": "string"}}}'
_ALBEDO_SCHEMA: Final = b'{"track_id": "<i4", "vertices": "<u4", "rgb": "u1 (vertices, 3)"}'


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """What pictures are taken with: K (3, 3) px, and their size in px."""

    K: Float32
    width: int
    height: int

    @property
    def key(self) -> tuple[bytes, int, int]:
        """What makes two of them the same."""
        return self.K.tobytes(), self.width, self.height


@dataclass(frozen=True, slots=True, eq=False)
class EncodedFrame:
    """All that is written of one frame.

    Attributes:
        time_ns: of the recorder, rising.
        frame_index: of the source.
        camera: of its picture.
        hands: what is kept of its hands; None where the network did not look at the picture.
        picture: None where there is none.
        events: that lie before it: (time_ns, what happened).
        albedo: of tracks: track id to (V, 3) uint8.
        video_segment: that has its picture already, in a session that is written anew; else 0.
    """

    time_ns: int
    frame_index: int
    camera: Camera
    hands: tuple[HandValues, ...] | None
    picture: EncodedPicture | None
    events: tuple[tuple[int, Mapping[str, Any]], ...] = ()
    albedo: Mapping[int, UInt8] | None = None
    video_segment: int = 0


@dataclass(frozen=True, slots=True)
class LogChannels:
    """The numbers of the four channels of hands.mcap."""

    hands: int
    pictures: int
    albedo: int
    events: int


def open_log_channels(file: McapFile) -> LogChannels:
    """Announce the channels of a new hands.mcap."""
    encoding = layout.BINARY_ENCODING
    hands = ("manyhands.Hands", encoding, layout.describe_hands())
    pictures = ("manyhands.Picture", encoding, layout.describe_pictures())
    albedo = ("manyhands.Albedo", encoding, _ALBEDO_SCHEMA)
    events = ("manyhands.Event", "jsonschema", _EVENTS_SCHEMA)
    return LogChannels(
        hands=file.add_channel(layout.HANDS_TOPIC, encoding, hands),
        pictures=file.add_channel(layout.PICTURES_TOPIC, encoding, pictures),
        albedo=file.add_channel(layout.ALBEDO_TOPIC, encoding, albedo),
        events=file.add_channel(layout.EVENTS_TOPIC, "json", events),
    )


class SessionFolder:
    """Writes frames and events into a new folder; the first frame is time 0.

    Every method may raise OSError, and OutputError (OUT-04) where the folder has vanished.
    """

    def __init__(
        self, path: Path, info: SessionInfo, options: RecordOptions, open_file: FileOpener
    ) -> None:
        """Begin in `path`, an empty folder."""
        self.path = path
        self._info = info
        self._options = options
        self._open_file = open_file
        self._created = datetime.now(UTC).astimezone().isoformat(timespec="milliseconds")
        self._base_ns: int | None = None
        self._last_ns = 0
        self._cameras: dict[tuple[bytes, int, int], int] = {}
        self._video: VideoSegment | None = None
        self._video_count = 0
        self._finished_bytes = 0
        self._sentinel = Sentinel(path, self._created)
        self._write_description(None)
        self._hands_count = 0
        self._open_hands()

    @property
    def size(self) -> int:
        """Bytes written so far."""
        video = self._video.file.size if self._video is not None else 0
        return self._finished_bytes + self._hands.size + video

    def add(self, frame: EncodedFrame) -> None:
        """Write a frame."""
        if self._base_ns is None:
            self._base_ns = frame.time_ns
        time_ns = self._last_ns = frame.time_ns - self._base_ns
        for event_ns, event in frame.events:
            self.add_event(event_ns, event)
        for track_id, albedo in (frame.albedo or {}).items():
            self.add_albedo(frame.time_ns, track_id, albedo)
        number = self._camera_number(frame.camera, time_ns)
        segment = frame.video_segment or self._add_picture(frame.picture, time_ns)
        data = pack(frame.hands or (), frame.frame_index, segment, number)
        channels = self._channels
        channel = channels.pictures if frame.hands is None else channels.hands
        self._add_message(channel, time_ns, data)

    def add_event(self, time_ns: int, event: Mapping[str, Any]) -> None:
        """Write what happened at the recorder's time_ns; times in it (`..._ns`) are turned."""
        base_ns = self._base_ns or 0
        turned = {
            name: max(0, value - base_ns) if name.endswith("_ns") else value
            for name, value in event.items()
        }
        data = json.dumps(turned, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        self._add_message(self._channels.events, max(0, time_ns - base_ns), data)

    def add_albedo(self, time_ns: int, track_id: int, albedo: UInt8) -> None:
        """Write the skin (V, 3) uint8 of a track; a later one of the same track counts."""
        time_ns = max(0, time_ns - (self._base_ns or 0))
        self._add_message(self._channels.albedo, time_ns, albedo_message(track_id, albedo))

    def tick(self) -> None:
        """Write what has waited long enough."""
        self._hands.tick()

    def sync(self) -> None:
        """Put everything on the disk, and look whether the folder is still there."""
        files = [self._hands.file] + ([self._video.file] if self._video is not None else [])
        for file in files:
            file.sync()
            if not file.is_in_place():
                raise vanished(self.path)

    def finish(self, ended: Mapping[str, Any]) -> None:
        """Complete every file, write how it ended and remove the sentinel."""
        self._finish_video()
        self._hands.finish()
        self._write_description({**ended, "duration_s": self._last_ns / 1e9})
        self._sentinel.remove()

    def abandon(self, ended: Mapping[str, Any]) -> None:
        """Complete what can be completed after an error; what is on the disk stays readable."""
        for step in (self._finish_video, self._hands.finish):
            with contextlib.suppress(OSError):
                step()
        with contextlib.suppress(OSError):
            if self.path.is_dir():
                self._write_description({**ended, "duration_s": self._last_ns / 1e9})
                self._sentinel.remove()
        self._sentinel.let_go()

    def _open_hands(self) -> None:
        self._hands_count += 1
        name = layout.segment_name("hands", self._hands_count)
        self._hands = McapFile(self._open_file(self.path / name), self._options.chunk_s)
        self._channels = open_log_channels(self._hands)

    def _add_message(self, channel: int, time_ns: int, data: bytes) -> None:
        self._hands.add(channel, time_ns, data)
        if self._hands.size >= self._options.segment_bytes:
            self._hands.finish()
            self._finished_bytes += self._hands.size
            self._open_hands()

    def _camera_number(self, camera: Camera, time_ns: int) -> int:
        """Return the number of a camera; a new one is written first."""
        number = self._cameras.get(camera.key)
        if number is None:
            number = self._cameras[camera.key] = len(self._cameras)
            event = {
                "kind": "camera",
                "camera": number,
                "K": camera.K.astype(float).tolist(),
                "width": camera.width,
                "height": camera.height,
            }
            self._add_message(self._channels.events, time_ns, json.dumps(event).encode())
        return number

    def _add_picture(self, picture: EncodedPicture | None, time_ns: int) -> int:
        """Write a picture; return the number of its segment, 0 where it is in none."""
        if picture is None:
            return 0
        video = self._video
        if video is not None:
            is_full = video.file.size >= self._options.segment_bytes
            is_late = time_ns - video.last_ns > _LONG_GAP_NS
            if not video.takes(picture) or (picture.is_key and (is_full or is_late)):
                self._finish_video()
        if self._video is None:
            if not picture.is_key:
                return 0
            self._video_count += 1
            name = layout.segment_name("video", self._video_count)
            file = self._open_file(self.path / name)
            self._video = VideoSegment(file, picture.encoder, time_ns)
        self._video.add(picture, time_ns)
        return self._video_count

    def _finish_video(self) -> None:
        video, self._video = self._video, None
        if video is not None:
            try:
                video.finish()
            finally:
                self._finished_bytes += video.file.size

    def _write_description(self, ended: Mapping[str, Any] | None) -> None:
        description = {
            "format": layout.FORMAT,
            "version": list(layout.VERSION),
            "created": self._created,
            **self._info.as_json(),
            "ended": ended,
        }
        text = json.dumps(description, indent=2, ensure_ascii=False, allow_nan=False)
        data = text.encode("utf-8", "backslashreplace")
        write_atomically(data, self.path / layout.SESSION_NAME)
