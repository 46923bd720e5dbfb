"""Adult hands from anny's body model, in the frame of the hand model (build step 1-3 and 11).

anny (NAVER, Apache-2.0) carries MakeHuman's CC0 body and NVIDIA's SOMA rig (Apache-2.0). Only what
its wheel contains is used: its `smpl` and `smplx` topologies would fetch non-commercial data.
"""

from dataclasses import dataclass

import anny
import numpy as np
import torch
from numpy.typing import NDArray

from core.topology import NUM_MODEL_JOINTS
from training.open_hand.population import Population

Array = NDArray[np.float64]

_CHANGES = (
    "r-hand-fingers-length-incr",
    "r-hand-fingers-diameter-incr",
    "r-hand-fingers-distance-incr",
    "measure-wrist-circ-incr",
    "r-lowerarm-fat-incr",
)
# Reach of each local change, as (least, most).
_CHANGE_RANGES = ((-0.2, 0.2), (-0.25, 0.25), (-0.3, 0.3), (-0.4, 0.4), (0.0, 0.4))
# SOMA's bones in the order of the model's joints 1..15; bone 1 of a finger is its metacarpal.
_BONES = (
    *(
        f"RightHand{finger}{i}"
        for finger in ("Index", "Middle", "Pinky", "Ring")
        for i in (2, 3, 4)
    ),
    *(f"RightHandThumb{i}" for i in (1, 2, 3)),
)
_ENDS = tuple(f"RightHand{finger}End" for finger in ("Index", "Middle", "Pinky", "Ring", "Thumb"))
# SOMA's index knuckle lies 5 mm beyond the head of the metacarpal: this share of its length.
_INDEX_KNUCKLE_SHIFT = 0.048
_CHUNK = 100
# Rings of the body's mesh from the wrist to the elbow.
_ARM_RINGS = 11
# The hand's square in MakeHuman's UV map: left, bottom, size.
_UV_CROP = (0.357408, 0.007539, 0.200729)


@dataclass(frozen=True, slots=True, eq=False)
class HandSource:
    """What stays the same for every person.

    Attributes:
        faces: (F, 3) hand triangles.
        vt, ft: (Vt, 2) and (F, 3), UV of the hand.
        weights: (V, 16) skinning weights.
        arm_faces: (Ff, 3) into [hand, forearm] vertices.
    """

    faces: NDArray[np.int64]
    vt: Array
    ft: NDArray[np.int64]
    weights: Array
    arm_faces: NDArray[np.int64]


def load_source(count: int, rng: np.random.Generator) -> tuple[HandSource, Population]:
    """Build the source's fixed part and sample `count` adults, half of them women."""
    body = anny.Anny(rig="soma", topology="anny", local_changes=list(_CHANGES), phenotypes="all")
    hand = anny.Anny(rig="soma", topology="hand.R", local_changes=list(_CHANGES), phenotypes="all")
    mapped = anny.Anny(rig="anny-hand.R", topology="hand.R")
    if not torch.equal(hand.faces, mapped.faces) or not torch.equal(
        hand.base_mesh_vertex_indices, mapped.base_mesh_vertex_indices
    ):
        raise RuntimeError("the two hand meshes of anny differ: was another version installed?")
    body_row = {int(v): row for row, v in enumerate(body.base_mesh_vertex_indices)}
    hand_rows = np.array([body_row[int(v)] for v in hand.base_mesh_vertex_indices])
    arm_rows, arm_faces = _forearm_part(body, hand_rows)
    vt, ft = _texture_coordinates(mapped)
    source = HandSource(
        faces=hand.get_triangular_faces().numpy(),
        vt=vt,
        ft=ft,
        weights=_collapsed_weights(hand),
        arm_faces=arm_faces,
    )
    return source, _sample_population(body, hand_rows, arm_rows, count, rng)


def _texture_coordinates(mapped: anny.Anny) -> tuple[Array, NDArray[np.int64]]:
    """The hand's own UV island, scaled to the unit square."""
    faces = mapped.face_texture_coordinate_indices.numpy()
    used, compact = np.unique(faces, return_inverse=True)
    left, bottom, size = _UV_CROP
    vt = (mapped.texture_coordinates.numpy()[used] - (left, bottom)) / size
    return vt, compact.reshape(faces.shape)


