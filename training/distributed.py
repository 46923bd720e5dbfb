"""Several processes, one training: what `torchrun` starts learns as one process would.

Each process makes its own part of every batch. Gradients are averaged by DistributedDataParallel;
that alone is not the gradient of the whole batch, for two things look at all pictures together:
batch statistics, and weighted means, whose denominators count the hands of all processes. Both are
summed over the processes here, so that N processes take the very step that one would take with all
N parts. Single processes need no process group: everything here is the identity for them.
"""

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from core.errors import TrainingError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process among all of a run.

    Attributes:
        rank: number of this process in the run; 0 writes what the run leaves behind.
        world_size: number of processes in the run.
        local_rank: number of this process on its machine, and of its GPU.
    """

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0

    @property
    def is_first(self) -> bool:
        """Whether this process writes checkpoints, logs and weights."""
        return self.rank == 0

    def device(self, name: str) -> torch.device:
        """Return the device that this process learns on: its own GPU where it is to be one."""
        device = torch.device(name)
        if device.type == "cuda" and device.index is None and self.world_size > 1:
            return torch.device("cuda", self.local_rank)
        return device


def ranks_of_environment() -> Ranks:
    """Return what `torchrun` says in the environment; one process alone where it says nothing."""
    return Ranks(
        int(os.environ.get("RANK", "0")),
        int(os.environ.get("WORLD_SIZE", "1")),
        int(os.environ.get("LOCAL_RANK", "0")),
    )


@contextmanager
def process_group(ranks: Ranks, device: torch.device, timeout_s: float) -> Iterator[None]:
    """Join the other processes for the length of the block.

    Args:
        ranks: this process.
        device: NCCL joins GPUs, gloo processors.
        timeout_s: for how long a process waits for the others before it gives up.

    Raises:
        TrainingError: TRN-06 another process ended, or did not answer in time.
    """
    if ranks.world_size == 1:
        yield
        return
    if not ranks.is_first:
        logging.getLogger().setLevel(logging.WARNING)  # one voice is enough for good news
    if device.type == "cuda":
        torch.cuda.set_device(device)
    try:
        backend = "nccl" if device.type == "cuda" else "gloo"
        dist.init_process_group(backend, timeout=timedelta(seconds=timeout_s))
        yield
    except RuntimeError as error:
        if not _is_of_the_group(error):
            raise
        raise TrainingError(
            "TRN-06",
            f"process {ranks.rank} of {ranks.world_size} lost the others "
            f"({str(error).splitlines()[0]})",
            "The process that failed first names the reason; start the run again, it resumes.",
        ) from error
    # After a failure nobody says good-bye: the others could wait for it for ever.
    dist.destroy_process_group()


def leave(status: int) -> NoReturn:
    """End this process at once, after what it wrote: for one that has lost the others.

    gloo's threads still wait for the lost process; tidying up under them aborts with a core dump.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _is_of_the_group(error: RuntimeError) -> bool:
    """Say whether processes could not talk: gloo raises plain errors with its file names."""
    return isinstance(error, dist.DistError) or "gloo" in str(error).lower()


def _joined() -> bool:
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


@torch.no_grad()
def mean_over_ranks(value: Tensor) -> Tensor:
    """Return the mean of a scalar over all processes, without gradient.

    The denominator of a weighted mean: with it the average of the processes' means, and so of their
    gradients, is the mean over all hands, sum_r num_r / sum_r den_r.
    """
    if not _joined():
        return value.detach()
    total = value.detach().float().clone()
    dist.all_reduce(total)
    return total / dist.get_world_size()


def means_over_ranks(values: dict[str, Tensor]) -> dict[str, float]:
    """Return named scalars averaged over all processes; all must hold the same names."""
    stacked = mean_over_ranks(torch.stack([value.detach().float() for value in values.values()]))
    return dict(zip(values, stacked.tolist(), strict=True))


class _SumOverRanks(torch.autograd.Function):
    """Sum over all processes; each process's loss depends on every process's summand."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        """Sum."""
        total = value.contiguous().clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Sum the gradients likewise."""
        total = gradients[0].contiguous().clone()
        dist.all_reduce(total)
        return total


def _sum_over_ranks(value: Tensor) -> Tensor:
    """Sum over all processes with gradient; the value itself for one process alone."""
    if not _joined():
        return value
    total: Tensor = _SumOverRanks.apply(value)
    return total


class SharedBatchNorm2d(nn.BatchNorm2d):
    """Batch norm over the pictures of all processes.

    torch's own SyncBatchNorm does the same on GPUs only. Keys and evaluation are BatchNorm2d's. One
    process alone takes the same formula, so that it rounds as several do.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalise (B, C, H, W) by the statistics of all processes' batches."""
        if not self.training:
            return super().forward(input)
        x = input.float()
        own = x.new_tensor([x.numel() // x.shape[1]])
        sums = _sum_over_ranks(torch.cat([x.sum((0, 2, 3)), own]))
        mean, count = sums[:-1] / sums[-1], sums[-1].detach()
        centred = x - mean[:, None, None]
        variance = _sum_over_ranks(centred.square().sum((0, 2, 3))) / count
        with torch.no_grad():
            assert self.running_mean is not None
            assert self.running_var is not None
            assert self.num_batches_tracked is not None
            assert self.momentum is not None
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / (count - 1).clamp(min=1)), self.momentum)
        scale = self.weight * (variance + self.eps).rsqrt()
        return (centred * scale[:, None, None] + self.bias[:, None, None]).to(input.dtype)


def share_batch_norms(module: nn.Module, device: torch.device) -> None:
    """Replace each batch norm below a module by one over all processes; its state stays."""
    for name, child in module.named_children():
        if not isinstance(child, nn.BatchNorm2d):
            share_batch_norms(child, device)
        elif device.type == "cuda":
            setattr(module, name, nn.SyncBatchNorm.convert_sync_batchnorm(child))
        else:
            shared = SharedBatchNorm2d(child.num_features, child.eps, child.momentum)
            shared.load_state_dict(child.state_dict())
            setattr(module, name, shared.train(child.training))


def averaging(module: nn.Module) -> nn.Module:
    """Wrap a module that returns a loss, so that gradients are averaged over all processes."""
    if not _joined():
        return module
    # Appearance has no gradient before its stage; batch statistics are the same everywhere anyway.
    return DistributedDataParallel(module, find_unused_parameters=True, broadcast_buffers=False)


def file_of_first(path: Path, ranks: Ranks) -> io.BytesIO | None:
    """Return a file that only the first process may have, or None where it does not exist."""
    content = [path.read_bytes() if ranks.is_first and path.exists() else None]
    if ranks.world_size > 1:
        dist.broadcast_object_list(content, src=0)
    return None if content[0] is None else io.BytesIO(content[0])
