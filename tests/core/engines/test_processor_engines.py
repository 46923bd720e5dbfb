"""What every engine of the processor takes and refuses, whichever library runs it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

from core.engines.base import Engine
from core.engines.onnx import OnnxEngine
from core.errors import EngineError, ModelFileError
from tests.core.engines.networks import SHAPES, SIZE, write_network

#: Opens a network of SIZE.
Opener = Callable[[Path], Engine]


@pytest.fixture(params=["onnx", "openvino"])
def engine_of(request: pytest.FixtureRequest) -> Opener:
    if request.param == "onnx":
        return lambda path: OnnxEngine(path, SIZE, "abc", threads=1)
    pytest.importorskip("openvino", reason="the extra openvino is not installed")
    from core.engines.openvino import OpenVinoEngine

    return lambda path: OpenVinoEngine(path, SIZE, "abc", threads=1)


def refusal(engine_of: Opener, path: Path) -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        engine_of(path)
    return caught.value


def test_outputs_arrive_under_their_names_and_with_their_shapes(
    engine_of: Opener, tmp_path: Path
) -> None:
    raw = engine_of(write_network(tmp_path / "n.onnx")).run(np.zeros((*SIZE, 3), np.uint8))
    for number, name in enumerate(SHAPES):
        array = getattr(raw, name)
        assert array.shape == SHAPES[name]
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, number / 100)


def test_order_of_outputs_in_the_file_does_not_matter(engine_of: Opener, tmp_path: Path) -> None:
    backwards = dict(reversed(SHAPES.items()))
    raw = engine_of(write_network(tmp_path / "n.onnx", backwards)).run(
        np.zeros((*SIZE, 3), np.uint8)
    )
    np.testing.assert_allclose(raw.light, 0)
    np.testing.assert_allclose(raw.score, 0.11)


@pytest.mark.parametrize("data", [b"", b"not a network", b"\x08\x0a" * 50])
def test_corrupt_file_is_refused(engine_of: Opener, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "corrupt.onnx"
    path.write_bytes(data)
    error = refusal(engine_of, path)
    assert error.code == "MDL-03"
    assert "corrupt.onnx" in error.cause
    assert "\n" not in error.cause


def test_truncated_file_is_refused(engine_of: Opener, tmp_path: Path) -> None:
    path = write_network(tmp_path / "n.onnx")
    path.write_bytes(path.read_bytes()[:-40])
    assert refusal(engine_of, path).code == "MDL-03"


def test_network_without_an_output_is_refused_by_name(engine_of: Opener, tmp_path: Path) -> None:
    shapes = {name: shape for name, shape in SHAPES.items() if name not in {"pose", "light"}}
    error = refusal(engine_of, write_network(tmp_path / "n.onnx", shapes))
    assert error.code == "MDL-04"
    assert "no output 'pose'; no output 'light'" in error.cause


def test_only_the_first_five_differences_are_told(engine_of: Opener, tmp_path: Path) -> None:
    error = refusal(engine_of, write_network(tmp_path / "n.onnx", {"other": (1,)}))
    assert error.code == "MDL-04"
    assert error.cause.count("no output") == 5


@pytest.mark.parametrize(
    ("name", "shape"),
    [("keypoints_2d", (4, 42)), ("joints_3d", (4, 16, 3)), ("pose", (4, 48)), ("betas", (4, 20))],
)
def test_network_with_other_shapes_is_refused(
    engine_of: Opener, tmp_path: Path, name: str, shape: tuple[int, ...]
) -> None:
    error = refusal(engine_of, write_network(tmp_path / "n.onnx", SHAPES | {name: shape}))
    assert error.code == "MDL-04"
    assert f"'{name}' is {shape}" in error.cause


def test_network_of_another_picture_format_is_refused(engine_of: Opener, tmp_path: Path) -> None:
    for change in ({"input_type": TensorProto.FLOAT}, {"input_name": "input_0"}):
        error = refusal(engine_of, write_network(tmp_path / "n.onnx", **change))
        assert error.code == "MDL-04"
        assert "no uint8 input 'image'" in error.cause


def test_network_of_one_other_size_is_refused(engine_of: Opener, tmp_path: Path) -> None:
    error = refusal(engine_of, write_network(tmp_path / "n.onnx", axes=(1, 3, 288, 384)))
    assert error.code == "MDL-04"
    assert "(1, 3, 288, 384), expected (1, 3, 64, 96)" in error.cause


def test_network_that_wants_more_than_a_picture_is_refused(
    engine_of: Opener, tmp_path: Path
) -> None:
    error = refusal(engine_of, write_network(tmp_path / "n.onnx", more_inputs=("threshold",)))
    assert error.code == "MDL-04"
    assert "unknown input 'threshold'" in error.cause


def test_picture_of_another_size_is_an_engine_error(engine_of: Opener, tmp_path: Path) -> None:
    engine = engine_of(write_network(tmp_path / "n.onnx"))
    with pytest.raises(EngineError) as caught:
        engine.run(np.zeros((32, 32, 3), np.uint8))
    assert caught.value.code == "ENG-02"
