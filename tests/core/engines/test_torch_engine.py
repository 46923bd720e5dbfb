from dataclasses import fields

import numpy as np
import pytest
import torch
from torch import nn

from core.engines.base import RawHands
from core.engines.torch import TorchEngine
from core.errors import EngineError
from tests.networks import TINY, as_input, hand_layer, lively_network, noise_picture

SIZE = (64, 96)


def test_engine_returns_what_the_network_says() -> None:
    network = lively_network()
    picture = noise_picture(*SIZE)
    raw = TorchEngine(network, SIZE).run(picture)
    with torch.no_grad():
        output = network(as_input(picture))
    for item in fields(RawHands):
        found = getattr(raw, item.name)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, getattr(output, item.name), atol=1e-5, rtol=1e-5)
    assert raw.vertices.shape == (TINY.slots, hand_layer().num_vertices, 3)


def test_read_only_picture_is_taken_and_left_as_it_is() -> None:
    picture = noise_picture(*SIZE)
    before = picture.copy()
    picture.setflags(write=False)
    TorchEngine(lively_network(), SIZE).run(picture)
    np.testing.assert_array_equal(picture, before)


def test_network_is_set_to_evaluation() -> None:
    network = lively_network().train()
    engine = TorchEngine(network, SIZE)
    mean = network.neck.bn.running_mean.clone()
    first = engine.run(noise_picture(*SIZE))
    second = engine.run(noise_picture(*SIZE))
    np.testing.assert_array_equal(first.vertices, second.vertices)
    assert torch.equal(network.neck.bn.running_mean, mean)


def test_hands_can_be_changed_like_any_array() -> None:
    raw = TorchEngine(lively_network(), SIZE).run(noise_picture(*SIZE))
    raw.score[0] = 0.5
    assert raw.score[0] == 0.5


def test_description_names_library_device_and_weights() -> None:
    engine = TorchEngine(lively_network(), SIZE, "abc")
    description = engine.describe()
    assert (description.name, description.precision) == ("torch", "fp32")
    assert description.detail == f"PyTorch {torch.__version__}, cpu"
    assert description.weights_sha256 == "abc"
    assert engine.input_size == SIZE


class OutOfMemory(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nSee notes")


def test_failing_library_is_an_engine_error() -> None:
    network = lively_network()
    network.backbone = OutOfMemory()
    with pytest.raises(EngineError) as caught:
        TorchEngine(network, SIZE).run(noise_picture(*SIZE))
    assert caught.value.code == "ENG-02"
    assert "Tried to allocate 2 GiB" in caught.value.cause
    assert "\n" not in caught.value.cause
