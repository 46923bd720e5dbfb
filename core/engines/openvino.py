"""OpenVINO on the CPU: reads the same ONNX file as ONNX Runtime, and most often runs it faster."""

from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import openvino as openvino  # without telemetry: see core/engines/__init__.py

from core.engines.base import EngineDescription, RawHands, first_line
from core.engines.bf16 import compute_in_bf16
from core.engines.interface import INPUT_NAME, OUTPUT_NAMES, Shape, check_interface, unreadable
from core.engines.threads import inference_threads
from core.errors import EngineError
from core.types import UInt8

DEVICE: Final = "CPU"

Precision = Literal["fp32", "bf16", "int8"]


class OpenVinoEngine:
    """Runs an exported HandNetwork. The file's free height and width are fixed at load time."""

    def __init__(
        self,
        model_path: Path,
        input_size: tuple[int, int],
        weights_sha256: str,
        *,
        precision: Precision = "fp32",
        threads: int | None = None,
        cache_folder: Path | None = None,
    ) -> None:
        """Load, compile and warm up.

        Args:
            model_path: an .onnx file, or the .xml of one that was quantised; the caller checked
                its hash.
            input_size: (height, width) px, multiples of 32.
            weights_sha256: hash of the file, for the description.
            precision: of the arithmetic. OpenVINO's own choice would be bf16 for all of it
                wherever the processor has it, which moves joints by a millimetre; "bf16" is for
                what tolerates it (core.engines.bf16). "int8" says that the file is quantised; what
                is not quantised in it runs in FP32.
            threads: of the arithmetic; None takes all cores, at most four.
            cache_folder: where compiled networks are kept, which halves the time to load; None
                keeps none.

        Raises:
            ModelFileError: MDL-03 the file cannot be loaded, MDL-04 it is another network.
            EngineError: ENG-01 it cannot be compiled here, ENG-02 the first run fails.
        """
        self._input_size = input_size
        self._precision = precision
        self._weights_sha256 = weights_sha256
        core = the_core()
        try:
            model = core.read_model(model_path)
        except Exception as error:
            raise unreadable(model_path, first_line(error)) from error
        self._check_interface(model, model_path.name)
        try:
            model.reshape([1, 3, *input_size])
            if precision == "bf16":
                compute_in_bf16(model)
            compiled = core.compile_model(
                model, DEVICE, _settings(threads or inference_threads(), cache_folder)
            )
            self._request: Any = compiled.create_infer_request()
        except Exception as error:
            raise EngineError(
                "ENG-01",
                f"OpenVINO cannot compile {model_path.name} ({first_line(error)})",
                "Choose another engine.",
            ) from error
        self._outputs = tuple(self._request.get_tensor(name) for name in OUTPUT_NAMES)
        self._input = self._request.get_tensor(INPUT_NAME)
        self.run(np.zeros((*input_size, 3), np.uint8))

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) px of the network input."""
        return self._input_size

    def describe(self) -> EngineDescription:
        """Say what runs."""
        return EngineDescription(
            name="openvino",
            detail=f"OpenVINO {release()}, CPU",
            precision=self._precision,
            weights_sha256=self._weights_sha256,
        )

    def run(self, image: UInt8) -> RawHands:
        """Find hands in image (height, width, 3) uint8 RGB.

        Raises:
            EngineError: ENG-02 when the library fails.
        """
        try:
            self._input.data[0] = image.transpose(2, 0, 1)
            self._request.infer()
            # The next run overwrites the library's arrays.
            return RawHands(*(tensor.data.copy() for tensor in self._outputs))
        except Exception as error:
            raise EngineError(
                "ENG-02",
                f"OpenVINO failed ({first_line(error)})",
                "Restart ManyHands; if it happens again, run `manyhands doctor`.",
            ) from error

    def close(self) -> None:
        """Free the network."""
        del self._request, self._input, self._outputs

    def _check_interface(self, model: openvino.Model, file_name: str) -> None:
        """Refuse a file with other inputs or outputs, naming the first differences."""
        inputs = {
            port.any_name: (port.element_type == openvino.Type.u8, _shape(port))
            for port in model.inputs
        }
        outputs = {name: _shape(port) for port in model.outputs for name in port.names}
        check_interface(file_name, inputs, outputs, self._input_size)


@cache
def the_core() -> openvino.Core:
    """Return the process's only openvino.Core, which lives as long as the process.

    The library's CPU plugin gives the thread that loads it a stack for signal handlers, and frees
    that stack with its Core, whether or not it is still in use: once a second Core is gone, the
    next signal to that thread, such as Ctrl-C, kills the process (seen with OpenVINO 2026.4).
    """
    return openvino.Core()


def release() -> str:
    """Return the library's version without its build number."""
    return str(openvino.__version__).split("-", maxsplit=1)[0]


def has_bf16() -> bool:
    """Say whether this processor computes with bf16; elsewhere OpenVINO emulates it, slowly."""
    return "BF16" in the_core().get_property(DEVICE, "OPTIMIZATION_CAPABILITIES")


def _settings(threads: int, cache_folder: Path | None) -> dict[str, Any]:
    """Return what OpenVINO is asked for: one picture at a time, as soon as possible.

    What a graph has in FP32 stays in FP32.
    """
    settings: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_CPU_PINNING": False,  # a pinned thread would wait behind the window's
        "INFERENCE_PRECISION_HINT": "f32",
    }
    if cache_folder is not None:
        settings["CACHE_DIR"] = str(cache_folder)
    return settings


def _shape(port: Any) -> Shape:
    """Return the lengths of a tensor's axes; None for a free one."""
    return [axis.get_length() if axis.is_static else None for axis in port.partial_shape]
