"""HandMotion: a hand of a take as an animated skeleton with a skin, ready for a file."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.hand_model.file import HandModel, mirrored
from core.mesh_io.axes import Axes
from core.rotations_np import continuous_quats, quat_xyzw_from_rotmat
from core.session.take import HandTrack, Take
from core.session.tracks import frame_numbers, settled_betas
from core.topology import FINGERS, MODEL_JOINT_NAMES, MODEL_PARENTS, NUM_MODEL_JOINTS
from core.types import Float32, Side

Int32 = NDArray[np.int32]
#: The last joint of each finger, thumb to little, that its tip hangs on.
TIP_PARENTS: Final = tuple(MODEL_JOINT_NAMES.index(f"{finger}_3") for finger in FINGERS)
TIP_NAMES: Final = tuple(f"{finger}_tip" for finger in FINGERS)
#: Skin of a hand whose colour nobody measured.
DEFAULT_SKIN: Final = (0.80, 0.62, 0.53)


@dataclass(frozen=True, slots=True, eq=False)
class HandMotion:
    """One hand over the T frames of a take, in a file's axes and unit.

    The rest pose has the wrist at the origin and stands in the hand's own frame; joint 0 carries
    the global orientation. Skinning is linear: pose correctives are apart.

    Attributes:
        name: side and track, such as "right_0".
        side: anatomical side.
        present: (T,) bool; where the hand is missing it holds its last pose.
        rotmat: (T, 16, 3, 3) rotations relative to the parent.
        quat_xyzw: (T, 16, 4) the same, neighbours in time on one hemisphere.
        root: (T, 3) position of the wrist.
        rest_joints: (16, 3).
        rest_tips: (5, 3) fingertips, thumb to little.
        vertices: (V, 3) at rest, with the hand's one shape.
        faces: (F, 3) int32, counter-clockwise from outside.
        weights: (V, 16), rows sum to one.
        albedo: (V, 3) sRGB in [0, 1].
        posedirs: (V, 3, 135) per unit of `pose_feature`.
    """

    name: str
    side: Side
    present: NDArray[np.bool_]
    rotmat: Float32
    quat_xyzw: Float32
    root: Float32
    rest_joints: Float32
    rest_tips: Float32
    vertices: Float32
    faces: Int32
    weights: Float32
    albedo: Float32
    posedirs: Float32

    def pose_feature(self) -> Float32:
        """What drives the pose correctives: (T, 135), R - I of joints 1 to 15, row-major."""
        difference = self.rotmat[:, 1:] - np.eye(3, dtype=np.float32)
        return difference.reshape(len(self.rotmat), -1)


def hand_motions(take: Take, right: HandModel, axes: Axes) -> tuple[HandMotion, ...]:
    """Return every hand of the take, on the take's clock."""
    left = mirrored(right)
    return tuple(
        _motion(take, track, right if track.side == "right" else left, axes)
        for track in take.tracks
    )


def _motion(take: Take, track: HandTrack, model: HandModel, axes: Axes) -> HandMotion:
    numbers = frame_numbers(take, track)
    present = np.zeros(len(take.timestamps_ns), bool)
    present[numbers] = True
    held = np.maximum(np.cumsum(present) - 1, 0)  # before the first row: the first row
    rotmat = track.pose[held].copy()
    rotmat[:, 0] = axes.rotations(rotmat[:, 0])
    quats = continuous_quats(quat_xyzw_from_rotmat(rotmat)).astype(np.float32)

    shaped = model.v_template + model.shapedirs @ settled_betas(track)
    joints = model.J_regressor @ shaped
    scale = np.float32(1 / axes.metres_per_unit)
    vertices = (shaped - joints[0]) * scale
    albedo = track.albedo
    if albedo is None or len(albedo) != len(vertices):
        albedo = np.broadcast_to(np.array(DEFAULT_SKIN, np.float32), vertices.shape)
    return HandMotion(
        name=f"{track.side}_{track.track_id}",
        side=track.side,
        present=present,
        rotmat=rotmat,
        quat_xyzw=quats,
        root=axes.points(track.transl[held]),
        rest_joints=(joints - joints[0]) * scale,
        rest_tips=vertices[model.tip_ids],
        vertices=vertices,
        faces=model.faces,
        weights=model.weights,
        albedo=np.clip(albedo, 0, 1),
        posedirs=model.posedirs * scale,
    )


def joint_paths() -> tuple[str, ...]:
    """Return each model joint's name with those above it: "wrist/index_1/index_2"."""
    paths: list[str] = []
    for joint in range(NUM_MODEL_JOINTS):
        name, parent = MODEL_JOINT_NAMES[joint], MODEL_PARENTS[joint]
        paths.append(name if parent < 0 else f"{paths[parent]}/{name}")
    return tuple(paths)
