import hashlib
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.assets import weights_path
from core.engines.base import RawHands
from core.engines.onnx import OnnxEngine
from core.engines.torch import TorchEngine
from core.errors import ModelFileError
from core.network.config import LITE
from core.network.network import NetworkOutput
from core.network.weights import deployable, load_network
from export import to_onnx
from export.onnx_graph import exact_initialisers, store_half
from tests.networks import TINY, Exported, exported_network, hand_layer, noise_picture

pytestmark = pytest.mark.slow  # one export of some 15 s serves them all


@pytest.fixture(scope="module")
def exported() -> Exported:
    return exported_network()


@pytest.fixture(scope="module")
def model_path(exported: Exported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "tiny.onnx"
    path.write_bytes(exported.data)
    return path


def arrays(data: bytes) -> dict[str, np.ndarray]:
    tensors = onnx.load_from_string(data).graph.initializer
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in tensors}


def assert_same_hands(found: RawHands, expected: RawHands, metres: float, pixels: float) -> None:
    tolerance = {"vertices": metres, "joints_3d": metres, "keypoints_2d": pixels,
                 "middle_mcp_2d": pixels}  # fmt: skip
    for item in fields(RawHands):
        own, other = getattr(found, item.name), getattr(expected, item.name)
        assert own.shape == other.shape
        # Apparent scale is hundreds of pixels per metre.
        relative = 1e-5 if item.name == "pixels_per_metre" else 0
        np.testing.assert_allclose(
            own, other, atol=tolerance.get(item.name, 1e-4), rtol=relative, err_msg=item.name
        )


@pytest.mark.parametrize("size", TINY.input_sizes)
@pytest.mark.parametrize("seed", range(3))
def test_onnx_runtime_finds_the_hands_that_torch_finds(
    exported: Exported, model_path: Path, size: tuple[int, int], seed: int
) -> None:
    picture = noise_picture(*size, seed)
    found = OnnxEngine(model_path, size, "", threads=1).run(picture)
    expected = TorchEngine(exported.network, size).run(picture)
    assert expected.score.min() > 1e-3  # every slot holds a peak, so their order is fixed
    assert np.ptp(expected.keypoints_2d) > 10
    assert_same_hands(found, expected, metres=1e-4, pixels=1e-4)


def test_half_storage_halves_the_file(exported: Exported) -> None:
    """Against all numbers in FP32, but for the hand model's own, which stay exact."""
    exact = whole = 0
    for array in arrays(exported.data).values():
        exact += array.nbytes if array.dtype == np.float32 else 0
        whole += array.nbytes * (2 if array.dtype == np.float16 else 1)
    assert len(exported.data) - exact < 0.6 * (whole - exact)


def test_weights_are_stored_in_half_precision_without_loss(exported: Exported) -> None:
    stored = arrays(exported.data)
    found = set()
    for name, parameter in exported.network.named_parameters():
        if f"{name}.half" in stored:
            own = stored[f"{name}.half"].astype(np.float32)
            np.testing.assert_array_equal(own, parameter.detach().numpy(), name)
            found.add(name)
    assert {"backbone._conv_stem.weight", "neck.fuse.weight", "appearance.out.weight"} <= found


def test_hand_models_own_arrays_stay_exact(exported: Exported) -> None:
    kept = [array for array in arrays(exported.data).values() if array.dtype == np.float32]
    layer = hand_layer()
    for name in ("v_template", "weights", "joints_template", "joint_dirs", "tip_dirs"):
        wanted = getattr(layer, name).numpy()
        assert any(array.size == wanted.size and np.array_equal(array.ravel(), wanted.ravel())
                   for array in kept), name  # fmt: skip


def test_rounded_blend_shapes_move_no_vertex_by_a_fiftieth_of_a_millimetre(
    exported: Exported,
) -> None:
    layer = hand_layer()
    for name, largest in (("posedirs", 2.0), ("shapedirs", 3.0)):
        exact = getattr(layer, name).numpy()
        error = np.abs(exact - exact.astype(np.float16))
        # All coefficients at a large value at once, errors of one sign: the worst case.
        assert largest * np.sqrt((error**2).sum(0)).max() < 2e-5


def test_height_and_width_are_free_and_have_their_names(exported: Exported) -> None:
    graph = onnx.load_from_string(exported.data).graph
    (image,) = graph.input
    axes = [axis.dim_param or axis.dim_value for axis in image.type.tensor_type.shape.dim]
    assert image.name == "image"
    assert image.type.tensor_type.elem_type == TensorProto.UINT8
    assert axes == [1, 3, "height", "width"]
    assert [output.name for output in graph.output] == list(NetworkOutput._fields)


