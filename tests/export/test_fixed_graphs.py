import hashlib
import sys
from collections.abc import Mapping

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from core.engines.torch import TorchEngine
from core.network.network import NetworkOutput
from core.preprocess import prepare
from core.types import UInt8
from export import to_onnx
from tests.networks import TINY, Exported, exported_fixed, noise_picture

# Two exports of some 15 s serve them all.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PICTURE = (480, 640)
INPUT = (64, 96)
#: What runs in half precision; the rest of the graph is FP32.
PRODUCTS = {"Conv", "Gemm", "MatMul"}
EXACT = {"Softmax", "LogSoftmax", "LayerNormalization", "ReduceL2", "ReduceSum", "Exp", "Sigmoid",
         "GridSample", "Sqrt", "TopK"}  # fmt: skip


@pytest.fixture(scope="module")
def half() -> Exported:
    return exported_fixed("fp16")


@pytest.fixture(scope="module")
def full() -> Exported:
    return exported_fixed("fp32")


def run(data: bytes, picture: UInt8) -> Mapping[str, np.ndarray]:
    """Run a graph in ONNX Runtime, which casts where its CPU has no FP16."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"picture": picture}), strict=True))


def types_of(model: onnx.ModelProto) -> dict[str, int]:
    """The element type of every tensor of a graph."""
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    values = (*graph.value_info, *graph.input, *graph.output)
    types = {value.name: value.type.tensor_type.elem_type for value in values}
    return {**types, **{tensor.name: tensor.data_type for tensor in graph.initializer}}


def test_graph_takes_the_picture_and_states_every_size(half: Exported) -> None:
    graph = onnx.load_from_string(half.data).graph
    (picture,) = graph.input
    assert picture.name == "picture"
    assert picture.type.tensor_type.elem_type == TensorProto.UINT8
    assert [axis.dim_value for axis in picture.type.tensor_type.shape.dim] == [*PICTURE, 3]
    assert [output.name for output in graph.output] == list(NetworkOutput._fields)
    for output in graph.output:
        assert output.type.tensor_type.elem_type == TensorProto.FLOAT
        assert all(axis.dim_value > 0 for axis in output.type.tensor_type.shape.dim)


def test_products_are_half_and_everything_delicate_is_not(half: Exported) -> None:
    model = onnx.load_from_string(half.data)
    types = types_of(model)
    halves = 0
    for node in model.graph.node:
        found = {types[name] for name in node.input if name and types.get(name) in (1, 10)}
        if node.op_type in EXACT:
            assert found <= {TensorProto.FLOAT}, node.name
        if node.op_type == "Conv":
            assert found == {TensorProto.FLOAT16}, node.name
        halves += node.op_type in PRODUCTS and found == {TensorProto.FLOAT16}
    assert halves >= 50


def test_skinning_and_letterboxing_are_exact(half: Exported) -> None:
    """The hand model's arrays and the scaling matrices are FP32 wherever they are used."""
    model = onnx.load_from_string(half.data)
    delicate = [t for t in model.graph.initializer if "layer." in t.name or "rows" in t.name]
    assert len(delicate) >= 6
    floats = {t.name for t in delicate if t.data_type != TensorProto.INT64}
    assert all(t.data_type == TensorProto.FLOAT for t in delicate if t.name in floats)
    types = types_of(model)
    for node in model.graph.node:
        if floats & set(node.input):
            assert types[node.output[0]] == TensorProto.FLOAT, node.name


@pytest.mark.parametrize("seed", range(2))
def test_full_precision_graph_equals_preparing_and_running_the_network(
    full: Exported, seed: int
) -> None:
    from tests.core.test_preprocess import frame_of

    picture = noise_picture(*PICTURE, seed)
    found = run(full.data, picture)
    prepared = prepare(frame_of(picture), INPUT)
    expected = TorchEngine(full.network, INPUT).run(prepared.image)
    scale = np.diag(prepared.image_from_input)[:2]
    offset = prepared.image_from_input[:2, 2]
    assert expected.score.min() > 1e-3
    np.testing.assert_allclose(found["score"], expected.score, atol=2e-3)
    np.testing.assert_allclose(found["vertices"], expected.vertices, atol=2e-4)
    placed = expected.keypoints_2d * scale + offset
    np.testing.assert_allclose(found["keypoints_2d"], placed, atol=0.5)
    magnified = np.sqrt(scale.prod())
    np.testing.assert_allclose(
        found["pixels_per_metre"], expected.pixels_per_metre * magnified, rtol=1e-3
    )


def test_file_and_description_are_named_after_what_they_are(half: Exported) -> None:
    assert half.names == ("tiny-4x3-fp16.json", "tiny-4x3-fp16.onnx")
    card = half.card
    assert card["onnx_sha256"] == hashlib.sha256(half.data).hexdigest()
    assert (card["profile"], card["aspect"], card["precision"]) == ("tiny", "4x3", "fp16")
    assert card["onnx"]["bytes"] == len(half.data)
    assert card["onnx"]["inputs"] == [{"name": "picture", "type": "uint8", "shape": [*PICTURE, 3]}]
    shapes = {output["name"]: output["shape"] for output in card["onnx"]["outputs"]}
    assert shapes["joints_3d"] == [TINY.slots, 21, 3]
    assert len(card["onnx"]["commit"]) in (40, len("unknown"))


def test_precision_without_an_aspect_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["to_onnx", "x.safetensors", "--precision", "fp16"])
    with pytest.raises(SystemExit):
        to_onnx.main()
    assert "--aspect" in capsys.readouterr().err
