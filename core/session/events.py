"""What the /events of a session say: its cameras, markers and gaps."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.session.folder import Camera
from core.session.hand_log import HandLog

_LARGEST_PX: Final = 16_384


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment that a person marked: session time and what they wrote."""

    time_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of session time in which something is missing.

    Attributes:
        what: "everything" or "video".
        reason: "paused", "too slow", "no frames".
        from_ns: session time of the last frame before it.
        to_ns: of the first after it.
        count: frames that were lost, where that is known.
    """

    what: str
    reason: str
    from_ns: int
    to_ns: int
    count: int


def cameras_of(log: HandLog) -> dict[int, Camera]:
    """Return the cameras by number."""
    cameras = {}
    for _, event in log.events:
        if event["kind"] != "camera":
            continue
        try:
            K = np.array(event["K"], np.float32)
            width, height = int(event["width"]), int(event["height"])
            number = int(event["camera"])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        good = K.shape == (3, 3) and bool(np.isfinite(K).all()) and K[0, 0] > 0 and K[1, 1] > 0
        if good and 0 < width <= _LARGEST_PX and 0 < height <= _LARGEST_PX:
            cameras[number] = Camera(K, width, height)
    return cameras


def markers_of(log: HandLog) -> tuple[Marker, ...]:
    """Return the markers, by time."""
    found = [
        Marker(time_ns, str(event.get("text", "")))
        for time_ns, event in log.events
        if event["kind"] == "marker"
    ]
    return tuple(sorted(found, key=lambda marker: marker.time_ns))


def gaps_of(log: HandLog) -> tuple[Gap, ...]:
    """Return the gaps; one that makes no sense is left out."""
    gaps = []
    for _, event in log.events:
        if event["kind"] != "gap":
            continue
        from_ns, to_ns, count = (event.get(name, 0) for name in ("from_ns", "to_ns", "count"))
        if all(isinstance(number, int) for number in (from_ns, to_ns, count)):
            what, reason = str(event.get("what", "")), str(event.get("reason", ""))
            gaps.append(Gap(what, reason, from_ns, to_ns, count))
    return tuple(gaps)
