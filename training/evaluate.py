"""Evaluate a network: `python -m training.evaluate --weights resources/weights/lite.safetensors`.

Real pictures have 2D labels of a teacher; synthetic scenes of a held-out seed have everything.
Both go the product's way: letterbox, engine, decode.
"""

import argparse
import io
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.config import DetectionConfig
from core.decode import decode
from core.engines.base import Engine
from core.engines.onnx import OnnxEngine
from core.engines.torch import TorchEngine
from core.errors import ManyHandsError, ModelFileError, TrainingError
from core.geometry import intrinsics_from_fov
from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.metrics import match_hands, mpjpe, pa_error
from core.network.config import LITE
from core.network.weights import load_network
from core.preprocess import choose_input_size, prepare
from core.topology import MIDDLE_MCP
from core.types import Detections, Frame
from training.datasets.weak_shards import (
    hand_keypoints,
    iterate_samples,
    load_backgrounds,
    region_xyxy,
)
from training.open_hand.pose_prior import pose_prior, sample_pose
from training.synthetic.generator import SyntheticGenerator
from training.train import load_skins

log = logging.getLogger(__name__)
#: Scenes of this seed are never trained on: training seeds are multiples of 1 000 003 plus a step.
HELD_OUT_SEED = 987_654_321_000
#: Finger poses of those scenes, drawn for them alone: training draws from one bank of its own.
_HELD_OUT_POSES = 2048
_SCENES_PER_BATCH = 8

Detect = Callable[[Frame], Detections]


@dataclass(slots=True)
class Tally:
    """Counts and errors over many pictures."""

    hands: int = 0
    found: int = 0
    spurious: int = 0
    right_side: int = 0
    errors: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        """Keep one hand's error."""
        self.errors.setdefault(name, []).append(value)

    def summary(self) -> dict[str, float]:
        """Return recall, precision, side accuracy and the mean of each error."""
        summary = {
            "hands": self.hands,
            "recall": self.found / max(self.hands, 1),
            "precision": self.found / max(self.found + self.spurious, 1),
            "side_accuracy": self.right_side / max(self.found, 1),
        }
        return summary | {name: float(np.mean(values)) for name, values in self.errors.items()}


def box_px(keypoints: NDArray[np.floating]) -> float:
    """Longer side of the box around keypoints (21, 2) px."""
    return max(float(np.ptp(keypoints, axis=0).max()), 1.0)


def tally_hands(
    tally: Tally,
    detections: Detections,
    keypoints_2d: NDArray[np.floating],
    sides: list[str],
    doubtful_xyxy: NDArray[np.floating],
) -> tuple[tuple[int, int], ...]:
    """Match one picture's detections, add what 2D labels can tell, return the pairs."""
    matches = match_hands(detections.keypoints_2d, detections.score, keypoints_2d, doubtful_xyxy)
    tally.hands += len(keypoints_2d)
    tally.found += len(matches.pairs)
    tally.spurious += len(matches.spurious)
    for detection, hand in matches.pairs:
        state, label = detections.hands[detection], keypoints_2d[hand]
        tally.right_side += state.side == sides[hand]
        size = box_px(label)
        for name, points in (
            ("projected_error_box", state.joints_2d),
            ("keypoint_error_box", detections.keypoints_2d[detection]),
        ):
            tally.add(name, float(np.linalg.norm(points - label, axis=1).mean()) / size)
    return matches.pairs


def evaluate_real(detect: Detect, shards: list[Path], limit: int | None = None) -> dict[str, float]:
    """Evaluate on labelled pictures of shards; errors are shares of the label's box."""
    tally = Tally()
    for index, (key, jpeg, label) in enumerate(iterate_samples(shards)):
        if limit is not None and index >= limit:
            break
        with Image.open(io.BytesIO(jpeg)) as picture:
            frame = picture_frame(np.array(picture.convert("RGB")), key)
        hands = label["hands"]
        keypoints = np.array([hand_keypoints(hand) for hand in hands], np.float32)
        doubtful = np.array([region_xyxy(region) for region in label["unsure"]], np.float32)
        tally_hands(
            tally,
            detect(frame),
            keypoints.reshape(-1, 21, 2),
            [hand["side"] for hand in hands],
            doubtful.reshape(-1, 4),
        )
    return tally.summary()


def picture_frame(image: NDArray[np.uint8], name: str) -> Frame:
    """Make a frame of a lone picture at the default field of view."""
    height, width = image.shape[:2]
    return Frame(0, 0, 0, image, intrinsics_from_fov(width, height), name)


def evaluate_synthetic(
    detect: Detect, generator: SyntheticGenerator, count: int
) -> dict[str, float]:
    """Evaluate on held-out synthetic scenes; 3D errors in millimetres, true intrinsics given."""
    tally = Tally()
    for frame, batch, row in _held_out(generator, count):
        slots = batch.valid[row].nonzero().flatten().tolist()
        keypoints = batch.keypoints_2d[row, slots].cpu().numpy()
        sides = [("left", "right")[int(batch.side[row, slot])] for slot in slots]
        ignored = batch.ignore_xyxy[row].cpu().numpy()
        detections = detect(frame)
        pairs = tally_hands(tally, detections, keypoints, sides, ignored[ignored.any(1)])
        for detection, hand in pairs:
            own = detections.hands[detection].joints_3d
            true = batch.joints_3d[row, slots[hand]].cpu().numpy()
            tally.add("pa_mpjpe_mm", 1e3 * pa_error(own, true))
            tally.add("mpjpe_mm", 1e3 * mpjpe(own, true, MIDDLE_MCP))
            tally.add("camera_mm", 1e3 * float(np.linalg.norm(own - true, axis=1).mean()))
            vertices = detections.hands[detection].vertices
            true_vertices = _true_vertices(generator, batch, row, slots[hand])
            tally.add("pa_mpvpe_mm", 1e3 * pa_error(vertices, true_vertices))
    return tally.summary()


