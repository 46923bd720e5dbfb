"""HO-3D version 2 and 3 (Hampali et al. 2020): right hands that hold objects.

Official layout, below the folder that the download unpacks to:

    train.txt  evaluation.txt                  one "SEQUENCE/FRAME" a line
    train/SEQUENCE/rgb/FRAME.png (v2) or .jpg (v3)    train/SEQUENCE/meta/FRAME.pkl
    evaluation/SEQUENCE/...                    the same
    [train/SEQUENCE/seg/FRAME.png]             v3's rendered masks, a download of its own

Metres in an OpenGL camera frame (y up, z to the viewer): y and z are negated here, and the root's
rotation is turned with them. `handJoints3D` has MANO's 16 joints and the tips of thumb to little
finger. `handPose` is absolute (`flat_hand_mean=True` in the official viewer), the fingers too.
For evaluation frames the joint that is given is the wrist, alone.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from core.geometry import project
from core.rotations_np import rotmat_from_rotvec, rotvec_from_rotmat
from core.topology import NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS, OPENPOSE_FROM_MODEL, WRIST
from core.types import Float32
from training.datasets.inert_pickle import read_inert_pickle
from training.datasets.sample import (
    OPENCV_FROM_OPENGL,
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
#: joints[i] = handJoints3D[OPENPOSE_FROM_HO3D[i]].
OPENPOSE_FROM_HO3D = OPENPOSE_FROM_MODEL
#: The rendered masks hold the hand in their blue channel.
_BLUE, _HALF = 2, 128
_REMEDY = "Give the folder that HO3D_v2.zip or HO3D_v3.zip unpacks to."


def open_ho3d(folder: Path, split: str) -> PictureSource:
    """List HO-3D: "train" is its training set, "test" its evaluation set; it has no other.

    Raises:
        UsageError: USE-01 no such split.
        TrainingError: TRN-02 a path is missing; later, TRN-05 where a meta file is no data.
    """
    check_split("HO-3D", split, SPLITS)
    part = "train" if split == "train" else "evaluation"
    listing = folder / f"{part}.txt"
    require_paths("HO-3D", [listing, folder / part], _REMEDY)
    try:
        frames = listing.read_text("utf-8").split()
        pairs = [frame.split("/") for frame in frames]
    except (OSError, ValueError) as error:
        raise unreadable(listing, error) from error
    if not frames or any(len(pair) != 2 or ".." in pair for pair in pairs):
        raise unreadable(listing, 'lines are not "SEQUENCE/FRAME"')
    sequence, name = pairs[0]
    rgb, meta = folder / part / sequence / "rgb", folder / part / sequence / "meta"
    require_paths("HO-3D", [rgb, meta], _REMEDY)
    suffix = ".jpg" if (rgb / f"{name}.jpg").is_file() else ".png"
    require_paths("HO-3D", [rgb / f"{name}{suffix}"], _REMEDY)
    keys = [f"{part}/{sequence}/rgb/{name}{suffix}" for sequence, name in pairs]
    return PictureSource(f"HO-3D {split}", keys, partial(_read, folder, keys))


def _read(folder: Path, keys: Sequence[str], index: int) -> LabelledPicture:
    """Read one picture's labels."""
    image = folder / keys[index]
    sequence = image.parent.parent
    meta = read_inert_pickle(sequence / "meta" / f"{image.stem}.pkl")
    if not isinstance(meta, dict) or meta["handJoints3D"] is None:
        raise ValueError("the frame has no hand label")
    K = float32(meta["camMat"], 3, 3)
    given = float32(meta["handJoints3D"])
    if given.shape not in ((NUM_JOINTS, 3), (3,), (1, 3)):
        raise ValueError(f"handJoints3D has the shape {given.shape}")
    known = np.ones(NUM_JOINTS, bool)
    if given.size == 3:
        known = np.arange(NUM_JOINTS) == WRIST
        given = given.reshape(1, 3).repeat(NUM_JOINTS, 0)
    else:
        given = given[list(OPENPOSE_FROM_HO3D)]
    joints = (given @ OPENCV_FROM_OPENGL).astype(np.float32)
    mask = sequence / "seg" / f"{image.stem}.png"
    pose, betas = _mano(meta)
    hand = HandLabel(
        side="right",
        keypoints_2d=project(joints, K) * known[:, None],
        confidence=known.astype(np.float32),
        joints_3d=joints * known[:, None],
        has_joint_3d=known,
        pose_rotvec=pose,
        betas=betas,
        mask=HandMask(mask, _HALF, 255, _BLUE) if mask.is_file() else None,
    )
    return LabelledPicture(keys[index], image, K, (hand,))


def _mano(meta: dict[str, object]) -> tuple[Float32 | None, Float32 | None]:
    """Return pose (16, 3) rad in the OpenCV camera frame and betas (10,), where given."""
    if meta.get("handPose") is None or meta.get("handBeta") is None:
        return None, None
    pose = float32(meta["handPose"], NUM_MODEL_JOINTS, 3)
    root = OPENCV_FROM_OPENGL @ rotmat_from_rotvec(pose[0])
    pose[0] = rotvec_from_rotmat(root)
    return pose, float32(meta["handBeta"], NUM_BETAS)
