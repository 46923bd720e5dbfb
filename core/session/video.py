"""The pictures of a session: an H.264 encoder, and the MP4 segments that its packets go into.

Encoder and file are apart, so that encoded pictures can wait in memory (for what happened before
the button was pressed, and for a second try elsewhere after the disk failed).
"""

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.frame import PictureType
from av.video.reformatter import Colorspace
from av.video.stream import VideoStream

from core.session.durable import RecordedFile
from core.session.layout import VIDEO_HZ, video_ticks
from core.types import UInt8

_TIME_BASE: Final = Fraction(1, VIDEO_HZ)
#: A picture that stands alone comes so often. The pictures since the last one are lost with a
#: killed process, and have to be decoded before any of them can be shown.
_KEY_NS: Final = 600_000_000
_NOMINAL_FPS: Final = 30
_LAST_TICKS: Final = VIDEO_HZ // _NOMINAL_FPS
_OPTIONS: Final = {
    # 3 ms for 1280 x 720 on one core; "superfast" takes 5 ms and saves 8 % of the bytes.
    "preset": "ultrafast",
    # One picture in, one out, and no threads to wait for.
    "tune": "zerolatency",
    "crf": "23",
    "forced-idr": "1",
    "x264-params": "sliced-threads=0:threads=1:keyint=infinite:scenecut=0",
}
_MUXER_OPTIONS: Final = {"movflags": "hybrid_fragmented+frag_keyframe", "flush_packets": "1"}
_BUFFER_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class EncodedPicture:
    """One picture as H.264.

    Attributes:
        data: one access unit.
        is_key: whether it can be decoded without an earlier one.
        encoder: what its parameter sets are needed from.
    """

    data: bytes
    is_key: bool
    encoder: "VideoEncoder"


class VideoEncoder:
    """Encodes pictures of one size."""

    def __init__(self, height: int, width: int) -> None:
        """Open the encoder for pictures of (height, width) px."""
        self.height, self.width = height, width
        # The container is never read: in PyAV a stream comes with one.
        self._container = av.open(io.BytesIO(), "w", format="mp4")
        stream = self._container.add_stream("libx264", rate=_NOMINAL_FPS)
        stream.width, stream.height = width + width % 2, height + height % 2  # 4:2:0 needs even
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _TIME_BASE
        stream.codec_context.colorspace = Colorspace.ITU601
        stream.options = dict(_OPTIONS)
        self._container.start_encoding()
        self.stream: VideoStream = stream
        self._key_ns: int | None = None
        self._last_ticks = -1

    def encode(self, picture: UInt8, time_ns: int) -> EncodedPicture | None:
        """Encode a picture (H, W, 3) RGB of the encoder's size, taken at time_ns (rising).

        Returns:
            The picture; None in the case that the encoder kept it back.
        """
        height, width = picture.shape[:2]
        missing = height % 2, width % 2
        if any(missing):
            picture = np.asarray(
                cv2.copyMakeBorder(picture, 0, missing[0], 0, missing[1], cv2.BORDER_REPLICATE),
                np.uint8,
            )
        planes = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)  # BT.601, as the stream says
        frame = av.VideoFrame.from_ndarray(np.asarray(planes, np.uint8), format="yuv420p")
        is_due = self._key_ns is None or not 0 <= time_ns - self._key_ns < _KEY_NS
        if is_due:
            frame.pict_type = PictureType.I
            self._key_ns = time_ns
        self._last_ticks = max(self._last_ticks + 1, video_ticks(time_ns, 0))
        frame.pts, frame.time_base = self._last_ticks, _TIME_BASE
        packets = self.stream.encode(frame)
        if not packets:
            return None
        return EncodedPicture(b"".join(map(bytes, packets)), packets[0].is_keyframe, self)


class VideoSegment:
    """One video.mp4: a fragmented file while it grows, an ordinary one after `finish`.

    FFmpeg's hybrid mode: every fragment is whole on the disk as soon as the next one begins.
    """

    def __init__(self, file: RecordedFile, encoder: VideoEncoder, base_ns: int) -> None:
        """Begin with the encoder's parameters.

        Args:
            file: new and empty; it is closed with this one.
            encoder: whose pictures come.
            base_ns: time of the first picture; players see it at 0.

        Raises:
            OSError: as every method.
        """
        self._file = file
        self._encoder = encoder
        self._base_ns = self._last_ns = base_ns
        self._last_ticks = -1
        self._container: OutputContainer = av.open(
            file, "w", format="mp4", options=_MUXER_OPTIONS, buffer_size=_BUFFER_BYTES
        )
        self._stream = self._container.add_stream_from_template(encoder.stream)
        self._stream.time_base = _TIME_BASE

    @property
    def file(self) -> RecordedFile:
        """What is written to."""
        return self._file

    @property
    def last_ns(self) -> int:
        """Time of the last picture."""
        return self._last_ns

    def takes(self, picture: EncodedPicture) -> bool:
        """Say whether the picture can follow the others in this file."""
        return picture.encoder is self._encoder

    def add(self, picture: EncodedPicture, time_ns: int) -> None:
        """Write a picture; its time is later than the last one's by a tick at least."""
        packet = av.Packet(picture.data)
        ticks = max(self._last_ticks + 1, video_ticks(time_ns, self._base_ns))
        packet.pts = packet.dts = ticks
        packet.duration = _LAST_TICKS
        packet.time_base = _TIME_BASE
        packet.is_keyframe = picture.is_key
        packet.stream = self._stream
        with _as_os_errors():
            self._container.mux(packet)
        self._last_ticks, self._last_ns = ticks, time_ns

    def finish(self) -> None:
        """Write the index, which makes it an ordinary MP4, and close the file."""
        try:
            with _as_os_errors():
                self._container.close()
        finally:
            self._file.close()


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """Turn what the muxer says of a file that has failed before into an OSError."""
    try:
        yield
    except FFmpegError as error:
        raise OSError(errno.EIO, f"the video cannot be written: {error}") from error
