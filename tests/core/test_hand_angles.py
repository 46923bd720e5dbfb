"""Flexion angles against hands that were bent by known angles."""

import numpy as np
import pytest

from core.hand_angles import FLEXION_NAMES, finger_flexion_deg, flexion_deg
from core.hand_model.file import mirrored
from core.hand_model.skinning_np import pose_hand
from core.rotations_np import rotmat_from_rotvec
from core.types import Side
from tests.factories import hand_model

#: Model joints (index, middle, little, ring, thumb) of each finger's knuckle.
_FIRST_JOINT = {"index": 1, "middle": 4, "ring": 10, "little": 7, "thumb": 13}


def joints_of(bend_deg: dict[int, float], side: Side = "right", turn: float = 0.0) -> np.ndarray:
    """Joints (21, 3) of a hand whose model joints are bent about their own flexion axes."""
    right = hand_model()
    assert right.joint_axes is not None
    rotvec = np.zeros((16, 3))
    rotvec[0] = np.array([0.3, -1.1, 0.7]) * turn
    for joint, degrees in bend_deg.items():
        rotvec[joint] = np.radians(degrees) * right.joint_axes[joint][:, 0]
    if side == "left":
        rotvec = rotvec * [1, -1, -1]
    model = right if side == "right" else mirrored(right)
    pose = rotmat_from_rotvec(rotvec).astype(np.float32)
    return pose_hand(model, pose, np.zeros(10, np.float32), np.zeros(3, np.float32)).joints_3d


def test_a_straight_hand_is_near_zero() -> None:
    assert len(FLEXION_NAMES) == 14
    assert np.abs(flexion_deg(joints_of({}), "right")).max() < 12


def test_a_fist_is_bent_everywhere() -> None:
    fist = dict.fromkeys(range(1, 16), 80.0) | {13: 10.0, 14: 40.0, 15: 60.0}
    angles = flexion_deg(joints_of(fist), "right")
    assert angles[2:].min() > 60
    assert finger_flexion_deg(angles)[1:].min() > 70
    assert angles[:2].min() > 25


@pytest.mark.parametrize("finger", ["index", "middle", "ring", "little"])
@pytest.mark.parametrize("degrees", [-15.0, 20.0, 85.0, 105.0])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_one_bent_joint_reads_as_bent_by_that_much(finger: str, degrees: float, level: int) -> None:
    rest, bent = joints_of({}), joints_of({_FIRST_JOINT[finger] + level: degrees})
    change = flexion_deg(bent, "right") - flexion_deg(rest, "right")
    at = FLEXION_NAMES.index(f"{finger}_{('mcp', 'pip', 'dip')[level]}")
    assert change[at] == pytest.approx(degrees, abs=6)
    others = np.delete(change, at)
    assert np.abs(others).max() < 6


@pytest.mark.parametrize(("joint", "at"), [(14, 0), (15, 1)])
@pytest.mark.parametrize("degrees", [-15.0, 30.0, 55.0])
def test_the_thumb_reads_as_bent_by_that_much(joint: int, at: int, degrees: float) -> None:
    angles = flexion_deg(joints_of({joint: degrees}), "right")
    assert angles[at] == pytest.approx(degrees, abs=10)


def test_a_tight_fist_is_bent_beyond_a_right_angle() -> None:
    angles = flexion_deg(joints_of({2: 110.0, 5: 105.0}), "right")
    assert angles[FLEXION_NAMES.index("index_pip")] == pytest.approx(110, abs=6)
    assert angles[FLEXION_NAMES.index("middle_pip")] == pytest.approx(105, abs=6)


def test_a_left_hand_reads_as_its_mirror_image() -> None:
    bends = {1: 40.0, 5: 70.0, 9: 30.0, 12: -10.0, 15: 25.0}
    np.testing.assert_allclose(
        flexion_deg(joints_of(bends, "left"), "left"),
        flexion_deg(joints_of(bends), "right"),
        atol=0.05,
    )


def test_turning_the_hand_changes_nothing() -> None:
    bends = {2: 40.0, 11: 55.0}
    np.testing.assert_allclose(
        flexion_deg(joints_of(bends, turn=1.0), "right"),
        flexion_deg(joints_of(bends), "right"),
        atol=0.1,
    )


def test_a_bone_without_length_has_no_angle() -> None:
    joints = joints_of({})
    joints[7] = joints[6]
    angles = flexion_deg(joints, "right")
    assert np.isnan(angles[FLEXION_NAMES.index("index_pip")])
    assert np.isfinite(angles[FLEXION_NAMES.index("ring_pip")])
