"""From a module to an ONNX graph that names no machine, and what lies in a graph."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from core.errors import ModelFileError
from core.network.network import NetworkOutput

OPSET = 20
#: Smaller tensors are not worth a cast.
_SMALLEST_FP16 = 256


def trace(
    module: nn.Module,
    example: torch.Tensor,
    input_name: str,
    dynamic_shapes: dict[str, Any] | None = None,
) -> onnx.ModelProto:
    """Trace a module with one input and the network's outputs.

    Args:
        module: to trace, in its evaluation mode.
        example: an input of the size to trace with.
        input_name: of the graph's input.
        dynamic_shapes: axes that stay free, as torch.export takes them.
    """
    with warnings.catch_warnings():
        # The exporter of torch 2.13 warns of its own doings.
        warnings.filterwarnings("ignore", "Attempted to insert a get_attr Node", UserWarning)
        warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)`", FutureWarning)
        program = torch.onnx.export(
            module.eval(),
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=[input_name],
            output_names=list(NetworkOutput._fields),
            dynamic_shapes=dynamic_shapes,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    del model.graph.value_info[:]
    _forget_sources(model)
    _share_equal_arrays(model)
    return model


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


def interface(model: onnx.ModelProto) -> dict[str, list[dict[str, Any]]]:
    """Return the name, type and shape of each input and output; a free axis is its name."""

    def described(values: Sequence[onnx.ValueInfoProto]) -> list[dict[str, Any]]:
        return [
            {
                "name": value.name,
                "type": str(helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)),
                "shape": [
                    axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim
                ],
            }
            for value in values
        ]

    return {"inputs": described(model.graph.input), "outputs": described(model.graph.output)}
