"""Mean shape, shape directions and joint regressor of a population (build step 6)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from core.topology import NUM_BETAS, NUM_MODEL_JOINTS
from training.open_hand.population import REST_DIRECTIONS, Population

Array = NDArray[np.float64]

# Vertices that may carry a joint, by nearness; hands enough to tell their parts.
_CANDIDATES = 300
_FIT_HANDS = 300
# How hard the weights of a joint are held to sum to one, against metres.
_SUM_WEIGHT = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class ShapeSpace:
    """A linear shape space; betas are in units of the population's standard deviation.

    Attributes:
        v_template, arm_template: (V, 3) and (Vf, 3) m.
        shapedirs, arm_shapedirs: (V, 3, 10) and (Vf, 3, 10) m.
        regressor: (16, V).
        explained: (10,) share of variance.
        joint_error: (N, 16) m, of the regressor on the true shapes.
    """

    v_template: Array
    arm_template: Array
    shapedirs: Array
    arm_shapedirs: Array
    regressor: Array
    explained: Array
    joint_error: Array


def fit_shape_space(people: Population, rng: np.random.Generator) -> ShapeSpace:
    """Principal components of the hands at rest; the forearm follows by regression."""
    count, num_vertices, _ = people.vertices.shape
    mean = people.vertices.mean(0)
    offsets = (people.vertices - mean).reshape(count, -1)
    left, singular, right = np.linalg.svd(offsets, full_matrices=False)
    # A component's sign is arbitrary; positive makes the hand longer.
    sign = np.where(right.reshape(-1, num_vertices, 3)[:, :, 0].sum(1) > 0, -1.0, 1.0)
    scale = singular[:NUM_BETAS] / np.sqrt(count)
    directions = (right[:NUM_BETAS] * (sign[:NUM_BETAS] * scale)[:, None]).T
    betas = left[:, :NUM_BETAS] * np.sqrt(count) * sign[:NUM_BETAS]

    arm_mean = people.arm.mean(0)
    arm_offsets = (people.arm - arm_mean).reshape(count, -1)
    arm_directions = np.linalg.lstsq(betas, arm_offsets, rcond=None)[0].T

    regressor, error = _joint_regressor(people, rng)
    origin = regressor[0] @ mean
    return ShapeSpace(
        v_template=mean - origin,
        arm_template=arm_mean - origin,
        shapedirs=directions.reshape(num_vertices, 3, NUM_BETAS),
        arm_shapedirs=arm_directions.reshape(-1, 3, NUM_BETAS),
        regressor=regressor,
        explained=singular[:NUM_BETAS] ** 2 / (singular**2).sum(),
        joint_error=error,
    )


def _joint_regressor(people: Population, rng: np.random.Generator) -> tuple[Array, Array]:
    """Sparse non-negative weights (16, V), rows summing to one, and errors (N, 16) in metres."""
    count, num_vertices, _ = people.vertices.shape
    chosen = rng.choice(count, min(_FIT_HANDS, count), replace=False)
    mean, mean_joints = people.vertices.mean(0), people.joints.mean(0)
    regressor = np.zeros((NUM_MODEL_JOINTS, num_vertices))
    for joint in range(NUM_MODEL_JOINTS):
        # Candidates from a slab around the joint, so that they surround it.
        bone = REST_DIRECTIONS[(joint - 1) // 3] if joint else np.array([1.0, 0.0, 0.0])
        offset = mean - mean_joints[joint]
        distance = np.linalg.norm(offset, axis=-1) + 2 * np.abs(offset @ bone)
        near = np.argsort(distance)[:_CANDIDATES]
        system = people.vertices[chosen][:, near].transpose(0, 2, 1).reshape(-1, len(near))
        target = people.joints[chosen, joint].reshape(-1)
        weight = _SUM_WEIGHT * np.sqrt(len(chosen))
        system = np.concatenate((system, np.full((1, len(near)), weight)))
        solution, _ = nnls(system, np.append(target, weight))
        solution[solution < 1e-3] = 0
        regressor[joint, near] = solution / solution.sum()
    error = np.linalg.norm(regressor @ people.vertices - people.joints, axis=-1)
    return regressor, error
