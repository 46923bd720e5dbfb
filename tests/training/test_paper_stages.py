"""The papers' four stages in the trainer: what switches on where, on a tiny network."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.assets import hand_model_path
from tests.networks import TINY, fresh_network
from tests.training.rendered import close_up
from tests.training.samples import fan, jpeg, label_of, random_hands, sample_files, write_tar
from training import train as trainer
from training.stages import PAPER_STAGES, Layout, weakly_supervised
from training.synthetic.pool import save_chunk
from training.train import parse_arguments, train

STAGES = tuple(replace(stage, layouts=(Layout(64, 64),), share=0.25) for stage in PAPER_STAGES)


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Eight steps, two per stage, of six pictures each."""
    monkeypatch.setitem(trainer.PROFILES, "tiny", TINY)
    data, pool = tmp_path / "data", tmp_path / "pool"
    data.mkdir()
    pool.mkdir()
    files = sample_files("one", [label_of(fan(12, 4, 40), "right")])
    files |= sample_files("two", [label_of(fan(14, 6, 38), "left")])
    write_tar(data / "real-train-000.tar", files)
    write_tar(data / "backgrounds-000.tar", {"room.jpg": jpeg(64, 64)})
    scenes = close_up(random_hands(6, 1, 96, 96, seed=1), share=0.6)
    save_chunk(scenes, pool / "pool-000000.safetensors")
    backbone = tmp_path / "backbone.pt"
    torch.save(fresh_network().backbone.state_dict(), backbone)
    named = {
        "data": data, "pool": pool, "backbone": backbone, "hand": hand_model_path(),
        "out": tmp_path / "run", "profile": "tiny", "samples": 48, "batch": 6, "device": "cpu",
        "log-every": 1,
    }  # fmt: skip
    return [*(f"--{name}={value}" for name, value in named.items()), "--fp32"]


def log_of(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.slow
def test_losses_switch_on_at_the_borders_of_a_to_d(
    arguments: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with torch.random.fork_rng(), caplog.at_level(logging.INFO):
        train(parse_arguments(arguments), STAGES)
    for step, stage in zip((0, 2, 4, 6), STAGES, strict=True):
        assert f"step {step}: stage {stage.name}" in caplog.text
    lines = log_of(tmp_path / "run")
    assert len(lines) == 8

    def on(name: str) -> str:
        return "".join("x" if name in line else "-" for line in lines)

    assert on("consistency") == on("gate_share") == "xxxxxxxx"
    assert on("multi_consistency") == "----xxxx"
    for name in ("photometric", "silhouette", "laplacian", "psnr", "foreground_variance"):
        assert on(name) == "--xx--xx", name
    assert any(line.get("multi_consistency", 0) > 0 for line in lines)
    assert any(line["joints_3d"] > 0 for line in lines)
    assert all(value == value for line in lines for value in line.values())


@pytest.mark.slow
def test_weak_supervision_runs_the_same_way_without_any_3d_term(
    arguments: list[str], tmp_path: Path
) -> None:
    with torch.random.fork_rng():
        train(parse_arguments(arguments), weakly_supervised(STAGES))
    lines = log_of(tmp_path / "run")
    assert len(lines) == 8
    for line in lines:
        for name in ("joints_3d", "vertices", "rotation", "shape", "hint_direction"):
            assert line.get(name, 0) == 0, name
        assert line["reprojection"] > 0


def test_the_command_line_offers_both_plans_and_the_one_switch() -> None:
    plain = parse_arguments(["--data", "d", "--out", "o"])
    assert (plain.stages, plain.weak) == ("short", False)
    asked = parse_arguments(["--data", "d", "--out", "o", "--stages", "papers", "--weak"])
    assert (asked.stages, asked.weak) == ("papers", True)
