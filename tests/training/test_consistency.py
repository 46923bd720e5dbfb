"""Losses of agreement: between ways to one hand, and between one hand's two pictures."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.topology import MIDDLE_MCP
from tests.training.samples import random_hands
from training import losses
from training.warp import warp_labels

B, M = 2, 3


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_consistency_equals_the_formula() -> None:
    own, local, box = 5 * numbers(B, M, 21, 2), 5 * numbers(B, M, 21, 2, seed=1), torch.ones(B, M)
    box = 40 + 10 * numbers(B, M, seed=2).abs()
    confidence = numbers(B, M, 21, seed=3).abs()
    total = 0.0
    for b in range(B):
        for m in range(M):
            for j in range(21):
                for axis in range(2):
                    apart = abs((own - local)[b, m, j, axis].item() / box[b, m].item())
                    smooth = apart**2 / 0.1 if apart < 0.05 else apart - 0.025
                    total += confidence[b, m, j].item() * smooth
    labelled = torch.ones(B, M, 21, dtype=torch.bool)
    loss = losses.consistency_loss(own, local, confidence, labelled, box).mean()
    assert loss.item() == pytest.approx(total / confidence.sum().item(), rel=1e-4)


def test_without_a_label_the_local_side_teaches_and_does_not_learn() -> None:
    own = numbers(1, 1, 21, 2).requires_grad_()
    local = numbers(1, 1, 21, 2, seed=1).requires_grad_()
    labelled = torch.zeros(1, 1, 21, dtype=torch.bool)
    labelled[..., :5] = True
    ones = torch.ones(1, 1, 21)
    losses.consistency_loss(own, local, ones, labelled, torch.ones(1, 1)).sum().backward()
    assert own.grad is not None
    assert local.grad is not None
    assert (own.grad != 0).all()
    assert (local.grad[..., :5, :] != 0).all()
    assert (local.grad[..., 5:, :] == 0).all()


def test_the_centroid_of_the_counted_joints_is_the_hands_centre() -> None:
    points, weight = 9 * numbers(1, 2, 21, 2), torch.zeros(1, 2, 21)
    weight[0, 0, [3, 8]] = 1
    centre = points[:, :, [3, 8]].mean(2)
    box = torch.full((1, 2), 20.0)
    assert losses.centre_consistency_loss(points, centre, weight, box).item() == pytest.approx(
        0, abs=1e-6
    )
    beside = centre + torch.tensor([2.0, -4.0])
    error = losses.centre_consistency_loss(points, beside, weight, box).item()
    assert error == pytest.approx(6 / 20, rel=1e-4)  # the hand without joints counts nothing


def similarity(scale: float, degrees: float, mirror: bool) -> Tensor:
    angle = math.radians(degrees)
    turn = torch.tensor(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    ) * torch.tensor([-1.0 if mirror else 1.0, 1.0])
    matrix = torch.eye(3)
    matrix[:2, :2] = scale * turn
    matrix[:2, 2] = torch.tensor([60.0, 20.0])
    return matrix


@pytest.mark.parametrize(
    ("scale", "degrees", "mirror"),
    [(1.0, 0.0, False), (0.6, 35.0, False), (0.8, -70.0, True), (1.3, 0.0, True)],
)
def test_the_same_hand_pasted_anywhere_agrees_with_itself(
    scale: float, degrees: float, mirror: bool
) -> None:
    alone = random_hands(4, 1, seed=3)  # both sides
    assert alone.side.unique().tolist() == [0, 1]
    paste = similarity(scale, degrees, mirror)[None].repeat(4, 1, 1)
    pasted = warp_labels(alone, paste, 200, 200)
    turn = losses.paste_turn(paste, alone.side[:, 0] == 0, pasted.side[:, 0] == 0)
    box = torch.full((4,), 50.0)

    def error(betas: Tensor, keypoints: Tensor, pose: Tensor) -> Tensor:
        return losses.multi_consistency_loss(
            (alone.pose[:, 0], alone.betas[:, 0], alone.keypoints_2d[:, 0]),
            (pose, betas, keypoints),
            turn,
            paste,
            box,
        )

    betas, points, pose = pasted.betas[:, 0], pasted.keypoints_2d[:, 0], pasted.pose[:, 0]
    torch.testing.assert_close(error(betas, points, pose), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(error(betas + 0.5, points, pose), torch.full((4,), 0.5))
    torch.testing.assert_close(error(betas, points + 2.5, pose), torch.full((4,), 0.1))
    bent = pose.clone()
    bent[:, 4] = bent[:, 4] @ pose[:, 5]
    assert (error(betas, points, bent) > 1e-3).all()
    if degrees:  # a mirrored hand has the same canonical pose: only its side changes
        assert (error(betas, points, alone.pose[:, 0]) > 1e-3).any()


def test_foreground_loss_is_the_distance_in_the_variance_over_hands() -> None:
    whole, masked = numbers(B, M, 8), numbers(B, M, 8, seed=1)
    weight = torch.tensor([[1.0, 1, 0], [1, 0, 1]])
    chosen = weight.bool()
    variance = sum(f[chosen].var(0, unbiased=False).mean() for f in (whole, masked)) / 2
    expected = (whole - masked)[chosen].square().mean() / variance
    loss = losses.foreground_loss(whole, masked, weight).mean()
    torch.testing.assert_close(loss, expected)


def test_features_that_shrink_gain_nothing_and_the_masked_side_learns_nothing() -> None:
    whole, masked = numbers(B, M, 8).requires_grad_(), numbers(B, M, 8, seed=1).requires_grad_()
    weight = torch.ones(B, M)
    loss = losses.foreground_loss(whole, masked, weight).mean()
    small = losses.foreground_loss(0.01 * whole, 0.01 * masked, weight).mean()
    torch.testing.assert_close(small, loss, rtol=1e-2, atol=0)
    loss.backward()
    assert whole.grad is not None
    assert masked.grad is None


def test_the_variance_over_hands_tells_a_collapse() -> None:
    weight = torch.tensor([[1.0, 1, 0], [1, 0, 1]])
    same = numbers(1, 1, 8).expand(B, M, 8)
    assert losses.feature_variance(same, weight).item() == pytest.approx(0, abs=1e-9)
    features = numbers(B, M, 8)
    expected = features[weight.bool()].var(0, unbiased=False).mean().item()
    assert losses.feature_variance(features, weight).item() == pytest.approx(expected, rel=1e-5)


def test_the_normalised_skeleton_comes_back_to_a_tenth_of_a_millimetre() -> None:
    hands = random_hands(3, 2, seed=4)
    depth = hands.joints_3d[..., 2]
    box = losses.skeleton_box(hands.keypoints_2d)
    focal = hands.K[..., 0, 0]
    skeleton = losses.normalise_skeleton(hands.keypoints_2d, depth, box, focal)
    back = losses.denormalise_skeleton(
        skeleton, hands.keypoints_2d[:, :, MIDDLE_MCP], depth[..., MIDDLE_MCP], box, hands.K
    )
    assert (back - hands.joints_3d).abs().max() < 1e-4
    assert (skeleton[:, :, MIDDLE_MCP] == 0.5).all()
    assert skeleton[..., :2].min() > -0.2
    assert skeleton[..., :2].max() < 1.2


def test_the_normalised_skeleton_does_not_depend_on_place_and_size_in_the_picture() -> None:
    hands = random_hands(1, 1, seed=5)
    zoomed = warp_labels(hands, similarity(2.5, 0, False)[None], 900, 900)

    def skeleton(labels: object) -> Tensor:
        assert isinstance(labels, type(hands))
        box = losses.skeleton_box(labels.keypoints_2d)
        depth = labels.joints_3d[..., 2]
        return losses.normalise_skeleton(labels.keypoints_2d, depth, box, labels.K[..., 0, 0])

    torch.testing.assert_close(skeleton(hands), skeleton(zoomed), atol=1e-4, rtol=1e-4)


def test_articulation_is_the_squared_distance_and_weak_labels_count_in_two_dimensions() -> None:
    own, true = numbers(B, M, 21, 3), numbers(B, M, 21, 3, seed=1)
    confidence = numbers(B, M, 21, seed=2).abs()
    full = torch.tensor([[1.0, 0, 1], [0, 0, 1]])
    total = 0.0
    for b in range(B):
        for m in range(M):
            for j in range(21):
                error = (own - true)[b, m, j].square()
                value = error[0] + error[1] + full[b, m] * error[2]
                total += (confidence[b, m, j] * value).item()
    loss = losses.articulation_loss(own, true, confidence, full).mean()
    assert loss.item() == pytest.approx(total / confidence.sum().item(), rel=1e-5)
    assert losses.articulation_loss(true, true, confidence, full).sum() == 0


def test_hands_alone_in_a_batch_are_weighed_as_in_their_slots() -> None:
    hands = random_hands(2, 2, seed=6)
    known = torch.tensor([[True, False], [True, True]])
    own, true = numbers(3, 7, 3), numbers(3, 7, 3, seed=1)
    slots = torch.zeros(2, 2, 7, 3)
    spread = [slots.clone().index_put(known.nonzero().unbind(1), v) for v in (own, true)]
    expected = losses.points_loss(*spread, known.float())
    torch.testing.assert_close(losses.hands_loss(own, true, known), expected)
    assert replace(hands, valid=known).valid.sum() == 3
