"""What a live pipeline says of itself."""

from dataclasses import dataclass
from typing import Literal

from core.capture import CameraMode
from core.engines.base import EngineDescription

Where = Literal["source", "engine"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What ended a thread; reported once.

    Attributes:
        code: as of a ManyHandsError, likewise `cause` and `remedy`.
        cause: one line: what happened.
        remedy: one line: what the user can do.
        epoch: in which it happened.
        where: which thread ended.
    """

    code: str
    cause: str
    remedy: str
    epoch: int
    where: Where


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source that has been opened.

    Attributes:
        name: for a person.
        is_live: whether it is a camera or stream.
        width: px of its last frame, likewise `height`; 0 before the first.
        height: px.
        stated_fps: frames per second as it states them, or None.
        frame_count: how many frames there are, or None.
        skipped_count: pictures that could not be used.
        has_ended: whether its last frame was read.
        mode: what a camera's driver really does; None of other sources.
    """

    name: str
    is_live: bool
    width: int
    height: int
    stated_fps: float | None
    frame_count: int | None
    skipped_count: int
    has_ended: bool
    mode: CameraMode | None = None


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """How a live pipeline is doing; counts are of this epoch, rates are measured.

    Attributes:
        epoch: restart number.
        source: None until it is open.
        engine: None until it is open.
        captured: frames read.
        processed: frames gone through the network.
        dropped: frames replaced by newer ones before the network was free.
        captured_fps: over the last 60 frames.
        processed_fps: likewise.
        latency_ms: median from read() to result of the last 60 results; None without any.
        misstamped: frames left out since their time was not after the last one's.
        rejected_hands: hands left out since their numbers were not finite or impossible.
        early: of those that were dropped, how many came while the engine was being opened.
    """

    epoch: int
    source: SourceStatus | None
    engine: EngineDescription | None
    captured: int
    processed: int
    dropped: int
    captured_fps: float
    processed_fps: float
    latency_ms: float | None
    misstamped: int = 0
    rejected_hands: int = 0
    early: int = 0
