"""Judge a network by an official data set: `python -m training.judge --dataset rhd --folder ...`.

The network goes the product's way over a split's pictures; what it finds stands beside the labels
and is judged by the data set's own protocol (`training/protocols`).
"""

import argparse
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from core.config import DetectionConfig
from core.errors import TrainingError, told
from core.geometry import intrinsics_from_fov
from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.metrics import PckCurve, match_hands
from core.topology import NUM_JOINTS, TIPS
from core.types import Detections, Frame, HandState
from training.datasets.freihand import open_freihand
from training.datasets.load import NAMES, load_dataset
from training.datasets.sample import BROKEN, HandLabel, LabelledPicture, PictureStream
from training.evaluate import (
    Detect,
    drawn_mask,
    engine_opener,
    input_sizes,
    product_detect,
    write_report,
)
from training.protocols.dexter_object import DexterObjectFigures, dexter_object_figures
from training.protocols.freihand import FreihandFigures, freihand_figures
from training.protocols.interhand import interhand_figures
from training.protocols.rhd_stb import (
    ZimmermannBroxFigures,
    rhd_figures,
    rhd_segmentation,
    stb_figures,
)
from training.tables import Figure, plain_figures

log = logging.getLogger(__name__)

Floats = NDArray[np.floating]
Mask = NDArray[np.bool_]
#: Figures by name, and the PCK curves.
Judgement = tuple[dict[str, Figure], Mapping[str, PckCurve]]
_NOBODY = np.full((NUM_JOINTS, 3), np.nan, np.float32)


@dataclass(slots=True)
class _Hands:
    """Found hands beside labelled ones, entry i of every list being the same hand.

    Attributes:
        found: what was found of each, or None.
        labels: what was labelled.
    """

    found: list[HandState | None] = field(default_factory=list)
    labels: list[HandLabel] = field(default_factory=list)

    def add(self, label: HandLabel, found: HandState | None) -> None:
        """Keep one labelled hand."""
        self.labels.append(label)
        self.found.append(found)

    @property
    def predicted(self) -> Floats:
        """Joints (N, 21, 3) m, NaN where nothing was found."""
        return np.array([_NOBODY if hand is None else hand.joints_3d for hand in self.found])

    @property
    def joints(self) -> Floats:
        """Labelled joints (N, 21, 3) m, NaN where there is no label."""
        return np.array([_labelled_joints(label) for label in self.labels])

    def meshes(self) -> tuple[Floats, Floats] | tuple[None, None]:
        """Found and labelled vertices (N, V, 3) and (N, W, 3) m; None where not all have labels."""
        labels = [label.vertices for label in self.labels if label.vertices is not None]
        count = max((len(hand.vertices) for hand in self.found if hand is not None), default=0)
        if len(labels) != len(self.labels) or not count:
            return None, None
        nothing = np.full((count, 3), np.nan, np.float32)
        found = [nothing if hand is None else hand.vertices for hand in self.found]
        return np.array(found), np.array(labels)


def _labelled_joints(label: HandLabel | None) -> Floats:
    """Joints (21, 3) m of a label, NaN where it has none."""
    if label is None or label.joints_3d is None:
        return _NOBODY
    return np.where(label.has_joint_3d[:, None], label.joints_3d, np.float32(np.nan))


def judge(name: str, detect: Detect, pictures: PictureStream, faces: Tensor) -> Judgement:
    """Judge by a data set's protocol.

    Args:
        name: one of `training.datasets.load.NAMES`.
        detect: what is judged.
        pictures: of that data set; those without labels of joints are left out, those that cannot
            be read are counted by the stream.
        faces: (F, 3) int64 of the meshes that are found, for RHD's masks.

    Raises:
        TrainingError: TRN-02 there are no labels to judge by, or not those that it takes.
    """
    match name:
        case "interhand":
            return _judge_interhand(detect, pictures)
        case "rhd":
            return _judge_rhd(detect, pictures, faces)
    hands = _Hands()
    for picture, frame in _frames(pictures):
        for label, found in _matched(detect(frame), picture.hands):
            hands.add(label, found)
    _require(bool(hands.labels))
    predicted, joints = hands.predicted, hands.joints
    result: ZimmermannBroxFigures | DexterObjectFigures | FreihandFigures
    match name:
        case "stb":
            result = stb_figures(predicted, joints)
        case "dexter_object":
            result = dexter_object_figures(predicted, joints[:, TIPS])
        case _:
            result = freihand_figures(predicted, joints, *hands.meshes())
    return plain_figures(result), result.curves


