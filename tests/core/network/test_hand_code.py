import numpy as np
import pytest
import torch
from torch import Tensor

from core.geometry import project
from core.network.camera import project_perspective, translation
from core.network.hand_code import (
    BETAS,
    CODE_SIZE,
    POSE_SIZE,
    hand_state,
    pose_codes,
    problem_of,
    tidied,
)
from core.rotations import (
    quat_xyzw_from_rotmat,
    rot6d_from_rotmat,
    rotmat_from_quat_xyzw,
    rotmat_from_rot6d,
    rotmat_from_rotvec,
    rotvec_from_rotmat,
)
from core.types import HandState
from tests.factories import hand_model, intrinsics, make_hand
from tests.networks import hand_layer

K = intrinsics()
HANDS = [
    make_hand("right", at=(0.05, -0.08, 0.4), curl=0.6, turn=(0.2, -0.5, 0.9), betas=[0.5] * 10),
    make_hand("left", at=(-0.12, 0.02, 0.9), curl=0.1, turn=(-0.7, 0.3, 0.0), betas=[-1.0] * 10),
]


def fitted_to_themselves() -> tuple[Tensor, list[HandState]]:
    """Codes (2, 109) of the hands, and the hands that these are decoded to."""
    keypoints = np.array([hand.joints_2d for hand in HANDS])
    problem, code = problem_of(HANDS, keypoints, np.ones((2, 21), np.float32), K)
    decoded = []
    with torch.no_grad():
        for row, hand in enumerate(HANDS):
            step, vertices = pose_codes(hand_layer(), code[row : row + 1], problem.only(row))
            decoded.append(hand_state(hand, step, vertices[0], problem.K))
    return code, decoded


def test_code_is_rotations_then_shape_then_camera() -> None:
    code, _ = fitted_to_themselves()
    assert code.shape == (2, CODE_SIZE) == (2, 96 + 10 + 3)
    assert (POSE_SIZE, BETAS) == (96, slice(96, 106))
    first = rotmat_from_rot6d(code[0, :6])
    np.testing.assert_allclose(first, HANDS[0].pose[0], atol=1e-6)
    np.testing.assert_allclose(code[1, BETAS], HANDS[1].betas)
    assert (code[:, -3:] == 0).all()


@pytest.mark.parametrize("row", [0, 1])
def test_a_hand_comes_back_from_its_code(row: int) -> None:
    _, decoded = fitted_to_themselves()
    own, other = HANDS[row], decoded[row]
    np.testing.assert_allclose(other.pose, own.pose, atol=1e-5)
    np.testing.assert_allclose(other.betas, own.betas)
    np.testing.assert_allclose(other.joints_3d, own.joints_3d, atol=2e-5)
    np.testing.assert_allclose(other.vertices, own.vertices, atol=2e-5)
    np.testing.assert_allclose(other.transl, own.transl, atol=2e-5)
    np.testing.assert_allclose(other.joints_2d, own.joints_2d, atol=0.02)


def test_place_is_in_spans_and_scale_in_logs() -> None:
    keypoints = np.array([HANDS[0].joints_2d])
    problem, code = problem_of(HANDS[:1], keypoints, np.ones((1, 21), np.float32), K)
    span = float(np.ptp(keypoints[0], axis=0).max())
    moved = code.clone()
    moved[0, -3:] = torch.tensor([0.5, -0.25, np.log(2.0)])
    (before, _), (after, _) = (pose_codes(hand_layer(), each, problem) for each in (code, moved))
    shift = after.middle_mcp_2d - before.middle_mcp_2d
    np.testing.assert_allclose(shift[0, 0], [0.5 * span, -0.25 * span], rtol=1e-4)
    ratio = after.pixels_per_metre / before.pixels_per_metre
    assert ratio.item() == pytest.approx(2.0, rel=1e-5)


def test_camera_numbers_come_back_from_the_place_they_stand_for() -> None:
    place, scale = torch.tensor([[300.0, 120.0], [-40.0, 500.0]]), torch.tensor([700.0, 1500.0])
    intrinsic = torch.tensor([[400.0, 0, 300], [0, 640, 200], [0, 0, 1]])
    at = translation(place, scale, intrinsic)
    focal = (intrinsic[0, 0] * intrinsic[1, 1]).sqrt()
    torch.testing.assert_close(focal / at[:, 2], scale)
    np.testing.assert_allclose(project(at.numpy(), intrinsic.numpy()), place, rtol=1e-4)
    origin = torch.zeros(2, 1, 3)
    torch.testing.assert_close(
        project_perspective(origin, place, scale, intrinsic)[:, 0], place, rtol=1e-4, atol=1e-3
    )


