"""Whether a built engine finds the hands that the network in FP32 finds, and how fast.

The reference is the FP32 network itself, in torch on the processor, letterboxing included, on
frames of the demo clip that ships with the program.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np

from core.engines.agreement import Agreement, compare, joined
from core.engines.base import Engine, RawHands
from core.engines.pictures import clip_pictures, run_whole
from core.engines.torch import TorchEngine
from core.errors import EngineError
from core.network.network import HandNetwork
from core.preprocess import choose_input_size
from core.timing import now_ns
from core.types import UInt8

_PICTURES: Final = 10
_MOST_JOINTS_MM: Final = 1.0
#: Pixels of the network's input.
_MOST_PX: Final = 0.5
_WARM_UP: Final = 10
_TIMED: Final = 100


@dataclass(frozen=True, slots=True)
class Parity:
    """How far an engine is from FP32 over the bundled frames.

    Attributes:
        hands: that were compared.
        joints_mm: largest mean joint distance of a hand.
        vertices_mm: largest distance of a vertex.
        keypoints_px: largest distance of a keypoint, in pixels of the network's input.
    """

    hands: int
    joints_mm: float
    vertices_mm: float
    keypoints_px: float

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"{self.hands} hands: joints {self.joints_mm:.3f} mm, "
            f"vertices {self.vertices_mm:.3f} mm, keypoints {self.keypoints_px:.3f} px"
        )


def gate_pictures(clip: Path, picture_size: tuple[int, int]) -> list[UInt8]:
    """Return the bundled frames (height, width, 3) that engines are compared on.

    Raises:
        SourceError: the clip is missing or cannot be read.
    """
    return clip_pictures(clip, picture_size, _PICTURES)


def require_parity(engine: Engine, network: HandNetwork, pictures: Sequence[UInt8]) -> Parity:
    """Compare an engine that takes whole pictures with the network in FP32.

    Args:
        engine: whose input size is that of the pictures.
        network: deployable, in FP32.
        pictures: (height, width, 3) uint8 RGB.

    Raises:
        EngineError: ENG-06 its numbers are not finite, or it is farther than 1 mm or 0.5 px.
    """
    size = engine.input_size
    input_size = choose_input_size(*size, network.config.input_sizes)
    reference = TorchEngine(network, input_size)
    agreements: list[Agreement] = []
    for picture in pictures:
        found = run_whole(engine, picture, input_size)
        _require_finite(found)
        agreements.append(compare(run_whole(reference, picture, input_size), found))
    return _within(joined(agreements))


def _require_finite(raw: RawHands) -> None:
    """Refuse numbers that are not finite: FP16 ends at 65504."""
    for field in fields(RawHands):
        name, values = field.name, getattr(raw, field.name)
        if values is not None and not np.isfinite(values).all():
            raise EngineError(
                "ENG-06",
                f"the engine's '{name}' is not finite",
                "Use the torch engine, and send us the manifest.",
            )


def _within(agreement: Agreement) -> Parity:
    """Return the largest differences, if they are small enough."""
    parity = Parity(
        agreement.hands,
        float(agreement.joints_mm.max(initial=0)),
        float(agreement.vertices_mm.max(initial=0)),
        float(agreement.keypoints_px.max(initial=0)),
    )
    clear = agreement.other_side - agreement.undecided
    if agreement.hands == 0 or agreement.missed or clear:
        raise EngineError(
            "ENG-06",
            f"the engine finds other hands: {agreement.missed} of {agreement.hands} missed, "
            f"{clear} of the other side",
            "Use the torch engine, and send us the manifest.",
        )
    if parity.joints_mm > _MOST_JOINTS_MM or parity.keypoints_px > _MOST_PX:
        raise EngineError(
            "ENG-06",
            f"the engine is too far from FP32 ({parity}; at most {_MOST_JOINTS_MM:g} mm and "
            f"{_MOST_PX:g} px)",
            "Use the torch engine, and send us the manifest.",
        )
    return parity


def median_ms(engine: Engine, picture: UInt8) -> float:
    """Return the median time of one picture, upload and download included."""
    for _ in range(_WARM_UP):
        engine.run(picture)
    times = []
    for _ in range(_TIMED):
        start_ns = now_ns()
        engine.run(picture)
        times.append(now_ns() - start_ns)
    return float(np.median(times)) / 1e6
