import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("openvino", reason="the extra openvino is not installed")
import openvino
from torch import nn

from core import assets
from core.engines.quantised import checked_quantised, quantised_path
from core.errors import EngineError, SourceError
from core.types import UInt8
from export import quantise as module
from export.quantise import body_convolutions, quantise, quantise_by_nncf
from tests.networks import TINY, exported_network

DEMO = assets.demo_clip_path()


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("network") / "tiny.onnx"
    path.write_bytes(exported_network().data)
    return path


@pytest.fixture
def tiny_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Publish the tiny network as profile "tiny"; returns its hash."""
    folder = tmp_path / "resources" / "weights"
    folder.mkdir(parents=True)
    (folder / "tiny.onnx").write_bytes(exported_network().data)
    (folder / "tiny.json").write_text(json.dumps(exported_network().card))
    monkeypatch.setattr(assets, "resources_dir", lambda: tmp_path / "resources")
    monkeypatch.setattr(module, "_PICTURES", 3)
    return str(exported_network().card["onnx_sha256"])


class Same:
    """A quantiser that leaves the network as it is, and notes what it was given."""

    def __init__(self) -> None:
        self.pictures: list[UInt8] = []
        self.left: list[str] = []

    def __call__(
        self, model: openvino.Model, pictures: Sequence[UInt8], left: list[str]
    ) -> openvino.Model:
        self.pictures, self.left = list(pictures), left
        return model


@pytest.mark.slow
def test_convolutions_of_backbone_and_neck_are_found_in_the_graph(tiny_model: Path) -> None:
    model = openvino.Core().read_model(tiny_model)
    body = body_convolutions(model)
    kinds = {op.get_friendly_name(): op.get_type_name() for op in model.get_ordered_ops()}
    assert {kinds[name] for name in body} == {"Convolution", "GroupConvolution"}
    network = exported_network().network
    expected = sum(
        isinstance(layer, nn.Conv2d)
        for part in (network.backbone, network.neck)
        for layer in part.modules()
    )
    assert len(body) == expected
    # The dense heads and the window have convolutions, too; none of them is among these.
    assert len(body) < sum(kind in ("Convolution", "GroupConvolution") for kind in kinds.values())


@pytest.mark.slow
def test_network_is_left_with_a_manifest_of_what_it_costs(
    tiny_weights: str, tmp_path: Path
) -> None:
    folder, same = tmp_path / "int8", Same()
    loss = quantise("tiny", [DEMO], folder, same)
    assert [picture.shape for picture in same.pictures] == [(*TINY.input_sizes[0], 3)] * 3
    assert any("MatMul" in name or "linear" in name for name in same.left)
    assert loss.missed == 0
    assert loss.vertices_mm == pytest.approx(0, abs=0.5)
    assert loss.frame_ms > 0
    path = quantised_path("tiny", folder)
    checked_quantised(path, tiny_weights)
    manifest = json.loads(path.with_suffix(".json").read_text())
    assert manifest["joints_mm"] == loss.joints_mm
    assert {p.name for p in folder.iterdir()} == {"tiny.xml", "tiny.bin", "tiny.json"}


@pytest.mark.slow
def test_quantiser_that_fails_leaves_the_earlier_network(tiny_weights: str, tmp_path: Path) -> None:
    folder = tmp_path / "int8"
    quantise("tiny", [DEMO], folder, Same())

    def fail(*_: object) -> openvino.Model:
        raise EngineError("ENG-01", "out of memory", "")

    with pytest.raises(EngineError):
        quantise("tiny", [DEMO], folder, fail)
    checked_quantised(quantised_path("tiny", folder), tiny_weights)
    assert len(list(folder.iterdir())) == 3


def test_clip_that_does_not_exist_is_told(tiny_weights: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        quantise("tiny", [tmp_path / "no.mp4"], tmp_path / "int8", Same())
    assert not (tmp_path / "int8").exists()


def test_without_nncf_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nncf", None)
    with pytest.raises(EngineError) as caught:
        quantise_by_nncf(object(), [], [])
    assert caught.value.code == "ENG-01"
    assert "manyhands[quantise]" in caught.value.remedy


@pytest.mark.slow
def test_command_tells_an_unknown_profile_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "export.quantise", "--profile", "none", "--folder", "x"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 2
    assert done.stderr.startswith("MDL-01")
    assert "Traceback" not in done.stderr
