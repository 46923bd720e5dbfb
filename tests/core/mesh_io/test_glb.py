"""GLB files as other programs read them."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import trimesh

from core.geometry import scene_from_camera
from core.hand_model.poser import HandPoser
from core.mesh_io.axes import axes_of
from core.mesh_io.glb import write_glb
from core.mesh_io.motion import hand_motions
from core.mesh_io.surface import linear_from_srgb
from core.session.take import Take
from core.session.tracks import settled_betas
from tests.core.mesh_io.gltf_evaluation import Gltf
from tests.factories import hand_model, hand_poser, make_take

VALIDATOR = Path(__file__).parent / "validate_gltf.mjs"


def write(take: Take, path: Path, correctives: bool = False) -> Path:
    seconds = (take.timestamps_ns - take.timestamps_ns[0]) / 1e9
    hands = hand_motions(take, hand_model(), axes_of("scene"))
    write_glb(path, hands, seconds, correctives)
    return path


def posed(take: Take, index: int, poser: HandPoser | None = None) -> np.ndarray:
    """Vertices (F, V, 3) of a track in the scene frame, with its one shape."""
    track = take.tracks[index]
    count = len(track.timestamps_ns)
    betas = np.tile(settled_betas(track), (count, 1))
    right = np.full(count, track.side == "right")
    hands = (poser or hand_poser()).pose(right, track.pose, betas, track.transl)
    return scene_from_camera(hands.vertices)


@pytest.fixture(scope="module")
def take() -> Take:
    return make_take(12, gaps={1: range(4, 7)})


@pytest.fixture(scope="module")
def file(take: Take, tmp_path_factory: pytest.TempPathFactory) -> Gltf:
    return Gltf.load(write(take, tmp_path_factory.mktemp("glb") / "walk.glb"))


@pytest.mark.parametrize("name", ["right_0", "left_1"])
def test_every_finger_joint_moves(file: Gltf, name: str) -> None:
    fingers = [node.name for node in file.document.nodes if node.name.startswith(f"{name}_")]
    moving = [joint for joint in fingers if file.channel(file.node(joint), "rotation")]
    assert len(moving) == 16
    for joint in moving:
        channel = file.channel(file.node(joint), "rotation")
        assert channel is not None
        times, turns = channel
        np.testing.assert_allclose(times, np.arange(12) / 30, atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(turns, axis=1), 1, atol=1e-6)
        assert np.abs(turns - turns[0]).max() > 0.01, joint
        assert (np.sum(turns[1:] * turns[:-1], axis=1) > 0).all()


def test_the_skin_lies_where_the_hand_is_but_for_the_correctives(take: Take, file: Gltf) -> None:
    expected = posed(take, 0)
    for frame in (0, 5, 11):
        distance = np.linalg.norm(file.skinned("right_0", frame) - expected[frame], axis=1)
        assert distance.mean() < 0.0008
        assert distance.max() < 0.006


def test_with_correctives_the_skin_is_exact(take: Take, tmp_path: Path) -> None:
    file = Gltf.load(write(take, tmp_path / "walk.glb", correctives=True))
    left = posed(take, 1)
    for key, row in ((0, 0), (8, 5)):
        distance = np.linalg.norm(file.skinned("left_1", key) - left[row], axis=1)
        # Four joints per vertex instead of six.
        assert distance.max() < 0.0004
        assert np.sqrt(np.mean(distance**2)) < 2e-5


def test_a_missing_hand_is_hidden_and_comes_back(file: Gltf) -> None:
    channel = file.channel(file.node("left_1"), "scale")
    assert channel is not None
    times, scale = channel
    np.testing.assert_allclose(times, [0, 4 / 30, 7 / 30], atol=1e-6)
    np.testing.assert_array_equal(scale, [[1, 1, 1], [0, 0, 0], [1, 1, 1]])
    assert file.channel(file.node("right_0"), "scale") is None


def test_the_skin_carries_its_colour_without_light(take: Take, file: Gltf) -> None:
    primitive = file.document.meshes[1].primitives[0]
    colour = file.array(primitive.attributes.COLOR_0)
    expected = linear_from_srgb(np.array([0.3, 0.5, 0.8], np.float32))
    np.testing.assert_allclose(colour, np.tile(expected, (len(colour), 1)), atol=1e-6)


def test_trimesh_reads_closed_outward_facing_hands(take: Take, tmp_path: Path) -> None:
    scene = trimesh.load_scene(write(take, tmp_path / "walk.glb"))
    assert len(scene.geometry) == 2
    for mesh in scene.geometry.values():
        assert len(mesh.vertices) == hand_model().num_vertices
        assert len(mesh.faces) == hand_model().num_faces
        assert mesh.volume > 1e-4  # m^3; negative where faces look inwards
        outward = mesh.vertices - mesh.vertices.mean(0)
        assert (np.sum(mesh.vertex_normals * outward, axis=1) > 0).mean() > 0.6


@pytest.mark.parametrize("sides", [(), ("left",)])
@pytest.mark.parametrize("frames", [1, 3])
def test_few_frames_and_no_hands_are_files_too(
    sides: tuple[str, ...], frames: int, tmp_path: Path
) -> None:
    file = Gltf.load(write(make_take(frames, sides=sides), tmp_path / "few.glb"))
    assert len(file.document.meshes) == len(sides)


@pytest.mark.parametrize("correctives", [False, True])
def test_the_validator_of_khronos_finds_nothing(
    take: Take, tmp_path: Path, correctives: bool, node_modules: Path
) -> None:
    path = write(take, tmp_path / "walk.glb", correctives)
    empty = write(make_take(2, sides=()), tmp_path / "empty.glb")
    for one in (path, empty):
        result = subprocess.run(
            ["node", str(VALIDATOR), str(node_modules), str(one)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        issues = json.loads(result.stdout)
        assert issues["messages"] == []


@pytest.fixture
def node_modules() -> Path:
    """Where npm's gltf-validator lies: in the folder node_modules above, or NODE_PATH."""
    import os

    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    roots = [Path(part) for part in os.environ.get("NODE_PATH", "").split(os.pathsep) if part]
    roots += [folder / "node_modules" for folder in Path(__file__).resolve().parents]
    for root in roots:
        if (root / "gltf-validator" / "package.json").is_file():
            return root
    pytest.skip("npm's gltf-validator is not installed (npm install gltf-validator, NODE_PATH)")
