"""Hands of the right size for protocols: one plain hand, and copies with known errors."""

import numpy as np

#: Of areas over 100 and over 20 thresholds: at the first one, 0 mm, rounding alone is an error.
ROUNDING_100, ROUNDING_20 = 0.5 / 99, 0.5 / 19


def plain_hand() -> np.ndarray:
    """(21, 3) m: wrist at (0, 0, 0.6), fingers in a fan along y, 3 cm per joint, palm 9 cm."""
    joints = np.zeros((21, 3))
    for finger in range(5):
        for level in range(4):
            x, y = 0.02 * (finger - 2), 0.09 + 0.03 * level
            joints[1 + 4 * finger + level] = (x, y, 0.002 * level**2)
    return joints + np.array([0, 0, 0.6])


def hands(count: int) -> np.ndarray:
    """(N, 21, 3) m: plain hands in different places."""
    place = np.random.default_rng(count).normal(size=(count, 1, 3)) * 0.05
    return plain_hand() + place


def guesses(target: np.ndarray, seed: int = 0, error_m: float = 0.01) -> np.ndarray:
    """Labels (..., 3) m with random errors."""
    return target + np.random.default_rng(seed).normal(size=target.shape) * error_m
