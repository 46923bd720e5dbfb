import torch

from tests.training.samples import random_hands
from training.compose import ComposeConfig
from training.sources import Part, Sources, without_hands
from training.stages import Layout, StageConfig
from training.warp import PicturePool


def pool_of_four() -> PicturePool:
    """Two pictures with hands, one without, one with what may be a hand."""
    labels = random_hands(4, 2, 64, 64)
    labels.valid[2:] = False
    labels.ignore_xyxy[2:] = 0
    labels.ignore_xyxy[3, 0] = torch.tensor([10.0, 10.0, 30.0, 30.0])
    labels.image[2] = 7  # beyond the picture's extent
    labels.image[2, :, :30, :40] = torch.tensor([200, 100, 50], dtype=torch.uint8)[:, None, None]
    size = torch.tensor([[64.0, 64.0], [64.0, 64.0], [40.0, 30.0], [64.0, 64.0]])
    return PicturePool(labels, size)


def test_pictures_without_hands_fill_the_size_and_others_are_left_out() -> None:
    found = without_hands(pool_of_four(), 96, 96)
    assert found.shape == (1, 3, 96, 96)
    assert found.flatten(2).unique(dim=2).flatten().tolist() == [200, 100, 50]


def test_composed_hands_are_laid_over_what_is_behind_them() -> None:
    labels = random_hands(8, 1, 160, 160)
    pool = PicturePool(labels, torch.full((8, 2), 160.0))
    dark = torch.zeros(1, 3, 64, 64, dtype=torch.uint8)
    stage = StageConfig(
        "t", 1.0, (1e-3, 1e-3), layouts=(Layout(64, 64),), composed_share=0.5,
        compose=ComposeConfig(hand_count_weights=(0.9, 0.1)),
    )  # fmt: skip
    over = {}
    for level in (10, 200):
        behind = torch.full((1, 3, 64, 64), level, dtype=torch.uint8)
        sources = Sources((Part(0, pool, pool),), 1, dark, behind)
        over[level] = sources.batch(0, 0, 24, stage).batch.image[12:].float().mean()
    assert over[200] > over[10] + 30
