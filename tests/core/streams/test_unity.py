import numpy as np
import pytest

from core.rotations_np import rotmat_from_rotvec
from core.streams.unity import FOREARM_M, bone_names, unity_hand
from core.types import HandState, Side
from tests.factories import PALM_TO_CAMERA, local_pose, make_hand

SIDES: tuple[Side, Side] = ("right", "left")
#: Bones in the order of `bone_names`; OpenPose joints of each finger, base to tip.
OPENPOSE = {"Index": 5, "Middle": 9, "Little": 17, "Ring": 13, "Thumb": 1}


def rotate(quat_xyzw: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """v + 2 w (q x v) + 2 q x (q x v): the same formula in left- and right-handed frames."""
    q, w = quat_xyzw[:3], quat_xyzw[3]
    return np.asarray(vector + 2 * w * np.cross(q, vector) + 2 * np.cross(q, np.cross(q, vector)))


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    vector = a[3] * b[:3] + b[3] * a[:3] + np.cross(a[:3], b[:3])
    return np.array([*vector, a[3] * b[3] - a[:3] @ b[:3]])


def flat(side: Side) -> HandState:
    return make_hand(side, curl=0.0)


def test_bones_are_named_as_unity_names_them() -> None:
    names = bone_names("left")
    assert len(names) == len(set(names)) == 16
    assert names[:4] == (
        "LeftHand", "LeftIndexProximal", "LeftIndexIntermediate", "LeftIndexDistal"
    )  # fmt: skip
    assert "LeftThumbProximal" in names and "LeftLittleDistal" in names


def test_a_hand_in_the_t_pose_is_not_rotated() -> None:
    """A right arm to the person's right is to the camera's left: model -x is camera -x."""
    pose = local_pose("right", 0.0, (0, 0, 0)).copy()
    # By hand: fingers (model -x) to camera -x, palm (-y) to camera +y (down), thumb (+z) to the
    # camera, -z.
    pose[0] = np.diag([1, -1, -1])
    hand = unity_hand(make_hand("right", pose=pose))
    np.testing.assert_allclose(hand.quat_xyzw[0], [0, 0, 0, 1], atol=1e-6)


@pytest.mark.parametrize("side", SIDES)
def test_a_raised_hand_shows_its_palm_to_what_the_avatar_looks_at(side: Side) -> None:
    """Fingers up, palm to the camera. In Unity: fingers +Y, palm +Z, thumb towards the other arm.

    In the T-pose a right hand's fingers lie along +X, a left one's along -X, palms face -Y and
    thumbs are on the side of +Z.
    """
    turn = unity_hand(flat(side)).quat_xyzw[0]
    out = 1.0 if side == "right" else -1.0
    np.testing.assert_allclose(rotate(turn, np.array([out, 0, 0])), [0, 1, 0], atol=1e-5)
    np.testing.assert_allclose(rotate(turn, np.array([0, -1.0, 0])), [0, 0, 1], atol=1e-5)
    np.testing.assert_allclose(rotate(turn, np.array([0, 0, 1.0])), [-out, 0, 0], atol=1e-5)


def test_a_right_finger_that_bends_by_90_degrees_points_down_in_unity() -> None:
    """T-pose: finger along +X, palm to -Y; bent towards the palm it points to -Y.

    By hand: from +X to -Y in Unity is a turn of -90 degrees about +Z, so q = (0, 0, -s, s) with
    s = sqrt(1/2); for the left hand from -X to -Y about -Z the other way round, (0, 0, s, s).
    """
    half = np.sqrt(0.5)
    for side, sign in (("right", -1), ("left", 1)):
        hand = unity_hand(make_hand(side, curl=np.pi / 2))
        middle = bone_names(side).index(f"{side.capitalize()}MiddleIntermediate")
        quat = hand.quat_xyzw[middle]
        # The middle finger rests 2 degrees off the axis, which turns the axis as much.
        np.testing.assert_allclose(quat, [0, 0, sign * half, half], atol=0.03)
        along = np.array([-sign, 0.0, 0])
        np.testing.assert_allclose(rotate(quat, along), [0, -1, 0], atol=0.04)


@pytest.mark.parametrize("side", SIDES)
def test_every_bone_of_the_avatar_points_where_the_hand_points(side: Side) -> None:
    """A slow avatar: walk the bones from a T-pose and compare with the hand's joints at -p."""
    generator = np.random.default_rng(4)
    pose = rotmat_from_rotvec(generator.normal(0, 0.4, (16, 3)))
    pose[0] = rotmat_from_rotvec([0.4, -0.7, 0.3]) @ PALM_TO_CAMERA
    state = make_hand(side, pose=pose.astype(np.float32), at=(0.1, -0.05, 0.5))
    hand = unity_hand(state)
    quats, places = hand.quat_xyzw.astype(float), hand.positions.astype(float)
    expected = -state.joints_3d
    np.testing.assert_allclose(hand.wrist, expected[0], atol=1e-6)
    for row, name in enumerate(("Index", "Middle", "Little", "Ring", "Thumb")):
        turn, place = quats[0], hand.wrist.astype(float)
        for level in range(3):
            bone = 1 + 3 * row + level
            place = place + rotate(turn, places[bone])
            turn = product(turn, quats[bone])
            joint = OPENPOSE[name] + level
            np.testing.assert_allclose(place, expected[joint], atol=2e-4, err_msg=f"{name} {level}")


@pytest.mark.parametrize("side", SIDES)
def test_places_are_those_of_a_t_pose(side: Side) -> None:
    hand = unity_hand(make_hand(side, curl=0.8))
    out = 1.0 if side == "right" else -1.0
    assert hand.positions[0].tolist() == [out * FOREARM_M, 0, 0]
    for name in ("Index", "Middle", "Ring", "Little"):
        bone = bone_names(side).index(f"{side.capitalize()}{name}Intermediate")
        place = hand.positions[bone]
        assert 0.02 < out * place[0] < 0.06
        np.testing.assert_allclose(place[1:], 0, atol=1e-6)
    thumb = hand.positions[bone_names(side).index(f"{side.capitalize()}ThumbDistal")]
    np.testing.assert_allclose(thumb[0] * out, thumb[2], atol=1e-6)
    np.testing.assert_allclose(thumb[1], 0, atol=1e-6)
