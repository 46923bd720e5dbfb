"""What a recorder is asked for, and what it says of itself."""

import contextlib
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Literal

from core.config import PipelineConfig

RecorderState = Literal["idle", "armed", "recording", "paused", "finished", "failed"]
DiskLevel = Literal["good", "low", "critical", "full"]

#: Free bytes below which a person is warned, warned in red, and the recording ends.
LOW_DISK_BYTES: Final = 5_000_000_000
CRITICAL_DISK_BYTES: Final = 1_000_000_000
FULL_DISK_BYTES: Final = 500_000_000

_LIBRARIES: Final = ("manyhands", "numpy", "onnxruntime", "av", "mcap")


def software_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that explain a session."""
    versions = {"python": platform.python_version()}
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """Where the hands of a session come from; kept in session.json.

    Attributes:
        source: what a person calls it: file, camera.
        is_live: whether it is a camera or stream.
        engine: what runs the network, for a person.
        weights_sha256: of the network, or None.
        config: all settings, smoothing among them.
        software: version by name.
    """

    source: str = ""
    is_live: bool = False
    engine: str = ""
    weights_sha256: str | None = None
    config: PipelineConfig = field(default_factory=PipelineConfig)
    software: Mapping[str, str] = field(default_factory=software_versions)

    def as_json(self) -> dict[str, Any]:
        """Return it as session.json has it."""
        return {
            "source": self.source,
            "is_live": self.is_live,
            "engine": self.engine,
            "weights_sha256": self.weights_sha256,
            "config": asdict(self.config),
            "software": dict(self.software),
        }


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """How a session is recorded."""

    # Default true. Off: hands alone, 1/20 of the bytes.
    video: bool = True
    # Default false. On: every picture that `add_picture` brings, though the network was too slow to
    # look at it; pictures that wait for their hands need up to queue_bytes more memory.
    every_frame: bool = False
    # Default 0 s, in [0, 60]: what happened so long before start() is recorded too. Raising it:
    # more is kept in memory (about 0.5 MB a second), and pictures are encoded all the time.
    preroll_s: float = 0.0
    # Default none: recording ends by itself after so many seconds, pauses not counted.
    max_seconds: float | None = None
    # Default 3.9 GB, in bytes: a file that grows beyond it is followed by another (FAT32).
    segment_bytes: int = 3_900_000_000
    # Default 2 s and 256 MB: pictures that wait for the disk; more are dropped.
    # Raising them: slower disks lose less, memory grows.
    queue_s: float = 2.0
    queue_bytes: int = 256_000_000
    # Default 0.3 s: how long hands wait for their chunk. Raising it: smaller files, more is lost
    # with a killed process.
    chunk_s: float = 0.3
    # Default 1.5 s: how often files are forced to the disk, which bounds what a power cut takes.
    sync_s: float = 1.5


@dataclass(frozen=True, slots=True)
class RecorderFault:
    """Why a recording ended early, or what it suffers from; as of a ManyHandsError."""

    code: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """How a recording is doing.

    Attributes:
        state: "idle" before start() or arm(); "failed" where `fault` says why it ended.
        path: the session's folder; None before start().
        recorded_s: seconds recorded, pauses not counted.
        frames: pictures recorded, with image or without.
        unseen_frames: of these, pictures that the network did not look at.
        hands: hands recorded, over all frames.
        dropped_pictures: frames that have no image since the disk or encoder was too slow.
        dropped_frames: frames that were lost altogether, likewise.
        skipped_frames: frames that came twice (their time did not go on).
        skipped_hands: hands with numbers that are not finite.
        late_hands: hands that came after their picture had been recorded without them.
        markers: how many were set.
        bytes: size of the session so far.
        disk_free: bytes left where it lies; None before start().
        disk_level: what that means.
        queue_s: how far writing is behind.
        ended_by: "stopped", "timer" or a fault's code; "" while it goes on.
        fault: what ended it early, or None.
        warning: what it suffers from, or None.
    """

    state: RecorderState = "idle"
    path: Path | None = None
    recorded_s: float = 0.0
    frames: int = 0
    unseen_frames: int = 0
    hands: int = 0
    dropped_pictures: int = 0
    dropped_frames: int = 0
    skipped_frames: int = 0
    skipped_hands: int = 0
    late_hands: int = 0
    markers: int = 0
    bytes: int = 0
    disk_free: int | None = None
    disk_level: DiskLevel = "good"
    queue_s: float = 0.0
    ended_by: str = ""
    fault: RecorderFault | None = None
    warning: RecorderFault | None = None


def disk_level(free_bytes: int) -> DiskLevel:
    """Return what so much free space means for a recording."""
    if free_bytes < FULL_DISK_BYTES:
        return "full"
    if free_bytes < CRITICAL_DISK_BYTES:
        return "critical"
    return "low" if free_bytes < LOW_DISK_BYTES else "good"
