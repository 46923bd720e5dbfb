"""Pickles of data sets, read without running anything."""

from pathlib import Path
from typing import Any

from core.errors import TrainingError
from core.hand_model.inert_pickle import RefusedPickleError, plain, read_inert

#: The largest official file (RHD's training labels) has some 100 MB.
_MAX_FILE_BYTES = 1 << 30


def read_inert_pickle(path: Path) -> Any:
    """Return what a pickle holds: dicts, lists, tuples, sets, texts, numbers and numpy arrays.

    Texts of Python 2 are read as Latin-1, as the official readers do.

    Raises:
        OSError: the file cannot be opened.
        TrainingError: TRN-05 it asks for anything else, or is larger than labels can be.
        ValueError: it is damaged.
    """
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise _refusal(path, "is larger than a file of labels can be")
    try:
        return plain(read_inert(path.read_bytes()))
    except RefusedPickleError as error:
        raise _refusal(path, str(error)) from error
    except ValueError as error:
        raise ValueError(f"{path} is no readable pickle ({error})") from error


def _refusal(path: Path, reason: str) -> TrainingError:
    """Return the error for a file that is not read."""
    return TrainingError(
        "TRN-05", f"{path} {reason}", "Do not open it; download the data set again."
    )
