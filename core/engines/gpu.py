"""The engines of NVIDIA GPUs: whether this machine has them, and why not."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.assets import load_weights_description, user_folders
from core.engines.aspects import PICTURE_SIZES, nearest_aspect
from core.engines.base import Engine
from core.engines.candidate import Candidate, Unavailable
from core.engines.kernels import keep_kernels, read_kernels
from core.engines.machine import Gpu, NoGpu, find_gpu
from core.engines.manifest import differences, engine_folder, engine_path, read_manifest
from core.engines.tensorrt import installed_library, package_version, wanted_key
from core.errors import EngineError

if TYPE_CHECKING:
    from core.engines.tensorrt import TensorRtEngine

#: What traces a network.
_BUILDERS: Final = ("torch", "onnx", "onnxscript")
#: The profile that probes look for.
_PROFILE: Final = "lite"


def _gpu() -> Gpu:
    """Return the GPU, or say why there is none.

    Raises:
        Unavailable: with the reason.
    """
    try:
        return find_gpu()
    except NoGpu as reason:
        raise Unavailable(str(reason)) from reason


def built_for_here(gpu: Gpu, library: str, profile: str) -> tuple[tuple[Path, ...], str]:
    """Return the engines in the user's cache that fit this machine, and why others do not.

    Only manifests are read; the files themselves are checked when they are opened.

    Raises:
        ModelFileError: the weights' description is missing or damaged.
    """
    folder = engine_folder(user_folders().cache)
    fitting: list[Path] = []
    why_not = ""
    for aspect in PICTURE_SIZES:
        path = engine_path(folder, profile, aspect)
        if not path.exists():
            continue
        wanted = wanted_key(
            load_weights_description(profile), aspect, library, package_version(library), gpu
        )
        try:
            different = differences(read_manifest(path)[0].key, wanted)
        except EngineError as error:
            why_not = error.cause
            continue
        if different:
            why_not = f"{path.name} was built for something else: {'; '.join(different)}"
        else:
            fitting.append(path)
    return tuple(fitting), why_not


def why_not_buildable() -> str:
    """Return why no TensorRT engine can be built on this machine; empty where one can."""
    try:
        find_gpu()
        installed_library()
    except NoGpu as reason:
        return str(reason)
    except EngineError as error:
        return error.cause
    missing = [name for name in _BUILDERS if importlib.util.find_spec(name) is None]
    return f"{', '.join(missing)} is not installed" if missing else ""


def _probe_tensorrt() -> str:
    gpu = _gpu()
    try:
        library = installed_library()
    except EngineError as error:
        raise Unavailable(error.cause) from error
    fitting, why_not = built_for_here(gpu, library, _PROFILE)
    if not fitting:
        reason = why_not or "no engine has been built yet"
        raise Unavailable(f"{reason}; `python -m export.build_trt` builds one")
    return f"{library} {package_version(library)} on {gpu.name}, FP16"


def open_built(profile: str, aspect: str) -> "TensorRtEngine":
    """Open the engine that was built for this machine, with the kernels that were kept for it.

    Raises:
        NoGpu: there is none.
        EngineError: ENG-01 no library, ENG-02 it refuses, ENG-04 memory is full, ENG-05 the engine
            is missing, damaged or was built for something else.
        ModelFileError: the weights' description is missing or damaged.
    """
    # Imported late: a broken library is a reason in the report, not the end of the program.
    from core.engines.tensorrt import TensorRtEngine, checked_engine, load_library

    path = engine_path(engine_folder(user_folders().cache), profile, aspect)
    data, manifest, library = checked_engine(path, profile, aspect, find_gpu())
    known = read_kernels(path, manifest)
    engine = TensorRtEngine(data, manifest, load_library(library), known_kernels=known)
    keep_kernels(path, manifest, engine.kernels(), known)
    return engine


def _open_tensorrt(profile: str, input_size: tuple[int, int]) -> Engine:
    return open_built(profile, nearest_aspect(*input_size))


def _probe_torch() -> str:
    gpu = _gpu()
    if importlib.util.find_spec("torch") is None:
        raise Unavailable("torch is not installed")
    version = package_version("torch")
    if "+cpu" in version:
        raise Unavailable(f"torch {version} was built without CUDA")
    return f"torch {version} on {gpu.name}, FP16"


def _open_torch(profile: str, input_size: tuple[int, int]) -> Engine:
    from core.engines.torch_cuda import open_on_gpu

    return open_on_gpu(profile, PICTURE_SIZES[nearest_aspect(*input_size)], input_size)


#: Fastest first.
GPU_CANDIDATES: Final = (
    Candidate("tensorrt", _probe_tensorrt, _open_tensorrt),
    Candidate("torch", _probe_torch, _open_torch),
)
