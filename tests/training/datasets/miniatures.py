"""Official data sets in miniature: their exact layouts, made from hands that are known.

Orders are written down by the joints' names, cameras and units as the data sets' own documents
have them; nothing is taken from the adapters that are tested with these files.
"""

import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.io import savemat

from core.rotations_np import rotmat_from_rotvec, rotvec_from_rotmat
from core.topology import JOINT_NAMES

FINGERS = ("thumb", "index", "middle", "ring", "little")
RING_MCP = JOINT_NAMES.index("ring_mcp")
WIDTH, HEIGHT = 640, 480
K = np.array([[600.0, 0, 321], [0, 610, 237], [0, 0, 1]])
OPENGL = np.diag([1.0, -1, -1])
DEXTER = ("Grasp1", "Grasp2", "Occlusion", "Pinch", "Rigid", "Rotate")


@dataclass(frozen=True)
class Truth:
    """A hand as it is: joints (21, 3) m in our order and frame, pose (16, 3) rad, betas (10,)."""

    side: str
    joints: np.ndarray
    pose: np.ndarray
    betas: np.ndarray

    def pixels(self, camera: np.ndarray) -> np.ndarray:
        """Where its joints (21, 2) px are to be seen."""
        homogeneous = self.joints @ camera.T
        return homogeneous[:, :2] / homogeneous[:, 2:]


def some_hand(seed: int, side: str = "right", x: float = 0.0) -> Truth:
    """A hand like no other: each of its joints lies somewhere else."""
    draw = np.random.default_rng(seed)
    joints = draw.uniform(-0.08, 0.08, (21, 3)) + np.array([x, 0.01, 0.6])
    pose = draw.normal(0, 0.4, (16, 3))
    return Truth(side, joints, pose, draw.normal(0, 0.7, 10))


def ours(finger: str, level: int) -> int:
    """Our index of a finger's joint; level 1 is its base, 4 its tip."""
    return 1 + 4 * FINGERS.index(finger) + level - 1


def tips_first() -> list[int]:
    """Our indices in the order thumb to little finger, each from tip to base."""
    return [ours(finger, level) for finger in FINGERS for level in (4, 3, 2, 1)]


def paint(path: Path, size: tuple[int, int] = (WIDTH, HEIGHT), colour: Any = (90, 120, 60)) -> None:
    """Write an even picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = "L" if isinstance(colour, int) else "RGB"
    Image.new(mode, size, colour).save(path)


def paint_mask(path: Path, size: tuple[int, int], boxes: dict[Any, tuple[int, ...]]) -> None:
    """Write a picture of labels: value -> box (left, top, right, bottom), the last excluded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = "RGB" if isinstance(next(iter(boxes)), tuple) else "L"
    mask = Image.new(mode, size)
    for value, box in boxes.items():
        mask.paste(value, box)
    mask.save(path)


