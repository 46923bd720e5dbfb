"""What several formats want to know of a surface: normals, the strongest joints, colours."""

import numpy as np
from numpy.typing import NDArray

from core.types import Float32


def strongest_weights(weights: Float32, count: int) -> tuple[NDArray[np.intp], Float32]:
    """Return joints (V, count) and weights (V, count), strongest first; rows sum to one."""
    joints = np.argsort(-weights, axis=1, kind="stable")[:, :count]
    kept = np.take_along_axis(weights, joints, axis=1)
    kept = kept / kept.sum(1, keepdims=True)
    return np.where(kept > 0, joints, 0), kept.astype(np.float32)


def vertex_normals(vertices: Float32, faces: NDArray[np.integer]) -> Float32:
    """Unit normals (..., V, 3) of meshes (..., V, 3), faces weighted by their area."""
    corner = vertices[..., faces, :]
    normal = np.cross(corner[..., 1, :] - corner[..., 0, :], corner[..., 2, :] - corner[..., 0, :])
    total = np.zeros_like(vertices)
    flat, each = total.reshape(-1, *vertices.shape[-2:]), normal.reshape(-1, *normal.shape[-2:])
    for mesh, part in zip(flat, each, strict=True):
        for column in faces.T:
            np.add.at(mesh, column, part)
    length = np.linalg.norm(total, axis=-1, keepdims=True)
    return np.where(length > 0, total / np.maximum(length, 1e-30), (0, 0, 1)).astype(np.float32)


def linear_from_srgb(colour: Float32) -> Float32:
    """Colours as glTF wants them at vertices (IEC 61966-2-1)."""
    low = colour / 12.92
    high = ((np.maximum(colour, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(colour <= 0.04045, low, high).astype(np.float32)