def _held_out(generator: SyntheticGenerator, count: int) -> Iterator[tuple[Frame, Any, int]]:
    """Yield held-out scenes one by one as (frame, batch, row)."""
    height, width = LITE.input_sizes[0]
    for start in range(0, count, _SCENES_PER_BATCH):
        batch = generator.batch(HELD_OUT_SEED + start, _SCENES_PER_BATCH, height, width)
        for row in range(min(_SCENES_PER_BATCH, count - start)):
            image = batch.image[row].permute(1, 2, 0).contiguous().cpu().numpy()
            yield Frame(0, 0, 0, image, batch.K[row, 0].cpu().numpy()), batch, row


def _true_vertices(
    generator: SyntheticGenerator, batch: Any, row: int, slot: int
) -> NDArray[np.float32]:
    """Vertices (V, 3) m of a labelled hand in canonical form; Procrustes removes the placing."""
    layer = generator.renderer.layer
    vertices, _ = layer(batch.pose[row, slot][None], batch.betas[row, slot][None])
    points = vertices[0].cpu().numpy()
    # Alignment never mirrors, so a left hand's truth must be mirrored first.
    is_left = int(batch.side[row, slot]) == 0
    return points * np.array([-1 if is_left else 1, 1, 1], np.float32)


def product_detect(
    open_engine: Callable[[tuple[int, int]], Engine],
    threshold: float,
    sizes: tuple[tuple[int, int], ...] = LITE.input_sizes,
) -> Detect:
    """Return the product's way from a frame to detections, one engine per input size."""
    engines: dict[tuple[int, int], Engine] = {}
    config = DetectionConfig(score_threshold=threshold)

    def detect(frame: Frame) -> Detections:
        height, width = frame.image.shape[:2]
        size = choose_input_size(height, width, sizes)
        if size not in engines:
            engines[size] = open_engine(size)
        network_input = prepare(frame, size)
        return decode(engines[size].run(network_input.image), network_input, frame, config)

    return detect


def input_sizes(weights: Path) -> tuple[tuple[int, int], ...]:
    """Return the (height, width) px that the json beside the weights says they are meant for.

    Raises:
        ModelFileError: MDL-01 there is no such json.
    """
    path = weights.with_suffix(".json")
    if not path.is_file():
        raise ModelFileError("MDL-01", f"{path.name} is missing", "It lies beside the weights.")
    card = json.loads(path.read_text(encoding="utf-8"))
    return tuple((int(height), int(width)) for height, width in card["network"]["input_sizes"])


def _parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help=".safetensors or .onnx")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--hand", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--skins", type=Path, help="folder of photographic skins to add")
    parser.add_argument("--skin-bank", type=Path, help="npy of skins; nothing is painted then")
    parser.add_argument("--scenes", type=int, default=200, help="synthetic pictures; 0 for none")
    parser.add_argument("--threshold", type=float, default=DetectionConfig().score_threshold)
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    return parser.parse_args()


def main() -> int:
    """Print the figures as JSON."""
    arguments = _parse_arguments()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        figures = _evaluate(arguments)
    except ManyHandsError as error:
        log.error("%s", error)
        return 2
    text = json.dumps(figures, indent=2)
    log.info("%s", text)
    if arguments.out is not None:
        arguments.out.write_text(text + "\n", encoding="utf-8")
    return 0


def _evaluate(arguments: argparse.Namespace) -> dict[str, Any]:
    """Evaluate on what the data folder holds."""
    model = load_hand_model(arguments.hand)
    if arguments.weights.suffix == ".onnx":

        def open_engine(size: tuple[int, int]) -> Engine:
            return OnnxEngine(arguments.weights, size, "")
    else:
        network = load_network(arguments.weights, HandLayer(model))

        def open_engine(size: tuple[int, int]) -> Engine:
            return TorchEngine(network, size)

    sizes = input_sizes(arguments.weights)
    detect = product_detect(open_engine, arguments.threshold, sizes)
    shards = sorted(arguments.data.glob("real-val-*.tar"))
    if not shards:
        raise TrainingError(
            "TRN-01", f"no real-val-*.tar in {arguments.data}", "Give the folder by --data."
        )
    figures: dict[str, Any] = {"detection": asdict(DetectionConfig(arguments.threshold))}
    figures["real"] = evaluate_real(detect, shards)
    if arguments.scenes:
        height, width = LITE.input_sizes[0]
        backgrounds = load_backgrounds(arguments.data / "backgrounds-000.tar", height, width)
        skins = load_skins(arguments, model)
        draw = torch.Generator().manual_seed(HELD_OUT_SEED)
        poses = sample_pose(_HELD_OUT_POSES, draw, pose_prior(model))
        generator = SyntheticGenerator(
            HandLayer(model), model, skins, backgrounds, "cpu", poses=poses
        )
        with torch.inference_mode():
            figures["synthetic"] = evaluate_synthetic(detect, generator, arguments.scenes)
    return figures


if __name__ == "__main__":
    raise SystemExit(main())
