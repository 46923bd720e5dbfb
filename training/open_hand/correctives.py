"""Pose correctives: what linear blending lacks against dual quaternions (build step 10)."""

import numpy as np
from numpy.typing import NDArray

from core.hand_model.skinning_np import forward_kinematics
from training.open_hand.skinning import dual_quaternion_skinning, rigid_motions

Array = NDArray[np.float64]

_RIDGE = 1e-3
_CHUNK = 250


def fit_posedirs(
    vertices: Array, joints: Array, weights: Array, pose: Array
) -> tuple[Array, NDArray[np.float64]]:
    """Pose directions (V, 3, 135), by ridge regression on the joints that move a vertex.

    Args:
        vertices: (V, 3) m, mean shape at rest.
        joints: (16, 3) m.
        weights: (V, 16).
        pose: (N, 16, 3, 3) training poses.

    Returns:
        The directions, and mean distances to dual quaternion skinning in metres, (2,): without
        and with them, over the last fifth of the poses, which is held out.
    """
    feature = (pose[:, 1:] - np.eye(3)).reshape(len(pose), -1)
    offsets, blend = _wanted_offsets(vertices, joints, weights, pose)
    held_out = slice(len(pose) * 4 // 5, None)
    fit = slice(0, len(pose) * 4 // 5)
    posedirs = np.zeros((len(vertices), 3, feature.shape[1]))
    moved = weights[:, 1:] > 0
    for pattern in np.unique(moved, axis=0):
        columns = np.repeat(pattern, 9)
        rows = np.flatnonzero((moved == pattern).all(1))
        if not pattern.any():
            continue
        known = feature[fit][:, columns]
        gram = known.T @ known + _RIDGE * len(known) * np.eye(known.shape[1])
        target = offsets[fit][:, rows].reshape(len(known), -1)
        solution = np.linalg.solve(gram, known.T @ target)
        posedirs[np.ix_(rows, range(3), np.flatnonzero(columns))] = solution.T.reshape(
            len(rows), 3, -1
        )
    left = offsets[held_out] - np.einsum("vdc,nc->nvd", posedirs, feature[held_out])
    errors = [
        np.linalg.norm(np.einsum("nvij,nvj->nvi", blend[held_out], o), axis=-1).mean()
        for o in (offsets[held_out], left)
    ]
    return posedirs, np.array(errors)


def _wanted_offsets(
    vertices: Array, joints: Array, weights: Array, pose: Array
) -> tuple[Array, Array]:
    """Offsets (N, V, 3) at rest that make linear blending agree, and its matrices (N, V, 3, 3)."""
    offsets, matrices = [], []
    for start in range(0, len(pose), _CHUNK):
        chunk = pose[start : start + _CHUNK]
        rest = np.broadcast_to(joints, (len(chunk), 16, 3))
        world, posed = forward_kinematics(chunk, rest)
        translations = rigid_motions(world, posed, rest)
        target = dual_quaternion_skinning(vertices[None], weights, world, translations)
        matrix = (weights @ world.reshape(len(chunk), 16, 9)).reshape(len(chunk), -1, 3, 3)
        shift = weights @ translations
        rest_points = np.squeeze(np.linalg.solve(matrix, (target - shift)[..., None]), -1)
        offsets.append((rest_points - vertices).astype(np.float32))
        matrices.append(matrix.astype(np.float32))
    return np.concatenate(offsets), np.concatenate(matrices)
