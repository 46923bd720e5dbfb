"""Binary PLY of one frame: all hands in one mesh, with normals and colours."""

from pathlib import Path
from typing import Final

import numpy as np

from core.mesh_io.frame_mesh import FrameMesh

_VERTEX: Final = np.dtype([("place", "<f4", 3), ("normal", "<f4", 3), ("colour", "u1", 3)])
_FACE: Final = np.dtype([("count", "u1"), ("corners", "<i4", 3)])
_HEADER: Final = """ply
format binary_little_endian 1.0
comment ManyHands: {names}
element vertex {vertices}
property float x
property float y
property float z
property float nx
property float ny
property float nz
property uchar red
property uchar green
property uchar blue
element face {faces}
property list uchar int vertex_indices
end_header
"""


def write_ply(path: Path, mesh: FrameMesh) -> None:
    """Write the hands of one frame.

    Raises:
        OSError: the file cannot be written.
    """
    hands, count = mesh.vertices.shape[:2]
    vertices = np.zeros(hands * count, _VERTEX)
    vertices["place"] = mesh.vertices.reshape(-1, 3)
    vertices["normal"] = mesh.normals.reshape(-1, 3)
    vertices["colour"] = np.round(255 * mesh.colours.reshape(-1, 3))
    shift = np.arange(hands, dtype=np.int32)[:, None, None] * count
    corners = (mesh.faces + shift).reshape(-1, 3)
    faces = np.zeros(len(corners), _FACE)
    faces["count"], faces["corners"] = 3, corners
    names = " ".join(mesh.names) or "no hand"
    header = _HEADER.format(names=names, vertices=len(vertices), faces=len(faces))
    path.write_bytes(header.encode("ascii") + vertices.tobytes() + faces.tobytes())
