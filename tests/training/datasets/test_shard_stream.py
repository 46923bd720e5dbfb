"""Shards split over processes and workers, and read a few at a time."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TrainingError
from tests.training.samples import fan, label_of, sample_files, write_tar
from training.datasets.shard_stream import ShardStream, split, window_of_shards
from training.datasets.weak_shards import load_weak_pictures

CPU = torch.device("cpu")


@given(count=st.integers(0, 60), world=st.integers(1, 9), workers=st.integers(1, 5))
def test_splits_are_disjoint_complete_and_even(count: int, world: int, workers: int) -> None:
    shards = list(range(count))
    taken = [
        split(shards, rank, world, worker, workers)
        for rank in range(world)
        for worker in range(workers)
    ]
    assert sorted(item for items in taken for item in items) == shards
    assert max(map(len, taken)) - min(map(len, taken)) <= 1


@given(
    count=st.integers(1, 12),
    parts=st.integers(1, 4),
    held=st.integers(1, 5),
    seed=st.integers(0, 9),
)
def test_every_epoch_shows_every_shard_once(count: int, parts: int, held: int, seed: int) -> None:
    shards = [Path(f"{index:03d}.tar") for index in range(count)]
    if count < parts:
        with pytest.raises(TrainingError, match="TRN-01"):
            window_of_shards(shards, seed, 0, held, parts - 1, parts)
        return
    for epoch in range(2):
        seen = []
        for part in range(parts):
            windows = -(-len(split(shards, part, parts)) // held)
            for window in range(epoch * windows, (epoch + 1) * windows):
                taken = window_of_shards(shards, seed, window, held, part, parts)
                assert 1 <= len(taken) <= held
                seen += taken
        assert sorted(seen) == shards


def test_epochs_and_seeds_differ_in_their_order() -> None:
    shards = [Path(f"{index:03d}.tar") for index in range(20)]
    orders = [window_of_shards(shards, seed, window, 20) for seed in (0, 1) for window in (0, 1)]
    assert len({tuple(order) for order in orders}) == 4


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    """Five shards of two pictures; the hand's place names the picture."""
    return [
        write_tar(
            tmp_path / f"real-train-{index:03d}.tar",
            sample_files(f"{index}a", [label_of(fan(2 + 4 * index), "left")])
            | sample_files(f"{index}b", [label_of(fan(4 + 4 * index), "right")]),
        )
        for index in range(5)
    ]


def places(labels: torch.Tensor) -> list[float]:
    return sorted(labels[:, 0, 0, 0].tolist())


def test_a_stream_shows_what_the_shards_of_its_window_hold(shards: list[Path]) -> None:
    stream = ShardStream(shards, seed=3, held=2, window_steps=10, device=CPU, readers=2)
    seen: list[float] = []
    for step in (0, 9, 10, 25):
        window = window_of_shards(shards, 3, step // 10, 2)
        pool, plain = stream.pool_at(step), load_weak_pictures(window)
        assert places(pool.labels.keypoints_2d) == places(plain.labels.keypoints_2d)
        assert pool.labels.image.sum() == plain.labels.image.sum()
        seen += [] if step == 9 else places(pool.labels.keypoints_2d)
    assert len(set(seen)) == 10
    stream.close()


def test_a_stream_that_starts_late_shows_what_one_from_the_start_shows(shards: list[Path]) -> None:
    early = ShardStream(shards, seed=1, held=1, window_steps=2, device=CPU)
    for step in range(0, 14):
        last = early.pool_at(step)
    late = ShardStream(shards, seed=1, held=1, window_steps=2, device=CPU)
    assert torch.equal(late.pool_at(13).labels.keypoints_2d, last.labels.keypoints_2d)
    early.close()
    late.close()


@pytest.mark.parametrize("what", ["missing", "no tar"])
def test_a_shard_that_cannot_be_read_is_named(what: str, tmp_path: Path) -> None:
    shard = tmp_path / "real-train-000.tar"
    if what == "no tar":
        shard.write_bytes(b"no tar" * 500)
    stream = ShardStream([shard], seed=0, held=1, window_steps=1, device=CPU)
    with pytest.raises(TrainingError) as caught:
        stream.pool_at(0)
    assert caught.value.code == "TRN-01"
    assert "real-train-000.tar" in caught.value.cause
    stream.close()
