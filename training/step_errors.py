"""Errors after each iteration, on labelled pictures: `python -m training.step_errors --weights W`.

Baek's claims about his iterations are rows here: the hand gets nearer with each of the three steps
(B05), and each refined j2D is nearer than the heat that it started from (B06). Pictures go the
product's way: letterbox, predicted centres over the threshold, predicted sides; a hand counts where
a detection is matched to its label.
"""

import argparse
import io
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.config import DetectionConfig
from core.errors import TrainingError, told
from core.geometry import transform_points
from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.metrics import match_hands
from core.network.camera import project_perspective
from core.network.network import HandNetwork
from core.network.weights import load_network
from core.preprocess import NetworkInput, choose_input_size, prepare
from training.datasets.weak_shards import hand_keypoints, iterate_samples, region_xyxy
from training.evaluate import input_sizes, picture_frame
from training.tally import box_px

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StageError:
    """Distance of 21 points to their labels at one point of the way through the network.

    Attributes:
        name: "local", "window", "step 1 projected", "step 1 refined" and so on, in order.
        mean_box: mean over hands, in longer sides of the label's box.
        median_box: median over hands.
        mean_px: mean over hands in pixels of the picture.
        pck_05: share of keypoints within 5 % of the box.
    """

    name: str
    mean_box: float
    median_box: float
    mean_px: float
    pck_05: float


@dataclass(frozen=True, slots=True)
class StepErrors:
    """What a network does from its first look to its last step.

    Attributes:
        pictures: how many were looked at.
        labelled: hands in them.
        matched: hands that a detection was matched to; errors are over these.
        stages: in the order in which the network gets there.
    """

    pictures: int
    labelled: int
    matched: int
    stages: tuple[StageError, ...]


Points = NDArray[np.floating]


@torch.inference_mode()
def read_stages(
    network: HandNetwork, network_input: NetworkInput, threshold: float
) -> tuple[Points, dict[str, Points]]:
    """Run the network on one picture.

    Returns:
        Scores (N,) of the slots over the threshold, best first, and the points (N, 21, 2), px of
        the frame, by stage in order.
    """
    image = torch.from_numpy(network_input.image.copy()).permute(2, 0, 1)[None].contiguous()
    scores, _, rows = network.find(image, with_appearance=False)
    K = torch.from_numpy(network_input.K_input.copy())
    stages = {"local": rows.local_2d, "window": rows.window_2d}
    for number, step in enumerate(rows.steps, 1):
        stages[f"step {number} projected"] = project_perspective(
            step.joints_3d, step.middle_mcp_2d, step.pixels_per_metre, K
        )
        stages[f"step {number} refined"] = step.keypoints_2d
    kept = (scores[0] >= threshold).nonzero().flatten()
    return scores[0, kept].numpy(), {
        name: transform_points(network_input.image_from_input, points[0, kept].numpy())
        for name, points in stages.items()
    }


def step_errors(
    network: HandNetwork,
    shards: list[Path],
    sizes: tuple[tuple[int, int], ...],
    threshold: float = DetectionConfig().score_threshold,
    limit: int | None = None,
) -> StepErrors:
    """Measure every stage on labelled pictures.

    Args:
        network: in evaluation mode, on the CPU.
        shards: of real pictures with 2D labels.
        sizes: (height, width) px of the network input, the best aspect is chosen.
        threshold: of the centre score.
        limit: look at so many pictures at most.

    Raises:
        TrainingError: TRN-01 a shard cannot be read, or no hand of it was found.
    """
    away: dict[str, list[Points]] = {}
    boxes: list[float] = []
    pictures = labelled = 0
    for key, jpeg, label in iterate_samples(shards):
        if pictures == limit:
            break
        pictures += 1
        with Image.open(io.BytesIO(jpeg)) as picture:
            frame = picture_frame(np.array(picture.convert("RGB")), key)
        keypoints = [hand_keypoints(hand) for hand in label["hands"]]
        labelled += len(keypoints)
        if not keypoints:
            continue
        network_input = prepare(frame, choose_input_size(*frame.image.shape[:2], sizes))
        scores, stages = read_stages(network, network_input, threshold)
        doubtful = np.array([region_xyxy(region) for region in label["unsure"]], np.float32)
        last = list(stages.values())[-1]
        pairs = match_hands(last, scores, np.array(keypoints), doubtful.reshape(-1, 4)).pairs
        for detection, hand in pairs:
            boxes.append(box_px(keypoints[hand]))
            for name, points in stages.items():
                distance = np.linalg.norm(points[detection] - keypoints[hand], axis=1)
                away.setdefault(name, []).append(distance)
    if not boxes:
        raise TrainingError(
            "TRN-01",
            f"no labelled hand was found in {pictures} pictures",
            "Check the --data folder, or give a lower --threshold.",
        )
    stage_errors = tuple(
        _stage_error(name, np.array(distances), np.array(boxes)) for name, distances in away.items()
    )
    return StepErrors(pictures, labelled, len(boxes), stage_errors)


def _stage_error(name: str, distance_px: Points, boxes_px: Points) -> StageError:
    """Summarise distances (M, 21) px of hands with boxes (M,) px."""
    shares = distance_px / boxes_px[:, None]
    return StageError(
        name,
        float(shares.mean()),
        float(np.median(shares.mean(1))),
        float(distance_px.mean()),
        float((shares < 0.05).mean()),
    )


def table_of(errors: StepErrors) -> str:
    """Return the errors as a Markdown table."""
    lines = [
        f"{errors.matched} of {errors.labelled} hands in {errors.pictures} pictures",
        "",
        "| stage | mean, % of box | median | px | PCK@0.05 |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {stage.name} | {100 * stage.mean_box:.2f} | {100 * stage.median_box:.2f} "
        f"| {stage.mean_px:.2f} | {stage.pck_05:.3f} |"
        for stage in errors.stages
    ]
    return "\n".join(lines)


def _parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help=".safetensors with its json")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--hand", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--threshold", type=float, default=DetectionConfig().score_threshold)
    parser.add_argument("--limit", type=int, help="look at so many pictures")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    return parser.parse_args()


@told
def main() -> int:
    """Print the table."""
    arguments = _parse_arguments()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    shards = sorted(arguments.data.glob("real-val-*.tar"))
    if not shards:
        raise TrainingError(
            "TRN-01", f"no real-val-*.tar in {arguments.data}", "Give the folder by --data."
        )
    network = load_network(arguments.weights, HandLayer(load_hand_model(arguments.hand)))
    sizes = input_sizes(arguments.weights)
    errors = step_errors(network, shards, sizes, arguments.threshold, arguments.limit)
    log.info("%s", table_of(errors))
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(asdict(errors), indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
