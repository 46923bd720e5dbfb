"""Evaluate a network: `python -m training.evaluate --weights resources/weights/lite.safetensors`.

Real pictures have 2D labels of a teacher; synthetic scenes of a held-out seed have everything.
Both go the product's way: letterbox, engine, decode.
"""

import argparse
import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
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
from core.errors import ModelFileError, TrainingError, told
from core.geometry import intrinsics_from_fov
from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.metrics import (
    PckCurve,
    count_pixels,
    distances,
    f_scores,
    mpjpe,
    mrrpe,
    pa_error,
    procrustes_aligned,
    st_error,
)
from core.network.config import LITE
from core.network.weights import load_network
from core.preprocess import choose_input_size, prepare
from core.topology import MIDDLE_MCP, WRIST
from core.types import Detections, Frame, HandState
from training.datasets.weak_shards import (
    hand_keypoints,
    iterate_samples,
    load_backgrounds,
    region_xyxy,
)
from training.open_hand.pose_prior import pose_prior, sample_pose
from training.plots import pck_figure, write_png
from training.rasterise import rasterise
from training.sources import load_skins
from training.synthetic.generator import SyntheticGenerator
from training.tables import Figure, markdown_table, write_json, write_markdown
from training.tally import Tally, tally_hands

log = logging.getLogger(__name__)
#: Scenes of this seed are never trained on: training seeds are multiples of 1 000 003 plus a step.
HELD_OUT_SEED = 987_654_321_000
#: Finger poses of those scenes, drawn for them alone: training draws from one bank of its own.
_HELD_OUT_POSES = 2048
_SCENES_PER_BATCH = 8
#: Detections down to this score are ranked for the average precision.
_RANKED_FROM = 0.05

Detect = Callable[[Frame], Detections]


def evaluate_real(
    detect: Detect, shards: list[Path], limit: int | None = None, threshold: float = 0.0
) -> dict[str, float]:
    """Evaluate on labelled pictures of shards; errors are shares of the label's box."""
    return tally_real(detect, shards, limit, threshold).summary()


def tally_real(
    detect: Detect, shards: list[Path], limit: int | None = None, threshold: float = 0.0
) -> Tally:
    """Count and measure on labelled pictures of shards.

    Args:
        detect: what is judged.
        shards: tar files.
        limit: how many pictures; None for all.
        threshold: detections that score less count for the average precision alone.
    """
    tally = Tally(threshold)
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
    return tally


def picture_frame(image: NDArray[np.uint8], name: str) -> Frame:
    """Make a frame of a lone picture at the default field of view."""
    height, width = image.shape[:2]
    return Frame(0, 0, 0, image, intrinsics_from_fov(width, height), name)


def evaluate_synthetic(
    detect: Detect, generator: SyntheticGenerator, count: int, threshold: float = 0.0
) -> dict[str, float]:
    """Evaluate on held-out synthetic scenes; 3D errors in millimetres, true intrinsics given."""
    return tally_synthetic(detect, generator, count, threshold).summary()


def tally_synthetic(
    detect: Detect, generator: SyntheticGenerator, count: int, threshold: float = 0.0
) -> Tally:
    """Count and measure on held-out synthetic scenes; `threshold` as in `tally_real`.

    Masks are drawn from the meshes found and compared with where hands are to be seen, so what
    hides a hand keeps even the truth below 1 (Baek et al. 2019 compare alike).
    """
    tally = Tally(threshold)
    for frame, batch, row in _held_out(generator, count):
        slots = batch.valid[row].nonzero().flatten().tolist()
        keypoints = batch.keypoints_2d[row, slots].cpu().numpy()
        sides = [("left", "right")[int(batch.side[row, slot])] for slot in slots]
        ignored = batch.ignore_xyxy[row].cpu().numpy()
        detections = detect(frame)
        pairs = tally_hands(tally, detections, keypoints, sides, ignored[ignored.any(1)])
        joints = batch.joints_3d[row, slots].cpu().numpy()
        for detection, hand in pairs:
            _tally_joints(tally, detections.hands[detection].joints_3d, joints[hand])
            true_vertices = _true_vertices(generator, batch, row, slots[hand])
            _tally_vertices(tally, detections.hands[detection].vertices, true_vertices)
        _tally_roots(tally, detections, joints, sides, pairs)
        if batch.hand_index is not None:
            kept = int((detections.score >= threshold).sum())  # they come best first
            drawn = drawn_mask(detections.hands[:kept], generator.renderer.layer.faces, frame)
            tally.pixels += count_pixels(drawn, batch.hand_index[row].cpu().numpy() >= 0)
    return tally


def _tally_joints(tally: Tally, own: NDArray[np.floating], true: NDArray[np.floating]) -> None:
    """Add the errors of one hand's joints (21, 3) m under each alignment."""
    tally.add("pa_mpjpe_mm", 1e3 * pa_error(own, true))
    tally.add("mpjpe_mm", 1e3 * mpjpe(own, true, MIDDLE_MCP))
    tally.add("st_mpjpe_mm", 1e3 * st_error(own, true, MIDDLE_MCP))
    tally.add("camera_mm", 1e3 * float(np.linalg.norm(own - true, axis=1).mean()))
    moved = own - own[MIDDLE_MCP] + true[MIDDLE_MCP]
    tally.add_joints("mpjpe", 1e3 * distances(moved, true))
    tally.add_joints("pa_mpjpe", 1e3 * distances(procrustes_aligned(own, true), true))


