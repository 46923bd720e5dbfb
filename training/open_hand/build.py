"""Build the open hand.

`python -m training.open_hand.build --out resources/hand/open_hand_right.npz`

Needs the extras `train` and `build-hand` (anny 0.6.2: the betas depend on its version). The first
run fills anny's cache (`ANNY_CACHE_DIR`): about 3 minutes and 3.6 GB of memory. Seeded: the same
versions give the same file.
"""

import argparse
import logging
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.rotations_np import rotvec_from_rotmat
from core.topology import MODEL_PARENTS
from training.open_hand import checks, layout
from training.open_hand.anthropometry import hand_breadth, hand_length
from training.open_hand.correctives import fit_posedirs
from training.open_hand.interpenetration import hand_spheres
from training.open_hand.population import (
    arm_bend,
    arm_weights,
    flattened,
    random_scales,
    rescaled,
    with_human_sizes,
)
from training.open_hand.pose_prior import JOINT_LIMITS_DEG, prior_from_arrays, sample_pose
from training.open_hand.shape_space import ShapeSpace, fit_shape_space
from training.open_hand.source import HandSource, load_source

NAME = "ManyHands open hand"
VERSION = "1.0.0"
ANNY_VERSION = "0.6.2"
LICENCE = (
    "Open hand, right. Derived with anny 0.6.2 (Copyright NAVER Corp., Apache-2.0) from the "
    "MakeHuman base mesh and targets (CC0 1.0, MakeHuman community, by way of MPFB2) and the SOMA "
    "rig and topology (Copyright NVIDIA Corporation, Apache-2.0). This file: Apache-2.0. Changed "
    "from the sources: joints merged to 16, index knuckle moved, rest pose flattened, sizes "
    "fitted to ANSUR II, shape space, joint regressor, pose correctives and pose prior computed. "
    "No part of MANO or SMPL is in it."
)
_SEED = 20240917
_PEOPLE = 2000
_POSES = 4000
_CORRECTIVE_POSES = 3000

_log = logging.getLogger(__name__)

Arrays = dict[str, NDArray[Any]]


def main() -> None:
    """Build and write the file."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    if version("anny") != ANNY_VERSION:
        raise SystemExit(f"anny {ANNY_VERSION} is needed: betas depend on it")
    arrays = build()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(arguments.out, **arrays)
    _log.info("%s: %.2f MB", arguments.out, arguments.out.stat().st_size / 1e6)


def build() -> Arrays:
    """All arrays of the file, in the order of the recipe's steps."""
    rng = np.random.default_rng(_SEED)
    source, people = load_source(_PEOPLE, rng)
    (loop,) = checks.boundary_loops(source.faces)
    arm_share = arm_weights(people.arm.mean(0), arm_bend(people.vertices.mean(0), np.array(loop)))
    people = flattened(people, source.weights, arm_share)
    people = rescaled(people, source.weights, arm_share, random_scales(_PEOPLE, rng))
    people = with_human_sizes(people, source.weights, arm_share)
    _report_sizes(people.vertices, people.joints, people.is_woman, source.weights)

    space = fit_shape_space(people, rng)
    joints = space.regressor @ space.v_template
    _log.info("explained variance %s, sum %.4f", space.explained.round(4), space.explained.sum())
    error = space.joint_error * 1000
    _log.info("joint error (mm): mean %s, max %.2f", error.mean(0).round(2), error.max())

    axes = layout.joint_axes()
    pose = _sampled_poses(space, joints, source, axes)
    posedirs, errors = fit_posedirs(
        space.v_template, joints, source.weights, pose[:_CORRECTIVE_POSES]
    )
    _log.info("distance to dual quaternions without, with correctives (mm): %s", errors * 1000)
    arrays = _file_arrays(source, space, posedirs, pose, axes, np.array(loop))
    _check(arrays)
    return arrays


