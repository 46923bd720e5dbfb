import json
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from app import earlier_hands
from app.earlier_hands import read_run
from app.refine_command import RefineOptions, refine
from app.run_command import RunOptions, RunResult, run
from core.engines.base import RawHands
from core.errors import EngineError, ManyHandsError, ModelFileError, SourceError
from core.network import weights
from core.rotations_np import rotmat_from_rotvec
from core.types import Float32, HandState, UInt8
from tests.app.results import always, files_in, json_of, quiet, table_of, write_clip
from tests.factories import HEIGHT, WIDTH, hand_poser, make_frame, make_hand
from tests.fakes import ScriptedEngine, ScriptedSource
from tests.networks import TINY, lively_network, publish

pytestmark = pytest.mark.usefixtures("handlers_are_put_back")

FRAMES = 4
TRUE = [make_hand("right", at=(0.15, 0.0, 0.6)), make_hand("left", at=(-0.15, 0.0, 0.7))]


def mistaken(hand: HandState, seed: int) -> HandState:
    """The same hand as a network sees it that errs in pose and place."""
    draw = np.random.default_rng(seed)
    turns = rotmat_from_rotvec(draw.normal(0, 0.12, (16, 3)))
    pose = (hand.pose @ turns).astype(np.float32)
    at = hand.joints_3d[9] + draw.normal(0, 0.01, 3)
    return make_hand(hand.side, at=at, pose=pose)


class ErringEngine(ScriptedEngine):
    """Its keypoints are right, its hands are not."""

    def __init__(self, steps: Sequence[Sequence[HandState]]) -> None:
        super().__init__([[mistaken(hand, row) for row, hand in enumerate(step)] for step in steps])
        self._right = ScriptedEngine(steps)

    def run(self, image: UInt8) -> RawHands:
        return replace(super().run(image), keypoints_2d=self._right.run(image).keypoints_2d)


def refined(options: RefineOptions, hands: Sequence[HandState] = TRUE) -> RunResult:
    return refine(options, quiet, always(ErringEngine([hands])))


def joints_2d_of(row: dict[str, str]) -> Float32:
    numbers = [[float(row[f"joint_{j}_{axis}_px"]) for axis in "uv"] for j in range(21)]
    return np.array(numbers, np.float32)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", FRAMES)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    cv2.imwrite(str(path), make_frame().image)
    return path


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for index in range(2):
        cv2.imwrite(str(folder / f"picture{index}.png"), make_frame().image)
    return folder


def test_picture_becomes_refined_hands_a_report_and_an_overlay(image: Path, out: Path) -> None:
    result = refined(RefineOptions(str(image), out, steps=25))
    assert files_in(out) == {
        "hands.csv", "hands.npz", "overlay/picture.png", "refinement.json", "summary.json",
    }  # fmt: skip
    report = json_of(out / "refinement.json")
    assert report["refined_hands"] == 2
    for row in report["hands"]:
        assert row["objective_after"] < row["objective_before"]
        assert row["error_after_px"] < 0.5 * row["error_before_px"]
        assert 1 <= row["steps"] <= 25
    assert report["mean_error_after_px"] == pytest.approx(
        np.mean([row["error_after_px"] for row in report["hands"]])
    )
    for row, hand in zip(table_of(out), TRUE, strict=True):
        assert row["side"] == hand.side
        away = np.linalg.norm(joints_2d_of(row) - hand.joints_2d, axis=1).mean()
        assert away < 3
    overlay = cv2.imread(str(out / "overlay/picture.png"))
    assert overlay.shape == (HEIGHT, 2 * WIDTH, 3)
    assert (overlay[:, :WIDTH] != overlay[:, WIDTH:]).any()
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary == json.loads(json.dumps(result.summary))
    assert summary["refinement"]["refined_hands"] == 2
    assert {"network", "refine", "draw"} <= set(summary["steps"])


def test_video_keeps_identities_and_gets_a_double_overlay(video: Path, out: Path) -> None:
    refined(RefineOptions(str(video), out, steps=5))
    rows = table_of(out)
    assert len({row["track_id"] for row in rows}) == 2
    assert {int(row["frame"]) for row in rows} == {1, 2, 3}  # a hand is believed when seen twice
    assert {row["frame"] for row in json_of(out / "refinement.json")["hands"]} == set(range(FRAMES))
    with av.open(str(out / "overlay.mp4")) as container:
        pictures = [image.to_ndarray(format="rgb24") for image in container.decode(video=0)]
    assert len(pictures) == FRAMES
    assert pictures[0].shape == (HEIGHT, 2 * WIDTH, 3)


