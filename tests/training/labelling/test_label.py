"""Footage to shards, by a fake teacher that is a real child process."""

import json
import sys
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import TrainingError
from core.types import UInt8
from training import label
from training.datasets.weak_shards import iterate_samples, load_weak_pictures
from training.label import label_footage, summary, teacher_command
from training.labelling.chunks import LabelConfig, chunks_of, label_chunk, read_progress
from training.labelling.footage import (
    Chunk,
    changed,
    chosen_frames,
    footage_in,
    split_of,
    thumbnail,
)
from training.labelling.teacher import Teacher, TeacherFailedError

FAKE = Path(__file__).with_name("fake_teacher.py")
ALL_TRAIN = LabelConfig(val_share=0.0)


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(FAKE), *arguments]


def picture(x: float = 160, y: float = 90, left: bool = False, white_corner: bool = False) -> UInt8:
    """(180, 320, 3): a red, a green and a blue blob where the fake teacher sees a hand."""
    image = np.full((180, 320, 3), 40, np.uint8)
    across = -16 if left else 16
    for (dx, dy), colour in (
        ((0, 0), (200, 20, 20)), ((0, -16), (20, 200, 20)), ((across, 0), (20, 20, 200)),
    ):  # fmt: skip
        cv2.circle(image, (round(x + dx), round(y + dy)), 7, colour, -1)
    if white_corner:
        image[:8, :8] = 255
    return image


