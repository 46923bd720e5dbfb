"""Whole runs of the trainer, on a network and data small enough for that."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from core.assets import hand_model_path
from core.errors import TrainingError, UsageError
from core.network import weights as network_weights
from core.network.config import FULL, LITE
from core.network.weights import load_network
from tests.networks import TINY, fresh_network, hand_layer
from tests.training.datasets.miniatures import some_hand, write_freihand
from tests.training.samples import random_hands, write_data_folder, write_tar
from training import train as trainer
from training.batch import TrainingBatch
from training.checkpoints import WeightAverage
from training.self_augment import SelfAugmentConfig, TripletBank
from training.stages import Layout, LossWeights, StageConfig
from training.synthetic.pool import save_chunk
from training.train import build_network, imagenet_checkpoint, parse_arguments, train
from training.triplets import TripletConfig

LAYOUTS = (Layout(64, 64), Layout(32, 32, across=2, share=0.5))
STAGES = (
    StageConfig("geometry", 0.5, (1e-3, 5e-4), layouts=LAYOUTS),
    StageConfig(
        "appearance", 0.5, (5e-4, 1e-4), layouts=LAYOUTS, weights=LossWeights(albedo=1, light=0.1)
    ),
)


def save_scenes(folder: Path, scenes: TrainingBatch) -> Path:
    folder.mkdir()
    save_chunk(scenes, folder / "pool-000000.safetensors")
    return folder


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Arguments of a run of four steps with two pictures each."""
    monkeypatch.setitem(trainer.PROFILES, "tiny", TINY)
    monkeypatch.setattr(network_weights, "LITE", TINY)
    backbone = tmp_path / "backbone.pt"
    torch.save(fresh_network().backbone.state_dict(), backbone)
    scenes = random_hands(3, 2, 64, 64)
    arguments = {
        "data": write_data_folder(tmp_path / "data"),
        "pool": save_scenes(tmp_path / "pool", scenes),
        "backbone": backbone,
        "hand": hand_model_path(),
        "out": tmp_path / "run",
        "profile": "tiny",
        "samples": 8,
        "batch": 2,
        "device": "cpu",
        "log-every": 1,
    }
    with torch.random.fork_rng():
        yield [*(f"--{name}={value}" for name, value in arguments.items()), "--fp32"]


