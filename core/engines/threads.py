"""How many threads the arithmetic of an engine on the CPU may take."""

import os
from typing import Final

#: More only add hand-over time to a network this small.
_MOST_THREADS: Final = 4


def usable_cores() -> int:
    """Return how many cores this process may use; fewer than the machine's where it is bound."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def inference_threads(spare_cores: int = 0) -> int:
    """Return all usable cores but those to spare, for a window, say; at most four."""
    return max(1, min(_MOST_THREADS, usable_cores() - spare_cores))