def _judge_rhd(detect: Detect, pictures: PictureStream, faces: Tensor) -> Judgement:
    """Judge the hand of each picture that covers more of it, as officially, and all masks."""
    hands = _Hands()
    masks: list[tuple[Mask, Mask]] = []
    for picture, frame in _frames(pictures):
        height, width = frame.image.shape[:2]
        try:
            seen = [hand.mask.read(width, height) for hand in picture.hands if hand.mask]
        except BROKEN as error:
            pictures.skip(picture.key, error)
            continue
        detections = detect(frame)
        masks.append((drawn_mask(detections.hands, faces, frame), np.any(seen, axis=0)))
        largest = int(np.argmax([mask.sum() for mask in seen]))
        hands.add(*_matched(detections, picture.hands)[largest])
    _require(bool(hands.labels))
    visible = np.array([label.confidence > 0 for label in hands.labels])
    result = rhd_figures(hands.predicted, hands.joints, visible)
    scores = asdict(rhd_segmentation(masks))
    figures = plain_figures(result) | {f"mask_{name}": score for name, score in scores.items()}
    return figures, result.curves


def _judge_interhand(detect: Detect, pictures: PictureStream) -> Judgement:
    """Judge the surest left and the surest right hand of each picture."""
    predicted, joints = [], []
    for picture, frame in _frames(pictures):
        best: dict[str, HandState] = {}
        for hand in detect(frame).hands:  # they come best first
            best.setdefault(hand.side, hand)
        labels = {label.side: label for label in picture.hands}
        sides = ("left", "right")
        predicted.append([best[side].joints_3d if side in best else _NOBODY for side in sides])
        joints.append([_labelled_joints(labels.get(side)) for side in sides])
    _require(bool(joints))
    result = interhand_figures(np.array(predicted), np.array(joints))
    return plain_figures(result), result.curves


def _frames(pictures: PictureStream) -> Iterator[tuple[LabelledPicture, Frame]]:
    """Read the pictures that have joints; what cannot be read is counted and named."""
    for picture in pictures:
        if not any(map(_has_joints, picture.hands)):
            continue
        try:
            frame = frame_of(picture)
        except (*BROKEN, SyntaxError) as error:  # Pillow's word for a broken PNG
            pictures.skip(picture.key, error)
        else:
            yield picture, frame


def _matched(
    detections: Detections, labels: Iterable[HandLabel]
) -> list[tuple[HandLabel, HandState | None]]:
    """Find each label's detection by where it lies in the picture; labels without joints go."""
    judged = [label for label in labels if _has_joints(label)]
    known = np.logical_and.reduce([label.has_joint_3d for label in judged])
    matches = match_hands(
        detections.keypoints_2d[:, known],
        detections.score,
        np.array([label.keypoints_2d[known] for label in judged]),
        np.zeros((0, 4)),
    )
    found = {hand: detections.hands[detection] for detection, hand in matches.pairs}
    return [(label, found.get(index)) for index, label in enumerate(judged)]


def _has_joints(label: HandLabel) -> bool:
    """Say whether a label has joints in 3D."""
    return bool(label.has_joint_3d.any())


def _require(anything: bool) -> None:
    """Raise TRN-02 where no picture has labels."""
    if not anything:
        raise TrainingError(
            "TRN-02", "no picture has labels of joints in 3D", "Choose a split with public labels."
        )


def frame_of(picture: LabelledPicture) -> Frame:
    """Read a picture; without intrinsics of its own it gets those of the default field of view.

    Raises:
        OSError: it cannot be read.
    """
    with Image.open(picture.image_path) as opened:
        image = np.array(opened.convert("RGB"))
    height, width = image.shape[:2]
    K = intrinsics_from_fov(width, height) if picture.K is None else picture.K
    return Frame(0, 0, 0, image, K, picture.key)


def _parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help=".safetensors or .onnx")
    parser.add_argument("--dataset", choices=NAMES, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where it was unpacked to")
    parser.add_argument("--split", default="test")
    parser.add_argument("--limit", type=int, help="judge so many pictures, evenly spread")
    parser.add_argument("--hand", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--threshold", type=float, default=DetectionConfig().score_threshold)
    parser.add_argument("--out", type=Path, help="write FILE.json, FILE.md and FILE.png")
    return parser.parse_args(arguments)


def _open(arguments: argparse.Namespace) -> PictureStream:
    """Open the split; FreiHAND with its meshes where they are public."""
    if arguments.dataset == "freihand":
        meshes = arguments.folder / "evaluation_verts.json"
        with_vertices = arguments.split == "test" and meshes.is_file()
        stream = PictureStream(open_freihand(arguments.folder, arguments.split, with_vertices))
    else:
        stream = load_dataset(arguments.dataset, arguments.folder, arguments.split)
    return stream if arguments.limit is None else stream.spread(arguments.limit)


@told
def main(command_line: list[str] | None = None) -> int:
    """Print the figures as JSON, and write them where --out says."""
    arguments = _parse_arguments(command_line)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    pictures = _open(arguments)
    model = load_hand_model(arguments.hand)
    opener = engine_opener(arguments.weights, model)
    detect = product_detect(opener, arguments.threshold, input_sizes(arguments.weights))
    figures, curves = judge(arguments.dataset, detect, pictures, HandLayer(model).faces)
    figures["skipped"] = pictures.skipped
    title = f"{arguments.dataset}, {arguments.split}"
    log.info("%s", json.dumps({title: figures}, indent=2))
    if arguments.out is not None:
        write_report({title: figures}, curves, arguments.out, title)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
