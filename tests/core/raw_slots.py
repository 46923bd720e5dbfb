"""What a network says of scripted hands, and ways to change a slot of it."""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np

from core.config import DetectionConfig
from core.engines.base import RawHands
from core.preprocess import NetworkInput, prepare
from core.types import Float32, Frame, HandState
from tests.factories import make_frame, make_raw_hands

CONFIG = DetectionConfig()
INPUT_SIZE = (288, 384)
SLOT_FIELDS = [item.name for item in fields(RawHands)]


def frame_with(K: Sequence[Sequence[float]] | None = None, *, width: int = 640) -> Frame:
    frame = make_frame(width=width)
    return frame if K is None else replace(frame, K=np.array(K, np.float32))


def raw_of(hands: Sequence[HandState], frame: Frame) -> tuple[RawHands, NetworkInput]:
    network_input = prepare(frame, INPUT_SIZE)
    return make_raw_hands(hands, network_input), network_input


def with_appearance(raw: RawHands) -> RawHands:
    slots, count = raw.vertices.shape[:2]
    return replace(
        raw,
        albedo=np.full((slots, count, 3), 0.4, np.float32),
        light=np.full((slots, 27), 0.1, np.float32),
    )


def changed_slot(raw: RawHands, field: str, values: object) -> RawHands:
    array: Float32 = np.array(getattr(raw, field))
    array[0] = values
    return replace(raw, **{field: array})
