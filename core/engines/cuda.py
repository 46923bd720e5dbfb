"""The few calls to NVIDIA's driver that an engine needs: memory, one stream, one CUDA graph.

Through ctypes, for the driver's interface is stable and always there: no toolkit, no torch.
Handles are c_void_p, device addresses unsigned 64-bit numbers (CUDA driver API, version 2 entry
points). Nothing here is thread-safe: one thread owns a context.
"""

import ctypes
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from core.engines.machine import check, load_driver
from core.errors import EngineError

_NON_BLOCKING: Final = 1
_CAPTURE_THREAD_LOCAL: Final = 1


class CudaContext:
    """The primary context of the first GPU, a stream of its own, and what was allocated there."""

    def __init__(self, load: Callable[[], Any] = load_driver) -> None:
        """Take the context.

        Raises:
            NoGpu: there is no driver.
            EngineError: ENG-02 it refuses, ENG-04 the GPU's memory is full.
        """
        self._driver = load()
        self._device = ctypes.c_int()
        self._context = ctypes.c_void_p()
        self._stream = ctypes.c_void_p()
        self._addresses: list[int] = []
        self._pinned: list[ctypes.c_void_p] = []
        self._graph: ctypes.c_void_p | None = None
        driver = self._driver
        check(driver, driver.cuInit(0), "starting the driver")
        check(driver, driver.cuDeviceGet(ctypes.byref(self._device), 0), "opening the GPU")
        status = driver.cuDevicePrimaryCtxRetain(ctypes.byref(self._context), self._device)
        check(driver, status, "taking the GPU")
        try:
            self.use()
            status = driver.cuStreamCreate(ctypes.byref(self._stream), _NON_BLOCKING)
            check(driver, status, "making a stream")
        except EngineError:
            driver.cuDevicePrimaryCtxRelease_v2(self._device)
            raise

    @property
    def stream(self) -> int:
        """The stream's handle, as libraries take it."""
        return self._stream.value or 0

    def use(self) -> None:
        """Make the context that of the calling thread."""
        self._call("cuCtxSetCurrent", self._context)

    def allocate(self, size: int) -> int:
        """Return the address of `size` bytes on the GPU, freed by close().

        Raises:
            EngineError: ENG-04 the GPU's memory is full.
        """
        address = ctypes.c_uint64()
        self._call("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(size))
        self._addresses.append(address.value)
        return address.value

    def allocate_pinned(
        self, shape: tuple[int, ...], dtype: npt.DTypeLike
    ) -> npt.NDArray[np.generic]:
        """Return an array in memory that the GPU copies from and to by itself; close() frees it."""
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        address = ctypes.c_void_p()
        self._call("cuMemHostAlloc", ctypes.byref(address), ctypes.c_size_t(size), 0)
        self._pinned.append(address)
        block = (ctypes.c_ubyte * size).from_address(address.value or 0)
        return np.ctypeslib.as_array(block).view(dtype).reshape(shape)

    def upload(self, address: int, array: npt.NDArray[np.generic]) -> None:
        """Queue a copy of a pinned array to the GPU."""
        self._call(
            "cuMemcpyHtoDAsync_v2",
            ctypes.c_uint64(address),
            ctypes.c_void_p(array.ctypes.data),
            ctypes.c_size_t(array.nbytes),
            self._stream,
        )

    def download(self, array: npt.NDArray[np.generic], address: int) -> None:
        """Queue a copy from the GPU into a pinned array."""
        self._call(
            "cuMemcpyDtoHAsync_v2",
            ctypes.c_void_p(array.ctypes.data),
            ctypes.c_uint64(address),
            ctypes.c_size_t(array.nbytes),
            self._stream,
        )

    def synchronise(self) -> None:
        """Wait for everything queued.

        Raises:
            EngineError: ENG-02 something queued has failed; nothing works in this process then.
        """
        self._call("cuStreamSynchronize", self._stream)

    def capture(self, queue: Callable[[], None]) -> None:
        """Record what `queue` queues as one graph, for launch().

        Raises:
            EngineError: ENG-02 it cannot be recorded; the stream works as before.
        """
        self._call("cuStreamBeginCapture_v2", self._stream, ctypes.c_int(_CAPTURE_THREAD_LOCAL))
        recorded = ctypes.c_void_p()
        try:
            queue()
        finally:  # a capture that stays open would swallow every later call
            status = self._driver.cuStreamEndCapture(self._stream, ctypes.byref(recorded))
        check(self._driver, status, "recording a CUDA graph")
        graph = ctypes.c_void_p()
        try:
            self._call(
                "cuGraphInstantiateWithFlags", ctypes.byref(graph), recorded, ctypes.c_uint64(0)
            )
        finally:
            self._driver.cuGraphDestroy(recorded)
        self._graph = graph

    @property
    def has_graph(self) -> bool:
        """Whether capture() has recorded one."""
        return self._graph is not None

    def launch(self) -> None:
        """Queue the recorded graph."""
        self._call("cuGraphLaunch", self._graph, self._stream)

    def close(self) -> None:
        """Free everything; faults are ignored, for after a fatal one each call repeats it."""
        driver = self._driver
        driver.cuCtxSetCurrent(self._context)
        if self._graph is not None:
            driver.cuGraphExecDestroy(self._graph)
            self._graph = None
        for address in self._addresses:
            driver.cuMemFree_v2(ctypes.c_uint64(address))
        for pinned in self._pinned:
            driver.cuMemFreeHost(pinned)
        self._addresses.clear()
        self._pinned.clear()
        if self._stream.value is not None:
            driver.cuStreamDestroy_v2(self._stream)
            self._stream = ctypes.c_void_p()
            driver.cuDevicePrimaryCtxRelease_v2(self._device)

    def _call(self, name: str, *arguments: object) -> None:
        check(self._driver, getattr(self._driver, name)(*arguments), name)
