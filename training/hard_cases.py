"""Hard cases by name: `python -m training.hard_cases --weights W --data DATA --out DIR`.

Each case is a few pictures that a webcam user will bring sooner or later. Some are chosen from the
validation shard by what their labels say, some are made from it by what a camera does (far, dark,
blurred, cut off by the frame), some are drawn, with their truth in 3D. For each case the figures
and a sheet of its pictures with the hands found.
"""

import argparse
import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from PIL import Image

from core.errors import TrainingError, told
from core.geometry import intrinsics_from_fov
from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.metrics import pa_error
from core.topology import BONES
from core.types import Detections, Float32, Frame, UInt8
from training.datasets.weak_shards import (
    hand_keypoints,
    iterate_samples,
    load_backgrounds,
    region_xyxy,
)
from training.evaluate import Detect, add_judged, engine_opener, input_sizes, product_detect
from training.hand_kinds import pose_kind, tone_kind
from training.open_hand.pose_prior import pose_prior, sample_pose
from training.sources import load_skins
from training.synthetic.generator import SyntheticGenerator
from training.synthetic.scene import SceneConfig
from training.tables import Figure, markdown_table, write_json, write_markdown
from training.tally import Tally, box_px, tally_hands

log = logging.getLogger(__name__)
#: Seeds of drawn cases; nothing was learnt from them.
_SEED: Final = 555_555_000_000
_PICTURES: Final = 24
_FAR_PX: Final = 40.0
_FAR_FRAME: Final = (360, 480)
_DARK: Final = 0.045
_BLUR_BOX: Final = 0.22
_CUT_SHARE: Final = (0.15, 0.4)
_TILE: Final = (180, 240)
_COLUMNS: Final = 6
_COLOURS: Final = {"left": (230, 159, 0), "right": (86, 180, 233)}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One labelled picture.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        K: (3, 3) px.
        keypoints: (N, 21, 2) px.
        sides: of the N hands.
        doubtful: (R, 4) px, regions that count neither way.
        joints_3d: (N, 21, 3) m where they are known; a teacher's guess is none.
        kinds: pose kind and tone kind of each hand.
    """

    image: UInt8
    K: Float32
    keypoints: Float32
    sides: tuple[str, ...]
    doubtful: Float32
    joints_3d: Float32 | None = None
    kinds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A named case and its pictures."""

    name: str
    about: str
    pictures: tuple[Picture, ...]


def real_pictures(shards: list[Path]) -> Iterator[Picture]:
    """Yield the labelled pictures of shards with the kinds of their hands."""
    for _, jpeg, label in iterate_samples(shards):
        with Image.open(io.BytesIO(jpeg)) as file:
            image = np.array(file.convert("RGB"))
        hands = label["hands"]
        keypoints = np.array([hand_keypoints(hand) for hand in hands], np.float32)
        guesses = [np.asarray(hand["keypoints_3d_teacher"], np.float32) for hand in hands]
        kinds = tuple(
            (pose_kind(points, guess), tone_kind(image, points))
            for points, guess in zip(keypoints, guesses, strict=True)
        )
        regions = [region_xyxy(region) for region in label["unsure"]]
        yield Picture(
            image,
            intrinsics_from_fov(image.shape[1], image.shape[0]),
            keypoints.reshape(-1, 21, 2),
            tuple(hand["side"] for hand in hands),
            np.array(regions, np.float32).reshape(-1, 4),
            kinds=kinds,
        )


