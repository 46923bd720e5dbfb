"""Real pictures with weak 2D labels, read from WebDataset shards (`<key>.jpg` + `<key>.json`).

Labels come from a teacher that looked at each hand several times; how far its views disagree
becomes the confidence of each keypoint. There is no 3D truth in here: the teacher's own 3D is
kept as a hint for the directions of bones.
"""

import io
import json
import logging
import tarfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.errors import TrainingError
from core.geometry import intrinsics_from_fov
from core.topology import NUM_JOINTS
from core.types import Float32, UInt8
from training.datasets.rows import MAX_HANDS, Row, pool_of_rows, row_without_hands
from training.warp import PicturePool

log = logging.getLogger(__name__)

#: Unlabelled regions per picture at most.
MAX_REGIONS = 6
#: Disagreement of the teacher's views, in hand boxes, at which a keypoint counts half.
_HALF_CONFIDENCE_SPREAD = 0.04
#: Flags of pictures whose aspect was changed: their 2D is right, their 3D is not.
_DISTORTED = ("stretch", "shear", "square", "aspect")
#: The shards count pixels from the corner of the first one, the program from its centre.
_CORNER_TO_CENTRE_PX = 0.5


def iterate_samples(shards: Sequence[Path]) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """Yield (key, JPEG bytes, label) of every complete sample; labels that are no JSON are named.

    Raises:
        TrainingError: TRN-01 a shard is missing or not a tar file.
    """
    for key, jpeg, text in _files(shards):
        try:
            label = json.loads(text)
        except ValueError as error:
            log.warning("skipped %s: %s", key, error)
            continue
        yield key, jpeg, label


def _files(shards: Sequence[Path]) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield (key, JPEG bytes, JSON bytes) of every complete sample, shard by shard.

    Raises:
        TrainingError: TRN-01 a shard is missing or not a tar file.
    """
    for shard in shards:
        try:
            with tarfile.open(shard) as archive:
                members = {m.name: archive.extractfile(m) for m in archive if m.isfile()}
                data = {name: file.read() for name, file in members.items() if file}
        except (OSError, tarfile.TarError) as error:
            raise TrainingError(
                "TRN-01", f"shard {shard} cannot be read ({error})", "Check the --data folder."
            ) from error
        for name, text in data.items():
            key, _, extension = name.rpartition(".")
            if extension == "json" and f"{key}.jpg" in data:
                yield key, data[f"{key}.jpg"], text


def load_weak_pictures(shards: Sequence[Path], side_px: int = 416) -> PicturePool:
    """Read shards into memory; a broken sample is skipped, counted and named.

    Shards that do not fit are read a few at a time: training/datasets/shard_stream.py.

    Args:
        shards: tar files.
        side_px: S; larger pictures are refused as broken.

    Raises:
        TrainingError: TRN-01 a shard is missing, or none of the samples can be read.
    """
    return pictures_of(list(_files(shards)), side_px)


def pictures_of(samples: Sequence[tuple[str, bytes, bytes]], side_px: int = 416) -> PicturePool:
    """Decode samples (key, JPEG bytes, JSON bytes); broken ones are skipped, counted and named.

    Raises:
        TrainingError: TRN-01 none of the samples can be read.
    """

    def read(sample: tuple[str, bytes, bytes]) -> Row | str:
        key, jpeg, text = sample
        try:
            return _arrays(jpeg, json.loads(text), side_px)
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
            return f"{key}: {error}"

    with ThreadPoolExecutor() as pool:
        results = list(pool.map(read, samples))
    broken = [result for result in results if isinstance(result, str)]
    good = [result for result in results if not isinstance(result, str)]
    for reason in broken[:5]:
        log.warning("skipped %s", reason)
    if broken:
        log.warning("skipped %d of %d samples", len(broken), len(results))
    if not good:
        raise TrainingError("TRN-01", "no sample could be read", "Check the --data folder.")
    return pool_of_rows(good)


def _arrays(jpeg: bytes, label: dict[str, Any], side_px: int) -> Row:
    """Turn one sample into arrays of fixed shape."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    height, width = pixels.shape[:2]
    if max(height, width) > side_px:
        raise ValueError(f"picture of {width}x{height} px is larger than {side_px}")
    K = intrinsics_from_fov(width, height)
    arrays = row_without_hands(pixels, K, side_px, regions=MAX_REGIONS)
    distorted = any(word in flag for flag in label.get("flags", []) for word in _DISTORTED)
    regions = [region_xyxy(region) for region in label.get("unsure", [])]
    for slot, hand in enumerate(label["hands"]):
        if slot >= MAX_HANDS:
            regions.append(region_xyxy(hand))
            continue
        keypoints = hand_keypoints(hand)
        spread = np.asarray(hand["kp_spread_px"], np.float32)
        box_px = max(float(np.ptp(keypoints, axis=0).max()), 1.0)
        inside = ((keypoints >= 0) & (keypoints <= [width - 1, height - 1])).all(1)
        confidence = 1 / (1 + (spread / (_HALF_CONFIDENCE_SPREAD * box_px)) ** 2)
        arrays["valid"][slot] = True
        arrays["side"][slot] = ("left", "right").index(hand["side"])
        arrays["keypoints_2d"][slot] = keypoints
        # The teacher guesses joints outside of the picture; they are worth little.
        arrays["keypoint_confidence"][slot] = confidence * np.where(inside, 1.0, 0.2)
        arrays["hint_3d"][slot] = np.asarray(hand["keypoints_3d_teacher"], np.float32)
        arrays["has_hint"][slot] = not distorted
    for slot, region in enumerate(regions[:MAX_REGIONS]):
        arrays["ignore_xyxy"][slot] = region
    return arrays


