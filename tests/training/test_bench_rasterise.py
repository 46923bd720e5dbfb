import pytest
import torch

from tests.networks import hand_layer
from training.bench_rasterise import hands_per_second, measure, posed_hands

#: deodr 0.2.3 takes the cross product of 2D vectors, which NumPy will drop.
pytestmark = pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")


def test_every_rasteriser_at_hand_is_timed_on_the_same_hands() -> None:
    layer = hand_layer()
    vertices = posed_hands(layer, 1, torch.device("cpu"))
    K = torch.tensor([[40.0, 0, 16], [0, 40, 16], [0, 0, 1]])
    figures = measure(vertices, layer.faces, K, size=32, seconds=0.0)
    assert {"rasterise", "soft silhouette, with gradient"} <= figures.keys()
    assert all(rate > 0 for rate in figures.values())


def test_rate_counts_all_hands_of_a_call() -> None:
    rate = hands_per_second(lambda: None, 10, 0.0)
    assert rate > 0
    calls = []
    hands_per_second(lambda: calls.append(1), 10, 0.0)
    assert len(calls) == pytest.approx(4)  # one to warm up, three timed
