"""What is asked of a recording's export or cleaning, and which choices go together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.mesh_io.axes import AXES_NAMES, AxesName

#: Format -> the axes that it has unless others are asked for.
FORMATS: Final[Mapping[str, AxesName]] = {
    "glb": "scene",
    "bvh": "maya",
    "usd": "unity",
    "npz": "camera",
    "csv": "camera",
    "json": "camera",
    "obj": "scene",
    "ply": "scene",
    "mp4": "camera",
    "mano": "camera",
}
#: Formats without axes: a picture, and parameters in the camera's frame.
FIXED_AXES: Final = ("mp4", "mano")
RATES_HZ: Final = (0.1, 1000.0)
LONGEST_GAP_S: Final = 5.0
MOST_REFINE_STEPS: Final = 1000


def axes_choices(kind: str) -> tuple[AxesName, ...]:
    """Return the presets that make a difference to a format; none where its axes are fixed."""
    if kind in FIXED_AXES or kind == "glb":  # glTF fixes y up and metres
        return ()
    return tuple(name for name in AXES_NAMES if kind != "usd" or name != "camera")


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is asked of an export.

    Attributes:
        session: the folder `name.hands`.
        format: one of FORMATS.
        out: the file or folder; None for a name by the format.
        stem: that name without its ending, where `out` is None; None for the session's name in
            the current folder.
        start: first moment: seconds ("2.5") or a frame ("75f"); None for the beginning.
        end: the moment before which it ends; None for the end.
        rate_hz: frames per second; None for the recorded ones.
        axes: preset, or None for the format's own.
        track: this hand alone, or None for all.
        raw: as measured instead of as smoothed.
        correctives: GLB alone: the exact surface by morph targets.
        mano: MANO alone: the imported model; None for the one in the user's folder.
        overwrite: replace what is there.
    """

    session: Path
    format: str
    out: Path | None = None
    start: str | None = None
    end: str | None = None
    rate_hz: float | None = None
    axes: str | None = None
    track: int | None = None
    raw: bool = False
    correctives: bool = False
    mano: Path | None = None
    overwrite: bool = False
    stem: Path | None = None


@dataclass(frozen=True, slots=True)
class CleanOptions:
    """What is asked of a cleaning.

    Attributes:
        session: the folder `name.hands`; nothing in it is changed.
        out: the new folder; a name that is taken gets a number.
        longest_gap_s: gaps up to this are filled.
        refine_steps: first fit each hand to what the network saw, so many steps; 0 for not.
    """

    session: Path
    out: Path
    longest_gap_s: float = 0.5
    refine_steps: int = 0
