from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("openvino", reason="the extra openvino is not installed")

from torch.nn import Conv2d

from core.assets import checked_weights, demo_clip_path
from core.engines.agreement import compare, joined
from core.engines.bf16 import compute_in_bf16
from core.engines.openvino import OpenVinoEngine, has_bf16, openvino, the_core
from core.engines.pictures import clip_pictures
from core.engines.trial import WITHIN_MM
from tests.core.engines.networks import SIZE
from tests.networks import TINY, exported_network, lively_network

CONVOLUTIONS = ("Convolution", "GroupConvolution")


@pytest.fixture
def model(tmp_path: Path) -> Iterator[openvino.Model]:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(exported_network().data)
    model = the_core().read_model(path)
    model.reshape([1, 3, *SIZE])
    yield model


def precisions(model: openvino.Model, kinds: tuple[str, ...]) -> dict[str, str]:
    return {
        op.get_friendly_name(): op.get_output_element_type(0).to_string()
        for op in model.get_ordered_ops()
        if op.get_type_name() in kinds
    }


@pytest.mark.slow
def test_only_convolutions_on_the_coarsest_maps_are_in_bf16(model: openvino.Model) -> None:
    """Row 22: what early layers round goes through all others."""
    wide = precisions(model, CONVOLUTIONS)
    compute_in_bf16(model)
    found = precisions(model, CONVOLUTIONS)
    convolutions = sum(isinstance(part, Conv2d) for part in lively_network().backbone.modules())
    backbone = list(found)[:convolutions]  # the graph runs it first
    assert set(wide.values()) == {"f32"}
    early = [name for name in backbone if found[name] == "f32"]
    assert early
    assert early == backbone[: len(early)]
    late = list(found.values())[len(early) :]
    assert late.count("bf16") > len(late) / 2


@pytest.mark.slow
def test_coordinates_and_skinning_stay_in_fp32(model: openvino.Model) -> None:
    """Row 22: a place in bf16 would be off by pixels, a vertex by millimetres."""
    compute_in_bf16(model)
    exact = ("MatMul", "GridSample", "Softmax", "Divide", "Sqrt", "ReduceSum", "Gather")
    found = precisions(model, exact)
    assert found
    assert "bf16" not in found.values()
    assert {port.get_element_type().to_string() for port in model.outputs} == {"f32"}
    assert model.input(0).get_element_type().to_string() == "u8"


@pytest.mark.slow
def test_nothing_but_types_changes(model: openvino.Model) -> None:
    kinds = [op.get_type_name() for op in model.get_ordered_ops()]
    shapes = [list(port.shape) for port in model.outputs]
    compute_in_bf16(model)
    after = [op.get_type_name() for op in model.get_ordered_ops()]
    assert sorted(k for k in after if k != "Convert") == sorted(k for k in kinds if k != "Convert")
    assert [list(port.shape) for port in model.outputs] == shapes
    assert shapes[0] == [TINY.slots]


@pytest.mark.slow
def test_shipped_network_finds_the_same_hands_in_bf16() -> None:
    """Within what `auto` asks for; all of it in bf16 would be twice over."""
    if not has_bf16():
        pytest.skip("this processor does not compute in bf16")
    path, sha256 = checked_weights("lite", "onnx")
    size = (160, 288)
    exact = OpenVinoEngine(path, size, sha256)
    rough = OpenVinoEngine(path, size, sha256, precision="bf16")
    pictures = clip_pictures(demo_clip_path(), size, 8, 11)
    found = joined(compare(exact.run(one), rough.run(one)) for one in pictures)
    assert found.hands >= 10
    assert 0 < found.typical_joints_mm <= WITHIN_MM
    assert np.isfinite(found.vertices_mm).all()
