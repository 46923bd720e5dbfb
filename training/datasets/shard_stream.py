"""Shards that do not fit into memory: a few of them at a time, in an order of their own.

Which shards are held depends on the seed and the step alone, so a resumed run goes on with the same
pictures without reading what it has passed.
"""

import math
import tarfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from webdataset.tariterators import group_by_keys, tar_file_expander

from core.errors import TrainingError
from training.datasets.weak_shards import pictures_of
from training.warp import PicturePool

T = TypeVar("T")


def split(
    items: Sequence[T], rank: int, world_size: int, worker: int = 0, workers: int = 1
) -> list[T]:
    """Return what one worker of one process takes; all together take every item exactly once.

    Args:
        items: shards or samples, in the same order everywhere.
        rank: the process, below world_size.
        world_size: number of processes.
        worker: of this process, below workers.
        workers: readers in each process.
    """
    return list(items[rank * workers + worker :: world_size * workers])


def window_of_shards(
    shards: Sequence[Path], seed: int, window: int, held: int, part: int = 0, parts: int = 1
) -> list[Path]:
    """Return the shards that a part of the batches is drawn from in one window of steps.

    All parts shuffle the shards alike, anew in each epoch, and take each one's own `split`; windows
    take `held` of these in turn.

    Raises:
        TrainingError: TRN-01 there are fewer shards than parts.
    """
    own = split(range(len(shards)), part, parts)
    if not own:
        raise TrainingError(
            "TRN-01",
            f"{len(shards)} shards cannot be split into {parts} parts",
            "Write smaller shards, or start fewer processes.",
        )
    epoch, turn = divmod(window, math.ceil(len(own) / held))
    order = np.random.default_rng((seed, epoch)).permutation(len(shards))
    mine = split(order, part, parts)
    return [shards[index] for index in mine[turn * held : (turn + 1) * held]]


class ShardStream:
    """The pictures of a few shards, exchanged for others as steps go by.

    The next ones are read in the background, so twice `held` shards are in memory at times.

    Attributes:
        held: shards in a window.
        total: shards of all parts.
    """

    def __init__(
        self,
        shards: Sequence[Path],
        seed: int,
        held: int,
        window_steps: int,
        device: torch.device,
        part: int = 0,
        parts: int = 1,
        readers: int = 4,
    ) -> None:
        """Describe the stream; nothing is read yet.

        Args:
            shards: all of them, in the same order in every process.
            seed: of their order.
            held: shards in a window.
            window_steps: steps that a window lasts for.
            device: that batches are made on.
            part: which part of the batches this stream feeds.
            parts: how many there are.
            readers: threads that read shards.
        """
        self._shards, self._seed, self.held = list(shards), seed, held
        self.total = len(self._shards)
        self._window_steps, self._device = window_steps, device
        self._part, self._parts, self._readers = part, parts, readers
        self._background = ThreadPoolExecutor(1, "shards")
        self._windows: dict[int, Future[PicturePool]] = {}

    def pool_at(self, step: int) -> PicturePool:
        """Return the pictures that the batch of a step is drawn from.

        Raises:
            TrainingError: TRN-01 a shard cannot be read, or holds nothing that can.
        """
        window = step // self._window_steps
        kept = {w: future for w, future in self._windows.items() if w in (window, window + 1)}
        self._windows = kept
        for wanted in (window, window + 1):
            if wanted not in kept:
                kept[wanted] = self._background.submit(self._read, wanted)
        return kept[window].result()

    def close(self) -> None:
        """Stop reading ahead."""
        self._background.shutdown(cancel_futures=True)

    def _read(self, window: int) -> PicturePool:
        shards = window_of_shards(
            self._shards, self._seed, window, self.held, self._part, self._parts
        )
        readers = min(self._readers, len(shards))
        with ThreadPoolExecutor(readers) as threads:
            shares = [split(shards, 0, 1, worker, readers) for worker in range(readers)]
            read = list(threads.map(lambda share: list(_samples(share)), shares))
        return pictures_of([sample for samples in read for sample in samples]).to(self._device)


def _samples(shards: Sequence[Path]) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield (key, JPEG bytes, JSON bytes) of every complete sample of WebDataset shards.

    Raises:
        TrainingError: TRN-01 a shard is missing or not a tar file.
    """
    for shard in shards:
        try:
            with shard.open("rb") as stream:
                files = tar_file_expander([{"url": shard.name, "stream": stream}])
                for sample in group_by_keys(files):
                    if "jpg" in sample and "json" in sample:
                        yield sample["__key__"], sample["jpg"], sample["json"]
        except (OSError, ValueError, tarfile.TarError) as error:
            raise TrainingError(
                "TRN-01", f"shard {shard} cannot be read ({error})", "Check the --data folder."
            ) from error
