"""What a player is asked for, and what it gives: plain values."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core.config import SmoothingConfig
from core.session.compare import Difference
from core.session.events import Gap, Marker
from core.session.playback import PlaybackClock
from core.session.take import Int64, RecordedHand
from core.types import HandState, TrackedHands

HandsKind = Literal["smoothed", "raw", "resmoothed"]


@dataclass(frozen=True, slots=True)
class ShownHands:
    """Which hands are shown.

    Attributes:
        kind: as they were recorded, as they were measured, or smoothed anew.
        smoothing: for "resmoothed".
        other: another session whose hands are shown beside; None for none.
        offset_ns: at session time t the other one is at t - offset.
    """

    kind: HandsKind = "smoothed"
    smoothing: SmoothingConfig = field(default_factory=SmoothingConfig)
    other: Path | None = None
    offset_ns: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class PlayedFrame:
    """One moment of a session.

    Attributes:
        tracked: frame and hands.
        other: the hands of the other session at that moment.
        difference: between both; None without another session.
    """

    tracked: TrackedHands
    other: tuple[HandState, ...] = ()
    difference: Difference | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OpenedSession:
    """What is known of a session once it is open.

    Attributes:
        path: its folder.
        name: what a person calls it.
        source: where it was recorded from.
        times_ns: (N,) session time of every frame, from 0.
        hands: who is in it.
        markers: moments that a person marked.
        gaps: stretches in which something is missing.
        notices: what is missing, one line each.
        width: px of its pictures.
        height: px.
    """

    path: Path
    name: str
    source: str
    times_ns: Int64
    hands: tuple[RecordedHand, ...]
    markers: tuple[Marker, ...]
    gaps: tuple[Gap, ...]
    notices: tuple[str, ...]
    width: int
    height: int

    @property
    def fps(self) -> float:
        """Frames per second, on the whole."""
        last_ns = int(self.times_ns[-1])
        return (len(self.times_ns) - 1) * 1e9 / last_ns if last_ns else 0.0


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """How playing is doing.

    Attributes:
        clock: the playhead and its range.
        position_ns: session time that it stands at.
        index: the frame that was made last; -1 before the first.
        frame_ms: how long that took.
        shown: which hands.
        other_name: of the other session; empty where there is none.
    """

    clock: PlaybackClock
    position_ns: int
    index: int
    frame_ms: float
    shown: ShownHands
    other_name: str
