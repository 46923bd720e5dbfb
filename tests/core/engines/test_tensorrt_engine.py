"""The TensorRT engine on a GPU that is not there (tests.fake_cuda)."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from core.engines.base import RawHands
from core.engines.cuda import CudaContext
from core.engines.machine import NoGpu, find_gpu
from core.engines.tensorrt import TensorRtEngine, load_library
from core.errors import EngineError
from core.types import UInt8
from tests.built_engines import KEY, manifest_of
from tests.fake_cuda import (
    CAPTURE_UNSUPPORTED,
    GPU,
    ILLEGAL_ADDRESS,
    NO_DEVICE,
    OUT_OF_MEMORY,
    FakeDriver,
    FakeTensorRt,
)

SIZE = (48, 64)
SLOTS, VERTICES = 3, 11
SHAPES = {
    "score": (), "right_probability": (), "keypoints_2d": (21, 2), "keypoint_confidence": (21,),
    "pose": (16, 3, 3), "betas": (10,), "middle_mcp_2d": (2,), "pixels_per_metre": (),
    "vertices": (VERTICES, 3), "joints_3d": (21, 3), "albedo": (VERTICES, 3), "light": (27,),
}  # fmt: skip
DATA = b"an engine"
MANIFEST = manifest_of(DATA, replace(KEY, picture_size=SIZE))


def brightness(picture: UInt8) -> RawHands:
    """Hands whose every number tells of the picture, each field by another factor."""
    mean = float(picture.mean())
    return RawHands(
        *(
            np.full((SLOTS, *SHAPES[item.name]), mean * (index + 1), np.float32)
            for index, item in enumerate(fields(RawHands))
        )
    )


def picture_of(grey: int) -> UInt8:
    return np.full((*SIZE, 3), grey, np.uint8)


def opened(
    driver: FakeDriver, library: FakeTensorRt | None = None, kernels: bytes | None = None
) -> TensorRtEngine:
    library = library or FakeTensorRt(driver, brightness, SIZE)
    return TensorRtEngine(DATA, MANIFEST, library, lambda: CudaContext(lambda: driver), kernels)


def test_every_output_arrives_from_its_own_memory() -> None:
    engine = opened(FakeDriver())
    found, expected = engine.run(picture_of(40)), brightness(picture_of(40))
    for item in fields(RawHands):
        np.testing.assert_array_equal(getattr(found, item.name), getattr(expected, item.name))


def test_each_picture_is_one_launch_of_one_graph() -> None:
    driver = FakeDriver()
    engine = opened(driver)
    assert driver.launches == 0
    driver.calls.clear()
    for grey in (10, 200):
        assert engine.run(picture_of(grey)).score[0] == grey
    assert driver.launches == 2
    assert set(driver.calls) == {"cuCtxSetCurrent", "cuGraphLaunch", "cuStreamSynchronize"}


def test_results_share_no_memory_with_the_engine() -> None:
    engine = opened(FakeDriver())
    first = engine.run(picture_of(10))
    engine.run(picture_of(200))
    assert first.score[0] == 10


def test_read_only_picture_is_taken() -> None:
    picture = picture_of(5)
    picture.setflags(write=False)
    assert opened(FakeDriver()).run(picture).score[0] == 5


def test_library_that_cannot_be_recorded_runs_without_a_graph() -> None:
    driver = FakeDriver({"cuStreamEndCapture": CAPTURE_UNSUPPORTED})
    engine = opened(driver)
    assert engine.run(picture_of(30)).score[0] == 30
    assert driver.launches == 0
    assert "without CUDA graph" in engine.describe().detail


def test_description_names_library_gpu_and_precision() -> None:
    description = opened(FakeDriver()).describe()
    assert description.name == "tensorrt"
    assert description.detail == f"TensorRT-RTX 1.7.1.116, {GPU.name}"
    assert description.precision == "fp16"
    assert description.weights_sha256 == KEY.weights_sha256


def test_closing_frees_everything() -> None:
    driver = FakeDriver()
    engine = opened(driver)
    assert len(driver.memory) == len(driver.pinned) == 1 + len(fields(RawHands))
    engine.close()
    assert not driver.memory
    assert not driver.pinned
    assert driver.retained == 0


def test_machine_without_a_driver_refuses_with_a_clear_reason() -> None:
    """Row 16: the library returns None instead of an engine; nothing is left behind."""
    driver = FakeDriver()
    library = FakeTensorRt(driver, brightness, SIZE, accepts=False)
    with pytest.raises(EngineError) as caught:
        opened(driver, library)
    assert caught.value.code == "ENG-02"
    assert "no driver, or another GPU" in caught.value.cause
    assert driver.retained == 0


@pytest.mark.parametrize("without", ["score", "joints_3d", "light"])
def test_engine_of_another_network_is_refused_by_name(without: str) -> None:
    driver = FakeDriver()
    library = FakeTensorRt(driver, brightness, SIZE, without=[without])
    with pytest.raises(EngineError) as caught:
        opened(driver, library)
    assert caught.value.code == "ENG-05"
    assert f"no output '{without}'" in caught.value.cause
    assert not driver.memory


def test_engine_of_another_picture_size_is_refused() -> None:
    driver = FakeDriver()
    with pytest.raises(EngineError) as caught:
        opened(driver, FakeTensorRt(driver, brightness, (24, 32)))
    assert "'picture' is (24, 32, 3), expected (48, 64, 3)" in caught.value.cause


@pytest.mark.parametrize("call", ["cuMemAlloc_v2", "cuMemHostAlloc", "cuStreamSynchronize"])
def test_full_memory_has_a_code_of_its_own_and_frees_what_was_taken(call: str) -> None:
    """Row 17, at the start."""
    driver = FakeDriver({call: OUT_OF_MEMORY})
    with pytest.raises(EngineError) as caught:
        opened(driver)
    assert caught.value.code == "ENG-04"
    assert not driver.memory
    assert not driver.pinned
    assert driver.retained == 0


def test_library_without_memory_for_its_context_says_so() -> None:
    """Row 17, at the start."""
    driver = FakeDriver()
    with pytest.raises(EngineError) as caught:
        opened(driver, FakeTensorRt(driver, brightness, SIZE, enough_memory=False))
    assert caught.value.code == "ENG-04"


def test_fault_of_the_gpu_in_the_middle_is_an_engine_error_by_its_name() -> None:
    """Row 18: after such an error the context is dead; closing must still work."""
    driver = FakeDriver()
    engine = opened(driver)
    driver.faults["cuStreamSynchronize"] = ILLEGAL_ADDRESS
    with pytest.raises(EngineError) as caught:
        engine.run(picture_of(1))
    assert caught.value.code == "ENG-02"
    assert "CUDA_ERROR_ILLEGAL_ADDRESS" in caught.value.cause
    engine.close()


def test_library_that_does_not_run_is_an_engine_error() -> None:
    driver = FakeDriver()
    with pytest.raises(EngineError) as caught:
        opened(driver, FakeTensorRt(driver, brightness, SIZE, runs=False))
    assert caught.value.code == "ENG-02"


def test_picture_of_another_size_is_refused() -> None:
    with pytest.raises(EngineError):
        opened(FakeDriver()).run(np.zeros((24, 32, 3), np.uint8))


def test_gpu_is_described_by_its_driver() -> None:
    found = find_gpu(lambda: FakeDriver())
    assert (found.name, found.compute_capability, found.cuda) == (GPU.name, "8.6", "13.0")
    assert (found.uuid, found.memory_bytes) == (GPU.uuid, GPU.memory_bytes)


def no_driver() -> FakeDriver:
    raise NoGpu("there is no NVIDIA driver (libcuda.so.1 cannot be loaded)")


@pytest.mark.parametrize(
    ("load", "reason"),
    [
        (no_driver, "no NVIDIA driver"),
        (lambda: FakeDriver({"cuInit": NO_DEVICE}), "CUDA_ERROR_NO_DEVICE"),
        (lambda: FakeDriver(devices=0), "no NVIDIA GPU"),
    ],
)
def test_machine_without_a_gpu_says_why(load: Callable[[], FakeDriver], reason: str) -> None:
    """Row 16."""
    with pytest.raises(NoGpu, match=reason):
        find_gpu(load)


def test_library_that_is_broken_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineError) as caught:
        load_library("no_such_tensorrt")
    assert caught.value.code == "ENG-01"


def test_network_alone_runs_as_often_as_asked_and_copies_nothing() -> None:
    driver = FakeDriver()
    seen = []

    def network(picture: UInt8) -> RawHands:
        seen.append(float(picture.mean()))
        return brightness(picture)

    engine = opened(driver, FakeTensorRt(driver, network, SIZE))
    engine.run(picture_of(9))
    seen.clear()
    driver.calls.clear()
    engine.repeat_network(5)
    assert seen == [9.0] * 5
    assert not [name for name in driver.calls if "Memcpy" in name]
