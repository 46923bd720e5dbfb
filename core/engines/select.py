"""Which engines this machine can run, why not the others, and opening the fastest."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from core.assets import load_weights_description, weights_path
from core.engines.base import Engine
from core.engines.candidate import Candidate, EngineStatus, status_of
from core.engines.cpu import CPU_CANDIDATES, open_fastest, sparing, with_trials
from core.engines.gpu import GPU_CANDIDATES
from core.engines.recovery import Level, RecoveringEngine
from core.errors import EngineError, ModelFileError, UsageError
from core.preprocess import choose_input_size

AUTO: Final = "auto"
DEFAULT_PROFILE: Final = "lite"


#: Fastest first: the order in which "auto" tries them.
_CANDIDATES: Final = (
    *GPU_CANDIDATES,
    *CPU_CANDIDATES,
)
#: Of these, auto takes the one that was measured to be fastest here.
_CPU: Final = frozenset(candidate.name for candidate in CPU_CANDIDATES)


def engine_choices() -> tuple[str, ...]:
    """Return what `open_engine` takes: "auto" and every engine of this version."""
    return (AUTO, *(candidate.name for candidate in _CANDIDATES if candidate.open is not None))


def engine_report(spare_cores: int = 0) -> tuple[EngineStatus, ...]:
    """Say of each engine, fastest first, whether this machine can run it and why not.

    With so many cores to spare as `open_engine` was or will be told.
    """
    statuses = [status_of(candidate) for candidate in _CANDIDATES]
    others = [status for status in statuses if status.name not in _CPU]
    cpu = [status for status in statuses if status.name in _CPU]
    return (*others, *with_trials(cpu, DEFAULT_PROFILE, spare_cores))


def check_choice(choice: str) -> None:
    """Refuse an unknown engine name.

    Raises:
        UsageError: USE-01, naming the choices.
    """
    if choice not in engine_choices():
        raise UsageError(
            "USE-01",
            f"there is no engine '{choice}'",
            f"Choose one of: {', '.join(engine_choices())}.",
        )


def open_engine(
    choice: str,
    profile: str,
    frame_height: int,
    frame_width: int,
    spare_cores: int = 0,
    *,
    at_once: bool = False,
) -> Engine:
    """Open an engine for frames of (frame_height, frame_width) px.

    It is restarted where it fails, and with "auto" the next one then takes its place
    (core.engines.recovery).

    Args:
        choice: "auto" for the fastest that this machine can run, or an engine's name.
        profile: weights: "lite".
        frame_height: of the source's first picture, px.
        frame_width: likewise.
        spare_cores: what an engine on the processor leaves to others: 1 for a window.
        at_once: where it is not known yet which engine on the processor is fastest, open a good
            one and find out while it runs (core.engines.settling).

    Raises:
        UsageError: USE-01 unknown choice.
        EngineError: ENG-01 the engine cannot be taken on this machine, with the reason.
        ModelFileError: the weights are missing, damaged or of another network.
    """
    check_choice(choice)
    reasons: list[str] = []
    on_cpu: list[Candidate] = []
    taken: list[Candidate] = []
    for candidate in _CANDIDATES:
        if choice not in (AUTO, candidate.name):
            continue
        status = status_of(candidate)
        if candidate.open is None or not status.available:
            reasons.append(f"{candidate.name}: {status.reason}")
        elif choice == AUTO and candidate.name in _CPU:
            on_cpu.append(candidate)
        else:
            taken.append(sparing(candidate, spare_cores))
    if not taken and not on_cpu:
        raise EngineError(
            "ENG-01",
            f"no engine can run here ({'; '.join(reasons)})",
            "Run `manyhands doctor` to see what is missing.",
        )
    size = _input_size(profile, frame_height, frame_width)
    levels = [Level(one.name, partial(one.open_at, profile, size)) for one in taken]
    if on_cpu:
        opener = partial(open_fastest, on_cpu, profile, size, spare_cores, at_once=at_once)
        levels.append(Level("processor", opener))
    return RecoveringEngine(levels)


def _input_size(profile: str, frame_height: int, frame_width: int) -> tuple[int, int]:
    """Return the network's input size (height, width) px that suits frames of this size."""
    return choose_input_size(frame_height, frame_width, _input_sizes(profile))


def _input_sizes(profile: str) -> tuple[tuple[int, int], ...]:
    """Return the network's input sizes (height, width) px, as its description states them."""
    description: Mapping[str, Any] = load_weights_description(profile)
    try:
        sizes = tuple(
            (int(height), int(width)) for height, width in description["network"]["input_sizes"]
        )
        if not sizes or min(min(size) for size in sizes) <= 0:
            raise ValueError("no size")
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(
            "MDL-03",
            f"{weights_path(profile, 'json')} does not state the network's input sizes",
            "Restore resources/ from the program's package (git checkout, or reinstall).",
        ) from error
    return sizes
