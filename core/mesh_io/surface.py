"""What several formats want to know of a skin: its strongest joints, its colours."""

import numpy as np
from numpy.typing import NDArray

from core.types import Float32


def strongest_weights(weights: Float32, count: int) -> tuple[NDArray[np.intp], Float32]:
    """Return joints (V, count) and weights (V, count), strongest first; rows sum to one."""
    joints = np.argsort(-weights, axis=1, kind="stable")[:, :count]
    kept = np.take_along_axis(weights, joints, axis=1)
    kept = kept / kept.sum(1, keepdims=True)
    return np.where(kept > 0, joints, 0), kept.astype(np.float32)


def linear_from_srgb(colour: Float32) -> Float32:
    """Colours as glTF wants them at vertices (IEC 61966-2-1)."""
    low = colour / 12.92
    high = ((np.maximum(colour, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(colour <= 0.04045, low, high).astype(np.float32)
