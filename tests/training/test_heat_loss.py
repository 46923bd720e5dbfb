import torch
from torch import Tensor

from training.losses import heat_loss


def grid(side: int, step: float) -> Tensor:
    line = torch.arange(side) * step
    return torch.stack(torch.meshgrid(line, line, indexing="xy"), -1).view(1, 1, -1, 2)


def test_heat_loss_is_least_at_the_gaussian_around_the_label() -> None:
    points, target = grid(10, 7.0), torch.tensor([31.0, 24.0]).expand(1, 1, 21, 2)
    away = (points[:, :, None] - target[..., None, :]).square().sum(-1)
    log_goal = (-away / (2 * (0.8 * 7.0) ** 2)).log_softmax(-1)
    ones = torch.ones(1, 1, 21)
    least = heat_loss(log_goal, points, target, ones)
    entropy = -(log_goal.exp() * log_goal).sum(-1).mean()
    torch.testing.assert_close(least[0], entropy)
    flat = torch.zeros_like(log_goal).log_softmax(-1)
    moved = log_goal.roll(1, -1)
    assert heat_loss(flat, points, target, ones) > least
    assert heat_loss(moved, points, target, ones) > least


def test_labels_outside_of_the_window_weigh_nothing() -> None:
    points = grid(6, 5.0)
    target = torch.full((1, 1, 21, 2), 12.0)
    target[0, 0, 3] = 500.0
    heat = torch.randn(1, 1, 21, 36, generator=torch.Generator().manual_seed(0)).log_softmax(-1)
    inside = torch.ones(1, 1, 21)
    inside[0, 0, 3] = 0
    loss = heat_loss(heat, points, target, torch.ones(1, 1, 21))
    torch.testing.assert_close(loss, heat_loss(heat, points, target, inside))
