"""A hand as the bones of a Unity humanoid: names, places and rotations in Unity's frame.

Unity is left-handed: x right, y up, z forward, as the avatar sees it. In the T-pose (VRM 1.0,
"VRM T-pose", definitions 1.4 to 1.8) arms and fingers lie along x, palms face down, and thumbs
point halfway between sideways and forward. Rotations are relative to that pose.

The hand model rests flat with the palm down too, so one reflection, M = diag(-1, 1, 1), takes its
axes to Unity's, and a rotation R of a joint becomes M R M. Where a finger rests in another
direction than the avatar's does (the thumb by some 20 degrees), the turn between both is put in,
so that the avatar's bones point where the hand's point.

The camera sees the person from the front and the avatar stands in that person's place: its right
is the camera's left, its up is the camera's up, it looks towards the camera. So a point p of the
camera frame (OpenCV) lies at -p.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.rotations_np import quat_xyzw_from_rotmat
from core.topology import FINGERS
from core.types import Float32, HandState, Side

_MODEL_FINGERS: Final = ("index", "middle", "little", "ring", "thumb")
_BONES: Final = ("Proximal", "Intermediate", "Distal")
#: Length of the forearm that a hand's local place is given by; nobody sees it.
FOREARM_M: Final = 0.25
_HALF: Final = np.sqrt(0.5)
#: First of the three joints of each model finger, in OpenPose order.
_FIRST_JOINT: Final = np.array([1 + 4 * FINGERS.index(finger) for finger in _MODEL_FINGERS])
#: Directions (5, 3) of a right hand's fingers in the T-pose.
_REST: Final = np.array([[1.0, 0, 0]] * 4 + [[_HALF, 0, _HALF]])
_MIRROR: Final = np.array([-1.0, 1.0, 1.0])
_MIRROR_ROTATION: Final = np.outer(_MIRROR, _MIRROR)


@dataclass(frozen=True, slots=True, eq=False)
class UnityHand:
    """One hand in Unity's frame; row i of the arrays is bone i of `bone_names`.

    Attributes:
        side: anatomical side.
        positions: (16, 3) m, relative to the parent bone, in the T-pose; of the hand itself
            relative to the elbow.
        quat_xyzw: (16, 4) relative to the parent bone and to the T-pose; of the hand itself
            relative to the avatar, as if the forearm were in the T-pose.
        wrist: (3,) m, in the frame of the avatar whose origin is the camera.
    """

    side: Side
    positions: Float32
    quat_xyzw: Float32
    wrist: Float32


def bone_names(side: Side) -> tuple[str, ...]:
    """Return Unity's HumanBodyBones of a hand: the hand, then three bones for each finger."""
    prefix = side.capitalize()
    fingers = (
        f"{prefix}{finger.capitalize()}{bone}" for finger in _MODEL_FINGERS for bone in _BONES
    )
    return (f"{prefix}Hand", *fingers)


def unity_hand(hand: HandState) -> UnityHand:
    """Return the hand in Unity's frame."""
    pose = hand.pose.astype(np.float64)
    joints = hand.joints_3d.astype(np.float64)
    rest = _REST if hand.side == "right" else _REST * _MIRROR
    along = joints[_FIRST_JOINT + 1] - joints[_FIRST_JOINT]
    lengths = np.linalg.norm(joints[_FIRST_JOINT[:, None] + (1, 2)]
                             - joints[_FIRST_JOINT[:, None] + (0, 1)], axis=-1)  # fmt: skip
    # Where each finger pointed before it was bent, seen from the palm.
    first = pose[0] @ pose[[1, 4, 7, 10, 13]]
    model_rest = np.squeeze(np.swapaxes(first, 1, 2) @ along[..., None], -1) * _MIRROR
    swing = _shortest_turns(rest, model_rest / np.linalg.norm(model_rest, axis=1, keepdims=True))

    local = np.empty((16, 3, 3))
    local[0] = pose[0] * -_MIRROR
    fingers = (pose[1:] * _MIRROR_ROTATION).reshape(5, 3, 3, 3)
    fingers = fingers @ swing[:, None]
    fingers[:, 1:] = np.swapaxes(swing, 1, 2)[:, None] @ fingers[:, 1:]
    local[1:] = fingers.reshape(15, 3, 3)

    positions = np.empty((16, 3))
    positions[0] = np.array([FOREARM_M, 0, 0]) * (1 if hand.side == "right" else -1)
    bones = positions[1:].reshape(5, 3, 3)
    bones[:, 0] = (joints[_FIRST_JOINT] - joints[0]) @ pose[0] * _MIRROR
    bones[:, 1:] = lengths[..., None] * rest[:, None]
    return UnityHand(
        side=hand.side,
        positions=positions.astype(np.float32),
        quat_xyzw=quat_xyzw_from_rotmat(local).astype(np.float32),
        wrist=-hand.joints_3d[0],
    )


def _shortest_turns(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Rotations (N, 3, 3) that take unit vectors `start` (N, 3) to `end` by the shortest way."""
    axis = np.cross(start, end)
    cosine = np.sum(start * end, axis=1)
    x, y, z = axis.T
    zero = np.zeros_like(x)
    skew = np.stack((zero, -z, y, z, zero, -x, -y, x, zero), -1).reshape(-1, 3, 3)
    # Rodrigues with sin and cos of the angle; opposite directions do not occur in a hand.
    turns: np.ndarray = np.eye(3) + skew + skew @ skew / np.maximum(1 + cosine, 1e-6)[:, None, None]
    return turns
