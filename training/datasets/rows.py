"""Samples as rows of arrays of fixed shape, by the names of TrainingBatch, and their stacking."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.topology import NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS
from core.types import Float32, UInt8
from training.batch import TrainingBatch
from training.warp import PicturePool

#: Hands per picture at most: no shard and no official data set labels more.
MAX_HANDS = 2

#: One picture's arrays, and "size": its (width, height) px.
Row = dict[str, NDArray[np.generic]]


def row_without_hands(pixels: UInt8, K: Float32, side_px: int, regions: int) -> Row:
    """Return the row of a picture before any hand is written into it.

    Args:
        pixels: (H, W, 3) RGB, at most side_px wide and high.
        K: (3, 3) px, of every hand.
        side_px: S of the square, black where the picture does not reach.
        regions: R, how many regions without loss there is room for.
    """
    height, width = pixels.shape[:2]
    image = np.zeros((3, side_px, side_px), np.uint8)
    image[:, :height, :width] = pixels.transpose(2, 0, 1)
    return {
        "image": image,
        "size": np.array([width, height], np.float32),
        "K": np.tile(K, (MAX_HANDS, 1, 1)),
        "valid": np.zeros(MAX_HANDS, bool),
        "side": np.zeros(MAX_HANDS, np.int64),
        "keypoints_2d": np.zeros((MAX_HANDS, NUM_JOINTS, 2), np.float32),
        "keypoint_confidence": np.zeros((MAX_HANDS, NUM_JOINTS), np.float32),
        "joints_3d": np.zeros((MAX_HANDS, NUM_JOINTS, 3), np.float32),
        "pose": np.tile(np.eye(3, dtype=np.float32), (MAX_HANDS, NUM_MODEL_JOINTS, 1, 1)),
        "betas": np.zeros((MAX_HANDS, NUM_BETAS), np.float32),
        "has_3d": np.zeros(MAX_HANDS, bool),
        "hint_3d": np.zeros((MAX_HANDS, NUM_JOINTS, 3), np.float32),
        "has_hint": np.zeros(MAX_HANDS, bool),
        "has_joints": np.zeros(MAX_HANDS, bool),
        "ignore_xyxy": np.zeros((regions, 4), np.float32),
    }


def pool_of_rows(rows: Sequence[Row]) -> PicturePool:
    """Stack rows into a pool."""
    stacked = {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}
    size = stacked.pop("size")
    return PicturePool(TrainingBatch(**stacked), size)
