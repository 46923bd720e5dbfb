"""TensorRT: an engine that was built for this very GPU, FP16, replayed as one CUDA graph.

The engine takes the source's own picture and returns hands in its pixels (core.network.picture),
so its input size is the picture's. Torch-TensorRT's library (`tensorrt`) and TensorRT-RTX
(`tensorrt_rtx`) have the same Python interface; an engine belongs to the one that built it.
"""

import contextlib
import importlib
import importlib.util
import logging
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.assets import load_weights_description
from core.engines.aspects import PICTURE_SIZES
from core.engines.base import EngineDescription, RawHands, check_picture, first_line
from core.engines.cuda import CudaContext
from core.engines.interface import OUTPUT_NAMES, interface_differences
from core.engines.machine import Gpu, system_name
from core.engines.manifest import FORMAT, EngineKey, EngineManifest, read_engine
from core.errors import EngineError, ModelFileError
from core.types import UInt8

_LOG = logging.getLogger(__name__)
#: Fastest first.
LIBRARIES: Final = ("tensorrt", "tensorrt_rtx")
PRECISION: Final = "fp16"
#: How the builder differs from its defaults: TF32 would round skinning to a tenth of a millimetre.
FLAGS: Final = ("no-TF32",)


def installed_library() -> str:
    """Return the name of the library that is installed; the full one wins.

    Raises:
        EngineError: ENG-01 there is none.
    """
    for name in LIBRARIES:
        if importlib.util.find_spec(name) is not None:
            return name
    raise EngineError(
        "ENG-01",
        "neither TensorRT nor TensorRT-RTX is installed",
        'Install one: pip install "manyhands[tensorrt-rtx]".',
    )