def test_outputs_are_what_engines_return(exported: Exported) -> None:
    assert NetworkOutput._fields == tuple(item.name for item in fields(RawHands))


def test_file_names_no_folder_of_the_machine_that_made_it(exported: Exported) -> None:
    root = str(Path(to_onnx.__file__).parents[1]).encode()
    for text in (root, sys.prefix.encode(), b".py", b"stack_trace"):
        assert text not in exported.data


def test_shared_weights_of_the_steps_are_stored_once(exported: Exported) -> None:
    large = [a for a in arrays(exported.data).values() if a.size >= 256]
    distinct = {(a.dtype.str, a.shape, a.tobytes()) for a in large}
    assert len(large) == len(distinct)


def test_file_passes_the_full_check(exported: Exported) -> None:
    onnx.checker.check_model(onnx.load_from_string(exported.data), full_check=True)


def test_number_too_large_for_half_precision_is_refused() -> None:
    values = np.zeros(300, np.float32)
    values[7] = 1e5
    model = graph_of("big", values)
    with pytest.raises(ModelFileError) as caught:
        store_half(model, frozenset())
    assert caught.value.code == "MDL-05"
    assert "big" in caught.value.cause


def test_exact_and_small_arrays_are_not_rounded() -> None:
    values = np.linspace(0, 1, 300, dtype=np.float32)
    for name, exact, count in (("kept", {"kept"}, 300), ("small", set(), 100)):
        model = graph_of(name, values[:count])
        store_half(model, frozenset(exact))
        assert model.graph.initializer[0].data_type == TensorProto.FLOAT
        assert [node.op_type for node in model.graph.node] == ["Identity"]


def test_only_blend_shapes_of_the_hand_model_may_be_rounded() -> None:
    names = ["layer.v_template", "layer.posedirs", "layer.shapedirs", "layer.weights", "neck.fuse"]
    model = graph_of("neck", np.zeros(1, np.float32))
    for name in names:
        model.graph.initializer.append(numpy_helper.from_array(np.zeros(1, np.float32), name))
    assert exact_initialisers(model) == {"layer.v_template", "layer.weights"}


def graph_of(name: str, values: np.ndarray) -> onnx.ModelProto:
    """A model that returns one initialiser."""
    output = helper.make_tensor_value_info("out", TensorProto.FLOAT, values.shape)
    node = helper.make_node("Identity", [name], ["out"])
    tensor = numpy_helper.from_array(values, name)
    return helper.make_model(helper.make_graph([node], "graph", [], [output], [tensor]))


def test_command_writes_the_file_and_its_hash_beside_the_weights(exported: Exported) -> None:
    assert exported.names == ("tiny.json", "tiny.onnx", "tiny.safetensors")
    assert exported.card["onnx_sha256"] == hashlib.sha256(exported.data).hexdigest()
    assert exported.card["profile"] == "tiny"


def test_command_says_in_one_line_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "argv", ["to_onnx", str(tmp_path / "absent.safetensors")])
    monkeypatch.chdir(Path(to_onnx.__file__).parents[1])
    assert to_onnx.main() == 2
    assert [record.message[:6] for record in caplog.records] == ["MDL-01"]


def test_shipped_onnx_file_equals_the_shipped_weights() -> None:
    """On pictures of noise: joints within 1 mm and 0.5 px, scores within 0.01."""
    weights, path = weights_path("lite", "safetensors"), weights_path("lite", "onnx")
    if not (weights.is_file() and path.is_file()):
        pytest.skip("no weights ship with this checkout")
    network = deployable(load_network(weights, hand_layer()))
    size = (96, 128)
    engine = OnnxEngine(path, size, "", threads=1)
    for seed in range(3):
        picture = noise_picture(*size, seed)
        found, expected = engine.run(picture), TorchEngine(network, size).run(picture)
        np.testing.assert_allclose(found.score, expected.score, atol=0.01)
        sure = expected.score > 1e-3  # slots behind the last peak hold no hand
        for name, tolerance in (("joints_3d", 1e-3), ("vertices", 1e-3), ("keypoints_2d", 0.5)):
            own, other = getattr(found, name)[sure], getattr(expected, name)[sure]
            np.testing.assert_allclose(own, other, atol=tolerance, err_msg=f"{name}, seed {seed}")
    assert network.config == LITE
