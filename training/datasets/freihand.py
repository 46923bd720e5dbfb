"""FreiHAND v1 and v2 (Zimmermann et al. 2019): right hands before a green screen.

Official layout, below the folder that `FreiHAND_pub_v2.zip` unpacks to:

    training_K.json  training_mano.json  training_xyz.json  [training_verts.json]
    training/rgb/00000000.jpg ...    training/mask/00000000.jpg ...
    evaluation_K.json    evaluation/rgb/00000000.jpg ...
    [evaluation_xyz.json  evaluation_mano.json  evaluation_verts.json]   published later

32 560 training frames lie in `rgb` up to four times, with the background replaced: version v of
frame i is picture i + v * 32560. Joints are in our order, metres, OpenCV camera frame.
`mano` has 61 numbers: 48 of pose (axis-angle; the 45 of the fingers relative to MANO's mean pose,
as the official viewer's `use_mean_pose=True` says), 10 of shape, 2 of the root's pixel, 1 scale.
"""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.geometry import project
from core.topology import NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS
from core.types import Float32
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
_VERSIONS = 4
_POSE_NUMBERS = 3 * NUM_MODEL_JOINTS
_MANO_NUMBERS = _POSE_NUMBERS + NUM_BETAS + 3
#: The masks are JPEG pictures of black and white.
_WHITE = 128
_REMEDY = "Give the folder that FreiHAND_pub_v2.zip unpacks to."


def open_freihand(folder: Path, split: str, with_vertices: bool = False) -> PictureSource:
    """List FreiHAND: "train" is its training set, "test" its evaluation set; it has no other.

    The evaluation set's labels were published after its pictures: without `evaluation_xyz.json`
    its hands have no keypoints.

    Args:
        folder: as above.
        split: one of SPLITS.
        with_vertices: read the meshes too, which takes several GB of memory for "train".

    Raises:
        UsageError: USE-01 no such split.
        TrainingError: TRN-02 a path is missing, or labels cannot be read.
    """
    check_split("FreiHAND", split, SPLITS)
    part = "training" if split == "train" else "evaluation"
    names = ["K"]
    if split == "train":
        names += ["mano", "xyz"]
    if with_vertices:
        names.append("verts")
    needed = [folder / f"{part}_{name}.json" for name in names] + [folder / part / "rgb"]
    if split == "train":
        needed.append(folder / part / "mask")
    require_paths("FreiHAND", needed, _REMEDY)
    labels = {name: _load(folder / f"{part}_{name}.json") for name in names}
    for name in ("mano", "xyz"):
        if name not in labels and (folder / f"{part}_{name}.json").exists():
            labels[name] = _load(folder / f"{part}_{name}.json")
    frames = len(labels["K"])
    for name, rows in labels.items():
        if len(rows) != frames:
            raise unreadable(folder / f"{part}_{name}.json", f"{len(rows)} of {frames} rows")
    rgb = folder / part / "rgb"
    versions = [v for v in range(_VERSIONS) if (rgb / f"{v * frames:08d}.jpg").is_file()]
    if split == "test" or not versions:
        versions = [0]
    pictures = [version * frames + frame for version in versions for frame in range(frames)]
    keys = [f"{part}/rgb/{picture:08d}.jpg" for picture in pictures]
    return PictureSource(f"FreiHAND {split}", keys, partial(_read, folder, keys, labels))


def _load(path: Path) -> list[Any]:
    """Return the rows of a JSON file."""
    try:
        rows = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if not isinstance(rows, list):
        raise unreadable(path, "it is no list")
    if path.stem.endswith("verts"):  # as lists of numbers they would take eight times the memory
        return [np.array(row, np.float32) for row in rows]
    return rows


def _read(
    folder: Path, keys: Sequence[str], labels: dict[str, list[Any]], index: int
) -> LabelledPicture:
    """Read one picture's labels."""
    frame = index % len(labels["K"])
    K = float32(labels["K"][frame], 3, 3)
    image = folder / keys[index]
    mask = image.parents[1] / "mask" / f"{frame:08d}.jpg"  # all versions share the frame's
    return LabelledPicture(keys[index], image, K, (_hand(labels, frame, K, mask),))


def _hand(labels: dict[str, list[Any]], frame: int, K: Float32, mask: Path) -> HandLabel:
    """Return the frame's hand; evaluation pictures have no mask."""
    joints = pose = betas = None
    keypoints = np.zeros((NUM_JOINTS, 2), np.float32)
    if "xyz" in labels:
        joints = float32(labels["xyz"][frame], NUM_JOINTS, 3)
        keypoints = project(joints, K)
    if "mano" in labels:
        mano = float32(labels["mano"][frame], _MANO_NUMBERS)
        pose = mano[:_POSE_NUMBERS].reshape(-1, 3)
        betas = mano[_POSE_NUMBERS : _POSE_NUMBERS + NUM_BETAS]
    return HandLabel(
        side="right",
        keypoints_2d=keypoints,
        confidence=np.full(NUM_JOINTS, joints is not None, np.float32),
        joints_3d=joints,
        has_joint_3d=np.full(NUM_JOINTS, joints is not None),
        vertices=labels["verts"][frame].copy() if "verts" in labels else None,
        pose_rotvec=pose,
        pose_is_mean_relative=pose is not None,
        betas=betas,
        mask=HandMask(mask, _WHITE, 255) if mask.is_file() else None,
    )