def _tally_vertices(tally: Tally, own: NDArray[np.floating], true: NDArray[np.floating]) -> None:
    """Add the errors of one hand's vertices (V, 3) m after Procrustes."""
    aligned = procrustes_aligned(own, true)
    tally.add("pa_mpvpe_mm", 1e3 * float(distances(aligned, true).mean()))
    for name, score in zip(("pa_f5", "pa_f15"), f_scores(aligned, true), strict=True):
        tally.add(name, score)


def _tally_roots(
    tally: Tally,
    detections: Detections,
    joints: NDArray[np.floating],
    sides: list[str],
    pairs: tuple[tuple[int, int], ...],
) -> None:
    """Add the relative-root error of a picture with one left and one right hand, both found."""
    own = {sides[hand]: detections.hands[i].joints_3d[WRIST] for i, hand in pairs}
    if sorted(sides) != ["left", "right"] or len(own) != 2:
        return
    true = {side: hand[WRIST] for side, hand in zip(sides, joints, strict=True)}
    error = mrrpe(own["left"], own["right"], true["left"], true["right"])
    tally.add("mrrpe_mm", 1e3 * error)


def drawn_mask(hands: Sequence[HandState], faces: torch.Tensor, frame: Frame) -> NDArray[np.bool_]:
    """Pixels (H, W) that the hands' meshes cover, things in front of them not considered."""
    mask = np.zeros(frame.image.shape[:2], bool)
    if hands:
        shift = np.cumsum([0, *(len(hand.vertices) for hand in hands[:-1])])
        soup = torch.from_numpy(np.concatenate([hand.vertices for hand in hands]))
        triangles = (faces.cpu() + torch.from_numpy(shift)[:, None, None]).flatten(0, 1)
        K = torch.from_numpy(np.array(frame.K))[None]
        picture = torch.zeros(len(triangles), dtype=torch.int64)
        shown = rasterise(soup, triangles, picture, K, *mask.shape)
        mask.reshape(-1)[shown.pixel.numpy()] = True
    return mask


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


def add_judged(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which network is judged, on what and from which score on."""
    parser.add_argument("--weights", type=Path, required=True, help=".safetensors or .onnx")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--hand", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--skins", type=Path, help="folder of photographic skins to add")
    parser.add_argument("--skin-bank", type=Path, help="npy of skins; nothing is painted then")
    parser.add_argument("--threshold", type=float, default=DetectionConfig().score_threshold)


def _parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_judged(parser)
    parser.add_argument("--scenes", type=int, default=200, help="synthetic pictures; 0 for none")
    parser.add_argument("--out", type=Path, help="write FILE.json, FILE.md and FILE.png")
    return parser.parse_args()


@told
def main() -> int:
    """Print the figures as JSON, and write them where --out says."""
    arguments = _parse_arguments()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    figures, curves = _evaluate(arguments)
    log.info("%s", json.dumps(figures, indent=2))
    if arguments.out is not None:
        write_report(figures, curves, arguments.out)
    return 0


def write_report(
    figures: Mapping[str, Mapping[str, Figure]],
    curves: Mapping[str, PckCurve],
    out: Path,
    title: str = "Evaluation",
) -> None:
    """Write figures as JSON and, beside it, as a Markdown table and a picture of PCK curves.

    Raises:
        OSError: a file cannot be written.
    """
    write_json(figures, out)
    columns = {name: values for name, values in figures.items() if name != "detection"}
    write_markdown(title, {"Figures": markdown_table(columns)}, out.with_suffix(".md"))
    if curves:
        write_png(pck_figure(curves, f"{title}, missed hands included"), out.with_suffix(".png"))


def _evaluate(
    arguments: argparse.Namespace,
) -> tuple[dict[str, dict[str, float]], Mapping[str, PckCurve]]:
    """Evaluate on what the data folder holds; return the figures and the PCK curves."""
    model = load_hand_model(arguments.hand)
    ranked_from = min(_RANKED_FROM, arguments.threshold)
    detect = product_detect(
        engine_opener(arguments.weights, model), ranked_from, input_sizes(arguments.weights)
    )
    shards = sorted(arguments.data.glob("real-val-*.tar"))
    if not shards:
        raise TrainingError(
            "TRN-01", f"no real-val-*.tar in {arguments.data}", "Give the folder by --data."
        )
    threshold = arguments.threshold
    figures = {"detection": asdict(DetectionConfig(threshold))}
    figures["real"] = evaluate_real(detect, shards, threshold=threshold)
    curves: Mapping[str, PckCurve] = {}
    if arguments.scenes:
        generator = _held_out_generator(arguments, model)
        with torch.inference_mode():
            tally = tally_synthetic(detect, generator, arguments.scenes, threshold)
        figures["synthetic"] = tally.summary()
        curves = tally.curves()
    return figures, curves


def engine_opener(weights: Path, model: HandModel) -> Callable[[tuple[int, int]], Engine]:
    """Return what opens an engine on weights for an input size."""
    if weights.suffix == ".onnx":
        return lambda size: OnnxEngine(weights, size, "")
    network = load_network(weights, HandLayer(model))
    return lambda size: TorchEngine(network, size)


def _held_out_generator(arguments: argparse.Namespace, model: HandModel) -> SyntheticGenerator:
    """Return the generator of scenes whose finger poses nothing was trained on."""
    height, width = LITE.input_sizes[0]
    backgrounds = load_backgrounds(arguments.data / "backgrounds-000.tar", height, width)
    skins = load_skins(arguments, model)
    draw = torch.Generator().manual_seed(HELD_OUT_SEED)
    poses = sample_pose(_HELD_OUT_POSES, draw, pose_prior(model))
    return SyntheticGenerator(HandLayer(model), model, skins, backgrounds, "cpu", poses=poses)


if __name__ == "__main__":
    raise SystemExit(main())
