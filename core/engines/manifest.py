"""The manifest beside a built engine: what it was built from and for; any difference refuses it.

    CACHE/engines/lite-4x3.engine        the library's own serialised engine
    CACHE/engines/lite-4x3.engine.json   the manifest
    CACHE/engines/lite-4x3.engine.kernels   what the library compiled for it, see kernels.py

An engine file is a program of the library that made it, so it is only taken from the user's own
cache, never from a dialog or a session, and no byte of it reaches the library before its length and
hash agree with the manifest and the manifest with this machine.
"""

import dataclasses
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.atomic import write_atomically
from core.errors import EngineError

FORMAT: Final = 1
_SUFFIX: Final = ".engine"
_MAX_MANIFEST_BYTES: Final = 1 << 20
_MAX_ENGINE_BYTES: Final = 2 << 30
_REBUILD: Final = "Build it again: `python -m export.build_trt`, or in the window's Engine menu."


@dataclass(frozen=True, slots=True)
class EngineKey:
    """Everything that must be the same for an engine to be used.

    Attributes:
        format: of the manifest.
        profile: "lite" or "full".
        aspect: of the pictures it takes.
        weights_sha256: of the published .safetensors.
        onnx_sha256: of the published FP32 graph that it was compared with.
        library: "tensorrt" or "tensorrt_rtx".
        library_version: all of its parts.
        onnxruntime: version of the library that it was compared with.
        cuda: newest CUDA version that the driver runs.
        driver: the driver's version.
        gpu_name: as the driver calls it.
        compute_capability: of the GPU.
        precision: "fp16".
        picture_size: (height, width) px, the one optimisation profile.
        flags: of the builder, sorted.
        system: operating system and processor.
        app_version: of this program.
    """

    format: int
    profile: str
    aspect: str
    weights_sha256: str
    onnx_sha256: str
    library: str
    library_version: str
    onnxruntime: str
    cuda: str
    driver: str
    gpu_name: str
    compute_capability: str
    precision: str
    picture_size: tuple[int, int]
    flags: tuple[str, ...]
    system: str
    app_version: str


@dataclass(frozen=True, slots=True)
class EngineManifest:
    """What is written beside an engine.

    Attributes:
        key: what must be the same.
        graph_sha256: of the strongly typed graph that it was built from.
        engine_sha256: of the engine file.
        engine_bytes: its length.
        gpu_uuid: names the very board, informative.
        build_seconds: how long the build took.
        parity: largest differences from FP32, or why they could not be measured.
        latency_ms: median of one picture, or None where it could not be measured.
    """

    key: EngineKey
    graph_sha256: str
    engine_sha256: str
    engine_bytes: int
    gpu_uuid: str
    build_seconds: float
    parity: str
    latency_ms: float | None


def engine_folder(cache: Path) -> Path:
    """Return the folder of engines in the user's cache, made for this user alone.

    Raises:
        EngineError: ENG-05 it belongs to someone else or is a link.
        OSError: it cannot be made.
    """
    folder = cache / "engines"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid != os.getuid():
            raise EngineError(
                "ENG-05", f"{folder} is not this user's own folder", f"Remove {folder}."
            )
        if status.st_mode & 0o077:
            folder.chmod(0o700)
    return folder


def engine_path(folder: Path, profile: str, aspect: str) -> Path:
    """Return where the engine of a profile and aspect lies."""
    return folder / f"{profile}-{aspect}{_SUFFIX}"


def manifest_path(engine: Path) -> Path:
    """Return where the manifest of an engine lies."""
    return engine.with_name(engine.name + ".json")


def kernels_path(engine: Path) -> Path:
    """Return where lies what was compiled when an engine was loaded."""
    return engine.with_name(engine.name + ".kernels")


def write_engine(data: bytes, manifest: EngineManifest, engine: Path) -> None:
    """Write an engine and its manifest; the manifest last, for without it an engine is nothing.

    Raises:
        OSError: a file cannot be written; the old pair may then be refused, never misread.
    """
    write_atomically(data, engine)
    plain = dataclasses.asdict(manifest)
    text = json.dumps({**plain, "seal": _seal(plain)}, indent=2) + "\n"
    write_atomically(text.encode(), manifest_path(engine))
    kernels_path(engine).unlink(missing_ok=True)  # of the engine before it


