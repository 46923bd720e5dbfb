"""The benchmark of GPUs, rehearsed on a processor to its last line."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.assets import weights_path
from core.network import weights
from export import bench_gpu
from export.bench_gpu import main, pictures_of, time_engine
from export.roofline import Rates, Work, count_work, measure_rates
from tests.factories import intrinsics, make_frame, make_hand
from tests.fakes import ScriptedEngine
from tests.networks import TINY, lively_network, publish

CPU = torch.device("cpu")


def test_work_of_a_network_is_counted_by_hand() -> None:
    """A product of 1 x 6 by 6 x 4: 24 multiply-adds; weights, bias, picture and result once."""
    layer = nn.Linear(6, 4)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor]:
            return (self.layer(picture).relu(),)

    work = count_work(Net(), torch.zeros(1, 6))
    assert work.operations == 2 * 6 * 4
    assert work.least_bytes == 4 * (6 * 4 + 4 + 6 + 4)
    assert work.separate_bytes > work.least_bytes


def test_work_grows_with_the_picture_and_half_weights_halve_the_least() -> None:
    network = lively_network()
    small = count_work(network, torch.zeros(1, 3, 64, 96, dtype=torch.uint8))
    large = count_work(network, torch.zeros(1, 3, 128, 192, dtype=torch.uint8))
    assert 2 < large.operations / small.operations < 4.2
    assert large.separate_bytes > 2 * small.separate_bytes


def test_limit_is_the_slower_of_computing_and_moving() -> None:
    rates = Rates(operations=1e12, bytes=1e11)
    assert rates.limit_ms(Work(10**9, 10**6, 0)) == pytest.approx(1.0)
    assert rates.limit_ms(Work(10**6, 10**9, 0)) == pytest.approx(10.0)


def test_rates_of_this_processor_are_those_of_a_processor() -> None:
    rates = measure_rates(CPU, torch.float32, 256, 1 << 22)
    assert 1e8 < rates.operations < 1e14
    assert 1e8 < rates.bytes < 1e13


@pytest.mark.parametrize("size", [(480, 640), (720, 1280), (640, 480)])
def test_one_picture_shows_one_hand_and_the_other_shows_it_eight_times(
    size: tuple[int, int],
) -> None:
    hand = make_hand(at=(0.1, 0.05, 0.6), K=intrinsics(size[1], size[0]))
    frame = make_frame(width=size[1], height=size[0])
    single, eight = pictures_of(size, ScriptedEngine([[hand]], frame=frame, input_size=size))
    assert single.shape == eight.shape == (*size, 3)
    side = min(size[0] // 2, size[1] // 4)
    patch = single[:side, :side]
    assert patch.std() > 5
    assert (single[side:] == 90).all() and (single[:, side:] == 90).all()
    for row in range(2):
        for column in range(4):
            y, x = row * size[0] // 2, column * size[1] // 4
            np.testing.assert_array_equal(eight[y : y + side, x : x + side], patch)


def test_median_and_mean_are_of_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting:
        runs = repeats = 0

        def run(self, image: np.ndarray) -> object:
            self.runs += 1
            return type("Raw", (), {"score": np.array([0.9, 0.31, 0.2])})

        def repeat_network(self, count: int) -> None:
            self.repeats += count

    engine = Counting()
    (timing,) = time_engine("counting", engine, [np.zeros((2, 2, 3), np.uint8)], 7)
    assert (engine.runs, engine.repeats) == (17, 17)
    assert timing.hands == 2


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_rehearsal_on_a_processor_reaches_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(weights, "LITE", TINY)
    path = publish(tmp_path, lively_network().state_dict())
    out = tmp_path / "report.json"
    caplog.set_level(logging.INFO)
    given = ["--device", "cpu", "--frames", "2", "--aspect", "4x3", "--weights", str(path)]
    assert main([*given, "--out", str(out)]) == 0
    report = json.loads(out.read_text())
    assert report["device"] == "CPU (rehearsal)"
    names = [timing["engine"] for timing in report["timings"]]
    assert names == ["torch FP32, eager"] * 2 + ["torch FP16, CUDA graph"] * 2
    assert report["work"]["operations"] > 1e7
    assert report["roofline_ms"] > 0
    assert "TensorRT FP16" in report["not_measured"]
    assert "times the roofline" in caplog.messages[-1]


def test_machine_without_a_gpu_is_told_how_to_rehearse(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bench_gpu.torch.cuda, "is_available", lambda: False)
    assert main([]) == 2
    assert "--device cpu rehearses" in caplog.messages[-1]


def test_missing_weights_are_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert main(["--device", "cpu", "--weights", str(tmp_path / "absent.safetensors")]) == 2
    assert caplog.messages[-1].startswith("MDL-01")
    assert weights_path("lite", "safetensors").name == "lite.safetensors"
