"""The Engine protocol, and the raw arrays that every engine returns."""

from dataclasses import dataclass
from typing import Protocol

from core.errors import EngineError
from core.types import Float32, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class RawHands:
    """What the network says about its K slots, in input pixels; decode.py turns it into hands.

    Slots are sorted by score, highest first; a slot without a hand has a low score.

    Attributes:
        score: (K,) centre score in [0, 1].
        right_probability: (K,) in [0, 1].
        keypoints_2d: (K, 21, 2) px of the network input.
        keypoint_confidence: (K, 21) in [0, 1].
        pose: (K, 16, 3, 3) rotations in right-hand canonical form.
        betas: (K, 10).
        middle_mcp_2d: (K, 2) px of the network input: where the middle knuckle projects.
        pixels_per_metre: (K,) apparent scale s, so that its depth is t_z = f / s.
        vertices: (K, V, 3) m, of the hand's own side, relative to the middle knuckle, turned
            as in the camera frame.
        joints_3d: (K, 21, 3) m, likewise.
        albedo: (K, V, 3) RGB, or None where the network has no appearance heads.
        light: (K, 27), or None.
    """

    score: Float32
    right_probability: Float32
    keypoints_2d: Float32
    keypoint_confidence: Float32
    pose: Float32
    betas: Float32
    middle_mcp_2d: Float32
    pixels_per_metre: Float32
    vertices: Float32
    joints_3d: Float32
    albedo: Float32 | None = None
    light: Float32 | None = None


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """What the status bar and summary.json say of an engine.

    Attributes:
        name: "onnx", "openvino", "torch", "tensorrt".
        detail: library version and device, for a person.
        precision: "fp32", "fp16", "bf16", "int8".
        weights_sha256: of the file that was loaded.
        failure: what failed before this one took over or was restarted; empty for nothing.
    """

    name: str
    detail: str
    precision: str
    weights_sha256: str
    failure: str = ""


def check_picture(image: UInt8, size: tuple[int, int]) -> None:
    """Refuse a picture that is not (height, width, 3) of an engine's size, (height, width) px.

    Raises:
        EngineError: ENG-02.
    """
    if image.shape != (*size, 3):
        raise EngineError(
            "ENG-02", f"the picture is {image.shape}, the engine takes {(*size, 3)}", ""
        )


def first_line(error: Exception) -> str:
    """Return the first line of a library's message; many add pages of trace."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


class Engine(Protocol):
    """Runs the network on one prepared picture. Not thread-safe: one thread owns an engine."""

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) px of the network input."""

    def describe(self) -> EngineDescription:
        """Say what runs."""

    def run(self, image: UInt8) -> RawHands:
        """Find hands in image (height, width, 3) uint8 RGB.

        Raises:
            EngineError: ENG-02 when the library fails.
        """

    def close(self) -> None:
        """Free what the engine holds; it may not be used after."""
