"""The torch engine of GPUs, on a processor: the same module, operation by operation."""

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest
import torch

from core.engines import torch_cuda
from core.engines.base import RawHands
from core.engines.torch import TorchEngine
from core.engines.torch_cuda import TorchCudaEngine, open_on_gpu
from core.errors import EngineError
from core.preprocess import prepare
from tests.core.test_preprocess import frame_of
from tests.networks import TINY, hand_layer, lively_network, noise_picture

PICTURE, INPUT = (240, 320), (64, 96)
CPU = torch.device("cpu")


class Recording:
    """Stands where a CUDA graph stands: repeats the work, and counts."""

    def __init__(self) -> None:
        self.replays = 0

    def __call__(self, work: Callable[[], None]) -> Callable[[], None]:
        def replay() -> None:
            self.replays += 1
            work()

        return replay


def opened(record: torch_cuda.Recorder | None = None) -> TorchCudaEngine:
    return TorchCudaEngine(lively_network(), PICTURE, INPUT, "abc", CPU, record)


def test_hands_are_those_of_the_network_in_the_pictures_pixels() -> None:
    picture = noise_picture(*PICTURE)
    found = opened().run(picture)
    prepared = prepare(frame_of(picture), INPUT)
    expected = TorchEngine(lively_network(), INPUT).run(prepared.image)
    np.testing.assert_allclose(found.score, expected.score, atol=2e-3)
    # The first slot: scores of the others are equal in half precision, and their order open.
    assert np.abs(found.vertices[0] - expected.vertices[0]).mean() < 1e-3
    back = prepared.image_from_input
    placed = expected.keypoints_2d[0] * np.diag(back)[:2] + back[:2, 2]
    assert np.abs(found.keypoints_2d[0] - placed).mean() < 0.5
    assert found.vertices.shape == (TINY.slots, hand_layer().num_vertices, 3)


def test_each_picture_is_one_replay_and_its_results_stay() -> None:
    recording = Recording()
    engine = opened(recording)
    assert recording.replays == 0
    first = engine.run(noise_picture(*PICTURE, 0))
    kept = first.vertices.copy()
    second = engine.run(noise_picture(*PICTURE, 1))
    assert recording.replays == 2
    np.testing.assert_array_equal(first.vertices, kept)
    assert np.abs(second.vertices - kept).max() > 0
    for item in fields(RawHands):
        assert getattr(first, item.name).dtype == np.float32


def test_same_picture_gives_the_same_hands_after_others() -> None:
    engine = opened()
    first = engine.run(noise_picture(*PICTURE, 0))
    engine.run(noise_picture(*PICTURE, 1))
    np.testing.assert_array_equal(engine.run(noise_picture(*PICTURE, 0)).pose, first.pose)


def test_work_that_cannot_be_recorded_runs_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    def refuses(work: Callable[[], None]) -> Callable[[], None]:
        raise RuntimeError("operation not permitted when stream is capturing\nmore")

    engine = opened(refuses)
    assert engine.run(noise_picture(*PICTURE)).score.shape == (TINY.slots,)
    assert "without CUDA graph" in engine.describe().detail
    assert "not permitted" in caplog.text


def test_read_only_picture_is_taken() -> None:
    picture = noise_picture(*PICTURE)
    picture.setflags(write=False)
    opened().run(picture)


def test_picture_of_another_size_is_refused() -> None:
    with pytest.raises(EngineError) as caught:
        opened().run(noise_picture(64, 96))
    assert caught.value.code == "ENG-02"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nmore"), "ENG-04"),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), "ENG-02"),
    ],
)
def test_failure_of_the_gpu_is_an_engine_error(error: Exception, code: str) -> None:
    """Rows 17 and 18: in the middle of a run."""

    def fails(work: Callable[[], None]) -> Callable[[], None]:
        def replay() -> None:
            raise error

        return replay

    with pytest.raises(EngineError) as caught:
        opened(fails).run(noise_picture(*PICTURE))
    assert caught.value.code == code
    assert "\n" not in caught.value.cause


def test_full_memory_at_the_start_is_an_engine_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 17."""

    def full(self: object, picture: torch.Tensor) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch_cuda.HalfProducts, "forward", full)
    with pytest.raises(EngineError) as caught:
        opened()
    assert caught.value.code == "ENG-04"


def test_description_says_that_it_is_half() -> None:
    description = opened(Recording()).describe()
    assert (description.name, description.precision) == ("torch", "fp16")
    assert description.detail == f"PyTorch {torch.__version__}, CPU"
    assert description.weights_sha256 == "abc"


def test_network_alone_runs_as_often_as_asked() -> None:
    engine = opened(Recording())
    engine.run(noise_picture(*PICTURE))
    ran = []
    engine._module.register_forward_hook(lambda *given: ran.append(1))
    engine.repeat_network(3)
    assert len(ran) == 3


def test_closing_lets_the_network_go() -> None:
    engine = opened()
    engine.close()
    assert not hasattr(engine, "_module")


def test_torch_without_a_gpu_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 16."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EngineError) as caught:
        open_on_gpu("lite", PICTURE, INPUT)
    assert caught.value.code == "ENG-01"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_graph_on_a_gpu_gives_the_hands_of_the_processor() -> None:
    picture = noise_picture(*PICTURE)
    engine = TorchCudaEngine(lively_network(), PICTURE, INPUT)
    assert "without" not in engine.describe().detail
    found, expected = engine.run(picture), opened().run(picture)
    np.testing.assert_allclose(found.score, expected.score, atol=5e-3)
    assert np.abs(found.vertices - expected.vertices).mean() < 2e-3
