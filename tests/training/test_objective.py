from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor

from core.network.network import HandNetwork
from core.rotations import rot6d_from_rotmat
from core.topology import MODEL_JOINT_NAMES
from tests.factories import hand_model
from tests.networks import fresh_network, lively_network
from tests.training.rendered import drawn
from tests.training.samples import random_hands
from training.augment import Draw
from training.batch import TrainingBatch
from training.objective import METRICS, Objective, total_loss
from training.open_hand.pose_prior import pose_from_angles
from training.pairs import HandPairs
from training.stages import LossWeights, StageConfig

TRUTH_3D = {"joints_3d", "rotation", "shape", "vertices", "albedo", "light"}
NEW = ("articulation", "consistency", "centre_consistency", "multi_consistency", "foreground",
       "silhouette", "photometric", "laplacian")  # fmt: skip
#: Everything on, and every labelled hand's picture terms count.
STAGE = StageConfig(
    "test",
    1.0,
    (1e-3, 1e-3),
    weights=LossWeights(albedo=1, light=1, **dict.fromkeys(NEW, 1.0)),
    jitter=0,
    gate_tau=None,
)


def terms_of(
    batch: TrainingBatch, stage: StageConfig = STAGE, network: HandNetwork | None = None
) -> dict[str, Tensor]:
    objective = Objective(network or fresh_network(), hand_model())
    pairs = None if len(batch) < 2 else twice()
    return objective(batch, stage, Draw(torch.Generator().manual_seed(0)), pairs)


def losses_of(batch: TrainingBatch, stage: StageConfig = STAGE) -> dict[str, Tensor]:
    return {name: value for name, value in terms_of(batch, stage).items() if name not in METRICS}


def twice() -> HandPairs:
    """As if the first hand of both pictures were the same."""
    return HandPairs(torch.tensor([[0, 0]]), torch.tensor([[1, 0]]), torch.eye(3)[None])


def small_batch(seed: int = 0) -> TrainingBatch:
    return drawn(random_hands(2, 2, 64, 64, seed))


def with_hint(batch: TrainingBatch) -> TrainingBatch:
    return replace(batch, hint_3d=batch.joints_3d, has_hint=torch.ones_like(batch.has_3d))


def test_there_is_a_weight_for_every_term_and_a_term_for_every_weight() -> None:
    terms = terms_of(with_hint(small_batch()))
    assert set(terms) == {field.name for field in fields(LossWeights)} | set(METRICS)
    assert all(value.ndim == 0 and torch.isfinite(value) for value in terms.values())


def test_full_supervision_reaches_the_pose_the_shape_and_the_skin() -> None:
    network = lively_network()
    objective = Objective(network, hand_model())
    terms = objective(small_batch(), STAGE, Draw(torch.Generator().manual_seed(0)), twice())
    assert all(terms[name] > 0 for name in TRUTH_3D)
    pose_rows = network.regressor.estimate[-1].weight
    geometry = ("joints_3d", "vertices", "rotation", "reprojection", "bone_direction", *NEW)
    for name in set(geometry) - {"foreground"}:
        (gradient,) = torch.autograd.grad(terms[name], pose_rows, retain_graph=True)
        assert torch.isfinite(gradient).all(), name
        assert gradient[:96].abs().max() > 0, name
    for name in ("albedo", "light", "photometric"):
        (gradient,) = torch.autograd.grad(
            terms[name], network.appearance.out.weight, retain_graph=True
        )
        assert gradient.abs().max() > 0, name
    (gradient,) = torch.autograd.grad(terms["foreground"], network.hand_feature.weight)
    assert gradient.abs().max() > 0


def test_weak_labels_go_the_same_way_and_weigh_nothing_in_3d() -> None:
    batch = small_batch()
    weak = replace(batch, has_3d=torch.zeros_like(batch.has_3d))
    full, less = losses_of(batch), losses_of(weak)
    assert set(full) == set(less)
    for name, value in less.items():
        if name in TRUTH_3D:
            assert value == 0, name
        elif name == "articulation":
            assert 0 < value < full[name]  # its 2D part
        else:
            torch.testing.assert_close(value, full[name], msg=name)


