"""Build the TensorRT engine of this machine: FP16, for its very GPU, into the user's cache.

    python -m export.build_trt --profile lite --aspect 16x9
    python export/build_trt.py --weights my/lite.safetensors --profile lite --aspect 4x3

With Torch-TensorRT's library (`tensorrt`) where it is installed, with TensorRT-RTX otherwise. Each
line of progress on the standard output is one of core.engines.build_lines, so that a window can
run this as a child; Ctrl-C or SIGTERM cancels it, and nothing is left behind. With
--compute-capability an engine is built without a GPU, for a test: it cannot be compared with FP32
then, and no machine takes it.

Ends with 0 (built), 2 (a fault, one line with a code) or 130 (cancelled).
"""

import argparse
import hashlib
import json
import logging
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

if not __package__:  # started as a file: its own folder is on the path then, the project is not
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from core.assets import demo_clip_path, hand_model_path, user_folders, weights_path
from core.engines.aspects import PICTURE_SIZES
from core.engines.build_lines import done_line, progress_line
from core.engines.kernels import keep_kernels
from core.engines.machine import Gpu, NoGpu, find_gpu
from core.engines.manifest import (
    EngineKey,
    EngineManifest,
    engine_folder,
    engine_path,
    write_engine,
)
from core.engines.tensorrt import (
    TensorRtEngine,
    installed_library,
    load_library,
    package_version,
    wanted_key,
)
from core.errors import EngineError, ManyHandsError, OutputError
from core.timing import now_ns
from export.build_gate import gate_pictures, median_ms, require_parity
from export.serialise import Cancelled, serialise, targets
from export.to_onnx import GraphSpec, checked_bytes, export_fixed, load_deployable

log = logging.getLogger(__name__)

#: Shares of the whole time, for the progress.
_TRACED: Final = 0.4
_BUILT: Final = 0.9
_COMPARED: Final = 0.98
_CANCELLED: Final = 130


@dataclass(frozen=True, slots=True)
class BuildOrder:
    """What to build.

    Attributes:
        weights: published .safetensors.
        hand: the hand model.
        profile: "lite" or "full", which the weights must be of.
        aspect: of the pictures it takes.
        cache: the user's cache folder.
        compute_capability: such as "8.6" to build for without a GPU; None for this machine's GPU.
    """

    weights: Path
    hand: Path
    profile: str
    aspect: str
    cache: Path
    compute_capability: str | None


class Cancellation:
    """Whether the build shall end; a signal says so.

    While a library runs, only a flag is raised: an exception cannot pass through it.
    """

    def __init__(self) -> None:
        """Nobody has cancelled yet."""
        self.requested = False
        self.library_runs = False

    def listen(self) -> None:
        """Hear SIGINT and SIGTERM from now on."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    def _hear(self, number: int, frame: object) -> None:
        self.requested = True
        if not self.library_runs:
            raise Cancelled


class Teller:
    """Writes lines at once, for the parent waits for them; none twice in a row."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._last = ""

    def tell(self, line: str) -> None:
        """Write a line if it is news."""
        if line != self._last:
            self._last = line
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def build(order: BuildOrder, tell: Callable[[str], None], cancellation: Cancellation) -> Path:
    """Build an engine and write it with its manifest.

    Args:
        order: what to build.
        tell: hears lines of progress.
        cancellation: may end it.

    Raises:
        Cancelled: it was.
        ManyHandsError: it cannot be built, or is not what it should be.
    """
    start_ns = now_ns()
    tell(progress_line(0, "looking at this machine"))
    description = _description(order)
    gpu, why_not = _gpu(order.compute_capability)
    name = installed_library()
    library = load_library(name)
    tell(progress_line(0.02, "tracing the network in FP16"))
    network = load_deployable(order.weights, order.hand)
    graph = checked_bytes(export_fixed(network, GraphSpec(order.aspect)))
    key = wanted_key(description, order.aspect, name, package_version(name), gpu)
    data, engine = _build_for(library, graph, gpu, key, why_not, tell, cancellation)
    parity, latency_ms, kernels = f"not compared: {why_not}", None, None
    if engine is not None:
        try:
            tell(progress_line(_BUILT, "comparing with FP32"))
            pictures = gate_pictures(demo_clip_path(), key.picture_size)
            parity = str(require_parity(engine, network, pictures))
            tell(progress_line(_COMPARED, parity))
            latency_ms = median_ms(engine, pictures[0])
            kernels = engine.kernels()
        finally:
            engine.close()
    manifest = EngineManifest(
        key=key,
        graph_sha256=hashlib.sha256(graph).hexdigest(),
        engine_sha256=hashlib.sha256(data).hexdigest(),
        engine_bytes=len(data),
        gpu_uuid=gpu.uuid,
        build_seconds=round((now_ns() - start_ns) / 1e9, 1),
        parity=parity,
        latency_ms=latency_ms,
    )
    path = _written(order, data, manifest, tell)
    keep_kernels(path, manifest, kernels)
    return path


