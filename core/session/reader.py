"""SessionReader: a recorded session as frames, hands, pictures, markers and takes.

with open_session(Path("take.hands")) as session:
    session.timestamps_ns          # (N,) from 0: every frame
    session.hands_at(12)           # as they were shown; smoothed=False: as measured
    session.picture_at(12)         # (H, W, 3) RGB, or None
    session.take()                 # for clean-up and export
    session.notices                # what is missing, one line each, for a banner
"""

import functools
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from core.assets import hand_model_path
from core.errors import SessionError
from core.geometry import intrinsics_from_fov, project
from core.hand_model.file import load_hand_model
from core.hand_model.poser import HandPoser
from core.session import layout
from core.session.description import SessionDescription, read_description
from core.session.events import cameras_of, gaps_of, markers_of
from core.session.folder import Camera
from core.session.hand_log import HandLog, read_log
from core.session.layout import FRAME, HAND
from core.session.members import Members, find_members
from core.session.packing import unpack_hands
from core.session.pictures import PictureReader
from core.session.take import HandTrack, Int64, RecordedHand, Take, main_side
from core.session.video_span import VideoSpan, compare_streams
from core.types import Float32, Frame, HandState, Side, TrackedHands, UInt8

_GREY: Final = 60
#: Assumed where the record of the camera was lost.
_UNKNOWN_SIZE: Final = (1280, 720)


def open_session(path: Path, *, poser: HandPoser | None = None) -> "SessionReader":
    """Open a session's folder, whole or cut off; nothing in it is changed.

    Args:
        path: the folder `name.hands`.
        poser: what poses the hands; default the open hand.

    Raises:
        SessionError: SES-01 no such session, SES-02 nothing in it can be read, SES-03 it is of
            a newer program, SES-04 it is no session or a hostile one.
    """
    members = find_members(path)
    description = read_description(members)
    log = read_log(list(members.hands))
    if not log.times_ns:
        reason = "; ".join(log.damage) or "it has no frames"
        raise SessionError(
            "SES-02",
            f"nothing can be read from {path}: {reason}",
            "Give another session; this one ended before its first frames were written.",
        )
    return SessionReader(members, description, log, poser)


