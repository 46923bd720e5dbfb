"""What must hold of a hand before it ships (build step 12)."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Indices = NDArray[np.integer]


def boundary_loops(faces: Indices) -> list[list[int]]:
    """Closed chains of vertices along edges that have a face on one side only."""
    edges = np.concatenate((faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]))
    present = set(map(tuple, edges.tolist()))
    following = {a: b for a, b in present if (b, a) not in present}
    loops = []
    while following:
        start, here = following.popitem()
        loop = [start]
        while here != start:
            loop.append(here)
            here = following.pop(here)
        loops.append(loop)
    return loops


def euler_number(faces: Indices) -> int:
    """Vertices - edges + faces of the surface: 1 for a disc, 2 for a sphere, 0 for a tube."""
    edges = np.sort(np.concatenate((faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]])), axis=1)
    return len(np.unique(faces)) - len(np.unique(edges, axis=0)) + len(faces)


def capped(faces: Indices, num_vertices: int) -> Indices:
    """Faces with every hole closed by a fan around one further vertex per hole."""
    fans = [
        np.array([(b, a, num_vertices + i) for a, b in zip(loop, loop[1:] + loop[:1], strict=True)])
        for i, loop in enumerate(boundary_loops(faces))
    ]
    return np.concatenate((faces, *fans))


def is_watertight(faces: Indices) -> bool:
    """Whether every edge lies between exactly two faces that agree about outside."""
    edges = np.concatenate((faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]))
    counts = Counter(map(tuple, edges.tolist()))
    return all(n == 1 and counts.get((b, a)) == 1 for (a, b), n in counts.items())


def face_areas(vertices: Array, faces: Indices) -> Array:
    """Areas (F,) in square metres."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    return np.asarray(np.linalg.norm(np.cross(b - a, c - a), axis=-1) / 2)
