"""BVH files as a plain reader understands them."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from core.mesh_io.axes import axes_of
from core.mesh_io.bvh import write_bvh, zxy_degrees
from core.mesh_io.motion import hand_motions
from core.session.take import Take
from core.session.tracks import settled_betas
from core.topology import FINGERS, MODEL_JOINT_NAMES
from tests.core.mesh_io.bvh_reader import Bvh, about, read_bvh
from tests.factories import hand_model, hand_poser, make_take

AXES = axes_of("maya", reader_wants_y_up=True)


@pytest.fixture(scope="module")
def take() -> Take:
    return make_take(20, sides=("left", "right"), rate_hz=24)


@pytest.fixture(scope="module", params=[0, 1], ids=["left", "right"])
def track(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def file(take: Take, track: int, tmp_path_factory: pytest.TempPathFactory) -> Bvh:
    path = tmp_path_factory.mktemp("bvh") / "hand.bvh"
    write_bvh(path, hand_motions(take, hand_model(), AXES)[track], 24)
    return read_bvh(path)


def test_every_angle_comes_back_within_a_hundredth_of_a_degree(
    take: Take, track: int, file: Bvh
) -> None:
    pose = take.tracks[track].pose.astype(float)
    pose[:, 0] = AXES.file_from_camera @ pose[:, 0]
    turns = file.rotations()
    assert set(turns) == set(MODEL_JOINT_NAMES)
    for joint, name in enumerate(MODEL_JOINT_NAMES):
        apart = Rotation.from_matrix(pose[:, joint]).inv() * Rotation.from_matrix(turns[name])
        assert np.degrees(apart.magnitude()).max() < 0.01, name


def test_every_finger_channel_moves(file: Bvh) -> None:
    assert file.motion.shape[1] == 3 + 3 * 16
    assert (np.ptp(file.motion, axis=0) > 0.05).all()


def test_joints_and_tips_lie_where_the_hand_is_in_centimetres(
    take: Take, track: int, file: Bvh
) -> None:
    hand = take.tracks[track]
    betas = np.tile(settled_betas(hand), (len(hand.pose), 1))
    right = np.full(len(hand.pose), hand.side == "right")
    joints = hand_poser().pose(right, hand.pose, betas, hand.transl).joints_3d * (100, -100, -100)
    places = file.places()
    for row, finger in enumerate(FINGERS):
        for level, joint in enumerate((f"{finger}_1", f"{finger}_2", f"{finger}_3")):
            index = 1 + 4 * row + level
            np.testing.assert_allclose(places[joint], joints[:, index], atol=2e-4)
        # The tip is a vertex; its pose corrective and its blended weights are left out.
        tip = places[f"{finger}_3 end"] - joints[:, 4 + 4 * row]
        assert np.linalg.norm(tip, axis=1).max() < 0.2
    assert file.frame_time == pytest.approx(1 / 24, abs=1e-9)


def test_offsets_of_a_finger_are_its_bones_in_centimetres(file: Bvh) -> None:
    offsets = {joint.name: np.linalg.norm(joint.offset) for joint in file.joints}
    assert 6 < offsets["middle_1"] < 12
    assert 2 < offsets["middle_2"] < 6
    assert sum(joint.end is not None for joint in file.joints) == 5


def test_a_lost_axis_still_gives_the_rotation() -> None:
    angles = np.array([(30, 90, 20), (-100, -90, 60), (10, 89.99999, 0), (170, 20, -175)])

    def turned(zxy: np.ndarray) -> Rotation:
        return about("Z", zxy[:, 0]) * about("X", zxy[:, 1]) * about("Y", zxy[:, 2])

    expected = turned(angles)
    apart = expected.inv() * turned(zxy_degrees(expected.as_matrix()))
    assert np.degrees(apart.magnitude()).max() < 1e-4
