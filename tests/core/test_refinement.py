from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core.geometry import project
from core.hand_model.file import HandModel
from core.network.hand_code import problem_of
from core.network.regressor import HandStep
from core.refinement import HandRefiner, Refinement, RefinementConfig
from core.rotations_np import rotmat_from_rotvec
from core.roughness import AddedRoughness
from core.topology import MIDDLE_MCP
from core.types import Float32, HandState
from tests.factories import hand_model, intrinsics, make_hand
from tests.networks import hand_layer

SURE = np.ones((1, 21), np.float32)
FEW_STEPS = RefinementConfig(steps=12)


def disturbed(seed: int) -> tuple[HandState, HandState]:
    """A hand anywhere in view, and what a network that errs might say of it."""
    draw = np.random.default_rng(seed)
    side = "left" if seed % 2 else "right"
    at = draw.uniform([-0.1, -0.1, 0.4], [0.1, 0.1, 0.8])
    true = make_hand(side, at=at, curl=draw.uniform(0, 0.8), turn=draw.normal(0, 0.5, 3))
    turns = rotmat_from_rotvec(draw.normal(0, 0.12, (16, 3)))
    pose = (true.pose @ turns).astype(np.float32)
    start_at = at + draw.normal(0, [0.012, 0.012, 0.036])
    return true, make_hand(side, at=start_at, pose=pose, betas=draw.normal(0, 0.7, 10))


def many(seeds: range) -> tuple[list[HandState], list[HandState], Float32]:
    true, start = zip(*[disturbed(seed) for seed in seeds], strict=True)
    return list(true), list(start), np.array([hand.joints_2d for hand in true])


def refined(
    start: list[HandState], keypoints: Float32, config: RefinementConfig | None = None
) -> Refinement:
    sure = np.ones((len(start), 21), np.float32)
    return HandRefiner(hand_model(), config).refine(start, keypoints, sure, intrinsics())


def mean_px(hands: list[HandState], keypoints: Float32) -> float:
    projected = np.array([project(hand.joints_3d, intrinsics()) for hand in hands])
    return float(np.linalg.norm(projected - keypoints, axis=-1).mean())


def root_relative_mm(hands: list[HandState], others: list[HandState]) -> float:
    own, true = (
        np.array([hand.joints_3d - hand.joints_3d[MIDDLE_MCP] for hand in of])
        for of in (hands, others)
    )
    return 1e3 * float(np.linalg.norm(own - true, axis=-1).mean())


def test_disturbed_hands_come_back_to_their_keypoints() -> None:
    true, start, keypoints = many(range(8))
    hands = [one.hand for one in refined(start, keypoints).hands]
    assert mean_px(hands, keypoints) < 0.3 * mean_px(start, keypoints)
    assert root_relative_mm(hands, true) < 0.9 * root_relative_mm(start, true)


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    noise_px=st.sampled_from([0.0, 2.0, 40.0, 1000.0]),
    weak=st.booleans(),
)
def test_no_hand_comes_out_worse_than_it_went_in(seed: int, noise_px: float, weak: bool) -> None:
    _, start, keypoints = many(range(seed, seed + 2))
    draw = np.random.default_rng(seed)
    asked = (keypoints + draw.normal(0, noise_px, keypoints.shape)).astype(np.float32)
    confidence = draw.uniform(0, 1, (2, 21)).astype(np.float32) ** (8 if weak else 1)
    refiner = HandRefiner(hand_model(), FEW_STEPS)
    answer = refiner.refine(start, asked, confidence, intrinsics())
    for one, given_hand in zip(answer.hands, start, strict=True):
        assert one.objective_after <= one.objective_before
        assert np.isfinite(one.hand.vertices).all()
        assert one.hand is given_hand or one.objective_after < one.objective_before


def test_reported_objective_is_that_of_the_returned_hand() -> None:
    _, start, keypoints = many(range(2))
    refiner = HandRefiner(hand_model(), replace(FEW_STEPS, keep=0.0))
    sure = np.ones((2, 21), np.float32)
    answer = refiner.refine(start, keypoints, sure, intrinsics())
    hands = [one.hand for one in answer.hands]
    problem, code = problem_of(hands, keypoints, sure, intrinsics())
    with torch.no_grad():
        value, _ = refiner.objective(code, problem, torch.from_numpy(keypoints), None)
    assert value.tolist() == pytest.approx([one.objective_after for one in answer.hands], rel=1e-3)


def test_errors_are_distances_of_the_projected_joints_to_the_keypoints() -> None:
    _, start, keypoints = many(range(1))
    (one,) = refined(start, keypoints, FEW_STEPS).hands
    assert one.error_before_px == pytest.approx(mean_px(start, keypoints), rel=1e-3)
    assert one.error_after_px == pytest.approx(mean_px([one.hand], keypoints), rel=1e-3)
    np.testing.assert_array_equal(one.keypoints_2d, keypoints[0])


