"""A GPU that is not there: NVIDIA's driver calls on host memory, and a TensorRT that runs Python.

Memory is real (addresses, copies, frees), the queue is real (a capture records, a launch replays),
so buffer handling is tested as it runs; only the arithmetic of a GPU is missing.
"""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from types import SimpleNamespace

import numpy as np

from core.engines.base import RawHands
from core.engines.machine import Gpu
from core.types import UInt8

#: As the driver numbers them.
OUT_OF_MEMORY, NO_DEVICE, ILLEGAL_ADDRESS, CAPTURE_UNSUPPORTED = 2, 100, 700, 900
_NAMES = {
    OUT_OF_MEMORY: b"CUDA_ERROR_OUT_OF_MEMORY",
    NO_DEVICE: b"CUDA_ERROR_NO_DEVICE",
    ILLEGAL_ADDRESS: b"CUDA_ERROR_ILLEGAL_ADDRESS",
    CAPTURE_UNSUPPORTED: b"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
}

GPU = Gpu("NVIDIA GeForce RTX 3060", "8.6", "ab" * 16, "580.65.06", "13.0", 12 << 30)


class FakeDriver:
    """Stands where ctypes.CDLL("libcuda.so.1") stands.

    Attributes:
        faults: name of a call -> status that it returns.
        memory: address -> buffer of what is allocated on the GPU, likewise `pinned`.
        calls: names in their order.
    """

    def __init__(self, faults: Mapping[str, int] | None = None, devices: int = 1) -> None:
        self.faults = dict(faults or {})
        self.devices = devices
        self.memory: dict[int, ctypes.Array[ctypes.c_char]] = {}
        self.pinned: dict[int, ctypes.Array[ctypes.c_char]] = {}
        self.calls: list[str] = []
        self.launches = 0
        self.retained = 0
        self._waiting: list[Callable[[], None]] = []
        self._recording: list[Callable[[], None]] | None = None
        self._graph: list[Callable[[], None]] = []

    def __getattr__(self, name: str) -> Callable[..., int]:
        if not name.startswith("cu"):
            raise AttributeError(name)
        act = getattr(type(self), f"_{name}", None)

        def call(*arguments: object) -> int:
            self.calls.append(name)
            if name in self.faults:
                if name == "cuStreamEndCapture":  # ends it in any case
                    self._recording = None
                return self.faults[name]
            return (act(self, *arguments) if act is not None else None) or 0

        return call

    def queue(self, work: Callable[[], None]) -> None:
        """Queue work on the stream, as a library does."""
        (self._waiting if self._recording is None else self._recording).append(work)

    def _cuGetErrorName(self, status: int, out: object) -> None:
        out._obj.value = _NAMES.get(status, b"CUDA_ERROR_UNKNOWN")

    def _cuDeviceGetCount(self, out: object) -> None:
        out._obj.value = self.devices

    def _cuDeviceGetName(self, name: object, size: int, device: object) -> None:
        name.value = GPU.name.encode()

    def _cuDeviceGetUuid(self, uuid: object, device: object) -> None:
        uuid[:] = bytes.fromhex(GPU.uuid)

    def _cuDeviceTotalMem_v2(self, out: object, device: object) -> None:
        out._obj.value = GPU.memory_bytes

    def _cuDriverGetVersion(self, out: object) -> None:
        out._obj.value = 13000

    def _cuDeviceGetAttribute(self, out: object, attribute: int, device: object) -> None:
        out._obj.value = {75: 8, 76: 6}[attribute]

    def _cuDevicePrimaryCtxRetain(self, out: object, device: object) -> None:
        out._obj.value, self.retained = 1, self.retained + 1

    def _cuDevicePrimaryCtxRelease_v2(self, device: object) -> None:
        self.retained -= 1

    def _cuStreamCreate(self, out: object, flags: int) -> None:
        out._obj.value = 7

    def _cuMemAlloc_v2(self, out: object, size: object) -> None:
        buffer = ctypes.create_string_buffer(size.value)
        out._obj.value = ctypes.addressof(buffer)
        self.memory[ctypes.addressof(buffer)] = buffer

    def _cuMemFree_v2(self, address: object) -> None:
        del self.memory[address.value]

    def _cuMemHostAlloc(self, out: object, size: object, flags: int) -> None:
        buffer = ctypes.create_string_buffer(size.value)
        out._obj.value = ctypes.addressof(buffer)
        self.pinned[ctypes.addressof(buffer)] = buffer

    def _cuMemFreeHost(self, address: object) -> None:
        del self.pinned[address.value]

    def _cuMemcpyHtoDAsync_v2(self, to: object, source: object, size: object, s: object) -> None:
        self._copy(to.value, source.value, size.value)

    def _cuMemcpyDtoHAsync_v2(self, to: object, source: object, size: object, s: object) -> None:
        self._copy(to.value, source.value, size.value)

    def _copy(self, to: int, source: int, size: int) -> None:
        known = {**self.memory, **self.pinned}
        assert size <= len(known[to])  # a copy beyond its memory would be a fault on a GPU
        assert size <= len(known[source])
        self.queue(lambda: ctypes.memmove(to, source, size) and None)

    def _cuStreamSynchronize(self, stream: object) -> None:
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            work()

    def _cuStreamBeginCapture_v2(self, stream: object, mode: object) -> None:
        self._recording = []

    def _cuStreamEndCapture(self, stream: object, out: object) -> None:
        self._graph, self._recording = self._recording or [], None
        out._obj.value = 9

    def _cuGraphInstantiateWithFlags(self, out: object, graph: object, flags: object) -> None:
        out._obj.value = 10

    def _cuGraphLaunch(self, graph: object, stream: object) -> None:
        self.launches += 1
        self._waiting += self._graph


