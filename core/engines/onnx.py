"""ONNX Runtime on the CPU: the engine that every machine has."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from core.engines.base import EngineDescription, RawHands, first_line
from core.errors import EngineError, ModelFileError
from core.topology import NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS
from core.types import UInt8

_INPUT_NAME: Final = "image"
_OUTPUT_NAMES: Final = tuple(f.name for f in fields(RawHands))
#: What each output holds per slot; None is the number of vertices, which is the hand model's.
_SLOT_SHAPES: Final[Mapping[str, tuple[int | None, ...]]] = {
    "score": (),
    "right_probability": (),
    "keypoints_2d": (NUM_JOINTS, 2),
    "keypoint_confidence": (NUM_JOINTS,),
    "pose": (NUM_MODEL_JOINTS, 3, 3),
    "betas": (NUM_BETAS,),
    "middle_mcp_2d": (2,),
    "pixels_per_metre": (),
    "vertices": (None, 3),
    "joints_3d": (NUM_JOINTS, 3),
    "albedo": (None, 3),
    "light": (27,),
}
_MOST_THREADS: Final = 4

#: Lengths of a tensor's axes; ONNX Runtime gives a free one as its name, or None.
Shape = Sequence[int | str | None]


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
            threads: of the arithmetic; None takes the cores that this process may use, at most
                four: more only add hand-over time to a network this small.

        Raises:
            ModelFileError: MDL-03 the file cannot be loaded, MDL-04 it is another network.
            EngineError: ENG-02 the first run fails.
        """
        height, width = input_size
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or min(_MOST_THREADS, _usable_cores())
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
                f"{model_path.name} cannot be loaded ({first_line(error)})",
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
                f"ONNX Runtime failed ({first_line(error)})",
                "Restart ManyHands; if it happens again, run `manyhands doctor`.",
            ) from error
        return RawHands(*outputs)

    def close(self) -> None:
        """Free the session."""
        del self._session

    def _check_interface(self, model_path: Path) -> None:
        """Refuse a file with other inputs or outputs, naming the first differences."""
        inputs = {node.name: (node.type, node.shape) for node in self._session.get_inputs()}
        outputs = {node.name: node.shape for node in self._session.get_outputs()}
        differences = _differences(inputs, outputs, (1, 3, *self._input_size))
        if differences:
            raise ModelFileError(
                "MDL-04",
                f"{model_path.name} is another network: {'; '.join(differences[:5])}",
                "Use weights that were exported by this version with `python -m export.to_onnx`.",
            )


def _differences(
    inputs: Mapping[str, tuple[str, Shape]], outputs: Mapping[str, Shape], input_shape: Shape
) -> list[str]:
    """List what an exported network has that a HandNetwork has not, and the reverse."""
    found = [f"unknown input '{name}'" for name in inputs if name != _INPUT_NAME]
    kind, shape = inputs.get(_INPUT_NAME, ("", ()))
    if kind != "tensor(uint8)":
        found.append(f"no uint8 input '{_INPUT_NAME}'")
    elif not _fits(shape, input_shape):
        found.append(f"'{_INPUT_NAME}' is {tuple(shape)}, expected {tuple(input_shape)}")
    for name, wanted in _SLOT_SHAPES.items():
        if name not in outputs:
            found.append(f"no output '{name}'")
        elif not _fits(outputs[name], (None, *wanted)):
            found.append(f"'{name}' is {tuple(outputs[name])}, expected {('K', *wanted)}")
    return found


def _fits(shape: Shape, wanted: Shape) -> bool:
    """Compare shapes; a name or None stands for any length."""
    return len(shape) == len(wanted) and all(
        have == want or not (isinstance(have, int) and isinstance(want, int))
        for have, want in zip(shape, wanted, strict=True)
    )


def _usable_cores() -> int:
    """Return how many cores this process may use; fewer than the machine's where it is bound."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
