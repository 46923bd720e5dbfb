"""The same hand alone and among others: labels of both pictures must tell the same story."""

from dataclasses import replace

import pytest
import torch

from tests.factories import hand_model
from tests.networks import lively_network
from tests.training.rendered import drawn
from tests.training.samples import random_hands
from training import losses
from training.arrange import ArrangeConfig
from training.augment import Draw
from training.batch import TrainingBatch, compact
from training.compose import ComposeConfig
from training.objective import Objective
from training.pairs import HandPairs, composed_pictures, joined
from training.stages import LossWeights, StageConfig
from training.warp import PicturePool

HEIGHT, WIDTH = 96, 128
CONFIG = ComposeConfig(
    hand_count_weights=(0.2, 0.4, 0.4), arrange=ArrangeConfig(hand_px=(26.0, 60.0))
)


def pool() -> PicturePool:
    labels = drawn(random_hands(8, 1, 160, 160, seed=3))
    return PicturePool(labels, torch.full((8, 2), 160.0))


def composed(seed: int = 0, count: int = 9) -> tuple[TrainingBatch, HandPairs]:
    backgrounds = torch.full((2, 3, 60, 80), 90, dtype=torch.uint8)
    draw = Draw(torch.Generator().manual_seed(seed))
    return composed_pictures(pool(), backgrounds, count, HEIGHT, WIDTH, draw, CONFIG)


def test_there_are_as_many_pictures_as_asked_for_and_pairs_name_hands_in_them() -> None:
    batch, pairs = composed()
    assert len(batch) == 9
    assert 1 <= len(pairs.alone) <= 3
    assert (pairs.pasted[:, 0] < 6).all()
    assert (pairs.alone[:, 0] >= 6).all()
    for where in (pairs.alone, pairs.pasted):
        assert batch.valid[where.unbind(1)].all()
    again, _ = composed()
    assert torch.equal(again.image, batch.image)


def test_the_similarity_takes_the_lone_hand_onto_the_pasted_one() -> None:
    batch, pairs = composed()
    alone, pasted = pairs.alone.unbind(1), pairs.pasted.unbind(1)
    turn = losses.paste_turn(
        pairs.pasted_from_alone, batch.side[alone] == 0, batch.side[pasted] == 0
    )
    mirrored = torch.linalg.det(pairs.pasted_from_alone) < 0
    assert ((batch.side[alone] != batch.side[pasted]) == mirrored).all()
    error = losses.multi_consistency_loss(
        (batch.pose[alone], batch.betas[alone], batch.keypoints_2d[alone]),
        (batch.pose[pasted], batch.betas[pasted], batch.keypoints_2d[pasted]),
        turn,
        pairs.pasted_from_alone,
        torch.full((len(mirrored),), 30.0),
    )
    torch.testing.assert_close(error, torch.zeros_like(error), atol=1e-3, rtol=0)


def test_a_network_that_sees_the_two_differently_is_told_so() -> None:
    batch, pairs = composed()
    network = lively_network()
    stage = StageConfig("c", 1.0, (1e-3, 1e-3), weights=LossWeights(multi_consistency=1.0))
    objective = Objective(network, hand_model())
    draw = Draw(torch.Generator().manual_seed(0))
    loss = objective(batch, stage, draw, pairs)["multi_consistency"]
    assert loss > 0
    (gradient,) = torch.autograd.grad(loss, network.regressor.estimate[-1].weight)
    assert gradient.abs().max() > 0
    assert objective(batch, stage, draw)["multi_consistency"] == 0


def test_pairs_of_parts_are_moved_to_where_their_parts_lie() -> None:
    pairs = HandPairs(torch.tensor([[2, 1]]), torch.tensor([[0, 3]]), torch.eye(3)[None])
    merged = joined([pairs, None, pairs.after(1)], [4, 5, 6])
    assert merged is not None
    assert merged.alone.tolist() == [[2, 1], [12, 1]]
    assert merged.pasted.tolist() == [[0, 3], [10, 3]]
    assert joined([None, None], [1, 2]) is None


def test_masks_follow_their_hands_into_the_first_slots() -> None:
    batch = random_hands(2, 3, 32, 32)
    mask = torch.full((2, 32, 32), -1, dtype=torch.int8)
    mask[:, 4:8], mask[0, 10:14], mask[1, 20:22] = 2, 1, 0
    batch = drawn_mask(batch, mask)
    moved = compact(batch)
    assert moved.hand_index is not None
    assert moved.hand_index.dtype == torch.int8
    # Picture 0 keeps slot 2, picture 1 slots 0 and 2; slot 1 of picture 0 holds no labelled hand.
    assert (moved.hand_index[0, 4:8] == 0).all()
    assert (moved.hand_index[0, 10:14] != 0).all()
    assert (moved.hand_index[1, 4:8] == 1).all()
    assert (moved.hand_index[1, 20:22] == 0).all()
    assert (moved.hand_index[:, 28:] == -1).all()


def drawn_mask(batch: TrainingBatch, mask: torch.Tensor) -> TrainingBatch:
    valid = torch.tensor([[False, False, True], [True, False, True]])
    return replace(batch, valid=valid, hand_index=mask)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_pictures_are_composed_too(count: int) -> None:
    batch, pairs = composed(count=count)
    assert len(batch) == count
    assert len(pairs.alone) <= count // 3
