"""Building an engine: for real with TensorRT-RTX, which needs no GPU, and every way to fail."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace

import onnx
import pytest

from core.engines.build_lines import BuildProgress, BuiltEngine, done_line, parse_line
from core.engines.kernels import read_kernels
from core.engines.machine import NoGpu
from core.engines.manifest import EngineKey, read_engine, read_manifest
from core.errors import EngineError, ManyHandsError, OutputError
from core.network import weights
from core.network.network import NetworkOutput
from export import build_trt, serialise
from export.build_trt import BuildOrder, Cancellation, build
from tests.fake_cuda import GPU
from tests.networks import TINY, exported_fixed, lively_network, publish

pytestmark = pytest.mark.timeout(400)  # the first export of a run takes long on a busy machine

PICTURE = (480, 640)


def rtx() -> object:
    return pytest.importorskip("tensorrt_rtx", reason="TensorRT-RTX is not installed")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Published weights of the tiny network, taken for the profile "lite"."""
    config = replace(TINY, profile="lite")
    monkeypatch.setattr(weights, "LITE", config)
    path = publish(tmp_path, lively_network().state_dict())
    card = json.loads(path.with_suffix(".json").read_text())
    card["profile"] = card["network"]["profile"] = "lite"
    path.with_suffix(".json").write_text(json.dumps({**card, "onnx_sha256": "ef" * 32}))
    return path