def image_folder(folder: Path, pictures: list[UInt8]) -> Path:
    folder.mkdir()
    for index, image in enumerate(pictures):
        cv2.imwrite(str(folder / f"{index:03d}.png"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return folder


def samples_in(out: Path) -> dict[str, dict[str, object]]:
    shards = sorted(out.glob("real-*.tar"))
    return {str(sample["path"]): sample for _, _, sample in iterate_samples(shards)}


def test_a_folder_becomes_a_shard_that_the_trainer_reads(tmp_path: Path) -> None:
    empty = np.full((180, 320, 3), 40, np.uint8)
    pictures = [picture(100), picture(200, left=True), empty]
    folder = image_folder(tmp_path / "me", pictures)
    out = tmp_path / "out"
    (result,) = label_footage([folder], out, command(), ALL_TRAIN, 20)
    assert (result.pictures, result.hands, result.unsure, result.done) == (3, 2, 0, True)
    assert summary([result]) == "3 pictures with 2 hands and 0 unsure regions in 1 shards"
    samples = samples_in(out)
    assert list(samples) == ["000.png", "001.png", "002.png"]
    assert [sample["negative"] for sample in samples.values()] == [False, False, True]
    first = samples["000.png"]
    stated = "source subject licence repo commit path width height source_width source_height crop"
    assert {*stated.split(), "negative", "flags", "hands", "unsure"} <= first.keys()
    (hand,) = first["hands"]
    stated = (
        "side side_agreement score n_views n_agree bbox keypoints_2d spread_px kp_spread_px "
        "keypoints_3d_teacher spread_3d_m inside"
    )
    assert set(stated.split()) == hand.keys()
    assert hand["side"] == "right"
    assert samples["001.png"]["hands"][0]["side"] == "left"
    np.testing.assert_allclose(hand["keypoints_2d"][0], [100.5, 90.5 + 0.9 * 16], atol=1.0)

    pool = load_weak_pictures(sorted(out.glob("real-train-*.tar")))
    labels = pool.labels
    assert labels.valid.tolist() == [[True, False], [True, False], [False, False]]
    assert labels.side[:2, 0].tolist() == [1, 0]
    np.testing.assert_allclose(
        labels.keypoints_2d[0, 0], np.array(hand["keypoints_2d"]) - 0.5, atol=1e-4
    )
    assert (labels.keypoint_confidence[0, 0] > 0.8).all()


def test_large_pictures_are_stored_smaller_with_their_labels(tmp_path: Path) -> None:
    large = cv2.resize(picture(100), (960, 540), interpolation=cv2.INTER_CUBIC)
    folder = image_folder(tmp_path / "me", [large])
    label_footage([folder], tmp_path / "out", command(), ALL_TRAIN, 20)
    (sample,) = samples_in(tmp_path / "out").values()
    assert (sample["width"], sample["height"], sample["source_width"]) == (416, 234, 960)
    wrist = np.array(sample["hands"][0]["keypoints_2d"][0])
    np.testing.assert_allclose(wrist, np.array([100.5, 104.9]) * 1.3, atol=1.5)


def test_hands_on_which_views_disagree_are_unsure(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "me", [picture()])
    shaky = command("shaky", str(tmp_path / "count"))
    (result,) = label_footage([folder], tmp_path / "out", shaky, ALL_TRAIN, 20)
    assert result.hands == 0
    assert result.unsure >= 1
    (sample,) = samples_in(tmp_path / "out").values()
    assert not sample["negative"]
    assert {region["reason"] for region in sample["unsure"]} <= {"inconsistent", "weak"}
    labels = load_weak_pictures(sorted((tmp_path / "out").glob("*.tar"))).labels
    assert not labels.valid.any()
    assert (labels.ignore_xyxy[0, 0, 2:] > labels.ignore_xyxy[0, 0, :2]).all()


@pytest.mark.parametrize("what", ["once crash", "once hang", "once nonsense"])
def test_a_failing_teacher_is_restarted_and_the_frame_tried_again(
    what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = image_folder(tmp_path / "me", [picture(100), picture(200, white_corner=True)])
    failing = command(what, str(tmp_path / "count"))
    (result,) = label_footage([folder], tmp_path / "out", failing, ALL_TRAIN, 3)
    assert (result.pictures, result.hands, result.failed) == (2, 2, [])
    assert "teacher failed on 001.png (try 1)" in caplog.text
    reason = {"crash": "out of memory", "hang": "no answer within 3 s", "nonsense": "nonsense"}
    assert reason[what.split()[1]] in caplog.text


def test_a_frame_on_which_the_teacher_always_fails_is_named_and_left_out(tmp_path: Path) -> None:
    pictures = [picture(100), picture(200, white_corner=True), picture(140)]
    folder = image_folder(tmp_path / "me", pictures)
    failing = command("crash", str(tmp_path / "count"))
    (result,) = label_footage([folder], tmp_path / "out", failing, ALL_TRAIN, 20)
    assert result.failed == ["001.png"]
    assert list(samples_in(tmp_path / "out")) == ["000.png", "002.png"]
    assert summary([result]).endswith("the teacher failed on 001.png")


def test_a_teacher_that_does_not_start_is_one_error_with_its_last_word(tmp_path: Path) -> None:
    with Teacher(command("no start", ""), 5) as teacher, pytest.raises(TrainingError) as caught:
        teacher.look(picture())
    assert caught.value.code == "TRN-07"
    assert "no such model" in caught.value.cause or "status 3" in caught.value.cause
    with Teacher([str(tmp_path / "nothing")]) as teacher, pytest.raises(TrainingError, match="07"):
        teacher.look(picture())
    with pytest.raises(TrainingError, match="--make-teacher-env"):
        teacher_command(tmp_path / "nothing")


def test_a_labelling_that_was_cut_goes_on_and_writes_the_same(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "me", [picture(60 + 30 * index) for index in range(7)])
    config = LabelConfig(val_share=0.0, samples_per_shard=3)
    label_footage([folder], tmp_path / "whole", command(), config, 20)
    asked = []

    def cut(progress: object) -> None:
        asked.append(progress)
        if len(asked) == 5:
            raise KeyboardInterrupt

    out = tmp_path / "cut"
    out.mkdir()
    chunk = Chunk(folder)
    with Teacher(command(), 20) as teacher, pytest.raises(KeyboardInterrupt):
        label_chunk(chunk, out, teacher, config, cut)
    assert len(list(out.glob("*.tar"))) == 1
    assert read_progress(out / f"{chunk.stem}.progress.json").next_frame == 3
    (result,) = label_footage([folder], out, command(), config, 20)
    assert (result.pictures, result.shards) == (7, 3)
    files = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
    assert {path.name: path.read_bytes() for path in out.iterdir()} == files

    nobody = [sys.executable, "-c", "raise SystemExit"]  # a finished one asks nobody
    (again,) = label_footage([folder], out, nobody, config, 20)
    assert again.pictures == 7


def test_unreadable_progress_starts_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.progress.json"
    assert read_progress(path).next_frame == 0
    path.write_text("{")
    assert read_progress(path).next_frame == 0
    assert "a.progress.json cannot be read" in caplog.text


def write_video(path: Path, pictures: list[UInt8], fps: int = 10) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (320, 180))
    assert writer.isOpened()
    for image in pictures:
        writer.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def test_near_duplicates_and_frames_beyond_the_rate_are_skipped(tmp_path: Path) -> None:
    still = [picture(60)] * 10
    moving = [picture(60 + 12 * index) for index in range(10)]
    video = write_video(tmp_path / "a.mp4", still + moving)
    chosen = list(chosen_frames(Chunk(video), max_fps=100, min_change=6))
    assert [frame.index for frame in chosen] == [0, *range(11, 20)]
    slow = list(chosen_frames(Chunk(video), max_fps=5, min_change=6))
    assert [frame.index for frame in slow] == [0, 11, 13, 15, 17, 19]
    rest = list(chosen_frames(Chunk(video), 5, 6, 14, (slow[2].thumbnail, slow[2].time_s)))
    assert [frame.index for frame in rest] == [15, 17, 19]
    assert chosen[0].name == "a.mp4@0.000s"


def test_a_small_thing_that_moves_is_a_change_and_noise_is_none() -> None:
    empty = np.full((180, 320, 3), 90, np.uint8)
    moved = empty.copy()
    moved[60:120, 100:150] = 190
    noisy = empty + np.random.default_rng(0).integers(0, 10, empty.shape, np.uint8)
    assert changed(thumbnail(moved), thumbnail(empty)) > 6
    assert changed(thumbnail(noisy), thumbnail(empty)) < 6
    assert changed(thumbnail(empty), thumbnail(empty)) == 0


def test_stretches_of_a_video_have_all_its_frames_once(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", [picture(60 + 9 * index) for index in range(20)])
    chunks = list(chunks_of([video], chunk_s=0.75))
    assert [chunk.start_s for chunk in chunks] == [0.0, 0.75, 1.5]
    assert chunks[-1].stop_s is None
    assert len({chunk.stem for chunk in chunks}) == 3
    indices = [f.index for chunk in chunks for f in chosen_frames(chunk, 100, 0)]
    assert indices == list(range(20))
    assert list(chunks_of([video])) == [Chunk(video)]


def test_footage_is_found_and_what_is_none_is_refused(tmp_path: Path) -> None:
    images = image_folder(tmp_path / "images", [picture()])
    (tmp_path / "b.MP4").write_bytes(b"")
    (tmp_path / "a.mov").write_bytes(b"")
    found = footage_in([tmp_path, images, tmp_path / "a.mov"])
    assert found == [tmp_path / "a.mov", tmp_path / "b.MP4", images]
    (tmp_path / "empty").mkdir()
    for wrong in (tmp_path / "nothing", tmp_path / "empty"):
        with pytest.raises(TrainingError, match="TRN-01"):
            footage_in([wrong])


def test_a_broken_video_is_named_and_the_others_are_labelled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no video" * 50)
    good = image_folder(tmp_path / "good", [picture()])
    paths = [tmp_path / "broken.mp4", good]
    results = label_footage(paths, tmp_path / "out", command(), ALL_TRAIN, 20)
    assert [result.hands for result in results] == [1]
    assert "skipped broken.mp4: CAM-07" in caplog.text


def test_all_of_a_video_is_in_one_split_and_shares_come_out() -> None:
    names = [Path(f"clip{index}.mp4") for index in range(400)]
    share = [split_of(name, 0.25) for name in names].count("val") / len(names)
    assert 0.17 < share < 0.33
    assert split_of(Path("x/clip1.mp4"), 0.25) == split_of(Path("y/clip1.mp4"), 0.25)
    assert {split_of(name, 0.0) for name in names} == {"train"}


def test_the_command_line_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    arguments = [str(tmp_path), f"--out={tmp_path / 'o'}", f"--teacher-python={tmp_path / 'none'}"]
    monkeypatch.setattr("sys.argv", ["label", *arguments])
    assert label.main() == 2
    assert caplog.messages[-1].startswith("TRN-07")
    folder = image_folder(tmp_path / "me", [picture()])
    arguments = [
        str(folder), f"--out={tmp_path / 'o'}", f"--teacher-python={sys.executable}",
        f"--teacher-script={FAKE}", "--val-share=1", "--licence=mine",
    ]  # fmt: skip
    monkeypatch.setattr("sys.argv", ["label", *arguments])
    assert label.main() == 0
    (shard,) = (tmp_path / "o").glob("real-val-*.tar")
    with tarfile.open(shard) as archive:
        file = archive.extractfile(archive.getnames()[1])
        assert file is not None
        assert json.loads(file.read())["licence"] == "mine"


def test_a_failed_picture_says_so_to_who_asks(tmp_path: Path) -> None:
    failing = command("crash", str(tmp_path / "count"))
    with Teacher(failing, 20) as teacher:
        assert len(teacher.look(picture())) == 1
        with pytest.raises(TeacherFailedError, match="out of memory"):
            teacher.look(picture(white_corner=True))
        assert len(teacher.look(picture())) == 1
        assert teacher.restarts == 1
