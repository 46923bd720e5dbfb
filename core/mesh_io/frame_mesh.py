"""The surfaces of a frame's hands in one mesh: what OBJ and PLY files hold."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry import vertex_normals
from core.hand_model.file import HandModel
from core.hand_model.poser import HandPoser
from core.mesh_io.axes import Axes
from core.mesh_io.motion import DEFAULT_SKIN
from core.session.take import Take
from core.session.tracks import frame_numbers
from core.types import Float32


@dataclass(frozen=True, slots=True, eq=False)
class FrameMesh:
    """N hands of V vertices and F faces each, in a file's axes and unit.

    Attributes:
        frame: number in the take.
        names: of the hands, such as "right_0".
        vertices: (N, V, 3).
        normals: (N, V, 3) unit.
        colours: (N, V, 3) sRGB in [0, 1].
        faces: (N, F, 3) int32 into one hand's vertices, counter-clockwise from outside.
    """

    frame: int
    names: tuple[str, ...]
    vertices: Float32
    normals: Float32
    colours: Float32
    faces: NDArray[np.int32]


def frame_meshes(take: Take, right: HandModel, poser: HandPoser, axes: Axes) -> Iterator[FrameMesh]:
    """Yield each frame of the take, exactly as posed, with each frame's own betas."""
    rows = []
    for track in take.tracks:
        row_of = np.full(len(take.timestamps_ns), -1)
        row_of[frame_numbers(take, track)] = np.arange(len(track.timestamps_ns))
        rows.append(row_of)
    faces = {"right": right.faces, "left": right.faces[:, ::-1]}
    skin = np.tile(np.array(DEFAULT_SKIN, np.float32), (right.num_vertices, 1))
    for frame in range(len(take.timestamps_ns)):
        there = [
            (t, row[frame]) for t, row in zip(take.tracks, rows, strict=True) if row[frame] >= 0
        ]
        if not there:
            empty = np.zeros((0, right.num_vertices, 3), np.float32)
            no_faces = np.zeros((0, right.num_faces, 3), np.int32)
            yield FrameMesh(frame, (), empty, empty, empty, no_faces)
            continue
        is_right = np.array([track.side == "right" for track, _ in there])
        pose, betas, transl = (
            np.stack([getattr(track, name)[row] for track, row in there])
            for name in ("pose", "betas", "transl")
        )
        vertices = axes.points(poser.pose(is_right, pose, betas, transl).vertices)
        sides = [faces[track.side] for track, _ in there]
        normals = [vertex_normals(mesh, part) for mesh, part in zip(vertices, sides, strict=True)]
        colours = [skin if track.albedo is None else track.albedo for track, _ in there]
        yield FrameMesh(
            frame,
            tuple(f"{track.side}_{track.track_id}" for track, _ in there),
            vertices,
            np.stack(normals),
            np.clip(np.stack(colours), 0, 1),
            np.stack(sides),
        )
