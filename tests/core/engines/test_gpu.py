"""Which engine of a GPU this machine can run, and why not (tests.fake_cuda)."""

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.assets import load_weights_description
from core.engines import gpu, select, tensorrt
from core.engines.base import RawHands
from core.engines.candidate import Candidate, status_of
from core.engines.cuda import CudaContext
from core.engines.interface import SLOT_SHAPES
from core.engines.machine import NoGpu
from core.engines.manifest import EngineKey, engine_folder, kernels_path, manifest_path
from core.engines.tensorrt import checked_engine, wanted_key
from core.errors import EngineError, ModelFileError
from tests.built_engines import install
from tests.factories import make_hand
from tests.fake_cuda import GPU, FakeDriver, FakeTensorRtRtx
from tests.fakes import ScriptedEngine

DATA = b"the library's own bytes " * 20
VERSION = "1.7.1.116"
TENSORRT, TORCH = gpu.GPU_CANDIDATES


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a GPU and TensorRT-RTX; returns its folder of engines."""
    monkeypatch.setattr(gpu, "find_gpu", lambda: GPU)
    monkeypatch.setattr(gpu, "installed_library", lambda: "tensorrt_rtx")
    monkeypatch.setattr(tensorrt, "installed_library", lambda: "tensorrt_rtx")
    for module in (gpu, tensorrt):
        monkeypatch.setattr(module, "package_version", lambda name: VERSION)
    monkeypatch.setattr(gpu, "user_folders", lambda: type("Folders", (), {"cache": tmp_path}))
    return engine_folder(tmp_path)


def key_of_here(aspect: str = "4x3") -> EngineKey:
    description = load_weights_description("lite")
    return wanted_key(description, aspect, "tensorrt_rtx", VERSION, GPU)


def test_machine_without_a_driver_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 16."""

    def none() -> object:
        raise NoGpu("there is no NVIDIA driver (libcuda.so.1 cannot be loaded)")

    monkeypatch.setattr(gpu, "find_gpu", none)
    for candidate in gpu.GPU_CANDIDATES:
        status = status_of(candidate)
        assert not status.available
        assert "no NVIDIA driver" in status.reason


def test_gpu_without_a_built_engine_says_how_to_build_one(machine: Path) -> None:
    status = status_of(TENSORRT)
    assert not status.available
    assert "no engine has been built yet" in status.reason
    assert "export.build_trt" in status.reason


def test_gpu_without_the_library_says_what_to_install(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(gpu, "find_gpu", lambda: GPU)
    monkeypatch.setattr(tensorrt.importlib.util, "find_spec", lambda name: None)
    assert "neither TensorRT nor TensorRT-RTX is installed" in status_of(TENSORRT).reason


def test_engine_that_fits_is_available(machine: Path) -> None:
    install(machine, DATA, key_of_here())
    status = status_of(TENSORRT)
    assert status.available
    assert status.reason == f"tensorrt_rtx {VERSION} on {GPU.name}, FP16"


def test_stale_engine_is_refused_naming_what_changed(machine: Path) -> None:
    """Row 19."""
    install(machine, DATA, replace(key_of_here(), driver="570.0"))
    status = status_of(TENSORRT)
    assert not status.available
    assert f"driver was 570.0, is {GPU.driver}" in status.reason
    assert "builds one" in status.reason


def test_manifest_that_cannot_be_read_is_a_reason(machine: Path) -> None:
    manifest_path(install(machine, DATA, key_of_here())).write_text("{")
    assert "not a manifest" in status_of(TENSORRT).reason


def test_damaged_engine_never_reaches_the_library(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 20."""
    path = install(machine, DATA, key_of_here())
    path.write_bytes(DATA[:-1] + b"?")

    def never(name: str) -> object:
        raise AssertionError("the library was loaded for a damaged engine")

    monkeypatch.setattr(tensorrt, "load_library", never)
    with pytest.raises(EngineError) as caught:
        gpu._open_tensorrt("lite", (192, 256))
    assert caught.value.code == "ENG-05"
    assert not path.exists()


def test_engine_of_the_pictures_aspect_is_taken(machine: Path) -> None:
    install(machine, DATA, key_of_here("16x9"))
    with pytest.raises(EngineError) as caught:
        gpu._open_tensorrt("lite", (192, 256))  # 4:3, which was not built
    assert "lite-4x3.engine.json is missing" in caught.value.cause
    data, manifest, library = checked_engine(machine / "lite-16x9.engine", "lite", "16x9", GPU)
    assert (data, library) == (DATA, "tensorrt_rtx")
    assert manifest.key.picture_size == (720, 1280)


def test_description_without_hashes_is_refused() -> None:
    with pytest.raises(ModelFileError) as caught:
        wanted_key({"profile": "lite"}, "4x3", "tensorrt_rtx", VERSION, GPU)
    assert caught.value.code == "MDL-03"


def test_torch_without_cuda_is_a_reason(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 16."""
    monkeypatch.setattr(gpu, "package_version", lambda name: "2.13.0+cpu")
    assert "built without CUDA" in status_of(TORCH).reason


def test_auto_falls_back_when_the_gpus_engine_does_not_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows 19 and 20: on another engine meanwhile, with the reason in what is shown."""

    def refuses(profile: str, size: tuple[int, int]) -> ScriptedEngine:
        raise EngineError("ENG-05", "lite-4x3.engine is damaged: its SHA-256 differs", "")

    def opens(profile: str, size: tuple[int, int]) -> ScriptedEngine:
        return ScriptedEngine([[make_hand()]], input_size=size)

    candidates = (
        Candidate("tensorrt", lambda: "here", refuses),
        Candidate("torch", lambda: "here", opens),
    )
    monkeypatch.setattr(select, "_CANDIDATES", candidates)
    engine = select.open_engine("auto", "lite", 480, 640)
    assert engine.describe().name == "scripted"
    assert "tensorrt: lite-4x3.engine is damaged" in engine.describe().detail
    with pytest.raises(EngineError) as caught:  # asked for by name, it is that or nothing
        select.open_engine("tensorrt", "lite", 480, 640)
    assert caught.value.code == "ENG-05"


def test_kernels_are_compiled_at_the_first_start_alone(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = install(machine, DATA, key_of_here())
    driver = FakeDriver()
    library = FakeTensorRtRtx(driver, lambda picture: raw_hands(float(picture.mean())), (480, 640))
    monkeypatch.setattr(tensorrt, "load_library", lambda name: library)
    engine = functools.partial(
        tensorrt.TensorRtEngine, make_context=lambda: CudaContext(lambda: driver)
    )
    monkeypatch.setattr(tensorrt, "TensorRtEngine", engine)
    counts = []
    for _ in range(3):
        gpu._open_tensorrt("lite", (192, 256)).close()
        counts.append(library.compiled)
    assert counts == [1, 1, 1]
    whole = kernels_path(path).read_bytes()
    kernels_path(path).write_bytes(whole[:-1] + b"?")
    gpu._open_tensorrt("lite", (192, 256)).close()
    assert library.compiled == 2
    assert kernels_path(path).read_bytes() == whole


def raw_hands(value: float) -> RawHands:
    return RawHands(
        *(
            np.full((2, *(11 if length is None else length for length in shape)), value, np.float32)
            for shape in SLOT_SHAPES.values()
        )
    )
