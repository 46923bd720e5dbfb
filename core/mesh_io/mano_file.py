"""NPZ of MANO's own parameters, fitted to the takes' hands, with how far off they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.geometry import mirror_rotmat
from core.hand_model.file import HandModel
from core.hand_model.fit import HandFitter
from core.rotations_np import rotvec_from_rotmat
from core.session.take import HandTrack, Take
from core.session.tracks import frame_numbers
from core.types import Float32

ShowProgress = Callable[[int, int | None], None]

_README: Final = """MANO parameters of ManyHands' hands: one row per hand per frame, R rows in all.
Camera frame: x right, y down, z forward (OpenCV); metres, radians.
The parameters were fitted to the open hand that was tracked: see the errors, in millimetres.
frame            (R,)     int64    index of the frame in the take, from 0
timestamp_ns     (R,)     int64    time of the frame
track_id         (R,)     int64    identity over time
side             (R,)     text     "left" or "right": which of MANO's two models it is for
global_orient    (R, 3)   float32  axis-angle of the wrist
hand_pose        (R, 45)  float32  axis-angle of the 15 joints, without MANO's mean pose added
                                   (in smplx: use_pca=False, flat_hand_mean=True)
betas            (R, 10)  float32  one shape per hand
transl           (R, 3)   float32  what is added to MANO's vertices and joints, as in smplx
wrist            (R, 3)   float32  where the wrist joint comes to lie
joint_error_mm   (R,)     float32  mean distance of the 21 joints
surface_error_mm (R,)     float32  mean distance of 120 points of the surface
"""


def write_mano(
    path: Path, take: Take, model: HandModel, open_hand: HandModel, show_progress: ShowProgress
) -> tuple[float, float]:
    """Fit MANO to every hand of the take and write its parameters.

    Args:
        path: of the npz.
        take: with at least one hand.
        model: the user's right MANO; left hands are fitted in the mirror.
        open_hand: the right hand that the take is posed with.
        show_progress: called with hands done and in all; may raise to stop.

    Returns:
        The mean residuals of joints and of surface, mm.

    Raises:
        OSError: the file cannot be written.
    """
    fitter = HandFitter(model, open_hand)
    total = sum(len(track.timestamps_ns) for track in take.tracks)
    parts: list[dict[str, NDArray[Any]]] = []
    done = 0
    for track in take.tracks:

        def show(rows: int, of: int | None, before: int = done) -> None:
            show_progress(before + rows, total)

        parts.append(_rows(take, track, model, fitter, show))
        done += len(track.timestamps_ns)
    columns: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0]
    }
    order = np.lexsort((columns["track_id"], columns["frame"]))
    columns = {"README": np.array(_README)} | {k: part[order] for k, part in columns.items()}
    with path.open("wb") as stream:
        np.savez_compressed(stream, **columns)
    return float(columns["joint_error_mm"].mean()), float(columns["surface_error_mm"].mean())


def _rows(
    take: Take, track: HandTrack, model: HandModel, fitter: HandFitter, show: ShowProgress
) -> dict[str, NDArray[Any]]:
    is_left = track.side == "left"
    sign = np.array([-1, 1, 1], np.float32) if is_left else np.ones(3, np.float32)

    def turned(pose: Float32) -> Float32:
        return mirror_rotmat(pose) if is_left else pose

    fitted = fitter.fit(turned(track.pose), track.betas, track.transl * sign, show)
    count = len(fitted.pose)
    rotvec = rotvec_from_rotmat(turned(fitted.pose)).astype(np.float32)
    rest_wrist = (model.J_regressor @ (model.v_template + model.shapedirs @ fitted.betas))[0]
    return {
        "frame": frame_numbers(take, track).astype(np.int64),
        "timestamp_ns": track.timestamps_ns,
        "track_id": np.full(count, track.track_id, np.int64),
        "side": np.full(count, track.side),
        "global_orient": rotvec[:, 0],
        "hand_pose": rotvec[:, 1:].reshape(count, 45),
        "betas": np.tile(fitted.betas, (count, 1)),
        "transl": (fitted.transl - rest_wrist) * sign,
        "wrist": fitted.transl * sign,
        "joint_error_mm": 1e3 * fitted.joint_error,
        "surface_error_mm": 1e3 * fitted.surface_error,
    }
