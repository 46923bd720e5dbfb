"""Names of sessions that every file system takes, and that are not taken."""

import re
from pathlib import Path
from typing import Final

from core.errors import OutputError
from core.session.layout import SUFFIX

_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_RESERVED: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])"
    r"(?:\..*)?",
    re.IGNORECASE,
)
#: File systems take 255; a number and the suffix come behind.
_MAX_BYTES: Final = 230
_DEFAULT: Final = "session"
_MOST_SUFFIXES: Final = 10_000


def is_session(source: str) -> bool:
    """Say whether a source, as a person names it, is the folder of a recorded session."""
    return source.casefold().rstrip("/\\").endswith(SUFFIX) and Path(source).is_dir()


def safe_name(name: str) -> str:
    """Return a name without suffix that Linux, macOS and Windows take for a folder.

    Characters that one of them refuses become "_", so do device names such as CON; the end is cut
    at whole characters.
    """
    if name.casefold().endswith(SUFFIX):
        name = name[: -len(SUFFIX)]
    name = _FORBIDDEN.sub("_", name)
    encoded = name.encode("utf-8", "replace")[:_MAX_BYTES]
    name = encoded.decode("utf-8", "ignore").strip().rstrip(". ").lstrip(".")
    if not name:
        return _DEFAULT
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def make_session_folder(path: Path) -> Path:
    """Make a new folder `name.hands` and return it; one that exists is never touched.

    "take.hands" becomes "take-2.hands" where there is one already. Missing parents are made.

    Raises:
        OutputError: OUT-01 it cannot be made.
    """
    stem = safe_name(path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST_SUFFIXES):
            name = stem if number == 1 else f"{stem}-{number}"
            folder = path.parent / f"{name}{SUFFIX}"
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder
    except OSError as error:
        raise OutputError(
            "OUT-01",
            f"{path} cannot be made: {error.strerror or error}",
            "Record into another folder that you may write to.",
        ) from error
    raise OutputError("OUT-01", f"there are too many sessions named {stem}", "Give another name.")
