"""How busy the machine is, measured and with a driver that is scripted."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from app import machine
from app.machine import GpuLoad, MachineWatch, NvidiaMeter, open_gpu_meter


class NVMLError(Exception):
    """As nvidia-ml-py's."""


class FakeNvml:
    """Stands where nvidia-ml-py stands."""

    NVMLError = NVMLError

    def __init__(self, fails: str = "") -> None:
        self.fails = fails
        self.is_open = False

    def _may_fail(self, what: str) -> None:
        if self.fails == what:
            raise NVMLError(what)

    def nvmlInit(self) -> None:
        self._may_fail("init")
        self.is_open = True

    def nvmlShutdown(self) -> None:
        self.is_open = False

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        self._may_fail("card")
        return index

    def nvmlDeviceGetName(self, card: int) -> bytes:
        return b"Scripted GPU"

    def nvmlDeviceGetUtilizationRates(self, card: int) -> Any:
        self._may_fail("read")
        return SimpleNamespace(gpu=37)

    def nvmlDeviceGetMemoryInfo(self, card: int) -> Any:
        return SimpleNamespace(used=2 << 30, total=8 << 30)


def test_a_card_is_asked_by_its_driver() -> None:
    nvml = FakeNvml()
    meter = NvidiaMeter(nvml)
    assert meter.read() == GpuLoad("Scripted GPU", 37.0, 2048.0, 8192.0)
    nvml.fails = "read"
    assert meter.read() is None
    meter.close()
    assert not nvml.is_open


@pytest.mark.parametrize("fails", ["init", "card"])
def test_without_a_driver_there_is_no_card(monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    monkeypatch.setattr(machine.importlib, "import_module", lambda name: FakeNvml(fails))
    assert open_gpu_meter() is None


def test_without_the_package_there_is_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(machine.importlib, "import_module", missing)
    assert open_gpu_meter() is None


def test_the_watch_measures_this_program_until_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "open_gpu_meter", lambda: None)
    watch = MachineWatch(period_s=0.05)
    assert watch.latest is None
    watch.start()
    deadline = time.monotonic() + 10
    while watch.latest is None and time.monotonic() < deadline:
        sum(range(20_000))
    watch.stop()
    load = watch.latest
    assert load is not None and load.gpu is None
    assert load.own_mib > 20 and load.cores >= 1
    assert 0 < load.own_percent <= 100
    assert 0 <= load.all_percent <= 100
