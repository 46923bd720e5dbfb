"""The engines of the processor: what this machine has of them, and which is fastest."""

import contextlib
import importlib
import importlib.util
import logging
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Final

from core.assets import (
    checked_weights,
    demo_clip_path,
    load_weights_description,
    sha256_of,
    user_folders,
)
from core.engines.base import Engine
from core.engines.candidate import Candidate, EngineStatus, Unavailable
from core.engines.pictures import clip_pictures
from core.engines.quantised import checked_quantised, quantised_folder, quantised_path
from core.engines.settling import SettlingEngine
from core.engines.threads import inference_threads
from core.engines.trial import (
    Trial,
    fastest,
    machine_identity,
    read_record,
    run_trials,
    write_record,
)
from core.errors import ManyHandsError, ModelFileError

_LOG = logging.getLogger(__name__)

#: Engines whose numbers are exact; the first one is what the others are compared with.
_EXACT: Final = ("onnx", "openvino")
#: Pictures of a trial, and how many frames of the demo clip lie between them.
_PICTURES, _STEP = 8, 11


def _probe_openvino() -> str:
    if importlib.util.find_spec("openvino") is None:
        raise Unavailable("openvino is not installed")
    library = importlib.import_module("core.engines.openvino")
    return f"OpenVINO {library.release()} on the CPU"


def _probe_bf16() -> str:
    found = _probe_openvino()
    if not importlib.import_module("core.engines.openvino").has_bf16():
        raise Unavailable("this processor does not compute in bf16")
    return f"{found}, in bf16"


def _probe_int8() -> str:
    found = _probe_openvino()
    path = _int8_path("lite")
    if not path.exists():
        raise Unavailable("there is no int8 network yet: `python -m export.quantise` makes it")
    return f"{found}, in int8"


def _probe_onnx() -> str:
    runtime = importlib.import_module("onnxruntime")
    if "CPUExecutionProvider" not in runtime.get_available_providers():
        raise Unavailable("this ONNX Runtime was built without its CPU provider")
    return f"ONNX Runtime {runtime.__version__} on the CPU"


def _open_onnx(profile: str, input_size: tuple[int, int], threads: int | None = None) -> Engine:
    # Imported late: a broken library is a reason in the report, not the end of the program.
    from core.engines.onnx import OnnxEngine

    path, sha256 = checked_weights(profile, "onnx")
    return OnnxEngine(path, input_size, sha256, threads)


def _open_openvino(profile: str, input_size: tuple[int, int], threads: int | None = None) -> Engine:
    from core.engines.openvino import OpenVinoEngine

    path, sha256 = checked_weights(profile, "onnx")
    return OpenVinoEngine(
        path, input_size, sha256, threads=threads, cache_folder=compiled_folder(sha256)
    )


def _open_bf16(profile: str, input_size: tuple[int, int], threads: int | None = None) -> Engine:
    from core.engines.openvino import OpenVinoEngine

    path, sha256 = checked_weights(profile, "onnx")
    return OpenVinoEngine(
        path,
        input_size,
        sha256,
        precision="bf16",
        threads=threads,
        cache_folder=compiled_folder(sha256),
    )


def _open_int8(profile: str, input_size: tuple[int, int], threads: int | None = None) -> Engine:
    from core.engines.openvino import OpenVinoEngine

    _, weights_sha256 = checked_weights(profile, "onnx")
    path = _int8_path(profile)
    sha256 = checked_quantised(path, weights_sha256)
    compiled = compiled_folder(weights_sha256)
    return OpenVinoEngine(
        path,
        input_size,
        sha256,
        precision="int8",
        threads=threads,
        cache_folder=compiled,
    )


_OPENERS: Final = {
    "openvino-int8": _open_int8,
    "openvino-bf16": _open_bf16,
    "openvino": _open_openvino,
    "onnx": _open_onnx,
}

CPU_CANDIDATES: Final = (
    Candidate("openvino-int8", _probe_int8, _open_int8),
    Candidate("openvino-bf16", _probe_bf16, _open_bf16),
    Candidate("openvino", _probe_openvino, _open_openvino),
    Candidate("onnx", _probe_onnx, _open_onnx),
)


def sparing(candidate: Candidate, spare_cores: int) -> Candidate:
    """Return a CPU engine that leaves so many cores to others; another candidate as it is."""
    if candidate not in CPU_CANDIDATES:
        return candidate
    opener = partial(_OPENERS[candidate.name], threads=inference_threads(spare_cores))
    return replace(candidate, open=opener)


def open_fastest(
    candidates: Sequence[Candidate],
    profile: str,
    input_size: tuple[int, int],
    spare_cores: int = 0,
    *,
    at_once: bool = False,
) -> Engine:
    """Open the fastest of these engines whose hands are exact; measure where nobody knows yet.

    Args:
        candidates: at least one; this machine has all of them.
        profile: weights.
        input_size: (height, width) px.
        spare_cores: left to others.
        at_once: where nobody knows yet, open one that is exact by nature, and measure beside it.

    Raises:
        ModelFileError: the weights are missing, damaged or of another network.
        EngineError: none of them opens.
    """
    _, weights_sha256 = checked_weights(profile, "onnx")
    by_name = {one.name: sparing(one, spare_cores) for one in candidates}
    if len(by_name) == 1:
        return _open_preferred({}, by_name, profile, input_size)[1]
    record = _record_path(spare_cores)
    identity = _identity(profile, weights_sha256, spare_cores)
    trials = read_record(record, identity)
    if trials is None:
        keep = partial(write_record, record, identity)
        if at_once:
            return _open_settling(by_name, profile, input_size, keep)
        trials = _measure(by_name, profile, input_size)
        keep(trials)
    known = {name: trial for name, trial in trials.items() if name in by_name}
    return _open_preferred(known, by_name, profile, input_size)[1]


