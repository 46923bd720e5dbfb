"""From a frame to the network's input: letterbox, and the transform back."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.types import Float32, Frame, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class NetworkInput:
    """A picture as the network wants it.

    Attributes:
        image: (height, width, 3) uint8 RGB; the frame scaled to fit, centred on black.
        image_from_input: (3, 3) frame pixels from input pixels.
        K_input: (3, 3) px, the frame's intrinsics in input pixels.
    """

    image: UInt8
    image_from_input: Float32
    K_input: Float32


def choose_input_size(
    frame_height: int, frame_width: int, sizes: tuple[tuple[int, int], ...]
) -> tuple[int, int]:
    """Return the (height, width) among `sizes` in which the frame shows largest.

    Where two show it equally large, the smaller input costs less time.
    """

    def shown(size: tuple[int, int]) -> tuple[float, int]:
        scale = min(size[0] / frame_height, size[1] / frame_width)
        return scale, -size[0] * size[1]

    return max(sizes, key=shown)


def prepare(frame: Frame, input_size: tuple[int, int]) -> NetworkInput:
    """Letterbox a frame into (height, width) px.

    Pixel centres are integers, so a scale s maps input u to frame (u + 0.5) / s - 0.5.
    """
    height, width = input_size
    frame_height, frame_width = frame.image.shape[:2]
    scale = min(height / frame_height, width / frame_width)
    inner_h = min(height, max(1, round(frame_height * scale)))
    inner_w = min(width, max(1, round(frame_width * scale)))
    top, left = (height - inner_h) // 2, (width - inner_w) // 2
    image: UInt8 = np.zeros((height, width, 3), np.uint8)
    # Averaging over the area keeps far hands from aliasing when the picture shrinks.
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    inner = cv2.resize(frame.image, (inner_w, inner_h), interpolation=method)
    image[top : top + inner_h, left : left + inner_w] = inner
    sx, sy = inner_w / frame_width, inner_h / frame_height
    image_from_input = np.array(
        [
            [1 / sx, 0, (0.5 - left) / sx - 0.5],
            [0, 1 / sy, (0.5 - top) / sy - 0.5],
            [0, 0, 1],
        ],
        np.float32,
    )
    K_input = (np.linalg.inv(image_from_input) @ frame.K).astype(np.float32)
    return NetworkInput(image, image_from_input, K_input)
