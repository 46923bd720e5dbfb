import numpy as np
import pytest
import torch

from core.hand_model.file import HandModel
from core.hand_model.skinning_np import pose_hand
from core.hand_model.skinning_torch import HandLayer, mirror_x, pose_forearm
from core.rotations_np import mirror_rotmat, rotmat_from_rotvec
from core.topology import JOINT_NAMES, MODEL_PARENTS, OPENPOSE_FROM_MODEL

FINGER_JOINTS = {"index": 1, "middle": 4, "little": 7, "ring": 10}


@pytest.fixture(scope="module")
def layer(right: HandModel) -> HandLayer:
    return HandLayer(right)


def random_hands(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Poses (count, 16, 3, 3) and betas (count, 10), wilder than any real hand."""
    rng = np.random.default_rng(seed)
    pose = rotmat_from_rotvec(rng.normal(0, 0.5, (count, 16, 3))).astype(np.float32)
    return pose, rng.normal(0, 1, (count, 10)).astype(np.float32)


def plain_skinning(model: HandModel, pose: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """Linear blend skinning as MANO's paper writes it, one vertex and one joint at a time."""
    shaped = model.v_template.astype(float) + model.shapedirs.astype(float) @ betas
    rest_joints = model.J_regressor.astype(float) @ shaped
    feature = np.concatenate([(pose[joint] - np.eye(3)).ravel() for joint in range(1, 16)])
    rest = shaped + model.posedirs.astype(float) @ feature
    transforms: list[np.ndarray] = []
    for joint, parent in enumerate(MODEL_PARENTS):
        local = np.eye(4)
        local[:3, :3] = pose[joint]
        local[:3, 3] = rest_joints[joint] - (rest_joints[parent] if parent >= 0 else 0)
        transforms.append(local if parent < 0 else transforms[parent] @ local)
    vertices = np.zeros_like(rest)
    for index, vertex in enumerate(rest):
        for joint in np.flatnonzero(model.weights[index]):
            moved = transforms[joint][:3, :3] @ (vertex - rest_joints[joint])
            moved = moved + transforms[joint][:3, 3]
            vertices[index] += model.weights[index, joint] * moved
    return vertices - transforms[0][:3, 3]


def test_numpy_skinning_equals_the_plain_loop(right: HandModel) -> None:
    pose, betas = random_hands(2)
    posed = pose_hand(right, pose, betas)
    for row in range(2):
        expected = plain_skinning(right, pose[row], betas[row])
        np.testing.assert_allclose(posed.vertices[row], expected, atol=1e-6)


def test_torch_skinning_equals_numpy(right: HandModel, layer: HandLayer) -> None:
    pose, betas = random_hands(16, seed=1)
    expected = pose_hand(right, pose, betas)
    vertices, joints_3d = layer(torch.from_numpy(pose), torch.from_numpy(betas))
    np.testing.assert_allclose(vertices.numpy(), expected.vertices, atol=1e-6)
    np.testing.assert_allclose(joints_3d.numpy(), expected.joints_3d, atol=1e-6)


def test_leading_dimensions_and_translation_are_kept(right: HandModel) -> None:
    pose, betas = random_hands(6)
    transl = np.random.default_rng(2).normal(0, 1, (2, 3, 3)).astype(np.float32)
    grid = pose_hand(right, pose.reshape(2, 3, 16, 3, 3), betas.reshape(2, 3, 10), transl)
    assert grid.vertices.shape == (2, 3, right.num_vertices, 3)
    np.testing.assert_allclose(grid.joints_3d[:, :, 0], transl, atol=1e-6)
    one = pose_hand(right, pose[4], betas[4], transl[1, 1])
    np.testing.assert_allclose(grid.vertices[1, 1], one.vertices, atol=1e-6)


def test_wrong_shapes_are_named(right: HandModel) -> None:
    pose, betas = random_hands(2)
    with pytest.raises(ValueError, match="pose must be"):
        pose_hand(right, pose[:, :15], betas)
    with pytest.raises(ValueError, match="betas must be"):
        pose_hand(right, pose, betas[0])


def test_left_hand_is_the_mirrored_right_hand(right: HandModel, left: HandModel) -> None:
    pose, betas = random_hands(8, seed=3)
    of_right = pose_hand(right, pose, betas)
    of_left = pose_hand(left, mirror_rotmat(pose), betas)
    np.testing.assert_allclose(of_left.vertices, of_right.vertices * [-1, 1, 1], atol=1e-6)
    np.testing.assert_allclose(of_left.joints_3d, of_right.joints_3d * [-1, 1, 1], atol=1e-6)


def signed_volume(vertices: np.ndarray, faces: np.ndarray) -> float:
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def test_faces_of_both_hands_look_outwards(right: HandModel, left: HandModel) -> None:
    for model in (right, left):
        assert signed_volume(model.v_template, model.faces) > 1e-4


def test_joints_are_in_openpose_order(right: HandModel) -> None:
    joints = pose_hand(right, np.tile(np.eye(3), (16, 1, 1)), np.zeros(10)).joints_3d
    model_joints = right.J_regressor @ right.v_template
    both = np.concatenate((model_joints, right.v_template[right.tip_ids]))
    expected = both[list(OPENPOSE_FROM_MODEL)] - model_joints[0]
    np.testing.assert_allclose(joints, expected, atol=1e-6)
    lengths = np.linalg.norm(joints, axis=-1)
    for base in range(1, 21, 4):  # each finger runs away from the wrist, base to tip
        assert (np.diff(lengths[base : base + 4]) > 0.01).all()
    # Thumb side is +z: thumb, index, middle, ring, little from high to low.
    assert (np.diff(joints[[2, 5, 9, 13, 17], 2]) < -0.01).all()
    assert JOINT_NAMES[20] == "little_tip"


def test_skeleton_equals_the_mesh_joints_and_nearly_its_tips(layer: HandLayer) -> None:
    pose, betas = (torch.from_numpy(array) for array in random_hands(16, seed=4))
    _, joints_3d = layer(pose, betas)
    skeleton = layer.skeleton(pose, betas)
    tips = [4, 8, 12, 16, 20]
    inner = [joint for joint in range(21) if joint not in tips]
    torch.testing.assert_close(skeleton[:, inner], joints_3d[:, inner], atol=1e-6, rtol=0)
    assert (skeleton - joints_3d)[:, tips].norm(dim=-1).max() < 1e-3


@pytest.mark.parametrize("finger", list(FINGER_JOINTS))
def test_flexing_a_finger_moves_its_tip_towards_the_palm(right: HandModel, finger: str) -> None:
    assert right.joint_axes is not None
    tip = {"index": 8, "middle": 12, "ring": 16, "little": 20}[finger]
    rotvec = np.zeros((16, 3))
    first = FINGER_JOINTS[finger]
    for joint in range(first, first + 3):
        rotvec[joint] = np.radians(40) * right.joint_axes[joint, :, 0]
    rest = pose_hand(right, np.tile(np.eye(3), (16, 1, 1)), np.zeros(10)).joints_3d
    bent = pose_hand(right, rotmat_from_rotvec(rotvec), np.zeros(10)).joints_3d
    assert bent[tip, 1] < rest[tip, 1] - 0.03  # the palm faces -y
    others = [joint for joint in range(21) if abs(joint - (tip - 1.5)) > 2]
    np.testing.assert_allclose(bent[others], rest[others], atol=1e-6)


def test_flexing_the_thumb_moves_its_tip_towards_the_little_finger(right: HandModel) -> None:
    assert right.joint_axes is not None
    rotvec = np.zeros((16, 3))
    for joint in (13, 14, 15):
        rotvec[joint] = np.radians(35) * right.joint_axes[joint, :, 0]
    rest = pose_hand(right, np.tile(np.eye(3), (16, 1, 1)), np.zeros(10)).joints_3d
    bent = pose_hand(right, rotmat_from_rotvec(rotvec), np.zeros(10)).joints_3d
    distance_before = np.linalg.norm(rest[4] - rest[17])
    assert np.linalg.norm(bent[4] - bent[17]) < distance_before - 0.02


def test_gradients_reach_pose_and_shape(layer: HandLayer) -> None:
    pose, betas = (torch.from_numpy(array).requires_grad_() for array in random_hands(2))
    vertices, joints_3d = layer(pose, betas)
    loss = vertices.square().sum() + joints_3d.square().sum() + layer.skeleton(pose, betas).sum()
    for gradient in torch.autograd.grad(loss, (pose, betas)):
        assert torch.isfinite(gradient).all()
        assert gradient.abs().sum() > 0


def test_gradient_of_a_vertex_equals_finite_differences(layer: HandLayer) -> None:
    pose, betas = (torch.from_numpy(array) for array in random_hands(1, seed=5))
    betas.requires_grad_()
    (gradient,) = torch.autograd.grad(layer(pose, betas)[0][0, 100, 1], betas)
    for beta in range(10):
        step = torch.zeros(1, 10)
        step[0, beta] = 0.5
        ahead, behind = (layer(pose, betas.detach() + s)[0][0, 100, 1] for s in (step, -step))
        assert (ahead - behind).item() == pytest.approx(gradient[0, beta].item(), abs=2e-6)


def test_autocast_does_not_lower_the_precision(layer: HandLayer) -> None:
    pose, betas = (torch.from_numpy(array) for array in random_hands(2))
    expected, _ = layer(pose, betas)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        vertices, _ = layer(pose, betas)
    torch.testing.assert_close(vertices, expected, atol=0, rtol=0)


def test_mirror_x_turns_only_the_left_rows() -> None:
    points = torch.rand(2, 5, 3)
    turned = mirror_x(points, torch.tensor([False, True]))
    torch.testing.assert_close(turned[0], points[0])
    torch.testing.assert_close(turned[1], points[1] * torch.tensor([-1.0, 1.0, 1.0]))


def test_straight_forearm_is_the_rest_pose_turned_about_the_wrist(
    right: HandModel, layer: HandLayer
) -> None:
    arm = right.forearm
    assert arm is not None
    pose, betas = (torch.from_numpy(array) for array in random_hands(3, seed=6))
    straight = pose_forearm(layer, pose, betas, torch.eye(3).expand(3, 3, 3))
    shaped = arm.v_template + arm.shapedirs @ betas[1].numpy()
    wrist = right.J_regressor[0] @ (right.v_template + right.shapedirs @ betas[1].numpy())
    expected = (shaped - wrist) @ pose[1, 0].numpy().T
    np.testing.assert_allclose(straight[1].numpy(), expected, atol=1e-6)


def plain_bend(model: HandModel, point: np.ndarray, share: float, bend: np.ndarray) -> np.ndarray:
    """A forearm point by walking along the bent axis in small steps."""
    assert model.forearm is not None
    start, length = model.forearm.bend
    axis = np.array([start, 0, 0], dtype=float)
    steps = 2000
    for step in range(steps):
        turn = rotmat_from_rotvec(bend * share * (step + 0.5) / steps)
        axis += turn @ [share * length / steps, 0, 0]
    beside = point - [start + share * length, 0, 0]
    return axis + rotmat_from_rotvec(bend * share) @ beside


def test_forearm_bends_along_an_arc(right: HandModel, layer: HandLayer) -> None:
    arm = right.forearm
    assert arm is not None
    bend = np.array([0.3, -0.2, 0.9])
    wrist_bend = torch.tensor(rotmat_from_rotvec(bend), dtype=torch.float32)[None]
    rest = torch.eye(3).expand(1, 16, 3, 3)
    bent = pose_forearm(layer, rest, torch.zeros(1, 10), wrist_bend)[0].numpy()
    half = int(np.abs(arm.weights - 0.5).argmin())
    far = int(arm.v_template[:, 0].argmax())
    assert arm.weights[far] == 1
    for vertex in (0, half, far):
        expected = plain_bend(right, arm.v_template[vertex], float(arm.weights[vertex]), bend)
        np.testing.assert_allclose(bent[vertex], expected, atol=1e-6)


def test_left_forearm_is_the_mirrored_right_one(right: HandModel, left: HandModel) -> None:
    pose, betas = random_hands(2, seed=7)
    bend = rotmat_from_rotvec(np.array([[0.2, 0.1, 0.8], [0, 0, -0.5]])).astype(np.float32)
    arms = [
        pose_forearm(HandLayer(model), *(torch.from_numpy(a) for a in (turned, betas, turned_bend)))
        for model, turned, turned_bend in (
            (right, pose, bend),
            (left, mirror_rotmat(pose), mirror_rotmat(bend)),
        )
    ]
    np.testing.assert_allclose(arms[1] * torch.tensor([-1, 1, 1]), arms[0], atol=1e-6)


def test_layer_exports_with_one_graph_for_any_batch(layer: HandLayer) -> None:
    pose, betas = (torch.from_numpy(array) for array in random_hands(4))
    batch = torch.export.Dim("batch", min=1, max=64)
    shapes = {"pose": {0: batch}, "betas": {0: batch}}
    program = torch.export.export(layer, (pose, betas), dynamic_shapes=shapes)
    other_pose, other_betas = (torch.from_numpy(array) for array in random_hands(7, seed=9))
    vertices, _ = program.module()(other_pose, other_betas)
    torch.testing.assert_close(vertices, layer(other_pose, other_betas)[0])
