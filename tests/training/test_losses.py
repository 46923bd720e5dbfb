import itertools
import math

import numpy as np
import pytest
import torch
from torch import Tensor

from core.topology import BONES
from tests.training.samples import random_hands, root_relative
from training import losses

B, M = 2, 3


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def weights(*shape: int) -> Tensor:
    """In [0, 1], some of them exactly zero."""
    drawn = torch.rand(*shape, generator=torch.Generator().manual_seed(9))
    return drawn * (drawn > 0.3)


def maps() -> tuple[Tensor, Tensor, Tensor]:
    """Logits, targets with one, three and no peaks, and weights."""
    logits = 2 * numbers(3, 2, 4, 5)
    target = torch.rand(3, 2, 4, 5, generator=torch.Generator().manual_seed(1)) * 0.9
    target[0, 0, 1, 1] = 1
    target[1, 0, 2, 3] = target[1, 1, 0, 0] = target[1, 1, 3, 4] = 1
    weight = (numbers(3, 1, 4, 5, seed=2) > -0.8).float()
    return logits, target, weight


def test_focal_loss_equals_the_formula_cell_by_cell() -> None:
    logits, target, weight = maps()
    per_picture = []
    for b in range(3):
        total, positives = 0.0, 0
        for c in range(2):
            for y in range(4):
                for x in range(5):
                    p = 1 / (1 + math.exp(-logits[b, c, y, x].item()))
                    true = target[b, c, y, x].item()
                    positives += true == 1
                    if true == 1:
                        term = (1 - p) ** 2 * math.log(p)
                    else:
                        term = (1 - true) ** 4 * p**2 * math.log(1 - p)
                    total -= weight[b, 0, y, x].item() * term
        per_picture.append(total / max(positives, 1))
    expected = sum(per_picture) / 3
    assert losses.focal_loss(logits, target, weight).mean().item() == pytest.approx(
        expected, rel=1e-6
    )


def test_focal_loss_divides_by_each_pictures_own_positives() -> None:
    logits, target, weight = maps()
    rows = [slice(b, b + 1) for b in range(3)]
    alone = [losses.focal_loss(logits[r], target[r], weight[r]).mean().item() for r in rows]
    together = losses.focal_loss(logits, target, weight)
    assert together.tolist() == pytest.approx(alone, rel=1e-6)


def test_focal_loss_of_pictures_without_hands_is_finite() -> None:
    logits = (40 * numbers(2, 1, 4, 4)).requires_grad_()
    loss = losses.focal_loss(logits, torch.zeros(2, 1, 4, 4), torch.ones(2, 1, 4, 4)).mean()
    loss.sum().backward()
    assert 0 < loss.mean().item() < math.inf
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_focal_loss_takes_nothing_where_the_weight_is_zero() -> None:
    logits, target, _ = maps()
    logits.requires_grad_()
    weight = torch.ones(3, 1, 4, 5)
    weight[:, :, 2] = 0
    losses.focal_loss(logits, target, weight).sum().backward()
    assert logits.grad is not None
    assert (logits.grad[:, :, 2] == 0).all()
    assert (logits.grad[:, :, 1] != 0).any()


def test_keypoint_loss_equals_the_formula() -> None:
    own, true, confidence = numbers(B, M, 21, 2), numbers(B, M, 21, 2, seed=1), weights(B, M, 21)
    box = 10 + 5 * torch.rand(B, M)
    total = sum(
        confidence[b, m, j] * (own[b, m, j] - true[b, m, j]).abs().sum() / box[b, m]
        for b in range(B)
        for m in range(M)
        for j in range(21)
    )
    loss = losses.keypoint_loss(own, true, confidence, box)
    assert loss.mean().item() == pytest.approx((total / confidence.sum()).item(), rel=1e-5)


def test_reprojection_of_the_truth_costs_nothing() -> None:
    hands = random_hands()
    pixels_per_metre = hands.K[..., 0, 0] / hands.joints_3d[:, :, 9, 2]
    relative = root_relative(hands.joints_3d)
    middle = hands.keypoints_2d[:, :, 9]
    projected = losses.reproject(relative, middle, pixels_per_metre, hands.K)
    box = torch.full((2, 2), 50.0)
    confidence = hands.keypoint_confidence
    at_truth = losses.keypoint_loss(projected, hands.keypoints_2d, confidence, box)
    assert at_truth.mean().item() == pytest.approx(0, abs=1e-5)
    moved = losses.reproject(relative, middle + 5, pixels_per_metre, hands.K)
    beside = losses.keypoint_loss(moved, hands.keypoints_2d, confidence, box)
    assert beside.mean().item() == pytest.approx(10 / 50, rel=0.1)