class FakeTensorRt:
    """Stands where the module tensorrt_rtx stands; an engine is any bytes.

    Args:
        driver: on whose memory it works.
        network: what an engine computes: picture -> hands.
        accepts: whether engines are taken; None is returned otherwise, as without a driver.
    """

    TensorIOMode = SimpleNamespace(INPUT="input", OUTPUT="output")

    class Logger:
        ERROR = "error"

        def __init__(self, severity: str) -> None:
            pass

    def __init__(
        self,
        driver: FakeDriver,
        network: Callable[[UInt8], RawHands],
        size: tuple[int, int],
        *,
        accepts: bool = True,
        without: Sequence[str] = (),
        runs: bool = True,
        enough_memory: bool = True,
    ) -> None:
        self._driver = driver
        self._network = network
        self._enough_memory = enough_memory
        self.accepts, self.runs = accepts, runs
        self.loaded: list[bytes] = []
        example = network(np.zeros((*size, 3), np.uint8))
        self._arrays: dict[str, np.ndarray] = {"picture": np.zeros((*size, 3), np.uint8)}
        for item in fields(RawHands):
            if item.name not in without:
                self._arrays[item.name] = getattr(example, item.name)
        self._addresses: dict[str, int] = {}
        self.config: FakeConfig | None = None
        self.num_io_tensors = len(self._arrays)

    # The module, the runtime, the engine and its context are one object here.

    def Runtime(self, logger: object) -> "FakeTensorRt":
        return self

    def nptype(self, dtype: np.dtype) -> np.dtype:
        return dtype

    def deserialize_cuda_engine(self, data: bytes) -> "FakeTensorRt | None":
        self.loaded.append(data)
        return self if self.accepts else None

    def create_execution_context(self, config: "FakeConfig | None" = None) -> "FakeTensorRt | None":
        self.config = config
        return self if self._enough_memory else None

    def get_tensor_name(self, index: int) -> str:
        return list(self._arrays)[index]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self._arrays[name].shape

    def get_tensor_dtype(self, name: str) -> np.dtype:
        return self._arrays[name].dtype

    def get_tensor_mode(self, name: str) -> str:
        return "input" if name == "picture" else "output"

    def set_tensor_address(self, name: str, address: int) -> None:
        self._addresses[name] = address

    def execute_async_v3(self, stream: int) -> bool:
        if self.runs:
            self._driver.queue(self._execute)
        return self.runs

    def _execute(self) -> None:
        size = self._arrays["picture"].nbytes
        picture = np.frombuffer(ctypes.string_at(self._addresses["picture"], size), np.uint8)
        found = self._network(picture.reshape(self._arrays["picture"].shape))
        for name, address in self._addresses.items():
            if name != "picture":
                data = np.ascontiguousarray(getattr(found, name)).tobytes()
                ctypes.memmove(address, data, len(data))


class FakeTensorRtRtx(FakeTensorRt):
    """One that compiles when an engine runs for the first time, and can keep what it has compiled.

    Attributes:
        compiled: kernels that were compiled, over all engines.
    """

    compiled = 0

    def create_runtime_config(self) -> "FakeConfig":
        return FakeConfig()

    def execute_async_v3(self, stream: int) -> bool:
        cache = self.config.cache if self.config is not None else None
        if cache is None or cache.kernels != COMPILED:
            self.compiled += 1
            if cache is not None:
                cache.kernels = COMPILED
        return super().execute_async_v3(stream)


COMPILED = b"kernels for this very GPU"


class FakeConfig:
    """An IRuntimeConfig."""

    cache: "FakeCache | None" = None

    def create_runtime_cache(self) -> "FakeCache":
        return FakeCache()

    def set_runtime_cache(self, cache: "FakeCache") -> bool:
        self.cache = cache
        return True


class FakeCache:
    """An IRuntimeCache; it takes what an earlier one has given, and nothing else."""

    def __init__(self) -> None:
        self.kernels = b""

    def deserialize(self, blob: bytes) -> bool:
        if blob == COMPILED:
            self.kernels = blob
        return blob == COMPILED

    def serialize(self) -> memoryview:
        return memoryview(self.kernels)
