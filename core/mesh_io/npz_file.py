"""NPZ: the rows as arrays, without pickles."""

from pathlib import Path
from typing import Any

import numpy as np

from core.mesh_io.axes import Axes
from core.mesh_io.hand_table import HandRows, readme


def write_npz(path: Path, rows: HandRows, axes: Axes) -> None:
    """Write the rows, with a README inside that explains each array.

    Raises:
        OSError: the file cannot be written.
    """
    arrays: dict[str, Any] = {"README": np.array(readme(axes)), **rows}
    with path.open("wb") as stream:
        np.savez_compressed(stream, **arrays)
