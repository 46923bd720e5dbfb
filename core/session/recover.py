"""What a killed program has left behind: found, counted, and completed.

A session that was cut off opens as it is. Recovering it says what is there, gives hands.mcap the
index that other programs like to have, and takes the sentinel away.
"""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from core.atomic import write_atomically
from core.errors import SessionError
from core.session import layout
from core.session.durable import RecordedFile, write_error
from core.session.folder import open_log_channels
from core.session.hand_log import HandLog, read_log
from core.session.mcap_file import McapFile
from core.session.members import find_members
from core.session.packing import albedo_message
from core.session.reader import SessionReader, open_session
from core.session.sentinel import is_recorded_now

_LOG = logging.getLogger(__name__)
_MOST_SESSIONS: Final = 10_000
_MOST_BYTES: Final = 4 << 20
#: Chunks of a file that is written again are closed by their size alone.
_NO_HURRY_S: Final = 3600.0

Outcome = Literal["all", "lossy", "nothing"]


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A session that a program left behind when it ended.

    Attributes:
        path: its folder.
        seconds: how long it is, about.
        is_empty: whether nothing in it can be read.
    """

    path: Path
    seconds: float
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was recovered.

    Attributes:
        path: the session's folder.
        outcome: "all" everything that was recorded is there; "lossy" its end or parts of it are
            missing, as `notices` say; "nothing" can be read.
        frames: how many there are.
        seconds: how long they last.
        notices: what is missing, one line each.
    """

    path: Path
    outcome: Outcome
    frames: int
    seconds: float
    notices: tuple[str, ...]


def find_left_behind(folder: Path) -> tuple[LeftBehind, ...]:
    """Return the sessions in a folder that were being recorded when their program ended.

    For the next start: "Recover take.hands (about 2:05)?". Sessions that are being recorded now
    are left alone.
    """
    found = []
    try:
        paths = sorted(folder.glob(f"*{layout.SUFFIX}"))[:_MOST_SESSIONS]
    except OSError:
        return ()
    for path in paths:
        try:
            if not (path / layout.SENTINEL_NAME).is_file() or is_recorded_now(path):
                continue
            log = read_log(list(find_members(path).hands))
        except (OSError, SessionError) as error:
            _LOG.warning("%s was left behind and cannot be read: %s", path, error)
            found.append(LeftBehind(path, 0.0, True))
            continue
        seconds = log.times_ns[-1] / 1e9 if log.times_ns else 0.0
        found.append(LeftBehind(path, seconds, not log.times_ns))
    return tuple(found)


def recover(path: Path) -> Recovery:
    """Complete a session that was cut off, and say what is there; a whole one stays as it is.

    Raises:
        SessionError: SES-01 no such session, SES-03 of a newer program, SES-04 none at all,
            SES-06 it is being recorded.
        OutputError: OUT-01 or OUT-02, it cannot be written; it stays as it was.
    """
    members = find_members(path)
    if is_recorded_now(path):
        raise SessionError(
            "SES-06", f"{path} is being recorded", "End the recording first, then try again."
        )
    try:
        session = open_session(path)
    except SessionError as error:
        if error.code != "SES-02":
            raise
        return Recovery(path, "nothing", 0, 0.0, (error.cause,))
    with session:
        notices = session.notices
        frames, seconds = session.frame_count, session.duration_s
        try:
            for file in members.hands:
                _complete_hands(file)
            if session.description.ended is None:
                _complete_description(session)
            (path / layout.SENTINEL_NAME).unlink(missing_ok=True)
        except OSError as error:
            raise write_error(path, error) from error
    return Recovery(path, "lossy" if notices else "all", frames, seconds, notices)


def _complete_hands(path: Path) -> None:
    """Write a file that was cut off once more, as far as it goes, with its index."""
    log = read_log([path])
    if log.is_complete or log.unknown_records:  # what is not known cannot be written again
        return
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        _write_again(log, part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _write_again(log: HandLog, path: Path) -> None:
    file = McapFile(RecordedFile(path), chunk_s=_NO_HURRY_S)
    channels = open_log_channels(file)
    last_ns = log.times_ns[-1] if log.times_ns else 0
    messages: list[tuple[int, int, bytes]] = []
    for time_ns, event in log.events:
        data = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
        messages.append((time_ns, channels.events, data))
    for time_ns, header, hands in zip(log.times_ns, log.frames, log.hands, strict=True):
        messages.append((time_ns, channels.hands, header + hands))
    messages += [(time_ns, channels.pictures, header) for time_ns, header in log.pictures]
    for track_id, albedo in log.albedo.items():
        messages.append((last_ns, channels.albedo, albedo_message(track_id, albedo)))
    for time_ns, channel, data in sorted(messages, key=lambda message: message[0]):
        file.add(channel, time_ns, data)
    file.finish()


def _complete_description(session: SessionReader) -> None:
    """Say in session.json that it was recovered, and keep all else that it says."""
    path = session.path / layout.SESSION_NAME
    content: dict[str, Any] = {"format": layout.FORMAT, "version": list(layout.VERSION)}
    try:
        if path.stat().st_size <= _MOST_BYTES:
            read = json.loads(path.read_text("utf-8"))
            content |= read if isinstance(read, dict) else {}
    except (OSError, ValueError, RecursionError) as error:
        _LOG.warning("%s is written anew: %s", path, error)
    content["ended"] = {
        "by": "recovered",
        "frames": session.frame_count,
        "duration_s": session.duration_s,
    }
    write_atomically(json.dumps(content, indent=2, ensure_ascii=False).encode(), path)
