"""The same pictures through every engine of this machine: `python -m export.parity [CLIP ...]`.

Each engine is held against the FP32 network in ONNX Runtime, by the limits of its precision. The
table tells the largest error of each output; exit 1 where an engine that "auto" may take, or that
was named, is over its limit, 2 where nothing could be compared.
"""

import argparse
import json
import logging
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from core.assets import demo_clip_path, weights_path
from core.atomic import write_atomically
from core.engines.agreement import Agreement, compare, joined
from core.engines.base import Engine
from core.engines.pictures import clip_pictures, run_whole
from core.engines.quantised import quantised_folder, quantised_path
from core.engines.select import DEFAULT_PROFILE, engine_report, open_engine
from core.errors import EngineError, ManyHandsError, OutputError, told

log = logging.getLogger(__name__)

REFERENCE: Final = "onnx"
_PICTURES: Final = 24
_HEIGHT, _WIDTH = 720, 1280
#: A quantised network may be this much worse than when it was made, on other pictures.
_INT8_ROOM: Final = 1.5

#: (name, frame height px, frame width px) -> engine.
EngineOpener = Callable[[str, int, int], Engine]


@dataclass(frozen=True, slots=True)
class Limit:
    """What an engine may differ by.

    Attributes:
        mean_joints_mm: over all hands.
        vertices_mm: the largest of all.
        needs_every_hand: whether a hand that only the reference finds is an error.
    """

    mean_joints_mm: float
    vertices_mm: float
    needs_every_hand: bool = True


