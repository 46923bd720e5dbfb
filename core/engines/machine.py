"""What this machine has that an engine depends on: the GPU, its driver, the libraries.

Asked through NVIDIA's own driver library, which every machine with a driver has; no toolkit, no
torch and no other process.
"""

import ctypes
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from core.errors import EngineError

#: CUdevice_attribute.
_CAPABILITY_MAJOR: Final = 75
_CAPABILITY_MINOR: Final = 76
_NAME_BYTES: Final = 256


@dataclass(frozen=True, slots=True)
class Gpu:
    """The first GPU that this process may use.

    Attributes:
        name: as the driver calls it.
        compute_capability: such as "8.6".
        uuid: names this very board, informative.
        driver: the driver's version, such as "580.65.06"; empty where it cannot be asked.
        cuda: the newest CUDA version that the driver runs, such as "13.0".
        memory_bytes: in all.
    """

    name: str
    compute_capability: str
    uuid: str
    driver: str
    cuda: str
    memory_bytes: int


class NoGpu(Exception):
    """There is no GPU that can be used; the message says why."""


def load_driver() -> ctypes.CDLL:
    """Load NVIDIA's driver library.

    Raises:
        NoGpu: there is none.
    """
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        return ctypes.CDLL(name)
    except OSError as error:
        raise NoGpu(f"there is no NVIDIA driver ({name} cannot be loaded)") from error


def check(driver: Any, status: int, what: str) -> None:
    """Raise what a driver call's status means.

    Raises:
        EngineError: ENG-02 with the driver's own name of the fault; ENG-04 out of memory.
    """
    if status == 0:
        return
    text = ctypes.c_char_p()
    driver.cuGetErrorName(status, ctypes.byref(text))
    name = text.value.decode() if text.value else f"CUDA error {status}"
    if name == "CUDA_ERROR_OUT_OF_MEMORY":
        raise EngineError("ENG-04", f"the GPU's memory is full ({what})", "Close other programs.")
    raise EngineError("ENG-02", f"{what} failed ({name})", "Restart ManyHands, or the machine.")


def find_gpu(load: Callable[[], Any] = load_driver) -> Gpu:
    """Describe the first GPU that this process may use.

    Raises:
        NoGpu: there is none, or the driver does not answer, with the reason.
    """
    driver = load()
    try:
        check(driver, driver.cuInit(0), "starting the driver")
        count = ctypes.c_int()
        check(driver, driver.cuDeviceGetCount(ctypes.byref(count)), "counting GPUs")
        if count.value == 0:
            raise NoGpu("there is no NVIDIA GPU, or this program may not use it")
        device = ctypes.c_int()
        check(driver, driver.cuDeviceGet(ctypes.byref(device), 0), "opening the GPU")
        return _described(driver, device)
    except EngineError as error:
        raise NoGpu(error.cause) from error


def _described(driver: Any, device: ctypes.c_int) -> Gpu:
    name = ctypes.create_string_buffer(_NAME_BYTES)
    check(driver, driver.cuDeviceGetName(name, _NAME_BYTES, device), "naming the GPU")
    uuid = (ctypes.c_ubyte * 16)()
    check(driver, driver.cuDeviceGetUuid(uuid, device), "naming the GPU")
    memory = ctypes.c_size_t()
    check(driver, driver.cuDeviceTotalMem_v2(ctypes.byref(memory), device), "asking its memory")
    version = ctypes.c_int()
    check(driver, driver.cuDriverGetVersion(ctypes.byref(version)), "asking CUDA's version")
    numbers = []
    for attribute in (_CAPABILITY_MAJOR, _CAPABILITY_MINOR):
        number = ctypes.c_int()
        status = driver.cuDeviceGetAttribute(ctypes.byref(number), attribute, device)
        check(driver, status, "asking its compute capability")
        numbers.append(number.value)
    return Gpu(
        name=name.value.decode(errors="replace"),
        compute_capability=f"{numbers[0]}.{numbers[1]}",
        uuid=bytes(uuid).hex(),
        driver=driver_version(),
        cuda=f"{version.value // 1000}.{version.value % 1000 // 10}",
        memory_bytes=memory.value,
    )


def driver_version() -> str:
    """Return the driver's version from NVML, which comes with it; empty where it is silent."""
    name = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"
    text = ctypes.create_string_buffer(_NAME_BYTES)
    try:
        library = ctypes.CDLL(name)
        if library.nvmlInit_v2() != 0:
            return ""
        try:
            if library.nvmlSystemGetDriverVersion(text, _NAME_BYTES) != 0:
                return ""
        finally:
            library.nvmlShutdown()
    except (OSError, AttributeError):
        return ""
    return text.value.decode(errors="replace")


def system_name() -> str:
    """Return the operating system and processor, such as "linux x86_64"."""
    return f"{sys.platform} {platform.machine()}"
