"""Video files through PyAV; they are decoded picture by picture, never loaded whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from core.capture.source import FrameMaker
from core.config import CaptureConfig
from core.errors import SourceError
from core.types import Frame, UInt8

#: Files from strangers: only containers and codecs that people's videos have, no playlists.
_FORMATS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,gif,"
    "mjpeg,h264,hevc,m4v,ivf"
)
_CODECS: Final = frozenset(
    "h264 hevc av1 vp8 vp9 mjpeg mpeg4 mpeg1video mpeg2video h263 msmpeg4v3 wmv1 wmv2 wmv3 vc1 "
    "theora prores dnxhd rawvideo ffv1 huffyuv gif png flv1 dvvideo".split()
)
_MAX_PIXELS: Final = 4096 * 4096
#: So many undecodable packets in a row are no scratch but a broken file.
_MAX_BAD_PACKETS: Final = 300


class VideoFileSource:
    """The pictures of a video file, upright, stamped with their presentation time."""

    is_live = False
    independent_frames = False

    def __init__(self, path: Path, config: CaptureConfig, *, loop: bool = False) -> None:
        """Open the file and decode its first picture.

        Args:
            path: the file.
            config: for the intrinsics and mirroring.
            loop: start again after the last frame; index and time go on.

        Raises:
            SourceError: CAM-06 missing, CAM-07 not a video that can be read.
        """
        if not path.is_file():
            raise SourceError(
                "CAM-06", f"there is no file {path}", "Check the name and the folder."
            )
        self.name = path.name
        self._path = path
        self._loop = loop
        self._maker = FrameMaker(self.name, config)
        self._round_start_ns = 0
        self._last_ns = 0
        self._container, self._stream = _open_file(path)
        self._frames = self._decode()
        self._first: tuple[UInt8, int] | None = next(self._frames, None)
        if self._first is None:
            self.close()
            raise _unreadable(path, "it holds no picture that can be decoded")

    @property
    def frame_count(self) -> int | None:
        """Frames of one round, as the file states or its length implies; None when looping."""
        if self._loop:
            return None
        if self._stream.frames:
            return self._stream.frames
        if self._container.duration and self.fps:
            return round(self._container.duration / 1e6 * self.fps)
        return None

    @property
    def fps(self) -> float | None:
        """The file's mean frame rate."""
        rate = self._stream.average_rate or self._stream.guessed_rate
        return float(rate) if rate else None

    @property
    def skipped(self) -> tuple[str, ...]:
        """One line for each of the first hundred pictures that could not be decoded."""
        return self._maker.skipped

    @property
    def skipped_count(self) -> int:
        """How many pictures could not be decoded."""
        return self._maker.skipped_count

    def read(self) -> Frame | None:
        """Return the next picture; None after the last one."""
        decoded = self._first or next(self._frames, None)
        self._first = None
        if decoded is None and self._loop:
            decoded = self._rewind()
        if decoded is None:
            return None
        image, stream_ns = decoded
        self._last_ns = self._round_start_ns + stream_ns
        return self._maker.frame(image, self._last_ns)

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _rewind(self) -> tuple[UInt8, int] | None:
        """Start the next round one frame period after the last picture of this one."""
        self._container.seek(0)
        self._round_start_ns = self._last_ns + round(1e9 / (self.fps or 30.0))
        self._frames = self._decode()
        return next(self._frames, None)

    def _decode(self) -> Iterator[tuple[UInt8, int]]:
        """Yield pictures (H, W, 3) RGB and their time in ns since the stream's start."""
        packets = self._container.demux(self._stream)
        start = self._stream.start_time or 0
        bad_in_a_row = count = 0
        while True:
            try:
                packet = next(packets, None)
                frames = [] if packet is None else packet.decode()
            except FFmpegError as error:
                bad_in_a_row += 1
                self._maker.skip(error.strerror or "undecodable data")
                if bad_in_a_row >= _MAX_BAD_PACKETS:
                    return
                continue
            if packet is None:
                return
            bad_in_a_row = 0
            for frame in frames:
                image = upright_rgb(frame)
                if image is None:
                    raise _unreadable(self._path, "its pictures are too large")
                if frame.pts is not None and frame.time_base is not None:
                    stream_ns = round((frame.pts - start) * frame.time_base * 1_000_000_000)
                else:
                    stream_ns = round(count * 1e9 / (self.fps or 30.0))
                count += 1
                yield image, stream_ns


def upright_rgb(frame: VideoFrame) -> UInt8 | None:
    """Return a decoded picture as (H, W, 3) uint8 RGB, turned as its display matrix says.

    None where it has more than 4096 x 4096 pixels.
    """
    if frame.width * frame.height > _MAX_PIXELS:
        return None
    image = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    quarter_turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarter_turns)) if quarter_turns else image


def _open_file(path: Path) -> tuple[InputContainer, VideoStream]:
    # "file:" keeps a name such as "a:b.mp4" from being read as a protocol.
    options = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
    try:
        container = av.open(f"file:{path.absolute()}", options=options)
    except (FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(path, reason) from error
    try:
        if not container.streams.video:
            raise _unreadable(path, "it holds no video")
        stream = container.streams.video[0]
        context = stream.codec_context
        if context.codec.canonical_name not in _CODECS:
            raise _unreadable(path, f"its codec {context.codec.canonical_name} is not allowed")
        if context.width * context.height > _MAX_PIXELS:
            raise _unreadable(path, f"{context.width} x {context.height} pixels are too many")
    except SourceError:
        container.close()
        raise
    stream.thread_type = "AUTO"
    return container, stream


def _unreadable(path: Path, reason: str) -> SourceError:
    return SourceError(
        "CAM-07",
        f"{path} cannot be read as a video: {reason}",
        "Give a whole MP4, MKV, WebM, MOV or AVI file of at most 4096 x 4096 pixels.",
    )
