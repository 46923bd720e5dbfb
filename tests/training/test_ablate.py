"""Arms of the ablation: one switch each, all run on a tiny network, and their table."""

import functools
import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from core.assets import hand_model_path
from tests.factories import hand_model
from tests.networks import TINY, fresh_network, lively_network
from tests.training.rendered import drawn
from tests.training.samples import random_hands, write_data_folder
from training import losses
from training import train as trainer
from training.ablate import Ablation, judged_batches, main, run_arms, without_held_out
from training.arms import ARMS, Arm, fit_network, switched
from training.arrange import ArrangeConfig
from training.augment import Draw
from training.batch import TrainingBatch, concatenate
from training.compose import ComposeConfig
from training.measure import Judged, measure
from training.objective import Objective
from training.pairs import HandPairs, composed_pictures
from training.sources import MadeBatch, Part, Sources
from training.stages import PAPER_STAGES, LossWeights, StageConfig
from training.synthetic.pool import save_chunk
from training.targets import dense_targets
from training.warp import PicturePool

SIDE = 64
COMPOSE = ComposeConfig(hand_count_weights=(0, 0.5, 0.5), arrange=ArrangeConfig((24.0, 40.0)))


@functools.cache
def pool() -> PicturePool:
    return PicturePool(drawn(random_hands(8, 1, 160, 160, seed=3)), torch.full((8, 2), 160.0))


@functools.cache
def pictures(seed: int, count: int = 4) -> tuple[TrainingBatch, HandPairs]:
    """Single hands followed by composed ones."""
    single = drawn(random_hands(count, 1, SIDE, SIDE, seed))
    back = torch.full((1, 3, SIDE, SIDE), 80, dtype=torch.uint8)
    draw = Draw(torch.Generator().manual_seed(seed))
    more, pairs = composed_pictures(pool(), back, 3, SIDE, SIDE, draw, COMPOSE)
    return concatenate(single, more), pairs.after(count)


def make(step: int, stage: StageConfig) -> MadeBatch:
    batch, pairs = pictures(step, 2)
    return MadeBatch(batch, Draw(torch.Generator().manual_seed(step)), pairs)


def ablation(folder: Path) -> Ablation:
    judged = Judged((pictures(99, 2),), refined_hands=1)
    return Ablation(2, folder, hand_model(), fresh_network, make, judged)


@pytest.mark.slow
def test_every_arm_runs_and_has_a_row_and_a_stopped_run_goes_on(tmp_path: Path) -> None:
    run_arms(ablation(tmp_path), ARMS[:2])
    first = (tmp_path / "whole.json").stat().st_mtime_ns
    quick = tuple(replace(arm, testing_steps=min(arm.testing_steps, 2)) for arm in ARMS)
    results = run_arms(ablation(tmp_path), quick)
    assert (tmp_path / "whole.json").stat().st_mtime_ns == first
    table = (tmp_path / "table.md").read_text()
    for arm in ARMS:
        assert f"| {arm.name} |" in table
        assert results[arm.name]["figures"]["joints_px"] > 0
    written = json.loads((tmp_path / "table.json").read_text())
    assert list(written["arms"]) == [arm.name for arm in ARMS]
    named = {"pa_mpjpe_mm", "joints_px", "consistency", "multi_consistency", "psnr", "gate_share"}
    assert named <= set(written["arms"]["whole"])
    # What differs at test time alone is learnt once.
    assert results["testing-refinement-10"]["learnt_as"] == "whole"
    assert results["pose-only"]["learnt_as"] == "pose-only"


def test_each_arm_differs_from_the_whole_method_in_one_switch() -> None:
    whole = ARMS[0]
    assert whole == Arm("whole")
    for arm in ARMS[1:]:
        changed = [f.name for f in fields(Arm) if getattr(arm, f.name) != getattr(whole, f.name)]
        assert len(changed) == 2, arm.name  # its name and its switch
    switches = {f.name for f in fields(Arm)} - {"name"}
    turned = {
        name for arm in ARMS for name in switches if getattr(arm, name) != getattr(whole, name)
    }
    assert turned == switches


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: arm.name)
def test_an_arms_switch_changes_the_stages_or_the_network_or_the_test(arm: Arm) -> None:
    stages = tuple(switched(stage, arm) for stage in PAPER_STAGES)
    network, plain = (fresh_network(replace(TINY, steps=3)) for _ in range(2))
    fit_network(network, arm)
    inside = network.config != plain.config or any(
        not torch.equal(a, b) for a, b in zip(network.parameters(), plain.parameters(), strict=True)
    )
    at_test = arm.testing_steps != 50 or not arm.self_augmentation
    assert (stages != PAPER_STAGES or inside or at_test) == (arm.name != "whole")