def test_true_joints_teach_without_a_pose_of_this_hand_model() -> None:
    batch = small_batch()
    foreign = replace(batch, has_3d=torch.zeros_like(batch.has_3d), has_joints=batch.has_3d)
    full, joints = losses_of(batch), losses_of(foreign)
    for name in ("joints_3d", "articulation"):
        torch.testing.assert_close(joints[name], full[name], msg=name)
    for name in TRUTH_3D - {"joints_3d"}:
        assert joints[name] == 0, name
    off = losses_of(foreign, replace(STAGE, full_supervision=False))
    assert off["joints_3d"] == 0


def test_one_switch_turns_full_supervision_off() -> None:
    batch = with_hint(small_batch())
    stage = replace(STAGE, full_supervision=False)
    unlabelled = replace(batch, has_3d=torch.zeros_like(batch.has_3d))
    weak, absent = losses_of(batch, stage), losses_of(unlabelled)
    assert set(absent) - set(weak) == {"albedo", "light"}
    for name, value in weak.items():
        if name == "hint_direction":
            assert value == 0
        else:
            torch.testing.assert_close(value, absent[name], msg=name)


def test_pictures_without_hands_cost_only_what_they_claim_to_see() -> None:
    batch = with_hint(small_batch())
    empty = replace(batch, valid=torch.zeros_like(batch.valid))
    objective = Objective(fresh_network(), hand_model())
    terms = objective(empty, STAGE, Draw(torch.Generator().manual_seed(0)), twice())
    dense = {"centre", "side", "heatmap"}
    for name, value in terms.items():
        assert torch.isfinite(value), name
        if name in METRICS:
            continue
        assert (value > 0) if name in dense else (value == 0), name
    total_loss(terms, STAGE.weights).backward()
    for name, parameter in objective.network.named_parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all(), name


def test_empty_slots_change_nothing() -> None:
    batch = with_hint(small_batch())
    alone = losses_of(batch)
    wild = with_hint(small_batch(seed=8))
    slots = {}
    for entry in fields(TrainingBatch):
        value = getattr(batch, entry.name)
        if value is not None and entry.name not in ("image", "ignore_xyxy", "hand_index"):
            slots[entry.name] = torch.cat([value, getattr(wild, entry.name)], 1)
    slots["valid"] = torch.cat([batch.valid, torch.zeros_like(wild.valid)], 1)
    padded = losses_of(replace(batch, **slots))
    for name, value in alone.items():
        torch.testing.assert_close(padded[name], value, msg=name)


def test_terms_of_a_stage_that_are_switched_off_are_not_computed_or_not_counted() -> None:
    stage = replace(STAGE, weights=LossWeights(heatmap=0, albedo=0, light=0))
    terms = terms_of(small_batch(), stage)
    assert {"heatmap", "albedo", "light", *NEW}.isdisjoint(terms)
    weights = LossWeights(**{field.name: 0.0 for field in fields(LossWeights)})
    weights = replace(weights, joints_3d=2.0, shape=0.5)
    expected = 2 * terms["joints_3d"] + 0.5 * terms["shape"]
    torch.testing.assert_close(total_loss(terms, weights), expected)


@pytest.mark.parametrize("side", [0, 1])
def test_joint_limits_are_those_of_the_hands_own_axes_on_both_sides(side: int) -> None:
    model = hand_model()
    assert model.joint_axes is not None
    assert model.joint_limits is not None
    axes = torch.from_numpy(model.joint_axes[1:].copy())
    limits = torch.from_numpy(model.joint_limits[1:].copy())
    joint = MODEL_JOINT_NAMES.index("middle_2") - 1
    batch = replace(random_hands(1, 1, 64, 64), side=torch.tensor([[side]]))
    objective = Objective(fresh_network(), model)
    features = objective.network.features(batch.image)
    evidence = objective.network.look(features, torch.zeros(1, 1, dtype=torch.long))
    rows = objective.network.read(features, evidence, batch.side == 0)

    def prior(flexion: float) -> float:
        angles = torch.zeros(15, 3)
        angles[joint, 0] = flexion
        pose = torch.cat([torch.eye(3)[None], pose_from_angles(angles, axes)])
        step = rows.steps[-1]._replace(rot6d=rot6d_from_rotmat(pose)[None, None])
        return objective._mesh_terms(step, batch)["joint_limits"].item()

    low, high = limits[joint, 0].tolist()
    assert prior(0.5 * high) == pytest.approx(0, abs=1e-6)
    assert prior(high + 0.3) == pytest.approx(0.3 / 45, rel=1e-3)
    assert prior(low - 0.2) == pytest.approx(0.2 / 45, rel=1e-3)


