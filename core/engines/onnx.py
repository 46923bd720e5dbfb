"""ONNX Runtime on the CPU: the engine that every machine has."""

from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from core.engines.base import EngineDescription, RawHands, first_line
from core.engines.interface import INPUT_NAME, OUTPUT_NAMES, check_interface, unreadable
from core.engines.threads import inference_threads
from core.errors import EngineError
from core.types import UInt8

_UINT8: Final = "tensor(uint8)"


class OnnxEngine:
    """Runs an exported HandNetwork. The file's free height and width are fixed at load time."""

    def __init__(
        self,
        model_path: Path,
        input_size: tuple[int, int],
        weights_sha256: str,
        threads: int | None = None,
    ) -> None:
        """Load and warm up.

        Args:
            model_path: the .onnx file; its hash was checked by the caller.
            input_size: (height, width) px, multiples of 32.
            weights_sha256: hash of the file, for the description.
            threads: of the arithmetic; None takes all cores, at most four.

        Raises:
            ModelFileError: MDL-03 the file cannot be loaded, MDL-04 it is another network.
            EngineError: ENG-02 the first run fails.
        """
        height, width = input_size
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or inference_threads()
        options.inter_op_num_threads = 1  # the graph is a chain: there is nothing to run beside
        # A thread that waits for work must not keep its core busy meanwhile: the window needs it.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        for axis, size in (("height", height), ("width", width)):
            options.add_free_dimension_override_by_name(axis, size)
        try:
            self._session = onnxruntime.InferenceSession(
                model_path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise unreadable(model_path, first_line(error)) from error
        self._input_size = input_size
        self._weights_sha256 = weights_sha256
        self._check_interface(model_path)
        self.run(np.zeros((height, width, 3), np.uint8))

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) px of the network input."""
        return self._input_size

    def describe(self) -> EngineDescription:
        """Say what runs."""
        return EngineDescription(
            name="onnx",
            detail=f"ONNX Runtime {onnxruntime.__version__}, CPU",
            precision="fp32",
            weights_sha256=self._weights_sha256,
        )

    def run(self, image: UInt8) -> RawHands:
        """Find hands in image (height, width, 3) uint8 RGB.

        Raises:
            EngineError: ENG-02 when the library fails.
        """
        planar = np.ascontiguousarray(image.transpose(2, 0, 1)[None])
        try:
            outputs = self._session.run(OUTPUT_NAMES, {INPUT_NAME: planar})
        except Exception as error:
            raise EngineError(
                "ENG-02",
                f"ONNX Runtime failed ({first_line(error)})",
                "Restart ManyHands; if it happens again, run `manyhands doctor`.",
            ) from error
        return RawHands(*outputs)

    def close(self) -> None:
        """Free the session."""
        del self._session

    def _check_interface(self, model_path: Path) -> None:
        """Refuse a file with other inputs or outputs, naming the first differences."""
        inputs = {
            node.name: (node.type == _UINT8, node.shape) for node in self._session.get_inputs()
        }
        outputs = {node.name: node.shape for node in self._session.get_outputs()}
        check_interface(model_path.name, inputs, outputs, self._input_size)