def test_switches_turn_off_what_they_name() -> None:
    last = PAPER_STAGES[-1]

    def weights(**off: bool) -> LossWeights:
        return switched(last, Arm("x", **off)).weights  # type: ignore[arg-type]

    assert weights(shape_losses=False).silhouette == 0
    assert weights(consistency=False).consistency == 0
    assert weights(consistency=False).multi_consistency == last.weights.multi_consistency > 0
    assert weights(multi_consistency=False).multi_consistency == 0
    assert weights(appearance=False).photometric == 0
    assert weights(appearance=False).silhouette == last.weights.silhouette > 0
    assert weights(losses_2d=False).window == 0
    assert weights(losses_2d=False).reprojection > 0
    assert switched(last, Arm("x", gate=False)).gate_tau is None
    assert not switched(last, Arm("x", full_supervision=False)).full_supervision
    assert switched(last, Arm("x", augmentation=False)).augment.turn_deg == 0


def test_without_the_refiner_keypoints_stay_those_of_the_window() -> None:
    network = lively_network()
    fit_network(network, Arm("x", refiner=False, estimator_steps=1))
    batch = random_hands(2, 1, SIDE, SIDE)
    features = network.features(batch.image)
    evidence = network.look(features, torch.zeros(2, 1, dtype=torch.long))
    rows = network.read(features, evidence, batch.side == 0)
    assert len(rows.steps) == 1
    torch.testing.assert_close(rows.steps[-1].keypoints_2d, rows.window_2d)
    assert not network.regressor.refine[-1].weight.requires_grad


def test_errors_are_those_of_the_predicted_hands() -> None:
    network = lively_network()
    batch = random_hands(1, 1, SIDE, SIDE)
    objective = Objective(network, hand_model())
    figures = measure(objective, hand_model(), Judged(((batch, None),)), 0)
    with torch.no_grad():
        features = network.features(batch.image)
        cells = dense_targets(batch, network.config.stride).cells
        rows = network.read(features, network.look(features, cells), batch.side == 0)
        step = rows.steps[-1]
        projected = losses.reproject(
            step.joints_3d, step.middle_mcp_2d, step.pixels_per_metre, batch.K
        )
    expected = (projected - batch.keypoints_2d).norm(dim=-1).mean().item()
    assert figures["joints_px"] == pytest.approx(expected, rel=1e-3)
    direct = (step.keypoints_2d - batch.keypoints_2d).norm(dim=-1).mean().item()
    assert figures["keypoints_px"] == pytest.approx(direct, rel=1e-4)
    own = step.joints_3d - step.joints_3d[:, :, 9:10]
    true = batch.joints_3d - batch.joints_3d[:, :, 9:10]
    mm = 1e3 * (own - true).norm(dim=-1).mean().item()
    assert figures["mpjpe_mm"] == pytest.approx(mm, rel=1e-3)


@pytest.mark.slow
def test_the_command_reads_the_trainers_data_and_goes_on_with_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(trainer.PROFILES, "tiny", TINY)
    backbone = tmp_path / "backbone.pt"
    torch.save(fresh_network().backbone.state_dict(), backbone)
    scenes = tmp_path / "pool"
    scenes.mkdir()
    save_chunk(random_hands(12, 1, 96, 96, seed=1), scenes / "pool-000000.safetensors")
    data = write_data_folder(tmp_path / "data")
    arguments = [
        "--budget=2", f"--out={tmp_path / 'out'}", "--arms", "whole", "no-testing-refinement",
        f"--data={data}", f"--pool={scenes}", f"--backbone={backbone}",
        f"--hand={hand_model_path()}", "--profile=tiny", "--batch=2", "--device=cpu",
    ]  # fmt: skip
    with torch.random.fork_rng():
        assert main(arguments) == 0
        table = json.loads((tmp_path / "out" / "table.json").read_text())
        assert main(arguments) == 0
    assert list(table["arms"]) == ["whole", "no-testing-refinement"]
    assert table == json.loads((tmp_path / "out" / "table.json").read_text())
    whole = json.loads((tmp_path / "out" / "whole.json").read_text())
    assert [entry["step"] for entry in whole["history"]] == [0, 1]
    assert all(value["pa_mpjpe_mm"] > 0 for value in table["arms"].values())
    (data / "real-train-000.tar").unlink()
    assert main([*arguments, f"--out={tmp_path / 'other'}"]) == 2  # a fault has a code


def test_a_pools_last_scenes_are_kept_for_judging() -> None:
    labels = random_hands(30, 1, 32, 32)
    pool = PicturePool(labels, torch.full((30, 2), 32.0))
    sources = Sources((Part(0, pool, pool),), 1, torch.zeros(1, 3, 32, 32, dtype=torch.uint8))
    kept = without_held_out(sources).parts[0].scenes
    assert isinstance(kept, PicturePool)
    judged = judged_batches(sources, Path("nowhere"), 1).batches
    assert len(kept) + len(judged[0][0]) == 30
    assert torch.equal(judged[0][0].betas[:, 0], labels.betas[len(kept) :, 0])
