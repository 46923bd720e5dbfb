import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("openvino", reason="the extra openvino is not installed")

from core.engines import openvino as module
from core.engines.agreement import compare
from core.engines.base import RawHands
from core.engines.onnx import OnnxEngine
from core.engines.openvino import OpenVinoEngine, has_bf16
from tests.core.engines.networks import SIZE, write_network
from tests.networks import TINY, exported_network, noise_picture


def engine_of(path: Path, size: tuple[int, int] = SIZE) -> OpenVinoEngine:
    return OpenVinoEngine(path, size, "abc", threads=1)


def test_description_names_library_device_precision_and_weights(tmp_path: Path) -> None:
    path = write_network(tmp_path / "n.onnx")
    for precision in ("fp32", "bf16", "int8"):
        engine = OpenVinoEngine(path, SIZE, "abc", precision=precision, threads=1)
        description = engine.describe()
        assert (description.name, description.precision) == ("openvino", precision)
        assert description.detail.startswith("OpenVINO 20")
        assert description.weights_sha256 == "abc"
        assert engine.input_size == SIZE


def test_what_a_graph_has_in_fp32_stays_in_fp32() -> None:
    """Row 22: left to itself OpenVINO rounds to bf16 wherever the processor has it."""
    assert module._settings(1, None)["INFERENCE_PRECISION_HINT"] == "f32"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("network") / "tiny.onnx"
    path.write_bytes(exported_network().data)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("size", TINY.input_sizes)
def test_hands_are_those_of_onnx_runtime(tiny: Path, size: tuple[int, int]) -> None:
    ours, theirs = engine_of(tiny, size), OnnxEngine(tiny, size, "", threads=1)
    for seed in range(3):
        picture = noise_picture(*size, seed=seed)
        picture.setflags(write=False)
        raw, expected = ours.run(picture), theirs.run(picture)
        for item in fields(RawHands):
            a, b = getattr(raw, item.name), getattr(expected, item.name)
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=2e-3, err_msg=item.name)
        assert compare(expected, raw).missed == 0


@pytest.mark.slow
def test_hands_of_an_earlier_picture_stay_as_they_were(tiny: Path) -> None:
    engine = engine_of(tiny)
    first = engine.run(noise_picture(*SIZE, seed=0))
    kept = first.vertices.copy()
    second = engine.run(noise_picture(*SIZE, seed=1))
    assert not np.array_equal(second.vertices, kept)
    np.testing.assert_array_equal(first.vertices, kept)


@pytest.mark.slow
def test_compiled_network_is_kept_and_a_damaged_one_is_made_anew(
    tiny: Path, tmp_path: Path
) -> None:
    picture = noise_picture(*SIZE)

    def run() -> np.ndarray:
        return OpenVinoEngine(tiny, SIZE, "", threads=1, cache_folder=tmp_path).run(picture).score

    expected = run()
    blobs = list(tmp_path.iterdir())
    assert len(blobs) == 1
    np.testing.assert_array_equal(run(), expected)
    for data in (b"", b"not a network", blobs[0].read_bytes()[:-5000]):
        blobs[0].chmod(0o600)
        blobs[0].write_bytes(data)
        np.testing.assert_allclose(run(), expected, rtol=1e-5)


@pytest.mark.slow
def test_bf16_finds_nearly_the_same(tiny: Path) -> None:
    if not has_bf16():
        pytest.skip("this processor does not compute in bf16")
    picture = noise_picture(*SIZE)
    exact = engine_of(tiny).run(picture)
    rough = OpenVinoEngine(tiny, SIZE, "", precision="bf16", threads=1).run(picture)
    assert not np.array_equal(rough.vertices, exact.vertices)
    np.testing.assert_allclose(rough.score, exact.score, atol=0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_signal_is_heard_after_engines_were_closed(tmp_path: Path) -> None:
    """Row 44: a library's freed stack for signal handlers once killed the process."""
    path = write_network(tmp_path / "n.onnx")
    program = (
        "import signal, sys\n"
        "from pathlib import Path\n"
        "from core.engines.openvino import OpenVinoEngine\n"
        "signal.signal(signal.SIGTERM, lambda number, frame: print('heard'))\n"
        f"engines = [OpenVinoEngine(Path({str(path)!r}), {SIZE}, '') for _ in range(2)]\n"
        "for _ in range(2):\n"
        "    engines.pop(0).close()\n"
        "    signal.raise_signal(signal.SIGTERM)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (0, ["heard", "heard"])


def test_openvino_tells_nobody_that_it_was_imported() -> None:
    """Row 71: nothing leaves the machine; the library's own telemetry is replaced by its stub."""
    program = (
        "import core.engines.openvino, threading\n"
        "from openvino.tools.ovc import telemetry_utils\n"
        "print(telemetry_utils.tm.__name__, threading.active_count())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["openvino.tools.ovc.telemetry_stub", "1"]