def log_of(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def state_of(folder: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(folder / "checkpoint.pt", weights_only=True)
    return state


def learnt_moments(folder: Path) -> dict[str, dict[str, Tensor]]:
    """Return what the optimizer knows of each parameter, by its name."""
    optimizer = state_of(folder)["optimizer"]
    return {
        name: optimizer["state"][index]
        for group in optimizer["param_groups"]
        for name, index in zip(group["param_names"], group["params"], strict=True)
        if index in optimizer["state"]
    }


def test_a_run_leaves_a_log_a_checkpoint_and_weights_that_load(
    tiny: list[str], tmp_path: Path
) -> None:
    train(parse_arguments(tiny), STAGES)
    run = tmp_path / "run"
    lines = log_of(run)
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    for line in lines:
        assert {"loss", "lr", "grad_norm", "reprojection", "centre"} <= set(line)
        assert all(value == value and abs(value) < 1e6 for value in line.values())
        assert line["loss"] > 0
        assert line["pictures_per_s"] > 0
    state = state_of(run)
    assert state["step"] == 4
    network = load_network(run / "tiny.safetensors", hand_layer())
    for name, value in network.state_dict().items():
        average = state["average"][name]
        assert torch.equal(
            value, average.half().float() if average.is_floating_point() else average
        )
    card = json.loads((run / "tiny.json").read_text())
    assert card["steps"] == 4
    assert card["samples"] == 2 + 8 + 2 + 8  # tiles are pictures too
    assert [stage["name"] for stage in card["stages"]] == ["geometry", "appearance"]
    assert not list(run.glob(".*"))


def test_heatmaps_come_first_where_they_are_asked_for(tiny: list[str], tmp_path: Path) -> None:
    train(parse_arguments([*tiny, "--heatmap-prior"]), STAGES)
    network = load_network(tmp_path / "run" / "tiny.safetensors", hand_layer())
    assert network.prior is not None
    with pytest.raises(TrainingError, match=r"TRN-03.*prior"):
        train(parse_arguments(tiny), STAGES)


class Killed(Exception):
    """Ends a run in a step."""


def test_triplets_fill_a_bank_that_outlives_a_kill(
    tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anything = SelfAugmentConfig(
        warm_up=0.1, full_at=0.5, capacity=6, every=1, seeds=2, min_confidence=0.0,
        min_label_confidence=0.0,
        max_error=1e6, limit_slack_deg=1e6, max_collision_m=1e6, skin=(-1e6, 1e6),
        lit=(-1e6, 1e6), triplets=TripletConfig(height=48, width=48),
    )  # fmt: skip
    monkeypatch.setattr(trainer, "TripletBank", partial(TripletBank, config=anything))
    stages = (StageConfig("all", 1.0, (1e-3, 1e-4), layouts=LAYOUTS[:1], triplet_share=0.5),)
    arguments = [*tiny, "--samples=24", "--save-every-s=0"]
    train(parse_arguments(arguments), stages)
    whole = log_of(tmp_path / "run")
    assert whole[0]["triplets"] == 0
    assert whole[-1]["triplets"] == 6
    add = trainer.RunLog.add

    def add_or_die(log: trainer.RunLog, step: int, values: dict[str, float]) -> None:
        add(log, step, values)
        if step == 8:
            raise Killed

    monkeypatch.setattr(trainer.RunLog, "add", add_or_die)
    killed = [*arguments, f"--out={tmp_path / 'killed'}"]
    with pytest.raises(Killed):
        train(parse_arguments(killed), stages)
    assert len(state_of(tmp_path / "killed")["bank"]["image"]) > 0
    monkeypatch.setattr(trainer.RunLog, "add", add)
    train(parse_arguments(killed), stages)
    resumed = log_of(tmp_path / "killed")[-4:]
    for line, expected in zip(resumed, whole[-4:], strict=True):
        for name in line.keys() - {"pictures_per_s"}:
            assert line[name] == pytest.approx(expected[name], rel=1e-6), name


def test_an_official_data_set_is_learnt_from_beside_the_shards(
    tiny: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_freihand(tmp_path / "freihand", [some_hand(1)])
    named = [*tiny, f"--dataset=freihand={folder}"]
    with caplog.at_level(logging.INFO):
        train(parse_arguments(named), STAGES)
    assert "pictures of freihand, 0 skipped" in caplog.text
    with pytest.raises(UsageError, match="USE-03"):
        train(parse_arguments([*named, "--shards-held=1"]), STAGES)
    with pytest.raises(SystemExit):
        parse_arguments([*tiny, "--dataset=imagenet=there"])


def test_terms_switch_on_at_stage_borders_and_the_log_shows_it(
    tiny: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        train(parse_arguments(tiny), STAGES)
    assert "step 0: stage geometry" in caplog.text
    assert "step 2: stage appearance" in caplog.text
    lines = log_of(tmp_path / "run")
    assert ["albedo" in line for line in lines] == [False, False, True, True]
    assert ["light" in line for line in lines] == [False, False, True, True]


def test_a_killed_run_resumes_to_the_same_next_step(
    tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(parse_arguments(tiny), STAGES)
    whole = log_of(tmp_path / "run"), state_of(tmp_path / "run")
    cut = parse_arguments([*tiny, f"--out={tmp_path / 'cut'}", "--save-every-s=-1"])
    calls = []

    def killed_at_the_third(terms: dict[str, Tensor], weights: LossWeights) -> Tensor:
        calls.append(weights)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return total_loss(terms, weights)

    total_loss = trainer.total_loss
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(trainer, "total_loss", killed_at_the_third)
        train(cut, STAGES)
    assert state_of(tmp_path / "cut")["step"] == 2
    train(cut, STAGES)

    lines = log_of(tmp_path / "cut")
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    for line, expected in zip(lines, whole[0], strict=True):
        for name in set(expected) - {"pictures_per_s"}:
            assert line[name] == expected[name], (line["step"], name)
    for name, value in state_of(tmp_path / "cut")["network"].items():
        assert torch.equal(value, whole[1]["network"][name]), name


def test_a_finished_run_started_again_does_nothing(tiny: list[str], tmp_path: Path) -> None:
    train(parse_arguments(tiny), STAGES)
    before = state_of(tmp_path / "run")["network"]
    train(parse_arguments(tiny), STAGES)
    assert len(log_of(tmp_path / "run")) == 4
    for name, value in state_of(tmp_path / "run")["network"].items():
        assert torch.equal(value, before[name]), name


@pytest.fixture
def broken(tiny: list[str], tmp_path: Path) -> list[str]:
    """Arguments of a run whose scenes have joints that are no numbers."""
    scenes = random_hands(3, 2, 64, 64)
    scenes = replace(scenes, joints_3d=torch.full_like(scenes.joints_3d, float("nan")))
    return [*tiny, f"--pool={save_scenes(tmp_path / 'broken', scenes)}"]


def test_a_step_whose_gradient_is_not_finite_is_skipped(
    broken: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    arguments = parse_arguments([*broken, "--samples=2"])
    train(arguments, STAGES)
    assert "step 0: loss or gradient is not finite, skipped" in caplog.text
    torch.manual_seed(arguments.seed)
    model = trainer.load_hand_model(arguments.hand)
    start = dict(build_network(arguments, model).named_parameters())
    state = state_of(tmp_path / "run")
    assert state["step"] == 1
    for name, parameter in start.items():
        assert torch.equal(state["network"][name], parameter), name


def test_too_many_broken_steps_in_a_row_end_the_run(
    broken: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(TrainingError) as caught:
        train(parse_arguments([*broken, "--samples=60"]), STAGES[:1])
    assert caught.value.code == "TRN-04"
    assert caplog.text.count("is not finite, skipped") == 20


def test_batch_statistics_of_a_broken_step_do_not_stay() -> None:
    network = fresh_network().train()
    average = WeightAverage(network, 0.9)
    with torch.no_grad():
        network.backbone(torch.full((1, 3, 64, 64), float("nan")))
    assert not torch.isfinite(network.backbone._bn0.running_mean).all()
    average.heal(network)
    average.update(network, 0)
    for name, value in average.state.items():
        assert torch.isfinite(value).all(), name
        assert torch.isfinite(network.state_dict()[name]).all(), name


def test_a_checkpoint_of_another_network_is_refused_with_the_differences(
    tiny: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    train(parse_arguments(tiny), STAGES)
    monkeypatch.setitem(trainer.PROFILES, "tiny", replace(TINY, row_hidden=20))
    with pytest.raises(TrainingError) as caught:
        train(parse_arguments(tiny), STAGES)
    assert caught.value.code == "TRN-03"
    assert "hand_feature" in caught.value.cause


@pytest.mark.parametrize(("before", "after"), [(1, 0), (0, 1)])
def test_a_run_goes_on_with_other_frozen_blocks(
    before: int, after: int, tiny: list[str], tmp_path: Path
) -> None:
    train(parse_arguments([*tiny, f"--freeze-blocks={before}"]), STAGES)
    first = learnt_moments(tmp_path / "run")
    train(parse_arguments([*tiny, "--samples=16", f"--freeze-blocks={after}"]), STAGES)
    second = learnt_moments(tmp_path / "run")
    stem = "backbone._conv_stem.weight"
    assert (stem in first, stem in second) == (before == 0, after == 0)
    deeper = "backbone._blocks.1._bn0.weight"
    for name in ("centre.out.bias", deeper):
        assert [int(moments[name]["step"]) for moments in (first, second)] == [4, 8], name
    if after == 0:
        assert int(second[stem]["step"]) == 4


def test_batch_norms_keep_what_they_have_where_a_stage_says_so(
    tiny: list[str], tmp_path: Path
) -> None:
    held = (STAGES[0], replace(STAGES[1], hold_norms=True))
    train(parse_arguments([*tiny, "--samples=4"]), (replace(STAGES[0], share=1.0),))
    after_first = state_of(tmp_path / "run")["network"]
    train(parse_arguments(tiny), held)
    state = state_of(tmp_path / "run")
    assert state["step"] == 4
    for name, value in after_first.items():
        if "running_" in name or "num_batches" in name:
            assert torch.equal(state["network"][name], value), name
    assert not torch.equal(state["network"]["centre.out.bias"], after_first["centre.out.bias"])


def test_an_optimizer_of_another_kind_is_refused(tiny: list[str], tmp_path: Path) -> None:
    train(parse_arguments(tiny), STAGES)
    path = tmp_path / "run" / "checkpoint.pt"
    state = state_of(tmp_path / "run")
    state["optimizer"]["param_groups"] = state["optimizer"]["param_groups"][:2]
    torch.save(state, path)
    with pytest.raises(TrainingError) as caught:
        train(parse_arguments(tiny), STAGES)
    assert caught.value.code == "TRN-03"


@pytest.mark.parametrize("missing", ["data", "pool", "samples"])
def test_data_that_is_missing_is_one_line_and_status_2(
    missing: str,
    tiny: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    if missing == "samples":
        write_tar(empty / "real-train-000.tar", {})
    option = f"--{'pool' if missing == 'pool' else 'data'}={empty}"
    monkeypatch.setattr("sys.argv", ["train", *tiny, option])
    assert trainer.main() == 2
    assert caplog.messages[-1].startswith("TRN-01")
    assert not (tmp_path / "run").exists()


def test_each_profile_asks_for_the_weights_of_its_own_backbone() -> None:
    for config, number in ((LITE, 0), (FULL, 2)):
        network: Any = SimpleNamespace(config=config)
        try:
            found = imagenet_checkpoint(network).name
        except TrainingError as error:
            assert error.code == "TRN-01"
            found = error.cause
        assert f"lite{number}" in found.lower()
