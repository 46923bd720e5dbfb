"""What ships with the program, what lies in the user's folders, and whether a file is whole."""

import hashlib
import json
import logging
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import platformdirs

from core.errors import ModelFileError
from core.hand_model.file import OPEN_HAND_FILE

_LOG = logging.getLogger(__name__)
_APP_NAME: Final = "manyhands"
_READ_BYTES: Final = 1 << 20
# A description is a few kB; more is another kind of file.
_MAX_DESCRIPTION_BYTES: Final = 4 << 20
_RESTORE: Final = "Restore resources/ from the program's package (git checkout, or reinstall)."

WeightsFormat = Literal["onnx", "safetensors"]


def resources_dir() -> Path:
    """Return the folder of what ships: inside `core` once installed, else the checkout's."""
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"


def source_commit() -> str:
    """Return the commit that the code is at, or "unknown" outside of a checkout or without git."""
    command = ["git", "rev-parse", "HEAD"]
    folder = Path(__file__).parent
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError:  # a machine without git works as well
        return "unknown"
    return result.stdout.strip() or "unknown"


def hand_model_path() -> Path:
    """Return where the open hand lies."""
    return resources_dir() / OPEN_HAND_FILE


def demo_clip_path() -> Path:
    """Return where the demo clip lies."""
    return resources_dir() / "demo" / "demo.mp4"


def weights_path(profile: str, suffix: WeightsFormat | Literal["json"]) -> Path:
    """Return where the weights of a profile, or their description, lie."""
    return resources_dir() / "weights" / f"{profile}.{suffix}"


@dataclass(frozen=True, slots=True)
class UserFolders:
    """Where the program may write; every folder exists and is writable.

    Attributes:
        data: what the user keeps: imported hand models.
        config: settings.
        cache: what can be made again: engines.
        log: log files.
        notices: one line for each folder that had to move to the temporary folder.
    """

    data: Path
    config: Path
    cache: Path
    log: Path
    notices: tuple[str, ...]


def user_folders() -> UserFolders:
    """Return the user's folders, made where they are missing.

    A folder that cannot be written (no home, read-only disk) is replaced by one in the temporary
    folder that only this user may open, and a notice says so.
    """
    wanted = {
        "data": platformdirs.user_data_path(_APP_NAME, appauthor=False),
        "config": platformdirs.user_config_path(_APP_NAME, appauthor=False),
        "cache": platformdirs.user_cache_path(_APP_NAME, appauthor=False),
        "log": platformdirs.user_log_path(_APP_NAME, appauthor=False),
    }
    notices: list[str] = []
    folders: dict[str, Path] = {}
    for kind, path in wanted.items():
        reason = unwritable_reason(path)
        if reason is not None:
            replacement = _private_temporary_folder() / kind
            replacement.mkdir(parents=True, exist_ok=True)
            notices.append(f"{path} is not writable ({reason}); using {replacement} instead")
            _LOG.warning(notices[-1])
            path = replacement
        folders[kind] = path
    return UserFolders(notices=tuple(notices), **folders)


def unwritable_reason(folder: Path) -> str | None:
    """Make the folder and a file in it; return why that fails, or None where it works.

    Permission bits alone do not tell: read-only mounts and full disks refuse as well.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or type(error).__name__


def _private_temporary_folder() -> Path:
    """Return this user's own folder in the temporary one; refuse one that another user made."""
    owner = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    path = Path(tempfile.gettempdir()) / f"{_APP_NAME}-{owner}"
    path.mkdir(mode=0o700, exist_ok=True)
    foreign = hasattr(os, "getuid") and path.lstat().st_uid != os.getuid()
    return Path(tempfile.mkdtemp(prefix=f"{_APP_NAME}-")) if foreign or path.is_symlink() else path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Raises:
        ModelFileError: MDL-01 where there is no such file, MDL-03 where it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_READ_BYTES):
                digest.update(block)
    except FileNotFoundError as error:
        raise ModelFileError("MDL-01", f"{path} does not exist", _RESTORE) from error
    except OSError as error:
        raise ModelFileError(
            "MDL-03", f"{path} cannot be read ({error.strerror})", _RESTORE
        ) from error
    return digest.hexdigest()


def load_weights_description(profile: str) -> Mapping[str, Any]:
    """Return the description that lies beside the weights: hashes, sizes, licences, metrics.

    Raises:
        ModelFileError: MDL-01 missing, MDL-03 not such a description.
    """
    path = weights_path(profile, "json")
    try:
        if path.stat().st_size > _MAX_DESCRIPTION_BYTES:
            raise ValueError("it is larger than a description can be")
        description = json.loads(path.read_text("utf-8"))
        if not isinstance(description, dict):
            raise ValueError("it is not an object")
    except FileNotFoundError as error:
        raise ModelFileError("MDL-01", f"{path} does not exist", _RESTORE) from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFileError("MDL-03", f"{path} cannot be read: {error}", _RESTORE) from error
    return description


def checked_weights(profile: str, suffix: WeightsFormat) -> tuple[Path, str]:
    """Return the path of the weights and their SHA-256, after comparing it with the description.

    Raises:
        ModelFileError: MDL-01 missing, MDL-02 hash differs, MDL-03 description unreadable or
            without the hash.
    """
    path = weights_path(profile, suffix)
    actual = sha256_of(path)
    description = load_weights_description(profile)
    expected = description.get(f"{suffix}_sha256")
    if not isinstance(expected, str):
        raise ModelFileError(
            "MDL-03",
            f"{weights_path(profile, 'json')} does not state the SHA-256 of {path.name}",
            _RESTORE,
        )
    if actual != expected.lower():
        raise ModelFileError(
            "MDL-02",
            f"{path} is damaged or was changed: its SHA-256 is {actual[:12]}..., "
            f"not {expected[:12]}...",
            _RESTORE,
        )
    return path, actual
