"""From a strongly typed ONNX graph to a serialised TensorRT engine.

`tensorrt`, which Torch-TensorRT brings, and `tensorrt_rtx` read the same graph through the same
parser and builder, so what is built with one of them without a GPU speaks for the other.
TensorRT-RTX builds for a compute capability and needs no GPU; the last step, to the machine's own
instructions, happens when the engine is loaded.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from core.engines.base import first_line
from core.errors import EngineError

_LOG = logging.getLogger(__name__)
_WORKSPACE_BYTES: Final = 1 << 30
_ERRORS_SHOWN: Final = 3

#: Called with how far the build is, in [0, 1]; returns whether to go on.
Report = Callable[[float], bool]


class Cancelled(BaseException):
    """Whoever started the build does not want it any more.

    No Exception, as KeyboardInterrupt is none: libraries catch those and raise their own.
    """


class PhaseMeter:
    """How far nested phases are, from what a progress monitor hears of them."""

    def __init__(self) -> None:
        """Start with nothing begun."""
        self._spans: dict[str, tuple[float, float]] = {}
        self._fraction = 0.0
        self._open: dict[str, tuple[float, float]] = {}

    @property
    def fraction(self) -> float:
        """In [0, 1], never falling."""
        return self._fraction

    def start(self, phase: str, parent: str | None, steps: int) -> None:
        """A phase begins within the current step of its parent."""
        start, step = self._open.get(parent or "", (0.0, 1.0))
        self._open[phase] = (start, step / max(1, steps))
        self._spans[phase] = (start, step / max(1, steps))

    def complete(self, phase: str, step: int) -> None:
        """A phase has completed a step, counted from 0."""
        begin, width = self._spans[phase]
        self._open[phase] = (begin + (step + 1) * width, width)
        self._fraction = max(self._fraction, min(1.0, begin + (step + 1) * width))


def serialise(library: Any, graph: bytes, target: str | None, report: Report) -> bytes:
    """Build an engine.

    Args:
        library: the module tensorrt or tensorrt_rtx.
        graph: a strongly typed ONNX file of fixed size.
        target: for TensorRT-RTX, a compute capability such as "SM86", or "CURRENT".
        report: hears how far it is, from any thread, and may cancel.

    Raises:
        Cancelled: `report` said so.
        EngineError: ENG-06 the graph cannot be read or built, with the library's reason.
    """
    logger = _logger(library)
    builder = library.Builder(logger)
    flags = library.NetworkDefinitionCreationFlag
    typed = 1 << int(flags.STRONGLY_TYPED) if hasattr(flags, "STRONGLY_TYPED") else 0
    network = builder.create_network(typed)
    parser = library.OnnxParser(network, logger)
    if not parser.parse(graph):
        reasons = [str(parser.get_error(i)) for i in range(parser.num_errors)][:_ERRORS_SHOWN]
        raise EngineError(
            "ENG-06",
            f"{library.__name__} cannot read the graph: {'; '.join(reasons)}",
            "Use the versions that pyproject.toml names.",
        )
    config = builder.create_builder_config()
    config.set_memory_pool_limit(library.MemoryPoolType.WORKSPACE, _WORKSPACE_BYTES)
    config.clear_flag(library.BuilderFlag.TF32)
    if target is not None:
        config.num_compute_capabilities = 1
        config.set_compute_capability(getattr(library.ComputeCapability, target), 0)
    monitor = _monitor(library, report)
    config.progress_monitor = monitor
    data = builder.build_serialized_network(network, config)
    if monitor.cancelled:
        raise Cancelled
    if data is None:
        raise EngineError(
            "ENG-06",
            f"{library.__name__} built nothing ({logger.last or 'it gave no reason'})",
            "Update the GPU's driver, or use the torch engine.",
        )
    return bytes(data)


def targets(library: Any, compute_capability: str | None) -> tuple[str | None, ...]:
    """Return what to build for, best first, on a GPU such as "8.6".

    TensorRT-RTX does not list data-centre GPUs such as Hopper: the machine's own first, then the
    instructions of Ampere, which later GPUs run as well.
    """
    if not hasattr(library, "ComputeCapability"):
        return (None,)
    if compute_capability is None:
        return ("CURRENT",)
    own = f"SM{compute_capability.replace('.', '')}"
    known = [own] if hasattr(library.ComputeCapability, own) else []
    ampere = ["SM80"] if int(compute_capability.split(".")[0]) >= 8 and own != "SM80" else []
    return (*known, "CURRENT", *ampere)


def _logger(library: Any) -> Any:
    """Return a logger that passes everything to `logging` and keeps the last error."""

    class Logger(library.ILogger):  # type: ignore[misc]  # the library ships no types
        def __init__(self) -> None:
            library.ILogger.__init__(self)
            self.last = ""

        def log(self, severity: Any, text: str) -> None:
            is_error = severity in (self.ERROR, self.INTERNAL_ERROR)
            if is_error:
                self.last = first_line(RuntimeError(text))
            _LOG.log(logging.WARNING if is_error else logging.DEBUG, "%s", text)

    return Logger()


def _monitor(library: Any, report: Report) -> Any:
    """Return a progress monitor that reports, and remembers a cancellation."""

    class Monitor(library.IProgressMonitor):  # type: ignore[misc]  # likewise
        def __init__(self) -> None:
            library.IProgressMonitor.__init__(self)
            self.cancelled = False
            self._meter = PhaseMeter()

        def phase_start(self, phase: str, parent: str | None, steps: int) -> None:
            self._meter.start(phase, parent, steps)

        def step_complete(self, phase: str, step: int) -> bool:
            self._meter.complete(phase, step)
            self.cancelled = self.cancelled or not report(self._meter.fraction)
            return not self.cancelled

        def phase_finish(self, phase: str) -> None:
            pass

    return Monitor()
