"""Biovision hierarchy: one hand per file, a text of offsets and Euler angles.

The format knows neither axes nor unit; its readers take y as up. Angles are those of
R = Rz Rx Ry, in degrees, in the order in which the channels are named.
"""

from pathlib import Path
from typing import Final, TextIO

import numpy as np
from numpy.typing import NDArray

from core.mesh_io.motion import TIP_PARENTS, HandMotion
from core.topology import MODEL_JOINT_NAMES, MODEL_PARENTS, NUM_MODEL_JOINTS
from core.types import Float32

Float64 = NDArray[np.float64]
_TURNS: Final = "Zrotation Xrotation Yrotation"
_GIMBAL: Final = 1e-6


def write_bvh(path: Path, hand: HandMotion, rate_hz: float) -> None:
    """Write one hand whose frames come at an even rate; where it is missing it holds its pose.

    Raises:
        OSError: the file cannot be written.
    """
    angles = zxy_degrees(hand.rotmat)
    turned = np.unwrap(angles, period=360, axis=0).reshape(len(angles), -1)
    with path.open("w", encoding="ascii", newline="\n") as stream:
        stream.write("HIERARCHY\n")
        order = _write_joint(stream, hand, 0, 0)
        stream.write(f"MOTION\nFrames: {len(angles)}\nFrame Time: {1 / rate_hz:.9f}\n")
        columns = np.array([[3 * joint, 3 * joint + 1, 3 * joint + 2] for joint in order]).ravel()
        rows = np.concatenate((hand.root, turned[:, columns]), axis=1)
        line = " ".join(["%.6f"] * rows.shape[1]) + "\n"
        stream.writelines(line % tuple(row) for row in rows.tolist())


def _write_joint(stream: TextIO, hand: HandMotion, joint: int, depth: int) -> list[int]:
    """Write a joint and those below it; return them in the order of their channels."""
    pad = "\t" * depth
    parent = MODEL_PARENTS[joint]
    offset = hand.rest_joints[joint] - (hand.rest_joints[parent] if parent >= 0 else 0)
    kind = "JOINT" if parent >= 0 else "ROOT"
    channels = f"3 {_TURNS}" if parent >= 0 else f"6 Xposition Yposition Zposition {_TURNS}"
    stream.write(f"{pad}{kind} {MODEL_JOINT_NAMES[joint]}\n{pad}{{\n")
    stream.write(f"{pad}\tOFFSET {_offset(offset)}\n{pad}\tCHANNELS {channels}\n")
    order = [joint]
    for child in range(NUM_MODEL_JOINTS):
        if MODEL_PARENTS[child] == joint:
            order += _write_joint(stream, hand, child, depth + 1)
    if joint in TIP_PARENTS:
        tip = hand.rest_tips[TIP_PARENTS.index(joint)] - hand.rest_joints[joint]
        stream.write(f"{pad}\tEnd Site\n{pad}\t{{\n{pad}\t\tOFFSET {_offset(tip)}\n{pad}\t}}\n")
    stream.write(f"{pad}}}\n")
    return order


def _offset(vector: Float32) -> str:
    return " ".join(f"{value:.6f}" for value in vector.tolist())


def zxy_degrees(rotmat: NDArray[np.floating]) -> Float64:
    """Angles (..., 3) about z, x, y in degrees with Rz Rx Ry = rotmat (..., 3, 3).

    Where x is at 90 degrees z and y turn about the same line: y is 0 there.
    """
    matrix = rotmat.astype(np.float64)
    cosine = np.hypot(matrix[..., 0, 1], matrix[..., 1, 1])
    x = np.arctan2(matrix[..., 2, 1], cosine)
    locked = cosine < _GIMBAL
    z = np.where(
        locked,
        np.arctan2(matrix[..., 1, 0], matrix[..., 0, 0]),
        np.arctan2(-matrix[..., 0, 1], matrix[..., 1, 1]),
    )
    y = np.where(locked, 0, np.arctan2(-matrix[..., 2, 0], matrix[..., 2, 2]))
    return np.asarray(np.degrees(np.stack((z, x, y), axis=-1)))