def test_folder_of_images_is_refined_picture_by_picture(images: Path, out: Path) -> None:
    refined(RefineOptions(str(images), out, steps=3, overlay=False))
    assert files_in(out) == {"hands.csv", "hands.npz", "refinement.json", "summary.json"}
    rows = table_of(out)
    assert [row["source_name"] for row in rows] == ["picture0.png"] * 2 + ["picture1.png"] * 2
    assert {row["track_id"] for row in rows} == {"-1"}


def test_picture_without_hands_is_no_error(image: Path, out: Path) -> None:
    refined(RefineOptions(str(image), out), hands=[])
    report = json_of(out / "refinement.json")
    assert report["hands"] == []
    assert report["mean_error_after_px"] is None
    assert table_of(out) == []


def test_limits_of_steps_and_frames_are_kept(video: Path, out: Path) -> None:
    result = refined(RefineOptions(str(video), out, steps=2, max_frames=3, overlay=False))
    assert result.summary["frames"] == 3
    assert result.summary["ended_by"] == "max frames"
    assert max(row["steps"] for row in json_of(out / "refinement.json")["hands"]) == 2


def test_ctrl_c_keeps_what_is_done(images: Path, out: Path) -> None:
    def interrupt(done: int, total: int | None) -> None:
        assert total == 2
        signal.raise_signal(signal.SIGINT)

    options = RefineOptions(str(images), out, steps=2)
    result = refine(options, interrupt, always(ErringEngine([TRUE])))
    assert result.summary["ended_by"] == "stopped"
    assert result.summary["frames"] == 1
    assert {row["source_name"] for row in table_of(out)} == {"picture0.png"}
    assert "overlay/picture0.png" in files_in(out)
    assert len(json_of(out / "refinement.json")["hands"]) == 2


@pytest.fixture
def run_folder(video: Path, tmp_path: Path) -> Path:
    """What `manyhands run` makes of the video with an engine that errs."""
    folder = tmp_path / "run"
    run(RunOptions(str(video), folder, overlay=False), quiet, always(ErringEngine([TRUE])))
    return folder


def test_folder_of_a_run_is_refined_from_the_hands_that_it_holds(
    run_folder: Path, out: Path
) -> None:
    refined(RefineOptions(str(run_folder), out, steps=12))
    before, after = table_of(run_folder), table_of(out)
    assert [row["track_id"] for row in after] == [row["track_id"] for row in before]
    assert [row["frame"] for row in after] == [row["frame"] for row in before]
    assert [row["timestamp_ns"] for row in after] == [row["timestamp_ns"] for row in before]
    true = {hand.side: hand.joints_2d for hand in TRUE}
    for old, new in zip(before, after, strict=True):
        goal = true[new["side"]]  # type: ignore[index]
        errors = [np.linalg.norm(joints_2d_of(row) - goal, axis=1).mean() for row in (old, new)]
        assert errors[1] < 0.6 * errors[0]
    assert "overlay.mp4" in files_in(out)


def test_hands_that_were_not_found_again_stay_as_they_were(run_folder: Path, out: Path) -> None:
    engine = ErringEngine([TRUE[:1]])
    refine(RefineOptions(str(run_folder), out, steps=3, overlay=False), quiet, always(engine))
    left = [[row for row in table_of(of) if row["side"] == "left"] for of in (run_folder, out)]
    assert left[0]
    for old, new in zip(*left, strict=True):
        np.testing.assert_allclose(joints_2d_of(old), joints_2d_of(new), atol=1e-3)
    assert {row["side"] for row in json_of(out / "refinement.json")["hands"]} == {"right"}


def test_hands_of_a_run_are_read_as_they_were_written(run_folder: Path) -> None:
    earlier = read_run(run_folder, hand_poser(), independent=False)
    rows = table_of(run_folder)
    hands = [hand for found in earlier.hands.values() for hand in found]
    assert len(hands) == len(rows)
    for hand, row in zip(hands, rows, strict=True):
        depth = [float(row[f"joint_{joint}_z_m"]) for joint in range(21)]
        np.testing.assert_allclose(hand.joints_3d[:, 2], depth, atol=1e-5)


