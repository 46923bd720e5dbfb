"""The physical limit of a network on a device: its operations and bytes over measured rates.

Operations are those of convolutions and matrix products, a multiply-add counted as two. Bytes are
counted twice: at least, each weight, input and output crosses the memory once; operation by
operation, every result is written and read again, which fusing saves (Williams, Waterman and
Patterson, "Roofline", 2009).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from core.network.network import NetworkOutput
from core.timing import now_ns

_ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class Work:
    """What one picture costs.

    Attributes:
        operations: multiply-adds of products, times two.
        least_bytes: weights, picture and results, once each.
        separate_bytes: read and written where every operation stands alone.
    """

    operations: int
    least_bytes: int
    separate_bytes: int


@dataclass(frozen=True, slots=True)
class Rates:
    """What a device can do.

    Attributes:
        operations: of large matrix products, per second, in the network's precision.
        bytes: copied within its memory, read and written, per second.
    """

    operations: float
    bytes: float

    def limit_ms(self, work: Work) -> float:
        """Return the least time of a picture: the slower of computing and moving."""
        return 1e3 * max(work.operations / self.operations, work.least_bytes / self.bytes)


class _ByteCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up what operations read and write; views move nothing."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if not func.is_view:
            tensors = [leaf for leaf in tree_leaves((args, kwargs, result)) if _is_tensor(leaf)]
            self.bytes += sum(tensor.nbytes for tensor in tensors)
        return result


def _is_tensor(leaf: object) -> bool:
    return isinstance(leaf, Tensor)


def count_work(module: nn.Module, picture: Tensor) -> Work:
    """Count what `module` does with one picture, by running it once."""
    counter = FlopCounterMode(display=False)
    moved = _ByteCounter()
    with torch.no_grad(), counter:
        found: NetworkOutput = module(picture)
    with torch.no_grad(), moved:
        module(picture)
    held = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    weights = sum(tensor.nbytes for tensor in held.values())
    results = sum(value.nbytes for value in found)
    return Work(
        operations=int(counter.get_total_flops()),
        least_bytes=weights + picture.nbytes + results,
        separate_bytes=moved.bytes,
    )


def measure_rates(device: torch.device, dtype: torch.dtype, side: int, copied: int) -> Rates:
    """Measure what a device can do.

    Args:
        device: to measure.
        dtype: of the products.
        side: of the square matrices; large enough to fill the device.
        copied: bytes of the copy; larger than every cache.
    """
    a = torch.randn(side, side, device=device).to(dtype)
    b = torch.randn(side, side, device=device).to(dtype)
    source = torch.zeros(copied, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    product_s = _best_s(lambda: torch.mm(a, b), device)
    copy_s = _best_s(lambda: target.copy_(source), device)
    return Rates(2 * side**3 / product_s, 2 * copied / copy_s)


def _best_s(act: Callable[[], object], device: torch.device) -> float:
    """Return the shortest of a few times, in seconds."""
    act()
    times = []
    for _ in range(_ROUNDS):
        _wait(device)
        start_ns = now_ns()
        act()
        _wait(device)
        times.append(now_ns() - start_ns)
    return max(1, min(times)) / 1e9


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