def write_json(path: Path, value: Any) -> None:
    """Write JSON; arrays become lists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, default=lambda array: array.tolist()), "utf-8")


def write_freihand(folder: Path, hands: list[Truth], versions: int = 4) -> Path:
    """Frames of right hands in `versions` colour versions; evaluation frames are the same."""
    size, draw = (224, 224), np.random.default_rng(5)
    Ks = [np.array([[480.0 + i, 0, 112], [0, 481, 111], [0, 0, 1]]) for i in range(len(hands))]
    mano = [[[*h.pose.flatten(), *h.betas, 112.0, 111.0, 0.7]] for h in hands]
    verts = [draw.normal(0, 0.1, (778, 3)) + np.array([0, 0, 0.6]) for _ in hands]
    for part in ("training", "evaluation"):
        write_json(folder / f"{part}_K.json", Ks)
        for i in range(len(hands) * (versions if part == "training" else 1)):
            paint(folder / part / "rgb" / f"{i:08d}.jpg", size, (40 * i % 250, 90, 60))
    write_json(folder / "training_mano.json", mano)
    write_json(folder / "training_xyz.json", [h.joints for h in hands])
    write_json(folder / "training_verts.json", verts)
    for i in range(len(hands)):
        box = (20 + i, 30, 120, 90)
        paint_mask(folder / "training" / "mask" / f"{i:08d}.jpg", size, {255: box})
    return folder


def write_ho3d(folder: Path, hands: list[Truth], suffix: str) -> Path:
    """One sequence each for training and evaluation; ".png" is version 2, ".jpg" version 3."""
    for part, sequence in (("train", "ABF10"), ("evaluation", "SM1")):
        names = [f"{i:04d}" for i in range(len(hands))]
        root = folder / part / sequence
        for name, hand in zip(names, hands, strict=True):
            paint(root / "rgb" / f"{name}{suffix}")
            write_pickle(root / "meta" / f"{name}.pkl", ho3d_meta(hand, part))
            if suffix == ".jpg" and part == "train":  # a quarter of the picture's size
                boxes = {(0, 255, 0): (0, 0, 30, 30), (0, 0, 255): (40, 20, 80, 60)}
                paint_mask(root / "seg" / f"{name}.png", (160, 120), boxes)
        lines = "\n".join(f"{sequence}/{name}" for name in names)
        (folder / f"{part}.txt").write_text(lines + "\n", "utf-8")
    return folder


def ho3d_meta(hand: Truth, part: str) -> dict[str, Any]:
    """A frame's meta file: OpenGL axes; MANO's joints, then the tips."""
    mano_order = [0]
    mano_order += [
        ours(finger, level)
        for finger in ("index", "middle", "little", "ring", "thumb")
        for level in (1, 2, 3)
    ]
    mano_order += [ours(finger, 4) for finger in FINGERS]
    joints = hand.joints[mano_order] * [1, -1, -1]
    pose = hand.pose.copy()
    pose[0] = rotvec_from_rotmat(OPENGL @ rotmat_from_rotvec(hand.pose[0]))
    meta: dict[str, Any] = {"camMat": K, "objName": "003_cracker_box", "objRot": np.zeros((3, 1))}
    if part == "evaluation":
        return meta | {"handJoints3D": joints[0], "handBoundingBox": [1, 2, 3, 4]}
    more = {"handPose": pose.flatten(), "handBeta": hand.betas, "handTrans": np.zeros(3)}
    return meta | more | {"handJoints3D": joints}


def write_pickle(path: Path, value: Any, protocol: int = 2) -> None:
    """Write a pickle with the names that numpy had when the data sets were published."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = pickle.dumps(value, protocol=protocol)
    path.write_bytes(data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))


def write_rhd(folder: Path, pictures: list[tuple[Truth, Truth]]) -> Path:
    """Pictures of a left and a right hand each, all keypoints to be seen but one of the right."""
    size = (320, 320)
    camera = np.array([[300.0, 0, 160], [0, 300, 160], [0, 0, 1]])
    for part in ("training", "evaluation"):
        labels = {}
        for i, (left, right) in enumerate(pictures):
            rows = [hand.joints[[0, *tips_first()]] for hand in (left, right)]
            xyz = np.concatenate(rows)
            uv = xyz @ camera.T
            seen = np.ones((42, 1))
            seen[21 + 1] = 0  # the tip of the right thumb
            uv_vis = np.concatenate([uv[:, :2] / uv[:, 2:], seen], 1)
            labels[i] = {"K": camera, "uv_vis": uv_vis, "xyz": xyz.astype(np.float32)}
            paint(folder / part / "color" / f"{i:05d}.png", size)
            boxes = {1: (0, 0, 300, 300), 2: (10, 10, 30, 30), 17: (30, 10, 50, 30)}
            boxes |= {18: (110, 10, 130, 30), 33: (130, 10, 150, 30)}
            paint_mask(folder / part / "mask" / f"{i:05d}.png", size, boxes)
        write_pickle(folder / part / f"anno_{part}.pickle", labels)
    return folder


def write_stb(folder: Path, hands: list[Truth]) -> Path:
    """12 videos that all show the same hands, with the palm centre as joint 0."""
    order = [ours(finger, level) for finger in reversed(FINGERS) for level in (1, 2, 3, 4)]
    frames = []
    for hand in hands:
        palm = (hand.joints[0] + hand.joints[RING_MCP]) / 2
        frames.append(np.concatenate([palm[None], hand.joints[order]]).T * 1000)
    (folder / "labels").mkdir(parents=True)
    for person, kind in product(range(1, 7), ("Counting", "Random")):
        video = f"B{person}{kind}"
        savemat(folder / "labels" / f"{video}_BB.mat", {"handPara": np.stack(frames, 2)})
        for frame, eye in product(range(len(hands)), ("left", "right")):
            paint(folder / "images" / video / f"BB_{eye}_{frame}.png")
    return folder


