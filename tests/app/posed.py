"""Hands in a known place before a known picture, for the tests of what is drawn and written."""

from pathlib import Path

import numpy as np

from core.geometry import intrinsics_from_fov, project
from core.hand_model.file import OPEN_HAND_FILE, HandModel, load_hand_model, mirrored
from core.hand_model.skinning_np import pose_hand
from core.rotations_np import rotmat_from_rotvec
from core.types import Frame, HandState, Side, TrackedHands

RIGHT = load_hand_model(Path(__file__).parents[2] / "resources" / OPEN_HAND_FILE)
LEFT = mirrored(RIGHT)
WIDTH, HEIGHT = 320, 240
K = intrinsics_from_fov(WIDTH, HEIGHT)
#: Fingers up, palm to the camera, of a right hand; a left hand takes the mirror image.
FINGERS_UP = np.array(
    rotmat_from_rotvec([0, 0, np.pi / 2]) @ rotmat_from_rotvec([np.pi / 2, 0, 0]), np.float32
)


def model_of(side: Side) -> HandModel:
    return RIGHT if side == "right" else LEFT


def hand(
    side: Side = "right",
    transl: tuple[float, float, float] = (0.0, 0.08, 0.5),
    track_id: int = 0,
    curl: float = 0.2,
) -> HandState:
    sign = np.float32(1 if side == "right" else -1)
    rotvec = np.zeros((16, 3))
    rotvec[1:13, 2] = curl * sign
    pose = rotmat_from_rotvec(rotvec).astype(np.float32)
    mirror = np.diag([sign, 1, 1]).astype(np.float32)
    pose[0] = mirror @ FINGERS_UP @ mirror
    betas = np.linspace(-0.5, 0.5, 10).astype(np.float32)
    root = np.array(transl, np.float32)
    posed = pose_hand(model_of(side), pose, betas, root)
    with np.errstate(divide="ignore", invalid="ignore"):  # a wrist in the lens
        joints_2d = project(posed.joints_3d, K)
    return HandState(
        track_id=track_id,
        side=side,
        score=0.9,
        pose=pose,
        betas=betas,
        transl=root,
        vertices=posed.vertices,
        joints_3d=posed.joints_3d,
        joints_2d=joints_2d,
        joint_confidence=np.ones(21, np.float32),
    )


def frame(index: int = 0, grey: int = 90, name: str = "test") -> Frame:
    image = np.full((HEIGHT, WIDTH, 3), grey, np.uint8)
    return Frame(index, 0, index * 40_000_000, image, K, name)


def tracked(*hands: HandState, predicted: frozenset[int] = frozenset()) -> TrackedHands:
    return TrackedHands(frame(), hands, predicted)
