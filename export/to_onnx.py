"""Published weights to ONNX.

    python -m export.to_onnx resources/weights/lite.safetensors
    python -m export.to_onnx resources/weights/lite.safetensors --precision fp16 --aspect 16x9

The first writes the graph that ships beside the weights: (1, 3, height, width) uint8 RGB in, posed
hands out. Height and width stay free (multiples of 32), so one file serves every aspect on a CPU:
an engine fixes them at load time, and the picture comes letterboxed, for OpenCV does that on a CPU
a hundred times cheaper than a graph. Weights are stored in FP16 and cast to FP32 in the graph, so
the file is half as large; batch norms are folded and weights rounded before
(core.network.weights.deployable), so nothing is lost here.

The second writes a graph of one size into --out, for engines that are built for a GPU: it takes
the source's own picture, (height, width, 3) uint8 RGB, and letterboxes it itself (unless
--letterboxed), and with fp16 it is strongly typed (core.network.precision).
"""

import argparse
import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import onnx
import torch
from torch import nn

from core.assets import hand_model_path, source_commit
from core.atomic import write_atomically
from core.engines.aspects import PICTURE_SIZES
from core.errors import told
from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.network.network import HandNetwork
from core.network.picture import PictureNetwork
from core.network.precision import HalfProducts
from core.network.weights import deployable, load_network
from core.preprocess import choose_input_size
from export.onnx_graph import OPSET, exact_initialisers, interface, store_half, trace

Precision = Literal["fp32", "fp16"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GraphSpec:
    """What graph of fixed size to make.

    Attributes:
        aspect: of the source's picture, a key of PICTURE_SIZES.
        precision: of convolutions and linear layers; all else is FP32.
        letterboxed: takes (1, 3, height, width) of the network's input instead of the picture.
    """

    aspect: str
    precision: Precision = "fp16"
    letterboxed: bool = False

    @property
    def stem(self) -> str:
        """How its files are named behind the profile."""
        return f"{self.aspect}-{self.precision}" + ("-letterboxed" if self.letterboxed else "")


def load_deployable(weights: Path, hand: Path) -> HandNetwork:
    """Return the network of published weights as it runs: folded and rounded.

    Raises:
        ModelFileError: the weights or the hand model cannot be used.
    """
    return deployable(load_network(weights, HandLayer(load_hand_model(hand))))


def export_onnx(network: HandNetwork) -> onnx.ModelProto:
    """Trace the network into ONNX with free height and width."""
    height, width = network.config.input_sizes[0]
    example = torch.zeros(1, 3, height, width, dtype=torch.uint8)
    free = {axis: 32 * torch.export.Dim(f"cells_{axis}", min=2, max=64) for axis in (2, 3)}
    model = trace(network, example, "image", dynamic_shapes={"image": free})
    axes = model.graph.input[0].type.tensor_type.shape.dim
    axes[2].dim_param, axes[3].dim_param = "height", "width"  # the names that engines ask for
    return model


def fixed_module(network: HandNetwork, spec: GraphSpec) -> tuple[nn.Module, torch.Tensor]:
    """Return the module that a graph of fixed size is traced from, and an example input."""
    picture_size = PICTURE_SIZES[spec.aspect]
    input_size = choose_input_size(*picture_size, network.config.input_sizes)
    module: nn.Module = network
    example = torch.zeros(1, 3, *input_size, dtype=torch.uint8)
    if not spec.letterboxed:
        module = PictureNetwork(network, picture_size, input_size)
        example = torch.zeros(*picture_size, 3, dtype=torch.uint8)
    if spec.precision == "fp16":
        module = HalfProducts(module, "cpu")
    return module, example


def export_fixed(network: HandNetwork, spec: GraphSpec) -> onnx.ModelProto:
    """Trace the network into a graph of fixed size."""
    module, example = fixed_module(network, spec)
    model = trace(module, example, "image" if spec.letterboxed else "picture")
    if spec.precision == "fp32":
        store_half(model, exact_initialisers(model))
    return model


def checked_bytes(model: onnx.ModelProto) -> bytes:
    """Return the file of a graph, after ONNX's full check."""
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString()
    return data


def export_weights(weights: Path, hand: Path) -> Path:
    """Write the ONNX file beside published weights, and what it is into their json.

    Raises:
        ModelFileError: the weights or the hand model cannot be used.
        OSError: the files cannot be written.
    """
    model = export_onnx(load_deployable(weights, hand))
    store_half(model, exact_initialisers(model))
    data = checked_bytes(model)
    target, json_path = weights.with_suffix(".onnx"), weights.with_suffix(".json")
    card = json.loads(json_path.read_text(encoding="utf-8"))
    card["onnx_sha256"] = hashlib.sha256(data).hexdigest()
    card["onnx"] = _described(model, data)
    _write(target, data, json_path, card)
    return target


def export_weights_fixed(weights: Path, hand: Path, spec: GraphSpec, folder: Path) -> Path:
    """Write a graph of fixed size into a folder, with a json of its own beside it.

    Raises:
        ModelFileError: the weights or the hand model cannot be used.
        OSError: the files cannot be written.
    """
    network = load_deployable(weights, hand)
    model = export_fixed(network, spec)
    data = checked_bytes(model)
    target = folder / f"{weights.stem}-{spec.stem}.onnx"
    card = {
        "profile": network.config.profile,
        "aspect": spec.aspect,
        "precision": spec.precision,
        "onnx_sha256": hashlib.sha256(data).hexdigest(),
        "onnx": _described(model, data),
    }
    _write(target, data, target.with_suffix(".json"), card)
    return target


def _described(model: onnx.ModelProto, data: bytes) -> dict[str, Any]:
    """Return what the json says of a graph: names, sizes, and the code that made it."""
    return {**interface(model), "opset": OPSET, "bytes": len(data), "commit": source_commit()}


def _write(target: Path, data: bytes, json_path: Path, card: dict[str, Any]) -> None:
    write_atomically(data, target)
    write_atomically((json.dumps(card, indent=2) + "\n").encode(), json_path)
    log.info("%s: %.1f MB, %s", target, len(data) / 1e6, card["onnx_sha256"])


@told
def main() -> int:
    """Export; a fault is one line with a code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights", type=Path, help="published .safetensors")
    parser.add_argument("--hand", type=Path, default=hand_model_path())
    parser.add_argument("--aspect", choices=PICTURE_SIZES, help="make a graph of fixed size")
    parser.add_argument("--precision", choices=("fp32", "fp16"), default="fp32")
    parser.add_argument("--letterboxed", action="store_true", help="leave letterboxing out")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for a graph of fixed size")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if given.aspect is None and (given.precision != "fp32" or given.letterboxed):
        parser.error("--precision fp16 and --letterboxed need --aspect")
    if given.aspect is None:
        export_weights(given.weights, given.hand)
    else:
        spec = GraphSpec(given.aspect, given.precision, given.letterboxed)
        export_weights_fixed(given.weights, given.hand, spec, given.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
