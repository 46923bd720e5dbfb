"""Weights between those of two runs."""

import json
from pathlib import Path

import pytest
import torch

from core.assets import hand_model_path
from core.errors import TrainingError
from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.network.network import HandNetwork
from core.network.weights import load_network
from training.blend import blend
from training.checkpoints import publish_weights


@pytest.fixture(scope="module")
def layer() -> HandLayer:
    return HandLayer(load_hand_model(hand_model_path()))


def run_of(folder: Path, layer: HandLayer, seed: int) -> HandNetwork:
    folder.mkdir()
    torch.manual_seed(seed)
    network = HandNetwork(layer)
    publish_weights(folder / "lite.safetensors", network, network.state_dict(), {"steps": seed})
    return network


def test_blend_lies_between_two_runs(tmp_path: Path, layer: HandLayer) -> None:
    first = run_of(tmp_path / "a", layer, 1).state_dict()
    second = run_of(tmp_path / "b", layer, 2).state_dict()
    path = blend(tmp_path / "a", tmp_path / "b", 0.25, tmp_path / "c")
    assert path == tmp_path / "c" / "lite.safetensors"
    for name, value in load_network(path, layer).state_dict().items():
        expected = second[name]
        if value.is_floating_point():
            expected = 0.75 * first[name].half().float() + 0.25 * second[name].half().float()
        torch.testing.assert_close(value, expected, atol=1e-3, rtol=2e-3)
    card = json.loads(path.with_suffix(".json").read_text())
    assert card["blend"] == {"share": 0.25, "with_steps": 1}
    assert card["steps"] == 2


def test_a_run_without_weights_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainingError) as caught:
        blend(tmp_path, tmp_path, 0.5, tmp_path / "c")
    assert caught.value.code == "TRN-01"
