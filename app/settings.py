"""What the window remembers: a TOML file read with suspicion, key by key.

A broken file or value never stops the program: the file is kept under another name, the value
gets its default, and the window says so once.
"""

import base64
import binascii
import json
import logging
import time
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import platformdirs
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.palette import SURFACE_COLOURS
from app.take_jobs import FORMATS
from core.atomic import write_atomically
from core.config import MAX_HANDS, DetectionConfig
from core.errors import OutputError

_LOG = logging.getLogger(__name__)
FILE_NAME: Final = "window.toml"
_MAX_BYTES: Final = 1 << 20
_SAVE_MS: Final = 1500


def _one_of(default: str, *choices: str) -> Any:
    return field(default=default, metadata={"choices": choices})


def _ranged(default: float, low: float, high: float) -> Any:
    return field(default=default, metadata={"range": (low, high)})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the window remembers.

    A key is a bool, int, float, str or tuple of str; `_one_of` and `_ranged` bound it.

    Attributes:
        theme: "system", "dark" or "light".
        source: what was open last, as open_source takes it; empty for the first camera.
        engine: "auto" or an engine's name.
        mirror_cameras: mirror live pictures.
        mirror_files: mirror videos and images.
        show_mesh: draw the surface; this and what follows to show_grid as in ViewOptions.
        show_skeleton: draw joints and bones.
        show_labels: name the hands.
        show_wireframe: draw the surface's edges.
        show_keypoints: draw joints as the network saw them.
        show_boxes: draw a frame around each hand.
        opacity: of the surface on the picture.
        surface: "hand", "skin" or "normals".
        predicted_light: show skin under its predicted light.
        show_trails: draw where fingertips were.
        follow_hands: keep hands in the middle of the 3D view.
        show_grid: draw the floor of the 3D view.
        max_hands: at most so many hands are shown.
        score_threshold: from which on a detection counts as a hand.
        quickness: of smoothing, 0 steady to 1 quick.
        last_folder: where the file dialog opened last.
        recent: files, folders and addresses that were opened, the last one first.
        record_folder: where recordings go; empty for the user's videos.
        record_preroll_s: seconds before the button was pressed that are recorded, too.
        record_limit_s: after so many seconds a recording ends by itself; 0 for never.
        record_video: record pictures, too.
        record_every_frame: of these also those that the network was too slow to look at.
        export_folder: where exports went last; empty for beside the recording.
        export_format: of the last export.
        stream_vmc: where VMC goes, HOST:PORT, likewise `stream_osc`.
        stream_osc: where plain OSC goes.
        stream_websocket: where WebSocket clients connect.
        language: "system" or one of app/translation.py.
        font_scale: of every text.
        shortcuts: keys that differ from the table's, each as "action=keys".
        welcomed: whether the first page was seen.
        geometry: of the window, as Qt saves it, base64.
        layout: of docks and bars, as Qt saves it, base64.
        mano_sha256: of the MANO file that was imported; empty where none was.
    """

    theme: str = _one_of("system", "system", "dark", "light")
    source: str = ""
    engine: str = "auto"
    mirror_cameras: bool = True
    mirror_files: bool = False
    show_mesh: bool = True
    show_skeleton: bool = False
    show_labels: bool = True
    show_wireframe: bool = False
    show_keypoints: bool = False
    show_boxes: bool = False
    opacity: float = _ranged(0.85, 0.1, 1.0)
    surface: str = _one_of("hand", *SURFACE_COLOURS)
    predicted_light: bool = True
    show_trails: bool = False
    follow_hands: bool = False
    show_grid: bool = True
    max_hands: int = _ranged(MAX_HANDS, 1, MAX_HANDS)
    score_threshold: float = _ranged(DetectionConfig().score_threshold, 0.01, 0.99)
    quickness: float = _ranged(0.5, 0.0, 1.0)
    last_folder: str = ""
    recent: tuple[str, ...] = ()
    record_folder: str = ""
    record_preroll_s: int = _ranged(0, 0, 60)
    record_limit_s: int = _ranged(0, 0, 86_400)
    record_video: bool = True
    record_every_frame: bool = False
    export_folder: str = ""
    export_format: str = _one_of("glb", *FORMATS)
    stream_vmc: str = "127.0.0.1:39539"
    stream_osc: str = "127.0.0.1:9000"
    stream_websocket: str = "127.0.0.1:8765"
    language: str = _one_of("system", "system", "en", "de", "zh")
    font_scale: float = _ranged(1.0, 0.7, 2.0)
    shortcuts: tuple[str, ...] = ()
    welcomed: bool = False
    geometry: str = ""
    layout: str = ""
    mano_sha256: str = ""


def recordings_folder(settings: Settings) -> Path:
    """Return where recordings go."""
    chosen = settings.record_folder
    return Path(chosen) if chosen else platformdirs.user_videos_path() / "ManyHands"


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings and what was wrong with the file, one line each."""

    settings: Settings
    notices: tuple[str, ...]


def load_settings(path: Path) -> LoadedSettings:
    """Read the file; what is missing, unknown or wrong gets its default and a notice.

    A file that cannot be read at all is set aside, and the copy of the last good one is taken.
    """
    try:
        if not path.exists():
            return LoadedSettings(Settings(), ())
        loaded = _read(path)
    except (OSError, ValueError) as error:  # TOML and Unicode errors are ValueErrors
        return LoadedSettings(_last_good(path), (_set_aside(path, error),))
    for notice in loaded.notices:
        _LOG.warning(notice)
    if not loaded.notices:
        _keep_good(path)
    return loaded


