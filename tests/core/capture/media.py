"""Small media files, and how the capture tests read and judge sources."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from core.capture import FrameSource
from core.errors import SourceError
from core.types import Frame


def code_of(caught: pytest.ExceptionInfo[SourceError]) -> str:
    assert caught.value.remedy
    return caught.value.code


def read_all(source: FrameSource) -> list[Frame]:
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def write_video(
    path: Path, count: int = 12, *, size: tuple[int, int] = (64, 48), rotation: int = 0
) -> Path:
    """Brightness rises by 15 a frame; the upper left quarter is black. 25 frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv444p"
        if rotation:
            stream.set_display_rotation(rotation)
        for index in range(count):
            image = np.full((size[1], size[0], 3), 20 + 15 * (index % 15), np.uint8)
            image[: size[1] // 2, : size[0] // 2] = 0
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def write_image(path: Path, colour: tuple[int, int, int] = (200, 60, 30)) -> Path:
    ok, data = cv2.imencode(path.suffix, np.full((48, 64, 3), colour[::-1], np.uint8))
    assert ok
    path.write_bytes(data.tobytes())
    return path
