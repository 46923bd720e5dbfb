"""What session.json says, read with suspicion; a session opens without it, too."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.errors import SessionError
from core.session import layout
from core.session.members import Members, not_a_session

_MOST_BYTES: Final = 4 << 20
_MOST_DEPTH: Final = 16
_MOST_TEXT: Final = 1000


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """Where a session comes from and how it ended.

    Attributes:
        version: of the format.
        created: when it began, ISO 8601 with the local offset; "" where that is not known.
        source: what a person calls its source.
        engine: what ran the network.
        weights_sha256: of the network, or None.
        config: the settings, by section and name.
        software: version by name.
        ended: how it ended and what was counted; None where it was cut off.
        problem: one line on why the rest of this is empty, or "".
    """

    version: tuple[int, int] = layout.VERSION
    created: str = ""
    source: str = ""
    engine: str = ""
    weights_sha256: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    software: Mapping[str, str] = field(default_factory=dict)
    ended: Mapping[str, Any] | None = None
    problem: str = ""


def read_description(members: Members) -> SessionDescription:
    """Read session.json; where it is missing or damaged, the hands may still be read.

    Raises:
        SessionError: SES-03 a newer program has written it, SES-04 it is of something else.
    """
    path = members.description
    if path is None:
        return SessionDescription(problem=f"{layout.SESSION_NAME} is missing.")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise not_a_session(members.path, f"{path.name} is larger than 4 MB")
        text = path.read_text("utf-8")
        if _depth(text) > _MOST_DEPTH:
            raise not_a_session(members.path, f"{path.name} is nested too deeply")
        content = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        return SessionDescription(problem=f"{path.name} cannot be read: {reason}.")
    version = _known_version(members.path, content)
    weights, ended = content.get("weights_sha256"), content.get("ended")
    return SessionDescription(
        version=version,
        created=_text(content.get("created")),
        source=_text(content.get("source")),
        engine=_text(content.get("engine")),
        weights_sha256=_text(weights) if isinstance(weights, str) else None,
        config=_mapping(content.get("config")),
        software={_text(k): _text(v) for k, v in _mapping(content.get("software")).items()},
        ended=ended if isinstance(ended, dict) else None,
    )


def _known_version(path: Path, content: object) -> tuple[int, int]:
    """Return the version that a description states.

    Raises:
        SessionError: SES-03 a newer program has written it, SES-04 it is of something else.
    """
    if not isinstance(content, dict) or content.get("format") != layout.FORMAT:
        raise not_a_session(path, f"{layout.SESSION_NAME} is of something else")
    version = _version(content.get("version"))
    if version is None:
        raise not_a_session(path, f"{layout.SESSION_NAME} states no version")
    if version[0] > layout.VERSION[0]:
        raise SessionError(
            "SES-03",
            f"{path} was recorded by a newer ManyHands "
            f"(format {version[0]}.{version[1]}, this one knows {layout.VERSION[0]})",
            "Update ManyHands.",
        )
    return version


def _depth(text: str) -> int:
    """Return how deeply brackets are nested, at most; those in strings count as well."""
    deepest = depth = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _version(value: object) -> tuple[int, int] | None:
    if isinstance(value, list) and len(value) == 2 and all(type(item) is int for item in value):
        return value[0], value[1]
    return None


def _text(value: object) -> str:
    return value[:_MOST_TEXT] if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
