"""Why tracking is poor: what a camera's pictures and their times tell, and what helps.

    id          raised where                                                  severity, remedy
    black       mean below 5, spread below 2 grey levels for 2 s              error, open shutter
    flat        spread below 2 in every colour for 2 s (all green, all grey)  error, reopen
    frozen      the same picture for 2 s while pictures come                  error, reopen
    corrupt     over 10 % of 5 s of pictures could not be used                warn, reopen
    misstamped  3 or more in 5 s whose time stood still or ran back           warn, reopen
    slow        under 70 % of the wanted rate for 3 s                         warn, see `_slow`
    dark        mean below 40 grey levels for 1.5 s                           warn, add light
    blurred     moving hands lose 40 % of the gradients they have at rest     warn, shorter exposure

A black or flat picture explains all below it, so only the topmost of these is told. Each has to
last before it is raised and to be gone for a while before it is cleared, with a wider threshold,
so that none flickers; each is announced at most once in ten seconds.
"""

import zlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.geometry import bbox_from_points
from core.types import Float32, TrackedHands, UInt8

FindingId = Literal["black", "flat", "frozen", "corrupt", "misstamped", "slow", "dark", "blurred"]
Severity = Literal["warn", "error"]
Remedy = Literal["open_shutter", "reopen", "shorten_exposure", "lower_resolution", "add_light"]
FINDING_IDS: Final[tuple[FindingId, ...]] = (
    "black", "flat", "frozen", "corrupt", "misstamped", "slow", "dark", "blurred",
)  # fmt: skip

