"""Which engines this machine can run, why not the others, and opening the fastest."""

import importlib
import importlib.util
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.assets import checked_weights, load_weights_description, weights_path
from core.engines.base import Engine
from core.errors import EngineError, ModelFileError, UsageError
from core.preprocess import choose_input_size

_LOG = logging.getLogger(__name__)

AUTO: Final = "auto"
DEFAULT_PROFILE: Final = "lite"


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """Whether an engine can be taken on this machine.

    Attributes:
        name: "tensorrt", "torch", "openvino" or "onnx".
        available: whether `open_engine` takes it.
        reason: what it would run on, or why it cannot be taken; for a person.
    """

    name: str
    available: bool
    reason: str


class _Unavailable(Exception):
    """A probe's way to say why an engine cannot be taken."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One engine: its name, a probe (returns what it runs on, or raises) and how to open it."""

    name: str
    probe: Callable[[], str]
    open: Callable[[str, tuple[int, int]], Engine] | None


def _probe_tensorrt() -> str:
    if shutil.which("nvidia-smi") is None and not Path("/proc/driver/nvidia/version").exists():
        raise _Unavailable("there is no NVIDIA driver")
    raise _Unavailable("this version of ManyHands cannot build TensorRT engines")


def _probe_torch() -> str:
    if importlib.util.find_spec("torch") is None:
        raise _Unavailable("torch is not installed")
    raise _Unavailable("this version of ManyHands runs no frames in torch")


def _probe_openvino() -> str:
    if importlib.util.find_spec("openvino") is None:
        raise _Unavailable("openvino is not installed")
    raise _Unavailable("this version of ManyHands runs no frames in OpenVINO")


def _probe_onnx() -> str:
    runtime = importlib.import_module("onnxruntime")
    if "CPUExecutionProvider" not in runtime.get_available_providers():
        raise _Unavailable("this ONNX Runtime was built without its CPU provider")
    return f"ONNX Runtime {runtime.__version__} on the CPU"


def _open_onnx(profile: str, input_size: tuple[int, int]) -> Engine:
    # Imported late: a broken ONNX Runtime is a reason in the report, not the end of the program.
    from core.engines.onnx import OnnxEngine

    path, sha256 = checked_weights(profile, "onnx")
    return OnnxEngine(path, input_size, sha256)


#: Fastest first: the order in which "auto" tries them.
_CANDIDATES: Final = (
    _Candidate("tensorrt", _probe_tensorrt, None),
    _Candidate("torch", _probe_torch, None),
    _Candidate("openvino", _probe_openvino, None),
    _Candidate("onnx", _probe_onnx, _open_onnx),
)


def engine_choices() -> tuple[str, ...]:
    """Return what `open_engine` takes: "auto" and every engine of this version."""
    return (AUTO, *(candidate.name for candidate in _CANDIDATES if candidate.open is not None))


def engine_report() -> tuple[EngineStatus, ...]:
    """Say of each engine, fastest first, whether this machine can run it and why not."""
    return tuple(_status(candidate) for candidate in _CANDIDATES)


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


def open_engine(choice: str, profile: str, frame_height: int, frame_width: int) -> Engine:
    """Open an engine for frames of (frame_height, frame_width) px.

    Args:
        choice: "auto" for the fastest that this machine can run, or an engine's name.
        profile: weights: "lite".
        frame_height: of the source's first picture, px.
        frame_width: likewise.

    Raises:
        UsageError: USE-01 unknown choice.
        EngineError: ENG-01 the engine cannot be taken on this machine, with the reason.
        ModelFileError: the weights are missing, damaged or of another network.
    """
    check_choice(choice)
    reasons: list[str] = []
    for candidate in _CANDIDATES:
        if choice not in (AUTO, candidate.name):
            continue
        status = _status(candidate)
        if candidate.open is not None and status.available:
            size = choose_input_size(frame_height, frame_width, _input_sizes(profile))
            return candidate.open(profile, size)
        reasons.append(f"{candidate.name}: {status.reason}")
    raise EngineError(
        "ENG-01",
        f"no engine can run here ({'; '.join(reasons)})",
        "Run `manyhands doctor` to see what is missing.",
    )


def _status(candidate: _Candidate) -> EngineStatus:
    """Probe one engine; whatever its library throws becomes a reason."""
    try:
        return EngineStatus(candidate.name, True, candidate.probe())
    except _Unavailable as answer:
        return EngineStatus(candidate.name, False, str(answer))
    except Exception as error:  # noqa: BLE001 - drivers and libraries fail in every way there is
        _LOG.info("probe of %s failed", candidate.name, exc_info=True)
        return EngineStatus(candidate.name, False, f"{type(error).__name__}: {error}")


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