def test_there_are_twenty_bones_from_the_wrist_to_the_tips() -> None:
    chains = [(0, 1, 2, 3, 4), (0, 5, 6, 7, 8), (0, 9, 10, 11, 12),
              (0, 13, 14, 15, 16), (0, 17, 18, 19, 20)]  # fmt: skip
    pairs = {pair for chain in chains for pair in itertools.pairwise(chain)}
    assert len(BONES) == 20
    assert set(BONES) == pairs


def test_bone_direction_loss_equals_the_formula_bone_by_bone() -> None:
    own, true, confidence = numbers(B, M, 21, 3), numbers(B, M, 21, 3, seed=1), weights(B, M, 21)
    unit = 1 + torch.rand(B, M)
    total = weight = 0.0
    for b in range(B):
        for m in range(M):
            for parent, child in BONES:
                u, v = own[b, m, child] - own[b, m, parent], true[b, m, child] - true[b, m, parent]
                short = (0.02 * unit[b, m]) ** 2
                u, v = u / (u @ u + short).sqrt(), v / (v @ v + short).sqrt()
                both = (confidence[b, m, child] * confidence[b, m, parent]).item()
                total += both * ((u - v) @ (u - v)).item()
                weight += both
    loss = losses.bone_direction_loss(own, true, confidence, unit)
    assert loss.mean().item() == pytest.approx(total / weight, rel=1e-5)


def test_bone_directions_ignore_scale_and_place_but_not_a_bent_finger() -> None:
    hands = random_hands(seed=3)
    true, confidence = hands.joints_3d, hands.keypoint_confidence
    unit = torch.full((2, 2), 0.18)
    copy = 1.4 * true + torch.tensor([0.3, -0.2, 0.1])
    # Not exactly zero: bones fade out by their length, and a scaled bone is longer.
    assert losses.bone_direction_loss(copy, true, confidence, unit).mean().item() < 1e-4
    bent = copy.clone()
    bent[:, :, 8] = bent[:, :, 7] + 1.4 * (true[:, :, 7] - true[:, :, 8])
    turned = losses.bone_direction_loss(bent, true, confidence, unit).mean().item()
    assert turned == pytest.approx(4 / 20, rel=0.05)  # one of twenty unit vectors reversed


def test_a_bone_that_points_at_the_camera_does_not_drown_the_others() -> None:
    true = random_hands(1, 1).keypoints_2d
    own = true.clone()
    own[:, :, 8] = own[:, :, 7] + 1e-4
    own.requires_grad_()
    confidence, unit = torch.ones(1, 1, 21), torch.full((1, 1), 50.0)
    losses.bone_direction_loss(own, true, confidence, unit).sum().backward()
    assert own.grad is not None
    # 2 % of the hand is a pixel here: a unit vector cannot turn by more than about that.
    assert own.grad.norm(dim=-1).max() <= 2 * 2 / 20


def test_joints_3d_loss_ignores_where_the_hand_is() -> None:
    target = random_hands().joints_3d
    shifted = target + torch.tensor([0.10, -0.20, 0.30])
    loss = losses.joints_3d_loss(shifted, target, torch.ones(2, 2))
    assert loss.mean().item() == pytest.approx(0, abs=1e-5)


def test_joints_3d_loss_is_the_error_relative_to_the_knuckle_in_decimetres() -> None:
    own, true, weight = numbers(B, M, 21, 3), numbers(B, M, 21, 3, seed=1), weights(B, M)
    a, b = own.numpy(), true.numpy()
    error = np.abs((a - a[:, :, 9:10]) - (b - b[:, :, 9:10])).sum(-1).mean(-1) / 0.1
    expected = (error * weight.numpy()).sum() / weight.numpy().sum()
    loss = losses.joints_3d_loss(own, true, weight).mean().item()
    assert loss == pytest.approx(float(expected), rel=1e-5)


PER_HAND = {
    "points": (losses.points_loss, (7, 3), lambda a, b: np.abs(a - b).sum(-1).mean(-1) / 0.1),
    "rotation": (losses.rotation_loss, (16, 3, 3),
                 lambda a, b: ((a - b) ** 2).sum((-1, -2)).mean(-1)),
    "shape": (losses.shape_loss, (10,), lambda a, b: np.abs(a - b).mean(-1)),
    "albedo": (losses.albedo_loss, (7, 3), lambda a, b: np.abs(a - b).mean((-1, -2))),
    "light": (losses.light_loss, (27,), lambda a, b: np.abs(a - b).mean(-1)),
}  # fmt: skip


