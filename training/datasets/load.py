"""Opening an official data set by its name."""

from pathlib import Path

from core.errors import UsageError
from training.datasets.dexter_object import open_dexter_object
from training.datasets.freihand import open_freihand
from training.datasets.ho3d import open_ho3d
from training.datasets.interhand import open_interhand
from training.datasets.rhd import open_rhd
from training.datasets.sample import PictureSource, PictureStream
from training.datasets.stb import open_stb

NAMES = ("freihand", "ho3d", "interhand", "rhd", "stb", "dexter_object")


def load_dataset(name: str, folder: Path, split: str) -> PictureStream:
    """Check and list a split of an official data set, and return a stream of its pictures.

    Labels are read picture by picture as the stream goes on. A broken sample is skipped, counted
    in `skipped` and named in the log.

    Args:
        name: one of NAMES; "ho3d" is version 2 or 3, whichever the folder holds.
        folder: what the official archive unpacks to; each adapter's file shows the layout.
        split: "train", "val" or "test", as far as the data set's authors define them.

    Raises:
        UsageError: USE-01 no such name, or no such split.
        TrainingError: TRN-02 the layout is another, with each path that was looked for.
    """
    return PictureStream(_open(name, folder, split))


def _open(name: str, folder: Path, split: str) -> PictureSource:
    """Open a data set's own adapter."""
    match name:
        case "freihand":
            return open_freihand(folder, split)
        case "ho3d":
            return open_ho3d(folder, split)
        case "interhand":
            return open_interhand(folder, split)
        case "rhd":
            return open_rhd(folder, split)
        case "stb":
            return open_stb(folder, split)
        case "dexter_object":
            return open_dexter_object(folder, split)
        case _:
            raise UsageError(
                "USE-01", f"unknown data set {name!r}", f"Choose one of: {', '.join(NAMES)}."
            )
