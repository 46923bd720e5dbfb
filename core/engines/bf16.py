"""Which part of the network OpenVINO may compute in bf16, and the graph in which it does.

OpenVINO's own bf16 rounds every product. What the first layers round goes through all others: it
makes nine tenths of the error. So only convolutions that stand on the coarsest maps are taken: the
last blocks of the backbone, what fuses them, the dense heads and the windows of hands, together
more than half of all work. All else keeps FP32: early layers, linear layers, norms,
sampling, coordinates, rotations, skinning. Types are written into the graph, where OpenVINO keeps
them whatever precision it is asked for.
"""

from typing import Any, Final

import openvino as openvino  # without telemetry: see core/engines/__init__.py
from openvino import opset13

_CONVOLUTIONS: Final = ("Convolution", "GroupConvolution")
#: What stays in bf16 between two convolutions; all of it is done within the first one.
_BETWEEN: Final = ("Add", "Clamp", "Maximum", "Minimum", "Relu")
#: Input pixels per cell of the coarsest maps.
_COARSEST_STRIDE: Final = 32
#: The one that makes the first such map and the one that sums it up would add half of the error.
_FIRST_IN_FP32: Final = 2


def compute_in_bf16(model: openvino.Model) -> list[str]:
    """Type the convolutions that tolerate it, and what lies between them, bf16, in place.

    Args:
        model: HandNetwork with a fixed input (1, 3, height, width).

    Returns:
        names of the operations that are in bf16 now.
    """
    height, width = list(model.input(0).shape)[2:]
    tolerant = _after_coarsest(model, height * width // _COARSEST_STRIDE**2)
    constant = {op.get_name() for op in model.get_ops() if op.get_type_name() == "Constant"}
    taken: dict[str, str] = {}
    for node in model.get_ordered_ops():
        sources = {source.get_name() for source in _sources(node)}
        # Sizes are fixed, so what is computed of them is as constant as a weight.
        if node.get_type_name() == "ShapeOf" or (sources and sources <= constant):
            constant.add(node.get_name())
            continue
        is_between = node.get_type_name() in _BETWEEN and sources <= constant | taken.keys()
        if node.get_name() in tolerant or is_between:
            _take_in_bf16(node, taken)
            taken[node.get_name()] = node.get_friendly_name()
    for node in model.get_ordered_ops():
        if node.get_name() in taken:
            _hand_on_in_fp32(node, taken)
    model.validate_nodes_and_infer_types()
    return list(taken.values())


def _after_coarsest(model: openvino.Model, coarsest_cells: int) -> set[str]:
    """Name the convolutions that see what the first coarsest map is turned into.

    Args:
        model: with a fixed input.
        coarsest_cells: height times width of the coarsest maps.
    """
    passed: dict[str, int] = {}  # convolutions from the one that gives the first such map
    found = set()
    for node in model.get_ordered_ops():
        most = max((passed[source.get_name()] for source in _sources(node)), default=0)
        if node.get_type_name() in _CONVOLUTIONS:
            pictures, _, height, width = node.get_output_shape(0)
            if most >= _FIRST_IN_FP32:
                found.add(node.get_name())
            if most or (pictures == 1 and height * width <= coarsest_cells):
                most += 1
        passed[node.get_name()] = most
    return found


def _take_in_bf16(node: Any, taken: dict[str, str]) -> None:
    """Convert what comes in FP32."""
    for port in node.inputs():
        output = port.get_source_output()
        is_real = output.get_element_type() == openvino.Type.f32
        if is_real and output.get_node().get_name() not in taken:
            port.replace_source_output(opset13.convert(output, openvino.Type.bf16).output(0))


def _hand_on_in_fp32(node: Any, taken: dict[str, str]) -> None:
    """Convert back for those that compute in FP32."""
    exact = [
        port
        for port in node.output(0).get_target_inputs()
        if port.get_node().get_name() not in taken
    ]
    if exact:
        output = opset13.convert(node.output(0), openvino.Type.f32).output(0)
        for port in exact:
            port.replace_source_output(output)


def _sources(node: Any) -> list[Any]:
    return [port.get_source_output().get_node() for port in node.inputs()]
