"""From a frame to the network's input: letterbox, and the transform back."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from core.types import Float32, Frame, UInt8


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture lies in the network's input: scaled to fit, centred on black.

    Attributes:
        inner_height: px of the input that the picture fills, likewise `inner_width`.
        inner_width: px.
        top: px of black above it, likewise `left`.
        left: px.
    """

    inner_height: int
    inner_width: int
    top: int
    left: int


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


def letterbox(frame_size: tuple[int, int], input_size: tuple[int, int]) -> Letterbox:
    """Say where a picture of (height, width) px lies in an input of (height, width) px."""
    (frame_height, frame_width), (height, width) = frame_size, input_size
    scale = min(height / frame_height, width / frame_width)
    inner_h = min(height, max(1, round(frame_height * scale)))
    inner_w = min(width, max(1, round(frame_width * scale)))
    return Letterbox(inner_h, inner_w, (height - inner_h) // 2, (width - inner_w) // 2)


def prepare(frame: Frame, input_size: tuple[int, int]) -> NetworkInput:
    """Letterbox a frame into (height, width) px.

    Pixel centres are integers, so a scale s maps input u to frame (u + 0.5) / s - 0.5. A frame of
    the very size is passed on as it is, for engines that scale it themselves.
    """
    frame_size = frame.image.shape[:2]
    if frame_size == input_size:
        return NetworkInput(frame.image, np.eye(3, dtype=np.float32), frame.K)
    box = letterbox(frame_size, input_size)
    image: UInt8 = np.zeros((*input_size, 3), np.uint8)
    shrunk = frame.image
    for height, width in _halves(frame_size, box):
        shrunk = np.asarray(cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_AREA))
    inner = cv2.resize(
        shrunk, (box.inner_width, box.inner_height), interpolation=_method(frame_size, box)
    )
    image[box.top : box.top + box.inner_height, box.left : box.left + box.inner_width] = inner
    image_from_input = image_from_letterbox(frame_size, box)
    K_input = (np.linalg.inv(image_from_input) @ frame.K).astype(np.float32)
    return NetworkInput(image, image_from_input, K_input)


def image_from_letterbox(frame_size: tuple[int, int], box: Letterbox) -> Float32:
    """Return the (3, 3) frame pixels from input pixels; frame_size is (height, width) px."""
    sy, sx = box.inner_height / frame_size[0], box.inner_width / frame_size[1]
    return np.array(
        [
            [1 / sx, 0, (0.5 - box.left) / sx - 0.5],
            [0, 1 / sy, (0.5 - box.top) / sy - 0.5],
            [0, 0, 1],
        ],
        np.float32,
    )


def letterbox_matrices(
    frame_size: tuple[int, int], input_size: tuple[int, int]
) -> tuple[Float32, Float32]:
    """Return letterboxing as two products: input = rows @ frame @ columns.T, per colour.

    The same weights as `prepare`, for a graph that scales its picture itself: areas where it
    shrinks, linear where it grows, nothing in the black margins.

    Args:
        frame_size: (height, width) px of the picture.
        input_size: (height, width) px of the network.

    Returns:
        rows (input height, frame height) and columns (input width, frame width).
    """
    box = letterbox(frame_size, input_size)
    weights = _area_weights if _method(frame_size, box) == cv2.INTER_AREA else _linear_weights
    sizes = (frame_size, *_halves(frame_size, box))
    rows = np.zeros((input_size[0], sizes[-1][0]), np.float32)
    columns = np.zeros((input_size[1], sizes[-1][1]), np.float32)
    rows[box.top : box.top + box.inner_height] = weights(sizes[-1][0], box.inner_height)
    columns[box.left : box.left + box.inner_width] = weights(sizes[-1][1], box.inner_width)
    for (height, width), (half_height, half_width) in reversed(list(pairwise(sizes))):
        rows = rows @ _area_weights(height, half_height)
        columns = columns @ _area_weights(width, half_width)
    return rows, columns


def _halves(frame_size: tuple[int, int], box: Letterbox) -> tuple[tuple[int, int], ...]:
    """Return the sizes (height, width) px by which a large picture is halved before the last step.

    Averaging over whole pixels, two by two, takes a tenth of the time that averaging over parts of
    them does. That is left at least a factor of two, where it is as good as from the full size.
    """
    sizes: list[tuple[int, int]] = []
    height, width = frame_size
    while (
        height % 2 == width % 2 == 0
        and height >= 4 * box.inner_height
        and width >= 4 * box.inner_width
    ):
        height, width = height // 2, width // 2
        sizes.append((height, width))
    return tuple(sizes)


def _method(frame_size: tuple[int, int], box: Letterbox) -> int:
    """Averaging over the area keeps far hands from aliasing when the picture shrinks."""
    shrinks = box.inner_height < frame_size[0] or box.inner_width < frame_size[1]
    return cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR


def _area_weights(source: int, target: int) -> Float32:
    """Share (target, source) of each source pixel in the stretch that a target pixel covers."""
    edges = np.arange(target + 1) * (source / target)
    low = np.maximum(edges[:-1, None], np.arange(source))
    high = np.minimum(edges[1:, None], np.arange(source) + 1)
    weights: Float32 = (np.maximum(high - low, 0) * (target / source)).astype(np.float32)
    return weights


def _linear_weights(source: int, target: int) -> Float32:
    """Weights (target, source) of the two pixels beside each target pixel's centre."""
    place = (np.arange(target) + 0.5) * (source / target) - 0.5
    distance = np.abs(np.clip(place, 0, source - 1)[:, None] - np.arange(source))
    weights: Float32 = np.maximum(1 - distance, 0).astype(np.float32)
    return weights
