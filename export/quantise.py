"""The network in int8 for OpenVINO: `python -m export.quantise`.

Post-training quantisation by NNCF, calibrated on frames of the demo clip or on clips that are
given. Only convolutions of the backbone and the neck are quantised; heads, rotations, skinning and
softmax stay in float. Which those are is read from the graph, not from names. The network goes into
the user's cache with what it costs in accuracy, measured on frames that it was not calibrated on;
`auto` takes it only where its joints stay within half a millimetre and it is the fastest.
"""

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.assets import checked_weights, demo_clip_path, load_weights_description
from core.atomic import write_atomically
from core.engines.agreement import Agreement, compare, joined
from core.engines.openvino import OpenVinoEngine, openvino, release
from core.engines.pictures import clip_pictures
from core.engines.quantised import manifest_of, quantised_folder, quantised_path
from core.engines.trial import run_trials
from core.errors import EngineError, OutputError, told
from core.types import UInt8

log = logging.getLogger(__name__)

_PICTURES: Final = 48
_CONVOLUTIONS: Final = ("Convolution", "GroupConvolution")
#: An output of the dense maps, and one that is read at hand centres only.
_DENSE, _AT_CENTRES, _CENTRES = "score", "light", "TopK"

#: (network, pictures, names of operations to leave in float) -> quantised network.
Quantiser = Callable[[openvino.Model, Sequence[UInt8], list[str]], openvino.Model]


@dataclass(frozen=True, slots=True)
class Loss:
    """What int8 costs and gains, against FP32 on the same processor.

    Attributes:
        hands: compared.
        missed: hands that only FP32 finds.
        other_side: hands that int8 calls the other side.
        mean_joints_mm: over all hands.
        joints_mm: of 95 of 100 hands.
        vertices_mm: the largest.
        keypoints_px: the largest, input pixels.
        frame_ms: int8.
        exact_frame_ms: FP32.
    """

    hands: int
    missed: int
    other_side: int
    mean_joints_mm: float
    joints_mm: float
    vertices_mm: float
    keypoints_px: float
    frame_ms: float
    exact_frame_ms: float


def body_convolutions(model: openvino.Model) -> set[str]:
    """Name the convolutions of the backbone and the neck.

    They are what both the dense maps and what is read at hand centres stand on, apart from the
    way on which the centres themselves were found.
    """
    dense = _above(model.output(_DENSE).get_node(), stop_at="")
    shared = _above(model.output(_AT_CENTRES).get_node(), stop_at=_CENTRES)
    return {
        name
        for name, kind in dense.items()
        if name in shared and kind in _CONVOLUTIONS
    }  # fmt: skip


def _above(node: Any, stop_at: str) -> dict[str, str]:
    """Return names and kinds of a node and all it is computed from, not passing `stop_at`."""
    seen: dict[str, str] = {}
    waiting = [node]
    while waiting:
        current = waiting.pop()
        name, kind = current.get_friendly_name(), current.get_type_name()
        if name in seen or kind == stop_at:
            continue
        seen[name] = kind
        waiting += [port.get_source_output().get_node() for port in current.inputs()]
    return seen


def quantise_by_nncf(
    model: openvino.Model, pictures: Sequence[UInt8], left_in_float: list[str]
) -> openvino.Model:
    """Quantise with accurate bias correction, which halves the error of the fast one.

    Raises:
        EngineError: ENG-01 NNCF is not installed or does not load.
    """
    try:
        import nncf
    except ImportError as error:
        raise EngineError(
            "ENG-01",
            f"NNCF does not load ({error})",
            "Install the extra quantise: python3 -m pip install 'manyhands[quantise]'.",
        ) from error
    nncf.set_log_level(logging.ERROR)
    return nncf.quantize(
        model,
        nncf.Dataset([_planar(picture) for picture in pictures]),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(pictures),
        fast_bias_correction=False,
        ignored_scope=nncf.IgnoredScope(names=left_in_float, validate=False),
    )


