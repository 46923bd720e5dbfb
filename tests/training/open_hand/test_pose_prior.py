from pathlib import Path

import numpy as np
import pytest
import torch

from core.hand_model.file import OPEN_HAND_FILE, HandModel, load_hand_model
from core.hand_model.skinning_np import pose_hand
from training.open_hand import pose_prior
from training.open_hand.interpenetration import collision_depth
from training.open_hand.pose_prior import GESTURES, PosePrior

PATH = Path(__file__).parents[3] / "resources" / OPEN_HAND_FILE


@pytest.fixture(scope="module")
def hand() -> HandModel:
    return load_hand_model(PATH)


@pytest.fixture(scope="module")
def prior(hand: HandModel) -> PosePrior:
    return pose_prior.pose_prior(hand)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def with_root(fingers: torch.Tensor) -> torch.Tensor:
    return torch.cat((torch.eye(3).expand(len(fingers), 1, 3, 3), fingers), 1)


def test_samples_are_rotations_within_the_limits_and_free(prior: PosePrior) -> None:
    pose = pose_prior.sample_pose(500, seeded(), prior)
    assert pose.shape == (500, 15, 3, 3)
    eye = torch.eye(3).expand(500, 15, 3, 3)
    torch.testing.assert_close(pose.mT @ pose, eye, atol=1e-5, rtol=0)
    angles = pose_prior.angles_from_pose(pose, prior.axes)
    assert (angles > prior.limits[..., 0] - 1e-4).all()
    assert (angles < prior.limits[..., 1] + 1e-4).all()
    assert (collision_depth(prior.spheres, with_root(pose)) <= 0).all()


def test_same_seed_gives_the_same_hands(prior: PosePrior) -> None:
    first, second = (pose_prior.sample_pose(50, seeded(3), prior) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, pose_prior.sample_pose(50, seeded(4), prior))


def test_samples_cover_open_and_closed_hands(prior: PosePrior) -> None:
    angles = pose_prior.angles_from_pose(pose_prior.sample_pose(2000, seeded(), prior), prior.axes)
    curl = torch.rad2deg(angles[:, :12:3, 0] + angles[:, 1:12:3, 0]).mean(1)
    assert (curl < 30).float().mean() > 0.1
    assert (curl > 120).float().mean() > 0.1
    assert angles[:, :, 0].std(0).min() > np.radians(8)


def test_angles_survive_the_way_through_rotations(prior: PosePrior) -> None:
    angles = pose_prior.sample_angles(200, seeded(), prior)
    pose = pose_prior.pose_from_angles(angles, prior.axes)
    torch.testing.assert_close(
        pose_prior.angles_from_pose(pose, prior.axes), angles, atol=1e-3, rtol=0
    )


@pytest.mark.parametrize("name", list(GESTURES))
def test_gesture_is_possible_and_survives_rejection(prior: PosePrior, name: str) -> None:
    angles = prior.gestures[list(GESTURES).index(name)]
    pose = with_root(pose_prior.pose_from_angles(angles[None], prior.axes))
    assert collision_depth(prior.spheres, pose).item() <= 0


def gesture_joints(hand: HandModel, prior: PosePrior, name: str) -> np.ndarray:
    angles = prior.gestures[list(GESTURES).index(name)][None]
    pose = with_root(pose_prior.pose_from_angles(angles, prior.axes))
    return pose_hand(hand, pose[0].numpy(), np.zeros(10)).joints_3d


def test_pinch_brings_thumb_and_index_together(hand: HandModel, prior: PosePrior) -> None:
    joints = gesture_joints(hand, prior, "pinch")
    assert np.linalg.norm(joints[4] - joints[8]) < 0.03


def test_point_leaves_only_the_index_out(hand: HandModel, prior: PosePrior) -> None:
    reach = np.linalg.norm(gesture_joints(hand, prior, "point"), axis=-1)
    assert reach[8] > 0.15
    assert reach[[12, 16, 20]].max() < 0.1


def test_finger_through_finger_is_a_collision(prior: PosePrior) -> None:
    angles = torch.zeros(1, 15, 3)
    assert (
        collision_depth(
            prior.spheres, with_root(pose_prior.pose_from_angles(angles, prior.axes))
        ).item()
        < 0
    )
    angles[0, 0, 1] = np.radians(-18)  # index towards the middle finger ...
    angles[0, 3, 1] = np.radians(18)  # ... and the middle finger towards the index
    assert (
        collision_depth(
            prior.spheres, with_root(pose_prior.pose_from_angles(angles, prior.axes))
        ).item()
        > 0.003
    )


def test_finger_through_the_palm_is_a_collision(prior: PosePrior) -> None:
    angles = torch.zeros(1, 15, 3)
    angles[0, 3:6, 0] = torch.deg2rad(torch.tensor([92.0, 135.0, 45.0]))  # no real finger can
    pose = with_root(pose_prior.pose_from_angles(angles, prior.axes))
    assert collision_depth(prior.spheres, pose).item() > 0.005


def test_sphere_centres_lie_inside_the_hand(hand: HandModel, prior: PosePrior) -> None:
    """Winding number of the capped mesh around each centre: one inside, zero outside."""
    from training.open_hand import checks

    faces = checks.capped(hand.faces, hand.num_vertices)
    (loop,) = checks.boundary_loops(hand.faces)
    points = np.concatenate((hand.v_template, hand.v_template[loop].mean(0, keepdims=True)))
    corners = points[faces] - prior.spheres.centres.numpy()[:, None, None]
    length = np.linalg.norm(corners, axis=-1)
    a, b, c = (corners[..., i, :] for i in range(3))
    la, lb, lc = (length[..., i] for i in range(3))
    dots = [(p * q).sum(-1) for p, q in ((a, b), (b, c), (c, a))]
    below = la * lb * lc + dots[0] * lc + dots[1] * la + dots[2] * lb
    solid = 2 * np.arctan2((a * np.cross(b, c)).sum(-1), below)
    assert (solid.sum(-1) / (4 * np.pi) > 0.5).all()
