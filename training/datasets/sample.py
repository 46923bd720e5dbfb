"""LabelledPicture: what every adapter of an official data set yields, and the way through one."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import TrainingError, UsageError
from core.topology import NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS
from core.types import Float32, Side

log = logging.getLogger(__name__)

#: A rotation vector in the mirror x -> -x.
MIRROR_ROTVEC = np.array([1, -1, -1], np.float32)
#: OpenCV camera axes from OpenGL ones: y and z point the other way.
OPENCV_FROM_OPENGL = np.diag([1.0, -1.0, -1.0])
MM = 1e-3
#: Broken samples that are named in the log; the rest is only counted.
_MOST_NAMED = 10
#: What reading one broken sample raises: files, formats, absent keys, wrong shapes.
BROKEN = (OSError, ValueError, KeyError, IndexError, TypeError)


@dataclass(frozen=True, slots=True)
class HandMask:
    """Where in a picture of labels a hand is: where a channel's value lies in a range.

    Attributes:
        path: picture of labels, perhaps smaller than the picture it belongs to.
        low: least value that is hand.
        high: greatest value that is hand.
        channel: RGB channel of the value; ignored for grey pictures.
    """

    path: Path
    low: int
    high: int
    channel: int = 0

    def read(self, width: int, height: int) -> NDArray[np.bool_]:
        """Return the mask (height, width), resized by nearest pixel.

        Raises:
            OSError: the file is missing or no picture.
        """
        with Image.open(self.path) as picture:
            if picture.mode not in ("L", "P", "I;16", "I"):
                picture = picture.convert("RGB").getchannel(self.channel)
            values = np.asarray(picture.resize((width, height), Image.Resampling.NEAREST))
        return (values >= self.low) & (values <= self.high)


@dataclass(frozen=True, slots=True, eq=False)
class HandLabel:
    """One labelled hand; what its data set does not give is None or has confidence 0.

    Attributes:
        side: anatomical.
        keypoints_2d: (21, 2) float32 px, OpenPose order.
        confidence: (21,) float32 in [0, 1] of keypoints_2d; 0 = no label, or not to be seen.
        joints_3d: (21, 3) float32 m, OpenCV camera frame, or None.
        has_joint_3d: (21,) bool, whether that joint of joints_3d is known; others are zero.
        vertices: (778, 3) float32 m, OpenCV camera frame, MANO's vertex order, or None.
        pose_rotvec: (16, 3) float32 rad, MANO joint order, the root in the OpenCV camera frame;
            left hands are mirrored into right-hand canonical form. None where not given.
        pose_is_mean_relative: whether rows 1-15 of pose_rotvec still lack MANO's `hands_mean`,
            which lies in the user's MANO file alone: see `absolute_pose_rotvec`.
        betas: (10,) float32 of MANO, or None.
        mask: where the hand is to be seen, or None.
    """

    side: Side
    keypoints_2d: Float32
    confidence: Float32
    joints_3d: Float32 | None = None
    has_joint_3d: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(NUM_JOINTS, bool))
    vertices: Float32 | None = None
    pose_rotvec: Float32 | None = None
    pose_is_mean_relative: bool = False
    betas: Float32 | None = None
    mask: HandMask | None = None

    def __post_init__(self) -> None:
        """Check shapes and numbers; arrays become read-only."""
        if self.side not in ("left", "right"):
            raise ValueError(f"side: expected left or right, got {self.side!r}")
        _freeze("keypoints_2d", self.keypoints_2d, (NUM_JOINTS, 2))
        _freeze("confidence", self.confidence, (NUM_JOINTS,))
        _freeze("has_joint_3d", self.has_joint_3d, (NUM_JOINTS,))
        _freeze("joints_3d", self.joints_3d, (NUM_JOINTS, 3))
        _freeze("vertices", self.vertices, (None, 3))
        _freeze("pose_rotvec", self.pose_rotvec, (NUM_MODEL_JOINTS, 3))
        _freeze("betas", self.betas, (NUM_BETAS,))
        if self.joints_3d is None and self.has_joint_3d.any():
            raise ValueError("has_joint_3d without joints_3d")

    def absolute_pose_rotvec(self, hands_mean: Float32) -> Float32:
        """Return the pose (16, 3) rad with MANO's mean pose added where the labels lack it.

        MANO adds rotation vectors: pose = labels + hands_mean (Romero et al. 2017).

        Args:
            hands_mean: (45,) rad of the right-hand MANO file. Left hands are stored mirrored, and
                so is their mean: it is the right hand's.
        """
        if self.pose_rotvec is None:
            raise ValueError("this hand has no pose")
        pose = self.pose_rotvec.copy()
        if self.pose_is_mean_relative:
            pose[1:] += hands_mean.reshape(-1, 3)
        return pose


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPicture:
    """A picture of an official data set with the hands that are labelled in it.

    Attributes:
        key: what a person finds the sample by: its path below the data set's folder.
        image_path: picture file.
        K: (3, 3) float32 px, or None where the data set does not tell.
        hands: labelled hands; empty where there is none.
    """

    key: str
    image_path: Path
    K: Float32 | None
    hands: tuple[HandLabel, ...]

    def __post_init__(self) -> None:
        """Check shapes and numbers; arrays become read-only."""
        _freeze("K", self.K, (3, 3))


def _freeze(name: str, array: NDArray[Any] | None, shape: tuple[int | None, ...]) -> None:
    """Check shape and finiteness, and make the array read-only."""
    if array is None:
        return
    fits = array.ndim == len(shape) and all(
        want in (None, have) for have, want in zip(array.shape, shape, strict=True)
    )
    if not fits:
        raise ValueError(f"{name}: expected {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} is not finite")
    array.setflags(write=False)


def float32(values: Any, *shape: int) -> Float32:
    """Return a new float32 array of the given shape.

    Raises:
        ValueError: the values do not fill that shape.
    """
    array = np.array(values, np.float32)
    return array.reshape(shape) if shape else array


@dataclass(frozen=True, slots=True, eq=False)
class PictureSource:
    """One split of a data set on disk, checked and listed but not read.

    Attributes:
        name: data set and split.
        keys: one for each picture: its path below the data set's folder.
        read: picture of an index; raises one of BROKEN where the sample is broken.
    """

    name: str
    keys: Sequence[str]
    read: Callable[[int], LabelledPicture]

    def __len__(self) -> int:
        """Return the number of listed pictures."""
        return len(self.keys)


class PictureStream(Iterator[LabelledPicture]):
    """Reads a source picture by picture; broken ones are skipped, counted and named.

    Attributes:
        skipped: broken samples so far.
    """

    def __init__(self, source: PictureSource, indices: Sequence[int] | None = None) -> None:
        """Start before the first of the given indices, or of all pictures."""
        self.source = source
        self.skipped = 0
        self._indices = range(len(source)) if indices is None else indices
        self._next = 0

    def __len__(self) -> int:
        """Return the number of listed pictures, broken ones included."""
        return len(self._indices)

    def spread(self, limit: int) -> "PictureStream":
        """Return a stream of at most `limit` pictures, evenly spread over this one's."""
        count = min(limit, len(self))
        chosen = [self._indices[i * len(self) // count] for i in range(count)]
        return PictureStream(self.source, chosen)

    def __next__(self) -> LabelledPicture:
        """Return the next picture that can be read."""
        while self._next < len(self._indices):
            index = self._indices[self._next]
            self._next += 1
            try:
                picture = self.source.read(index)
                if not picture.image_path.is_file():
                    raise FileNotFoundError(f"{picture.image_path} is missing")
            except BROKEN as error:
                self.skip(self.source.keys[index], error)
            else:
                return picture
        if self.skipped:
            log.warning("%s: skipped %d of %d", self.source.name, self.skipped, len(self))
        raise StopIteration

    def skip(self, key: str, reason: object) -> None:
        """Count a sample as broken and name it, also one that proves broken later."""
        self.skipped += 1
        if self.skipped <= _MOST_NAMED:
            log.warning("%s: skipped %s: %s", self.source.name, key, reason)


def check_split(name: str, split: str, splits: tuple[str, ...]) -> None:
    """Check that a data set has a split.

    Raises:
        UsageError: USE-01 it has not.
    """
    if split not in splits:
        raise UsageError(
            "USE-01", f"{name} has no split {split!r}", f"Choose one of: {', '.join(splits)}."
        )


def require_paths(name: str, paths: Sequence[Path], remedy: str) -> None:
    """Check that files and folders of a data set are there.

    Args:
        name: of the data set.
        paths: what must exist.
        remedy: what to do, in one line.

    Raises:
        TrainingError: TRN-02, with each missing path.
    """
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise TrainingError("TRN-02", f"{name}: missing {', '.join(missing)}", remedy)


def unreadable(path: Path, error: object) -> TrainingError:
    """Return the error for a file of labels that is there but cannot be used."""
    return TrainingError(
        "TRN-02", f"{path} cannot be read ({error})", "Download or unpack that file again."
    )