def package_version(package: str) -> str:
    """Return the version of an installed package; empty where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def wanted_key(
    description: Mapping[str, Any], aspect: str, library: str, library_version: str, gpu: Gpu
) -> EngineKey:
    """Return what an engine must have been built for, to run here and now.

    Args:
        description: of the weights, as published beside them.
        aspect: a key of PICTURE_SIZES.
        library: "tensorrt" or "tensorrt_rtx".
        library_version: all of its parts.
        gpu: that it runs on.

    Raises:
        ModelFileError: MDL-03 the description states no hash of the weights.
    """
    profile, weights = description.get("profile"), description.get("safetensors_sha256")
    if not isinstance(profile, str) or not isinstance(weights, str):
        raise ModelFileError(
            "MDL-03",
            "the weights' description states no profile or no SHA-256",
            "Restore resources/ from the program's package (git checkout, or reinstall).",
        )
    return EngineKey(
        format=FORMAT,
        profile=profile,
        aspect=aspect,
        weights_sha256=weights.lower(),
        onnx_sha256=str(description.get("onnx_sha256", "")).lower(),
        library=library,
        library_version=library_version,
        onnxruntime=package_version("onnxruntime"),
        cuda=gpu.cuda,
        driver=gpu.driver,
        gpu_name=gpu.name,
        compute_capability=gpu.compute_capability,
        precision=PRECISION,
        picture_size=PICTURE_SIZES[aspect],
        flags=FLAGS,
        system=system_name(),
        app_version=package_version("manyhands"),
    )


def checked_engine(
    path: Path, profile: str, aspect: str, gpu: Gpu
) -> tuple[bytes, EngineManifest, str]:
    """Return an engine's bytes, its manifest and its library, if it fits this machine.

    The library is not even imported before the file is known to be whole and meant for it.

    Raises:
        EngineError: ENG-01 no library, ENG-05 it does not fit, with the differing keys.
        ModelFileError: the weights' description is missing or damaged.
    """
    library = installed_library()
    description = load_weights_description(profile)
    key = wanted_key(description, aspect, library, package_version(library), gpu)
    data, manifest = read_engine(path, key)
    return data, manifest, library


class TensorRtEngine:
    """Runs a built engine: one upload, one CUDA graph, one download a picture."""

    def __init__(
        self,
        data: bytes,
        manifest: EngineManifest,
        library: Any,
        make_context: Callable[[], CudaContext] = CudaContext,
        known_kernels: bytes | None = None,
    ) -> None:
        """Load and warm up.

        Args:
            data: the engine; its hash was checked by the caller.
            manifest: what it was built for.
            library: the module tensorrt or tensorrt_rtx.
            make_context: takes the GPU.
            known_kernels: what `kernels` gave at an earlier start; the caller has checked it.

        Raises:
            EngineError: ENG-02 the library or the driver refuses, ENG-04 memory is full, ENG-05
                the engine is another network's.
        """
        self._manifest = manifest
        self._size = manifest.key.picture_size
        self._kernels: Any = None
        with contextlib.ExitStack() as undo:
            self._cuda = make_context()
            undo.callback(self._cuda.close)
            self._load(data, library, known_kernels)
            self._allocate(library)
            self.run(np.zeros((*self._size, 3), np.uint8))
            self._record()
            undo.pop_all()

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) px of the picture it takes; it letterboxes by itself."""
        return self._size

    def describe(self) -> EngineDescription:
        """Say what runs."""
        key = self._manifest.key
        title = {"tensorrt": "TensorRT", "tensorrt_rtx": "TensorRT-RTX"}[key.library]
        detail = f"{title} {key.library_version}, {key.gpu_name}"
        if not self._cuda.has_graph:
            detail += ", without CUDA graph"
        return EngineDescription("tensorrt", detail, key.precision, key.weights_sha256)

    def run(self, image: UInt8) -> RawHands:
        """Find hands in image (height, width, 3) uint8 RGB.

        Raises:
            EngineError: ENG-02 when the library fails, ENG-04 when memory is full.
        """
        check_picture(image, self._size)
        self._cuda.use()
        np.copyto(self._picture, image)
        if self._cuda.has_graph:
            self._cuda.launch()
        else:
            self._queue()
        self._cuda.synchronise()
        return RawHands(*(self._outputs[name].copy() for name in OUTPUT_NAMES))

    def repeat_network(self, count: int) -> None:
        """Run the network on the last picture so often, within the GPU's memory; for a benchmark.

        Raises:
            EngineError: ENG-02 when the library fails.
        """
        self._cuda.use()
        for _ in range(count):
            self._execute()
        self._cuda.synchronise()

    def kernels(self) -> bytes | None:
        """Return what the library has compiled for this engine so far; None where it tells nothing.

        With these the next start need not compile again.
        """
        if self._kernels is None:
            return None
        try:
            return bytes(self._kernels.serialize()) or None
        except Exception:  # noqa: BLE001 - whatever is wrong, the engine runs without
            _LOG.info("the kernels cannot be kept", exc_info=True)
            return None

    def close(self) -> None:
        """Free what the engine holds on the GPU."""
        # The library frees through the context, so it goes first.
        del self._execution
        self._kernels = None
        del self._engine, self._runtime
        self._cuda.close()

    def _load(self, data: bytes, library: Any, known_kernels: bytes | None) -> None:
        self._runtime = library.Runtime(library.Logger(library.Logger.ERROR))
        self._engine = self._runtime.deserialize_cuda_engine(data)
        if self._engine is None:
            raise EngineError(
                "ENG-02",
                "TensorRT refuses the engine (no driver, or another GPU)",
                "Build it again: `python -m export.build_trt`.",
            )
        config = self._remembering(known_kernels)
        self._execution = self._engine.create_execution_context(*config)
        if self._execution is None:
            raise EngineError("ENG-04", "the GPU's memory is full", "Close other programs.")

    def _remembering(self, known: bytes | None) -> tuple[Any, ...]:
        """Return a configuration that keeps what is compiled, where the library has one.

        TensorRT-RTX compiles kernels for the GPU when an engine runs for the first time; the other
        library has them in the engine.
        """
        try:
            if not hasattr(self._engine, "create_runtime_config"):
                return ()
            config = self._engine.create_runtime_config()
            if not hasattr(config, "create_runtime_cache"):
                return ()
            kernels = config.create_runtime_cache()
            if known is not None and not kernels.deserialize(known):
                _LOG.info("TensorRT refuses the kernels that were kept: compiled anew")
            if config.set_runtime_cache(kernels):
                self._kernels = kernels
                return (config,)
        except Exception:  # noqa: BLE001 - whatever is wrong, the engine runs without
            _LOG.info("kernels are not kept", exc_info=True)
        return ()

    def _allocate(self, library: Any) -> None:
        """Check every tensor's name, type and shape, and give each its memory."""
        engine = self._engine
        inputs: dict[str, tuple[bool, tuple[int, ...]]] = {}
        outputs: dict[str, tuple[int, ...]] = {}
        for index in range(engine.num_io_tensors):
            name = engine.get_tensor_name(index)
            shape = tuple(engine.get_tensor_shape(name))
            dtype = np.dtype(library.nptype(engine.get_tensor_dtype(name)))
            if engine.get_tensor_mode(name) == library.TensorIOMode.INPUT:
                inputs[name] = (dtype == np.uint8, shape)
            elif dtype == np.float32:
                outputs[name] = shape
        different = interface_differences(inputs, outputs, (*self._size, 3), "picture")
        if different:
            raise EngineError(
                "ENG-05",
                f"the engine is another network's: {'; '.join(different[:5])}",
                "Build it again: `python -m export.build_trt`.",
            )
        self._picture = self._cuda.allocate_pinned((*self._size, 3), np.uint8)
        self._addresses = {"picture": self._cuda.allocate(self._picture.nbytes)}
        self._outputs: dict[str, Any] = {}
        for name in OUTPUT_NAMES:
            host = self._cuda.allocate_pinned(outputs[name], np.float32)
            self._outputs[name] = host
            self._addresses[name] = self._cuda.allocate(host.nbytes)
        for name, address in self._addresses.items():
            self._execution.set_tensor_address(name, address)

    def _queue(self) -> None:
        self._cuda.upload(self._addresses["picture"], self._picture)
        self._execute()
        for name, host in self._outputs.items():
            self._cuda.download(host, self._addresses[name])

    def _execute(self) -> None:
        if not self._execution.execute_async_v3(self._cuda.stream):
            raise EngineError("ENG-02", "TensorRT failed to run the network", "Restart ManyHands.")

    def _record(self) -> None:
        """Record upload, network and download as one graph, where the library lets itself."""
        try:
            self._cuda.capture(self._queue)
        except EngineError as error:
            _LOG.info("no CUDA graph: %s", first_line(error))
            self._cuda.synchronise()


def load_library(name: str) -> Any:
    """Import tensorrt or tensorrt_rtx.

    Raises:
        EngineError: ENG-01 it is installed and cannot be loaded.
    """
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise EngineError(
            "ENG-01", f"{name} cannot be loaded ({first_line(error)})", "Install it anew."
        ) from error
