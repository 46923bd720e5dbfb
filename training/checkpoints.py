"""Checkpoints of a running training (resumable to the same next step) and published weights."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn, optim

from core.assets import source_commit
from core.atomic import replacing, write_atomically
from core.errors import TrainingError
from core.network.network import HandNetwork
from core.network.weights import config_as_json
from training.self_augment import TripletBank


class WeightAverage:
    """Exponential moving average of a network's parameters and buffers."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        """Start at the network's own weights; decay is reached as steps add up."""
        self.state = {name: value.detach().clone() for name, value in network.state_dict().items()}
        self._decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the network after an optimiser step."""
        decay = min(self._decay, (step + 1) / (step + 10))
        floating: tuple[list[Tensor], list[Tensor]] = ([], [])
        for name, value in network.state_dict().items():
            own = self.state[name]
            if own.is_floating_point():
                floating[0].append(own)
                floating[1].append(value.detach())
            else:
                own.copy_(value)
        torch._foreach_lerp_(floating[0], floating[1], 1 - decay)

    @torch.no_grad()
    def heal(self, network: nn.Module) -> None:
        """Put the average where a buffer of the network is not finite any more.

        Batch statistics follow every forward pass, also one whose step is skipped; a single number
        that is not finite would stay in them, and in this average, for good.
        """
        for name, buffer in network.named_buffers():
            if name in self.state and not torch.isfinite(buffer).all():
                buffer.copy_(self.state[name])


def save_checkpoint(
    path: Path,
    network: HandNetwork,
    average: WeightAverage,
    optimizer: optim.Optimizer,
    step: int,
    bank: TripletBank | None = None,
) -> None:
    """Write everything that the next step depends on.

    Batches depend on seed and step alone, but for the triplets of the bank, where there is one.
    """
    state = {
        "network": network.state_dict(),
        "average": average.state,
        "optimizer": optimizer.state_dict(),
        "step": step,
        "bank": {} if bank is None else bank.state_dict(),
    }
    with replacing(path) as file:
        torch.save(state, file)


def load_checkpoint(
    path: Path,
    network: HandNetwork,
    average: WeightAverage,
    optimizer: optim.Optimizer,
    content: BinaryIO | None = None,
    bank: TripletBank | None = None,
) -> int:
    """Restore a checkpoint in place and return the number of steps done.

    Other parts of the network may be learnt than before: what was frozen starts without moments.

    Args:
        path: of the file.
        network: to restore.
        average: to restore.
        optimizer: to restore.
        content: of the file, where another process has read it already.
        bank: of triplets, to restore; of several processes each starts from the first one's.

    Raises:
        TrainingError: TRN-03 it belongs to another architecture (the first five differences are
            named), or its optimizer is of another kind.
    """
    device = next(network.parameters()).device
    state: dict[str, Any] = torch.load(
        path if content is None else content, map_location=device, weights_only=True
    )
    own = network.state_dict()
    differences = [
        f"'{name}'"
        for name in own.keys() | state["network"].keys()
        if name not in own
        or name not in state["network"]
        or own[name].shape != state["network"][name].shape
    ]
    if differences:
        raise TrainingError(
            "TRN-03",
            f"{path.name} is of another network: {', '.join(sorted(differences)[:5])} differ",
            "Start a new run folder, or use the profile that the checkpoint was made with.",
        )
    try:
        optimizer.load_state_dict(_by_name(state["optimizer"], optimizer))
    except ValueError as error:
        raise TrainingError(
            "TRN-03",
            f"{path.name} was made with another optimizer ({error})",
            "Resume with the program and the --freeze-blocks that it was made with.",
        ) from error
    network.load_state_dict(state["network"])
    for name, value in state["average"].items():
        average.state[name].copy_(value)
    if bank is not None:
        bank.load_state_dict(state.get("bank", {}))
    return int(state["step"])


def _by_name(saved: dict[str, Any], optimizer: optim.Optimizer) -> dict[str, Any]:
    """Return an optimizer's saved state in the order of the parameters that are learnt now.

    Where the saved one, or this one, does not know names, the order is taken as it is.
    """
    old, new = saved["param_groups"], optimizer.state_dict()["param_groups"]
    if len(old) != len(new) or not all("param_names" in group for group in (*old, *new)):
        return saved
    kept = {
        name: saved["state"][index]
        for group in old
        for name, index in zip(group["param_names"], group["params"], strict=True)
        if index in saved["state"]
    }
    state = {
        index: kept[name]
        for group in new
        for name, index in zip(group["param_names"], group["params"], strict=True)
        if name in kept
    }
    merged = [
        {**before, "params": now["params"], "param_names": now["param_names"]}
        for before, now in zip(old, new, strict=True)
    ]
    return {"state": state, "param_groups": merged}


def publish_weights(
    path: Path, network: HandNetwork, state: Mapping[str, Tensor], facts: Mapping[str, Any]
) -> None:
    """Write FP16 safetensors and the json beside it.

    Args:
        path: the .safetensors to write.
        network: whose configuration the weights belong to.
        state: usually the weight average.
        facts: what the json says about data, steps, metrics and licence.
    """
    half = {
        name: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for name, value in state.items()
    }
    data = save_safetensors(half)
    write_atomically(data, path)
    card = {
        "profile": network.config.profile,
        "network": config_as_json(network.config),
        "safetensors_sha256": hashlib.sha256(data).hexdigest(),
        **facts,
    }
    write_atomically((json.dumps(card, indent=2) + "\n").encode(), path.with_suffix(".json"))


def published_weights(run: Path) -> Path:
    """Return the weights that `publish_weights` wrote into a run folder.

    Raises:
        TrainingError: TRN-01 there are none.
    """
    found = sorted(run.glob("*.safetensors"))
    if not found:
        raise TrainingError("TRN-01", f"there are no weights in {run}", "Check the folder.")
    return found[0]


def facts_of_run(stages: tuple[Any, ...], steps: int, samples: int) -> dict[str, Any]:
    """Return what a run knows about itself for the weights' json."""
    return {
        "licence": "GPL-3.0-or-later",
        "steps": steps,
        "samples": samples,
        "stages": [dataclasses.asdict(stage) for stage in stages],
        "commit": source_commit(),
    }
