"""What a build of an engine says on its standard output, line by line, to whoever started it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROGRESS: Final = re.compile(r"manyhands-build (\d{1,3})% (.+)")
_DONE: Final = re.compile(r"manyhands-engine (.+)")


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """How far a build is.

    Attributes:
        percent: in [0, 100].
        text: what it does, for a person.
    """

    percent: int
    text: str


@dataclass(frozen=True, slots=True)
class BuiltEngine:
    """A build has written this engine."""

    path: Path


def progress_line(fraction: float, text: str) -> str:
    """Return the line that says how far a build is; fraction is in [0, 1]."""
    return f"manyhands-build {round(100 * min(1.0, max(0.0, fraction)))}% {text}"


def done_line(path: Path) -> str:
    """Return the line that ends a build that went well."""
    return f"manyhands-engine {path}"


def parse_line(line: str) -> BuildProgress | BuiltEngine | None:
    """Return what a line says; None for any other line, such as a library's."""
    if match := _PROGRESS.fullmatch(line.strip()):
        return BuildProgress(min(100, int(match[1])), match[2])
    if match := _DONE.fullmatch(line.strip()):
        return BuiltEngine(Path(match[1]))
    return None