def far(picture: Picture, background: UInt8) -> Picture:
    """Show a picture so small that its hand is `_FAR_PX` large, in front of a background."""
    scale = _FAR_PX / box_px(picture.keypoints[0])
    height, width = _FAR_FRAME
    small = cv2.resize(picture.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = small[:height, :width]
    image = cv2.resize(background, (width, height), interpolation=cv2.INTER_AREA)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    corner = np.array([left, top], np.float32)
    keypoints = (picture.keypoints + 0.5) * scale - 0.5 + corner
    doubtful = picture.doubtful * scale + np.tile(corner, 2)
    K = intrinsics_from_fov(width, height)
    return Picture(image, K, keypoints.astype(np.float32), picture.sides, doubtful)


def cut_off(picture: Picture) -> Picture | None:
    """Move the frame so that the fingertips' end of the hand leaves it; None where it cannot.

    Between 15 % and 40 % of the keypoints lie outside afterwards.
    """
    points = picture.keypoints[0]
    height, width = picture.image.shape[:2]
    direction = points[9] - points[0]
    axis = int(np.abs(direction).argmax())
    ahead = direction[axis] > 0
    order = np.sort(points[:, axis])
    cut = float(order[int(21 * 0.72)] if ahead else order[int(21 * 0.28)])
    extent = (width, height)[axis]
    low, high = (0, int(cut)) if ahead else (max(0, int(cut)), extent)
    if high - low < extent // 3:
        return None
    region = [slice(None), slice(None)]
    region[1 - axis] = slice(low, high)
    shift = np.zeros(2, np.float32)
    shift[axis] = low
    moved = (points - shift)[None]
    outside = float(((moved[0, :, axis] < 0) | (moved[0, :, axis] > high - low - 1)).mean())
    if not _CUT_SHARE[0] <= outside <= _CUT_SHARE[1]:
        return None
    image = np.ascontiguousarray(picture.image[tuple(region)])
    doubtful = picture.doubtful - np.tile(shift, 2)
    K = intrinsics_from_fov(image.shape[1], image.shape[0])
    return Picture(image, K, moved, picture.sides, doubtful)


def darkened(picture: Picture, rng: np.random.Generator) -> Picture:
    """Take a picture in a twentieth of its light: noise of few photons, then the camera's gain."""
    linear = (picture.image.astype(np.float32) / 255) ** 2.2 * _DARK
    noise = rng.normal(size=linear.shape) * np.sqrt(linear * 4e-4 + 2e-6)
    gained = np.clip((linear + noise) * 6, 0, 1) ** (1 / 2.2)
    return replace(picture, image=(255 * gained).round().astype(np.uint8))


def smeared(picture: Picture, rng: np.random.Generator) -> Picture:
    """Blur a picture along a line of about a fifth of its hand: a quick wave."""
    length = max(3, round(_BLUR_BOX * box_px(picture.keypoints[0])))
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    angle = rng.uniform(0, np.pi)
    tip = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    ends = [tuple(np.round(length + sign * tip).astype(int).tolist()) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    blurred = cv2.filter2D(picture.image, -1, kernel / kernel.sum())
    return replace(picture, image=np.asarray(blurred, np.uint8))


def drawn(
    config: SceneConfig, model: HandModel, skins: torch.Tensor, backgrounds: torch.Tensor, seed: int
) -> tuple[Picture, ...]:
    """Draw scenes of one kind with poses that nothing was trained on."""
    poses = sample_pose(512, torch.Generator().manual_seed(_SEED), pose_prior(model))
    generator = SyntheticGenerator(
        HandLayer(model), model, skins, backgrounds, "cpu", config, poses=poses
    )
    pictures = []
    for start in range(0, _PICTURES, 8):
        batch = generator.batch(_SEED + seed + start, 8, 288, 384)
        for row in range(len(batch)):
            slots = batch.valid[row].nonzero().flatten().tolist()
            ignored = batch.ignore_xyxy[row].numpy()
            pictures.append(
                Picture(
                    batch.image[row].permute(1, 2, 0).contiguous().numpy(),
                    batch.K[row, 0].numpy(),
                    batch.keypoints_2d[row, slots].numpy(),
                    tuple(("left", "right")[int(batch.side[row, slot])] for slot in slots),
                    ignored[ignored.any(1)],
                    batch.joints_3d[row, slots].numpy(),
                )
            )
    return tuple(pictures)


def chosen_cases(pictures: Sequence[Picture]) -> Iterator[Case]:
    """Yield the cases that labels tell of."""
    single = [picture for picture in pictures if len(picture.sides) == 1]
    for name, kind, about in (
        ("fists", "fist", "no finger is straight"),
        ("side views", "side view", "the palm is seen from its edge"),
        ("fingers along the axis", "fingers along the axis", "straight fingers point at or away"),
    ):
        yield Case(name, about, _of([p for p in single if p.kinds[0][0] == kind]))
    dark = [p for p in single if p.kinds[0][1] == "dark"]
    yield Case("dark skin", "the palm's typology angle is below -30 degrees", _of(dark))
    two = [picture for picture in pictures if len(picture.sides) == 2]
    yield Case("two real hands", "both hands of a person", _of(two))
    none = [p for p in pictures if not p.sides]
    yield Case("no hand", "faces, rooms and things without a hand", tuple(none))


def made_cases(
    pictures: Sequence[Picture], backgrounds: Sequence[UInt8], seed: int
) -> Iterator[Case]:
    """Yield the cases that a camera makes of ordinary pictures."""
    rng = np.random.default_rng(seed)
    single = [p for p in pictures if len(p.sides) == 1 and p.kinds[0][0] != "fist"]
    some = _of(single)
    rooms = [backgrounds[index % len(backgrounds)] for index in range(len(some))]
    small = tuple(far(p, room) for p, room in zip(some, rooms, strict=True))
    yield Case("far hands", f"{_FAR_PX:.0f} px in a frame of 480 x 360", small)
    cut = [moved for p in single if (moved := cut_off(p)) is not None]
    yield Case("at the frame's edge", "15 to 40 % of the hand is outside", _of(cut))
    yield Case("low light", "a twentieth of the light", tuple(darkened(p, rng) for p in some))
    yield Case("motion blur", "a fifth of the hand", tuple(smeared(p, rng) for p in some))


def drawn_cases(model: HandModel, skins: torch.Tensor, backgrounds: torch.Tensor) -> Iterator[Case]:
    """Yield the cases that are drawn, with their truth in 3D."""
    alone = {"person_share": 0.0, "held_share": 0.0, "thing_share": 0.0}
    two = (0.0, 0.0, 1.0)
    for number, (name, about, config) in enumerate(
        (
            ("two hands touching", "drawn: crossing, touching or covering each other", SceneConfig(
                hand_count_weights=two, interacting_share=1.0, overlap_share=0.6, min_size_px=70,
                **alone)),
            ("holding things", "drawn: something in every palm", SceneConfig(
                hand_count_weights=(0.0, 1.0), min_size_px=60, person_share=0.0, held_share=1.0,
                thing_share=0.0)),
            ("before a person", "drawn: head and chest behind the hand", SceneConfig(
                hand_count_weights=(0.0, 1.0), min_size_px=60, person_share=1.0, held_share=0.0,
                thing_share=0.0)),
            ("any view", "drawn: turned in every way", SceneConfig(
                hand_count_weights=(0.0, 1.0), min_size_px=60, uniform_orientation_share=1.0,
                **alone)),
        )
    ):  # fmt: skip
        yield Case(name, about, drawn(config, model, skins, backgrounds, 1000 * number))


def _of(pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    """Take `_PICTURES` of them, evenly spread."""
    if len(pictures) <= _PICTURES:
        return tuple(pictures)
    return tuple(pictures[index * len(pictures) // _PICTURES] for index in range(_PICTURES))


def judge_case(case: Case, detect: Detect, threshold: float) -> tuple[dict[str, Figure], UInt8]:
    """Return a case's figures, and its sheet (H, W, 3) RGB, the worst pictures first."""
    tally = Tally(threshold)
    shown: list[tuple[float, UInt8]] = []
    for index, picture in enumerate(case.pictures):
        frame = Frame(index, 0, 0, picture.image.copy(), picture.K, case.name)
        found = detect(frame)
        before = (tally.found, tally.spurious, len(tally.errors.get("projected_error_box", [])))
        pairs = tally_hands(tally, found, picture.keypoints, list(picture.sides), picture.doubtful)
        if picture.joints_3d is not None:
            for detection, hand in pairs:
                own = found.hands[detection].joints_3d
                tally.add("pa_mpjpe_mm", 1e3 * pa_error(own, picture.joints_3d[hand]))
        errors = tally.errors.get("projected_error_box", [])[before[2] :]
        missed = len(picture.sides) - (tally.found - before[0])
        badness = missed + tally.spurious - before[1] + float(np.sum(errors))
        shown.append((badness, _tile(picture.image, found, threshold)))
    figures: dict[str, Figure] = {"pictures": len(case.pictures), "hands": tally.hands}
    summary = tally.summary()
    names = ["recall", "precision", "side_accuracy", "projected_error_box", "keypoint_error_box",
             "pa_mpjpe_mm"]  # fmt: skip
    if tally.hands == 0:
        figures["false_hands_in_100_pictures"] = 100 * tally.spurious / max(1, len(case.pictures))
    else:
        figures |= {name: summary[name] for name in names if name in summary}
    shown.sort(key=lambda pair: -pair[0])
    return figures, _sheet([tile for _, tile in shown])


def _tile(image: UInt8, found: Detections, threshold: float) -> UInt8:
    """Draw the hands found as skeletons, and fit the picture into a tile."""
    scale = min(_TILE[0] / image.shape[0], _TILE[1] / image.shape[1])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    for hand, score in zip(found.hands, found.score, strict=True):
        if score < threshold:
            continue
        points = np.round(((hand.joints_2d + 0.5) * scale - 0.5) * 8).astype(int)
        for parent, child in BONES:
            ends = tuple(points[parent].tolist()), tuple(points[child].tolist())
            cv2.line(small, ends[0], ends[1], _COLOURS[hand.side], 2, cv2.LINE_AA, 3)
    tile = np.full((*_TILE, 3), 24, np.uint8)
    tile[: small.shape[0], : small.shape[1]] = small[: _TILE[0], : _TILE[1]]
    return tile


def _sheet(tiles: list[UInt8]) -> UInt8:
    """Lay tiles out in rows."""
    if not tiles:
        return np.zeros((*_TILE, 3), np.uint8)
    blank = [np.zeros_like(tiles[0])] * (-len(tiles) % _COLUMNS)
    rows = [
        np.hstack((tiles + blank)[start : start + _COLUMNS])
        for start in range(0, len(tiles), _COLUMNS)
    ]
    return np.vstack(rows)


def suite(data: Path, model: HandModel, skins: torch.Tensor, seed: int = 0) -> Iterator[Case]:
    """Yield all cases.

    Raises:
        TrainingError: TRN-01 the data folder has no validation shard or no backgrounds.
    """
    shards = sorted(data.glob("real-val-*.tar"))
    if not shards:
        raise TrainingError("TRN-01", f"no real-val-*.tar in {data}", "Give the folder by --data.")
    backgrounds = load_backgrounds(data / "backgrounds-000.tar", 288, 384)
    pictures = list(real_pictures(shards))
    yield from chosen_cases(pictures)
    rooms = [room.permute(1, 2, 0).contiguous().numpy() for room in backgrounds]
    yield from made_cases(pictures, rooms, seed)
    yield from drawn_cases(model, skins, backgrounds)


def run(cases: Iterator[Case], detect: Detect, threshold: float, out: Path) -> dict[str, object]:
    """Judge cases and write cases.json, cases.md and a sheet of each; return the figures.

    Raises:
        OSError: a file cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    columns: dict[str, dict[str, Figure]] = {}
    for case in cases:
        columns[case.name], sheet = judge_case(case, detect, threshold)
        path = out / f"{case.name.replace(' ', '-').replace(chr(39), '')}.png"
        cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
        log.info("%s (%s): %s", case.name, case.about, columns[case.name])
    write_json(columns, out / "cases.json")
    write_markdown("Hard cases", {"Figures": markdown_table(columns)}, out / "cases.md")
    return dict(columns)


@told
def main() -> int:
    """Judge the suite; a fault is one line with a code."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_judged(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder of figures and sheets")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    model = load_hand_model(arguments.hand)
    opener = engine_opener(arguments.weights, model)
    detect = product_detect(opener, arguments.threshold, input_sizes(arguments.weights))
    skins = load_skins(arguments, model)
    cases = suite(arguments.data, model, skins)
    with torch.inference_mode():
        run(cases, detect, arguments.threshold, arguments.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