def _sampled_poses(
    space: ShapeSpace, joints: NDArray[np.float64], source: HandSource, axes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Poses (N, 16, 3, 3) of the prior, the root at rest."""
    tips = layout.fingertips(space.v_template, joints, source.weights)
    spheres = hand_spheres(
        space.v_template, source.weights, joints, space.v_template[tips][[1, 2, 4, 3, 0]]
    )
    generator = torch.Generator().manual_seed(_SEED)
    fingers = sample_pose(_POSES, generator, prior_from_arrays(axes, spheres))
    root = torch.eye(3).expand(_POSES, 1, 3, 3)
    return torch.cat((root, fingers), 1).double().numpy()


def _file_arrays(
    source: HandSource,
    space: ShapeSpace,
    posedirs: NDArray[np.float64],
    pose: NDArray[np.float64],
    axes: NDArray[np.float64],
    loop: NDArray[np.int64],
) -> Arrays:
    """The file, vertices in MANO's order of fingertips; long because each key has its line."""
    joints = space.regressor @ space.v_template
    order = layout.vertex_order(
        space.v_template, layout.fingertips(space.v_template, joints, source.weights)
    )
    bend = arm_bend(space.v_template, loop)
    num_arm = len(space.arm_template)
    new_index = np.concatenate((np.argsort(order), len(order) + np.arange(num_arm)))
    arm_faces = new_index[source.arm_faces]
    points = np.concatenate((space.v_template[order], space.arm_template))
    fa_vt, fa_ft = layout.forearm_uv(points, arm_faces)
    rotvecs = rotvec_from_rotmat(pose[:, 1:]).reshape(len(pose), 45)
    mean = rotvecs.mean(0)
    components = np.linalg.svd(rotvecs - mean, full_matrices=False)[2]
    parents = np.array(MODEL_PARENTS, dtype=np.int64)
    parents[0] = 2**32 - 1  # as in MANO's own files
    floats = {
        "v_template": space.v_template[order],
        "shapedirs": space.shapedirs[order],
        "posedirs": posedirs[order],
        "J_regressor": space.regressor[:, order],
        "J": joints,
        "weights": source.weights[order],
        "hands_components": components,
        "hands_mean": mean,
        "vt": source.vt,
        "joint_axes": axes,
        "joint_limits": np.radians(JOINT_LIMITS_DEG),
        "beta_std": np.ones(space.shapedirs.shape[-1]),
        "fa_v_template": space.arm_template,
        "fa_shapedirs": space.arm_shapedirs,
        "fa_weights": arm_weights(space.arm_template, bend),
        "fa_bend": bend,
        "fa_vt": fa_vt,
    }
    return {
        **{name: value.astype(np.float32) for name, value in floats.items()},
        "f": new_index[source.faces].astype(np.uint32),
        "ft": source.ft.astype(np.int32),
        "kintree_table": np.stack((parents, np.arange(16))),
        "tip_ids": np.array(layout.TIP_IDS),
        "fa_f": arm_faces.astype(np.int32),
        "fa_ft": fa_ft.astype(np.int32),
        "bs_style": np.array("lbs"),
        "bs_type": np.array("lrotmin"),
        "model_name": np.array(NAME),
        "model_version": np.array(VERSION),
        "licence": np.array(LICENCE),
    }


def _check(arrays: Arrays) -> None:
    """Stop before a hand with a flaw is written."""
    vertices, faces = arrays["v_template"], arrays["f"].astype(np.int64)
    both = np.concatenate((faces, arrays["fa_f"].astype(np.int64)))
    points = np.concatenate((vertices, arrays["fa_v_template"]))
    wrist = np.abs(arrays["J_regressor"][0] @ vertices).max()
    facts = {
        "the wrist is the origin": wrist < 1e-6,
        "the hand is a disc": checks.euler_number(faces) == 1,
        "hand and forearm are a disc": checks.euler_number(both) == 1,
        "one wrist loop": len(checks.boundary_loops(faces)) == 1,
        "watertight when capped": checks.is_watertight(checks.capped(faces, len(vertices))),
        "no degenerate face": checks.face_areas(points, both).min() > 1e-9,
        "all finite": all(np.isfinite(a).all() for a in arrays.values() if a.dtype.kind == "f"),
    }
    failed = [fact for fact, holds in facts.items() if not holds]
    if failed:
        raise RuntimeError(f"the hand is not fit to ship; these do not hold: {failed}")


def _report_sizes(
    vertices: NDArray[np.float64],
    joints: NDArray[np.float64],
    is_woman: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> None:
    """Log what the population measures, to compare with the survey."""
    for name, group in (("men", ~is_woman), ("women", is_woman)):
        length = hand_length(vertices[group], joints[group]) * 1000
        breadth = hand_breadth(vertices[group], joints[group], weights) * 1000
        _log.info(
            "%s: length %.1f sd %.1f mm, breadth %.1f sd %.1f mm",
            name,
            length.mean(),
            length.std(),
            breadth.mean(),
            breadth.std(),
        )


if __name__ == "__main__":
    main()
