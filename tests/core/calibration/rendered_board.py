"""Pictures of a flat board as a pinhole camera sees it."""

from collections.abc import Iterator

import cv2
import numpy as np

from core.calibration import CharucoBoard
from core.types import UInt8

WIDTH, HEIGHT = 1280, 720
SQUARE_PX = 60


def intrinsics(focal_px: float, cx: float = 639.5, cy: float = 359.5) -> np.ndarray:
    return np.array([[focal_px, 0, cx], [0, focal_px, cy], [0, 0, 1]])


def chess_picture(columns: int, rows: int) -> UInt8:
    """A chess board of this many inner corners with a white margin of one square."""
    board = np.full(((rows + 3) * SQUARE_PX, (columns + 3) * SQUARE_PX), 255, np.uint8)
    for row in range(rows + 1):
        for column in range((row % 2), columns + 1, 2):
            y, x = (row + 1) * SQUARE_PX, (column + 1) * SQUARE_PX
            board[y : y + SQUARE_PX, x : x + SQUARE_PX] = 20
    return board


def charuco_picture(board: CharucoBoard) -> UInt8:
    """The program's board with a white margin of one square."""
    picture = board.picture(SQUARE_PX)
    return np.pad(picture, SQUARE_PX, constant_values=255)


def seen(
    flat: UInt8, K: np.ndarray, rotvec: tuple[float, float, float], centre: tuple[float, ...],
    width: int = WIDTH, height: int = HEIGHT,
) -> UInt8:  # fmt: skip
    """The picture (H, W, 3) of a flat board (grey, SQUARE_PX per square) at a pose.

    `centre` is where the board's middle lies in the camera frame, in squares.
    """
    rotation, _ = cv2.Rodrigues(np.array(rotvec, float))
    # Board pixels to squares about the middle: the pixel's centre counts.
    to_squares = np.array(
        [
            [1 / SQUARE_PX, 0, (0.5 - flat.shape[1] / 2) / SQUARE_PX],
            [0, 1 / SQUARE_PX, (0.5 - flat.shape[0] / 2) / SQUARE_PX],
            [0, 0, 1],
        ]
    )
    pose = np.column_stack((rotation[:, 0], rotation[:, 1], np.array(centre, float)))
    homography = K @ pose @ to_squares
    # Drawn at twice the size and averaged, as a sensor's pixels do.
    double = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
    large = cv2.warpPerspective(
        flat, double @ homography, (2 * width, 2 * height), flags=cv2.INTER_AREA, borderValue=128
    )
    grey = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(1).normal(0, 2, grey.shape)
    return np.repeat(np.clip(grey + noise, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def poses(count: int, focal_px: float) -> Iterator[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Poses that tilt the board each way and show it all over the picture."""
    rng = np.random.default_rng(5)
    for index in range(count):
        turn = 2 * np.pi * index / count
        tilt = 0.55 if index % 4 else 0.05
        rotvec = (tilt * np.sin(turn), tilt * np.cos(turn), rng.uniform(-0.15, 0.15))
        depth = focal_px / rng.uniform(62, 85)  # px per square
        spread = (0.22 * WIDTH, 0.17 * HEIGHT)
        x, y = (spread[0] * np.cos(1.7 * index), spread[1] * np.sin(2.3 * index))
        yield rotvec, (x * depth / focal_px, y * depth / focal_px, depth)