@pytest.fixture
def order(tiny: Path, tmp_path: Path) -> BuildOrder:
    from core.assets import hand_model_path

    return BuildOrder(tiny, hand_model_path(), "lite", "4x3", tmp_path / "cache", "8.6")


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph was traced before, once for all tests."""
    graph = exported_fixed("fp16").data
    monkeypatch.setattr(
        build_trt, "export_fixed", lambda network, spec: onnx.load_from_string(graph)
    )


def code_of(call: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(ManyHandsError) as caught:
        call(*arguments)
    return f"{caught.value.code} {caught.value.cause}"


class Lines:
    """Hears what a build says; may cancel it at a share of the way."""

    def __init__(self, cancellation: Cancellation | None = None, cancel_at: int = 101) -> None:
        self.told: list[str] = []
        self._cancellation, self._cancel_at = cancellation, cancel_at

    def __call__(self, line: str) -> None:
        self.told.append(line)
        said = parse_line(line)
        assert said is not None  # every line can be parsed by the parent
        if isinstance(said, BuildProgress) and said.percent >= self._cancel_at:
            assert self._cancellation is not None
            self._cancellation.requested = True

    @property
    def percents(self) -> list[int]:
        said = map(parse_line, self.told)
        return [line.percent for line in said if isinstance(line, BuildProgress)]


@pytest.mark.slow
def test_real_engine_is_built_without_a_gpu(order: BuildOrder, traced: None) -> None:
    """A whole build: progress, an engine of plausible size, its manifest, and nothing else."""
    rtx()
    lines = Lines()
    path = build(order, lines, Cancellation())
    assert path == order.cache / "engines/lite-4x3.engine"
    manifest, is_whole = read_manifest(path)
    assert is_whole
    data, _ = read_engine(path, manifest.key)
    assert len(data) == manifest.engine_bytes == path.stat().st_size
    weights_bytes = order.weights.stat().st_size
    assert weights_bytes < len(data) < weights_bytes + 20_000_000
    assert manifest.key.library == "tensorrt_rtx"
    assert manifest.key.library_version.count(".") == 3
    assert manifest.key.picture_size == PICTURE
    assert manifest.key.compute_capability == "8.6"
    assert manifest.build_seconds > 0
    assert "not for this machine" in manifest.parity
    assert sorted(lines.percents) == lines.percents
    assert lines.percents[-1] >= 98
    assert {p.name for p in path.parent.iterdir()} == {"lite-4x3.engine", "lite-4x3.engine.json"}


@pytest.mark.slow
def test_real_library_reads_every_input_and_output() -> None:
    library = rtx()
    network = library.Builder(library.Logger()).create_network(0)
    assert library.OnnxParser(network, library.Logger()).parse(exported_fixed("fp16").data)
    picture = network.get_input(0)
    assert (network.num_inputs, picture.name, tuple(picture.shape)) == (1, "picture", (*PICTURE, 3))
    outputs = [network.get_output(index) for index in range(network.num_outputs)]
    assert [output.name for output in outputs] == list(NetworkOutput._fields)
    assert {output.dtype for output in outputs} == {library.DataType.FLOAT}
    assert all(min(output.shape) > 0 for output in outputs)


@pytest.mark.slow
def test_real_library_without_a_driver_gives_none_and_no_crash(tmp_path: Path) -> None:
    """Row 16: deserialising returns None, and the engine says why in words."""
    library = rtx()
    from core.engines.machine import find_gpu
    from core.engines.tensorrt import TensorRtEngine
    from tests.built_engines import manifest_of

    try:
        find_gpu()
    except NoGpu:
        pass
    else:
        pytest.skip("this machine has a GPU")
    from core.engines.cuda import CudaContext
    from tests.fake_cuda import FakeDriver

    driver = FakeDriver()
    with pytest.raises(EngineError) as caught:
        TensorRtEngine(b"\0" * 64, manifest_of(b""), library, lambda: CudaContext(lambda: driver))
    assert "refuses the engine" in caught.value.cause
    assert driver.retained == 0


@pytest.mark.slow
def test_real_build_that_is_cancelled_leaves_nothing(order: BuildOrder, traced: None) -> None:
    """Row 21."""
    rtx()
    cancellation = Cancellation()
    with pytest.raises(serialise.Cancelled):
        build(order, Lines(cancellation, cancel_at=55), cancellation)
    assert not (order.cache / "engines").exists()


@pytest.mark.slow
def test_graph_that_is_none_is_refused_by_the_real_library() -> None:
    library = rtx()
    found = code_of(serialise.serialise, library, b"no graph", "SM86", lambda fraction: True)
    assert found.startswith("ENG-06")
    assert "cannot read the graph" in found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_child_that_is_told_to_end_ends_in_order(tmp_path: Path, number: int) -> None:
    """Row 21: as the window cancels it."""
    rtx()
    command = [sys.executable, "-m", "export.build_trt", "--cache", str(tmp_path)]
    command += ["--compute-capability", "8.6"]
    root = Path(build_trt.__file__).parents[1]
    child = subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert child.stdout is not None
    first = parse_line(child.stdout.readline())
    assert isinstance(first, BuildProgress)
    child.send_signal(number)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 130
    assert errors.strip() == "cancelled"
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
@pytest.mark.parametrize("catches", [Exception, BaseException])
def test_library_that_catches_the_cancellation_does_not_hide_it(
    order: BuildOrder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    catches: type[BaseException],
) -> None:
    """Row 21: torch wraps what is raised while it traces."""

    def traces(network: object, spec: object) -> object:
        try:
            signal.raise_signal(signal.SIGTERM)
        except catches as error:
            raise RuntimeError("failed to export the model") from error
        raise AssertionError("the signal was not heard")

    monkeypatch.setattr(build_trt, "export_fixed", traces)
    monkeypatch.setattr(build_trt, "installed_library", lambda: "tensorrt_rtx")
    monkeypatch.setattr(build_trt, "load_library", lambda name: None)
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        given = ["--weights", str(order.weights), "--cache", str(order.cache)]
        assert build_trt.main([*given, "--compute-capability", "8.6"]) == 130
    finally:
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(number, handler)
    assert caplog.messages[-1] == "cancelled"
    assert not order.cache.exists()


def test_machine_without_a_gpu_is_told_so(
    order: BuildOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 16."""

    def none() -> object:
        raise NoGpu("there is no NVIDIA driver")

    monkeypatch.setattr(build_trt, "find_gpu", none)
    found = code_of(build, replace(order, compute_capability=None), Lines(), Cancellation())
    assert found == "ENG-01 an engine is built for a GPU, and there is no NVIDIA driver"


def test_weights_of_another_profile_are_refused(order: BuildOrder) -> None:
    found = code_of(build, replace(order, profile="full"), Lines(), Cancellation())
    assert "profile 'lite'" in found


