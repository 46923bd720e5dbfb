"""ONNX files with the interface of a HandNetwork that always return the same numbers."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

SIZE = (64, 96)
VERTICES = 11
#: Shapes of a HandNetwork's outputs for four slots.
SHAPES = {
    "score": (4,), "right_probability": (4,), "keypoints_2d": (4, 21, 2),
    "keypoint_confidence": (4, 21), "pose": (4, 16, 3, 3), "betas": (4, 10),
    "middle_mcp_2d": (4, 2), "pixels_per_metre": (4,), "vertices": (4, VERTICES, 3),
    "joints_3d": (4, 21, 3), "albedo": (4, VERTICES, 3), "light": (4, 27),
}  # fmt: skip


def write_network(
    path: Path,
    shapes: dict[str, tuple[int, ...]] | None = None,
    *,
    input_name: str = "image",
    input_type: int = TensorProto.UINT8,
    axes: tuple[int | str, ...] = (1, 3, "height", "width"),
    more_inputs: tuple[str, ...] = (),
) -> Path:
    """A network that returns the same numbers for every picture: output i holds i / 100."""
    names = SHAPES if shapes is None else shapes
    nodes, outputs = [], []
    for number, (name, shape) in enumerate(names.items()):
        value = helper.make_tensor(
            name, TensorProto.FLOAT, shape, [number / 100] * int(np.prod(shape))
        )
        nodes.append(helper.make_node("Constant", [], [name], value=value))
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    inputs = [helper.make_tensor_value_info(input_name, input_type, axes)]
    inputs += [helper.make_tensor_value_info(n, TensorProto.FLOAT, (1,)) for n in more_inputs]
    model = helper.make_model(
        helper.make_graph(nodes, "network", inputs, outputs),
        opset_imports=[helper.make_opsetid("", 20)],
        ir_version=10,
    )
    onnx.save(model, str(path))
    return path
