"""Judge hands over time: `python -m training.judge_clip --weights W CLIP [--truth truth.npz]`.

The clip goes the product's whole way, tracking and smoothing with their defaults. With truth (the
demo clip has it): hands found, sides, identities, ghosts, and how still a still hand is held.
Without: frames with a hand, the longest time without one, and how many identities came up.
"""

import argparse
import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from core.assets import demo_clip_path, hand_model_path
from core.capture import open_source
from core.config import CaptureConfig, PipelineConfig, SmoothingConfig
from core.engines.base import Engine
from core.errors import told
from core.hand_model.file import load_hand_model
from core.metrics.motion import still_rms_mm
from core.pipeline import FramePipeline
from core.preprocess import choose_input_size
from core.smoothing import lag_s
from core.topology import MIDDLE_MCP, TIPS
from core.types import TrackedHands
from training.evaluate import engine_opener, input_sizes
from training.tables import write_json
from training.tally import box_px

log = logging.getLogger(__name__)
#: A found hand is a labelled one where its joints are nearer than this on average, in hand boxes.
_GATE: Final = 0.5
#: A hand is still while no joint moves more than this within `_STILL_S`.
_STILL_M: Final = 5e-4
_STILL_S: Final = 1.0
#: Smoothing needs so long to come to rest.
_SETTLE_S: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is in each of T frames, for N hands; see the demo clip's description.

    Attributes:
        sides: of the N hands.
        visible: (T, N) bool.
        keypoints_2d: (T, N, 21, 2) px.
        joints_3d: (T, N, 21, 3) m.
        fps: frames per second.
    """

    sides: tuple[str, ...]
    visible: NDArray[np.bool_]
    keypoints_2d: NDArray[np.floating]
    joints_3d: NDArray[np.floating]
    fps: float


@dataclass(frozen=True, slots=True)
class ClipFigures:
    """What a clip says of a network; None is not known without truth.

    Attributes:
        frames: of the clip.
        frames_with_hands: share of frames in which a hand is shown.
        longest_without_s: longest time without any hand.
        identities: track ids that came up.
        smoothing_lag_ms: that the default smoothing adds at 1 m/s.
        found: share of visible labelled hands that are shown.
        ghosts: shown hands, per 100 frames, that are no labelled hand.
        wrong_side: share of found hands shown with the wrong side.
        side_flips: times that a labelled hand's shown side changed.
        identity_switches: times that a labelled hand's track id changed.
        still_tip_rms_mm: root mean square of the fingertips of each hand at rest about their mean,
            relative to the middle knuckle; `still_place_rms_mm` of that knuckle across the view.
    """

    frames: int
    frames_with_hands: float
    longest_without_s: float
    identities: int
    smoothing_lag_ms: float
    found: float | None = None
    ghosts: float | None = None
    wrong_side: float | None = None
    side_flips: int | None = None
    identity_switches: int | None = None
    still_tip_rms_mm: tuple[float, ...] | None = None
    still_place_rms_mm: tuple[float, ...] | None = None


def load_truth(path: Path) -> Truth:
    """Read the demo clip's truth."""
    with np.load(path, allow_pickle=False) as arrays:
        return Truth(
            tuple(str(side) for side in arrays["side"]),
            arrays["visible"],
            arrays["keypoints_2d"],
            arrays["joints_3d"],
            float(arrays["fps"]),
        )


def assigned(tracked: TrackedHands, truth: Truth, frame: int) -> dict[int, int]:
    """Return which shown hand (index) is which labelled one of a frame, seen or hidden."""
    labels = truth.keypoints_2d[frame]
    if not tracked.hands or not len(labels):
        return {}
    own = np.stack([hand.joints_2d for hand in tracked.hands])
    boxes = np.array([box_px(label) for label in labels])
    distance = np.linalg.norm(own[:, None] - labels[None], axis=-1).mean(-1) / boxes
    rows, columns = linear_sum_assignment(np.minimum(distance, 10 * _GATE))
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if distance[row, column] < _GATE
    }


