"""PictureReader: any picture of a session's video, by segment and time."""

from collections.abc import Mapping
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError

from core.types import UInt8


class PictureReader:
    """Opens segments as they are asked for."""

    def __init__(self, paths: Mapping[int, Path]) -> None:
        """Open nothing yet."""
        self.damage: list[str] = []
        self._paths = paths
        self._containers: dict[int, InputContainer] = {}

    def picture(self, segment: int, ticks: int) -> UInt8 | None:
        """Return the picture (H, W, 3) RGB at ticks of a segment; None where it is not there."""
        path = self._paths.get(segment)
        if path is None:
            return None
        try:
            if segment not in self._containers:
                self._containers[segment] = av.open(f"file:{path.absolute()}", format="mp4")
            container = self._containers[segment]
            stream = container.streams.video[0]
            container.seek(ticks, stream=stream)
            for frame in container.decode(stream):
                if frame.pts is not None and frame.pts >= ticks:
                    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        except (FFmpegError, IndexError) as error:
            self.damage.append(f"{path.name}: {error}")
        return None

    def close(self) -> None:
        """Close them."""
        for container in self._containers.values():
            container.close()
        self._containers.clear()
