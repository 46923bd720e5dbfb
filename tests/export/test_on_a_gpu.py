"""What only a GPU can show: the engine of this machine is built, agrees with FP32 and is kept."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.assets import demo_clip_path, hand_model_path, weights_path
from core.engines import gpu
from core.engines.aspects import PICTURE_SIZES
from core.engines.machine import NoGpu, find_gpu
from core.engines.manifest import kernels_path, read_manifest
from core.engines.torch_cuda import TorchCudaEngine, open_on_gpu
from core.errors import EngineError
from export.build_gate import gate_pictures, require_parity
from export.build_trt import BuildOrder, Cancellation, build
from export.to_onnx import load_deployable

pytestmark = [pytest.mark.gpu, pytest.mark.slow, pytest.mark.timeout(600)]
ASPECT = "4x3"
SIZE = PICTURE_SIZES[ASPECT]


@pytest.fixture(autouse=True)
def _needs_a_gpu() -> None:
    try:
        find_gpu()
    except NoGpu as reason:
        pytest.skip(str(reason))


@pytest.fixture
def on_cuda() -> TorchCudaEngine:
    if not torch.cuda.is_available():
        pytest.skip(f"torch {torch.__version__} sees no GPU")
    return open_on_gpu("lite", SIZE, (192, 256))


def test_tensorrt_engine_is_built_agrees_and_starts_with_its_kernels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 22, on a real device."""
    pytest.importorskip("tensorrt_rtx", reason="TensorRT-RTX is not installed")
    order = BuildOrder(
        weights_path("lite", "safetensors"), hand_model_path(), "lite", ASPECT, tmp_path, None
    )
    path = build(order, lambda line: None, Cancellation())
    manifest, is_whole = read_manifest(path)
    assert is_whole and manifest.latency_ms is not None and manifest.latency_ms < 50
    assert kernels_path(path).stat().st_size > 1000
    monkeypatch.setattr(gpu, "user_folders", lambda: type("Folders", (), {"cache": tmp_path}))
    engine = gpu.open_built("lite", ASPECT)
    picture = gate_pictures(demo_clip_path(), SIZE)[0]
    first = engine.run(picture)
    np.testing.assert_array_equal(engine.run(picture).vertices, first.vertices)
    engine.close()


def test_torch_in_half_precision_agrees_with_fp32(on_cuda: TorchCudaEngine) -> None:
    network = load_deployable(weights_path("lite", "safetensors"), hand_model_path())
    require_parity(on_cuda, network, gate_pictures(demo_clip_path(), SIZE))
    assert "without CUDA graph" not in on_cuda.describe().detail
    on_cuda.close()


def test_memory_that_is_full_is_said_to_be_full(on_cuda: TorchCudaEngine) -> None:
    """Row 17: by a cap, so that nobody else's memory is touched."""
    on_cuda.close()
    network = load_deployable(weights_path("lite", "safetensors"), hand_model_path())
    torch.cuda.set_per_process_memory_fraction(1e-4)
    try:
        with pytest.raises(EngineError, match="ENG-04"):
            TorchCudaEngine(network, SIZE, (192, 256))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
