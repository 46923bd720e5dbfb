"""Run all arms of the ablation: `python -m training.ablate --budget 400 --out DIR --data DATA`.

Every arm learns for the same few steps from the same batches and the same start; what differs is
one switch of training/arms.py. The table, Markdown and JSON, has one row per arm and is written
anew after each, so a run that was stopped goes on with the arms that are missing. Further arguments
are the trainer's.
"""

import argparse
import json
import logging
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.progress import track
from safetensors.torch import load_file
from safetensors.torch import save as save_safetensors
from torch import nn

from core.atomic import write_atomically
from core.errors import told
from core.hand_model.file import HandModel, load_hand_model
from core.network.config import LITE
from core.network.network import HandNetwork
from core.network.weights import load_network
from training import train as trainer
from training.arms import ARMS, STILL, Arm, fit_network, switched
from training.augment import Draw, augmented_batch
from training.compose import ComposeConfig
from training.datasets.weak_shards import load_weak_pictures
from training.measure import Judged, measure
from training.objective import Objective, total_loss
from training.pairs import composed_pictures
from training.self_augment import TripletBank
from training.sources import MadeBatch, Sources, load_sources, with_triplets
from training.stages import PAPER_STAGES, StageConfig, stage_at
from training.synthetic.generator import SyntheticGenerator
from training.tables import write_json
from training.warp import PicturePool

log = logging.getLogger(__name__)
#: Step whose random numbers nothing is learnt from.
_JUDGED_STEP = 10**9
_JUDGED_PICTURES = 32
_HISTORY = 20


@dataclass(frozen=True, slots=True, eq=False)
class Ablation:
    """What all arms have in common.

    Attributes:
        budget: steps that each arm learns.
        out: folder of results.
        model: the hand.
        start: makes a network; always the same one.
        make: batch of (step, stage).
        judged: what arms are judged on.
        stages: of the run.
        bank: makes an empty bank of triplets; None learns without.
    """

    budget: int
    out: Path
    model: HandModel
    start: Callable[[], HandNetwork]
    make: Callable[[int, StageConfig], MadeBatch]
    judged: Judged
    stages: tuple[StageConfig, ...] = PAPER_STAGES
    bank: Callable[[], TripletBank] | None = None


def run_arms(ablation: Ablation, arms: tuple[Arm, ...] = ARMS) -> dict[str, dict[str, Any]]:
    """Run the arms that have no result yet, and write the table after each."""
    ablation.out.mkdir(parents=True, exist_ok=True)
    results: dict[str, dict[str, Any]] = {}
    for arm in arms:
        path = ablation.out / f"{arm.name}.json"
        if path.exists():
            results[arm.name] = json.loads(path.read_text(encoding="utf-8"))
            log.info("%s: done before", arm.name)
        else:
            results[arm.name] = run_arm(ablation, arm, arms)
            write_json(results[arm.name], path)
        write_table(ablation, results)
    return results


def run_arm(ablation: Ablation, arm: Arm, arms: tuple[Arm, ...]) -> dict[str, Any]:
    """Learn, or take the network of an earlier arm that learnt the same; then judge."""
    network = ablation.start()
    fit_network(network, arm)
    same = next(other for other in arms if other.training() == arm.training())
    weights = ablation.out / f"{same.name}.safetensors"
    history: list[dict[str, float]] = []
    if weights.exists():
        log.info("%s: learns as %s did", arm.name, same.name)
        network.load_state_dict(load_file(weights))
    else:
        history = learn(ablation, arm, network)
        state = {name: value.contiguous() for name, value in network.state_dict().items()}
        write_atomically(save_safetensors(state), weights)
    objective = Objective(network, ablation.model).to(next(network.parameters()).device)
    figures = measure(objective, ablation.model, ablation.judged, arm.testing_steps)
    return {
        "arm": asdict(arm),
        "learnt_as": same.name,
        "budget": ablation.budget,
        "figures": {name: value for name, value in figures.items() if math.isfinite(value)},
        "history": history,
    }