def hand_keypoints(hand: dict[str, Any]) -> Float32:
    """Return a label's keypoints (21, 2) px, counted from the centre of the first pixel.

    Raises:
        ValueError: there are not 21 of them, or one is not finite.
    """
    keypoints = np.asarray(hand["keypoints_2d"], np.float32)
    if keypoints.shape != (NUM_JOINTS, 2) or not np.isfinite(keypoints).all():
        raise ValueError(f"keypoints_2d: expected {NUM_JOINTS} finite points")
    return keypoints - np.float32(_CORNER_TO_CENTRE_PX)


def region_xyxy(labelled: dict[str, Any]) -> Float32:
    """Return the box (4,) px of a hand or region, counted from the centre of the first pixel."""
    return np.asarray(labelled["bbox"], np.float32) - np.float32(_CORNER_TO_CENTRE_PX)


def load_backgrounds(shard: Path, height: int, width: int) -> Tensor:
    """Read a shard of pictures without people as (N, 3, height, width) uint8, cropped to fill.

    Raises:
        TrainingError: TRN-01 the shard cannot be read or holds no picture.
    """
    try:
        with tarfile.open(shard) as archive:
            jpegs = [
                file.read()
                for member in archive
                if member.name.endswith(".jpg") and (file := archive.extractfile(member))
            ]
    except (OSError, tarfile.TarError) as error:
        raise TrainingError(
            "TRN-01", f"shard {shard} cannot be read ({error})", "Check the --data folder."
        ) from error
    if not jpegs:
        raise TrainingError("TRN-01", f"no .jpg in {shard}", "Check the --data folder.")
    pictures = []
    for jpeg in jpegs:
        with Image.open(io.BytesIO(jpeg)) as picture:
            pictures.append(filling(picture.convert("RGB"), height, width))
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()


def filling(picture: Image.Image, height: int, width: int) -> UInt8:
    """Return the middle of a picture as (height, width, 3), scaled so that it fills that size."""
    scale = max(height / picture.height, width / picture.width)
    size = (max(width, round(picture.width * scale)), max(height, round(picture.height * scale)))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    resized = picture.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(resized.crop((left, top, left + width, top + height)))
