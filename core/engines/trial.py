"""Which CPU engine is fastest on this machine, measured once and kept.

Fastest among those that find the same hands: with most hands' joints within half a millimetre of
the exact engine's. The measurement takes some seconds at the first start, while a window runs
already; its record lies in the user's cache and holds for one processor, one set of libraries and
one network.
"""

import json
import logging
import math
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from core.atomic import write_atomically
from core.engines.agreement import compare, joined
from core.engines.base import Engine
from core.engines.threads import usable_cores
from core.timing import now_ns
from core.types import UInt8

_LOG = logging.getLogger(__name__)

#: Joints of 95 of 100 hands must be this near the exact engine's.
WITHIN_MM: Final = 0.5
_FORMAT: Final = 2
_MAX_RECORD_BYTES: Final = 1 << 16
_WARM_UP: Final = 2
_ROUNDS: Final = 20


@dataclass(frozen=True, slots=True)
class Trial:
    """What one engine did.

    Attributes:
        frame_ms: time of a picture: one in ten is faster. Other programs disturb that least, and a
            program that starts has many beside it.
        joints_mm: largest mean joint distance among 95 of 100 hands from the exact engine's.
    """

    frame_ms: float
    joints_mm: float

    @property
    def is_exact(self) -> bool:
        """Whether its hands may stand for the exact engine's."""
        return self.joints_mm <= WITHIN_MM


def run_trials(
    engines: Mapping[str, Engine],
    pictures: Sequence[UInt8],
    clock_ns: Callable[[], int] = now_ns,
    goes_on: Callable[[], bool] = lambda: True,
) -> dict[str, Trial]:
    """Time engines on pictures of their input size, in turns, and compare their hands.

    Taking turns, all of them are slowed alike by whatever else the machine does.

    Args:
        engines: by name; the first one is the exact one. One that fails is left out.
        pictures: (height, width, 3) uint8 RGB, at least one; some should show hands.
        clock_ns: tells the time.
        goes_on: asked before each turn; once it says no, nothing is returned.
    """
    times: dict[str, list[int]] = {name: [] for name in engines}
    hands = {name: [engine.run(picture) for picture in pictures] for name, engine in
             _working(engines, pictures[0]).items()}  # fmt: skip
    for turn in range(_WARM_UP + _ROUNDS):
        if not goes_on():
            return {}
        picture = pictures[turn % len(pictures)]
        for name in hands:
            start_ns = clock_ns()
            engines[name].run(picture)
            if turn >= _WARM_UP:
                times[name].append(clock_ns() - start_ns)
    exact = hands[next(iter(hands))] if hands else []
    return {
        name: Trial(
            float(np.percentile(times[name], 10)) / 1e6,
            joined(map(compare, exact, found)).typical_joints_mm,
        )
        for name, found in hands.items()
    }


def _working(engines: Mapping[str, Engine], picture: UInt8) -> dict[str, Engine]:
    """Return the engines that get through a first picture."""
    working = {}
    for name, engine in engines.items():
        try:
            engine.run(picture)
            working[name] = engine
        except Exception:  # noqa: BLE001 - libraries fail in every way there is
            _LOG.warning("engine %s failed in its trial", name, exc_info=True)
    return working


def fastest(trials: Mapping[str, Trial]) -> str | None:
    """Return the fastest engine whose hands are exact; None where there is none."""
    exact = {name: trial.frame_ms for name, trial in trials.items() if trial.is_exact}
    return min(exact, key=exact.__getitem__, default=None)


def machine_identity(versions: Mapping[str, str]) -> dict[str, str]:
    """Return what a record holds for, besides the given versions of libraries and networks."""
    return {
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": str(usable_cores()),
        **versions,
    }


def read_record(path: Path, identity: Mapping[str, str]) -> dict[str, Trial] | None:
    """Return the trials that were kept for this identity; None where there are none."""
    try:
        if path.stat().st_size > _MAX_RECORD_BYTES:
            return None
        record = json.loads(path.read_text("utf-8"))
        if record["format"] != _FORMAT or record["identity"] != dict(identity):
            return None
        trials = {
            str(name): Trial(float(trial["frame_ms"]), float(trial["joints_mm"]))
            for name, trial in record["trials"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return trials if all(trial.frame_ms > 0 for trial in trials.values()) else None


def write_record(path: Path, identity: Mapping[str, str], trials: Mapping[str, Trial]) -> None:
    """Keep trials; where that fails, the next start measures again.

    A difference that is infinite or not a number is kept as a large one: JSON knows neither.
    """
    finite = {
        name: asdict(trial) if math.isfinite(trial.joints_mm) else {**asdict(trial),
                                                                   "joints_mm": 1e9}
        for name, trial in trials.items()
    }  # fmt: skip
    record = {"format": _FORMAT, "identity": dict(identity), "trials": finite}
    try:
        write_atomically((json.dumps(record, indent=2) + "\n").encode(), path)
    except OSError as error:
        _LOG.info("the engine trials could not be kept: %s", error)


def _processor() -> str:
    """Return the processor's model name."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except (OSError, UnicodeDecodeError):
        pass
    return platform.processor()
