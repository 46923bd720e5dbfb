"""InterHand2.6M v1.0 (Moon et al. 2020): one hand or two that interact, many cameras.

Official layout, below the folder that an archive (5 or 30 fps) unpacks to:

    images/train/Capture0/.../cam400262/image12345.jpg       also val, test
    annotations/train/InterHand2.6M_train_data.json          COCO-like: pictures, annotations
    annotations/train/InterHand2.6M_train_camera.json        capture -> campos, camrot, focal, ...
    annotations/train/InterHand2.6M_train_joint_3d.json      capture -> frame -> world_coord, ...
    [annotations/train/InterHand2.6M_train_MANO_NeuralAnnot.json]   capture -> frame -> hand

Joints are in mm in the world: x_camera = camrot (x_world - campos), axes as OpenCV's. There are 42:
the right hand, then the left; each thumb to little finger from tip to base, then the wrist.
MANO's root rotation is in the world too, and the fingers are relative to MANO's mean pose
(`flat_hand_mean=False` in the official viewer).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.geometry import project
from core.rotations_np import rotmat_from_rotvec, rotvec_from_rotmat
from core.topology import NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS
from core.types import Float32, Side
from training.datasets.sample import (
    MIRROR_ROTVEC,
    MM,
    HandLabel,
    LabelledPicture,
    PictureSource,
    check_split,
    float32,
    require_paths,
    unreadable,
)

SPLITS = ("train", "val", "test")
#: joints[i] = one hand's 21 rows[OPENPOSE_FROM_INTERHAND[i]].
OPENPOSE_FROM_INTERHAND = (
    20, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 19, 18, 17, 16,
)  # fmt: skip
#: Side and first of its 21 rows.
_HANDS: tuple[tuple[Side, int], ...] = (("right", 0), ("left", NUM_JOINTS))
_SIDES = {"right": ("right",), "left": ("left",), "interacting": ("right", "left")}
_REMEDY = "Give the folder that holds images/ and annotations/ of InterHand2.6M v1.0."


@dataclass(frozen=True, slots=True, eq=False)
class _Labels:
    """The parsed files of one split; a row of `rows` is (picture, annotation)."""

    rows: list[tuple[dict[str, Any], dict[str, Any]]]
    cameras: dict[str, Any]
    joints: dict[str, Any]
    mano: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Camera:
    """R (3, 3) of camera_from_world, position (3,) mm in the world, K (3, 3) px."""

    R: NDArray[np.float64]
    position_mm: NDArray[np.float64]
    K: Float32


def open_interhand(folder: Path, split: str) -> PictureSource:
    """List InterHand2.6M with all of its annotations, those of people and of machines.

    The files of "train" are read whole, as in the official reader, and take several GB of memory.

    Raises:
        UsageError: USE-01 no such split.
        TrainingError: TRN-02 a path is missing or labels cannot be read.
    """
    check_split("InterHand2.6M", split, SPLITS)
    labels = folder / "annotations" / split
    stem = f"InterHand2.6M_{split}"
    data, camera, joint = (
        labels / f"{stem}_{name}.json" for name in ("data", "camera", "joint_3d")
    )
    require_paths("InterHand2.6M", [data, camera, joint, folder / "images" / split], _REMEDY)
    mano = labels / f"{stem}_MANO_NeuralAnnot.json"
    parsed = _Labels(
        rows=_rows(data),
        cameras=_load(camera),
        joints=_load(joint),
        mano=_load(mano) if mano.is_file() else {},
    )
    keys = [f"images/{split}/{picture['file_name']}" for picture, _ in parsed.rows]
    return PictureSource(f"InterHand2.6M {split}", keys, partial(_read, folder, keys, parsed))


def _load(path: Path) -> dict[str, Any]:
    """Return a JSON object."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if not isinstance(value, dict):
        raise unreadable(path, "it is no object")
    return value


def _rows(path: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return (picture, annotation) for each annotation; a picture has one."""
    data = _load(path)
    try:
        pictures = {picture["id"]: picture for picture in data["images"]}
        rows = [(pictures[label["image_id"]], label) for label in data["annotations"]]
        if any(".." in picture["file_name"] for picture, _ in rows):
            raise ValueError("a picture lies outside of the folder")
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable(path, repr(error)) from error
    return rows


def _read(folder: Path, keys: Sequence[str], labels: _Labels, index: int) -> LabelledPicture:
    """Read one picture's labels; hands of which nothing is labelled are left out."""
    picture, label = labels.rows[index]
    capture, frame = str(picture["capture"]), str(picture["frame_idx"])
    camera = _camera(labels.cameras[capture], str(picture["camera"]))
    world = labels.joints[capture][frame]
    joints = float32((_points(world["world_coord"]) - camera.position_mm) @ camera.R.T * MM)
    in_picture = float32(label["joint_valid"], 2 * NUM_JOINTS) > 0.5
    known = float32(world["joint_valid"], 2 * NUM_JOINTS) > 0.5
    mano = labels.mano.get(capture, {}).get(frame, {})
    sides = _SIDES[label["hand_type"]]
    hands = []
    for side, first in _HANDS:
        rows = first + np.array(OPENPOSE_FROM_INTERHAND)
        if side not in sides or not in_picture[rows].any():
            continue
        pose, betas = _mano(mano.get(side), side, camera)
        has_joint = known[rows]
        own = np.where(has_joint[:, None], joints[rows], np.float32([0, 0, 1]))
        hands.append(
            HandLabel(
                side=side,
                keypoints_2d=project(own, camera.K) * has_joint[:, None],
                confidence=(in_picture[rows] & has_joint).astype(np.float32),
                joints_3d=own * has_joint[:, None],
                has_joint_3d=has_joint,
                pose_rotvec=pose,
                pose_is_mean_relative=pose is not None,
                betas=betas,
            )
        )
    return LabelledPicture(keys[index], folder / keys[index], camera.K, tuple(hands))


def _points(values: Any) -> NDArray[np.float64]:
    """Return the world's 42 joints (42, 3) mm."""
    return np.array(values, np.float64).reshape(2 * NUM_JOINTS, 3)


def _camera(capture: dict[str, Any], name: str) -> _Camera:
    """Return one camera of a capture."""
    (fx, fy), (cx, cy) = capture["focal"][name], capture["princpt"][name]
    return _Camera(
        R=np.array(capture["camrot"][name], np.float64).reshape(3, 3),
        position_mm=np.array(capture["campos"][name], np.float64).reshape(3),
        K=float32([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], 3, 3),
    )


def _mano(
    label: dict[str, Any] | None, side: Side, camera: _Camera
) -> tuple[Float32 | None, Float32 | None]:
    """Return pose (16, 3) rad, in the camera frame and canonical form, and betas (10,)."""
    if label is None:
        return None, None
    pose = float32(label["pose"], NUM_MODEL_JOINTS, 3)
    pose[0] = rotvec_from_rotmat(camera.R @ rotmat_from_rotvec(pose[0]))
    if side == "left":
        pose *= MIRROR_ROTVEC
    return pose, float32(label["shape"], NUM_BETAS)
