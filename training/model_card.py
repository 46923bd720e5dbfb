"""Write the model card: `python -m training.model_card --data DATA --cases DIR --bench FILE`.

What the weights were learnt from, under which licences, how good they are overall and for each
skin tone, side, size and kind of pose, on which hard cases they fail, and how fast they are. The
failures shown are drawn ones, before plain walls: no picture of a data set is shipped.
"""

import argparse
import io
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from PIL import Image

from core.assets import hand_model_path
from core.atomic import write_atomically
from core.config import DetectionConfig
from core.errors import TrainingError, told
from core.hand_model.file import HandModel, load_hand_model
from core.types import Frame, UInt8
from training.evaluate import Detect, engine_opener, input_sizes, product_detect
from training.hand_kinds import POSE_KINDS, SIZE_KINDS, TONE_KINDS, size_kind
from training.hard_cases import Case, Picture, drawn, judge_case, real_pictures
from training.synthetic.scene import SceneConfig
from training.synthetic.skins import procedural_skins
from training.tables import Figure, markdown_table
from training.tally import Tally, tally_hands

log = logging.getLogger(__name__)
CARD_NAME: Final = "README.md"
FAILURES_NAME: Final = "failures.png"
_FAILURES: Final = 12
#: A quarter of the bytes, and hands look the same.
_COLOURS: Final = 200
#: Wide, small and touching hands before walls: what goes wrong most.
_FAILING: Final = SceneConfig(
    hand_count_weights=(0.0, 0.5, 0.5),
    interacting_share=0.6,
    uniform_orientation_share=0.6,
    person_share=0.0,
    held_share=0.4,
    plain_background_share=1.0,
)
_LIMITS: Final = """\
* Distance and size in metres rest on an average hand until a hand's length is typed in or the
  camera is calibrated: expect 5 to 10 % of error.
* The 2D labels are a teacher's (MediaPipe Hands 0.10.21). It is weakest on fists seen end-on, on
  fingers that point at the camera and on interlocked hands, so figures on real pictures are kinder
  than life there.
* Skin tones are told from the picture (individual typology angle of the palm), not from people:
  light and camera shift them.
* Not for anything that must not fail: no medical, safety or identification use.
"""


@dataclass(frozen=True, slots=True)
class HandRecord:
    """What became of one labelled hand.

    Attributes:
        kinds: its value of each grouping.
        found: whether a detection was matched to it.
        right_side: whether that one's side is right.
        error_box: projected joints to labels, mean, in longer sides of the box; None if not found.
    """

    kinds: Mapping[str, str]
    found: bool
    right_side: bool
    error_box: float | None


def records(pictures: Iterable[Picture], detect: Detect, threshold: float) -> list[HandRecord]:
    """Detect hands in labelled pictures and say what became of each labelled one."""
    result = []
    for index, picture in enumerate(pictures):
        found = detect(Frame(index, 0, 0, picture.image, picture.K))
        tally = Tally(threshold)
        pairs = tally_hands(tally, found, picture.keypoints, list(picture.sides), picture.doubtful)
        errors = dict(
            zip(
                (hand for _, hand in pairs),
                tally.errors.get("projected_error_box", []),
                strict=True,
            )
        )
        own = {hand: found.hands[detection].side for detection, hand in pairs}
        for hand, side in enumerate(picture.sides):
            pose, tone = picture.kinds[hand]
            kinds = {
                "Pose": pose,
                "Skin tone": tone,
                "Side": side,
                "Size": size_kind(picture.keypoints[hand]),
            }
            result.append(HandRecord(kinds, hand in own, own.get(hand) == side, errors.get(hand)))
    return result


def grouped_figures(hands: list[HandRecord]) -> dict[str, dict[str, dict[str, Figure]]]:
    """Return figures by grouping and kind; a kind without hands is left out."""
    orders = {"Skin tone": TONE_KINDS, "Side": ("left", "right"), "Size": SIZE_KINDS,
              "Pose": POSE_KINDS}  # fmt: skip
    result: dict[str, dict[str, dict[str, Figure]]] = {}
    for grouping, order in orders.items():
        groups = defaultdict(list)
        for hand in hands:
            groups[hand.kinds[grouping]].append(hand)
        result[grouping] = {kind: _figures(groups[kind]) for kind in order if groups[kind]}
    return result


def _figures(hands: list[HandRecord]) -> dict[str, Figure]:
    """Return count, recall, sides and error of some hands."""
    found = [hand for hand in hands if hand.found]
    errors = [hand.error_box for hand in found if hand.error_box is not None]
    return {
        "hands": len(hands),
        "recall": len(found) / len(hands),
        "side accuracy": sum(hand.right_side for hand in found) / len(found) if found else None,
        "projected joints, share of the box": sum(errors) / len(errors) if errors else None,
    }