LIMITS: Final = {
    "fp32": Limit(0.01, 0.01),
    "fp16": Limit(0.2, 1.0),
    "bf16": Limit(0.2, 1.0),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One engine against the reference.

    Attributes:
        engine: its name.
        detail: library and device, or why it could not be compared.
        precision: of its arithmetic.
        hands: of the reference.
        missed: of these, those that it did not find.
        other_side: of these, those that it calls the other side.
        undecided: of those, the ones whose side the reference itself could not tell.
        mean_joints_mm: mean distance of joints, relative to the middle knuckle.
        joints_mm: the largest of a hand's mean.
        vertices_mm: the largest of a vertex, likewise.
        keypoints_px: the largest, input pixels.
        depth_percent: the largest difference of the distance from the camera.
        score: the largest difference.
        within: whether all lies within the limits; None where nothing was compared.
        counts: whether the outcome counts for the exit status.
    """

    engine: str
    detail: str
    precision: str = ""
    hands: int = 0
    missed: int = 0
    other_side: int = 0
    undecided: int = 0
    mean_joints_mm: float = 0.0
    joints_mm: float = 0.0
    vertices_mm: float = 0.0
    keypoints_px: float = 0.0
    depth_percent: float = 0.0
    score: float = 0.0
    within: bool | None = None
    counts: bool = True


def row_of(engine: Engine, name: str, found: Agreement, limit: Limit, counts: bool) -> Row:
    """Judge what was found by a limit; a number that is not finite is over every limit."""
    described = engine.describe()
    largest = {
        key: float(values.max(initial=0.0))
        for key, values in (
            ("joints_mm", found.joints_mm),
            ("vertices_mm", found.vertices_mm),
            ("keypoints_px", found.keypoints_px),
            ("depth_percent", 100 * found.depth),
            ("score", found.score),
        )
    }
    mean = float(found.joints_mm.mean()) if len(found.joints_mm) else 0.0
    sides = found.other_side - found.undecided
    within = mean <= limit.mean_joints_mm and largest["vertices_mm"] <= limit.vertices_mm
    within = within and all(math.isfinite(value) for value in largest.values())
    if limit.needs_every_hand:
        within = within and not found.missed and not sides
    return Row(
        engine=name,
        detail=described.detail,
        precision=described.precision,
        hands=found.hands,
        missed=found.missed,
        other_side=found.other_side,
        undecided=found.undecided,
        mean_joints_mm=mean,
        within=within and found.hands > 0,
        counts=counts,
        **largest,
    )


def compare_engines(
    names: Sequence[str],
    clips: Sequence[Path],
    limits: dict[str, Limit],
    open_one: EngineOpener,
    counted: Sequence[str],
) -> list[Row]:
    """Run pictures of clips through engines and hold each against the reference.

    Args:
        names: of engines.
        clips: videos.
        limits: by precision.
        open_one: opens an engine.
        counted: names whose outcome counts for the exit status.

    Raises:
        ManyHandsError: the reference does not open, or a clip cannot be read.
    """
    reference = open_one(REFERENCE, _HEIGHT, _WIDTH)
    size = reference.input_size
    whole = (_HEIGHT, _WIDTH)
    pictures = [one for clip in clips for one in clip_pictures(clip, whole, _PICTURES)]
    expected = [run_whole(reference, picture, size) for picture in pictures]
    reference.close()
    rows = []
    for name in names:
        counts = name in counted
        try:
            engine = open_one(name, _HEIGHT, _WIDTH)
        except ManyHandsError as error:
            rows.append(Row(name, error.cause, counts=counts))
            continue
        try:
            found = joined(
                compare(exact, run_whole(engine, picture, size))
                for exact, picture in zip(expected, pictures, strict=True)
            )
            limit = limits.get(engine.describe().precision, LIMITS["fp32"])
            rows.append(row_of(engine, name, found, limit, counts))
        except EngineError as error:
            rows.append(Row(name, error.cause, within=False, counts=counts))
        finally:
            engine.close()
    return rows


def int8_limit(profile: str) -> Limit:
    """Return the loss that was measured when the int8 network was made, with some room."""
    try:
        path = quantised_path(profile, quantised_folder()).with_suffix(".json")
        manifest = json.loads(path.read_text("utf-8"))
        mean, vertices = manifest["mean_joints_mm"], manifest["vertices_mm"]
        return Limit(_INT8_ROOM * float(mean), _INT8_ROOM * float(vertices), False)
    except (OSError, ValueError, KeyError, TypeError):
        return Limit(0.0, 0.0)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as text."""
    head = ("engine", "precision", "hands", "missed", "side", "joints mm", "most", "vertices mm",
            "px", "depth %", "")  # fmt: skip
    lines: list[tuple[str, ...]] = [head]
    for row in rows:
        if row.within is None or not row.precision:
            lines.append((row.engine, f"not compared: {row.detail}", *[""] * 9))
            continue
        verdict = "ok" if row.within else "over" if row.counts else "over; auto does not take it"
        lines.append((
            row.engine, row.precision, str(row.hands), str(row.missed), str(row.other_side),
            f"{row.mean_joints_mm:.4f}", f"{row.joints_mm:.4f}", f"{row.vertices_mm:.4f}",
            f"{row.keypoints_px:.3f}", f"{row.depth_percent:.3f}", verdict,
        ))  # fmt: skip
    full = [line for line in lines if line[-2:] != ("", "")]
    widths = [max(len(line[column]) for line in full) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


@told
def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; a fault is one line with a code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, nargs="*", help="videos (default: the demo clip)")
    parser.add_argument("--engine", action="append", help="only this one; may be repeated")
    parser.add_argument("--json", type=Path, help="write the numbers to this file, too")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    report = [status for status in engine_report() if status.available]
    names = chosen.engine or [status.name for status in report]
    counted = chosen.engine or [status.name for status in report if status.by_auto]

    def open_one(name: str, height: int, width: int) -> Engine:
        return open_engine(name, DEFAULT_PROFILE, height, width)

    limits = {**LIMITS, "int8": int8_limit(DEFAULT_PROFILE)}
    rows = compare_engines(names, chosen.clips or [demo_clip_path()], limits, open_one, counted)
    if chosen.json is not None:
        _write(chosen.json, rows)
    sys.stdout.write(table(rows) + "\n")
    if not any(row.hands for row in rows):
        log.error("no picture shows a hand to %s: nothing was compared", REFERENCE)
        return 2
    return int(any(row.counts and row.within is False for row in rows))


def _write(path: Path, rows: Sequence[Row]) -> None:
    weights = weights_path(DEFAULT_PROFILE, "onnx").name
    report: dict[str, Any] = {
        "format": 1, "reference": REFERENCE, "weights": weights,
        "engines": [asdict(row) for row in rows],
    }  # fmt: skip
    try:
        write_atomically((json.dumps(report, indent=2) + "\n").encode(), path)
    except OSError as error:
        raise OutputError(
            "OUT-01", f"cannot write {path} ({error.strerror})", "Choose another file with --json."
        ) from error


if __name__ == "__main__":
    raise SystemExit(main())
