"""STB, the stereo hand pose tracking benchmark (Zhang et al. 2017): one person's left hand.

Official layout, all below one folder:

    labels/B1Counting_BB.mat ...       B1 to B6, Counting and Random
    images/B1Counting/BB_left_0.png  BB_right_0.png  BB_left_1.png ...

The Bumblebee stereo camera ("BB") saw 12 videos of 1500 frames; with both of its cameras that is
36 000 pictures: B1 is the test set (6 000), B2 to B6 the training set (30 000). Labels hold
`handPara` (3, 21, frames) in mm, camera frame of the left camera; the right one lies 120.054 mm
further along x. Both are rectified, with the same K.

The rows are: palm centre, then little finger to thumb, each from base to tip. Row 0 is not the
wrist. As in Zimmermann and Brox 2017 (and Ge et al. 2019) the palm centre is taken for the middle
between the wrist and the ring finger's knuckle: wrist = knuckle + 2 (palm - knuckle).
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from core.geometry import project
from core.topology import NUM_JOINTS, WRIST
from core.types import Float32
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

SPLITS = ("train", "test")
#: joints[i] = handPara[:, OPENPOSE_FROM_STB[i]]; row 0 is still the palm centre.
OPENPOSE_FROM_STB = (
    0, 17, 18, 19, 20, 13, 14, 15, 16, 9, 10, 11, 12, 5, 6, 7, 8, 1, 2, 3, 4,
)  # fmt: skip
STB_K = np.array([[822.79041, 0, 318.47345], [0, 822.79041, 250.31296], [0, 0, 1]], np.float32)
STB_BASELINE_MM = 120.054
_RING_MCP = 13
_PEOPLE = {"train": range(2, 7), "test": range(1, 2)}
_EYES = ("left", "right")
_REMEDY = "Give the folder that holds labels/*_BB.mat and images/B1Counting ... B6Random."


def open_stb(folder: Path, split: str) -> PictureSource:
    """List STB: "train" is B2 to B6, "test" is B1; it has no other.

    Raises:
        UsageError: USE-01 no such split.
        TrainingError: TRN-02 a path is missing or labels cannot be read.
    """
    check_split("STB", split, SPLITS)
    videos = [f"B{n}{kind}" for n in _PEOPLE[split] for kind in ("Counting", "Random")]
    needed = [folder / "labels" / f"{video}_BB.mat" for video in videos]
    require_paths("STB", needed + [folder / "images" / video for video in videos], _REMEDY)
    keys, labels = [], []
    for video, path in zip(videos, needed, strict=True):
        hand_para = _load(path)
        for frame, eye in ((f, e) for f in range(hand_para.shape[2]) for e in _EYES):
            keys.append(f"images/{video}/BB_{eye}_{frame}.png")
            labels.append(hand_para[:, :, frame])
    return PictureSource(f"STB {split}", keys, partial(_read, folder, keys, labels))


def _load(path: Path) -> NDArray[np.float64]:
    """Return `handPara` (3, 21, frames) mm of a MATLAB file."""
    try:
        hand_para = np.asarray(loadmat(path)["handPara"], np.float64)
    except (OSError, ValueError, KeyError, TypeError, NotImplementedError, MatReadError) as error:
        raise unreadable(path, error) from error
    if hand_para.ndim != 3 or hand_para.shape[:2] != (3, NUM_JOINTS):
        raise unreadable(path, f"handPara has the shape {hand_para.shape}")
    return hand_para


def wrist_from_palm(joints: Float32) -> Float32:
    """Return joints (21, 3) whose row 0, the palm centre, has become the wrist."""
    moved = joints.copy()
    moved[WRIST] = joints[_RING_MCP] + 2 * (joints[WRIST] - joints[_RING_MCP])
    return moved


def _read(
    folder: Path, keys: Sequence[str], labels: Sequence[NDArray[np.float64]], index: int
) -> LabelledPicture:
    """Read one picture's labels."""
    xyz_mm = labels[index].T[list(OPENPOSE_FROM_STB)]
    if _EYES[index % 2] == "right":
        xyz_mm = xyz_mm - [STB_BASELINE_MM, 0, 0]
    joints = wrist_from_palm(float32(xyz_mm * MM))
    hand = HandLabel(
        side="left",
        keypoints_2d=project(joints, STB_K),
        confidence=np.ones(NUM_JOINTS, np.float32),
        joints_3d=joints,
        has_joint_3d=np.ones(NUM_JOINTS, bool),
    )
    return LabelledPicture(keys[index], folder / keys[index], STB_K.copy(), (hand,))
