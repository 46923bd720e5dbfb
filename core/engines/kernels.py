"""What TensorRT-RTX compiles when it loads an engine, kept beside the engine for the next start.

    CACHE/engines/lite-4x3.engine.kernels   magic, whom it belongs to, SHA-256, the library's bytes

These are programs for the GPU, so they are held as strictly as the engine itself: they belong to
one engine and to every key of its manifest, and no byte reaches the library before its hash agrees.
Whatever is wrong with them, they are removed and compiled anew: the engine never needs them.
"""

import dataclasses
import hashlib
import json
import logging
from pathlib import Path
from typing import Final

from core.atomic import write_atomically
from core.engines.manifest import EngineManifest, kernels_path

_LOG = logging.getLogger(__name__)
_MAGIC: Final = b"ManyHands kernels 1\n"
#: The magic, and two SHA-256.
_HEAD_BYTES: Final = len(_MAGIC) + 64
_MOST_BYTES: Final = 512 << 20


def read_kernels(engine: Path, manifest: EngineManifest) -> bytes | None:
    """Return what was kept for an engine; None where nothing was, or nothing that may be used.

    What may not be used is removed.
    """
    path = kernels_path(engine)
    try:
        if not path.exists():
            return None
        kept = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
        kernels = kept[_HEAD_BYTES:]
        if kernels and kept[:_HEAD_BYTES] == _head_of(manifest, kernels):
            return kernels
        _LOG.info("%s is damaged or another engine's: compiled anew", path.name)
        path.unlink(missing_ok=True)
    except OSError as error:
        _LOG.info("%s cannot be read: %s", path.name, error)
    return None


def keep_kernels(
    engine: Path, manifest: EngineManifest, kernels: bytes | None, known: bytes | None = None
) -> None:
    """Keep what was compiled; where it cannot be written, the next start compiles it anew.

    Args:
        engine: where the engine lies.
        manifest: the engine's.
        kernels: what the library has now; None for none.
        known: what was read for this start. Nothing is written unless there is more now.
    """
    if not kernels or len(kernels) > _MOST_BYTES or (known and len(kernels) <= len(known)):
        return
    try:
        write_atomically(_head_of(manifest, kernels) + kernels, kernels_path(engine))
    except OSError as error:
        _LOG.info("%s cannot be kept: %s", kernels_path(engine).name, error)


def _head_of(manifest: EngineManifest, kernels: bytes) -> bytes:
    """Return what stands before kernels: to whom they belong, and their hash."""
    key = json.dumps(dataclasses.asdict(manifest.key), sort_keys=True)
    owner = hashlib.sha256(f"{manifest.engine_sha256}\n{key}".encode())
    return _MAGIC + owner.digest() + hashlib.sha256(kernels).digest()