_SECOND_NS: Final = 1_000_000_000
_WINDOW_NS: Final = 5 * _SECOND_NS
_ANNOUNCE_NS: Final = 10 * _SECOND_NS
#: A thumbnail has about this many pixels; every n-th of the picture, so noise stays in it.
_THUMBNAIL: Final = (36, 64)
_CROP_PX: Final = 96
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_BRIGHT_ENOUGH: Final = 110.0
#: Hand lengths per second: below it a hand rests, above it motion can blur it.
_AT_REST, _MOVING = 0.25, 1.0
_REFERENCE_GAIN: Final = 0.1
#: A hand that waves stops at each turn, so blur is judged over a while.
_MOVING_WINDOW_NS: Final = 2 * _SECOND_NS
_MOVING_FRAMES: Final = 6


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """What is known of the capture besides its pictures.

    Attributes:
        captured: pictures since the source was opened.
        skipped: pictures that could not be used.
        misstamped: pictures left out since their time was not after the last one's.
        measured_fps: pictures per second, counted.
        wanted_fps: pictures per second that were asked for.
        stated_fps: what the driver says that it gives; 0 where it does not say.
        exposure_ms: what the exposure was fixed to; 0 where the camera chooses it.
    """

    captured: int
    skipped: int
    misstamped: int
    measured_fps: float
    wanted_fps: float
    stated_fps: float = 0.0
    exposure_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why tracking is poor.

    Attributes:
        id: stable name.
        severity: "error" where nothing can be tracked.
        remedy: what helps.
        measured: the number that shows it: frames per second, grey levels, share.
        wanted: what that number should be.
    """

    id: FindingId
    severity: Severity
    remedy: Remedy
    measured: float
    wanted: float


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """How the last picture is.

    Attributes:
        brightness: mean, 0 to 255 grey levels.
        contrast: standard deviation, grey levels.
        sharpness: of what moves, as a share of its sharpness at rest; None while unknown.
    """

    brightness: float
    contrast: float
    sharpness: float | None


class _Latch:
    """Turns a condition on after it has held for `on_ns`, off after it was away for `off_ns`."""

    def __init__(self, on_s: float, off_s: float) -> None:
        self._on_ns, self._off_ns = round(on_s * 1e9), round(off_s * 1e9)
        self._since_ns: int | None = None
        self.is_on = False

    def update(self, holds: bool, time_ns: int) -> bool:
        """Take the condition of this moment; return whether the latch has just gone on."""
        if holds == self.is_on:
            self._since_ns = None
            return False
        if self._since_ns is None or time_ns < self._since_ns:
            self._since_ns = time_ns
        if time_ns - self._since_ns < (self._on_ns if holds else self._off_ns):
            return False
        self.is_on, self._since_ns = holds, None
        return holds


class CameraCoach:
    """Watches one live source. Give it every result that is drawn; it takes about 0.1 ms."""

    def __init__(self) -> None:
        """Start without an opinion."""
        self.counts: dict[FindingId, int] = dict.fromkeys(FINDING_IDS, 0)
        self._announced_ns: dict[FindingId, int] = {}
        self.reset()

    def reset(self) -> None:
        """Forget the pictures, as when another source is opened; counts stay."""
        self.picture = PictureFacts(0.0, 0.0, None)
        self._latches: dict[FindingId, _Latch] = {
            "black": _Latch(2.0, 0.5),
            "flat": _Latch(2.0, 0.5),
            "frozen": _Latch(2.0, 0.5),
            "corrupt": _Latch(0.0, 3.0),
            "misstamped": _Latch(0.0, 5.0),
            "slow": _Latch(3.0, 3.0),
            "dark": _Latch(1.5, 2.0),
            "blurred": _Latch(0.3, 3.0),
        }
        self._findings: dict[FindingId, Finding] = {}
        self._news: list[Finding] = []
        self._history: deque[tuple[int, CaptureFacts]] = deque()
        self._hash: int | None = None
        self._sharpness = _Sharpness()

    def observe(self, tracked: TrackedHands, facts: CaptureFacts) -> None:
        """Look at one result."""
        frame = tracked.frame
        now_ns = frame.timestamp_ns
        small = thumbnail(frame.image)
        luma = small.astype(np.float32) @ _LUMA
        spread = float(small.reshape(-1, 3).std(axis=0).max())
        fingerprint = zlib.crc32(small.tobytes())
        is_same, self._hash = fingerprint == self._hash, fingerprint
        sharpness = self._sharpness.measure(tracked)
        self.picture = PictureFacts(float(luma.mean()), float(luma.std()), sharpness)
        self._remember(now_ns, facts)

        brightness = self.picture.brightness
        is_on = self._is_on("black")
        is_black = brightness < (6 if is_on else 5) and spread < (3 if is_on else 2)
        is_flat = spread < (3 if self._is_on("flat") else 2)
        self._judge("black", is_black, now_ns, "error", "open_shutter", brightness, 40)
        self._judge("flat", is_flat and not is_black, now_ns, "error", "reopen", spread, 20)
        is_frozen = is_same and facts.measured_fps > 0 and not is_flat and not is_black
        self._judge("frozen", is_frozen, now_ns, "error", "reopen", 0, facts.wanted_fps)
        skipped, misstamped = self._lately()
        bad_share = 0.05 if self._is_on("corrupt") else 0.1
        self._judge("corrupt", skipped > bad_share, now_ns, "warn", "reopen", skipped, 0)
        self._judge("misstamped", misstamped >= 3, now_ns, "warn", "reopen", misstamped, 0)
        share = 0.8 if self._is_on("slow") else 0.7
        is_slow = 0 < facts.measured_fps < share * facts.wanted_fps
        remedy = _slow(facts, brightness)
        self._judge("slow", is_slow, now_ns, "warn", remedy, facts.measured_fps, facts.wanted_fps)
        is_dark = brightness < (50 if self._is_on("dark") else 40) and not is_flat
        self._judge("dark", is_dark and not is_black, now_ns, "warn", "add_light", brightness, 50)
        self._judge_blur(sharpness, now_ns)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What holds now, the gravest first."""
        return tuple(self._findings[name] for name in FINDING_IDS if name in self._findings)

    def take_news(self) -> tuple[Finding, ...]:
        """Return what was raised since the last call, each id once in ten seconds."""
        news, self._news = tuple(self._news), []
        return news

    def _judge_blur(self, sharpness: float | None, now_ns: int) -> None:
        limit = 0.7 if self._is_on("blurred") else 0.6
        is_blurred = sharpness is not None and sharpness < limit
        measured = 0.0 if sharpness is None else sharpness
        self._judge("blurred", is_blurred, now_ns, "warn", "shorten_exposure", measured, 1)

    def _is_on(self, name: FindingId) -> bool:
        return self._latches[name].is_on

    def _judge(
        self,
        name: FindingId,
        holds: bool,
        now_ns: int,
        severity: Severity,
        remedy: Remedy,
        measured: float,
        wanted: float,
    ) -> None:
        """Raise, refresh or clear one finding."""
        latch = self._latches[name]
        is_new = latch.update(holds, now_ns)
        if not latch.is_on:
            self._findings.pop(name, None)
            return
        if holds or name not in self._findings:
            self._findings[name] = Finding(name, severity, remedy, measured, wanted)
        if is_new:
            self.counts[name] += 1
            told_ns = self._announced_ns.get(name)
            if told_ns is None or not 0 <= now_ns - told_ns < _ANNOUNCE_NS:
                self._announced_ns[name] = now_ns
                self._news.append(self._findings[name])

    def _remember(self, now_ns: int, facts: CaptureFacts) -> None:
        self._history.append((now_ns, facts))
        while now_ns - self._history[0][0] > _WINDOW_NS:
            self._history.popleft()

    def _lately(self) -> tuple[float, int]:
        """Return the share of unusable pictures, and how many were misstamped, in 5 s."""
        (first_ns, first), (last_ns, last) = self._history[0], self._history[-1]
        skipped, captured = last.skipped - first.skipped, last.captured - first.captured
        is_enough = last_ns - first_ns >= _SECOND_NS
        share = skipped / max(1, skipped + captured) if is_enough else 0.0
        return share, last.misstamped - first.misstamped


