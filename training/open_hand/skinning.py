"""Dual quaternion skinning, the better but slower relative of linear blending (build step 5, 10).

Kavan et al. 2008, "Geometric Skinning with Approximate Dual Quaternion Blending".
"""

import numpy as np
from numpy.typing import NDArray

from core.rotations_np import quat_xyzw_from_rotmat
from core.topology import MODEL_PARENTS

Array = NDArray[np.float64]


def dual_quaternion_skinning(
    vertices: Array, weights: Array, rotations: Array, translations: Array
) -> Array:
    """Move vertices (N, V, 3) by blended rigid motions x -> R x + t of the joints.

    Args:
        vertices: (N, V, 3) or (1, V, 3).
        weights: (V, 16).
        rotations: (N, 16, 3, 3).
        translations: (N, 16, 3).
    """
    real = quat_xyzw_from_rotmat(rotations)
    # q and -q are the same rotation; each joint takes the one on its parent's side. Against the
    # wrist a clenched finger has turned by more than half a turn, and would blend the long way.
    for joint, parent in enumerate(MODEL_PARENTS[1:], start=1):
        opposed = (real[:, joint] * real[:, parent]).sum(-1, keepdims=True) < 0
        real[:, joint] = np.where(opposed, -real[:, joint], real[:, joint])
    pure = np.concatenate((translations, np.zeros_like(translations[..., :1])), -1)
    dual = 0.5 * _product(pure, real)
    real, dual = weights @ real, weights @ dual
    norm = np.linalg.norm(real, axis=-1, keepdims=True)
    real, dual = real / norm, dual / norm
    vector, w = real[..., :3], real[..., 3:]
    turned = vertices + 2 * np.cross(vector, np.cross(vector, vertices) + w * vertices)
    shift = 2 * _product(dual, real * np.array([-1, -1, -1, 1]))[..., :3]
    return np.asarray(turned + shift)


def rigid_motions(world: Array, posed_joints: Array, rest_joints: Array) -> Array:
    """Translations (N, 16, 3) of the motions x -> R x + t that carry rest joints to posed ones."""
    return np.asarray(posed_joints - np.squeeze(world @ rest_joints[..., None], -1))


def _product(a: Array, b: Array) -> Array:
    """Hamilton product of quaternions (..., 4), order x y z w."""
    av, aw, bv, bw = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    vector = aw * bv + bw * av + np.cross(av, bv)
    return np.concatenate((vector, aw * bw - (av * bv).sum(-1, keepdims=True)), -1)
