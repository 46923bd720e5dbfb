"""Engines as the builder writes them, without a builder."""

import hashlib
from pathlib import Path

from core.engines.machine import system_name
from core.engines.manifest import FORMAT, EngineKey, EngineManifest, write_engine
from tests.fake_cuda import GPU

KEY = EngineKey(
    format=FORMAT,
    profile="lite",
    aspect="4x3",
    weights_sha256="12" * 32,
    onnx_sha256="34" * 32,
    library="tensorrt_rtx",
    library_version="1.7.1.116",
    onnxruntime="1.24.0",
    cuda=GPU.cuda,
    driver=GPU.driver,
    gpu_name=GPU.name,
    compute_capability=GPU.compute_capability,
    precision="fp16",
    picture_size=(480, 640),
    flags=("no-TF32",),
    system=system_name(),
    app_version="0.1.0",
)


def manifest_of(data: bytes, key: EngineKey = KEY) -> EngineManifest:
    return EngineManifest(
        key=key,
        graph_sha256="56" * 32,
        engine_sha256=hashlib.sha256(data).hexdigest(),
        engine_bytes=len(data),
        gpu_uuid=GPU.uuid,
        build_seconds=12.5,
        parity="joints 0.01 mm, 0.03 px",
        latency_ms=0.7,
    )


def install(folder: Path, data: bytes, key: EngineKey = KEY) -> Path:
    """Write an engine with its manifest."""
    path = folder / f"{key.profile}-{key.aspect}.engine"
    write_engine(data, manifest_of(data, key), path)
    return path