def test_best_so_far_never_rises() -> None:
    _, start, keypoints = many(range(4))
    noisy = keypoints + np.random.default_rng(0).normal(0, 6, keypoints.shape).astype(np.float32)
    answer = refined(start, noisy, RefinementConfig(rate=0.5))
    for one in answer.hands:
        assert len(one.best_so_far) == one.steps
        assert (np.diff([one.objective_before, *one.best_so_far]) <= 0).all()
        assert one.best_so_far[-1] == one.objective_after


def test_steps_that_overshoot_are_taken_back() -> None:
    _, start, keypoints = many(range(4))
    wild = refined(start, keypoints, RefinementConfig(rate=0.5)).hands
    assert sum(one.rejected for one in wild) > 0
    assert all(one.objective_after < one.objective_before for one in wild)


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_no_more_steps_than_allowed(limit: int) -> None:
    _, start, keypoints = many(range(2))
    answer = refined(start, keypoints, RefinementConfig(steps=limit))
    assert answer.steps == limit
    assert {one.steps for one in answer.hands} == {limit}
    assert answer.ms_per_step > 0


def test_more_steps_fit_better() -> None:
    _, start, keypoints = many(range(3))
    few = refined(start, keypoints, RefinementConfig(steps=3)).hands
    more = refined(start, keypoints, RefinementConfig(steps=40)).hands
    assert sum(a.objective_after for a in more) < 0.5 * sum(b.objective_after for b in few)


def test_hand_that_fits_already_is_returned_as_it_is() -> None:
    hand = make_hand("left", at=(0.05, 0.0, 0.5))
    (one,) = refined([hand], hand.joints_2d[None]).hands
    assert one.hand is hand
    assert one.steps == 0
    assert one.error_before_px == one.error_after_px < 0.01


def test_hand_without_evidence_is_returned_as_it_is() -> None:
    _, start, keypoints = many(range(2))
    confidence = np.array([[0.0] * 21, [1.0] * 21], np.float32)
    refiner = HandRefiner(hand_model(), FEW_STEPS)
    blind, seen = refiner.refine(start, keypoints, confidence, intrinsics()).hands
    assert blind.hand is start[0]
    assert blind.steps == 0
    assert seen.hand is not start[1]


def test_each_hand_is_refined_as_if_it_were_alone() -> None:
    _, start, keypoints = many(range(3))
    together = refined(start, keypoints, FEW_STEPS).hands
    for row, one in enumerate(together):
        (alone,) = refined(start[row : row + 1], keypoints[row : row + 1], FEW_STEPS).hands
        np.testing.assert_allclose(one.hand.joints_3d, alone.hand.joints_3d, atol=1e-4)


def test_a_keypoint_without_confidence_does_not_pull() -> None:
    _, start, keypoints = many(range(1))
    wrong = keypoints.copy()
    wrong[0, 8] += 200
    sure = SURE.copy()
    sure[0, 8] = 0
    refiner = HandRefiner(hand_model())
    (one,) = refiner.refine(start, wrong, sure, intrinsics()).hands
    others = np.arange(21) != 8
    away = np.linalg.norm(one.hand.joints_2d - keypoints[0], axis=1)
    assert away[others].mean() < 3
    assert away[8] < 50


def test_refined_shape_stays_within_three_deviations() -> None:
    _, start, keypoints = many(range(2))
    larger = keypoints.mean(1, keepdims=True) + 3 * (keypoints - keypoints.mean(1, keepdims=True))
    config = RefinementConfig(shape_rate=1.0, shape=0.0)
    for one in refined(start, larger.astype(np.float32), config).hands:
        assert np.abs(one.hand.betas).max() <= 3.0


def test_rest_of_the_hand_is_kept() -> None:
    _, (start,), keypoints = many(range(1))
    start = replace(start, track_id=7, albedo=np.full_like(start.vertices, 0.4))
    (one,) = refined([start], keypoints, FEW_STEPS).hands
    assert one.hand is not start
    assert (one.hand.track_id, one.hand.side, one.hand.score) == (7, start.side, start.score)
    assert one.hand.albedo is start.albedo
    np.testing.assert_array_equal(one.hand.transl, one.hand.joints_3d[0])


def test_joint_limits_hold_a_finger_back() -> None:
    straight = make_hand("right", curl=0.0)
    impossible = make_hand("right", curl=-0.8)
    keypoints = impossible.joints_2d[None]

    def bent_back(limits: float) -> float:
        config = RefinementConfig(limits=limits, keep=0.0)
        (one,) = refined([straight], keypoints, config).hands
        return one.objective_after

    assert bent_back(100.0) > bent_back(0.0) + 1.0


