"""MANO, or another model of its layout, fitted to the posed open hand.

The two hands share the skeleton's tree and nothing else: rest pose, joints and surface differ. The
surfaces are joined once, at rest: each of the model's vertices gets the nearest point of the open
hand's surface that faces the same way. From then on a frame is a least-squares problem with known
correspondences: 16 rotations and a place so that joints and surface points fall together, solved
by Gauss-Newton from a start that is right up to the difference of shape. One shape serves all
frames; for fixed rotations the surface is linear in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from core.geometry import vertex_normals
from core.hand_model.file import HandModel
from core.hand_model.poser import HandPoser
from core.hand_model.skinning_np import pose_hand
from core.rotations_np import rotmat_from_rotvec
from core.topology import (
    MODEL_PARENTS,
    NUM_BETAS,
    NUM_JOINTS,
    NUM_MODEL_JOINTS,
    OPENPOSE_FROM_MODEL,
)
from core.types import Float32

Float64 = NDArray[np.float64]
ShowProgress = Callable[[int, int | None], None]

#: Points of the surface that are fitted, beside the 21 joints.
_POINTS: Final = 120
#: A joint counts as much as so many points: there are six points to a joint.
_JOINT_WEIGHT: Final = 3.0
#: Farther apart at rest, or facing away from each other, two points are no pair.
_PAIR_M: Final = 0.006
_PAIR_COSINE: Final = 0.6
#: Stiffness of a step's rotations (m / rad) and of betas (m): holds what no point measures.
_TURN_PRIOR_M: Final = 5e-4
_SHAPE_PRIOR_M: Final = 1e-3
_REST_ROUNDS: Final = 6
_SHAPE_ROUNDS: Final = 20
_SHAPE_FRAMES: Final = 48
_STEPS: Final = 2
_BLOCK: Final = 128
_OPENPOSE: Final = np.array(OPENPOSE_FROM_MODEL)


@dataclass(frozen=True, slots=True, eq=False)
class FittedHand:
    """A model's parameters for F frames of a right hand, and how far off they are.

    Attributes:
        pose: (F, 16, 3, 3) rotations relative to the parent.
        betas: (10,) shape coefficients.
        transl: (F, 3) m, position of the wrist joint.
        joint_error: (F,) m, mean distance of the 21 joints.
        surface_error: (F,) m, mean distance of the paired surface points.
    """

    pose: Float32
    betas: Float32
    transl: Float32
    joint_error: Float32
    surface_error: Float32


@dataclass(slots=True, eq=False)
class _Frames:
    """Where F frames stand: pose (F, 16, 3, 3) and place of the wrist (F, 3) m."""

    pose: Float64
    place: Float64


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """P vertices of the model, and the points of the open hand's surface that they belong to.

    Attributes:
        own: (P,) vertices of the model.
        corners: (P, 3) vertices of the open hand whose weighted mean is the point.
        shares: (P, 3) weights, rows sum to one.
    """

    own: NDArray[np.intp]
    corners: NDArray[np.intp]
    shares: Float32


class HandFitter:
    """Fits one model to one open hand; both right hands."""

    def __init__(self, model: HandModel, open_hand: HandModel) -> None:
        """Join the surfaces at rest.

        Args:
            model: to be fitted.
            open_hand: what the takes are posed with.
        """
        self._model, self._open = model, open_hand
        self._open_poser = HandPoser(open_hand)
        tips = np.repeat(open_hand.tip_ids.astype(np.intp)[:, None], 3, axis=1)
        thirds = np.full(tips.shape, 1 / 3, np.float32)
        self._pairs = _Pairs(model.tip_ids.astype(np.intp), tips, thirds)
        rest = np.tile(np.eye(3, dtype=np.float32), (1, NUM_MODEL_JOINTS, 1, 1))
        flat, origin = np.zeros((1, NUM_BETAS), np.float32), np.zeros((1, 3), np.float32)
        frames, betas = _Frames(rest.astype(np.float64), np.zeros((1, 3))), np.zeros(NUM_BETAS)
        for _ in range(_REST_ROUNDS):
            joints, points = self._targets(rest, flat, origin)
            frames = self._solved(frames, betas, joints, points, _STEPS)
            betas = self._shape(frames, joints, points)
            self._pairs = _join(model, open_hand, frames, betas)
        # How the model's bones lie where the open hand rests, as global rotations.
        self._rest_turns = _global(frames.pose)[0]

    def fit(
        self, pose: Float32, betas: Float32, transl: Float32, show_progress: ShowProgress
    ) -> FittedHand:
        """Fit the model to F > 0 frames of the right open hand.

        Args:
            pose: (F, 16, 3, 3) of the open hand.
            betas: (F, 10) likewise.
            transl: (F, 3) m, likewise.
            show_progress: called with frames done and in all; may raise to stop.
        """
        shape = self._common_shape(pose, betas, transl)
        count, parts = len(pose), []
        for first in range(0, count, _BLOCK):
            rows = slice(first, first + _BLOCK)
            joints, points = self._targets(pose[rows], betas[rows], transl[rows])
            frames = self._solved(
                self._started(pose[rows], transl[rows]), shape, joints, points, _STEPS
            )
            own = self._posed(frames, shape)
            joint_error = np.linalg.norm(own.joints - joints, axis=2).mean(1)
            surface_error = np.linalg.norm(own.points - points, axis=2).mean(1)
            parts.append((frames.pose, frames.place, joint_error, surface_error))
            show_progress(min(first + _BLOCK, count), count)
        fitted = [np.concatenate(part).astype(np.float32) for part in zip(*parts, strict=True)]
        return FittedHand(fitted[0], shape.astype(np.float32), fitted[1], fitted[2], fitted[3])

    def _common_shape(self, pose: Float32, betas: Float32, transl: Float32) -> Float64:
        """Return the one shape (10,) that suits frames from all over the take."""
        rows = np.unique(np.linspace(0, len(pose) - 1, _SHAPE_FRAMES).astype(int))
        joints, points = self._targets(pose[rows], betas[rows], transl[rows])
        frames, shape = self._started(pose[rows], transl[rows]), np.zeros(NUM_BETAS)
        for _ in range(_SHAPE_ROUNDS):
            frames = self._solved(frames, shape, joints, points, 1)
            shape = self._shape(frames, joints, points)
        return shape

    def _started(self, pose: Float32, transl: Float32) -> _Frames:
        """Turn each of the model's bones as the open hand's has turned since its rest."""
        world = _global(pose.astype(np.float64)) @ self._rest_turns
        local = world.copy()
        local[:, 1:] = world[:, MODEL_PARENTS[1:]].swapaxes(2, 3) @ world[:, 1:]
        return _Frames(local, transl.astype(np.float64))

    def _targets(self, pose: Float32, betas: Float32, transl: Float32) -> tuple[Float64, Float64]:
        """Joints (F, 21, 3) and paired points (F, P, 3) of the open hand, m."""
        posed = self._open_poser.pose(np.ones(len(pose), bool), pose, betas, transl)
        corners = posed.vertices[:, self._pairs.corners]
        points = np.einsum("fpki,pk->fpi", corners, self._pairs.shares)
        return posed.joints_3d.astype(np.float64), points.astype(np.float64)

    def _posed(self, frames: _Frames, betas: Float64) -> "_Posed":
        return _Posed.of(self._model, self._pairs.own, frames, betas)

    def _solved(
        self, frames: _Frames, betas: Float64, joints: Float64, points: Float64, steps: int
    ) -> _Frames:
        """Bring joints and points to their targets by Gauss-Newton; the shape stays."""
        for _ in range(steps):
            posed = self._posed(frames, betas)
            scale = np.sqrt(_JOINT_WEIGHT)
            missing = np.concatenate(((joints - posed.joints) * scale, points - posed.points), 1)
            slope = posed.slopes(scale)
            transposed = slope.swapaxes(1, 2)
            normal = (transposed @ slope).astype(np.float64)
            normal[:, range(3 * NUM_MODEL_JOINTS), range(3 * NUM_MODEL_JOINTS)] += _TURN_PRIOR_M**2
            pull = transposed @ missing.reshape(len(missing), -1, 1).astype(np.float32)
            step = np.linalg.solve(normal, pull.astype(np.float64))[..., 0]
            frames = _stepped(frames, step, posed.world)
        return frames

    def _shape(self, frames: _Frames, joints: Float64, points: Float64) -> Float64:
        """Return the betas (10,) that suit the frames best; their poses stay."""
        target = np.concatenate((joints, points), axis=1)

        def at(betas: Float64) -> Float64:
            posed = self._posed(frames, betas)
            return np.concatenate((posed.joints, posed.points), axis=1)

        flat = at(np.zeros(NUM_BETAS))
        slope = np.stack([at(unit) - flat for unit in np.eye(NUM_BETAS)], axis=-1)
        weight = np.ones(target.shape[1])
        weight[:NUM_JOINTS] = _JOINT_WEIGHT
        weighted = slope * weight[:, None, None]
        normal = np.einsum("fpik,fpil->kl", weighted, slope)
        normal += len(target) * _SHAPE_PRIOR_M**2 * np.eye(NUM_BETAS)
        pull = np.einsum("fpik,fpi->k", weighted, target - flat)
        return np.asarray(np.linalg.solve(normal, pull))


@dataclass(frozen=True, slots=True, eq=False)
class _Posed:
    """The model in F frames, and what its slopes need.

    Attributes:
        joints: (F, 21, 3) m.
        points: (F, P, 3) m.
        world: (F, 16, 3, 3) global rotations.
        pivots: (F, 16, 3) m, where the joints lie.
        parts: (F, 5 + P, 16, 3) m, tips and points carried by each joint, times its weight.
        weights: (5 + P, 16).
    """

    joints: Float64
    points: Float64
    world: Float64
    pivots: Float64
    parts: Float64
    weights: Float64

    @classmethod
    def of(
        cls, model: HandModel, own: NDArray[np.intp], frames: _Frames, betas: Float64
    ) -> "_Posed":
        """Pose the tips and the vertices `own`; the plain twin is `pose_hand`."""
        chosen = np.concatenate((model.tip_ids, own))
        shaped = model.v_template + model.shapedirs @ betas
        rest_joints = model.J_regressor @ shaped
        count = len(frames.pose)
        feature = (frames.pose[:, 1:] - np.eye(3)).reshape(count, -1)
        rest = shaped[chosen] + np.einsum("pic,fc->fpi", model.posedirs[chosen], feature,
                                          optimize=True)  # fmt: skip
        world, pivots = _chain(frames.pose, rest_joints)
        pivots = pivots - pivots[:, :1] + frames.place[:, None]
        # (F, 16, N, 3): each vertex as each joint would carry it.
        carried = (rest[:, None] - rest_joints[:, None]) @ world.swapaxes(2, 3)
        carried += pivots[:, :, None]
        weights = model.weights[chosen].astype(np.float64)
        parts = carried.swapaxes(1, 2) * weights[..., None]
        vertices = parts.sum(2)
        joints = np.concatenate((pivots, vertices[:, :5]), axis=1)[:, _OPENPOSE]
        return cls(joints, vertices[:, 5:], world, pivots, parts, weights)

    def slopes(self, joint_scale: float) -> Float32:
        """How joints and points follow a turn of each joint and a shift of all.

        Returns:
            (F, (21 + P) * 3, 16 * 3 + 3) float32: turns about global axes (rad), shifts (m);
            rows of joints times `joint_scale`.
        """
        count = len(self.pivots)
        # Arms from each joint to what it carries: a turn w moves a point by w x arm.
        flat = self.parts.swapaxes(2, 3) @ _BELOW.T  # (F, N, 3, 16)
        share = self.weights @ _BELOW.T
        arms = flat.swapaxes(2, 3) - share[..., None] * self.pivots[:, None]
        between = self.pivots[:, :, None] - self.pivots[:, None]
        joint_arms = between * _BELOW.T[..., None]
        arms = np.concatenate((joint_arms, arms), axis=1)
        rows = np.concatenate((_OPENPOSE, np.arange(NUM_JOINTS, arms.shape[1])))
        arms = arms[:, rows].astype(np.float32)
        arms[:, :NUM_JOINTS] *= np.float32(joint_scale)
        slope = np.zeros((count, len(rows), 3, NUM_MODEL_JOINTS + 1, 3), np.float32)
        for axis in range(3):
            after, last = (axis + 1) % 3, (axis + 2) % 3
            slope[:, :, axis, :NUM_MODEL_JOINTS, after] = arms[..., last]
            slope[:, :, axis, :NUM_MODEL_JOINTS, last] = -arms[..., after]
            slope[:, :NUM_JOINTS, axis, NUM_MODEL_JOINTS, axis] = joint_scale
            slope[:, NUM_JOINTS:, axis, NUM_MODEL_JOINTS, axis] = 1
        return slope.reshape(count, len(rows) * 3, -1)


def _below() -> Float64:
    """Return (16, 16): one where the second joint is the first or hangs on it."""
    below = np.eye(NUM_MODEL_JOINTS)
    for joint in range(1, NUM_MODEL_JOINTS):
        below[:, joint] += below[:, MODEL_PARENTS[joint]]
    return below


_BELOW: Final = _below()


def _chain(pose: Float64, rest_joints: Float64) -> tuple[Float64, Float64]:
    """Global rotations (F, 16, 3, 3) and places (F, 16, 3) of joints, in double precision."""
    world, places = pose.copy(), np.zeros((*pose.shape[:2], 3))
    for joint in range(1, NUM_MODEL_JOINTS):
        parent = MODEL_PARENTS[joint]
        world[:, joint] = world[:, parent] @ pose[:, joint]
        bone = rest_joints[joint] - rest_joints[parent]
        places[:, joint] = places[:, parent] + world[:, parent] @ bone
    return world, places


def _global(pose: Float64) -> Float64:
    return _chain(pose, np.zeros((NUM_MODEL_JOINTS, 3)))[0]


def _stepped(frames: _Frames, step: NDArray[np.floating], world: Float64) -> _Frames:
    """Turn each joint about its global axes by step (F, 51), and shift all."""
    turns = step[:, :-3].reshape(-1, NUM_MODEL_JOINTS, 3)
    parents = np.maximum(MODEL_PARENTS, 0)
    local = np.squeeze(world[:, parents].swapaxes(2, 3) @ turns[..., None], -1)
    local[:, 0] = turns[:, 0]
    pose = rotmat_from_rotvec(local) @ frames.pose
    return _Frames(pose, frames.place + step[:, -3:])


def _join(model: HandModel, open_hand: HandModel, frames: _Frames, betas: Float64) -> _Pairs:
    """Pair vertices of the posed model with points of the open hand's surface at rest."""
    posed = pose_hand(
        model,
        frames.pose.astype(np.float32),
        betas.astype(np.float32)[None],
        frames.place.astype(np.float32),
    ).vertices[0]
    own_normals = vertex_normals(posed, model.faces)
    rest = open_hand.v_template - (open_hand.J_regressor @ open_hand.v_template)[0]
    faces = open_hand.faces
    # Corners, middles of edges and of faces: a point for each square millimetre or two.
    corners = np.concatenate(
        (faces, *(faces[:, [a, b, b]] for a, b in ((0, 1), (1, 2), (2, 0))),
         *(faces[:, [a, a, a]] for a in range(3)))
    ).astype(np.intp)  # fmt: skip
    shares = np.full(corners.shape, 1 / 3, np.float32)
    shares[len(faces) : 4 * len(faces)] = (0.5, 0.25, 0.25)
    points = np.einsum("pki,pk->pi", rest[corners], shares)
    normals = vertex_normals(rest, faces)[corners].mean(1)
    distance, nearest = cKDTree(points).query(posed)
    cosine = np.sum(own_normals * normals[nearest], axis=1)
    good = np.flatnonzero((distance < _PAIR_M) & (cosine > _PAIR_COSINE))
    chosen = good[_spread(posed[good], _POINTS)] if len(good) else model.tip_ids.astype(np.intp)
    return _Pairs(chosen, corners[nearest[chosen]], shares[nearest[chosen]])


def _spread(points: NDArray[np.floating], count: int) -> NDArray[np.intp]:
    """Return up to so many of the points (N, 3) that lie far from each other."""
    chosen = [0]
    distance = np.linalg.norm(points - points[0], axis=1)
    while len(chosen) < min(count, len(points)):
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return np.array(chosen, np.intp)