def _collapsed_weights(hand: anny.Anny) -> Array:
    """SOMA's weights gathered on 16 joints; the palm, wrist and arm bones go to the wrist."""
    target = dict.fromkeys(hand.bone_labels, 0)
    target |= {bone: joint for joint, bone in enumerate(_BONES, start=1)}
    target |= {end: 3 * (finger + 1) for finger, end in enumerate(_ENDS)}
    joint_of_bone = np.array([target[label] for label in hand.bone_labels])
    bones, values = hand.vertex_bone_indices.numpy(), hand.vertex_bone_weights.numpy()
    weights = np.zeros((len(bones), NUM_MODEL_JOINTS))
    np.add.at(weights, (np.arange(len(bones))[:, None], joint_of_bone[bones]), values)
    weights[weights < 1e-4] = 0
    return weights / weights.sum(1, keepdims=True)


def _forearm_part(
    body: anny.Anny, hand_rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Body rows of the forearm's vertices, and its faces into [hand, forearm].

    Behind the hand the body's mesh is a stack of rings; whole rings leave a clean edge.
    """
    faces = body.get_triangular_faces().numpy()
    inside = np.zeros(int(faces.max()) + 1, bool)
    inside[hand_rows] = True
    is_hand = inside.copy()
    for _ in range(_ARM_RINGS):
        inside[faces[inside[faces].any(1)]] = True
    faces = faces[inside[faces].all(1) & ~is_hand[faces].all(1)]
    arm_rows = np.flatnonzero(inside & ~is_hand)
    index = np.full(len(inside), -1)
    index[hand_rows] = np.arange(len(hand_rows))
    index[arm_rows] = len(hand_rows) + np.arange(len(arm_rows))
    return arm_rows, index[faces]


def _sample_population(
    body: anny.Anny,
    hand_rows: NDArray[np.int64],
    arm_rows: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
) -> Population:
    """Draw adults and bring their hands into one frame."""
    is_woman = np.arange(count) % 2 == 1
    spread = rng.uniform(0, 0.15, count)
    phenotypes = {
        "gender": np.where(is_woman, 1 - spread, spread),
        "age": rng.uniform(0.62, 1.0, count),
        **{
            k: rng.uniform(0.15, 0.85, count) for k in ("muscle", "weight", "height", "proportions")
        },
        **{race: rng.uniform(0, 1, count) for race in ("african", "asian", "caucasian")},
    }
    changes = {
        name: rng.uniform(low, high, count)
        for name, (low, high) in zip(_CHANGES, _CHANGE_RANGES, strict=True)
    }
    label = {name: row for row, name in enumerate(body.bone_labels)}
    bone_rows = [label[name] for name in ("RightHand", *_BONES, *_ENDS, "RightForeArm")]
    points: list[Array] = []
    for start in range(0, count, _CHUNK):
        rows = slice(start, start + _CHUNK)
        with torch.no_grad():
            out = body(
                phenotype_kwargs={k: torch.from_numpy(v[rows]) for k, v in phenotypes.items()},
                local_changes_kwargs={k: torch.from_numpy(v[rows]) for k, v in changes.items()},
            )
        vertices = out["rest_vertices"].numpy()
        heads = out["rest_bone_heads"].numpy()[:, bone_rows]
        both = (vertices[:, hand_rows], vertices[:, arm_rows], heads)
        points.append(_in_hand_frame(np.concatenate(both, 1), len(bone_rows)))
    everything = np.concatenate(points)
    num_hand, num_arm = len(hand_rows), len(arm_rows)
    vertices, arm, heads = np.split(everything, [num_hand, num_hand + num_arm], axis=1)
    return Population(is_woman, vertices, arm, heads[:, :16], heads[:, 16:21], heads[:, 21])


def _in_hand_frame(points: Array, num_heads: int) -> Array:
    """Points (N, P, 3), the last `num_heads` being bone heads, with the wrist at the origin.

    x runs against the fingers, y out of the back of the hand, z to the thumb's side.
    """
    heads = points[:, -num_heads:]
    wrist, index, middle, little = heads[:, 0], heads[:, 1], heads[:, 4], heads[:, 7]
    heads[:, 1] = index + _INDEX_KNUCKLE_SHIFT * (wrist - index)
    along = middle - wrist
    along /= np.linalg.norm(along, axis=-1, keepdims=True)
    across = heads[:, 1] - little
    across -= (across * along).sum(-1, keepdims=True) * along
    across /= np.linalg.norm(across, axis=-1, keepdims=True)
    palmar = np.cross(across, along)
    hand_from_body = np.stack((-along, -palmar, across), axis=1)
    return np.einsum("nij,npj->npi", hand_from_body, points - wrist[:, None])