def test_missing_weights_are_named(order: BuildOrder, tmp_path: Path) -> None:
    """Row 23."""
    absent = replace(order, weights=tmp_path / "absent.safetensors")
    assert code_of(build, absent, Lines(), Cancellation()).startswith("MDL-01")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A library that builds at once, on a machine with a GPU; change what it does."""
    does = SimpleNamespace(data=b"an engine" * 100, takes=["SM86", "CURRENT", "SM80"], opened=[])
    library = SimpleNamespace(
        __name__="tensorrt_rtx", ComputeCapability=SimpleNamespace(SM86=0, CURRENT=1, SM80=2)
    )

    def make(given: object, graph: bytes, target: str, report: Callable[[float], bool]) -> bytes:
        report(0.5)
        if target not in does.takes:
            raise EngineError("ENG-06", f"{target} is not in the support list", "")
        return does.data

    class Engine:
        input_size = PICTURE

        def __init__(self, data: bytes, manifest: object, library: object) -> None:
            does.opened.append(self)
            self.closed = False

        def kernels(self) -> bytes:
            return b"kernels"

        def close(self) -> None:
            self.closed = True

    monkeypatch.setattr(build_trt, "find_gpu", lambda: GPU)
    monkeypatch.setattr(build_trt, "installed_library", lambda: "tensorrt_rtx")
    monkeypatch.setattr(build_trt, "load_library", lambda name: library)
    monkeypatch.setattr(build_trt, "package_version", lambda name: "1.7.1.116")
    monkeypatch.setattr(build_trt, "serialise", make)
    monkeypatch.setattr(build_trt, "export_fixed", lambda network, spec: None)
    monkeypatch.setattr(build_trt, "checked_bytes", lambda model: b"a graph")
    monkeypatch.setattr(build_trt, "TensorRtEngine", Engine)
    monkeypatch.setattr(build_trt, "require_parity", lambda *given: "1 hand: joints 0.010 mm")
    monkeypatch.setattr(build_trt, "median_ms", lambda engine, picture: 0.7)
    return does


def test_engine_that_can_run_is_compared_timed_and_closed(
    order: BuildOrder, built: SimpleNamespace
) -> None:
    path = build(replace(order, compute_capability=None), Lines(), Cancellation())
    manifest, _ = read_manifest(path)
    assert manifest.parity == "1 hand: joints 0.010 mm"
    assert manifest.latency_ms == 0.7
    assert manifest.gpu_uuid == GPU.uuid
    assert manifest.key.gpu_name == GPU.name
    assert [engine.closed for engine in built.opened] == [True]
    assert read_kernels(path, manifest) == b"kernels"  # so that the first start is a quick one


def test_gpu_that_the_library_does_not_list_gets_what_it_can_run(
    order: BuildOrder, built: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    built.takes = ["SM80"]
    path = build(replace(order, compute_capability=None), Lines(), Cancellation())
    assert path.exists()
    built.takes = []
    found = code_of(build, replace(order, compute_capability=None), Lines(), Cancellation())
    assert found.startswith("ENG-06")
    assert all(f"{name}: " in found for name in ("SM86", "CURRENT", "SM80"))


def test_engine_that_fails_the_gate_is_not_written(
    order: BuildOrder, built: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 22: what was there before stays."""
    given = replace(order, compute_capability=None)
    before = build(given, Lines(), Cancellation()).read_bytes()

    def drifts(*given: object) -> str:
        raise EngineError("ENG-06", "the engine is too far from FP32", "")

    monkeypatch.setattr(build_trt, "require_parity", drifts)
    built.data = b"another"
    assert "too far" in code_of(build, given, Lines(), Cancellation())
    assert (order.cache / "engines/lite-4x3.engine").read_bytes() == before
    assert all(engine.closed for engine in built.opened)


def test_full_disk_keeps_what_was_there(
    order: BuildOrder, built: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 21."""
    given = replace(order, compute_capability=None)
    before = build(given, Lines(), Cancellation()).read_bytes()

    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.atomic.os.fsync", full)
    built.data = b"another"
    with pytest.raises(OutputError) as caught:
        build(given, Lines(), Cancellation())
    assert "No space left" in caught.value.cause
    path = order.cache / "engines/lite-4x3.engine"
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 3  # with its manifest and its kernels


@pytest.mark.parametrize("text", ["", "x", "manyhands-build x% y", "manyhands-build 50%", "[TRT]"])
def test_lines_of_others_say_nothing(text: str) -> None:
    assert parse_line(text) is None


def test_last_line_names_the_engine() -> None:
    path = Path("/cache of/many hands/lite-4x3.engine")
    assert parse_line(done_line(path) + "\n") == BuiltEngine(path)


def test_key_of_a_manifest_has_what_the_policy_names() -> None:
    names = {field.name for field in fields(EngineKey)}
    assert {"library_version", "onnxruntime", "cuda", "driver", "gpu_name", "compute_capability",
            "precision", "picture_size", "flags", "system", "app_version", "onnx_sha256",
            "weights_sha256"} <= names  # fmt: skip
