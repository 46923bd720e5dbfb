"""Fingertips, vertex order, joint axes and the forearm's UV (build steps 7, 8 and 11)."""

import numpy as np
from numpy.typing import NDArray

from training.open_hand.population import REST_DIRECTIONS

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Fingertips thumb to little in MANO's mesh, in the two conventions in use. They are kept here,
#: so that code with either list of numbers finds the tips of this hand too.
TIP_IDS = (744, 320, 443, 554, 671)
OTHER_TIP_IDS = (745, 317, 444, 556, 673)
# The thumb nail's outward normal at rest.
_NAIL_NORMAL = np.array([0.60, -0.26, 0.76])
_DORSAL = np.array([0.0, 1.0, 0.0])
# The model's fingers (index, middle, little, ring, thumb) as seen from thumb .. little.
_MODEL_FINGERS = (4, 0, 1, 3, 2)


def fingertips(vertices: Array, joints: Array, weights: Array) -> Indices:
    """The vertex (5,) at each tip, thumb to little: farthest along the bone.

    Args:
        vertices: (V, 3) m at rest.
        joints: (16, 3) m.
        weights: (V, 16).
    """
    tips = []
    for finger in _MODEL_FINGERS:
        joint = 3 * finger + 3
        along = (vertices - joints[joint]) @ REST_DIRECTIONS[finger]
        tips.append(int(np.where(weights[:, joint] > 0.9, along, -np.inf).argmax()))
    return np.array(tips)


def vertex_order(vertices: Array, tips: Indices) -> Indices:
    """Old index (V,) of each new vertex: the tips and their neighbours take MANO's numbers."""
    order = np.arange(len(vertices))
    place = order.copy()  # where each old vertex stands now

    def put(old: int, new: int) -> None:
        here, other = place[old], order[new]
        order[new], order[here] = old, other
        place[old], place[other] = new, here

    for tip, new in zip(tips, TIP_IDS, strict=True):
        put(int(tip), new)
    for tip, new in zip(tips, OTHER_TIP_IDS, strict=True):
        distance = np.linalg.norm(vertices - vertices[tip], axis=-1)
        distance[tip] = np.inf
        put(int(distance.argmin()), new)
    return order


def joint_axes() -> Array:
    """Axes (16, 3, 3) at rest; columns flexion, abduction and twist (along the bone)."""
    axes = [np.eye(3)]
    for finger, bone in enumerate(REST_DIRECTIONS):
        outward = _NAIL_NORMAL if finger == 4 else _DORSAL
        flexion = np.cross(outward, bone)
        flexion /= np.linalg.norm(flexion)
        axes += [np.stack((flexion, np.cross(bone, flexion), bone), 1)] * 3
    return np.stack(axes)


def forearm_uv(points: Array, faces: Indices) -> tuple[Array, Indices]:
    """Cylindrical UV (Vt, 2) and its faces (Ff, 3) of a forearm that runs along +x.

    u goes around from the palm's side, v from the wrist (0) to the elbow (1). Faces across the
    seam get vertices of their own beyond the full turn, so u is scaled to stay within [0, 1].

    Args:
        points: (P, 3) m, all vertices that `faces` index.
        faces: (Ff, 3).
    """
    used, compact = np.unique(faces, return_inverse=True)
    compact = compact.reshape(faces.shape)
    centre = points[used].mean(0)
    around = np.arctan2(points[used, 2] - centre[2], -(points[used, 1] - centre[1]))
    u = (around / (2 * np.pi)) % 1.0
    x = points[used, 0]
    v = (x - x.min()) / np.ptp(x)
    corner_u = u[compact]
    beyond = (np.ptp(corner_u, axis=1) > 0.5)[:, None] & (corner_u < 0.5)
    keys = compact + len(used) * beyond
    kept, ft = np.unique(keys, return_inverse=True)
    vertex, turn = kept % len(used), kept // len(used)
    vt = np.stack((u[vertex] + turn, v[vertex]), -1)
    vt[:, 0] /= vt[:, 0].max()
    return vt, ft.reshape(faces.shape)
