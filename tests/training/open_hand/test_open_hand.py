"""The committed hand: what it promises to be."""

from pathlib import Path

import numpy as np
import pytest

from core.hand_model.file import OPEN_HAND_FILE, HandModel, load_hand_model
from core.hand_model.skinning_np import pose_hand
from training.open_hand import anthropometry, checks
from training.open_hand.layout import OTHER_TIP_IDS, TIP_IDS

PATH = Path(__file__).parents[3] / "resources" / OPEN_HAND_FILE
REST = np.tile(np.eye(3), (16, 1, 1))


@pytest.fixture(scope="module")
def hand() -> HandModel:
    return load_hand_model(PATH)


@pytest.fixture(scope="module")
def adults(hand: HandModel) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and model joints at rest of 600 hands drawn by their betas."""
    assert hand.beta_std is not None
    betas = np.random.default_rng(0).normal(0, 1, (600, 10)) * hand.beta_std
    vertices = hand.v_template + np.einsum("vdc,nc->nvd", hand.shapedirs, betas)
    return vertices, hand.J_regressor @ vertices


def test_file_is_small_enough_to_ship() -> None:
    assert PATH.stat().st_size < 2_000_000


def test_wrist_is_the_origin(hand: HandModel) -> None:
    np.testing.assert_allclose(hand.J_regressor[0] @ hand.v_template, 0, atol=1e-6)


def test_surface_is_a_disc_that_a_cap_makes_watertight(hand: HandModel) -> None:
    faces = hand.faces
    assert checks.euler_number(faces) == 1
    (loop,) = checks.boundary_loops(faces)
    assert len(loop) == 20
    assert not checks.is_watertight(faces)
    assert checks.is_watertight(checks.capped(faces, hand.num_vertices))
    assert checks.face_areas(hand.v_template, faces).min() > 1e-8
    assert len(np.unique(faces)) == hand.num_vertices


def test_forearm_closes_the_wrist_without_a_gap(hand: HandModel) -> None:
    arm = hand.forearm
    assert arm is not None
    both = np.concatenate((hand.faces, arm.faces))
    assert checks.euler_number(both) == 1
    (elbow,) = checks.boundary_loops(both)
    assert min(elbow) >= hand.num_vertices
    points = np.concatenate((hand.v_template, arm.v_template))
    assert checks.face_areas(points, arm.faces).min() > 1e-8
    assert 0 <= arm.weights.min() and arm.weights.max() == 1
    assert arm.vt.min() >= 0 and arm.vt.max() <= 1
    assert np.ptp(arm.vt[arm.ft, 0], axis=1).max() < 0.3  # no face runs back across the seam


def test_uv_island_fills_the_unit_square_without_overlap(hand: HandModel) -> None:
    assert hand.vt is not None and hand.ft is not None
    assert hand.vt.min() >= 0 and hand.vt.max() <= 1
    a, b, c = (hand.vt[hand.ft[:, i]].astype(float) for i in range(3))
    (ux, uy), (vx, vy) = (b - a).T, (c - a).T
    doubled = ux * vy - uy * vx
    assert (np.sign(doubled) == np.sign(doubled.sum())).mean() > 0.995
    assert abs(doubled.sum()) / 2 < 1


def test_both_lists_of_fingertips_find_the_tips(hand: HandModel) -> None:
    tips = hand.v_template[list(TIP_IDS)]
    assert hand.tip_ids.tolist() == list(TIP_IDS)
    assert np.linalg.norm(tips - hand.v_template[list(OTHER_TIP_IDS)], axis=-1).max() < 0.005
    assert hand.v_template[:, 0].min() == pytest.approx(tips[2, 0], abs=1e-3)
    for joint, tip in zip((15, 3, 6, 12, 9), TIP_IDS, strict=True):
        assert hand.weights[tip, joint] > 0.9


def test_index_knuckle_lies_no_farther_out_than_the_middle_one(hand: HandModel) -> None:
    joints = hand.J_regressor @ hand.v_template
    assert -0.006 < joints[1, 0] - joints[4, 0] < 0.006


def test_hand_sizes_follow_the_survey(hand: HandModel, adults: tuple[np.ndarray, ...]) -> None:
    vertices, joints = adults
    length = anthropometry.hand_length(vertices, joints)
    breadth = anthropometry.hand_breadth(vertices, joints, hand.weights)
    for measured, men, women in (
        (length, anthropometry.LENGTH_MEN, anthropometry.LENGTH_WOMEN),
        (breadth, anthropometry.BREADTH_MEN, anthropometry.BREADTH_WOMEN),
    ):
        survey = anthropometry.pooled(men, women)
        assert measured.mean() == pytest.approx(survey.mean, rel=0.01)
        assert measured.std() == pytest.approx(survey.std, rel=0.12)
    assert length.std() / length.mean() == pytest.approx(0.06, abs=0.006)


def test_survey_figures_agree_with_the_combined_sample() -> None:
    """4082 men and 1986 women together: 189.3 mm long and 85.0 mm broad hands are published."""
    men, women = 4082, 1986
    for size_men, size_women, combined in (
        (anthropometry.LENGTH_MEN, anthropometry.LENGTH_WOMEN, 0.1893),
        (anthropometry.BREADTH_MEN, anthropometry.BREADTH_WOMEN, 0.0850),
    ):
        mean = (men * size_men.mean + women * size_women.mean) / (men + women)
        assert mean == pytest.approx(combined, abs=1e-4)


def test_betas_are_in_standard_deviations(hand: HandModel) -> None:
    energy = np.linalg.norm(hand.shapedirs.reshape(-1, 10), axis=0)
    assert (np.diff(energy) < 0).all()
    directions = hand.shapedirs.reshape(-1, 10) / energy
    np.testing.assert_allclose(directions.T @ directions, np.eye(10), atol=1e-4)


def test_extreme_betas_keep_the_surface_right_side_out(hand: HandModel) -> None:
    assert hand.beta_std is not None
    for beta in range(10):
        for sign in (-3, 3):
            betas = sign * np.eye(10)[beta] * hand.beta_std
            vertices = pose_hand(hand, REST, betas).vertices
            assert checks.face_areas(vertices, hand.faces).min() > 1e-9


def test_joint_axes_are_right_handed_frames_along_the_bones(hand: HandModel) -> None:
    assert hand.joint_axes is not None and hand.joint_limits is not None
    frames = hand.joint_axes[1:].astype(float)
    identity = np.broadcast_to(np.eye(3), (15, 3, 3))
    np.testing.assert_allclose(frames.transpose(0, 2, 1) @ frames, identity, atol=1e-6)
    np.testing.assert_allclose(np.linalg.det(frames), -1 + 2 * np.ones(15), atol=1e-6)
    joints = hand.J_regressor @ hand.v_template
    for joint in (1, 2, 4, 5, 7, 8, 10, 11, 13, 14):
        bone = joints[joint + 1] - joints[joint]
        assert frames[joint - 1, :, 2] @ bone / np.linalg.norm(bone) > 0.995
    assert (hand.joint_limits[..., 0] < hand.joint_limits[..., 1]).all()


def test_pose_components_are_orthonormal(hand: HandModel) -> None:
    components = hand.hands_components.astype(float)
    np.testing.assert_allclose(components @ components.T, np.eye(45), atol=1e-5)
