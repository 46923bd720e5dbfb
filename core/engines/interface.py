"""What an exported HandNetwork takes and gives, and whether a loaded file is one."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

from core.engines.base import RawHands
from core.errors import ModelFileError
from core.topology import NUM_BETAS, NUM_JOINTS, NUM_MODEL_JOINTS

INPUT_NAME: Final = "image"
OUTPUT_NAMES: Final = tuple(f.name for f in fields(RawHands))
#: What each output holds per slot; None is the number of vertices, which is the hand model's.
SLOT_SHAPES: Final[Mapping[str, tuple[int | None, ...]]] = {
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

#: Lengths of a tensor's axes; a free one is a name, or None.
Shape = Sequence[int | str | None]


def check_interface(
    file_name: str,
    inputs: Mapping[str, tuple[bool, Shape]],
    outputs: Mapping[str, Shape],
    input_size: tuple[int, int],
) -> None:
    """Refuse a network with other inputs or outputs, naming the first differences.

    Args:
        file_name: of the network, for the message.
        inputs: whether each takes uint8, and its shape.
        outputs: their shapes.
        input_size: (height, width) px that the network shall take.

    Raises:
        ModelFileError: MDL-04.
    """
    differences = interface_differences(inputs, outputs, (1, 3, *input_size))
    if differences:
        raise ModelFileError(
            "MDL-04",
            f"{file_name} is another network: {'; '.join(differences[:5])}",
            "Use weights that were exported by this version with `python -m export.to_onnx`.",
        )


def unreadable(path: Path, reason: str) -> ModelFileError:
    """Return the error MDL-03 for a network that a library cannot load."""
    return ModelFileError(
        "MDL-03",
        f"{path.name} cannot be loaded ({reason})",
        "Reinstall ManyHands, or export the weights anew with `python -m export.to_onnx`.",
    )


def interface_differences(
    inputs: Mapping[str, tuple[bool, Shape]],
    outputs: Mapping[str, Shape],
    input_shape: Shape,
    input_name: str = INPUT_NAME,
) -> list[str]:
    """List what an exported network has that a HandNetwork has not, and the reverse."""
    found = [f"unknown input '{name}'" for name in inputs if name != input_name]
    is_uint8, shape = inputs.get(input_name, (False, ()))
    if not is_uint8:
        found.append(f"no uint8 input '{input_name}'")
    elif not _fits(shape, input_shape):
        found.append(f"'{input_name}' is {tuple(shape)}, expected {tuple(input_shape)}")
    for name, wanted in SLOT_SHAPES.items():
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
