"""Dexter+Object (Sridhar et al. 2016): a left hand with a cuboid, a test set of fingertips.

Official layout, below the folder that the download unpacks to:

    data/Grasp1/color/*.png    data/Grasp1/annotations/Grasp13D.txt  [my_Grasp13D.txt]
    also Grasp2, Occlusion, Pinch, Rigid, Rotate

A line holds a frame's tips, thumb to little finger: "x, y, z; x, y, z; ...", in mm, frame of the
depth camera with x to the left and y up, so both are negated here; a z of 32001 means that the
depth camera saw nothing there. `my_*3D.txt`, where it is there, is the file that public readers
take. The colour camera has its own place: x_colour = R x_depth + t (the data set's calibration).
Frames and lines are in the same order. Of the 21 keypoints five are known: the rest has
confidence 0.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.geometry import project
from core.topology import NUM_JOINTS, TIPS
from training.datasets.sample import (
    MM,
    HandLabel,
    LabelledPicture,
    PictureSource,
    check_split,
    float32,
    require_paths,
    unreadable,
)

SPLITS = ("test",)
SEQUENCES = ("Grasp1", "Grasp2", "Occlusion", "Pinch", "Rigid", "Rotate")
COLOUR_K = np.array([[587.45209, 0, 325], [0, 600.67456, 249], [0, 0, 1]], np.float32)
COLOUR_R_FROM_DEPTH = np.array(
    [[0.9999, 0.0034, 0.0161], [-0.0033, 1.0, -0.0079], [-0.0162, 0.0079, 0.9998]]
)
COLOUR_T_FROM_DEPTH_MM = np.array([19.0473, -1.8514, -4.7501])
_AXES = np.array([-1.0, -1.0, 1.0])
_NO_DEPTH = 32001.0
_REMEDY = "Give the folder of Dexter+Object that holds data/Grasp1 ... data/Rotate."


def open_dexter_object(folder: Path, split: str) -> PictureSource:
    """List Dexter+Object; "test" is all there is.

    Raises:
        UsageError: USE-01 no such split.
        TrainingError: TRN-02 a path is missing, or pictures and labels do not fit together.
    """
    check_split("Dexter+Object", split, SPLITS)
    root = folder / "data"
    needed = [root / name / "color" for name in SEQUENCES]
    require_paths("Dexter+Object", needed + [_labels(root, name) for name in SEQUENCES], _REMEDY)
    keys: list[str] = []
    lines: list[str] = []
    for name in SEQUENCES:
        pictures = sorted(path.name for path in (root / name / "color").glob("*.png"))
        path = _labels(root, name)
        try:
            own = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
        except (OSError, ValueError) as error:
            raise unreadable(path, error) from error
        if len(own) != len(pictures) or not own:
            raise unreadable(path, f"{len(own)} lines for {len(pictures)} pictures in color/")
        keys += [f"data/{name}/color/{picture}" for picture in pictures]
        lines += own
    return PictureSource("Dexter+Object test", keys, partial(_read, folder, keys, lines))


def _labels(root: Path, name: str) -> Path:
    """Return a sequence's file of labels."""
    own = root / name / "annotations" / f"my_{name}3D.txt"
    return own if own.is_file() else root / name / "annotations" / f"{name}3D.txt"


def _tips_mm(line: str) -> NDArray[np.float64]:
    """Return the tips (5, 3) mm of a line, as they are written."""
    parts = [part for part in line.split(";") if part.strip()]
    tips = np.array([[float(number) for number in part.split(",")] for part in parts])
    if tips.shape != (len(TIPS), 3):
        raise ValueError(f"expected {len(TIPS)} tips, got {line!r}")
    return tips


def _read(folder: Path, keys: Sequence[str], lines: Sequence[str], index: int) -> LabelledPicture:
    """Read one picture's labels."""
    tips_mm = _tips_mm(lines[index])
    seen = np.isfinite(tips_mm).all(1) & (tips_mm[:, 2] > 0) & (tips_mm[:, 2] != _NO_DEPTH)
    in_colour_mm = (tips_mm[seen] * _AXES) @ COLOUR_R_FROM_DEPTH.T + COLOUR_T_FROM_DEPTH_MM
    rows = np.array(TIPS)[seen]
    joints = np.zeros((NUM_JOINTS, 3), np.float32)
    joints[rows] = in_colour_mm * MM
    keypoints = np.zeros((NUM_JOINTS, 2), np.float32)
    keypoints[rows] = project(joints[rows], COLOUR_K)
    known = np.isin(np.arange(NUM_JOINTS), rows)
    hand = HandLabel(
        side="left",
        keypoints_2d=keypoints,
        confidence=float32(known),
        joints_3d=joints,
        has_joint_3d=known,
    )
    return LabelledPicture(keys[index], folder / keys[index], COLOUR_K.copy(), (hand,))