def judge(results: Iterable[TrackedHands], truth: Truth | None = None) -> ClipFigures:
    """Return the figures of a clip's results in their order; truth row i is result i."""
    shown = list(results)
    times = np.array([tracked.frame.timestamp_ns for tracked in shown])
    has_hands = np.array([bool(tracked.hands) for tracked in shown])
    ids = {hand.track_id for tracked in shown for hand in tracked.hands}
    common = (
        len(shown),
        float(has_hands.mean()) if shown else 0.0,
        _longest_without(times, has_hands),
        len(ids),
        1e3 * lag_s(SmoothingConfig(), 1.0),
    )
    if truth is None:
        return ClipFigures(*common)
    visible = found = ghosts = wrong = flips = switches = 0
    last: dict[int, tuple[str, int]] = {}
    joints = np.full((len(shown), len(truth.sides), 21, 3), np.nan)
    for frame, tracked in enumerate(shown):
        pairs = assigned(tracked, truth, frame)
        ghosts += len(tracked.hands) - len(pairs)
        visible += int(truth.visible[frame].sum())
        for own, label in pairs.items():
            hand = tracked.hands[own]
            joints[frame, label] = hand.joints_3d
            if truth.visible[frame, label]:
                found += 1
                wrong += hand.side != truth.sides[label]
            side, track_id = last.get(label, (hand.side, hand.track_id))
            flips += side != hand.side
            switches += track_id != hand.track_id
            last[label] = (hand.side, hand.track_id)
    still = _still_rms(joints, times, truth)
    return ClipFigures(
        *common,
        found / max(visible, 1),
        100 * ghosts / max(len(shown), 1),
        wrong / max(found, 1),
        flips,
        switches,
        *still,
    )


def _longest_without(times_ns: NDArray[np.integer], has_hands: NDArray[np.bool_]) -> float:
    """Longest time in s between frames with a hand, or from an end of the clip to one."""
    if not len(times_ns):
        return 0.0
    marks = [times_ns[0], *times_ns[has_hands], times_ns[-1]]
    return float(np.diff(marks).max()) * 1e-9


def still_stretches(truth: Truth) -> list[tuple[int, int, int]]:
    """Return (hand, first frame, last frame) of each visible hand at rest for long enough."""
    window = round(_STILL_S * truth.fps)
    found = []
    for hand in range(len(truth.sides)):
        moved = np.abs(np.diff(truth.joints_3d[:, hand], axis=0)).max((1, 2)) * window > _STILL_M
        start = 0
        for frame in [*np.flatnonzero(moved), len(moved)]:
            if frame - start >= window and truth.visible[start : frame + 1, hand].all():
                found.append((hand, start, int(frame)))
            start = int(frame) + 1
    return found


def _still_rms(
    joints: NDArray[np.floating], times_ns: NDArray[np.integer], truth: Truth
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Tips about their knuckle, and the knuckle across the view, of each hand at rest, mm."""
    tips, places = [], []
    for hand, first, last in still_stretches(truth):
        start = first + round(_SETTLE_S * truth.fps)
        own, times = joints[start : last + 1, hand], times_ns[start : last + 1]
        if np.isfinite(own).all((1, 2)).sum() < 2:
            continue
        knuckle = own[:, MIDDLE_MCP : MIDDLE_MCP + 1]
        tips.append(still_rms_mm(own[:, list(TIPS)] - knuckle, times))
        # Across the view alone: depth from one picture is another matter.
        places.append(still_rms_mm(knuckle * np.array([1.0, 1.0, 0.0]), times))
    return tuple(tips), tuple(places)


def processed(source: str, weights: Path) -> Iterable[TrackedHands]:
    """Yield a clip's hands as the product finds them."""
    model = load_hand_model(hand_model_path())
    opener, sizes = engine_opener(weights, model), input_sizes(weights)

    def open_engine(height: int, width: int) -> Engine:
        return opener(choose_input_size(height, width, sizes))

    config = PipelineConfig()
    clip = open_source(source, CaptureConfig(), demo_clip=demo_clip_path())
    pipeline = None
    try:
        while (frame := clip.read()) is not None:
            if pipeline is None:
                engine = open_engine(*frame.image.shape[:2])
                pipeline = FramePipeline(engine, config, model=model)
            yield pipeline.process(frame)
    finally:
        clip.close()
        if pipeline is not None:
            pipeline.close()


@told
def main() -> int:
    """Judge a clip; a fault is one line with a code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", help="video, or demo")
    parser.add_argument("--weights", type=Path, default=Path("resources/weights/lite.onnx"))
    parser.add_argument("--truth", type=Path, help="npz; that of the demo clip is known")
    parser.add_argument("--out", type=Path, help="JSON to write")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    path = arguments.truth
    if path is None and arguments.clip == "demo":
        path = demo_clip_path().with_name("truth.npz")
    truth = None if path is None else load_truth(path)
    figures = asdict(judge(processed(arguments.clip, arguments.weights), truth))
    log.info("%s", json.dumps(figures, indent=2))
    if arguments.out is not None:
        write_json(figures, arguments.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
