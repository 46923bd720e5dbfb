"""How busy this machine is: processor, memory, and a graphics card where one can be asked."""

import contextlib
import importlib
import logging
import threading
from dataclasses import dataclass
from typing import Any, Final, Protocol

import psutil

_LOG = logging.getLogger(__name__)
_PERIOD_S: Final = 1.0
_JOIN_S: Final = 2.0
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class GpuLoad:
    """How busy a graphics card is.

    Attributes:
        name: as its driver calls it.
        percent: of the last second in which it worked.
        used_mib: of its memory, by all programs.
        total_mib: of its memory.
    """

    name: str
    percent: float
    used_mib: float
    total_mib: float


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """How busy the machine is.

    Attributes:
        own_percent: of all processor cores together, by this program.
        all_percent: likewise, by everything.
        cores: how many there are.
        own_mib: memory that this program holds.
        gpu: None where no card can be asked.
    """

    own_percent: float
    all_percent: float
    cores: int
    own_mib: float
    gpu: GpuLoad | None


class GpuMeter(Protocol):
    """Something that says how busy a graphics card is."""

    def read(self) -> GpuLoad | None:
        """Return what holds now; None where the card does not answer any more."""

    def close(self) -> None:
        """Let the driver go."""


class NvidiaMeter:
    """Asks NVIDIA's driver about its first card, by the package nvidia-ml-py."""

    def __init__(self, nvml: Any) -> None:
        """Start the driver's library; it raises where there is no driver or card."""
        self._nvml = nvml
        nvml.nvmlInit()
        self._card = nvml.nvmlDeviceGetHandleByIndex(0)
        name = nvml.nvmlDeviceGetName(self._card)
        self._name = name.decode() if isinstance(name, bytes) else str(name)

    def read(self) -> GpuLoad | None:
        """Return what holds now; None where the driver fails."""
        try:
            percent = float(self._nvml.nvmlDeviceGetUtilizationRates(self._card).gpu)
            memory = self._nvml.nvmlDeviceGetMemoryInfo(self._card)
        except self._nvml.NVMLError as error:
            _LOG.info("the graphics card does not answer: %s", error)
            return None
        return GpuLoad(self._name, percent, memory.used / _MIB, memory.total / _MIB)

    def close(self) -> None:
        """Let the driver go."""
        with contextlib.suppress(self._nvml.NVMLError):
            self._nvml.nvmlShutdown()


def open_gpu_meter() -> GpuMeter | None:
    """Return a meter of this machine's graphics card; None where there is none to ask."""
    try:
        return NvidiaMeter(importlib.import_module("pynvml"))
    except Exception as error:  # noqa: BLE001 - no package, no driver, no card: all the same here
        _LOG.info("no graphics card can be asked: %s", error)
        return None


class MachineWatch:
    """Measures once a second in a thread of its own: a driver may take its time."""

    def __init__(self, period_s: float = _PERIOD_S) -> None:
        """Measure nothing until started."""
        self._period_s = period_s
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._latest: MachineLoad | None = None

    @property
    def latest(self) -> MachineLoad | None:
        """What was measured last; None before the first time."""
        return self._latest

    def start(self) -> None:
        """Measure until stopped."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="machine watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Measure no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)
            self._thread = None

    def _run(self) -> None:
        process = psutil.Process()
        cores = psutil.cpu_count() or 1
        gpu = open_gpu_meter()
        process.cpu_percent()  # what psutil counts from
        psutil.cpu_percent()
        while not self._stop.wait(self._period_s):
            self._latest = MachineLoad(
                own_percent=process.cpu_percent() / cores,
                all_percent=psutil.cpu_percent(),
                cores=cores,
                own_mib=process.memory_info().rss / _MIB,
                gpu=gpu.read() if gpu is not None else None,
            )
        if gpu is not None:
            gpu.close()
