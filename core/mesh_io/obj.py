"""Wavefront OBJ of one frame: a group per hand, vertex colours behind the coordinates."""

from pathlib import Path

import numpy as np

from core.mesh_io.frame_mesh import FrameMesh


def write_obj(path: Path, mesh: FrameMesh) -> None:
    """Write the hands of one frame.

    Raises:
        OSError: the file cannot be written.
    """
    count = mesh.vertices.shape[1]
    coloured = np.concatenate((mesh.vertices, mesh.colours), axis=2)
    with path.open("w", encoding="ascii", newline="\n") as stream:
        stream.write("# ManyHands: vertices with colour, a group per hand\n")
        for index, name in enumerate(mesh.names):
            stream.write(f"g {name}\n")
            vertex_lines = "v %.6f %.6f %.6f %.4f %.4f %.4f\n" * count
            stream.write(vertex_lines % tuple(coloured[index].ravel().tolist()))
            normal_lines = "vn %.4f %.4f %.4f\n" * count
            stream.write(normal_lines % tuple(mesh.normals[index].ravel().tolist()))
            corners = np.repeat(mesh.faces[index].ravel() + 1 + index * count, 2)  # vertex, normal
            face_lines = "f %d//%d %d//%d %d//%d\n" * len(mesh.faces[index])
            stream.write(face_lines % tuple(corners.tolist()))
