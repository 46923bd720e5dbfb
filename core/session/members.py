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
    hands: dict[int, Path] = {}
    videos: dict[int, Path] = {}
    files: set[str] = set()
    try:
        for count, entry in enumerate(path.iterdir()):
            if count >= _MOST_ENTRIES:
                raise not_a_session(path, f"it has more than {_MOST_ENTRIES} files")
            if not stat.S_ISREG(entry.lstat().st_mode):
                continue
            files.add(entry.name)
            _sort_in(entry, layout.HANDS_PATTERN, hands)
            _sort_in(entry, layout.VIDEO_PATTERN, videos)
    except OSError as error:
        raise SessionError(
            "SES-01",
            f"{path} cannot be read: {error.strerror or error}",
            "Check that you may read that folder.",
        ) from error
    if not hands and layout.SESSION_NAME not in files:
        raise not_a_session(path, f"it has neither hands.mcap nor {layout.SESSION_NAME}")
    return Members(
        path=path,
        description=path / layout.SESSION_NAME if layout.SESSION_NAME in files else None,
        hands=tuple(hands[number] for number in sorted(hands)),
        videos=dict(sorted(videos.items())),
        is_recording=layout.SENTINEL_NAME in files,
    )


def not_a_session(path: Path, reason: str) -> SessionError:
    """Return the error of a folder that is something else, or hostile."""
    return SessionError(
        "SES-04",
        f"{path} is no session that can be opened: {reason}",
        f"Give a folder name{layout.SUFFIX} that ManyHands has recorded.",
    )


def _sort_in(entry: Path, pattern: re.Pattern[str], found: dict[int, Path]) -> None:
    match = pattern.fullmatch(entry.name)
    if match:
        number = int(match[1] or 1)
        if number <= layout.MAX_SEGMENTS:
            found[number] = entry
