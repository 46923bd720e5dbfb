"""A run that is killed outright goes on as if nothing had happened."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
import torch

from tests.networks import TINY
from tests.training.test_distributed import ENVIRONMENT, ROOT, command
from tests.training.tiny_run import STAGES, run_arguments
from training import train as trainer
from training.train import parse_arguments, train

STEPS = 20


def log_of(folder: Path) -> list[dict[str, float]]:
    """Whole lines of the log; the last one of a killed process may be cut."""
    text = (folder / "log.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize("more", [[], ["--shards-held=1", "--window-steps=7"]])
def test_a_run_killed_in_a_step_goes_on_to_the_same_losses(
    more: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = {"samples": 2 * STEPS, "batch": 2, "save_every_s": 0}
    arguments = [*run_arguments(tmp_path, scenes=3, **steps), *more]
    process = subprocess.Popen(
        command(arguments=arguments), cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    log = tmp_path / "run" / "log.jsonl"
    try:
        while process.poll() is None and not (log.exists() and len(log_of(log.parent)) >= 4):
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL
    passed = len(log_of(log.parent))
    assert 4 <= passed < STEPS
    saved = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)["step"]
    assert passed - 2 <= saved <= passed

    monkeypatch.setitem(trainer.PROFILES, "tiny", TINY)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng():
        log.unlink()
        rare = ["--save-every-s=1e9"]
        train(parse_arguments([*arguments, *rare]), STAGES)
        train(parse_arguments([*arguments, *rare, f"--out={tmp_path / 'whole'}"]), STAGES)
    torch.set_num_threads(threads)
    whole = {int(line["step"]): line for line in log_of(tmp_path / "whole")}
    resumed = log_of(tmp_path / "run")
    assert [line["step"] for line in resumed] == list(range(saved + 1, STEPS + 1))
    for line in resumed:
        for name in line.keys() - {"pictures_per_s"}:
            assert line[name] == pytest.approx(whole[int(line["step"])][name], rel=1e-6), name
    state, expected = (
        torch.load(tmp_path / run / "checkpoint.pt", weights_only=True) for run in ("run", "whole")
    )
    for name, value in expected["network"].items():
        torch.testing.assert_close(state["network"][name], value, rtol=1e-6, atol=1e-7, msg=name)