class SessionReader:
    """One opened session. Its frames are counted from 0; times are ns since the first frame."""

    def __init__(
        self,
        members: Members,
        description: SessionDescription,
        log: HandLog,
        poser: HandPoser | None = None,
    ) -> None:
        """Join what was read; `open_session` is the way here."""
        self.path = members.path
        self._members = members
        self.description = description
        self._log = log
        self._poser = poser
        self._video_paths = members.videos
        self._pictures = PictureReader(members.videos)
        self.timestamps_ns: Int64 = np.array(log.times_ns, np.int64)
        self._frames = np.frombuffer(b"".join(log.frames), FRAME)
        self._rows = np.frombuffer(b"".join(log.hands), HAND)
        ends = np.cumsum(self._frames["hand_count"], dtype=np.int64)
        self._row_ends = np.concatenate((np.zeros(1, np.int64), ends))
        self._cameras = cameras_of(log)
        unknown = Camera(intrinsics_from_fov(*_UNKNOWN_SIZE), *_UNKNOWN_SIZE)
        self._any_camera = next(iter(self._cameras.values()), unknown)
        self.markers = markers_of(log)
        self.gaps = gaps_of(log)
        self._all_times_ns, self._all_frames = _with_pictures(self.timestamps_ns, self._frames, log)
        # A segment's pictures count from its first one.
        segments = self._all_frames["video_segment"]
        self._segment_base_ns = {
            int(segment): int(self._all_times_ns[int(np.argmax(segments == segment))])
            for segment in np.unique(segments[segments > 0])
        }

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def twin(self) -> "SessionReader":
        """Return another reader of what this one has read, for another thread."""
        return SessionReader(self._members, self.description, self._log, self._poser)

    def close(self) -> None:
        """Let go of the video."""
        self._pictures.close()

    @property
    def name(self) -> str:
        """What a person calls it: the folder's name without its suffix."""
        return self.path.name.removesuffix(layout.SUFFIX)

    @property
    def frame_count(self) -> int:
        """Number of frames, with hands or without."""
        return len(self.timestamps_ns)

    @property
    def picture_count(self) -> int:
        """Number of frames, with those that the network did not look at."""
        return len(self._all_times_ns)

    @property
    def duration_s(self) -> float:
        """Time from the first frame to the last."""
        return float(self._all_times_ns[-1]) / 1e9 if self.frame_count else 0.0

    @property
    def has_video(self) -> bool:
        """Whether any frame has a picture."""
        return bool(self._segment_base_ns)

    @property
    def hands(self) -> tuple[RecordedHand, ...]:
        """Every hand that was tracked, by its identity, ascending."""
        ids, is_right = self._rows["track_id"], self._rows["flags"] & layout.RIGHT != 0
        found = []
        for track_id in np.unique(ids[ids >= 0]).tolist():
            mine = is_right[ids == track_id]
            found.append(RecordedHand(track_id, main_side(mine), len(mine)))
        return tuple(found)

    @functools.cached_property
    def video_span(self) -> VideoSpan:
        """How much of the video is there; the first question starts its reader (0.2 s)."""
        if not self.has_video:
            return VideoSpan(0, ())
        times_ns, segments = self._all_times_ns, self._all_frames["video_segment"]
        paths, pictures = self._video_paths, self._pictures
        return compare_streams(times_ns, segments, self._segment_base_ns, paths, pictures)

    @property
    def notices(self) -> tuple[str, ...]:
        """What is missing or was cut off, one line each; empty where everything is there."""
        lines = []
        if self.description.problem:
            lines.append(self.description.problem)
        if self.description.ended is None or not self._log.is_complete:
            lines.append(f"The recording was cut off; {self.duration_s:.1f} s of it are here.")
        lines += self._log.damage
        span = self.video_span
        lines += span.notices
        lines += self._pictures.damage
        if span.missing:
            lines.append(f"{span.missing} of {self.picture_count} frames have no picture.")
        return tuple(lines)

    def index_at(self, time_ns: int) -> int:
        """Return the last frame that is not after a session time; the first one before it."""
        return max(0, int(np.searchsorted(self.timestamps_ns, time_ns, side="right")) - 1)

    def camera_at(self, index: int) -> Camera:
        """Return what a frame was taken with."""
        return self.camera_of(int(self._frames["camera"][self._checked(index)]))

    def camera_of(self, number: int) -> Camera:
        """Return the camera of a number; any where its record was lost."""
        return self._cameras.get(number, self._any_camera)

    def hands_at(self, index: int, *, smoothed: bool = True) -> tuple[HandState, ...]:
        """Return the hands of a frame, posed, by track_id ascending.

        Args:
            index: from 0; negative ones count from the end.
            smoothed: as they were shown; else as they were measured.
        """
        index = self._checked(index)
        rows = self._rows[self._row_ends[index] : self._row_ends[index + 1]]
        if not len(rows):
            return ()
        found = unpack_hands(rows, smoothed=smoothed)
        is_right = rows["flags"] & layout.RIGHT != 0
        posed = self._hand_poser().pose(is_right, found.pose, found.betas, found.transl)
        with np.errstate(all="ignore"):  # hands of a damaged file may lie anywhere
            joints_2d = project(posed.joints_3d, self.camera_at(index).K)
        return tuple(
            HandState(
                track_id=int(row["track_id"]),
                side="right" if is_right[at] else "left",
                score=float(found.score[at]),
                pose=found.pose[at],
                betas=found.betas[at],
                transl=found.transl[at],
                vertices=posed.vertices[at],
                joints_3d=posed.joints_3d[at],
                joints_2d=joints_2d[at],
                joint_confidence=found.joint_confidence[at],
                albedo=self._albedo(int(row["track_id"]), posed.vertices.shape[1]),
                keypoints_2d=None
                if np.isnan(found.keypoints_2d[at]).any()
                else found.keypoints_2d[at],
            )
            for at, row in enumerate(rows)
            if posed.joints_3d[at, :, 2].min() > 0
        )

    def predicted_at(self, index: int) -> frozenset[int]:
        """Return the track ids of a frame that were extrapolated, not seen."""
        index = self._checked(index)
        rows = self._rows[self._row_ends[index] : self._row_ends[index + 1]]
        return frozenset(rows["track_id"][rows["flags"] & layout.SEEN == 0].tolist())

    def picture_at(self, index: int) -> UInt8 | None:
        """Return the picture (H, W, 3) RGB of a frame; None where there is none.

        It is as large as the camera's says, and decoded in a process of its own.
        """
        found = self._ask_picture(index, 0)
        if found is None:
            return None
        camera = self.camera_at(index)  # an encoder's sizes are even
        return found[: camera.height, : camera.width]

    def thumbnail_at(self, index: int, height: int = 72) -> UInt8 | None:
        """Return a small picture of a frame or of one shortly before it, or None.

        Much faster than `picture_at`; may be called from another thread meanwhile.
        """
        return self._ask_picture(index, height)

    def picture_frame_at(self, index: int) -> Frame | None:
        """Return one of `picture_count` frames, also where the network did not look at it.

        None where it has no picture. Its index counts those frames; its time is the session's.
        """
        header, time_ns = self._all_frames[index], int(self._all_times_ns[index])
        found = self._picture(int(header["video_segment"]), time_ns, 0)
        if found is None:
            return None
        camera = self.camera_of(int(header["camera"]))
        picture = found[: camera.height, : camera.width]
        return Frame(index, 0, time_ns, picture, camera.K, self.description.source)

    def _ask_picture(self, index: int, height: int) -> UInt8 | None:
        index = self._checked(index)
        segment = int(self._frames["video_segment"][index])
        return self._picture(segment, int(self.timestamps_ns[index]), height)

    def _picture(self, segment: int, time_ns: int, height: int) -> UInt8 | None:
        if not segment:
            return None
        ticks = layout.video_ticks(time_ns, self._segment_base_ns[segment])
        return self._pictures.picture(segment, ticks, height)

    def frame_at(self, index: int) -> Frame:
        """Return a frame; without a picture it is grey."""
        index = self._checked(index)
        camera = self.camera_at(index)
        picture = self.picture_at(index)
        if picture is None:
            picture = np.full((camera.height, camera.width, 3), _GREY, np.uint8)
        time_ns = int(self.timestamps_ns[index])
        return Frame(index, 0, time_ns, picture, camera.K, self.description.source)

    def tracked_at(self, index: int, *, smoothed: bool = True) -> TrackedHands:
        """Return a frame as the pipeline gave it; without a picture it is grey."""
        frame = self.frame_at(index)
        hands = self.hands_at(index, smoothed=smoothed)
        return TrackedHands(frame, hands, self.predicted_at(index))

    def take(self, start: int = 0, end: int | None = None, *, smoothed: bool = True) -> Take:
        """Return the hands of frames start <= i < end as arrays, one HandTrack per identity.

        A track that changed sides keeps the side that it had in most frames; the others are
        left out of it. Hands without identity (no tracking) are in no track.
        """
        start, end, _ = slice(start, end).indices(self.frame_count)
        end = max(start, end)
        frame_of_row = np.repeat(np.arange(start, end), np.diff(self._row_ends[start : end + 1]))
        rows = self._rows[self._row_ends[start] : self._row_ends[end]]
        tracks = []
        for track_id in np.unique(rows["track_id"][rows["track_id"] >= 0]).tolist():
            mine = np.flatnonzero(rows["track_id"] == track_id)
            is_right = rows["flags"][mine] & layout.RIGHT != 0
            side = main_side(is_right)
            mine = mine[is_right == (side == "right")]
            _, first = np.unique(frame_of_row[mine], return_index=True)
            mine = mine[first]
            times_ns = self.timestamps_ns[frame_of_row[mine]]
            tracks.append(self._track(track_id, side, times_ns, rows[mine], smoothed))
        camera = self.camera_at(start) if end > start else self._any_camera
        return Take(
            timestamps_ns=self.timestamps_ns[start:end].copy(),
            tracks=tuple(tracks),
            K=camera.K.copy(),
            width=camera.width,
            height=camera.height,
            name=self.name,
        )

    def _track(
        self, track_id: int, side: Side, times_ns: Int64, rows: Any, smoothed: bool
    ) -> HandTrack:
        found = unpack_hands(rows, smoothed=smoothed)
        albedo = self._log.albedo.get(track_id)
        return HandTrack(
            track_id=track_id,
            side=side,
            timestamps_ns=times_ns,
            pose=found.pose,
            betas=found.betas,
            transl=found.transl,
            score=found.score,
            joint_confidence=found.joint_confidence,
            keypoints_2d=found.keypoints_2d,
            seen=found.seen,
            albedo=None if albedo is None else (albedo / np.float32(255)).astype(np.float32),
        )

    def _checked(self, index: int) -> int:
        count = self.frame_count
        if not -count <= index < count:
            raise IndexError(f"frame {index} of {count}")
        return index % count

    def _hand_poser(self) -> HandPoser:
        if self._poser is None:
            self._poser = HandPoser(load_hand_model(hand_model_path()))
        return self._poser

    def _albedo(self, track_id: int, num_vertices: int) -> Float32 | None:
        albedo = self._log.albedo.get(track_id)
        if albedo is None or len(albedo) != num_vertices:
            return None
        return (albedo / np.float32(255)).astype(np.float32)


def _with_pictures(
    times_ns: Int64, frames: NDArray[np.void], log: HandLog
) -> tuple[Int64, NDArray[np.void]]:
    """Return times (M,) and headers (M,) of all frames, also of those without a look."""
    if not log.pictures:
        return times_ns, frames
    others = np.frombuffer(b"".join(header for _, header in log.pictures), FRAME)
    all_times_ns = np.concatenate((times_ns, np.array([at for at, _ in log.pictures], np.int64)))
    order = np.argsort(all_times_ns, kind="stable")
    return all_times_ns[order], np.concatenate((frames, others))[order]
