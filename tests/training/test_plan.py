"""The dry run says what a run would do and leaves no trace."""

import io
from pathlib import Path

import pytest
import torch
from rich.console import Console

from core.assets import hand_model_path
from core.errors import TrainingError
from tests.networks import TINY, fresh_network
from tests.training.samples import random_hands, write_data_folder
from tests.training.tiny_run import STAGES
from training import train as trainer
from training.plan import show_plan
from training.synthetic.pool import save_chunk
from training.train import parse_arguments, train


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments of a run of ten steps with two pictures each."""
    monkeypatch.setitem(trainer.PROFILES, "tiny", TINY)
    torch.save(fresh_network().backbone.state_dict(), tmp_path / "backbone.pt")
    (tmp_path / "pool").mkdir()
    save_chunk(random_hands(3, 2, 64, 64), tmp_path / "pool" / "pool-000000.safetensors")
    arguments = {
        "data": write_data_folder(tmp_path / "data"), "pool": tmp_path / "pool",
        "backbone": tmp_path / "backbone.pt", "hand": hand_model_path(), "out": tmp_path / "run",
        "profile": "tiny", "samples": 20, "batch": 2, "device": "cpu",
    }  # fmt: skip
    return [*(f"--{name}={value}" for name, value in arguments.items()), "--fp32"]


def plan_of(arguments: list[str]) -> str:
    text = io.StringIO()
    with torch.random.fork_rng():
        show_plan(parse_arguments(arguments), STAGES, Console(file=text, width=160))
    return text.getvalue()


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_plan_names_stages_data_size_and_time_and_writes_nothing(
    tiny: list[str], tmp_path: Path
) -> None:
    before = files_in(tmp_path)
    plan = plan_of(tiny)
    rows = [line for line in plan.splitlines() if "geometry" in line or "appearance" in line]
    assert "0.001 to 0.0005" in rows[0]
    assert "reprojection 8" in plan
    assert "│ 5 " in rows[1]
    assert "albedo 1, light 0.1" in rows[1]
    assert "reprojection" not in rows[1]  # only what changes
    assert "3 real pictures with 3 hands" in plan
    assert "3 synthetic scenes with 6 hands" in plan
    assert "backgrounds: 1" in plan
    parameters = sum(p.numel() for p in fresh_network().parameters())
    assert f"network tiny: {parameters / 1e6:.2f} M parameters" in plan
    assert "step of 1 x 64 x 64 px tiles: " in plan
    assert "step of 4 x 32 x 32 px tiles: " in plan
    assert "steps: 10, of which 0 are done; time left: 0 h 00 min" in plan
    assert files_in(tmp_path) == before
    assert not (tmp_path / "run").exists()


def test_the_plan_of_a_run_that_goes_on_counts_what_is_done(
    tiny: list[str], tmp_path: Path
) -> None:
    with torch.random.fork_rng():
        train(parse_arguments([*tiny, "--samples=4"]), STAGES)
    before = files_in(tmp_path)
    assert "steps: 10, of which 2 are done" in plan_of(tiny)
    assert files_in(tmp_path) == before


def test_the_plan_of_shards_read_a_few_at_a_time_says_so(tiny: list[str]) -> None:
    plan = plan_of([*tiny, "--shards-held=1"])
    assert "1 shards of real pictures, 1 of them at a time" in plan


def test_a_plan_without_data_is_refused_as_the_run_would_be(
    tiny: list[str], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainingError, match="TRN-01"):
        plan_of([*tiny, f"--data={tmp_path / 'empty'}"])