def _open_settling(
    by_name: Mapping[str, Candidate],
    profile: str,
    input_size: tuple[int, int],
    keep: Callable[[Mapping[str, Trial]], None],
) -> Engine:
    """Open an engine that is exact by nature; it looks for the fastest one while it runs."""
    first, engine = _open_preferred({}, by_name, profile, input_size)

    def find_better(goes_on: Callable[[], bool]) -> Engine | None:
        trials = _measure(by_name, profile, input_size, goes_on)
        if not goes_on():
            return None
        keep(trials)
        best = _preferred(trials, by_name)[0]
        return None if best == first else by_name[best].open_at(profile, input_size)

    return SettlingEngine(engine, find_better)


def _open_preferred(
    trials: Mapping[str, Trial],
    by_name: Mapping[str, Candidate],
    profile: str,
    input_size: tuple[int, int],
) -> tuple[str, Engine]:
    """Open the first engine to try that opens; return its name, too."""
    names = _preferred(trials, by_name)
    for name in names[:-1]:
        try:
            return name, by_name[name].open_at(profile, input_size)
        except ManyHandsError as error:
            _LOG.warning("%s comes first, but does not open: %s", name, error)
    return names[-1], by_name[names[-1]].open_at(profile, input_size)


def with_trials(
    statuses: Iterable[EngineStatus], profile: str, spare_cores: int = 0
) -> tuple[EngineStatus, ...]:
    """Return the status of CPU engines, fastest first, with what the trial said of them."""
    try:
        stated = str(load_weights_description(profile).get("onnx_sha256"))
    except ModelFileError:
        return tuple(statuses)
    trials = read_record(_record_path(spare_cores), _identity(profile, stated, spare_cores)) or {}
    told = [_with_trial(status, trials.get(status.name)) for status in statuses]
    return tuple(sorted(told, key=lambda status: _frame_ms(trials.get(status.name))))


def _with_trial(status: EngineStatus, trial: Trial | None) -> EngineStatus:
    if not status.available:
        return status
    if trial is None:
        return EngineStatus(status.name, True, status.reason, status.name in _EXACT)
    reason = f"{status.reason}; {trial.frame_ms:.1f} ms a frame"
    if not trial.is_exact:
        reason += f", joints {trial.joints_mm:.2f} mm from the exact ones: too far for auto"
    return EngineStatus(status.name, True, reason, trial.is_exact)


def _frame_ms(trial: Trial | None) -> float:
    """Sort key: what was never measured comes first, for it can be what a faster one lacks."""
    return 0.0 if trial is None else trial.frame_ms


def _preferred(trials: Mapping[str, Trial], by_name: Mapping[str, Candidate]) -> list[str]:
    """Return the names to try: the fastest exact one, then those that are exact by nature."""
    exact = [name for name in by_name if name in _EXACT] or list(by_name)
    best = fastest(trials) or fastest({
        name: Trial(trial.frame_ms, 0.0) for name, trial in trials.items() if name in exact
    })  # fmt: skip
    return list(dict.fromkeys([*([best] if best else []), *exact]))


def _measure(
    by_name: Mapping[str, Candidate],
    profile: str,
    input_size: tuple[int, int],
    goes_on: Callable[[], bool] = lambda: True,
) -> dict[str, Trial]:
    """Open every engine and try them; those that do not open or have no pictures are left out.

    It ends, without trials, soon after `goes_on` says no.
    """
    with contextlib.ExitStack() as closing:
        engines: dict[str, Engine] = {}
        for name in sorted(by_name, key=lambda name: (name not in _EXACT, name)):
            if not goes_on():
                return {}
            try:
                engines[name] = by_name[name].open_at(profile, input_size)
                closing.callback(engines[name].close)
            except ManyHandsError as error:
                _LOG.warning("%s does not open: %s", name, error)
        try:
            pictures = clip_pictures(demo_clip_path(), input_size, _PICTURES, _STEP)
        except ManyHandsError as error:
            _LOG.warning("no pictures to try engines on: %s", error)
            return {}
        return run_trials(engines, pictures, goes_on=goes_on) if engines and pictures else {}


def _identity(profile: str, weights_sha256: str, spare_cores: int = 0) -> dict[str, str]:
    """Return what the trials depend on."""
    versions = {
        "weights": weights_sha256,
        "int8": _int8_identity(profile),
        "threads": str(inference_threads(spare_cores)),
    }
    for package in ("openvino", "onnxruntime"):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = ""
    return machine_identity(versions)


def _int8_identity(profile: str) -> str:
    try:
        return sha256_of(_int8_path(profile).with_suffix(".json"))
    except ModelFileError:
        return ""


def _int8_path(profile: str) -> Path:
    return quantised_path(profile, quantised_folder())


def _record_path(spare_cores: int) -> Path:
    return user_folders().cache / f"engine-trials-{inference_threads(spare_cores)}.json"


def compiled_folder(weights_sha256: str) -> Path:
    """Return where OpenVINO keeps what it compiled of these weights; that of earlier ones goes.

    A compiled network is some 30 MB, and nothing else would ever remove it.
    """
    folder = user_folders().cache / "openvino"
    own = folder / weights_sha256[:16]
    if not own.exists():
        shutil.rmtree(folder, ignore_errors=True)
        own.mkdir(parents=True, exist_ok=True)
    return own
