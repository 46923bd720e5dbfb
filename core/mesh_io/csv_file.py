"""CSV: one line per hand per frame."""

import csv
from pathlib import Path
from typing import Final

import numpy as np

from core.mesh_io.axes import Axes
from core.mesh_io.hand_table import HandRows, csv_columns, unit_name

_NUMBERS: Final = ("transl", "global_orient", "hand_pose", "betas")


def write_csv(path: Path, rows: HandRows, axes: Axes) -> None:
    """Write the rows with a header that names units; float32 survives the round trip.

    Raises:
        OSError: the file cannot be written.
    """
    joints = np.concatenate((rows["joints_2d"], rows["joints_3d"]), axis=2)
    count = len(joints)
    columns = [joints.reshape(count, -1), *(rows[name].reshape(count, -1) for name in _NUMBERS)]
    numbers = np.concatenate(columns, axis=1)
    line = ",".join(["%.9g"] * (numbers.shape[1])) + "\n"
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        texts = csv.writer(stream, lineterminator=",")
        csv.writer(stream, lineterminator="\n").writerow(csv_columns(unit_name(axes)))
        for row in range(count):
            texts.writerow(
                (
                    rows["frame"][row],
                    rows["source_name"][row],
                    rows["timestamp_ns"][row],
                    rows["track_id"][row],
                    rows["side"][row],
                    f"{rows['score'][row]:.9g}",
                    int(rows["predicted"][row]),
                )
            )
            stream.write(line % tuple(numbers[row].tolist()))
