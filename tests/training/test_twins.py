"""Twins show the hands of a batch once more: the same pixels at them, other surroundings."""

from dataclasses import replace

import torch

from tests.training.rendered import drawn
from tests.training.samples import random_hands
from training.augment import Draw
from training.batch import TrainingBatch, compact, concatenate
from training.pairs import HandPairs, twin_pictures
from training.sources import Part, Sources, pictures_in
from training.stages import Layout, StageConfig
from training.warp import PicturePool

SIDE = 128
#: Largest standard deviation of a twin's noise in levels, and what is not exceeded by chance.
NOISE, FAR = 4.0, 24.0


def batch() -> TrainingBatch:
    """Six pictures of a hand, two of none; every picture has a colour of its own around it."""
    labels = drawn(random_hands(8, 1, SIDE, SIDE, seed=3))
    colours = torch.arange(8, dtype=torch.uint8)[:, None, None, None] * 30
    shown = (labels.hand_index >= 0)[:, None]
    labels = replace(labels, image=torch.where(shown, labels.image, colours))
    valid = labels.valid.clone()
    valid[6:] = False
    return compact(replace(labels, valid=valid))


def twins(count: int = 5, seed: int = 0) -> tuple[TrainingBatch, TrainingBatch, HandPairs]:
    """The batch, its twins, and the pairs of both."""
    own = batch()
    draw = Draw(torch.Generator().manual_seed(seed))
    more, pairs = twin_pictures(own, count, draw)
    return own, more, pairs


def test_a_twin_has_the_pixels_and_labels_of_its_hand() -> None:
    own, more, pairs = twins()
    assert len(more) == 5
    assert len(pairs.alone) >= 3
    whole = concatenate(own, more)
    for (a, slot), (b, other) in zip(pairs.alone.tolist(), pairs.pasted.tolist(), strict=True):
        assert a < len(own) <= b
        assert whole.side[a, slot] == whole.side[b, other]
        torch.testing.assert_close(whole.keypoints_2d[a, slot], whole.keypoints_2d[b, other])
        torch.testing.assert_close(whole.pose[a, slot], whole.pose[b, other])
        points = whole.keypoints_2d[a, slot].round().long().clamp(0, SIDE - 1)
        seen = whole.image[:, :, points[:, 1], points[:, 0]].float()
        assert (seen[a] - seen[b]).abs().max() <= FAR
    assert torch.equal(pairs.pasted_from_alone, torch.eye(3).expand(len(pairs.alone), 3, 3))


def test_its_surroundings_are_often_another_pictures() -> None:
    own, more, pairs = twins()
    apart = []
    for a, b in zip(pairs.alone[:, 0].tolist(), pairs.pasted[:, 0].tolist(), strict=True):
        difference = (own.image[a].float() - more.image[b - len(own)].float()).abs().amax(0)
        apart.append((difference > FAR).float().mean())
        assert 0.5 < difference.std() < 255  # noise everywhere
    assert max(apart) > 0.1


def test_pictures_with_hands_are_taken_first() -> None:
    own, _, pairs = twins(count=6)
    assert set(pairs.alone[:, 0].tolist()) <= set(range(6))
    assert own.valid.any(1).sum() == 6


def test_twins_depend_on_their_random_numbers_alone() -> None:
    first, second = twins()[1], twins()[1]
    assert torch.equal(first.image, second.image)
    assert not torch.equal(first.image, twins(seed=1)[1].image)


def test_a_batch_with_twins_is_as_large_as_one_without() -> None:
    pool = PicturePool(batch(), torch.full((8, 2), float(SIDE)))
    sources = Sources((Part(0, pool, pool),), 1, torch.full((2, 3, 60, 80), 90, dtype=torch.uint8))
    layout = Layout(96, 96, hand_px=(30.0, 60.0))
    stage = StageConfig("t", 1.0, (1e-3, 1e-3), layouts=(layout,), twin_share=0.25)
    made = sources.batch(1, 0, 12, stage)
    assert len(made.batch) == pictures_in(layout, 12) == 12
    assert made.pairs is not None
    assert (made.pairs.alone[:, 0] < 9).all()
    assert (made.pairs.pasted[:, 0] >= 9).all()
    both = replace(stage, composed_share=0.5)
    made = sources.batch(1, 0, 12, both)
    assert len(made.batch) == 12
    assert made.pairs is not None
    for where in (made.pairs.alone, made.pairs.pasted):
        assert made.batch.valid[where.unbind(1)].all()