def card(
    description: Mapping[str, Any],
    groups: Mapping[str, Mapping[str, Mapping[str, Figure]]],
    cases: Mapping[str, Mapping[str, Figure]],
    bench: Mapping[str, Any] | None,
) -> str:
    """Return the card as Markdown.

    Args:
        description: the json beside the weights.
        groups: of `grouped_figures`.
        cases: figures of the hard cases by name, from training.hard_cases.
        bench: what `manyhands bench --json` wrote; None leaves speed out.
    """
    overall = {
        name: values for name, values in description["metrics"].items() if name != "detection"
    }
    data = description["data"]
    parts = [
        f"# Model card: `{description['profile']}`",
        "One RGB picture in, up to eight hands out: side, pose, shape, place, skin colour and"
        f" light. {description['steps']} steps, {description['samples']} pictures seen. Licence:"
        f" {description['licence']}. Written by `python -m training.model_card`.",
        "## Learnt from",
        f"* Labels of real pictures: {data['labels']}.\n* {data['synthetic']}.",
        _source_table(data["real"], "Real pictures"),
        _source_table(data["backgrounds"], "Backgrounds"),
        "## Figures",
        "On people, rooms and finger poses that nothing was learnt from; errors of real pictures"
        " are distances to a teacher's labels, in longer sides of the hand's box.",
        markdown_table(overall),
    ]
    for grouping, columns in groups.items():
        parts += [f"### {grouping}", markdown_table(columns)]
    parts += ["## Hard cases", markdown_table({name: _short(row) for name, row in cases.items()})]
    parts += [f"![drawn hands on which the network fails]({FAILURES_NAME})", "## Limits", _LIMITS]
    if bench is not None:
        parts += ["## Speed", _speed(bench)]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _short(row: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return a case's figures under names that a person reads."""
    return {name.replace("_", " "): value for name, value in row.items()}


def _source_table(sources: list[dict[str, Any]], title: str) -> str:
    """Return sources with licence and count."""
    lines = [f"### {title}", "", "| Source | From | Licence | Pictures |", "|---|---|---|---:|"]
    lines += [
        f"| {entry['source']} | {entry['repository']} | {entry['licence']} | {entry['pictures']} |"
        for entry in sources
    ]
    return "\n".join(lines)


def _speed(bench: Mapping[str, Any]) -> str:
    """Return the whole frame's times for each number of hands."""
    engine = bench["engine"]
    lines = [
        f"{engine['name']}, {engine['precision']}, {engine['detail']}; median of a whole frame, by"
        " `manyhands bench`:",
        "",
        "| Hands | ms |",
        "|---:|---:|",
    ]
    lines += [
        f"| {row['found']} | {row['steps']['total']['p50_ms']:.1f} |" for row in bench["hands"]
    ]
    return "\n".join(lines)


def failure_sheet(
    detect: Detect, threshold: float, backgrounds: torch.Tensor, model: HandModel
) -> UInt8:
    """Return the worst of drawn hands before plain walls, (H, W, 3) RGB."""
    pictures = drawn(_FAILING, model, procedural_skins(model), backgrounds, 50_000)
    _, sheet = judge_case(Case("failures", "", pictures), detect, threshold)
    return sheet[: sheet.shape[0] * _FAILURES // len(pictures)]


def write_card(arguments: argparse.Namespace) -> None:
    """Measure what is missing and write card and picture beside the weights.

    Raises:
        TrainingError: TRN-01 something to read is missing.
    """
    weights: Path = arguments.weights
    shards = sorted(arguments.data.glob("real-val-*.tar"))
    cases_path = arguments.cases / "cases.json"
    for what, there in (
        (f"real-val-*.tar in {arguments.data}", bool(shards)),
        (f"{cases_path}; run training.hard_cases first", cases_path.is_file()),
    ):
        if not there:
            raise TrainingError("TRN-01", f"there is no {what}", "Check the arguments.")
    model = load_hand_model(hand_model_path())
    threshold = DetectionConfig().score_threshold
    detect = product_detect(engine_opener(weights, model), threshold, input_sizes(weights))
    walls = torch.full((1, 3, 288, 384), 128, dtype=torch.uint8)
    with torch.inference_mode():
        groups = grouped_figures(records(real_pictures(shards), detect, threshold))
        sheet = failure_sheet(detect, threshold, walls, model)
    description = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    cases = json.loads(cases_path.read_text(encoding="utf-8"))
    bench = None
    if arguments.bench is not None:
        bench = json.loads(arguments.bench.read_text(encoding="utf-8"))
    folder = weights.parent
    write_atomically(card(description, groups, cases, bench).encode(), folder / CARD_NAME)
    png = io.BytesIO()
    Image.fromarray(sheet).quantize(_COLOURS).save(png, "PNG", optimize=True)
    write_atomically(png.getvalue(), folder / FAILURES_NAME)
    log.info("%s and %s in %s", CARD_NAME, FAILURES_NAME, folder)


@told
def main() -> int:
    """Write the card; a fault is one line with a code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=Path("resources/weights/lite.safetensors"))
    parser.add_argument("--data", type=Path, required=True, help="folder of shards")
    parser.add_argument("--cases", type=Path, required=True, help="--out of training.hard_cases")
    parser.add_argument("--bench", type=Path, help="--json of manyhands bench")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    write_card(arguments)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
