"""How fast this machine's GPU runs the network, and how far that is from its physical limit.

    python -m export.bench_gpu --profile lite --aspect 16x9 --out report.json

Torch operation by operation in FP32, torch in FP16 as one CUDA graph, and TensorRT where an engine
was built; on a picture with one hand and on one with eight. "whole" is from a picture in the
computer's memory to hands there, "network" from the picture in the GPU's memory to meshes in it.
Beside it the roofline: the least time that the network's operations and bytes need at the rates
that were measured on the same device. With --device cpu everything runs on the processor instead,
as a rehearsal: its numbers say nothing of a GPU.
"""

import argparse
import dataclasses
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch

from core.assets import demo_clip_path, hand_model_path, weights_path
from core.atomic import write_atomically
from core.engines.aspects import PICTURE_SIZES
from core.engines.base import Engine, EngineDescription, RawHands
from core.engines.gpu import open_built
from core.engines.machine import NoGpu
from core.engines.pictures import clip_pictures
from core.engines.torch_cuda import TorchCudaEngine
from core.errors import ManyHandsError, OutputError, told
from core.network.network import HandNetwork
from core.network.picture import PictureNetwork
from core.network.precision import HalfProducts
from core.preprocess import choose_input_size
from core.timing import now_ns
from core.types import UInt8
from export.roofline import Rates, Work, count_work, measure_rates
from export.to_onnx import load_deployable

log = logging.getLogger(__name__)

_WARM_UP: Final = 10
_IS_HAND: Final = 0.3
_GREY: Final = 90
#: Sizes of the measured product and copy: large on a GPU, small where it only rehearses.
_GPU_SIDE, _GPU_COPY = 8192, 1 << 30
_CPU_SIDE, _CPU_COPY = 768, 1 << 26


@dataclass(frozen=True, slots=True)
class Timing:
    """What one engine took for one picture.

    Attributes:
        engine: its name.
        hands: that it found.
        whole_ms: median, from a picture in the computer's memory to hands there.
        network_ms: mean, within the device's memory; None where the engine has no such way.
    """

    engine: str
    hands: int
    whole_ms: float
    network_ms: float | None


class EagerEngine:
    """Torch in FP32, operation by operation: what the others are compared with."""

    def __init__(self, module: PictureNetwork, size: tuple[int, int], device: torch.device) -> None:
        """Bring the network to the device."""
        self.input_size = size
        self._device = device
        self._module = module.to(device).eval()
        self._picture = torch.zeros((*size, 3), dtype=torch.uint8, device=device)

    def run(self, image: UInt8) -> RawHands:
        """Find hands in image (height, width, 3) uint8 RGB."""
        with torch.inference_mode():
            self._picture.copy_(torch.from_numpy(image.copy()))  # frames are read-only
            found = self._module(self._picture)
            return RawHands(*(value.cpu().numpy() for value in found))

    def describe(self) -> EngineDescription:
        """Say what runs."""
        return EngineDescription("torch", f"PyTorch {torch.__version__}, eager", "fp32", "")

    def close(self) -> None:
        """Free nothing: it goes with its network."""

    def repeat_network(self, count: int) -> None:
        """Run the network on the last picture."""
        with torch.inference_mode():
            for _ in range(count):
                self._module(self._picture)
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)


def time_engine(name: str, engine: Any, pictures: Sequence[UInt8], frames: int) -> list[Timing]:
    """Time an engine on each picture."""
    timings = []
    for picture in pictures:
        for _ in range(_WARM_UP):
            raw = engine.run(picture)
        times = []
        for _ in range(frames):
            start_ns = now_ns()
            engine.run(picture)
            times.append(now_ns() - start_ns)
        engine.repeat_network(_WARM_UP)
        start_ns = now_ns()
        engine.repeat_network(frames)
        network_ms = (now_ns() - start_ns) / frames / 1e6
        hands = int((raw.score >= _IS_HAND).sum())
        timings.append(Timing(name, hands, float(np.median(times)) / 1e6, network_ms))
        log.info("%s", line_of(timings[-1]))
    return timings


def line_of(timing: Timing) -> str:
    """Return a timing as a line of the table."""
    network = "-" if timing.network_ms is None else f"{timing.network_ms:.3f}"
    return (
        f"{timing.engine:<26}{timing.hands:>3} hands  "
        f"whole {timing.whole_ms:8.3f} ms   network {network:>8} ms"
    )