def _seal(plain: dict[str, Any]) -> str:
    """Return a hash over all that a manifest says, so that what decides nothing is whole too."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def read_manifest(engine: Path) -> tuple[EngineManifest, bool]:
    """Read the manifest beside an engine, strictly: every key, and nothing else.

    Returns:
        The manifest, and whether it is as it was written.

    Raises:
        EngineError: ENG-05 missing, unreadable, or of another form.
    """
    path = manifest_path(engine)
    try:
        if path.stat().st_size > _MAX_MANIFEST_BYTES:
            raise ValueError("it is larger than a manifest can be")
        plain = json.loads(path.read_text("utf-8"))
        seal = plain.pop("seal") if isinstance(plain, dict) else ""
        _require_fields(plain, EngineManifest)
        _require_fields(plain["key"], EngineKey)
        height, width = plain["key"]["picture_size"]
        key = EngineKey(
            **{
                **plain["key"],
                "picture_size": (int(height), int(width)),
                "flags": tuple(plain["key"]["flags"]),
            }
        )
        return EngineManifest(**{**plain, "key": key}), seal == _seal(plain)
    except FileNotFoundError as error:
        raise EngineError("ENG-05", f"{path.name} is missing", _REBUILD) from error
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise EngineError("ENG-05", f"{path.name} is not a manifest ({error})", _REBUILD) from error


def _require_fields(plain: Any, kind: type[EngineKey] | type[EngineManifest]) -> None:
    """Refuse anything but an object with exactly the fields of a class."""
    wanted = {item.name for item in dataclasses.fields(kind)}
    if not isinstance(plain, dict) or set(plain) != wanted:
        found = set(plain) if isinstance(plain, dict) else set()
        raise ValueError(f"keys differ: {', '.join(sorted(wanted ^ found)) or 'no object'}")


def differences(found: EngineKey, wanted: EngineKey) -> tuple[str, ...]:
    """Return one line for each key that differs, for a person."""
    return tuple(
        f"{item.name} was {getattr(found, item.name)}, is {getattr(wanted, item.name)}"
        for item in dataclasses.fields(EngineKey)
        if getattr(found, item.name) != getattr(wanted, item.name)
    )


def read_engine(engine: Path, wanted: EngineKey) -> tuple[bytes, EngineManifest]:
    """Return an engine's bytes, once its manifest, length and hash agree with what is wanted.

    Raises:
        EngineError: ENG-05, naming the differing keys, the length or the hash; a damaged file
            is removed, for nothing can be made of it.
    """
    manifest, is_whole = read_manifest(engine)
    different = differences(manifest.key, wanted)
    if different:
        raise EngineError(
            "ENG-05",
            f"{engine.name} was built for something else: {'; '.join(different)}",
            _REBUILD,
        )
    if not is_whole:
        raise EngineError("ENG-05", f"{manifest_path(engine).name} was changed", _REBUILD)
    try:
        size = engine.stat().st_size
        data = engine.read_bytes() if size == manifest.engine_bytes <= _MAX_ENGINE_BYTES else b""
    except OSError as error:
        raise EngineError(
            "ENG-05", f"{engine.name} cannot be read ({error.strerror})", _REBUILD
        ) from error
    if size != manifest.engine_bytes:
        remove_engine(engine)
        raise EngineError(
            "ENG-05", f"{engine.name} has {size} bytes, not {manifest.engine_bytes}", _REBUILD
        )
    if hashlib.sha256(data).hexdigest() != manifest.engine_sha256:
        remove_engine(engine)
        raise EngineError("ENG-05", f"{engine.name} is damaged: its SHA-256 differs", _REBUILD)
    return data, manifest


def remove_engine(engine: Path) -> None:
    """Remove an engine and what lies beside it, the manifest first; what is missing is no fault."""
    manifest_path(engine).unlink(missing_ok=True)
    kernels_path(engine).unlink(missing_ok=True)
    engine.unlink(missing_ok=True)
