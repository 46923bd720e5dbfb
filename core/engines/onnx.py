"""ONNX Runtime on the CPU: the engine that every machine has."""

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import numpy as np
import onnxruntime

from core.engines.base import EngineDescription, RawHands
from core.errors import EngineError, ModelFileError
from core.types import UInt8

_INPUT_NAME = "image"
_OUTPUT_NAMES = tuple(f.name for f in fields(RawHands))
_MOST_THREADS = 4


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
            threads: of the arithmetic; None takes the physical cores, at most four: more
                only add hand-over time to a network this small.

        Raises:
            ModelFileError: MDL-03 the file cannot be loaded, MDL-04 it is another network.
            EngineError: ENG-02 the first run fails.
        """
        height, width = input_size
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or min(_MOST_THREADS, os.cpu_count() or 1)
        options.log_severity_level = 3
        for axis, size in (("height", height), ("width", width)):
            options.add_free_dimension_override_by_name(axis, size)
        try:
            self._session = onnxruntime.InferenceSession(
                model_path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelFileError(
                "MDL-03",
                f"{model_path.name} cannot be loaded ({_first_line(error)})",
                "Reinstall ManyHands, or export the weights anew with `python -m export.to_onnx`.",
            ) from error
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
            outputs = self._session.run(_OUTPUT_NAMES, {_INPUT_NAME: planar})
        except Exception as error:
            raise EngineError(
                "ENG-02",
                f"ONNX Runtime failed ({_first_line(error)})",
                "Restart ManyHands; if it happens again, run `manyhands doctor`.",
            ) from error
        return RawHands(*outputs)

    def close(self) -> None:
        """Free the session."""
        del self._session

    def _check_interface(self, model_path: Path) -> None:
        """Refuse a file with other inputs or outputs, naming the first differences."""
        inputs = {node.name: node.type for node in self._session.get_inputs()}
        have = {node.name for node in self._session.get_outputs()}
        differences = _differences(inputs, have)
        if differences:
            raise ModelFileError(
                "MDL-04",
                f"{model_path.name} is another network: {'; '.join(differences[:5])}",
                "Use weights that were exported by this version with `python -m export.to_onnx`.",
            )


def _differences(inputs: Mapping[str, str], outputs: set[str]) -> list[str]:
    """List what an exported network lacks."""
    found = []
    if inputs.get(_INPUT_NAME) != "tensor(uint8)":
        found.append(f"no uint8 input '{_INPUT_NAME}'")
    found += [f"no output '{name}'" for name in _OUTPUT_NAMES if name not in outputs]
    return found


def _first_line(error: Exception) -> str:
    """Return the first line of a library's message."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