@pytest.mark.parametrize("name", PER_HAND)
def test_losses_per_hand_equal_their_formulas(name: str) -> None:
    loss, shape, formula = PER_HAND[name]
    own, true, weight = numbers(B, M, *shape), numbers(B, M, *shape, seed=1), weights(B, M)
    error = formula(own.numpy(), true.numpy())
    expected = (error * weight.numpy()).sum() / weight.numpy().sum()
    assert loss(own, true, weight).mean().item() == pytest.approx(float(expected), rel=1e-5)
    assert loss(true, true, weight).mean().item() == 0


def test_shape_prior_is_the_mean_square() -> None:
    betas, weight = numbers(B, M, 10), weights(B, M)
    expected = ((betas**2).mean(-1) * weight).sum() / weight.sum()
    assert losses.shape_prior(betas, weight).mean().item() == pytest.approx(
        expected.item(), rel=1e-6
    )


def test_joint_limits_cost_nothing_inside_and_their_excess_outside() -> None:
    low, high = torch.full((15, 3), -0.2), torch.full((15, 3), 1.5)
    angles = low + (high - low) * torch.rand(1, 2, 15, 3)
    weight = torch.tensor([[1.0, 0.0]])
    assert losses.joint_limit_prior(angles, low, high, weight).mean().item() == 0
    angles[0, 0, 4, 0] = 1.8  # 0.3 beyond
    angles[0, 0, 7, 2] = -0.35  # 0.15 beyond
    angles[0, 1] = 9.0  # of a hand that does not count
    loss = losses.joint_limit_prior(angles, low, high, weight).mean().item()
    assert loss == pytest.approx((0.3 + 0.15) / 45, rel=1e-5)


@pytest.mark.parametrize("error", [0.0, 0.02, 0.05, 0.3])
def test_confidence_is_taught_to_fall_with_the_error(error: float) -> None:
    errors, weight = torch.full((1, 1, 21), error), torch.ones(1, 1, 21)
    grid = torch.linspace(-9, 9, 3601)
    values = torch.stack(
        [losses.confidence_loss(logit.expand(1, 1, 21), errors, weight)[0] for logit in grid]
    )
    best = torch.sigmoid(grid[values.argmin()]).item()
    assert best == pytest.approx(math.exp(-error / 0.05), abs=2e-3)


ALL = {
    "focal": lambda x, w: losses.focal_loss(x.view(B, 1, 3, -1), torch.zeros(B, 1, 3, 42),
                                            w[:, :1, :1, None] * torch.ones(3, 42)),
    "keypoint": lambda x, w: losses.keypoint_loss(x, torch.zeros_like(x), w, torch.ones(B, M)),
    "bones": lambda x, w: losses.bone_direction_loss(x, torch.zeros_like(x), w, torch.ones(B, M)),
    "joints": lambda x, w: losses.joints_3d_loss(x, torch.zeros_like(x), w[..., 0]),
    "points": lambda x, w: losses.points_loss(x, torch.zeros_like(x), w[..., 0]),
    "rotation": lambda x, w: losses.rotation_loss(
        x[..., None], torch.zeros(B, M, 21, 2, 1), w[..., 0]),
    "shape": lambda x, w: losses.shape_loss(x[..., 0], torch.zeros(B, M, 21), w[..., 0]),
    "prior": lambda x, w: losses.shape_prior(x[..., 0], w[..., 0]),
    "limits": lambda x, w: losses.joint_limit_prior(
        x, torch.zeros(21, 2), torch.ones(21, 2), w[..., 0]),
    "confidence": lambda x, w: losses.confidence_loss(x[..., 0], torch.zeros(B, M, 21), w),
    "albedo": lambda x, w: losses.albedo_loss(x, torch.zeros_like(x), w[..., 0]),
    "light": lambda x, w: losses.light_loss(x[..., 0], torch.zeros(B, M, 21), w[..., 0]),
}  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_labels_that_are_missing_weigh_nothing(name: str) -> None:
    values = numbers(B, M, 21, 2).requires_grad_()
    loss = ALL[name](values, torch.zeros(B, M, 21))
    loss.sum().backward()
    assert loss.mean().item() == 0
    assert values.grad is not None
    assert (values.grad == 0).all()


@pytest.mark.parametrize("name", ALL)
def test_gradients_are_finite_also_where_everything_coincides(name: str) -> None:
    values = torch.zeros(B, M, 21, 2, requires_grad=True)
    ALL[name](values, torch.ones(B, M, 21)).sum().backward()
    assert values.grad is not None
    assert torch.isfinite(values.grad).all()