def quantise(
    profile: str,
    clips: Sequence[Path],
    folder: Path,
    quantiser: Quantiser = quantise_by_nncf,
) -> Loss:
    """Write the int8 network of a profile into a folder and return what it costs.

    Args:
        profile: weights.
        clips: videos whose frames take turns in calibrating and in checking.
        folder: of the network; an earlier one of the profile is replaced.
        quantiser: does the arithmetic.

    Raises:
        ManyHandsError: no weights, no pictures, no NNCF, or the files cannot be written.
    """
    path, weights_sha256 = checked_weights(profile, "onnx")
    height, width = load_weights_description(profile)["network"]["input_sizes"][0]
    size = (int(height), int(width))
    pictures = [one for clip in clips for one in clip_pictures(clip, size, 2 * _PICTURES)]
    model = openvino.Core().read_model(path)
    body = body_convolutions(model)
    left = [op.get_friendly_name() for op in model.get_ordered_ops()
            if op.get_type_name() not in ("Constant", "Parameter", "Result")
            and op.get_friendly_name() not in body]  # fmt: skip
    log.info("quantising %d convolutions on %d pictures ...", len(body), len(pictures[::2]))
    quantised = quantiser(model, pictures[::2], left)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            xml = quantised_path(profile, Path(temporary))
            openvino.save_model(quantised, xml, compress_to_fp16=True)
            loss = _measure(path, xml, size, pictures[1::2])
            manifest = manifest_of(xml, weights_sha256, {**_facts(len(pictures)), **asdict(loss)})
            target = quantised_path(profile, folder)
            # The manifest comes last: until then the old one refuses the new files.
            xml.with_suffix(".bin").replace(target.with_suffix(".bin"))
            xml.replace(target)
            data = (json.dumps(manifest, indent=2) + "\n").encode()
            write_atomically(data, target.with_suffix(".json"))
    except OSError as error:
        raise OutputError(
            "OUT-01", f"cannot write into {folder} ({error.strerror})", "Choose another --folder."
        ) from error
    return loss


def _facts(count: int) -> dict[str, Any]:
    return {"openvino": release(), "pictures": count}


def _measure(
    exact_path: Path, int8_path: Path, size: tuple[int, int], pictures: Iterable[UInt8]
) -> Loss:
    """Compare int8 with FP32 on pictures, and time both in turns."""
    checked = list(pictures)
    exact = OpenVinoEngine(exact_path, size, "")
    int8 = OpenVinoEngine(int8_path, size, "", precision="int8")
    found: Agreement = joined(compare(exact.run(one), int8.run(one)) for one in checked)
    times = run_trials({"exact": exact, "int8": int8}, checked[:4])
    has_any = len(found.joints_mm) > 0
    return Loss(
        hands=found.hands,
        missed=found.missed,
        other_side=found.other_side,
        mean_joints_mm=float(found.joints_mm.mean()) if has_any else 0.0,
        joints_mm=float(np.percentile(found.joints_mm, 95)) if has_any else 0.0,
        vertices_mm=float(found.vertices_mm.max()) if has_any else 0.0,
        keypoints_px=float(found.keypoints_px.max()) if has_any else 0.0,
        frame_ms=times["int8"].frame_ms,
        exact_frame_ms=times["exact"].frame_ms,
    )


def _planar(picture: UInt8) -> UInt8:
    """Return (H, W, 3) as (1, 3, H, W)."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None])


@told
def main() -> int:
    """Quantise; a fault is one line with a code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, nargs="*", help="videos (default: the demo clip)")
    parser.add_argument("--profile", default="lite")
    parser.add_argument("--folder", type=Path, help="default: the user's cache")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    clips = arguments.clips or [demo_clip_path()]
    loss = quantise(arguments.profile, clips, arguments.folder or quantised_folder())
    sys.stdout.write(json.dumps(asdict(loss), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
