"""One row per hand per frame: the columns that CSV and NPZ files share."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.geometry import project
from core.hand_model.poser import HandPoser
from core.mesh_io.axes import Axes
from core.rotations_np import rotvec_from_rotmat
from core.session.take import HandTrack, Take
from core.session.tracks import frame_numbers
from core.topology import NUM_BETAS, NUM_JOINTS

ShowProgress = Callable[[int, int | None], None]
#: Name -> array (R, ...); row i of every array is the same hand.
HandRows = Mapping[str, NDArray[Any]]

#: Hands that are posed at once: their meshes take 40 MB in the making.
_BLOCK: Final = 512
_CAMERA_FRAME: Final = "Camera frame: x right, y down, z forward (OpenCV); metres, pixels, radians."
_README: Final = """ManyHands results: one row per hand per frame, R rows in all.
Row i of every array is the same hand.
{frame}
frame         (R,)        int64    index of the picture in its source, from 0
source_name   (R,)        text     file or camera
timestamp_ns  (R,)        int64    presentation time of a file, monotonic clock of a live source
track_id      (R,)        int64    identity over time; -1 where pictures are independent
side          (R,)        text     "left" or "right", anatomical
score         (R,)        float32  of the detection, in [0, 1]
predicted     (R,)        bool     extrapolated, not seen in this frame
joints_2d     (R, 21, 2)  float32  px; the centre of the top-left pixel is (0, 0)
joints_3d     (R, 21, 3)  float32  {unit}; OpenPose order: wrist, thumb ... little, base to tip
transl        (R, 3)      float32  {unit}; position of the wrist joint
global_orient (R, 3)      float32  rad; axis-angle of the wrist in the frame above
hand_pose     (R, 45)     float32  rad; axis-angle of 15 joints relative to their parents:
                                   index 1-3, middle 1-3, little 1-3, ring 1-3, thumb 1-3
betas         (R, 10)     float32  shape coefficients
"""
#: Shape of a row and type of each column.
FIELDS: Final[Mapping[str, tuple[tuple[int, ...], type[Any]]]] = {
    "frame": ((), np.int64),
    "source_name": ((), np.str_),
    "timestamp_ns": ((), np.int64),
    "track_id": ((), np.int64),
    "side": ((), np.str_),
    "score": ((), np.float32),
    "predicted": ((), np.bool_),
    "joints_2d": ((NUM_JOINTS, 2), np.float32),
    "joints_3d": ((NUM_JOINTS, 3), np.float32),
    "transl": ((3,), np.float32),
    "global_orient": ((3,), np.float32),
    "hand_pose": ((45,), np.float32),
    "betas": ((NUM_BETAS,), np.float32),
}


def readme(axes: Axes | None = None) -> str:
    """Return what stands in a file to explain it; without axes for the camera frame."""
    if axes is None or axes.name == "camera":
        return _README.format(frame=_CAMERA_FRAME, unit="m")
    unit = unit_name(axes)
    frame = f"Frame: {axes.name}, right-handed, {axes.up} up, x right; {unit}, pixels, radians."
    return _README.format(frame=frame, unit=unit)


def unit_name(axes: Axes) -> str:
    """Return "m" or "cm"."""
    return "m" if axes.metres_per_unit == 1 else "cm"


def csv_columns(unit: str = "m") -> tuple[str, ...]:
    """Return the header of a CSV file: indices, then joints (px, unit), then parameters."""
    joints = (
        f"joint_{joint}_{part}"
        for joint in range(NUM_JOINTS)
        for part in ("u_px", "v_px", f"x_{unit}", f"y_{unit}", f"z_{unit}")
    )
    return (
        *("frame", "source_name", "timestamp_ns", "track_id", "side", "score", "predicted"),
        *joints,
        *(f"transl_{axis}_{unit}" for axis in "xyz"),
        *(f"global_orient_{axis}" for axis in "xyz"),
        *(f"hand_pose_{index}" for index in range(45)),
        *(f"betas_{index}" for index in range(NUM_BETAS)),
    )


def number_text(value: float) -> str:
    """Write a number so that float32 survives the round trip, in every locale alike."""
    return format(value, ".9g")


def hand_rows(
    take: Take, poser: HandPoser, axes: Axes, show_progress: ShowProgress
) -> dict[str, NDArray[Any]]:
    """Return every hand of every frame, by frame and then by track; each with its own betas."""
    total = sum(len(track.timestamps_ns) for track in take.tracks)
    done = 0
    parts: list[dict[str, NDArray[Any]]] = []
    for track in take.tracks:
        for start in range(0, len(track.timestamps_ns), _BLOCK):
            rows = slice(start, start + _BLOCK)
            parts.append(_block(take, track, rows, poser, axes))
            done += len(parts[-1]["frame"])
            show_progress(done, total)
    if not parts:
        return {name: np.zeros((0, *shape), kind) for name, (shape, kind) in FIELDS.items()}
    columns = {name: np.concatenate([part[name] for part in parts]) for name in FIELDS}
    order = np.lexsort((columns["track_id"], columns["frame"]))
    return {name: values[order] for name, values in columns.items()}


def _block(
    take: Take, track: HandTrack, rows: slice, poser: HandPoser, axes: Axes
) -> dict[str, NDArray[Any]]:
    pose, transl, betas = track.pose[rows], track.transl[rows], track.betas[rows]
    count = len(pose)
    joints = poser.pose(np.full(count, track.side == "right"), pose, betas, transl).joints_3d
    with np.errstate(divide="ignore", invalid="ignore"):  # a joint beside the lens
        joints_2d = project(joints, take.K)
    turned = pose.copy()
    turned[:, 0] = axes.rotations(pose[:, 0])
    rotvec = rotvec_from_rotmat(turned).astype(np.float32)
    return {
        "frame": frame_numbers(take, track)[rows].astype(np.int64),
        "source_name": np.full(count, take.name),
        "timestamp_ns": track.timestamps_ns[rows],
        "track_id": np.full(count, track.track_id, np.int64),
        "side": np.full(count, track.side),
        "score": track.score[rows],
        "predicted": ~track.seen[rows],
        "joints_2d": joints_2d,
        "joints_3d": axes.points(joints),
        "transl": axes.points(transl),
        "global_orient": rotvec[:, 0],
        "hand_pose": rotvec[:, 1:].reshape(count, 45),
        "betas": betas,
    }