def _build_for(
    library: Any,
    graph: bytes,
    gpu: Gpu,
    key: EngineKey,
    why_not: str,
    tell: Callable[[str], None],
    cancellation: Cancellation,
) -> tuple[bytes, TensorRtEngine | None]:
    """Build for the first target that the library builds and the GPU takes."""
    wanted = targets(library, gpu.compute_capability)
    if why_not:
        wanted = wanted[:1]
    reasons = []
    for target in wanted:

        def report(fraction: float, target: str | None = target) -> bool:
            place = f" for {target}" if target else ""
            share = _TRACED + (_BUILT - _TRACED) * fraction
            tell(progress_line(share, f"building the engine{place}"))
            return not cancellation.requested

        cancellation.library_runs = True
        try:
            data = serialise(library, graph, target, report)
            if why_not:
                return data, None
            manifest = _unwritten(key, data)
            return data, TensorRtEngine(data, manifest, library)
        except EngineError as error:
            reasons.append(f"{target or 'this GPU'}: {error.cause}")
            log.info("%s", error)
        finally:
            cancellation.library_runs = False
        if cancellation.requested:
            raise Cancelled
    raise EngineError(
        "ENG-06", f"no engine could be built ({'; '.join(reasons)})", "Use the torch engine."
    )


def _unwritten(key: EngineKey, data: bytes) -> EngineManifest:
    """Return the manifest of an engine that is only tried yet."""
    return EngineManifest(key, "", hashlib.sha256(data).hexdigest(), len(data), "", 0.0, "", None)


def _description(order: BuildOrder) -> Mapping[str, Any]:
    """Return the description beside the weights, of the profile that was asked for.

    Raises:
        EngineError: ENG-06 they are of another profile.
        ModelFileError: the description is missing or none.
    """
    try:
        plain = json.loads(order.weights.with_suffix(".json").read_text("utf-8"))
        profile = plain["profile"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        load_deployable(order.weights, order.hand)  # says what is wrong, with its code
        raise
    if profile != order.profile:
        raise EngineError(
            "ENG-06",
            f"{order.weights.name} are weights of the profile '{profile}'",
            f"Give --profile {profile}, or other --weights.",
        )
    found: Mapping[str, Any] = plain
    return found


def _gpu(compute_capability: str | None) -> tuple[Gpu, str]:
    """Return the GPU to build for, and why the engine cannot run here (empty where it can).

    Raises:
        EngineError: ENG-01 there is no GPU, and none was named.
    """
    if compute_capability is not None:
        named = Gpu("", compute_capability, "", "", "", 0)
        return named, f"built for compute capability {compute_capability}, not for this machine"
    try:
        return find_gpu(), ""
    except NoGpu as reason:
        raise EngineError(
            "ENG-01",
            f"an engine is built for a GPU, and {reason}",
            "The processor's engines need no build.",
        ) from reason


def _written(
    order: BuildOrder, data: bytes, manifest: EngineManifest, tell: Callable[[str], None]
) -> Path:
    """Write the engine into the user's cache.

    Raises:
        OutputError: OUT-01 it cannot be written.
    """
    tell(progress_line(_COMPARED, f"writing {len(data) / 1e6:.1f} MB"))
    try:
        path = engine_path(engine_folder(order.cache), order.profile, order.aspect)
        write_engine(data, manifest, path)
    except OSError as error:
        raise OutputError(
            "OUT-01",
            f"the engine cannot be written ({error.strerror})",
            f"Make room in {order.cache}, or check its permissions.",
        ) from error
    return path


def main(arguments: list[str] | None = None) -> int:
    """Build, and say how it ended."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, help="published .safetensors; default: the shipped")
    parser.add_argument("--profile", choices=("lite", "full"), default="lite")
    parser.add_argument("--aspect", choices=PICTURE_SIZES, default="16x9")
    parser.add_argument("--hand", type=Path, default=hand_model_path())
    parser.add_argument("--cache", type=Path, help="default: the user's cache folder")
    parser.add_argument("--compute-capability", help="such as 8.6: build without that GPU")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    cancellation = Cancellation()
    cancellation.listen()
    try:
        order = BuildOrder(
            weights=given.weights or weights_path(given.profile, "safetensors"),
            hand=given.hand,
            profile=given.profile,
            aspect=given.aspect,
            cache=given.cache or user_folders().cache,
            compute_capability=given.compute_capability,
        )
        teller = Teller()
        teller.tell(done_line(build(order, teller.tell, cancellation)))
    except Cancelled:
        log.warning("cancelled")
        return _CANCELLED
    except ManyHandsError as error:
        log.error("%s", error)
        return 2
    except Exception:
        if not cancellation.requested:
            raise
        log.warning("cancelled", exc_info=log.isEnabledFor(logging.DEBUG))
        return _CANCELLED
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