def test_the_truth_has_no_error_of_mesh_or_limits() -> None:
    batch = random_hands(1, 2, 64, 64)
    objective = Objective(fresh_network(), hand_model())
    features = objective.network.features(batch.image)
    cells = torch.zeros(1, 2, dtype=torch.long)
    evidence = objective.network.look(features, cells)
    rows = objective.network.read(features, evidence, batch.side == 0)
    truth = rows.steps[-1]._replace(rot6d=rot6d_from_rotmat(batch.pose), betas=batch.betas)
    terms = objective._mesh_terms(truth, batch)
    assert terms["vertices"].item() == pytest.approx(0, abs=1e-4)
    assert terms["shape_prior"].item() == pytest.approx(batch.betas.square().mean().item())


def test_the_gates_share_is_logged_and_grows_with_tau() -> None:
    shares = [
        terms_of(small_batch(), replace(STAGE, gate_tau=tau))["gate_share"].item()
        for tau in (1e-3, 0.4, 50.0, None)
    ]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert shares[2] == shares[3] == 1


def test_a_closed_gate_silences_mask_and_photometric_terms_alone() -> None:
    batch = small_batch()
    closed, opened = losses_of(batch, replace(STAGE, gate_tau=0.0)), losses_of(batch)
    for name, value in closed.items():
        if name in ("silhouette", "photometric"):
            assert value == 0
            assert opened[name] > 0
        else:
            torch.testing.assert_close(value, opened[name], msg=name)


def test_the_hardest_pictures_alone_are_learnt_from() -> None:
    batch = drawn(random_hands(4, 1, 64, 64, seed=5))
    weights = LossWeights(photometric=1.0)
    stage = replace(STAGE, weights=weights, hard_share=0.5)
    network = fresh_network().eval()
    whole = terms_of(batch, replace(stage, hard_share=1.0), network)
    hard = terms_of(batch, stage, network)
    assert total_loss(hard, weights) > total_loss(whole, weights)
    # Of two equal pictures twice, the harder pair is that of one picture.
    rows = torch.tensor([0, 0, 1, 1])
    doubled = terms_of(batch.rows(rows), stage, network)
    single = [
        total_loss(terms_of(batch.rows(rows[i : i + 2]), stage, network), weights) for i in (0, 2)
    ]
    # Each picture alone is its own mean over confidences; all confidences are equal here.
    torch.testing.assert_close(
        total_loss(doubled, weights), torch.stack(single).max(), rtol=1e-3, atol=1e-3
    )


def test_an_orthographic_stage_projects_by_scale_and_shift() -> None:
    batch = replace(small_batch(), keypoint_confidence=torch.ones(2, 2, 21))
    network = lively_network()
    perspective = terms_of(batch, STAGE, network)
    flat = terms_of(batch, replace(STAGE, orthographic=True), network)
    for name in ("reprojection", "bone_direction", "consistency", "silhouette", "photometric"):
        assert torch.isfinite(flat[name])
        assert flat[name] != perspective[name], name
    torch.testing.assert_close(flat["refined"], perspective["refined"])


def test_half_precision_leaves_points_and_outlines_where_they_are() -> None:
    batch, network = small_batch(), lively_network().eval()
    exact = terms_of(batch, STAGE, network)
    with torch.autocast("cpu", torch.bfloat16):
        rough = terms_of(batch, STAGE, network)
    total_loss(rough, STAGE.weights).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all(), name
    for name in ("silhouette", "multi_consistency", "articulation", "laplacian"):
        torch.testing.assert_close(rough[name], exact[name], rtol=0.1, atol=0.02, msg=name)


def test_masked_pictures_leave_no_trace_in_the_running_statistics() -> None:
    batch, with_it, without = small_batch(), fresh_network().train(), fresh_network().train()
    weights = replace(STAGE.weights, foreground=0.0)
    terms_of(batch, STAGE, with_it)
    terms_of(batch, replace(STAGE, weights=weights), without)
    for (name, value), (_, other) in zip(
        with_it.named_buffers(), without.named_buffers(), strict=True
    ):
        if "num_batches" not in name:
            torch.testing.assert_close(value, other, msg=name)
    assert with_it.backbone._bn0.momentum == without.backbone._bn0.momentum > 0