def test_pictures_of_a_run_that_are_gone_are_asked_for(
    run_folder: Path, video: Path, out: Path
) -> None:
    moved = video.rename(video.parent / "renamed.mp4")
    with pytest.raises(SourceError, match=r"CAM-06: .*clip\.mp4.*--original"):
        refined(RefineOptions(str(run_folder), out))
    assert not out.exists()
    refined(RefineOptions(str(run_folder), out, original=str(moved), steps=2, overlay=False))


def test_pictures_of_something_else_are_refused(run_folder: Path, image: Path, out: Path) -> None:
    with pytest.raises(SourceError, match=r"CAM-07: .*--original"):
        refined(RefineOptions(str(run_folder), out, original=str(image)))
    assert not out.exists()


@pytest.mark.parametrize("damage", ["text", "cut", "keys", "nan", "side"])
def test_damaged_hands_of_a_run_are_named(run_folder: Path, out: Path, damage: str) -> None:
    path = run_folder / "hands.npz"
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    if damage == "text":
        path.write_text("no arrays")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:500])
    else:
        if damage == "keys":
            del arrays["betas"]
        elif damage == "nan":
            arrays["betas"][0, 0] = np.nan
        else:
            arrays["side"][0] = "up"
        np.savez(path, **arrays)
    with pytest.raises(SourceError, match=r"CAM-07: .*hands\.npz"):
        refined(RefineOptions(str(run_folder), out))
    assert not out.exists()


def test_demo_of_a_run_is_found_where_it_ships(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = tmp_path / "elsewhere" / "clip.mp4"
    clip.parent.mkdir()
    (tmp_path / "clip.mp4").rename(clip)
    monkeypatch.setattr(earlier_hands, "demo_clip_path", lambda: clip)
    assert earlier_hands.original_of(run_folder) == clip


def test_live_source_is_refused(out: Path) -> None:
    with pytest.raises(ManyHandsError, match=r"USE-01: .*live"):
        refine(
            RefineOptions("0", out),
            quiet,
            always(ErringEngine([TRUE])),
            lambda text, config: ScriptedSource([make_frame()], is_live=True),
        )
    assert not out.exists()


def test_source_without_a_picture_is_refused(out: Path) -> None:
    with pytest.raises(SourceError, match="CAM-07"):
        refine(
            RefineOptions("clip.mp4", out),
            quiet,
            always(ErringEngine([TRUE])),
            lambda text, config: ScriptedSource([], is_live=False),
        )
    assert not out.exists()


def test_without_torch_the_extra_is_named(
    image: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"ENG-01: .*torch.*manyhands\[train\]"):
        refined(RefineOptions(str(image), out))
    assert not out.exists()


def test_earlier_results_are_replaced_only_when_asked(image: Path, out: Path) -> None:
    refined(RefineOptions(str(image), out, steps=1))
    with pytest.raises(ManyHandsError, match=r"OUT-01: .*refinement\.json"):
        refined(RefineOptions(str(image), out, steps=1))
    refined(RefineOptions(str(image), out, steps=1, overwrite=True, overlay=False))
    assert files_in(out) == {"hands.csv", "hands.npz", "refinement.json", "summary.json"}


@pytest.fixture
def tiny_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Weights of a tiny network where those that ship would lie."""
    folder = tmp_path / "weights"
    folder.mkdir()
    path = publish(folder, lively_network().state_dict())
    monkeypatch.setattr(weights, "LITE", TINY)
    monkeypatch.setattr("app.frame_refiner.weights_path", lambda profile, suffix: path)
    return path


def test_network_answers_while_hands_are_refined(
    image: Path, tmp_path: Path, tiny_weights: Path
) -> None:
    options = RefineOptions(str(image), tmp_path / "plain", steps=11, overlay=False)
    refined(options)
    refined(replace(options, out=tmp_path / "recursive", recursive=True))
    refined(replace(options, out=tmp_path / "foreground", foreground=True, steps=3))
    plain, recursive = (
        json_of(tmp_path / name / "refinement.json")["hands"] for name in ("plain", "recursive")
    )
    for one, other in zip(plain, recursive, strict=True):
        assert one["error_after_px"] != pytest.approx(other["error_after_px"], abs=0.01)
        assert other["objective_after"] <= other["objective_before"]
    assert json_of(tmp_path / "foreground" / "refinement.json")["refined_hands"] == 2


def test_without_its_weights_the_network_cannot_answer(
    image: Path, out: Path, tiny_weights: Path
) -> None:
    tiny_weights.unlink()
    with pytest.raises(ModelFileError, match="MDL-01"):
        refined(RefineOptions(str(image), out, recursive=True))
    assert not out.exists()
