"""`manyhands mano import`: the user's own MANO file becomes a plain file that exports use."""

from dataclasses import dataclass, replace
from pathlib import Path

from app.settings import FILE_NAME, load_settings, save_settings
from app.writers import reported
from core.assets import user_folders
from core.errors import ModelFileError
from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.mano_import import IMPORTED_NAME, WHERE_TO_GET, read_mano, save_mano


@dataclass(frozen=True, slots=True)
class ManoImport:
    """What an import has left.

    Attributes:
        path: of the plain file.
        sha256: of the file that was read.
        num_vertices: of the hand.
        warnings: what a person should look at, one line each.
    """

    path: Path
    sha256: str
    num_vertices: int
    warnings: tuple[str, ...]


def import_mano(source: Path) -> ManoImport:
    """Read the pickle, running nothing of it, and remember its SHA-256 in the settings.

    Raises:
        ModelFileError: the file is missing, hostile, damaged or something else.
        OutputError: the user's folder cannot be written.
    """
    imported = read_mano(source.expanduser())
    folders = user_folders()
    path = folders.data / IMPORTED_NAME
    with reported(path):
        save_mano(imported, path)
    settings_path = folders.config / FILE_NAME
    loaded = load_settings(settings_path)
    warnings = [*folders.notices, *loaded.notices]
    if imported.side == "left":
        warnings.append(
            f"{source.name} is the left hand; it was turned into a right one. "
            "MANO_RIGHT.pkl is the one to give."
        )
    if imported.mended:
        warnings.append("Its shape directions had MANO_LEFT's known sign error, which was mended.")
    before = loaded.settings.mano_sha256
    if before not in ("", imported.sha256):
        warnings.append(
            f"It is another file than the one imported before (SHA-256 {before[:12]}...): another "
            "version of MANO, or not MANO at all. Exports use the new one."
        )
    save_settings(replace(loaded.settings, mano_sha256=imported.sha256), settings_path)
    return ManoImport(path, imported.sha256, imported.model.num_vertices, tuple(warnings))


def imported_mano(path: Path | None) -> HandModel:
    """Return the imported hand, or that of another such file.

    Raises:
        ModelFileError: MDL-01 nothing was imported, else the file is damaged.
    """
    chosen = user_folders().data / IMPORTED_NAME if path is None else path.expanduser()
    if path is None and not chosen.is_file():
        raise ModelFileError("MDL-01", "no MANO model was imported", WHERE_TO_GET)
    if chosen.suffix.casefold() == ".pkl":
        return read_mano(chosen).model
    return load_hand_model(chosen)
