"""Which hands and pictures count in the stages that look at pixels."""

import math

import pytest
import torch
from torch import Tensor

from tests.training.samples import random_hands
from training import losses


def hand_at(distance_px: float) -> Tensor:
    label = random_hands(1, 1, seed=2).keypoints_2d
    return label + distance_px * torch.tensor([math.cos(0.3), math.sin(0.3)])


def test_the_gate_opens_as_hands_come_nearer() -> None:
    label, box = hand_at(0), torch.full((1, 1), 40.0)
    ones = torch.ones(1, 1, 21)
    distances = (12.0, 6.5, 5.9, 1.0)
    gates = [losses.hierarchical_gate(hand_at(d), label, ones, box, 0.15).item() for d in distances]
    assert gates == [0, 0, 1, 1]  # 0.15 boxes are 6 px
    for distance in distances:
        assert losses.hierarchical_gate(hand_at(distance), label, ones, box, None) == 1
    assert losses.hierarchical_gate(label, label, 0 * ones, box, None) == 0
    half = ones.clone()
    half[..., 10:] = 0  # joints without a label do not hold a hand back
    off = label.clone()
    off[..., 10:, :] += 500
    assert losses.hierarchical_gate(off, label, half, box, 0.15) == 1


@pytest.mark.parametrize(
    ("share", "chosen"), [(0.7, {0, 2, 4, 5, 6, 8, 9}), (0.01, {4}), (1.0, set(range(10)))]
)
def test_the_hardest_share_is_that_of_the_largest_losses(share: float, chosen: set[int]) -> None:
    loss = torch.tensor([5.0, 1, 6, 2, 10, 7, 4, 0, 9, 8])
    assert set(losses.hardest(loss, share).tolist()) == chosen
