"""OBJ and PLY files as trimesh reads them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh

from core.mesh_io.axes import axes_of
from core.mesh_io.frame_mesh import FrameMesh, frame_meshes
from core.mesh_io.obj import write_obj
from core.mesh_io.ply import write_ply
from core.session.take import Take
from tests.factories import hand_model, hand_poser, make_take

WRITERS = {"obj": write_obj, "ply": write_ply}


@pytest.fixture(scope="module")
def take() -> Take:
    return make_take(4, gaps={1: range(2, 4)})


@pytest.fixture(scope="module")
def meshes(take: Take) -> list[FrameMesh]:
    return list(frame_meshes(take, hand_model(), hand_poser(), axes_of("scene")))


def read(path: Path) -> trimesh.Trimesh:
    mesh = trimesh.load(path, process=False, force="mesh")
    assert isinstance(mesh, trimesh.Trimesh)
    return mesh


@pytest.mark.parametrize("format_", WRITERS)
def test_hands_come_back_with_place_colour_and_outward_faces(
    take: Take, meshes: list[FrameMesh], format_: str, tmp_path: Path
) -> None:
    path = tmp_path / f"frame.{format_}"
    write: Callable[[Path, FrameMesh], None] = WRITERS[format_]
    write(path, meshes[1])
    mesh = read(path)
    count = hand_model().num_vertices
    assert len(mesh.vertices) == 2 * count
    assert len(mesh.faces) == 2 * hand_model().num_faces
    for index, track in enumerate(take.tracks):
        right = np.array([track.side == "right"])
        rows = slice(1, 2)
        posed = hand_poser().pose(right, track.pose[rows], track.betas[rows], track.transl[rows])
        expected = posed.vertices[0] * (1, -1, -1)
        np.testing.assert_allclose(
            mesh.vertices[index * count : (index + 1) * count], expected, atol=1e-5
        )
    colours = mesh.visual.vertex_colors[:, :3] / 255
    np.testing.assert_allclose(colours[0], [0.2, 0.5, 0.8], atol=0.01)
    np.testing.assert_allclose(colours[-1], [0.3, 0.5, 0.8], atol=0.01)
    assert mesh.volume > 2e-4


@pytest.mark.parametrize("format_", WRITERS)
def test_every_finger_moves_from_frame_to_frame(
    meshes: list[FrameMesh], format_: str, tmp_path: Path
) -> None:
    places = []
    for mesh in (meshes[0], meshes[3]):
        path = tmp_path / f"{mesh.frame}.{format_}"
        WRITERS[format_](path, mesh)
        places.append(read(path).vertices[: hand_model().num_vertices])
    relative = [part - part[hand_model().weights[:, 0].argmax()] for part in places]
    strongest = hand_model().weights.argmax(1)
    for joint in range(1, 16):
        moved = np.linalg.norm(relative[1] - relative[0], axis=1)[strongest == joint]
        assert moved.mean() > 5e-4, joint


@pytest.mark.parametrize("format_", WRITERS)
def test_a_frame_without_hands_is_a_file_too(format_: str, tmp_path: Path) -> None:
    (mesh,) = frame_meshes(make_take(1, sides=()), hand_model(), hand_poser(), axes_of("scene"))
    path = tmp_path / f"none.{format_}"
    WRITERS[format_](path, mesh)
    assert path.stat().st_size > 0
