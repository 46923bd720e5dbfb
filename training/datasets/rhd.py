"""RHD, the Rendered Handpose Dataset (Zimmermann and Brox 2017): synthetic people, both hands.

Official layout, below the folder that `RHD_v1-1.zip` unpacks to (`RHD_published_v2`):

    training/anno_training.pickle      training/color/00000.png    training/mask/00000.png
    evaluation/anno_evaluation.pickle  evaluation/color/...        evaluation/mask/...

The pickle is a dict: number of the picture -> {"K": (3, 3), "uv_vis": (42, 3) px and whether to be
seen, "xyz": (42, 3) m, OpenCV camera frame}. The first 21 rows are the left hand: wrist, then
thumb to little finger, each from its tip to its base. Masks: 0 background, 1 the person, 2-17 the
left hand, 18-33 the right one. The labels are those of the wrist, not of the palm.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.topology import NUM_JOINTS
from core.types import Side
from training.datasets.inert_pickle import read_inert_pickle
from training.datasets.sample import (
    HandLabel,
    HandMask,
    LabelledPicture,
    PictureSource,
    check_split,
    float32,
    require_paths,
    unreadable,
)

SPLITS = ("train", "test")
#: joints[i] = one hand's 21 rows[OPENPOSE_FROM_RHD[i]]: fingers run from tip to base there.
OPENPOSE_FROM_RHD = (
    0, 4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9, 16, 15, 14, 13, 20, 19, 18, 17,
)  # fmt: skip
#: Side, first row of its 21, values of its parts in the mask.
_HANDS: tuple[tuple[Side, int, int, int], ...] = (("left", 0, 2, 17), ("right", 21, 18, 33))
_REMEDY = "Give the folder RHD_published_v2 that RHD_v1-1.zip unpacks to."


def open_rhd(folder: Path, split: str) -> PictureSource:
    """List RHD: "train" is its training set, "test" its evaluation set; it has no other.

    Raises:
        UsageError: USE-01 no such split.
        TrainingError: TRN-02 a path is missing or the labels cannot be read, TRN-05 they are more
            than data.
    """
    check_split("RHD", split, SPLITS)
    part = "training" if split == "train" else "evaluation"
    labels_path = folder / part / f"anno_{part}.pickle"
    needed = [labels_path, folder / part / "color", folder / part / "mask"]
    require_paths("RHD", needed, _REMEDY)
    try:
        labels = read_inert_pickle(labels_path)
    except (OSError, ValueError) as error:
        raise unreadable(labels_path, error) from error
    if not isinstance(labels, dict) or not all(isinstance(n, int) and n >= 0 for n in labels):
        raise unreadable(labels_path, "it does not map numbers to labels")
    numbers = sorted(labels)
    keys = [f"{part}/color/{number:05d}.png" for number in numbers]
    return PictureSource(f"RHD {split}", keys, partial(_read, folder, keys, numbers, labels))


def _read(
    folder: Path,
    keys: Sequence[str],
    numbers: Sequence[int],
    labels: dict[int, dict[str, Any]],
    index: int,
) -> LabelledPicture:
    """Read one picture's labels; a hand of which nothing is to be seen is left out."""
    label = labels[numbers[index]]
    uv_vis = float32(label["uv_vis"], 2 * NUM_JOINTS, 3)
    xyz = float32(label["xyz"], 2 * NUM_JOINTS, 3)
    image = folder / keys[index]
    hands = []
    for side, first, low, high in _HANDS:
        rows = first + np.array(OPENPOSE_FROM_RHD)
        seen = uv_vis[rows, 2] > 0.5
        if not seen.any():
            continue
        hands.append(
            HandLabel(
                side=side,
                keypoints_2d=uv_vis[rows, :2],
                confidence=seen.astype(np.float32),
                joints_3d=xyz[rows],
                has_joint_3d=np.ones(NUM_JOINTS, bool),
                mask=HandMask(image.parents[1] / "mask" / image.name, low, high),
            )
        )
    return LabelledPicture(keys[index], image, float32(label["K"], 3, 3), tuple(hands))