class _Sharpness:
    """How sharp moving hands are, as a share of how sharp they are at rest."""

    def __init__(self) -> None:
        self._at_rest: dict[int, float] = {}
        self._last: dict[int, tuple[int, Float32]] = {}
        self._moving: deque[tuple[int, float]] = deque()

    def measure(self, tracked: TrackedHands) -> float | None:
        """Return the median share of the last two seconds; None where hardly a hand moved."""
        now_ns = tracked.frame.timestamp_ns
        share = self._fastest(tracked)
        if share is not None:
            self._moving.append((now_ns, share))
        while self._moving and not 0 <= now_ns - self._moving[0][0] <= _MOVING_WINDOW_NS:
            self._moving.popleft()
        if len(self._moving) < _MOVING_FRAMES:
            return None
        return float(np.median([share for _, share in self._moving]))

    def _fastest(self, tracked: TrackedHands) -> float | None:
        """Return the share of the fastest hand; None where none moves or none has rested."""
        frame = tracked.frame
        fastest, share = _MOVING, None
        seen: dict[int, tuple[int, Float32]] = {}
        for hand in tracked.hands:
            if hand.track_id in tracked.predicted:
                continue
            box = bbox_from_points(hand.joints_2d)
            centre: Float32 = (box[:2] + box[2:]) / np.float32(2)
            seen[hand.track_id] = (frame.timestamp_ns, centre)
            known = self._last.get(hand.track_id)
            if known is None or frame.timestamp_ns <= known[0]:
                continue
            length_px = max(1.0, float((box[2:] - box[:2]).max()))
            moved_px = float(np.linalg.norm(centre - known[1]))
            speed = moved_px / length_px * 1e9 / (frame.timestamp_ns - known[0])
            if _AT_REST <= speed <= fastest:
                continue
            energy = gradient_energy(frame.image, box)
            rest = self._at_rest.get(hand.track_id)
            if speed < _AT_REST:
                new = energy if rest is None else rest + _REFERENCE_GAIN * (energy - rest)
                self._at_rest[hand.track_id] = new
            elif rest:
                fastest, share = speed, energy / rest
        self._last = seen
        self._at_rest = {name: self._at_rest[name] for name in seen if name in self._at_rest}
        return share


def thumbnail(image: UInt8) -> UInt8:
    """Return every n-th pixel of image (H, W, 3), about 36 x 64 of them."""
    height, width = image.shape[:2]
    rows, columns = max(1, height // _THUMBNAIL[0]), max(1, width // _THUMBNAIL[1])
    return np.ascontiguousarray(image[::rows, ::columns])


def gradient_energy(image: UInt8, bbox_xyxy: NDArray[np.floating] | Sequence[float]) -> float:
    """Return the mean step between neighbouring pixels in the middle of a box, per grey level.

    Taken in the green channel at the picture's own resolution, where blur shows, from at most
    96 x 96 pixels; divided by their mean, so that more light alone changes nothing.
    """
    x0, y0, x1, y1 = np.asarray(bbox_xyxy, float)
    height, width = image.shape[:2]
    half_w, half_h = min(x1 - x0, _CROP_PX) / 2, min(y1 - y0, _CROP_PX) / 2
    mid_x, mid_y = (x0 + x1) / 2, (y0 + y1) / 2
    left, right = max(0, int(mid_x - half_w)), min(width, int(mid_x + half_w) + 1)
    top, bottom = max(0, int(mid_y - half_h)), min(height, int(mid_y + half_h) + 1)
    if right - left < 3 or bottom - top < 3:
        return 0.0
    crop = image[top:bottom, left:right, 1].astype(np.int16)
    across, down = np.abs(np.diff(crop, axis=1)).mean(), np.abs(np.diff(crop, axis=0)).mean()
    return float((across + down) / (crop.mean() + 10))


def _slow(facts: CaptureFacts, brightness: float) -> Remedy:
    """Return what helps a camera that gives too few pictures.

    A mode that has fewer of them by itself: ask for a smaller picture. Exposure that takes longer
    than a frame: shorten it. Otherwise, in a room that is not bright, automatic exposure is what
    silently halves 30 to 15; in a bright one the cable or the computer is too slow.
    """
    if facts.stated_fps and facts.stated_fps < 0.8 * facts.wanted_fps:
        return "lower_resolution"
    if facts.exposure_ms:
        too_long = facts.exposure_ms > 1000 / facts.wanted_fps
        return "shorten_exposure" if too_long else "lower_resolution"
    return "shorten_exposure" if brightness < _BRIGHT_ENOUGH else "lower_resolution"
