"""Which files of a folder belong to a session; only plain files with names of its own count."""

import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import SessionError
from core.session import layout

#: A folder with more entries than this is something else.
_MOST_ENTRIES: Final = 1000


@dataclass(frozen=True, slots=True)
class Members:
    """The files of a session.

    Attributes:
        path: its folder.
        description: session.json, or None.
        hands: hands.mcap, hands-2.mcap ... in their order.
        videos: by segment number.
        is_recording: whether the sentinel of a recording lies there.
    """

    path: Path
    description: Path | None
    hands: tuple[Path, ...]
    videos: dict[int, Path]
    is_recording: bool


def find_members(path: Path) -> Members:
    """Look for the files of a session.

    Links, folders and devices are left alone whatever their names, and no name is ever read
    from a file: so nothing outside of the folder can be reached.

    Raises:
        SessionError: SES-01 there is no such folder, SES-04 it is no session.
    """
    if not path.is_dir():
        raise SessionError(
            "SES-01",
            f"there is no session {path}",
            f"Give the folder of a recording, name{layout.SUFFIX}.",
        )
    files = _plain_files(path)
    hands = _segments(path, files, layout.HANDS_PATTERN)
    videos = _segments(path, files, layout.VIDEO_PATTERN)
    if not hands and layout.SESSION_NAME not in files:
        raise not_a_session(path, f"it has neither hands.mcap nor {layout.SESSION_NAME}")
    return Members(
        path=path,
        description=path / layout.SESSION_NAME if layout.SESSION_NAME in files else None,
        hands=tuple(hands.values()),
        videos=videos,
        is_recording=layout.SENTINEL_NAME in files,
    )


def not_a_session(path: Path, reason: str) -> SessionError:
    """Return the error of a folder that is something else, or hostile."""
    return SessionError(
        "SES-04",
        f"{path} is no session that can be opened: {reason}",
        f"Give a folder name{layout.SUFFIX} that ManyHands has recorded.",
    )


def _plain_files(path: Path) -> set[str]:
    """Return the names of a folder's plain files.

    Raises:
        SessionError: SES-01 it cannot be read, SES-04 it has too many entries.
    """
    names = set()
    try:
        for count, entry in enumerate(path.iterdir()):
            if count >= _MOST_ENTRIES:
                raise not_a_session(path, f"it has more than {_MOST_ENTRIES} files")
            if stat.S_ISREG(entry.lstat().st_mode):
                names.add(entry.name)
    except OSError as error:
        raise SessionError(
            "SES-01",
            f"{path} cannot be read: {error.strerror or error}",
            "Check that you may read that folder.",
        ) from error
    return names


def _segments(path: Path, names: set[str], pattern: re.Pattern[str]) -> dict[int, Path]:
    """Return the files of one kind by number, ascending."""
    found = {}
    for name in names:
        match = pattern.fullmatch(name)
        if match and int(match[1] or 1) <= layout.MAX_SEGMENTS:
            found[int(match[1] or 1)] = path / name
    return dict(sorted(found.items()))
