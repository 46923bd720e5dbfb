"""JSON: one object per hand with columns over time, for programs that like no binary files."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.mesh_io.axes import Axes
from core.mesh_io.hand_table import HandRows, unit_name
from core.session.take import Take
from core.topology import JOINT_NAMES, MODEL_JOINT_NAMES

#: Raised where a reader of the old would misunderstand the new.
FORMAT: Final = 1
#: Digits after the point: a hundredth of a millimetre, and of a milliradian.
_DIGITS: Final = 5


def write_json(path: Path, take: Take, rows: HandRows, axes: Axes) -> None:
    """Write the hands; times are seconds from the take's first frame.

    Raises:
        OSError: the file cannot be written.
    """
    start_ns = int(take.timestamps_ns[0]) if len(take.timestamps_ns) else 0
    document = {
        "format": "manyhands-take",
        "version": FORMAT,
        "name": take.name,
        "frames": len(take.timestamps_ns),
        "start_ns": start_ns,
        "picture": {"width": take.width, "height": take.height, "K": take.K.tolist()},
        "axes": {"name": axes.name, "up": axes.up, "handedness": "right", "unit": unit_name(axes)},
        "joint_names": JOINT_NAMES,
        "pose_joint_names": MODEL_JOINT_NAMES,
        "hands": [
            _hand(rows, np.flatnonzero(rows["track_id"] == track.track_id), start_ns)
            for track in take.tracks
        ],
    }
    with path.open("w", encoding="utf-8", errors="backslashreplace") as stream:
        json.dump(document, stream, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        stream.write("\n")


def _hand(rows: HandRows, which: NDArray[np.intp], start_ns: int) -> dict[str, Any]:
    pose = np.concatenate((rows["global_orient"], rows["hand_pose"]), axis=1)[which]
    return {
        "track_id": int(rows["track_id"][which[0]]),
        "side": str(rows["side"][which[0]]),
        "frame": rows["frame"][which].tolist(),
        "time_s": np.round((rows["timestamp_ns"][which] - start_ns) / 1e9, 6).tolist(),
        "score": _rounded(rows["score"][which]),
        "seen": (~rows["predicted"][which]).tolist(),
        "joints": _rounded(rows["joints_3d"][which]),
        "wrist": _rounded(rows["transl"][which]),
        "pose_rotvec": _rounded(pose.reshape(-1, 16, 3)),
        "betas": _rounded(rows["betas"][which]),
    }


def _rounded(values: NDArray[np.floating]) -> Any:
    return np.round(values.astype(np.float64), _DIGITS).tolist()
