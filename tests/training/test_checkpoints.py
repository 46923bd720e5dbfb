import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import optim

from core.errors import TrainingError
from core.network import weights
from core.network.network import HandNetwork
from core.network.weights import load_network
from tests.networks import TINY, fresh_network, hand_layer, lively_network
from training.checkpoints import (
    WeightAverage,
    load_checkpoint,
    publish_weights,
    save_checkpoint,
)


def learn(network: HandNetwork, optimizer: optim.Optimizer, average: WeightAverage) -> None:
    """One step towards smaller weights."""
    optimizer.zero_grad()
    sum(p.square().sum() for p in network.parameters()).backward()
    optimizer.step()
    average.update(network, 0)


def test_published_weights_load_as_the_network_rounded_to_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "LITE", TINY)
    network = lively_network()
    path = tmp_path / "run" / "tiny.safetensors"
    publish_weights(
        path, network, network.state_dict(), {"steps": 7, "licence": "GPL-3.0-or-later"}
    )
    loaded = load_network(path, hand_layer())
    state = network.state_dict()
    for name, value in loaded.state_dict().items():
        expected = state[name].half().float() if value.is_floating_point() else state[name]
        assert torch.equal(value, expected), name
    card = json.loads(path.with_suffix(".json").read_text())
    assert (card["steps"], card["licence"]) == (7, "GPL-3.0-or-later")
    assert card["network"]["stage_channels"] == TINY.stage_channels
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "tiny.json",
        "tiny.safetensors",
    ]


def test_checkpoint_resumes_to_the_same_next_step(tmp_path: Path) -> None:
    path = tmp_path / "run" / "checkpoint.pt"
    network = lively_network()
    optimizer = optim.AdamW(network.parameters(), lr=1e-3)
    average = WeightAverage(network, 0.9)
    learn(network, optimizer, average)
    save_checkpoint(path, network, average, optimizer, 1)

    resumed = lively_network(seed=5)
    other_optimizer = optim.AdamW(resumed.parameters(), lr=1e-3)
    other_average = WeightAverage(resumed, 0.9)
    assert load_checkpoint(path, resumed, other_average, other_optimizer) == 1
    learn(network, optimizer, average)
    learn(resumed, other_optimizer, other_average)
    for name, value in network.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
        assert torch.equal(average.state[name], other_average.state[name]), name


def test_checkpoint_of_another_network_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    network = fresh_network()
    optimizer = optim.SGD(network.parameters(), lr=0.1)
    save_checkpoint(path, network, WeightAverage(network, 0.9), optimizer, 3)
    wider = fresh_network(replace(TINY, row_hidden=20))
    other_optimizer = optim.SGD(wider.parameters(), lr=0.1)
    with pytest.raises(TrainingError) as caught:
        load_checkpoint(path, wider, WeightAverage(wider, 0.9), other_optimizer)
    assert caught.value.code == "TRN-03"
    assert "hand_feature.bias" in caught.value.cause
    assert caught.value.cause.count("'") == 10  # five names


def test_average_moves_towards_the_network() -> None:
    network = fresh_network()
    average = WeightAverage(network, 0.999)
    name = "centre.out.bias"
    start = average.state[name].clone()
    with torch.no_grad():
        network.centre.out.bias.add_(1.0)
    average.update(network, 0)
    # The first decay is (0 + 1) / (0 + 10).
    torch.testing.assert_close(average.state[name], start + 0.9)
    average.update(network, 10_000_000)
    torch.testing.assert_close(average.state[name], start + 0.9 + 0.1 * 0.001)
