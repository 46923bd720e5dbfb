"""From labelled pictures of official data sets to the rows of a TrainingBatch."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from core.errors import TrainingError
from core.geometry import bbox_from_points, intrinsics_from_fov
from core.hand_model.file import HandModel
from core.rotations_np import rotmat_from_rotvec
from core.topology import MIDDLE_MCP
from core.types import Float32, UInt8
from training.datasets.rows import MAX_HANDS, Row, pool_of_rows, row_without_hands
from training.datasets.sample import BROKEN, HandLabel, LabelledPicture, PictureStream
from training.warp import PicturePool

#: A hand with fewer keypoints than this cannot be placed: five fingertips can.
_FEWEST_KEYPOINTS = 4


def load_labelled_pictures(
    stream: PictureStream, limit: int, side_px: int = 416, mano: HandModel | None = None
) -> PicturePool:
    """Read pictures, evenly spread over a stream, into memory for the trainer.

    What is broken is skipped, counted in `stream.skipped` and named. A hand with fewer than four
    labelled keypoints becomes a region without loss where its place is known all the same; else
    its picture is skipped too, for without the label it would teach that there is no hand.

    The result stands beside the weak shards: `concatenate(a.labels, b.labels)` and the sizes.
    True joints in 3D are in `joints_3d`: `has_joints` says where all 21 are known, and `hint_3d`
    has those of hands of which some are missing. MANO's poses and betas mean nothing to another
    hand model, so `has_3d` is False unless the network is trained on MANO itself.

    Args:
        stream: what `load_dataset` returns.
        limit: pictures at most; one takes 0.65 MB at 416 px.
        side_px: S, even; larger pictures are shrunk to fit.
        mano: the right-hand MANO model, where the network is trained on it.

    Raises:
        TrainingError: TRN-01 none of the pictures can be used, TRN-05 labels are no data.
    """
    chosen = stream.spread(limit)
    pictures = list(chosen)

    def read(picture: LabelledPicture) -> Row | Exception:
        try:
            return batch_row(picture, side_px, mano)
        except BROKEN as error:
            return error

    with ThreadPoolExecutor() as executor:
        results = list(executor.map(read, pictures))
    for picture, result in zip(pictures, results, strict=True):
        if isinstance(result, Exception):
            chosen.skip(picture.key, result)
    stream.skipped += chosen.skipped
    rows = [result for result in results if isinstance(result, dict)]
    if not rows:
        raise TrainingError(
            "TRN-01", f"{stream.source.name}: no picture could be used", "See the log for why."
        )
    return pool_of_rows(rows)


def batch_row(
    picture: LabelledPicture, side_px: int, mano: HandModel | None = None, with_masks: bool = False
) -> Row:
    """Return one picture's arrays by the names of TrainingBatch, and "size" (width, height) px.

    Args:
        picture: labels; the pixels are read here.
        side_px: S of the square, black where the picture does not reach; larger ones are shrunk.
        mano: see `load_labelled_pictures`.
        with_masks: read "hand_index" too, with -1 where no mask tells of a hand.

    Raises:
        OSError: the picture or a mask cannot be read.
        ValueError: it is unknown where a hand is, or there are too many hands.
    """
    if len(picture.hands) > MAX_HANDS:
        raise ValueError(f"{len(picture.hands)} hands")
    pixels, scale = _shrunk(picture, side_px)
    height, width = pixels.shape[:2]
    K = _intrinsics(picture.K, scale, width, height)
    row = row_without_hands(pixels, K, side_px, regions=MAX_HANDS)
    if with_masks:
        row["hand_index"] = np.full((side_px, side_px), -1, np.int8)
    for slot, hand in enumerate(picture.hands):
        if _fill(row, slot, hand, scale):
            _fill_3d(row, slot, hand, mano)
        if with_masks and hand.mask is not None:
            row["hand_index"][:height, :width][hand.mask.read(width, height)] = slot
    return row


def _shrunk(picture: LabelledPicture, side_px: int) -> tuple[UInt8, Float32]:
    """Return the pixels (H, W, 3), at most side_px wide and high, and by how much (x, y)."""
    with Image.open(picture.image_path) as file:
        image = file.convert("RGB")
    share = min(1.0, side_px / max(image.size))
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    scale = np.array(size, np.float32) / np.array(image.size, np.float32)
    if size != image.size:
        image = image.resize(
            size, Image.Resampling.BOX if share <= 0.5 else Image.Resampling.LANCZOS
        )
    return np.asarray(image), scale


def _scaled(points: Float32, scale: Float32) -> Float32:
    """Return pixels (..., 2) in a resized picture; pixel (0, 0) is the centre of the first one."""
    return np.asarray((points + 0.5) * scale - 0.5, np.float32)


def _intrinsics(K: Float32 | None, scale: Float32, width: int, height: int) -> Float32:
    """Return K (3, 3) px of the resized picture; a usual field of view where it is not known."""
    if K is None:
        return intrinsics_from_fov(width, height)
    resized = K.copy()
    resized[:2, :2] *= scale[:, None]
    resized[:2, 2] = _scaled(K[:2, 2], scale)
    return resized


def _fill(row: Row, slot: int, hand: HandLabel, scale: Float32) -> bool:
    """Write a hand's side and 2D labels, or a region without loss; say whether it is a hand."""
    known = hand.confidence > 0
    placed = known | hand.has_joint_3d  # a joint that is hidden, too, has its place
    keypoints = _scaled(hand.keypoints_2d, scale)
    if placed.sum() < _FEWEST_KEYPOINTS:
        raise ValueError(f"a hand with {placed.sum()} keypoints cannot be placed")
    if known.sum() < _FEWEST_KEYPOINTS:
        row["ignore_xyxy"][slot] = bbox_from_points(keypoints[placed])
        return False
    # Those without a place must not stretch the box that a hand's size is taken from.
    keypoints[~placed] = keypoints[placed].mean(0)
    row["valid"][slot] = True
    row["side"][slot] = ("left", "right").index(hand.side)
    row["keypoints_2d"][slot] = keypoints
    row["keypoint_confidence"][slot] = hand.confidence
    return True


def _fill_3d(row: Row, slot: int, hand: HandLabel, mano: HandModel | None) -> None:
    """Write a hand's 3D labels, as far as it has any."""
    if hand.joints_3d is None or not hand.has_joint_3d[hand.confidence > 0].all():
        return
    row["joints_3d"][slot] = hand.joints_3d
    row["hint_3d"][slot] = hand.joints_3d - hand.joints_3d[MIDDLE_MCP]
    row["has_hint"][slot] = True
    row["has_joints"][slot] = hand.has_joint_3d.all()
    if mano is None or hand.pose_rotvec is None or hand.betas is None:
        return
    if hand.has_joint_3d.all():
        row["pose"][slot] = rotmat_from_rotvec(hand.absolute_pose_rotvec(mano.hands_mean))
        row["betas"][slot] = hand.betas
        row["has_3d"][slot] = True