def test_model_without_joint_axes_is_refined_without_limits() -> None:
    plain: HandModel = replace(hand_model(), joint_axes=None, joint_limits=None)
    _, start, keypoints = many(range(1))
    (one,) = HandRefiner(plain, FEW_STEPS).refine(start, keypoints, SURE, intrinsics()).hands
    assert one.objective_after < one.objective_before


def test_foreground_term_moves_the_hand() -> None:
    _, start, keypoints = many(range(1))

    def wants_to_lie_left(vertices_2d: Tensor) -> Tensor:
        assert vertices_2d.shape == (1, hand_model().num_vertices, 2)
        return (vertices_2d[..., 0].mean(1) / 10).square()

    refiner = HandRefiner(hand_model(), FEW_STEPS)
    (plain,) = refiner.refine(start, keypoints, SURE, intrinsics()).hands
    (pulled,) = refiner.refine(
        start, keypoints, SURE, intrinsics(), foreground=wants_to_lie_left
    ).hands
    assert pulled.hand.joints_2d[:, 0].mean() < plain.hand.joints_2d[:, 0].mean() - 5
    assert pulled.objective_after < pulled.objective_before


def test_keypoints_that_are_asked_for_anew_change_the_answer() -> None:
    _, start, keypoints = many(range(2))
    rough = keypoints + np.random.default_rng(2).normal(0, 8, keypoints.shape).astype(np.float32)
    asked: list[HandStep] = []

    def halfway_to_the_truth(step: HandStep) -> Tensor:
        asked.append(step)
        return (step.keypoints_2d + torch.from_numpy(keypoints)[None]) / 2

    def run(refresh_every: int) -> Refinement:
        refiner = HandRefiner(hand_model(), RefinementConfig(steps=30, refresh_every=refresh_every))
        sure = np.ones((2, 21), np.float32)
        return refiner.refine(start, rough, sure, intrinsics(), refresh=halfway_to_the_truth)

    fixed = run(0)
    assert asked == []
    recursive = run(6)
    assert len(asked) == 4
    assert asked[0].joints_3d.shape == (1, 2, 21, 3)
    assert mean_px([one.hand for one in recursive.hands], keypoints) < mean_px(
        [one.hand for one in fixed.hands], keypoints
    )
    for one in recursive.hands:
        assert one.objective_after <= one.objective_before
    assert np.abs(recursive.hands[0].keypoints_2d - rough[0]).max() > 1


def test_keypoints_that_come_back_broken_are_not_taken() -> None:
    _, start, keypoints = many(range(1))
    refiner = HandRefiner(hand_model(), RefinementConfig(steps=12, refresh_every=5))

    def broken(step: HandStep) -> Tensor:
        return step.keypoints_2d * float("nan")

    (one,) = refiner.refine(start, keypoints, SURE, intrinsics(), refresh=broken).hands
    np.testing.assert_array_equal(one.keypoints_2d, keypoints[0])
    assert one.objective_after < one.objective_before


@pytest.mark.parametrize("name", ["keypoints_2d", "confidence", "K"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(name: str, value: float) -> None:
    _, start, keypoints = many(range(1))
    arrays = {"keypoints_2d": keypoints, "confidence": SURE.copy(), "K": intrinsics()}
    arrays[name].flat[0] = value
    with pytest.raises(ValueError, match=f"{name}: expected finite"):
        HandRefiner(hand_model()).refine(start, **arrays)


def test_hand_that_is_not_finite_is_refused() -> None:
    hand = make_hand()
    pose = hand.pose.copy()
    pose[3, 1, 1] = np.nan
    with pytest.raises(ValueError, match="hands: expected finite"):
        refined([replace(hand, pose=pose)], hand.joints_2d[None])


def test_arrays_of_another_count_are_refused() -> None:
    hand = make_hand()
    with pytest.raises(ValueError, match=r"keypoints_2d: expected \(1, 21, 2\)"):
        refined([hand], np.zeros((2, 21, 2), np.float32))


def test_no_hands_are_no_work() -> None:
    answer = refined([], np.zeros((0, 21, 2), np.float32))
    assert answer.hands == ()
    assert answer.steps == 0


def test_template_has_no_added_roughness_however_it_lies() -> None:
    roughness, template = AddedRoughness(hand_layer()), hand_layer().v_template
    turn = torch.from_numpy(rotmat_from_rotvec([0.3, -1.0, 0.5])).float()
    assert roughness((template @ turn.T + 0.3)[None]).item() == pytest.approx(0, abs=1e-6)


def test_a_spike_is_rough() -> None:
    roughness, template = AddedRoughness(hand_layer()), hand_layer().v_template
    spiked = template.clone()
    spiked[500] += 0.02
    values = roughness(torch.stack([template, spiked]))
    assert values[1] > values[0] + 1e-3
