"""What is constant of a hand mesh: faces, wrist fade, and the matrix that makes normals fast."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.types import Float32

#: Over this distance from the open wrist the mesh goes from invisible to solid.
WRIST_FADE_M = 0.014
#: Faces with a corner fainter than this hide nothing behind them.
_SOLID_FADE = 0.5


def boundary_vertices(faces: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the vertices on edges that only one face of faces (F, 3) has: the open wrist."""
    edges, count = np.unique(_sorted_edges(faces), axis=0, return_counts=True)
    return np.unique(edges[count == 1])


def _sorted_edges(faces: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return the three edges (3 F, 2) of each face, the smaller vertex first."""
    return np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)


def wrist_fade(rest_vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> Float32:
    """Return (V,) in [0, 1]: 0 at the open wrist, 1 from WRIST_FADE_M on.

    Args:
        rest_vertices: (V, 3) m.
        faces: (F, 3).
    """
    border = boundary_vertices(faces)
    if len(border) == 0:
        return np.ones(len(rest_vertices), np.float32)
    offsets = rest_vertices[:, None] - rest_vertices[None, border]
    fraction = np.clip(np.linalg.norm(offsets, axis=-1).min(axis=1) / WRIST_FADE_M, 0, 1)
    return np.asarray(fraction * fraction * (3 - 2 * fraction), np.float32)


class MeshTopology:
    """Faces of the right hand, and what follows from them.

    Attributes:
        edges: (E, 2) uint32, each edge of a solid face once: the open wrist's rim is left out.
        faces: (F, 3) uint32, counter-clockwise seen from outside a right hand.
        fade: (V,) float32, see wrist_fade.
        solid_faces: (Fs, 3) uint32, those that hide what is behind them.
    """

    def __init__(self, rest_vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> None:
        """Take the rest mesh (V, 3) m of the right hand and its faces (F, 3)."""
        self.faces = np.ascontiguousarray(faces, np.uint32)
        self.fade = wrist_fade(rest_vertices, faces)
        self.solid_faces = self.faces[(self.fade[self.faces] >= _SOLID_FADE).all(axis=1)]
        self.edges = np.unique(_sorted_edges(self.solid_faces), axis=0).astype(np.uint32)
        self._corners = self.faces.T.astype(np.int64)
        face_count, vertex_count = len(faces), len(rest_vertices)
        self._vertex_from_face = csr_array(
            (
                np.ones(3 * face_count, np.float32),
                (self.faces.ravel(), np.repeat(np.arange(face_count), 3)),
            ),
            shape=(vertex_count, face_count),
        )

    @property
    def vertex_count(self) -> int:
        """V."""
        return len(self.fade)

    def normals(self, vertices: Float32, is_left: NDArray[np.bool_]) -> Float32:
        """Return outward unit normals (N, V, 3), smooth: faces weigh by their area.

        A left hand is the mirror image of a right one with the same face list, so that its
        faces wind the other way and the normals change sign.

        Args:
            vertices: (N, V, 3) m.
            is_left: (N,).
        """
        origin, second, third = (vertices[:, corner] for corner in self._corners)
        a, b = second - origin, third - origin
        face_normals = np.empty((len(self.faces), len(vertices), 3), np.float32)
        target = face_normals.transpose(1, 0, 2)  # written so: np.cross takes three times as long
        target[..., 0] = a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1]
        target[..., 1] = a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2]
        target[..., 2] = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
        summed = self._vertex_from_face @ face_normals.reshape(len(self.faces), -1)
        normals = summed.reshape(self.vertex_count, len(vertices), 3).transpose(1, 0, 2)
        length = np.sqrt(np.einsum("nvi,nvi->nv", normals, normals))
        sign = np.where(is_left, -1, 1).astype(np.float32)
        return np.ascontiguousarray(
            normals * (sign[:, None] / np.maximum(length, 1e-20))[..., None]
        )
