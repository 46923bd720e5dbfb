"""A session written anew with other smoothed values: its pictures and raw values stay."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.atomic import staged, write_atomically
from core.session import layout
from core.session.durable import RecordedFile
from core.session.folder import Camera, EncodedFrame, SessionFolder
from core.session.hand_log import HandLog, read_log
from core.session.layout import FRAME, HAND
from core.session.members import find_members
from core.session.naming import make_session_folder
from core.session.packing import HandValues, unpack_hands
from core.session.reader import SessionReader
from core.session.status import RecordOptions, SessionInfo
from core.session.take import HandTrack, Take
from core.session.tracks import frame_numbers
from core.types import Float32

ShowProgress = Callable[[int, int | None], None]
#: Written by SessionFolder itself, or made anew.
_OWN_EVENTS: Final = ("camera",)


def write_session(
    session: SessionReader,
    take: Take,
    out: Path,
    note: Mapping[str, Any],
    show_progress: ShowProgress,
) -> Path:
    """Write a session like another one, with the hands of a take as its smoothed values.

    Hands that the other session has and the take lacks are left out; those that only the take has
    get its values as raw ones too, and are marked as not seen. Whole or not at all.

    Args:
        session: the other one; nothing in it is changed.
        take: of all its frames, with other hands.
        out: a new folder; a name that is taken gets a number.
        note: what was done, for session.json.
        show_progress: called with frames done and in all; may raise to stop.

    Returns:
        The folder.

    Raises:
        OutputError: OUT-01 the folder cannot be made.
        OSError: it cannot be written.
    """
    folder = make_session_folder(out)
    try:
        with staged(folder) as path:
            path.mkdir()
            _write(session, take, path, note, show_progress)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # made above, and still empty
        raise
    return folder


def _write(
    session: SessionReader,
    take: Take,
    path: Path,
    note: Mapping[str, Any],
    show_progress: ShowProgress,
) -> None:
    members = find_members(session.path)
    log = read_log(list(members.hands))
    for number, video in members.videos.items():
        shutil.copyfile(video, path / layout.segment_name("video", number))
    folder = SessionFolder(path, SessionInfo(), RecordOptions(), RecordedFile)
    hands, total = 0, len(log.times_ns) + len(log.pictures)
    try:
        for done, frame in enumerate(_frames(session, log, take), 1):
            folder.add(frame)
            hands += len(frame.hands or ())
            show_progress(done, total)
    except BaseException:
        folder.abandon({})
        raise
    ended = {"by": "stopped", "frames": total, "hands": hands}
    folder.finish(ended)
    _describe(session, path, {**ended, "duration_s": session.duration_s}, note)


def _frames(session: SessionReader, log: HandLog, take: Take) -> Iterator[EncodedFrame]:
    """Yield every frame of the session with the take's hands."""
    events = [event for event in log.events if event[1].get("kind") not in _OWN_EVENTS]
    events.sort(key=lambda event: event[0])
    tracks = [
        (track, dict(zip(frame_numbers(take, track).tolist(), range(len(track.pose)), strict=True)))
        for track in take.tracks
    ]
    others = list(log.pictures)
    for index, time_ns in enumerate(log.times_ns):
        while others and others[0][0] < time_ns:
            yield _picture(session, *others.pop(0))
        header = np.frombuffer(log.frames[index], FRAME)[0]
        raw = _raw_hands(log.hands[index])
        before = []
        while events and (events[0][0] <= time_ns or index + 1 == len(log.times_ns)):
            before.append(events.pop(0))
        camera: Camera = session.camera_at(index)
        yield EncodedFrame(
            time_ns=time_ns,
            frame_index=int(header["frame_index"]),
            camera=camera,
            hands=tuple(
                _values(track, rows[index], raw.get(track.track_id))
                for track, rows in tracks
                if index in rows
            ),
            picture=None,
            events=tuple(before),
            albedo=log.albedo if index == 0 else None,
            video_segment=int(header["video_segment"]),
        )
    for time_ns, data in others:
        yield _picture(session, time_ns, data)


def _picture(session: SessionReader, time_ns: int, data: bytes) -> EncodedFrame:
    """Return a picture that the network did not look at, as it was."""
    header = np.frombuffer(data, FRAME)[0]
    return EncodedFrame(
        time_ns=time_ns,
        frame_index=int(header["frame_index"]),
        camera=session.camera_of(int(header["camera"])),
        hands=None,
        picture=None,
        video_segment=int(header["video_segment"]),
    )


def _raw_hands(data: bytes) -> dict[int, tuple[bool, Float32, Float32, Float32]]:
    """Return what was measured of each track: right, pose (16, 3, 3), transl (3), betas (10)."""
    rows = np.frombuffer(data, HAND)
    if not len(rows):
        return {}
    found = unpack_hands(rows, smoothed=False)
    is_right = rows["flags"] & layout.RIGHT != 0
    return {
        int(track_id): (bool(is_right[at]), found.pose[at], found.transl[at], found.betas[at])
        for at, track_id in enumerate(rows["track_id"].tolist())
    }


def _values(
    track: HandTrack, row: int, raw: tuple[bool, Float32, Float32, Float32] | None
) -> HandValues:
    pose, transl, betas = track.pose[row], track.transl[row], track.betas[row]
    is_right = track.side == "right"
    measured = (pose, transl, betas) if raw is None or raw[0] != is_right else raw[1:]
    keypoints = track.keypoints_2d[row]
    return HandValues(
        track_id=track.track_id,
        is_right=is_right,
        is_seen=bool(track.seen[row]),
        score=float(track.score[row]),
        joint_confidence=track.joint_confidence[row],
        pose=np.stack((pose, measured[0])),
        transl=np.stack((transl, measured[1])),
        betas=np.stack((betas, measured[2])),
        keypoints_2d=keypoints if np.isfinite(keypoints).all() else None,
        albedo=None,
    )


def _describe(
    session: SessionReader, path: Path, ended: Mapping[str, Any], note: Mapping[str, Any]
) -> None:
    """Say where the session comes from: what the other one says, and what was done to it."""
    told = session.description
    description = {
        "format": layout.FORMAT,
        "version": list(layout.VERSION),
        "created": told.created,
        "source": told.source,
        "is_live": False,
        "engine": told.engine,
        "weights_sha256": told.weights_sha256,
        "config": told.config,
        "software": told.software,
        "ended": ended,
        "cleaned": {"from": session.name, **note},
    }
    text = json.dumps(description, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(text.encode("utf-8", "backslashreplace"), path / layout.SESSION_NAME)