def learn(ablation: Ablation, arm: Arm, network: HandNetwork) -> list[dict[str, float]]:
    """Train in place for the budget; return the terms at some steps, evenly spaced."""
    device = next(network.parameters()).device
    objective = Objective(network, ablation.model).to(device).train()
    optimizer = trainer.build_optimizer(network)
    learnt = [p for p in network.parameters() if p.requires_grad]
    bank = ablation.bank() if ablation.bank is not None and arm.self_augmentation else None
    stages = tuple(switched(stage, arm) for stage in ablation.stages)
    every = max(1, ablation.budget // _HISTORY)
    history = []
    for step in track(range(ablation.budget), arm.name):
        index, within = stage_at(step / ablation.budget, stages)
        stage = stages[index]
        made = ablation.make(step, stage)
        if bank is not None:
            bank.visit(network, made.batch, 0, step, ablation.budget)
            made = with_triplets(made, bank, stage)
        for group in optimizer.param_groups:
            group["lr"] = trainer.learning_rate(stage, within, step) * group["rate"]
        terms = objective(made.batch, stage, made.draw, made.pairs)
        loss = total_loss(terms, stage.weights)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(learnt, 10.0)
        if math.isfinite(norm.item()) and math.isfinite(loss.item()):
            optimizer.step()
        if step % every == 0 or step == ablation.budget - 1:
            values = {name: round(value.item(), 6) for name, value in terms.items()}
            finite = {name: value for name, value in values.items() if math.isfinite(value)}
            history.append({"step": step, "stage": index, **finite})
    return history


def write_table(ablation: Ablation, results: dict[str, dict[str, Any]]) -> None:
    """Write table.json and table.md, one row per arm."""
    names = sorted({name for result in results.values() for name in result["figures"]})
    lines = [
        f"# Ablation, {ablation.budget} steps per arm",
        "",
        "| Arm | " + " | ".join(names) + " |",
        "|---|" + "---:|" * len(names),
    ]
    for arm, result in results.items():
        cells = [
            f"{result['figures'][name]:.4g}" if name in result["figures"] else "-" for name in names
        ]
        lines.append(f"| {arm} | " + " | ".join(cells) + " |")
    write_atomically(("\n".join(lines) + "\n").encode(), ablation.out / "table.md")
    table = {arm: result["figures"] for arm, result in results.items()}
    write_json({"budget": ablation.budget, "arms": table}, ablation.out / "table.json")


def judged_batches(sources: Sources, data: Path, seed: int) -> Judged:
    """Real pictures and scenes to judge on, and composed pictures of the same.

    Real ones come from real-val-*.tar; scenes are drawn with numbers of their own.
    """
    device = sources.backgrounds.device
    draw = Draw(torch.Generator(device).manual_seed(seed * 1_000_003 + _JUDGED_STEP))
    height, width = LITE.input_sizes[0]
    batches = []
    shards = sorted(data.glob("real-val-*.tar"))
    if shards:
        pool = load_weak_pictures(shards).to(device)
        rows = torch.arange(min(len(pool), _JUDGED_PICTURES), device=device)
        real = augmented_batch(pool, rows, sources.backgrounds, height, width, draw, STILL)
        batches.append((real, None))
        config = ComposeConfig(augment=STILL)
        batches.append(
            composed_pictures(
                pool, sources.backgrounds, _JUDGED_PICTURES, height, width, draw, config
            )
        )
    scenes = sources.parts[0].scenes
    if isinstance(scenes, SyntheticGenerator):
        number = seed * 1_000_003 + _JUDGED_STEP
        batches.append((scenes.batch(number, _JUDGED_PICTURES, height, width), None))
    else:
        rows = torch.arange(len(scenes) - _held_out(scenes), len(scenes), device=device)
        drawn = augmented_batch(scenes, rows, sources.backgrounds, height, width, draw, STILL)
        batches.append((drawn, None))
    return Judged(tuple(batches))


def _held_out(scenes: PicturePool) -> int:
    """Return how many of a pool's last scenes nothing is learnt from."""
    return max(1, min(_JUDGED_PICTURES, len(scenes) // 10))


def without_held_out(sources: Sources) -> Sources:
    """Return sources that never show the scenes that arms are judged on."""
    parts = []
    for part in sources.parts:
        if isinstance(part.scenes, PicturePool):
            kept = len(part.scenes) - _held_out(part.scenes)
            scenes = PicturePool(part.scenes.labels.part(0, kept), part.scenes.size[:kept])
            part = replace(part, scenes=scenes)
        parts.append(part)
    return replace(sources, parts=tuple(parts))


@told
def main(argv: list[str] | None = None) -> int:
    """Run all arms, or some; a fault is one line with a code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=int, required=True, help="steps per arm")
    parser.add_argument("--out", type=Path, required=True, help="goes on with what is there")
    parser.add_argument("--arms", nargs="*", choices=[arm.name for arm in ARMS], help="else all")
    parser.add_argument("--start", type=Path, help="published weights to go on from; else ImageNet")
    own, rest = parser.parse_known_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    arguments = trainer.parse_arguments([*rest, "--out", str(own.out)])
    run_arms(
        _ablation(own, arguments),
        tuple(arm for arm in ARMS if own.arms is None or arm.name in own.arms),
    )
    log.info("%s", (own.out / "table.md").read_text(encoding="utf-8"))
    return 0


def _ablation(own: argparse.Namespace, arguments: argparse.Namespace) -> Ablation:
    """Read the data and say how networks start."""
    device = torch.device(arguments.device)
    model = load_hand_model(arguments.hand)
    whole = load_sources(arguments, model, device)
    sources = without_held_out(whole)

    def start() -> HandNetwork:
        torch.manual_seed(arguments.seed)
        network = trainer.build_network(arguments, model)
        if own.start is not None:
            network.load_state_dict(load_network(own.start, network.layer).state_dict())
        return network.to(device)

    def make(step: int, stage: StageConfig) -> MadeBatch:
        return sources.batch(arguments.seed, step, arguments.batch, stage)

    return Ablation(
        own.budget,
        own.out,
        model,
        start,
        make,
        judged_batches(whole, arguments.data, arguments.seed),
        bank=lambda: TripletBank(model, sources.backgrounds, device),
    )


if __name__ == "__main__":
    raise SystemExit(main())
