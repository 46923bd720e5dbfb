"""What a run would do: `python -m training.train ... --dry-run`. Takes a few steps, writes nothing.

The stages with their losses, the data, the network, and how long it all takes: each different
layout of a batch is learnt from once, after one step that only warms up, and its time counts for
all the run's steps of that layout.
"""

import argparse
import math
import time
from dataclasses import fields

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, optim

from core.hand_model.file import load_hand_model
from core.network.network import HandNetwork
from training.checkpoints import WeightAverage, load_checkpoint
from training.datasets.shard_stream import ShardStream
from training.objective import Objective
from training.sources import MadeBatch, Sources, layout_at, load_sources
from training.stages import Layout, LossWeights, StageConfig, stage_at
from training.synthetic.generator import SyntheticGenerator
from training.train import TrainingStep, build_network, build_optimizer, learning_rate

#: Of WeightAverage; the plan throws the average away.
_ANY_DECAY = 0.9


def show_plan(
    arguments: argparse.Namespace,
    stages: tuple[StageConfig, ...],
    console: Console | None = None,
) -> None:
    """Print the plan of a run.

    Raises:
        TrainingError: what the run itself would raise: TRN-01 no data, TRN-03 another checkpoint.
    """
    console = console or Console()
    device = torch.device(arguments.device)
    torch.manual_seed(arguments.seed)
    model = load_hand_model(arguments.hand)
    sources = load_sources(arguments, model, device)
    network = build_network(arguments, model).to(device, memory_format=torch.channels_last)
    optimizer = build_optimizer(network)
    checkpoint = arguments.out / "checkpoint.pt"
    done = 0
    if checkpoint.exists():
        average = WeightAverage(network, _ANY_DECAY)
        done = load_checkpoint(checkpoint, network, average, optimizer)
    total = math.ceil(arguments.samples / arguments.batch)
    console.print(_stage_table(stages, total))
    for line in _data_lines(sources):
        console.print(line)
    console.print(_network_line(network, arguments.profile, device))
    step = TrainingStep(Objective(network, model).to(device))
    seconds = _times(arguments, stages, sources, step, optimizer)
    for layout, spent in seconds.items():
        console.print(
            f"step of {layout.across**2} x {layout.height} x {layout.width} px tiles: {spent:.2f} s"
        )
    left = sum(
        seconds[layout_at(stages[stage_at(s / total, stages)[0]], s)] for s in range(done, total)
    )
    console.print(f"steps: {total}, of which {done} are done; time left: {_clock(left)}")
    console.print("dry run: nothing was written")


def _stage_table(stages: tuple[StageConfig, ...], total: int) -> Table:
    """Return when each stage begins, its rates, and which losses it switches on and off."""
    table = Table("stage", "from step", "learning rate", "losses", show_lines=True)
    before: dict[str, float] = {}
    start = 0.0
    for stage in stages:
        first, last = (learning_rate(stage, progress, total + 1000) for progress in (0.0, 1.0))
        weights = _switched_on(stage.weights)
        table.add_row(
            stage.name,
            str(math.ceil(start * total - 1e-9)),
            f"{first:g} to {last:g}",
            _changes(before, weights),
        )
        before, start = weights, start + stage.share
    return table


def _switched_on(weights: LossWeights) -> dict[str, float]:
    """Return the weights of the losses that are on."""
    named = {field.name: float(getattr(weights, field.name)) for field in fields(weights)}
    return {name: value for name, value in named.items() if value > 0}


def _changes(before: dict[str, float], now: dict[str, float]) -> str:
    """Say which losses a stage switches on, changes and switches off."""
    on = [f"{name} {now[name]:g}" for name in now if before.get(name) != now[name]]
    off = [f"no {name}" for name in before if name not in now]
    return ", ".join(on + off) or "as before"


def _data_lines(sources: Sources) -> list[str]:
    """Say what this process's batches are drawn from."""
    lines = []
    for part in sources.parts:
        if isinstance(part.weak, ShardStream):
            lines.append(
                f"part {part.index}: {part.weak.total} shards of real pictures, "
                f"{part.weak.held} of them at a time"
            )
        else:
            hands = int(part.weak.labels.valid.sum())
            lines.append(f"part {part.index}: {len(part.weak)} real pictures with {hands} hands")
        if isinstance(part.scenes, SyntheticGenerator):
            lines.append(f"part {part.index}: synthetic scenes are drawn afresh at every step")
        else:
            hands = int(part.scenes.labels.valid.sum())
            lines.append(
                f"part {part.index}: {len(part.scenes)} synthetic scenes with {hands} hands"
            )
    return [*lines, f"backgrounds: {len(sources.backgrounds)}"]


def _network_line(network: HandNetwork, profile: str, device: torch.device) -> str:
    """Say how large the network is and how much of it learns."""
    every = sum(parameter.numel() for parameter in network.parameters())
    learnt = sum(p.numel() for p in network.parameters() if p.requires_grad)
    size = f"{every / 1e6:.2f} M parameters, {learnt / 1e6:.2f} M learn"
    return f"network {profile}: {size}, on {device}"


def _times(
    arguments: argparse.Namespace,
    stages: tuple[StageConfig, ...],
    sources: Sources,
    step: TrainingStep,
    optimizer: optim.Optimizer,
) -> dict[Layout, float]:
    """Return the seconds of a step of each layout, batch making included."""
    wanted: dict[Layout, tuple[int, StageConfig]] = {}
    for stage in stages:
        for number, layout in enumerate(stage.layouts):
            wanted.setdefault(layout, (number, stage))
    seconds = {}
    order = [next(iter(wanted.items())), *wanted.items()]  # the first one warms up
    for layout, (number, stage) in order:
        started = time.perf_counter()
        made = sources.batch(arguments.seed, number, arguments.batch, stage)
        _take_step(arguments, made, stage, step, optimizer)
        seconds[layout] = time.perf_counter() - started
    return seconds


def _take_step(
    arguments: argparse.Namespace,
    made: MadeBatch,
    stage: StageConfig,
    step: TrainingStep,
    optimizer: optim.Optimizer,
) -> None:
    """Learn from a batch as the run would, and wait until that is done."""
    step.train()
    device = made.batch.image.device
    with torch.autocast(device.type, torch.bfloat16, enabled=not arguments.fp32):
        loss, _ = step(made, stage)
    optimizer.zero_grad(set_to_none=True)
    total: Tensor = loss
    total.backward()
    optimizer.step()
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _clock(seconds: float) -> str:
    """Return a length of time as a person says it."""
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours} h {rest // 60:02d} min {rest % 60:02d} s"
