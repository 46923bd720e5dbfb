"""Resmoother: the hands of a session as other smoothing settings would have shown them.

The filters look back, so a frame needs those before it. Frames in their order go through one
after the other; a jump begins four time constants of the slowest filter earlier (1.3 s with the
defaults, at most 4 s), of which 2 % are left then.
"""

import math
from dataclasses import replace
from typing import Final

import numpy as np

from core.config import SmoothingConfig
from core.hand_model.poser import HandPoser
from core.session.reader import SessionReader
from core.smoothing import HandSmoother
from core.types import Frame, TrackedHands

_TIME_CONSTANTS: Final = 4.0
_SHORTEST_S, _LONGEST_S = 1.0, 4.0
_NO_PICTURE: Final = np.zeros((1, 1, 3), np.uint8)


class Resmoother:
    """Runs the raw hands of one session through the live program's smoother."""

    def __init__(self, reader: SessionReader, poser: HandPoser, config: SmoothingConfig) -> None:
        """Start anywhere."""
        self._reader = reader
        self.config = config
        self._smoother = HandSmoother(config, poser)
        self._last: int | None = None
        self._result: TrackedHands | None = None

    def apply(self, config: SmoothingConfig) -> None:
        """Use other settings; the next frame begins with a warm-up."""
        self.config = config
        self._smoother.apply(config)
        self._last = None

    def hands_at(self, index: int) -> TrackedHands:
        """Return the hands of a frame; its picture is empty."""
        reader, last = self._reader, self._last
        if last is not None and last == index and self._result is not None:
            return self._result
        time_ns = int(reader.timestamps_ns[index])
        start = reader.index_at(time_ns - _warm_up_ns(self.config))
        if last is not None and start <= last < index:
            start = last + 1
        else:
            self._smoother.reset()
        result = self._smooth(start)
        for number in range(start + 1, index + 1):
            result = self._smooth(number)
        self._last, self._result = index, result
        return result

    def _smooth(self, index: int) -> TrackedHands:
        reader = self._reader
        frame = Frame(
            index=index,
            epoch=0,
            timestamp_ns=int(reader.timestamps_ns[index]),
            image=_NO_PICTURE.copy(),
            K=reader.camera_at(index).K,
        )
        raw = reader.hands_at(index, smoothed=False)
        tracked = TrackedHands(frame, raw, reader.predicted_at(index))
        return replace(self._smoother.update(tracked), raw=raw)


def _warm_up_ns(config: SmoothingConfig) -> int:
    """Return how long before a frame the filters have to begin."""
    slowest_hz = min(config.xy_min_hz, config.z_min_hz, config.rotation_min_hz)
    wanted_s = _TIME_CONSTANTS / (2 * math.pi * slowest_hz)
    return round(min(max(wanted_s, _SHORTEST_S), _LONGEST_S) * 1e9)
