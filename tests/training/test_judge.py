import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.config import DetectionConfig
from core.errors import TrainingError
from core.geometry import project
from core.types import Detections, Frame, HandState, Side
from tests.factories import hand_model, make_detections, make_hand
from tests.networks import hand_layer
from tests.training.datasets.miniatures import (
    Truth,
    some_hand,
    write_dexter_object,
    write_freihand,
    write_ho3d,
    write_interhand,
    write_json,
    write_rhd,
    write_stb,
)
from training import judge as judging
from training.datasets.load import load_dataset
from training.judge import judge
from training.tables import Figure

RIGHTS = [some_hand(1), some_hand(2)]
LEFTS = [some_hand(3, "left"), some_hand(4, "left")]
Change = Callable[[HandState], HandState]


def state(truth: Truth, K: np.ndarray, shift: tuple[float, ...] = (0, 0, 0)) -> HandState:
    """A found hand whose joints are the truth's, seen at its place."""
    side: Side = "left" if truth.side == "left" else "right"
    joints = (truth.joints + shift).astype(np.float32)
    hand = make_hand(side)
    pixels = project(truth.joints.astype(np.float32), K)
    return replace(hand, joints_3d=joints, transl=joints[0].copy(), joints_2d=pixels)


def knowing(
    truths: Callable[[Frame], list[Truth]], shift: tuple[float, ...] = (0, 0, 0)
) -> judging.Detect:
    """A detector that is told what is in each picture."""
    return lambda frame: make_detections([state(truth, frame.K, shift) for truth in truths(frame)])


def numbered(hands: list[Truth]) -> Callable[[Frame], list[Truth]]:
    """The picture's last number says which hand is in it."""

    def truths(frame: Frame) -> list[Truth]:
        digits = "".join(c if c.isdigit() else " " for c in Path(frame.source_name).stem)
        return [hands[int(digits.split()[-1]) % len(hands)]]

    return truths


def figures_of(name: str, folder: Path, split: str, detect: judging.Detect) -> dict[str, Figure]:
    figures, curves = judge(name, detect, load_dataset(name, folder, split), hand_layer().faces)
    assert curves
    return figures


def test_freihands_truth_has_no_error_and_place_counts_only_as_it_lies(tmp_path: Path) -> None:
    folder = write_freihand(tmp_path, RIGHTS)
    figures = figures_of("freihand", folder, "train", knowing(numbered(RIGHTS)))
    assert (figures["hands"], figures["missing"]) == (8, 0)
    assert figures["camera_mpjpe_mm"] == pytest.approx(0, abs=0.01)
    assert figures["pa_mpjpe_mm"] == pytest.approx(0, abs=0.01)
    assert figures["mpvpe_mm"] is figures["f5"] is None
    moved = knowing(numbered(RIGHTS), (0, 0, 0.02))
    figures = figures_of("freihand", folder, "train", moved)
    assert figures["camera_mpjpe_mm"] == pytest.approx(20, abs=0.01)
    assert figures["mpjpe_mm"] == pytest.approx(0, abs=0.01)


def test_ho3d_is_judged_where_all_joints_are_labelled(tmp_path: Path) -> None:
    folder = write_ho3d(tmp_path, RIGHTS, ".jpg")
    figures = figures_of("ho3d", folder, "train", knowing(numbered(RIGHTS)))
    assert figures["st_mpjpe_mm"] == pytest.approx(0, abs=0.01)
    # The evaluation set's labels are the wrist alone.
    with pytest.raises(TrainingError, match="a joint has no label"):
        figures_of("ho3d", folder, "test", knowing(numbered(RIGHTS)))


def test_rhd_is_judged_by_the_larger_hand_and_by_masks(tmp_path: Path) -> None:
    left, right = some_hand(3, "left", -0.05), some_hand(1, "right", 0.05)
    folder = write_rhd(tmp_path, [(left, right), (left, right)])
    pairs = {"00000": [left, right], "00001": [right, left]}
    detect = knowing(lambda frame: pairs[Path(frame.source_name).stem])
    figures = figures_of("rhd", folder, "test", detect)
    assert (figures["hands"], figures["missing"]) == (2, 0)
    assert figures["mean_mm"] == pytest.approx(0, abs=0.01)
    assert figures["mask_recall"] is not None
    assert 0 <= figures["mask_foreground_iou"] < 1  # type: ignore[operator]
    # Both cover as many pixels, so the left one is taken: without it there is a hand fewer.
    alone = figures_of("rhd", folder, "test", knowing(lambda _: [right]))
    assert alone["missing"] == 2
    nobody = figures_of("rhd", folder, "test", lambda _: make_detections([]))
    assert (nobody["missing"], nobody["auc_0_50"], nobody["mean_mm"]) == (2, 0, None)
    assert nobody["mask_recall"] == 0