def _read(path: Path) -> LoadedSettings:
    """Read the file key by key.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no such file.
    """
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError("it is too large")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {item.name: item for item in fields(Settings)}
    notices = [f"{path.name}: {name} is unknown" for name in table if name not in known]
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            continue
        default = known[name].default
        problem = _problem(value, default, known[name].metadata)
        if problem is None:
            values[name] = type(default)(value)  # an int is a float, too, and a list a tuple
        else:
            notices.append(f"{path.name}: {name} {problem}; the default is used")
    return LoadedSettings(Settings(**values), tuple(notices))


def _good_copy(path: Path) -> Path:
    return path.with_name(f"{path.name}.last-good")


def _keep_good(path: Path) -> None:
    """Copy a file that was read without a complaint."""
    try:
        write_atomically(path.read_bytes(), _good_copy(path))
    except OSError as error:
        _LOG.warning("no copy of the settings: %s", error)


def _last_good(path: Path) -> Settings:
    """Return what the copy holds; the defaults where there is none."""
    try:
        return _read(_good_copy(path)).settings
    except (OSError, ValueError):
        return Settings()


def reset_settings(path: Path) -> LoadedSettings:
    """Return the defaults; a file that is there is kept under another name."""
    if not path.exists():
        return LoadedSettings(Settings(), ())
    kept = _aside(path, "before-reset")
    notice = (
        f"the settings are the defaults; the old ones are kept as {kept}"
        if kept
        else (f"the settings are the defaults, but {path.name} cannot be moved")
    )
    return LoadedSettings(Settings(), (notice,))


def _aside(path: Path, why: str) -> str:
    """Give a file another name, which is returned; empty where that fails."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    other = path.with_name(f"{path.name}.{why}-{stamp}")
    try:
        path.replace(other)
    except OSError as error:
        _LOG.warning("%s cannot be renamed: %s", path, error)
        return ""
    return other.name


def _problem(value: object, default: object, metadata: Any) -> str | None:
    """Return what is wrong with a value, or None."""
    if isinstance(default, tuple):
        texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return None if texts else f"is {value!r}, not a list of texts"
    number = isinstance(default, float) and isinstance(value, int | float)
    if isinstance(value, bool) != isinstance(default, bool) or not (
        number or type(value) is type(default)
    ):
        return f"is {value!r}"
    if "choices" in metadata and value not in metadata["choices"]:
        return f"is {value!r}, not one of {', '.join(metadata['choices'])}"
    if "range" in metadata:
        low, high = metadata["range"]
        if not low <= value <= high:
            return f"is {value}, outside {low} to {high}"
    return None


def _set_aside(path: Path, error: Exception) -> str:
    """Keep a file that cannot be read under another name; return the notice."""
    kept = _aside(path, "broken")
    notice = f"{path.name} cannot be read ({error})" + (f"; it is kept as {kept}" if kept else "")
    _LOG.warning(notice)
    return notice


def save_settings(settings: Settings, path: Path) -> None:
    """Write the file; the old one stays whole until the new one is.

    Raises:
        OutputError: OUT-01 where the folder cannot be written.
    """
    lines = [f"{item.name} = {_toml(getattr(settings, item.name))}" for item in fields(settings)]
    try:
        write_atomically(("\n".join(lines) + "\n").encode(), path)
    except OSError as error:
        raise OutputError(
            "OUT-01",
            f"the window's settings cannot be written to {path} ({error.strerror})",
            "Check the folder's permissions and free space.",
        ) from error


def _toml(value: object) -> str:
    """Return a value as TOML: as JSON, but for DEL, which TOML does not allow in strings.

    What is no text (undecodable bytes of a path) becomes question marks.
    """
    text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return text.encode("utf-8", "replace").decode("utf-8")


class SettingsStore(QObject):
    """Holds the settings; each concern reads and replaces its own keys.

    `changed` carries the new Settings; `saving` comes just before the file is written, for what
    is known only then.
    """

    changed = pyqtSignal(object)  # Settings
    saving = pyqtSignal()

    def __init__(
        self, settings: Settings, path: Path | None, parent: QObject | None = None
    ) -> None:
        """Start with what was loaded; they are written to path, or nowhere for None."""
        super().__init__(parent)
        self._settings = settings
        self._path = path
        self._timer = QTimer(self)
        self._timer.setInterval(_SAVE_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.save)

    @property
    def path(self) -> Path | None:
        """Where they are written; None for nowhere."""
        return self._path

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._settings

    def keep(self, settings: Settings) -> None:
        """Take new settings, as `replace(store.settings, key=value)`, and write them soon."""
        if settings != self._settings:
            self._settings = settings
            self.changed.emit(settings)
            self._timer.start()

    def save(self) -> None:
        """Write the file now; the program goes on where that fails."""
        self.saving.emit()
        self._timer.stop()
        if self._path is None:
            return
        try:
            save_settings(self._settings, self._path)
        except OutputError as error:
            _LOG.warning("%s", error)


def to_text(data: bytes) -> str:
    """Return what Qt saved as a string for the file."""
    return base64.b64encode(data).decode("ascii")


def from_text(text: str) -> bytes:
    """Return the bytes of to_text; none where the text is not such."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
