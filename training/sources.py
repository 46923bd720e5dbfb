"""What batches are made of: real pictures with weak labels, and synthetic scenes with full ones.

A batch is made in parts, each from its own random numbers and its own shards, one or more in each
process. It depends on the seed, the step and the number of parts alone, not on which process makes
which part: two processes learn from what one process makes of two parts.
"""

import argparse
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.errors import TrainingError, UsageError
from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer
from core.network.config import LITE
from training.augment import AugmentConfig, Draw, augmented_batch
from training.batch import TrainingBatch, compact, concatenate, tiled
from training.datasets.labelled_pool import load_labelled_pictures
from training.datasets.load import load_dataset
from training.datasets.shard_stream import ShardStream, split
from training.datasets.weak_shards import filling, load_backgrounds, load_weak_pictures
from training.distributed import Ranks
from training.pairs import HandPairs, composed_pictures, joined, together, twin_pictures
from training.self_augment import TripletBank
from training.stages import Layout, StageConfig, stage_at
from training.synthetic.generator import SyntheticGenerator
from training.synthetic.pool import load_pool
from training.warp import PicturePool, merged

log = logging.getLogger(__name__)
#: Between the random numbers of parts: more than any seed * 1_000_003 + step in use.
_PART_STEP = 2**40


class MadeBatch(NamedTuple):
    """A batch, the random numbers that go on from it, and the hands that it shows twice."""

    batch: TrainingBatch
    draw: Draw
    pairs: HandPairs | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What one part of every batch is drawn from.

    Attributes:
        index: of the part among all parts of the run.
        weak: real pictures, all in memory or a few shards at a time.
        scenes: drawn afresh, or taken from a pool and warped.
    """

    index: int
    weak: PicturePool | ShardStream
    scenes: SyntheticGenerator | PicturePool


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Makes this process's parts of each batch.

    Attributes:
        parts: of this process.
        total_parts: of all processes.
        backgrounds: (N, 3, h, w) uint8, what is behind warped pictures.
        behind: (N', 3, h, w) uint8, what composed hands are laid over: the backgrounds, and real
            pictures without hands, such as faces; None for the backgrounds alone.
    """

    parts: tuple[Part, ...]
    total_parts: int
    backgrounds: Tensor
    behind: Tensor | None = None

    def batch(self, seed: int, step: int, size: int, stage: StageConfig) -> MadeBatch:
        """Make this process's share of the batch of a step.

        Args:
            seed: of the run.
            step: of the run.
            size: pictures of the whole batch, before its layout's share.
            stage: of the step.
        """
        made = [self._part(part, seed, step, size, stage) for part in self.parts]
        if len(made) == 1:
            return made[0]
        pairs = joined([part.pairs for part in made], [len(part.batch) for part in made])
        return MadeBatch(concatenate(*(part.batch for part in made)), made[0].draw, pairs)

    def _part(self, part: Part, seed: int, step: int, size: int, stage: StageConfig) -> MadeBatch:
        number = seed * 1_000_003 + step + part.index * _PART_STEP
        draw = Draw(torch.Generator(self.backgrounds.device).manual_seed(number))
        layout = layout_at(stage, step)
        tiles = layout.across**2
        count = pictures_in(layout, size, self.total_parts) // self.total_parts
        composed = min(round(count * stage.composed_share), count - 2) if tiles == 1 else 0
        twins = min(round(count * stage.twin_share), count - composed - 2) if tiles == 1 else 0
        count -= composed + twins
        weak_count = round(count // tiles * stage.weak_share) * tiles
        height, width = layout.height, layout.width
        pool = part.weak.pool_at(step) if isinstance(part.weak, ShardStream) else part.weak
        rows = draw.integers(len(pool), weak_count)
        weak_change, scene_change = _changes(stage, layout)
        weak = augmented_batch(pool, rows, self.backgrounds, height, width, draw, weak_change)
        count -= weak_count
        if isinstance(part.scenes, SyntheticGenerator):
            scenes = part.scenes.batch(number, count, height, width)
        else:
            rows = draw.integers(len(part.scenes), count)
            scenes = augmented_batch(
                part.scenes, rows, self.backgrounds, height, width, draw, scene_change
            )
        batch = compact(tiled(concatenate(weak, scenes), layout.across))
        pairs: list[HandPairs] = []
        if twins:
            more, seen_twice = twin_pictures(batch, twins, draw)
            batch, pairs = concatenate(batch, more), [seen_twice]
        if composed == 0:
            return MadeBatch(batch, draw, together(*pairs) if pairs else None)
        # Real hands and drawn ones in turn: one pool has the truth of its scenes, the other people.
        single = part.scenes if isinstance(part.scenes, PicturePool) and step % 2 else pool
        behind = self.backgrounds if self.behind is None else self.behind
        more, seen_twice = composed_pictures(
            single, behind, composed, height, width, draw, stage.compose
        )
        pairs.append(seen_twice.after(len(batch)))
        return MadeBatch(concatenate(batch, more), draw, together(*pairs))


def with_triplets(made: MadeBatch, bank: TripletBank | None, stage: StageConfig) -> MadeBatch:
    """Add the stage's share of triplets, warped like scenes, behind a batch."""
    pool = None if bank is None else bank.pool()
    batch, draw = made.batch, made.draw
    count = round(len(batch) * stage.triplet_share)
    if pool is None or count == 0:
        return made
    rows = draw.integers(len(pool), count)
    size = (batch.image.shape[2], batch.image.shape[3])
    more = augmented_batch(pool, rows, batch.image[:1], *size, draw, stage.augment_scenes)
    return made._replace(batch=concatenate(batch, more))


def _changes(stage: StageConfig, layout: Layout) -> tuple[AugmentConfig, AugmentConfig]:
    """Return how real pictures and scenes are changed in a layout, which may say how large."""
    hand_px = layout.hand_px
    if hand_px is None:
        return stage.augment, stage.augment_scenes
    return replace(stage.augment, hand_px=hand_px), replace(stage.augment_scenes, hand_px=hand_px)


def layout_at(stage: StageConfig, step: int) -> Layout:
    """Return the layout of a step's batch."""
    return stage.layouts[step % len(stage.layouts)]


def pictures_in(layout: Layout, batch: int, parts: int = 1) -> int:
    """Return how many pictures, tiles counted singly, a batch of that layout shows."""
    return int(max(2, round(batch / parts * layout.share)) * layout.across**2) * parts


def pictures_until(
    step: int, total: int, batch: int, stages: tuple[StageConfig, ...], parts: int = 1
) -> int:
    """Return how many pictures the steps before `step` of a run of `total` steps show."""
    seen = (layout_at(stages[stage_at(s / total, stages)[0]], s) for s in range(step))
    return sum(pictures_in(layout, batch, parts) for layout in seen)


def parts_of(ranks: Ranks, parts: int | None) -> tuple[range, int]:
    """Return the parts that a process makes, and how many all of them make.

    Args:
        ranks: this process.
        parts: asked for; one in each process if None.

    Raises:
        UsageError: USE-03 the parts cannot be shared out evenly.
    """
    total = ranks.world_size if parts is None else parts
    if total < 1 or total % ranks.world_size:
        raise UsageError(
            "USE-03",
            f"--parts is {total}, which {ranks.world_size} processes cannot share evenly",
            "Give a multiple of the number of processes.",
        )
    each = total // ranks.world_size
    return range(ranks.rank * each, (ranks.rank + 1) * each), total


def load_sources(
    arguments: argparse.Namespace,
    model: HandModel,
    device: torch.device,
    ranks: Ranks | None = None,
) -> Sources:
    """Read pictures, backgrounds and scenes; each part of the batches has its own.

    Raises:
        TrainingError: TRN-01 when --data holds no shards, or --pool no scenes.
        UsageError: USE-03 the parts cannot be shared out evenly.
    """
    own, total = parts_of(ranks or Ranks(), arguments.parts)
    shards = sorted(arguments.data.glob("real-train-*.tar"))
    if not shards:
        raise TrainingError(
            "TRN-01", f"no real-train-*.tar in {arguments.data}", "Give the folder by --data."
        )
    height, width = LITE.input_sizes[0]
    backgrounds = load_backgrounds(arguments.data / "backgrounds-000.tar", height, width)
    log.info("%d shards of real pictures, %d backgrounds", len(shards), len(backgrounds))
    weak = _weak_pictures(arguments, shards, own, total, device)
    scenes = _scenes(arguments, model, own, total, backgrounds, device)
    parts = tuple(Part(index, weak[index], scenes[index]) for index in own)
    pools = {id(pool): pool for pool in weak.values() if isinstance(pool, PicturePool)}.values()
    behind = torch.cat([backgrounds, *(without_hands(pool, height, width) for pool in pools)])
    return Sources(parts, total, backgrounds.to(device), behind.to(device))


def without_hands(pool: PicturePool, height: int, width: int) -> Tensor:
    """Return a pool's pictures without hands or what may be one, (N, 3, height, width) uint8.

    They are scaled and cropped to fill the size.
    """
    labels = pool.labels
    extent = labels.ignore_xyxy[..., 2:] - labels.ignore_xyxy[..., :2]
    is_empty = ~labels.valid.any(1) & ~(extent > 0).all(-1).any(1)
    found = np.zeros((int(is_empty.sum()), height, width, 3), np.uint8)
    for number, row in enumerate(is_empty.nonzero()[:, 0].tolist()):
        columns, lines = pool.size[row].round().int().tolist()
        pixels = labels.image[row, :, :lines, :columns].permute(1, 2, 0)
        found[number] = filling(Image.fromarray(pixels.cpu().numpy()), height, width)
    return torch.from_numpy(found).permute(0, 3, 1, 2)


def _weak_pictures(
    arguments: argparse.Namespace,
    shards: list[Path],
    own: range,
    total: int,
    device: torch.device,
) -> dict[int, PicturePool | ShardStream]:
    """Return each part's real pictures: of its own shards where there is one for each part."""
    if arguments.dataset and (arguments.shards_held is not None or len(shards) < total):
        raise UsageError(
            "USE-03",
            "--dataset keeps all pictures in memory, a share of them in each process",
            "Leave --shards-held out, and give at least a shard for each process.",
        )
    if arguments.shards_held is not None:
        return {
            part: ShardStream(
                shards, arguments.seed, arguments.shards_held, arguments.window_steps, device,
                part, total,
            )
            for part in own
        }  # fmt: skip
    if len(shards) < total:
        log.info("fewer shards than parts: each part draws from all of them")
        pool: PicturePool | ShardStream = load_weak_pictures(shards).to(device)
        return dict.fromkeys(own, pool)
    pools = {part: load_weak_pictures(split(shards, part, total)) for part in own}
    official = [_official_pictures(*named, arguments.dataset_limit) for named in arguments.dataset]
    pools = {part: merged(pool, *official) for part, pool in pools.items()}
    log.info("%d real pictures in this process", sum(map(len, pools.values())))
    return {part: pool.to(device) for part, pool in pools.items()}


def _official_pictures(name: str, folder: Path, limit: int) -> PicturePool:
    """Read pictures of an official data set's training split, evenly spread over it."""
    stream = load_dataset(name, folder, "train")
    pool = load_labelled_pictures(stream, limit)
    log.info("%d pictures of %s, %d skipped", len(pool), name, stream.skipped)
    return pool


def _scenes(
    arguments: argparse.Namespace,
    model: HandModel,
    own: range,
    total: int,
    backgrounds: Tensor,
    device: torch.device,
) -> dict[int, SyntheticGenerator | PicturePool]:
    """Return each part's scenes; a pool is shared out if it has a chunk for each part."""
    if arguments.pool is None:
        skins = load_skins(arguments, model)
        log.info("fresh scenes at every step, %d skins", len(skins))
        generator: SyntheticGenerator | PicturePool = SyntheticGenerator(
            HandLayer(model), model, skins, backgrounds, device
        )
        return dict.fromkeys(own, generator)
    labels = load_pool(arguments.pool)
    log.info("%d scenes from %s", len(labels), arguments.pool)
    if len(labels) < total:
        return dict.fromkeys(own, _scene_pool(labels, device))
    rows = {part: torch.tensor(split(range(len(labels)), part, total)) for part in own}
    if total == 1:  # no second copy of everything
        return dict.fromkeys(own, _scene_pool(labels, device))
    return {part: _scene_pool(labels.rows(chosen), device) for part, chosen in rows.items()}


def _scene_pool(labels: TrainingBatch, device: torch.device) -> PicturePool:
    """Return scenes, which fill their pictures."""
    extent = torch.tensor([labels.image.shape[3], labels.image.shape[2]]).float()
    return PicturePool(labels, extent.expand(len(labels), 2)).to(device)


def load_skins(arguments: argparse.Namespace, model: HandModel) -> Tensor:
    """Return skins (S, 3, T, T) uint8: a ready bank, or painted ones and a folder of photos."""
    if arguments.skin_bank is not None:
        return torch.from_numpy(np.load(arguments.skin_bank, allow_pickle=False))
    # Painting needs SciPy and OpenCV; a machine that only learns brings a bank instead.
    from training.synthetic.skins import photographic_skins, procedural_skins

    skins = procedural_skins(model)
    if arguments.skins is not None:
        skins = torch.cat([skins, photographic_skins(arguments.skins, skins.shape[-1])])
    return skins
