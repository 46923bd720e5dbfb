"""Labelled pictures for tests: hands of the real model with exact truth, and shards of them."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.geometry import intrinsics_from_fov
from core.hand_model.skinning_torch import mirror_x
from core.rotations import rotmat_from_rotvec
from core.topology import MIDDLE_MCP
from tests.networks import hand_layer
from training.batch import TrainingBatch

LEFT, RIGHT = 0, 1


def random_hands(
    count: int = 2, slots: int = 2, height: int = 96, width: int = 128, seed: int = 0
) -> TrainingBatch:
    """Hands anywhere near the middle, in any pose, size, side and light; 3D and 2D agree."""
    draw = torch.Generator().manual_seed(seed)
    hands = count * slots
    side = torch.randint(2, (count, slots), generator=draw)
    rotvec = 0.25 * torch.randn(hands, 16, 3, generator=draw)
    rotvec[:, 0] = torch.randn(hands, 3, generator=draw)
    pose = rotmat_from_rotvec(rotvec)
    betas = 0.7 * torch.randn(hands, 10, generator=draw)
    _, joints = hand_layer()(pose, betas)
    joints = mirror_x(joints - joints[:, MIDDLE_MCP : MIDDLE_MCP + 1], side.flatten() == LEFT)
    K = torch.from_numpy(intrinsics_from_fov(width, height))
    share = 0.35 + 0.3 * torch.rand(hands, 2, generator=draw)
    pixel = torch.cat([share * torch.tensor([width, height]), torch.ones(hands, 1)], 1)
    depth = 0.5 + 0.4 * torch.rand(hands, 1, generator=draw)
    joints = joints + (pixel @ torch.linalg.inv(K).T * depth)[:, None]
    projected = joints @ K.T
    grain = torch.randint(256, (count, 3, height // 4, width // 4), generator=draw)
    return TrainingBatch(
        image=grain.to(torch.uint8).repeat_interleave(4, 2).repeat_interleave(4, 3),
        K=K.expand(count, slots, 3, 3).clone(),
        valid=torch.ones(count, slots, dtype=torch.bool),
        side=side,
        keypoints_2d=(projected[..., :2] / projected[..., 2:]).view(count, slots, 21, 2),
        keypoint_confidence=torch.ones(count, slots, 21),
        joints_3d=joints.view(count, slots, 21, 3),
        pose=pose.view(count, slots, 16, 3, 3),
        betas=betas.view(count, slots, 10),
        has_3d=torch.ones(count, slots, dtype=torch.bool),
        ignore_xyxy=torch.zeros(count, 2, 4),
        albedo=torch.rand(count, slots, hand_layer().num_vertices, 3, generator=draw),
        light=torch.randn(count, slots, 27, generator=draw),
    )


def label_of(keypoints: np.ndarray, side: str, spread_px: float = 0.5) -> dict[str, Any]:
    """One hand's label as shards have it; keypoints (21, 2) px from the picture's corner."""
    return {
        "side": side,
        "bbox": [*keypoints.min(0).tolist(), *keypoints.max(0).tolist()],
        "keypoints_2d": keypoints.tolist(),
        "kp_spread_px": [spread_px] * len(keypoints),
        "keypoints_3d_teacher": np.full((21, 3), 0.01).tolist(),
    }


def fan(x: float = 20, y: float = 16, size: float = 24) -> np.ndarray:
    """(21, 2) px: something like an open hand, in a box of about `size` from (x, y)."""
    rows = [[0.5, 1.0]]
    rows += [[0.1 + 0.2 * finger, 0.6 - 0.2 * joint] for finger in range(5) for joint in range(4)]
    return np.array([x, y]) + size * np.array(rows)


def sample_files(
    key: str,
    hands: list[dict[str, Any]],
    width: int = 64,
    height: int = 48,
    **more: Any,
) -> dict[str, bytes]:
    """The two files of a sample: an even picture and its label."""
    label = {"hands": hands, "unsure": [], "flags": [], **more}
    return {f"{key}.jpg": jpeg(height, width), f"{key}.json": json.dumps(label).encode()}


def jpeg(height: int, width: int, colour: tuple[int, int, int] = (90, 120, 60)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def write_tar(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def write_data_folder(folder: Path) -> Path:
    """A folder as --data wants it: three real pictures and a background."""
    folder.mkdir()
    files = sample_files("one", [label_of(fan(), "right")])
    files |= sample_files("two", [label_of(fan(4), "left"), label_of(fan(34), "right")])
    files |= sample_files("none", [])
    write_tar(folder / "real-train-000.tar", files)
    write_tar(folder / "backgrounds-000.tar", {"room.jpg": jpeg(30, 40)})
    return folder


def root_relative(joints: Tensor) -> Tensor:
    """Joints (..., 21, 3) relative to the middle knuckle."""
    return joints - joints[..., MIDDLE_MCP : MIDDLE_MCP + 1, :]