def test_baeks_63_numbers_become_our_code_and_come_back() -> None:
    """45 pose, 10 shape, quaternion, scale, translation; the mesh has his scale and place."""
    draw = torch.Generator().manual_seed(3)
    theirs = torch.cat([0.4 * torch.randn(45, generator=draw), torch.randn(18, generator=draw)])
    theirs[55:59] = torch.nn.functional.normalize(theirs[55:59], dim=0)
    theirs[59] = 0.8
    pose = torch.cat(
        [
            rotmat_from_quat_xyzw(theirs[55:59])[None],
            rotmat_from_rotvec(theirs[:45].view(15, 3)),
        ]
    )
    ours = torch.cat([rot6d_from_rotmat(pose).flatten(), theirs[45:55], theirs[59:63]])
    again = rotmat_from_rot6d(ours[:96].view(16, 6))
    quaternion = quat_xyzw_from_rotmat(again[0])
    assert quaternion.norm().item() == pytest.approx(1, abs=1e-6)
    back = torch.cat(
        [
            rotvec_from_rotmat(again[1:]).flatten(),
            ours[96:106],
            quaternion * (quaternion @ theirs[55:59]).sign(),
            ours[106:],
        ]
    )
    torch.testing.assert_close(back, theirs, rtol=1e-4, atol=1e-5)


def test_tidied_rotations_are_orthonormal_and_shapes_are_held() -> None:
    draw = torch.Generator().manual_seed(0)
    code = 4 * torch.randn(5, CODE_SIZE, generator=draw)
    clean = tidied(code)
    columns = clean[:, :POSE_SIZE].view(5, 16, 2, 3)
    torch.testing.assert_close(columns.norm(dim=-1), torch.ones(5, 16, 2))
    assert (columns[..., 0, :] * columns[..., 1, :]).sum(-1).abs().max() < 1e-5
    torch.testing.assert_close(
        rotmat_from_rot6d(clean[:, :POSE_SIZE].view(5, 16, 6)),
        rotmat_from_rot6d(code[:, :POSE_SIZE].view(5, 16, 6)),
        rtol=1e-4,
        atol=1e-5,
    )
    assert clean[:, BETAS].abs().max() == 3.0
    torch.testing.assert_close(clean[:, -3:], code[:, -3:])


def skeleton_regressor() -> np.ndarray:
    """(21, V): Baek's Reg, the model's joint regressor with one-hot rows at the fingertips."""
    model = hand_model()
    tips = np.zeros((5, model.num_vertices), np.float32)
    tips[np.arange(5), model.tip_ids] = 1
    rows = np.concatenate([model.J_regressor, tips])
    return rows[[0, 13, 14, 15, 16, 1, 2, 3, 17, 4, 5, 6, 18, 10, 11, 12, 19, 7, 8, 9, 20]]


def test_skeleton_regressed_from_the_template_is_the_layers() -> None:
    model = hand_model()
    regressed = skeleton_regressor() @ model.v_template
    flat = torch.eye(3).expand(1, 16, 3, 3)
    _, joints = hand_layer()(flat, torch.zeros(1, 10))
    skeleton = hand_layer().skeleton(flat, torch.zeros(1, 10))
    np.testing.assert_allclose(joints[0], regressed - regressed[0], atol=1e-6)
    np.testing.assert_allclose(skeleton[0], regressed - regressed[0], atol=1e-6)
    np.testing.assert_allclose(skeleton_regressor().sum(1), 1, atol=1e-5)


def test_skeleton_regressed_from_a_posed_mesh_has_the_same_tips_and_near_joints() -> None:
    """Blending moves a regressed joint a little; forward kinematics does not."""
    hand = make_hand("right", curl=0.5, at=(0, 0, 0.5))
    regressed = skeleton_regressor() @ hand.vertices
    away_mm = 1e3 * np.linalg.norm(regressed - hand.joints_3d, axis=1)
    assert away_mm[[4, 8, 12, 16, 20]].max() < 0.01
    assert away_mm.mean() < 2
    assert away_mm.max() < 6
