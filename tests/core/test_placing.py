"""Hands are put and turned to where their joints fit their keypoints."""

import math
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import approx_fprime

from core.geometry import project
from core.placing import _placed, _turned, placed_by_keypoints
from core.rotations_np import rotmat_from_rotvec
from core.topology import MIDDLE_MCP
from tests.factories import make_hand

K = np.array([[700.0, 0, 300], [0, 760, 250], [0, 0, 1]], np.float32)
FOCAL, CENTRE = np.array([700.0, 760.0]), np.array([300.0, 250.0])
NEAREST_M = 0.01
Floats = NDArray[np.floating]


class Seen(NamedTuple):
    """A hand and what is seen of it.

    Joints (21, 3) m from the knuckle, that one (3,) m, keypoints (21, 2) px, confidence (21,).
    """

    joints: Floats
    knuckle: Floats
    keypoints: Floats
    confidence: Floats


def seen(noise_px: float = 0.0, seed: int = 0) -> Seen:
    hand = make_hand(at=(0.1, -0.08, 0.7), turn=(0.3, 0.4, -0.2), curl=0.4, K=K)
    rng = np.random.default_rng(seed)
    knuckle = hand.joints_3d[MIDDLE_MCP].astype(np.float64)
    keypoints = project(hand.joints_3d, K) + rng.normal(0, noise_px, (21, 2))
    return Seen(hand.joints_3d - knuckle, knuckle, keypoints, rng.random(21))


def place(one: Seen, joints: Floats, knuckle: Floats) -> tuple[Floats, Floats]:
    """Place one hand."""
    turn, placed = placed_by_keypoints(
        one.keypoints[None].astype(np.float32), one.confidence[None].astype(np.float32),
        joints[None].astype(np.float32), knuckle[None].astype(np.float32), K, NEAREST_M,
    )  # fmt: skip
    return turn[0], placed[0]


def test_place_is_the_least_squares_one() -> None:
    """The plain twin: all equations in one matrix, the network's depth as one row more."""
    one = seen(noise_px=2.0)
    weight = one.confidence + 0.05
    weight = weight / weight.sum()
    ray = (one.keypoints - CENTRE) / FOCAL
    own_depth = 0.72
    got = _placed(ray[None], weight[None, :, None], one.joints[None], np.array([own_depth]))[0]
    rows, values = [], []
    for j in range(21):
        for axis in (0, 1):
            row = np.zeros(3)
            row[axis], row[2] = 1, -ray[j, axis]
            rows.append(math.sqrt(weight[j]) * row)
            values.append(
                math.sqrt(weight[j]) * (ray[j, axis] * one.joints[j, 2] - one.joints[j, axis])
            )
    prior = math.sqrt(weight.mean()) * 0.03 / own_depth
    rows.append(np.array([0, 0, prior]))
    values.append(prior * own_depth)
    expected = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_turn_is_a_gauss_newton_step() -> None:
    """The plain twin: derivatives by differences, the priors as rows more."""
    one = seen(noise_px=3.0)
    weight = one.confidence / one.confidence.sum()
    size = float(np.ptp(one.keypoints, axis=0).max())

    def residual(step: Floats) -> Floats:
        turned = one.joints @ rotmat_from_rotvec(step[:3]).T + one.knuckle + step[3:]
        apart = (turned[:, :2] / turned[:, 2:] * FOCAL + CENTRE - one.keypoints) / size
        by_keypoints = np.sqrt(21 * weight)[:, None] * apart / 0.07
        depth = step[5] / (0.01 * one.knuckle[2])
        return np.concatenate((by_keypoints.ravel(), step[:3] / 0.12, [depth]))

    zero = np.zeros(6)
    jacobian = approx_fprime(zero, residual, 1e-7)
    expected = np.linalg.lstsq(jacobian, -residual(zero), rcond=None)[0]
    turn, move = _turned(
        (one.keypoints - CENTRE)[None], weight[None], one.joints[None], one.knuckle[None], FOCAL
    )
    np.testing.assert_allclose(move[0], expected[3:], atol=1e-5)
    np.testing.assert_allclose(turn[0], rotmat_from_rotvec(expected[:3]), atol=1e-4)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_hand_that_the_network_has_turned_a_little_is_turned_back(axis: int) -> None:
    one = seen()
    wrong = np.zeros(3)
    wrong[axis] = 0.12
    joints = one.joints @ rotmat_from_rotvec(wrong).T
    turn, knuckle = place(one, joints, one.knuckle)
    mended = joints @ turn.T + knuckle
    before = np.linalg.norm(joints - one.joints, axis=1).mean()
    assert np.linalg.norm(mended - knuckle - one.joints, axis=1).mean() < 0.7 * before
    away = np.linalg.norm(project(mended, K) - one.keypoints, axis=1).mean()
    away_before = np.linalg.norm(project(joints + one.knuckle, K) - one.keypoints, axis=1).mean()
    assert away < 0.6 * away_before


def test_exact_hand_stays_and_keypoints_without_confidence_do_no_harm() -> None:
    one = seen()._replace(confidence=np.zeros(21))
    turn, knuckle = place(one, one.joints, one.knuckle)
    np.testing.assert_allclose(turn, np.eye(3), atol=1e-5)
    np.testing.assert_allclose(knuckle, one.knuckle, atol=1e-5)


def test_keypoints_that_speak_for_another_orientation_turn_nothing() -> None:
    one = seen()
    joints = one.joints @ rotmat_from_rotvec([0, 0, 1.5]).T
    turn, knuckle = place(one, joints, one.knuckle)
    np.testing.assert_array_equal(turn, np.eye(3))
    assert np.linalg.norm(knuckle - one.knuckle) < 0.3


def test_no_joint_is_turned_behind_the_camera() -> None:
    one = seen()
    near = one.knuckle * np.array([1, 1, 0.12])
    rng = np.random.default_rng(1)
    wild = one._replace(keypoints=rng.uniform(-2000, 2000, (21, 2)))
    turn, knuckle = place(wild, one.joints, near)
    assert np.isfinite(turn).all()
    if (one.joints + near)[:, 2].min() > NEAREST_M:
        assert (one.joints @ turn.T + knuckle)[:, 2].min() > NEAREST_M


def test_many_hands_are_placed_as_each_alone_and_none_as_none() -> None:
    hands = [seen(2.0, seed) for seed in range(5)]
    stacked = [np.stack(field).astype(np.float32) for field in zip(*hands, strict=True)]
    joints, knuckles, keypoints, confidence = stacked
    turns, places = placed_by_keypoints(keypoints, confidence, joints, knuckles, K, NEAREST_M)
    for row, one in enumerate(hands):
        turn, knuckle = place(one, one.joints, one.knuckle)
        np.testing.assert_allclose(turns[row], turn, atol=1e-6)
        np.testing.assert_allclose(places[row], knuckle, atol=1e-6)