def write_dexter_object(folder: Path, hands: list[Truth]) -> Path:
    """Six sequences that all show the same hands; the fingertips alone are written."""
    R = np.array([[0.9999, 0.0034, 0.0161], [-0.0033, 1.0000, -0.0079], [-0.0162, 0.0079, 0.9998]])
    lines = []
    for hand in hands:
        tips = hand.joints[[ours(finger, 4) for finger in FINGERS]] * 1000
        depth = (tips - [19.0473, -1.8514, -4.7501]) @ np.linalg.inv(R).T
        depth *= [-1, -1, 1]
        lines.append("; ".join(", ".join(f"{x:.4f}" for x in tip) for tip in depth) + ";")
    for name in DEXTER:
        labels = folder / "data" / name / "annotations" / f"{name}3D.txt"
        labels.parent.mkdir(parents=True)
        labels.write_text("\n".join(lines) + "\n", "utf-8")
        for i in range(len(hands)):
            paint(folder / "data" / name / "color" / f"image_{i:05d}_color.png")
    return folder


def interhand_camera() -> tuple[np.ndarray, np.ndarray]:
    """Rotation (3, 3) of camera from world and position (3,) mm of the camera."""
    return rotmat_from_rotvec([0.4, -0.9, 0.3]), np.array([310.0, -45, 870])


def write_interhand(folder: Path, pictures: list[tuple[Truth, ...]], split: str = "train") -> Path:
    """Pictures of one hand or two, in one capture, each a frame of its own."""
    R, position = interhand_camera()
    images, annotations, joints, mano = [], [], {}, {}
    for i, hands in enumerate(pictures):
        world, valid, fits = np.zeros((42, 3)), np.zeros((42, 1), int), {}
        for hand in hands:
            first = 0 if hand.side == "right" else 21
            in_world = hand.joints * 1000 @ R + position
            world[first : first + 21] = in_world[[*tips_first(), 0]]
            valid[first : first + 21] = 1
            fits[hand.side] = interhand_mano(hand, R)
        name = f"Capture0/ROM01/cam400262/image{i}.jpg"
        kind = hands[0].side if len(hands) == 1 else "interacting"
        images.append({"id": 70 + i, "file_name": name, "width": 334, "height": 512,
                       "capture": 0, "subject": 1, "seq_name": "ROM01", "camera": "400262",
                       "frame_idx": i})  # fmt: skip
        label = {"id": 90 + i, "image_id": 70 + i, "bbox": [1, 2, 3, 4], "hand_type": kind}
        annotations.append(label | {"joint_valid": valid, "hand_type_valid": 1})
        joints[str(i)] = {"world_coord": world, "joint_valid": valid, "hand_type": kind}
        mano[str(i)] = {side: fits.get(side) for side in ("right", "left")}
        paint(folder / "images" / split / name, (334, 512))
    camera = {"campos": {"400262": position}, "camrot": {"400262": R},
              "focal": {"400262": K[[0, 1], [0, 1]]}, "princpt": {"400262": K[:2, 2]}}  # fmt: skip
    stem = folder / "annotations" / split / f"InterHand2.6M_{split}"
    write_json(stem.with_name(f"{stem.name}_data.json"),
               {"images": images, "annotations": annotations})  # fmt: skip
    write_json(stem.with_name(f"{stem.name}_camera.json"), {"0": camera})
    write_json(stem.with_name(f"{stem.name}_joint_3d.json"), {"0": joints})
    write_json(stem.with_name(f"{stem.name}_MANO_NeuralAnnot.json"), {"0": mano})
    return folder


def interhand_mano(hand: Truth, R: np.ndarray) -> dict[str, Any]:
    """MANO of the hand's own side, in the world: the truth's pose is a right hand's, mirrored."""
    rotations = rotmat_from_rotvec(hand.pose)
    if hand.side == "left":
        mirror = np.diag([-1.0, 1, 1])
        rotations = mirror @ rotations @ mirror
    rotations[0] = R.T @ rotations[0]
    pose = rotvec_from_rotmat(rotations).flatten()
    return {"pose": pose, "shape": hand.betas, "trans": [0, 0, 0]}


def write_all(root: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """Each data set's name, folder and splits; two hands each."""
    rights = [some_hand(1), some_hand(2)]
    lefts = [some_hand(3, "left"), some_hand(4, "left")]
    yield "freihand", write_freihand(root / "FreiHAND_pub_v2", rights), ["train", "test"]
    yield "ho3d", write_ho3d(root / "HO3D_v3", rights, ".jpg"), ["train", "test"]
    yield "rhd", write_rhd(root / "RHD_published_v2", [(lefts[0], rights[0])]), ["train", "test"]
    yield "stb", write_stb(root / "STB", lefts), ["train", "test"]
    yield "dexter_object", write_dexter_object(root / "dexter+object", lefts), ["test"]
    interhand = root / "InterHand2.6M"
    for split in ("train", "val", "test"):
        write_interhand(interhand, [(rights[0],), (rights[1], lefts[0])], split)
    yield "interhand", interhand, ["train", "val", "test"]
