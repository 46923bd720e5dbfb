from pathlib import Path

import numpy as np
import pytest

from core.hand_model.file import OPEN_HAND_FILE, HandModel, load_hand_model, mirrored
from core.hand_model.poser import HandPoser
from core.hand_model.skinning_np import pose_hand
from core.rotations_np import rotmat_from_rotvec
from core.topology import MIDDLE_MCP

RESOURCES = Path(__file__).parents[3] / "resources"


@pytest.fixture(scope="module")
def right() -> HandModel:
    return load_hand_model(RESOURCES / OPEN_HAND_FILE)


def random_hands(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    pose = rotmat_from_rotvec(rng.normal(0, 0.5, (count, 16, 3))).astype(np.float32)
    betas = rng.normal(0, 1, (count, 10)).astype(np.float32)
    return pose, betas, rng.normal(0, 0.3, (count, 3)).astype(np.float32)


def test_the_batch_equals_plain_skinning_for_both_sides(right: HandModel) -> None:
    pose, betas, transl = random_hands(6)
    is_right = np.array([True, False, False, True, False, True])
    batch = HandPoser(right).pose(is_right, pose, betas, transl)
    for row in range(6):
        model = right if is_right[row] else mirrored(right)
        plain = pose_hand(model, pose[row], betas[row], transl[row])
        assert np.abs(batch.vertices[row] - plain.vertices).max() < 2e-6
        assert np.abs(batch.joints_3d[row] - plain.joints_3d).max() < 2e-6


def test_no_hands_give_empty_arrays(right: HandModel) -> None:
    pose, betas, transl = random_hands(0)
    batch = HandPoser(right).pose(np.zeros(0, bool), pose, betas, transl)
    assert batch.vertices.shape == (0, right.num_vertices, 3)
    assert batch.joints_3d.shape == (0, 21, 3)


def test_a_hand_is_placed_by_its_middle_knuckle(right: HandModel) -> None:
    pose, betas, knuckle = random_hands(2)
    is_right = np.array([True, False])
    poser = HandPoser(right)
    hands, transl = poser.pose_at_knuckle(is_right, pose, betas, knuckle)
    assert np.abs(hands.joints_3d[:, MIDDLE_MCP] - knuckle).max() < 1e-6
    by_wrist = poser.pose(is_right, pose, betas, transl)
    assert np.abs(by_wrist.vertices - hands.vertices).max() < 2e-6


def test_finger_length_is_that_of_the_posed_joints(right: HandModel) -> None:
    pose, betas, transl = random_hands(3)
    poser = HandPoser(right)
    joints = poser.pose(np.ones(3, bool), pose, betas, transl).joints_3d
    along = joints[:, [0, 9, 10, 11]]
    expected = np.linalg.norm(np.diff(along, axis=1), axis=-1).sum(-1)
    assert poser.finger_length(betas) == pytest.approx(expected, abs=1e-6)


def test_a_left_model_is_refused(right: HandModel) -> None:
    with pytest.raises(ValueError, match="left"):
        HandPoser(mirrored(right))


def test_the_knuckle_lies_where_the_posed_hand_has_it(right: HandModel) -> None:
    poser = HandPoser(right)
    draw = np.random.default_rng(3)
    pose = rotmat_from_rotvec(draw.normal(0, 0.5, (6, 16, 3))).astype(np.float32)
    betas = draw.normal(size=(6, 10)).astype(np.float32)
    is_right = np.array([True, False] * 3)
    joints = poser.pose(is_right, pose, betas, np.zeros((6, 3), np.float32)).joints_3d
    knuckle = poser.knuckle_from_wrist(is_right, pose, betas)
    np.testing.assert_allclose(knuckle, joints[:, 9], atol=1e-6)
