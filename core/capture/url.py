"""Network streams and files on web servers through PyAV."""

from typing import Final
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.error import FFmpegError

from core.capture.source import FrameMaker
from core.capture.video import upright_rgb
from core.config import CaptureConfig
from core.errors import SourceError
from core.timing import now_ns
from core.types import Frame

_SCHEMES: Final = ("http", "https", "rtsp", "rtsps")
#: What the stream itself may open; never a local file.
_PROTOCOLS: Final = "http,https,tcp,tls,udp,rtp,rtsp,rtsps,srtp,crypto"
_CHECK: Final = "Check the address, the network and whether the server runs."


class UrlSource:
    """A stream (MJPEG over HTTP, RTSP, HLS) or a video file on a server."""

    independent_frames = False

    def __init__(self, url: str, config: CaptureConfig) -> None:
        """Connect and find the video; takes at most `config.url_timeout_s` for each.

        Raises:
            SourceError: CAM-08 not reachable or not a video.
        """
        self.name = _without_secrets(url)
        self._maker = FrameMaker(self.name, config)
        self._container = _connect(url, self.name, config.url_timeout_s)
        if not self._container.streams.video:
            self._container.close()
            raise _unreachable(self.name, "it holds no video")
        self._stream = self._container.streams.video[0]
        # A stream's frames must not wait for each other in decoder threads.
        self.is_live = self._container.duration is None
        self._stream.thread_type = "SLICE" if self.is_live else "AUTO"
        self._frames = self._container.decode(self._stream)

    @property
    def frame_count(self) -> int | None:
        """Frames of a file; None of a stream."""
        return None if self.is_live else (self._stream.frames or None)

    @property
    def fps(self) -> float | None:
        """The stream's stated rate."""
        rate = self._stream.average_rate
        return float(rate) if rate else None

    @property
    def skipped(self) -> tuple[str, ...]:
        """One line for each of the first hundred pictures that could not be used."""
        return self._maker.skipped

    @property
    def skipped_count(self) -> int:
        """How many pictures could not be used."""
        return self._maker.skipped_count

    def read(self) -> Frame | None:
        """Return the next picture; None after the last one.

        Raises:
            SourceError: CAM-04 the connection broke, CAM-05 nothing came in time.
        """
        while True:
            try:
                decoded = next(self._frames, None)
            except (av.error.InvalidDataError, av.error.BugError) as error:
                self._maker.skip(error.strerror or "undecodable data")
                self._frames = self._container.decode(self._stream)
                continue
            except (av.error.ExitError, av.error.TimeoutError) as error:
                raise SourceError("CAM-05", f"{self.name} has fallen silent", _CHECK) from error
            except FFmpegError as error:
                cause = f"the connection to {self.name} broke: {error.strerror}"
                raise SourceError("CAM-04", cause, _CHECK) from error
            stamp_ns = now_ns()
            if decoded is None:
                return None
            image = upright_rgb(decoded)
            if image is None:
                self._maker.skip(f"{decoded.width} x {decoded.height} pixels are too many")
                continue
            if not self.is_live and decoded.time is not None:
                stamp_ns = round(decoded.time * 1e9)
            return self._maker.frame(image, stamp_ns)

    def close(self) -> None:
        """End the connection."""
        self._container.close()


def _connect(url: str, name: str, timeout_s: float) -> InputContainer:
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError as error:
        raise _unreachable(name, str(error)) from error
    if scheme not in _SCHEMES:
        raise _unreachable(name, f"{scheme} is not one of {', '.join(_SCHEMES)}")
    options = {"protocol_whitelist": _PROTOCOLS}
    if scheme.startswith("http"):
        options["rw_timeout"] = str(round(timeout_s * 1e6))
    else:
        options |= {"rtsp_transport": "tcp", "timeout": str(round(timeout_s * 1e6))}
    try:
        return av.open(url, options=options, timeout=(timeout_s, timeout_s))
    except (FFmpegError, ValueError) as error:
        if isinstance(error, av.error.ExitError):
            reason = f"no answer within {timeout_s:g} s"
        else:
            reason = getattr(error, "strerror", None) or str(error)
        raise _unreachable(name, reason) from error


def _without_secrets(url: str) -> str:
    """Return the address without user, password and query, fit for logs and tables."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _unreachable(name: str, reason: str) -> SourceError:
    return SourceError("CAM-08", f"{name} cannot be read: {reason}", _CHECK)
