"""From queued frames to encoded ones: pictures, gaps, and the skin of each track."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.session.folder import Camera, EncodedFrame
from core.session.packing import HandValues
from core.session.video import EncodedPicture, VideoEncoder
from core.types import Float32, UInt8

#: A step that is longer than this and than three of the one before it is a gap.
_GAP_NS: Final = 500_000_000
#: The skin of a track that does not settle is written after so many frames, and at the end.
_SKIN_FRAMES: Final = 60


@dataclass(slots=True, eq=False)
class QueuedFrame:
    """A frame on its way to the writing thread.

    Attributes:
        time_ns: of the recorder, rising.
        frame_index: of the source.
        hands: what is kept of its hands; None where the network did not look at the picture.
        camera: of its picture.
        picture: (H, W, 3) uint8 RGB, or None.
        picture_was_dropped: whether the writing thread was too slow for it.
        lost_before: frames that were lost altogether since the last one.
        was_paused: whether the recording was paused since the last one.
    """

    time_ns: int
    frame_index: int
    hands: tuple[HandValues, ...] | None
    camera: Camera
    picture: UInt8 | None
    picture_was_dropped: bool = False
    lost_before: int = 0
    was_paused: bool = False


class FrameEncoder:
    """Encodes the frames of one recording; belongs to the writing thread."""

    def __init__(self) -> None:
        """Start without any."""
        self.skipped_hands = 0
        self._encoder: VideoEncoder | None = None
        self._skins = SkinLog()
        self._last_ns: int | None = None
        self._last_step_ns = 0
        self._dropped_from_ns: int | None = None
        self._dropped = 0

    @property
    def skins(self) -> "SkinLog":
        """The skin of every track so far."""
        return self._skins

    def encode(self, queued: QueuedFrame) -> EncodedFrame:
        """Return the frame with its picture encoded and what happened before it."""
        found = queued.hands or ()
        hands = tuple(hand for hand in found if hand.is_valid)
        self.skipped_hands += len(found) - len(hands)
        events = self._gaps(queued)
        self._last_ns = queued.time_ns
        return EncodedFrame(
            time_ns=queued.time_ns,
            frame_index=queued.frame_index,
            camera=queued.camera,
            hands=None if queued.hands is None else hands,
            picture=self._encode_picture(queued.picture, queued.time_ns),
            events=tuple((queued.time_ns, event) for event in events),
            albedo=self._skins.update(hands),
        )

    def end(self, time_ns: int) -> list[Mapping[str, Any]]:
        """Return what the end closes."""
        return self._end_of_drops(time_ns)

    def _encode_picture(self, picture: UInt8 | None, time_ns: int) -> EncodedPicture | None:
        if picture is None:
            return None
        encoder = self._encoder
        if encoder is None or (encoder.height, encoder.width) != picture.shape[:2]:
            encoder = self._encoder = VideoEncoder(*picture.shape[:2])
        return encoder.encode(picture, time_ns)

    def _gaps(self, queued: QueuedFrame) -> list[Mapping[str, Any]]:
        """Return the gaps that end with this frame."""
        events: list[Mapping[str, Any]] = []
        if queued.picture_was_dropped:
            if self._dropped_from_ns is None:
                self._dropped_from_ns = queued.time_ns
            self._dropped += 1
        else:
            events += self._end_of_drops(queued.time_ns)
        last_ns = self._last_ns
        if last_ns is None:
            return events
        step_ns = queued.time_ns - last_ns
        reason = ""
        if queued.was_paused:
            reason = "paused"
        elif queued.lost_before:
            reason = "too slow"
        elif step_ns > max(_GAP_NS, 3 * self._last_step_ns):
            reason = "no frames"
        if reason:
            gap = _gap("everything", reason, last_ns, queued.time_ns)
            events.append({**gap, "count": queued.lost_before} if queued.lost_before else gap)
        else:
            self._last_step_ns = step_ns
        return events

    def _end_of_drops(self, time_ns: int) -> list[Mapping[str, Any]]:
        from_ns, self._dropped_from_ns = self._dropped_from_ns, None
        count, self._dropped = self._dropped, 0
        if from_ns is None:
            return []
        return [{**_gap("video", "too slow", from_ns, time_ns), "count": count}]


class SkinLog:
    """The skin of each track: written once when it has settled, and at the end if it changed."""

    def __init__(self) -> None:
        """Start without tracks."""
        self._latest: dict[int, Float32] = {}
        self._frames: dict[int, int] = {}
        self._written: dict[int, UInt8] = {}
        self._settled: set[int] = set()

    def update(self, hands: tuple[HandValues, ...]) -> Mapping[int, UInt8]:
        """Take in one frame; return the skin (V, 3) of tracks where it is to be written."""
        ready = {}
        for hand in hands:
            if hand.albedo is None or hand.track_id < 0:
                continue
            track_id = hand.track_id
            count = self._frames[track_id] = self._frames.get(track_id, 0) + 1
            # The running mean of a track is one and the same array once it is frozen.
            settles = self._latest.get(track_id) is hand.albedo and track_id not in self._settled
            self._latest[track_id] = hand.albedo
            if settles:
                self._settled.add(track_id)
            if settles or count == _SKIN_FRAMES:
                ready[track_id] = self._written[track_id] = _as_bytes(hand.albedo)
        return ready

    def rest(self) -> Mapping[int, UInt8]:
        """Return the skin of tracks that has changed since it was written, or never was."""
        changed = {}
        for track_id, albedo in self.everything().items():
            written = self._written.get(track_id)
            if written is None or not np.array_equal(written, albedo):
                changed[track_id] = albedo
        return changed

    def everything(self) -> Mapping[int, UInt8]:
        """Return the latest skin of every track."""
        return {track_id: _as_bytes(albedo) for track_id, albedo in self._latest.items()}


def _as_bytes(albedo: Float32) -> UInt8:
    return np.rint(np.clip(np.nan_to_num(albedo), 0, 1) * 255).astype(np.uint8)


def _gap(what: str, reason: str, from_ns: int, to_ns: int) -> Mapping[str, Any]:
    return {"kind": "gap", "what": what, "reason": reason, "from_ns": from_ns, "to_ns": to_ns}