def test_stb_is_judged_by_the_palm_in_both_pictures_of_a_pair(tmp_path: Path) -> None:
    folder = write_stb(tmp_path, LEFTS)
    detect = knowing(numbered(LEFTS))

    def either_eye(frame: Frame) -> Detections:
        found = detect(frame)
        if "right" not in frame.source_name:
            return found
        # The right camera stands 120.054 mm to the right.
        (hand,) = found.hands
        joints = hand.joints_3d - np.float32([0.120054, 0, 0])
        moved = replace(hand, joints_3d=joints, joints_2d=project(joints, frame.K))
        return make_detections([moved])

    figures = figures_of("stb", folder, "test", either_eye)
    assert (figures["hands"], figures["missing"]) == (8, 0)
    assert figures["mean_mm"] == pytest.approx(0, abs=0.01)
    assert figures["auc_20_50"] == pytest.approx(1)


def test_dexter_object_is_judged_by_tips_alone(tmp_path: Path) -> None:
    folder = write_dexter_object(tmp_path, LEFTS)
    figures = figures_of("dexter_object", folder, "test", knowing(numbered(LEFTS), (0, 0, 0.03)))
    assert (figures["hands"], figures["missing"]) == (12, 0)
    assert figures["camera_mm"] == pytest.approx(30, abs=0.2)
    assert figures["centred_mm"] == pytest.approx(0, abs=0.2)


def test_interhand_is_judged_by_the_surest_hand_of_each_side(tmp_path: Path) -> None:
    pictures = [(RIGHTS[0],), (RIGHTS[1], LEFTS[0])]
    folder = write_interhand(tmp_path, pictures, "test")
    detect = knowing(lambda frame: list(pictures[int(Path(frame.source_name).stem[-1])]))
    figures = figures_of("interhand", folder, "test", detect)
    assert (figures["hands"], figures["missing"], figures["spurious"]) == (3, 0, 0)
    assert figures["mpjpe_mm"] == pytest.approx(0, abs=0.01)
    assert figures["mrrpe_mm"] == pytest.approx(0, abs=0.01)

    def with_a_third(frame: Frame) -> Detections:
        """A left hand too, less sure than the others."""
        found = detect(frame)
        third = state(LEFTS[1], frame.K)
        return make_detections([*found.hands, replace(third, score=0.4)])

    figures = figures_of("interhand", folder, "test", with_a_third)
    assert (figures["missing"], figures["spurious"]) == (0, 1)
    assert figures["mpjpe_mm"] == pytest.approx(0, abs=0.01)


def test_a_hand_found_elsewhere_is_missing(tmp_path: Path) -> None:
    folder = write_freihand(tmp_path, RIGHTS, versions=1)

    def beside(frame: Frame) -> Detections:
        found = knowing(numbered(RIGHTS))(frame)
        return make_detections(
            [replace(h, joints_2d=h.joints_2d + np.float32([900, 0])) for h in found.hands]
        )

    figures = figures_of("freihand", folder, "train", beside)
    assert (figures["missing"], figures["auc"], figures["mpjpe_mm"]) == (2, 0, None)


def test_a_broken_picture_is_skipped_and_counted(tmp_path: Path) -> None:
    folder = write_freihand(tmp_path, RIGHTS, versions=1)
    (folder / "training" / "rgb" / "00000000.jpg").write_bytes(b"no picture")
    stream = load_dataset("freihand", folder, "train")
    figures, _ = judge("freihand", knowing(numbered(RIGHTS)), stream, hand_layer().faces)
    assert (figures["hands"], stream.skipped) == (1, 1)


def test_a_split_without_labels_is_refused(tmp_path: Path) -> None:
    folder = write_freihand(tmp_path, RIGHTS)
    with pytest.raises(TrainingError, match="no picture has labels") as caught:
        figures_of("freihand", folder, "test", knowing(numbered(RIGHTS)))
    assert caught.value.code == "TRN-02"


def test_the_command_writes_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_freihand(tmp_path / "data", RIGHTS)
    write_json(folder / "evaluation_xyz.json", [hand.joints for hand in RIGHTS])
    mesh = make_hand().vertices[:778]
    write_json(folder / "evaluation_verts.json", [mesh, mesh])
    weights = tmp_path / "lite.onnx"
    weights.with_suffix(".json").write_text('{"network": {"input_sizes": [[96, 128]]}}')
    opened: list[float] = []

    def product_detect(opener: object, threshold: float, sizes: object) -> judging.Detect:
        opened.append(threshold)
        return knowing(numbered(RIGHTS))

    monkeypatch.setattr(judging, "product_detect", product_detect)
    monkeypatch.setattr(judging, "load_hand_model", lambda _: hand_model())
    out = tmp_path / "out" / "freihand.json"
    command = ["--weights", str(weights), "--dataset", "freihand", "--folder", str(folder)]
    caplog.set_level(logging.INFO)
    assert judging.main([*command, "--out", str(out), "--limit", "1"]) == 0
    assert opened == [DetectionConfig().score_threshold]
    (figures,) = json.loads(out.read_text("utf-8")).values()
    assert (figures["hands"], figures["missing"], figures["skipped"]) == (1, 0, 0)
    assert figures["camera_mpjpe_mm"] == pytest.approx(0, abs=0.01)
    assert figures["mpvpe_mm"] is None  # other vertices than MANO's
    assert 0 <= figures["pa_f5"] <= figures["pa_f15"] <= 1
    assert "| Figure | freihand, test |" in out.with_suffix(".md").read_text("utf-8")
    assert out.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert judging.main([*command[:-1], str(tmp_path / "nowhere")]) == 2
    assert "TRN-02" in caplog.text
