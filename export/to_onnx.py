"""Published weights to ONNX: `python -m export.to_onnx resources/weights/lite.safetensors`.

The graph takes (1, 3, height, width) uint8 RGB and returns posed hands; height and width stay
free (multiples of 32), so one file serves every aspect: an engine fixes them at load time.
Weights are stored in FP16 and cast to FP32 in the graph, so the file is half as large; batch norms
are folded and weights rounded before (core.network.weights.deployable), so nothing is lost here.
"""

import argparse
import hashlib
import json
import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from core.atomic import write_atomically
from core.errors import ManyHandsError, ModelFileError
from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.network.network import HandNetwork, NetworkOutput
from core.network.weights import deployable, load_network

OPSET = 20
#: Smaller tensors are not worth a cast.
_SMALLEST_FP16 = 256

log = logging.getLogger(__name__)


def export_onnx(network: HandNetwork) -> onnx.ModelProto:
    """Trace the network into ONNX with free height and width."""
    height, width = network.config.input_sizes[0]
    example = torch.zeros(1, 3, height, width, dtype=torch.uint8)
    free = {axis: 32 * torch.export.Dim(f"cells_{axis}", min=2, max=64) for axis in (2, 3)}
    with warnings.catch_warnings():
        # The exporter of torch 2.13 warns of its own doings.
        warnings.filterwarnings("ignore", "Attempted to insert a get_attr Node", UserWarning)
        warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)`", FutureWarning)
        program = torch.onnx.export(
            network.eval(),
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=["image"],
            output_names=list(NetworkOutput._fields),
            dynamic_shapes={"image": free},
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _name_axes(model)
    _forget_sources(model)
    _share_equal_arrays(model)
    return model


def _name_axes(model: onnx.ModelProto) -> None:
    """Give the free axes of the input the names that engines ask for."""
    axes = model.graph.input[0].type.tensor_type.shape.dim
    axes[2].dim_param, axes[3].dim_param = "height", "width"
    del model.graph.value_info[:]


def _forget_sources(model: onnx.ModelProto) -> None:
    """Remove the stack traces that the exporter keeps with each node: they name local folders."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")


def _share_equal_arrays(model: onnx.ModelProto) -> None:
    """Keep one of the initialisers that hold the same: the exporter copies shared weights."""
    graph = model.graph
    first: dict[tuple[int, tuple[int, ...], bytes], str] = {}
    kept_name: dict[str, str] = {}
    for tensor in graph.initializer:
        key = (tensor.data_type, tuple(tensor.dims), numpy_helper.to_array(tensor).tobytes())
        kept_name[tensor.name] = first.setdefault(key, tensor.name)
    for node in graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = kept_name.get(name, name)
    kept = [tensor for tensor in graph.initializer if kept_name[tensor.name] == tensor.name]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def store_half(model: onnx.ModelProto, exact: frozenset[str]) -> None:
    """Store FP32 initialisers as FP16 with a cast behind each, in place.

    Args:
        model: with FP32 initialisers.
        exact: names of initialisers to leave in FP32.

    Raises:
        ModelFileError: MDL-05 a number is too large for FP16.
    """
    casts = []
    for tensor in model.graph.initializer:
        count = int(np.prod(tensor.dims))
        if tensor.data_type != TensorProto.FLOAT or count < _SMALLEST_FP16 or tensor.name in exact:
            continue
        name = tensor.name
        with np.errstate(over="ignore"):
            rounded = numpy_helper.to_array(tensor).astype(np.float16)
        if not np.isfinite(rounded).all():
            raise ModelFileError("MDL-05", f"'{name}' is too large for FP16", "Train it anew.")
        half = numpy_helper.from_array(rounded, f"{name}.half")
        tensor.CopyFrom(half)
        casts.append(helper.make_node("Cast", [half.name], [name], f"{name}.cast", to=1))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*casts, *nodes])


def exact_initialisers(model: onnx.ModelProto) -> frozenset[str]:
    """Name the hand model's own arrays, whose rounding would move vertices by 0.1 mm.

    The blend shapes are small offsets and may be rounded.
    """
    rounded = ("posedirs", "shapedirs")
    return frozenset(
        tensor.name
        for tensor in model.graph.initializer
        if "layer." in tensor.name and not tensor.name.endswith(rounded)
    )


def export_weights(weights: Path, hand: Path) -> Path:
    """Write the ONNX file beside published weights and its hash into their json.

    Raises:
        ModelFileError: the weights or the hand model cannot be used.
        OSError: the files cannot be written.
    """
    layer = HandLayer(load_hand_model(hand))
    model = export_onnx(deployable(load_network(weights, layer)))
    store_half(model, exact_initialisers(model))
    onnx.checker.check_model(model, full_check=True)
    data = model.SerializeToString()
    target, json_path = weights.with_suffix(".onnx"), weights.with_suffix(".json")
    card = json.loads(json_path.read_text(encoding="utf-8"))
    card["onnx_sha256"] = hashlib.sha256(data).hexdigest()
    write_atomically(data, target)
    write_atomically((json.dumps(card, indent=2) + "\n").encode(), json_path)
    log.info("%s: %.1f MB, %s", target, len(data) / 1e6, card["onnx_sha256"])
    return target


def main() -> int:
    """Export; a fault is one line with a code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="published .safetensors")
    parser.add_argument("--hand", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        export_weights(arguments.weights, arguments.hand)
    except ManyHandsError as error:
        log.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