def pictures_of(size: tuple[int, int], engine: Engine) -> tuple[UInt8, UInt8]:
    """Return a picture with one hand of the demo clip, and one that shows it eight times.

    Args:
        size: (height, width) px.
        engine: finds the hand; takes whole pictures of this size.

    Raises:
        SourceError: the clip is missing or cannot be read.
    """
    frame = clip_pictures(demo_clip_path(), size, 4)[-1]
    found = engine.run(frame)
    points = found.keypoints_2d[int(found.score.argmax())]
    half = 0.75 * np.ptp(points, axis=0).max()
    low = np.clip((points.min(0) + points.max(0)) / 2 - half, 0, np.array(size)[::-1] - 2)
    left, top = low.astype(int)
    hand = frame[top : top + int(2 * half) + 2, left : left + int(2 * half) + 2]
    single, eight = (np.full((*size, 3), _GREY, np.uint8) for _ in range(2))
    height, width = size
    side = min(height // 2, width // 4)
    small = cv2.resize(hand, (side, side), interpolation=cv2.INTER_AREA)
    single[:side, :side] = small
    for row in range(2):
        for column in range(4):
            y, x = row * height // 2, column * width // 4
            eight[y : y + side, x : x + side] = small
    return single, eight


def measure(
    network: HandNetwork, profile: str, aspect: str, device: torch.device, frames: int
) -> dict[str, Any]:
    """Time every engine and return the report."""
    size = PICTURE_SIZES[aspect]
    input_size = choose_input_size(*size, network.config.input_sizes)
    on_gpu = device.type == "cuda"
    work, rates = limits(network, size, input_size, device)
    report: dict[str, Any] = {
        "device": torch.cuda.get_device_name(device) if on_gpu else "CPU (rehearsal)",
        "torch": torch.__version__,
        "profile": profile,
        "picture": size,
        "input": input_size,
        "work": dataclasses.asdict(work),
        "rates": dataclasses.asdict(rates),
        "roofline_ms": rates.limit_ms(work),
        "timings": [],
        "not_measured": {},
    }
    log.info(
        "%.2f G operations, at least %.1f MB: the limit is %.3f ms",
        work.operations / 1e9, work.least_bytes / 1e6, report["roofline_ms"],
    )  # fmt: skip
    eager = EagerEngine(PictureNetwork(network, size, input_size), size, device)
    pictures = pictures_of(size, eager)
    openers: dict[str, Callable[[], Any]] = {
        "torch FP32, eager": lambda: eager,
        "torch FP16, CUDA graph": lambda: TorchCudaEngine(network, size, input_size, device=device),
        "TensorRT FP16": lambda: open_built(profile, aspect),
    }
    for name, opener in openers.items():
        try:
            timings = time_engine(name, opener(), pictures, frames)
        except (ManyHandsError, NoGpu, RuntimeError) as error:
            report["not_measured"][name] = str(error)
            log.info("%-26s not measured: %s", name, error)
            continue
        report["timings"] += [dataclasses.asdict(timing) for timing in timings]
    _conclude(report)
    return report


def limits(
    network: HandNetwork, size: tuple[int, int], input_size: tuple[int, int], device: torch.device
) -> tuple[Work, Rates]:
    """Count the network's work in FP16, and measure what the device can do."""
    module = HalfProducts(PictureNetwork(network, size, input_size), "cpu")
    work = count_work(module, torch.zeros((*size, 3), dtype=torch.uint8))
    on_gpu = device.type == "cuda"
    dtype = torch.float16 if on_gpu else torch.float32
    side, copied = (_GPU_SIDE, _GPU_COPY) if on_gpu else (_CPU_SIDE, _CPU_COPY)
    return work, measure_rates(device, dtype, side, copied)


def _conclude(report: dict[str, Any]) -> None:
    """Say how much faster the fastest is than eager FP32, and how far from the limit."""
    by_engine: dict[str, float] = {}
    for timing in report["timings"]:
        time_ms = timing["network_ms"] or timing["whole_ms"]
        by_engine[timing["engine"]] = min(time_ms, by_engine.get(timing["engine"], time_ms))
    if not by_engine:
        return
    fastest = min(by_engine, key=lambda name: by_engine[name])
    eager = by_engine.get("torch FP32, eager", float("nan"))
    report["fastest"] = fastest
    report["times_faster_than_eager"] = eager / by_engine[fastest]
    report["times_the_roofline"] = by_engine[fastest] / report["roofline_ms"]
    log.info(
        "fastest: %s, %.1f times eager FP32, %.1f times the roofline",
        fastest, report["times_faster_than_eager"], report["times_the_roofline"],
    )  # fmt: skip


@told
def main(arguments: list[str] | None = None) -> int:
    """Measure and report; a fault is one line with a code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profile", choices=("lite", "full"), default="lite")
    parser.add_argument("--weights", type=Path, help="published .safetensors; default: the shipped")
    parser.add_argument("--aspect", choices=PICTURE_SIZES, default="16x9")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--out", type=Path, help="write the report as JSON")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    if given.device == "cuda" and not torch.cuda.is_available():
        log.error("torch %s sees no GPU; --device cpu rehearses", torch.__version__)
        return 2
    weights = given.weights or weights_path(given.profile, "safetensors")
    network = load_deployable(weights, hand_model_path())
    device = torch.device(given.device)
    report = measure(network, given.profile, given.aspect, device, given.frames)
    if given.out is not None:
        _write(report, given.out)
    return 0


def _write(report: dict[str, Any], path: Path) -> None:
    try:
        write_atomically((json.dumps(report, indent=2) + "\n").encode(), path)
    except OSError as error:
        raise OutputError("OUT-01", f"{path} cannot be written ({error.strerror})", "") from error


if __name__ == "__main__":
    raise SystemExit(main())
