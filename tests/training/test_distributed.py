"""Several processes that learn together, started as `torchrun` starts them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from core.errors import UsageError
from tests.networks import fresh_network
from tests.training.samples import (
    random_hands,
)
from tests.training.tiny_run import run_arguments
from training.distributed import (
    Ranks,
    SharedBatchNorm2d,
    mean_over_ranks,
    means_over_ranks,
    share_batch_norms,
)
from training.sources import parts_of, pictures_in
from training.stages import Layout
from training.synthetic.pool import save_chunk
from training.train import build_optimizer

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
TORCHRUN = ("torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m")


def command(*modules: str, arguments: list[str]) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", *modules, "tests.training.tiny_run", *arguments]


def learn(*modules: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run to the end; what `torchrun` started ends with it, whatever happens."""
    process = subprocess.Popen(
        command(*modules, arguments=arguments),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=200)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@pytest.fixture
def run(tmp_path: Path) -> list[str]:
    """Arguments of a run of four steps whose two parts have unlike numbers of hands."""
    return run_arguments(tmp_path, scenes=4, samples=16, batch=4, peer_timeout_s=60)


def log_of(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def state_of(folder: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(folder / "checkpoint.pt", weights_only=True)
    return state


def assert_learnt_the_same(state: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare gradients, by Adam's first moment, then weights and batch statistics.

    Adam makes a whole step of a gradient that is nothing but rounding (a bias before a batch norm),
    so weights are compared where there is a gradient.
    """
    network = fresh_network()
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    groups = build_optimizer(network).param_groups
    order = [names[id(parameter)] for group in groups for parameter in group["params"]]
    moments = expected["optimizer"]["state"]
    assert state["optimizer"]["state"].keys() == moments.keys()
    compared = apart = 0
    for index, entry in moments.items():
        moment, name = entry["exp_avg"], order[index]
        error = (state["optimizer"]["state"][index]["exp_avg"] - moment).abs().max()
        assert error <= 1e-3 * moment.abs().max() + 1e-5, name
        clear = moment.abs() > 1e-4
        change = (state["network"][name] - expected["network"][name])[clear].abs()
        compared += int(clear.sum())
        apart += int((change > 1e-6).sum())
    assert compared > 10_000
    assert apart <= 1e-3 * compared
    for name, value in network.named_buffers():
        if name in expected["network"] and value.is_floating_point():
            torch.testing.assert_close(state["network"][name], expected["network"][name], msg=name)


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_two_processes_learn_as_one_with_both_parts_of_the_batch(
    run: list[str], tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    alone = learn(arguments=[*run, f"--out={one}", "--parts=2"])
    assert alone.returncode == 0, alone.stderr
    together = learn(*TORCHRUN, arguments=[*run, f"--out={two}"])
    assert together.returncode == 0, together.stderr

    lines, expected_lines = log_of(two), log_of(one)
    assert [line["step"] for line in lines] == [1, 2, 3, 4]  # written once, not by each process
    for line, expected in zip(lines, expected_lines, strict=True):
        assert line.keys() == expected.keys()
        for name in expected.keys() - {"pictures_per_s"}:
            assert line[name] == pytest.approx(expected[name], rel=1e-5, abs=1e-6), name
    assert_learnt_the_same(state_of(two), state_of(one))
    card = json.loads((two / "tiny.json").read_text())
    assert card["samples"] == json.loads((one / "tiny.json").read_text())["samples"]


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_step_that_is_broken_in_one_process_is_skipped_in_all(
    run: list[str], tmp_path: Path
) -> None:
    scenes = random_hands(4, 2, 64, 64)
    joints = scenes.joints_3d.clone()
    joints[1::2] = float("nan")  # what the second process draws from
    (tmp_path / "broken").mkdir()
    save_chunk(replace(scenes, joints_3d=joints), tmp_path / "broken" / "pool-000000.safetensors")
    more = [f"--pool={tmp_path / 'broken'}", "--samples=4"]
    result = learn(*TORCHRUN, arguments=[*run, *more])
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("step 0: loss or gradient is not finite, skipped") >= 1
    state = state_of(tmp_path / "run")
    assert state["step"] == 1
    assert state["optimizer"]["state"] == {}
    assert all(torch.isfinite(value).all() for value in state["network"].values())


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_process_that_fails_ends_the_others_and_says_why(run: list[str], tmp_path: Path) -> None:
    (tmp_path / "data" / "real-train-001.tar").write_bytes(b"no tar" * 200)  # the second one's
    started = time.monotonic()
    result = learn(*TORCHRUN, arguments=run)
    assert result.returncode != 0
    assert "process 1 of 2: TRN-01: shard" in result.stderr
    assert "real-train-001.tar" in result.stderr
    assert time.monotonic() - started < 150
    assert not (tmp_path / "run").exists()


LONELY = """
import sys, time, torch
from core.errors import TrainingError
from training.distributed import leave, mean_over_ranks, process_group, ranks_of_environment
ranks = ranks_of_environment()
try:
    with process_group(ranks, torch.device("cpu"), 20):
        mean_over_ranks(torch.tensor(1.0))
    with process_group(ranks, torch.device("cpu"), 3):
        mean_over_ranks(torch.tensor(1.0))
        if ranks.rank == 1:
            print("joined", flush=True)
            time.sleep(60)
        mean_over_ranks(torch.tensor(1.0))
except TrainingError as error:
    print(error, file=sys.stderr)
    leave(1)
"""


@pytest.fixture
def pair(tmp_path: Path, unused_port: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes of which the second says "joined" and then nothing any more."""
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(unused_port)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", LONELY],
            cwd=ROOT,
            env={**ENVIRONMENT, **shared, "RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize("what", ["killed", "silent"])
def test_a_process_whose_peer_is_lost_ends_with_a_clear_word(
    what: str, pair: list[subprocess.Popen[str]]
) -> None:
    first, second = pair
    assert second.stdout is not None
    assert second.stdout.readline() == "joined\n"
    if what == "killed":
        second.send_signal(signal.SIGKILL)
    _, errors = first.communicate(timeout=60)
    assert first.returncode == 1
    assert errors.splitlines()[-1].startswith("TRN-06: process 0 of 2 lost the others")


def test_a_process_alone_needs_no_group() -> None:
    value = torch.tensor(3.0, requires_grad=True)
    assert mean_over_ranks(value).item() == 3
    assert not mean_over_ranks(value).requires_grad
    assert means_over_ranks({"a": value, "b": 2 * value}) == {"a": 3.0, "b": 6.0}


def test_shared_norms_keep_the_state_and_the_answer_of_those_they_replace() -> None:
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Sequential(nn.BatchNorm2d(4, eps=1e-3)))
    x = torch.randn(2, 3, 5, 5)
    plain(x)
    expected_state = {name: value.clone() for name, value in plain.state_dict().items()}
    expected = plain.eval()(x)
    share_batch_norms(plain, torch.device("cpu"))
    assert isinstance(plain[1][0], SharedBatchNorm2d)
    assert torch.equal(plain(x), expected)
    for name, value in plain.state_dict().items():
        assert torch.equal(value, expected_state[name]), name


def test_a_shared_norm_learns_as_the_plain_one() -> None:
    torch.manual_seed(0)
    plain = nn.BatchNorm2d(4, eps=1e-3, momentum=0.01)
    nn.init.uniform_(plain.weight, 0.5, 2)
    shared = SharedBatchNorm2d(4, eps=1e-3, momentum=0.01)
    shared.load_state_dict(plain.state_dict())
    x = 3 * torch.randn(4, 4, 8, 8) + 1
    goal = torch.randn_like(x)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    answers = [norm(value) for norm, value in zip((plain, shared), inputs, strict=True)]
    for answer in answers:
        (answer - goal).square().sum().backward()
    torch.testing.assert_close(answers[1], answers[0])
    torch.testing.assert_close(inputs[1].grad, inputs[0].grad, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(shared.weight.grad, plain.weight.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(shared.bias.grad, plain.bias.grad, rtol=1e-4, atol=1e-4)
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(shared.state_dict()[name], value)


@pytest.mark.parametrize("world", [1, 2, 3])
@pytest.mark.parametrize("each", [1, 2])
def test_parts_are_shared_out_evenly(world: int, each: int) -> None:
    made = [parts_of(Ranks(rank, world), world * each) for rank in range(world)]
    assert [total for _, total in made] == [world * each] * world
    assert sorted(part for own, _ in made for part in own) == list(range(world * each))


@pytest.mark.parametrize("parts", [0, 3, -2])
def test_parts_that_cannot_be_shared_evenly_are_refused(parts: int) -> None:
    with pytest.raises(UsageError, match="USE-03"):
        parts_of(Ranks(0, 2), parts)


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_each_part_has_as_many_pictures(parts: int) -> None:
    for layout in (Layout(96, 96), Layout(192, 256, share=0.25), Layout(32, 32, across=2)):
        assert pictures_in(layout, 64, parts) == pictures_in(layout, 64 // parts) * parts
