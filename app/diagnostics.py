"""A zip file for a bug report: what is needed to understand a fault, and nothing private.

It holds versions, the doctor's report, the settings without what names files or places, and the
end of the log. Home folder, user and computer names, other paths and addresses are taken out. No
picture is ever in it, and the program sends it nowhere.
"""

import getpass
import io
import json
import platform
import re
import zipfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Final

from app.doctor import Report
from app.settings import Settings
from core.assets import resources_dir
from core.atomic import write_atomically
from core.errors import OutputError

_LOG_LINES: Final = 400
_LOG_BYTES: Final = 512 << 10
_LEAST_NAME: Final = 3

_ADDRESS: Final = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE)
_ROOT: Final = r"(?:[A-Za-z]:[\\/]|\\\\|~?/)"
_QUOTED: Final = re.compile(rf"(?<=['\"]){_ROOT}[^'\"\n]*(?=['\"])")
#: Up to the ending of a file, over spaces; else up to the first space.
_PATH: Final = re.compile(
    rf"(?<![\w<>.~]){_ROOT}"
    r"(?:[^\n'\":;,<>()|]*?\.[A-Za-z][A-Za-z0-9]{1,4}\b|[^\s'\":;,<>()|]+)"
)


def redact(text: str, names: Mapping[str, str]) -> str:
    """Return a text without private things.

    Args:
        text: any.
        names: what is taken out wherever it stands, each with what takes its place.
    """
    text = _ADDRESS.sub("<address>", text)
    text = _QUOTED.sub(_file_name, text)
    text = _PATH.sub(_file_name, text)
    for name, instead in sorted(names.items(), key=lambda pair: -len(pair[0])):
        text = re.sub(re.escape(name), instead, text, flags=re.IGNORECASE)
    return text


def _file_name(match: re.Match[str]) -> str:
    """Keep the names of our own source files, for a traceback; nothing of any other path."""
    name = re.split(r"[\\/]", match.group())[-1]
    return f"<path>/{name}" if name.endswith(".py") else "<path>"


def private_names() -> dict[str, str]:
    """Return what to take out on this machine: home, program folder, user and computer."""
    found = {str(resources_dir().parent): "<program>", str(Path.home()): "~"}
    try:
        found[getpass.getuser()] = "<user>"
    except (OSError, KeyError):  # a user without a name
        pass
    found[platform.node()] = "<computer>"
    return {name: instead for name, instead in found.items() if len(name) >= _LEAST_NAME}


def bundle(
    report: Report, settings: Settings, log_path: Path, names: Mapping[str, str]
) -> dict[str, str]:
    """Return the texts of the bundle by file name."""
    texts = {
        "README.txt": "\n".join(__doc__.split("\n\n")[:2]) + "\n",
        "versions.json": json.dumps(
            {"system": platform.platform(), **report.versions}, indent=2, ensure_ascii=False
        ),
        "doctor.json": json.dumps(report.as_json(), indent=2, ensure_ascii=False),
        "settings.json": json.dumps(_choices(settings), indent=2),
        "log.txt": _end_of(log_path),
    }
    return {name: redact(text, names) for name, text in texts.items()}


def _choices(settings: Settings) -> dict[str, bool | int | float | str]:
    """Return the settings that are switches, numbers or one of some words; free texts are not."""
    return {
        item.name: getattr(settings, item.name)
        for item in fields(settings)
        if isinstance(item.default, bool | int | float) or "choices" in item.metadata
    }


def _end_of(path: Path) -> str:
    """Return the last lines of a log."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, io.SEEK_END)
            stream.seek(max(0, stream.tell() - _LOG_BYTES))
            lines = stream.read().decode("utf-8", "replace").splitlines()
    except OSError as error:
        return f"no log: {error.strerror}\n"
    return "\n".join(lines[-_LOG_LINES:]) + "\n"


def write_bundle(path: Path, texts: Mapping[str, str]) -> None:
    """Write the zip file.

    Raises:
        OutputError: OUT-01 where it cannot be written.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    try:
        write_atomically(packed.getvalue(), path)
    except OSError as error:
        raise OutputError(
            "OUT-01",
            f"the diagnostics cannot be written to {path} ({error.strerror})",
            "Choose another folder.",
        ) from error
