import logging
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import TrainingError
from core.geometry import intrinsics_from_fov
from tests.training.samples import fan, jpeg, label_of, sample_files, write_tar
from training.datasets.weak_shards import (
    iterate_samples,
    load_backgrounds,
    load_weak_pictures,
)

SHARED_DATA = Path(__file__).parents[4] / "shared" / "data"


def test_a_shard_is_read_with_its_labels(tmp_path: Path) -> None:
    files = sample_files("one", [label_of(fan(), "right")])
    files |= sample_files("two", [label_of(fan(4), "left"), label_of(fan(30), "right")], 60, 40)
    files |= sample_files("none", [])
    pool = load_weak_pictures([write_tar(tmp_path / "a.tar", files)], side_px=72)
    labels = pool.labels
    assert len(pool) == 3
    assert labels.image.shape == (3, 3, 72, 72)
    assert pool.size.tolist() == [[64, 48], [60, 40], [64, 48]]
    assert labels.valid.tolist() == [[True, False], [True, True], [False, False]]
    assert labels.side[1].tolist() == [0, 1]
    assert labels.side[0, 0] == 1
    assert not labels.has_3d.any()
    colour = labels.image[1, :, :40, :60].float().mean((1, 2))
    torch.testing.assert_close(colour, torch.tensor([90.0, 120.0, 60.0]), atol=3, rtol=0)
    assert (labels.image[1, :, 40:] == 0).all()
    np.testing.assert_allclose(labels.K[1, 0], intrinsics_from_fov(60, 40))


def test_pixels_are_counted_from_the_centre_of_the_first_one(tmp_path: Path) -> None:
    # The shards count from its corner: the centre of the top left pixel is (0.5, 0.5) there.
    points = fan()
    points[0] = (0.5, 0.5)
    unsure = [{"bbox": [10.5, 12.5, 20.5, 22.5], "reason": "weak"}]
    files = sample_files("a", [label_of(points, "left")], unsure=unsure)
    labels = load_weak_pictures([write_tar(tmp_path / "a.tar", files)], 64).labels
    assert labels.keypoints_2d[0, 0, 0].tolist() == [0, 0]
    np.testing.assert_allclose(labels.keypoints_2d[0, 0], points - 0.5, atol=1e-5)
    assert labels.ignore_xyxy[0, 0].tolist() == [10, 12, 20, 22]


def test_confidence_falls_as_the_teachers_views_disagree(tmp_path: Path) -> None:
    box = float(np.ptp(fan(), axis=0).max())
    label = label_of(fan(), "right")
    label["kp_spread_px"] = [0.0, 0.04 * box, 0.2 * box] + [0.5] * 18
    shard = write_tar(tmp_path / "a.tar", sample_files("a", [label]))
    confidence = load_weak_pictures([shard], 64).labels.keypoint_confidence[0, 0]
    assert confidence[0] == 1
    assert confidence[1].item() == pytest.approx(0.5, rel=1e-5)
    assert confidence[2] < 0.05
    assert confidence[1] > confidence[2]


def test_keypoints_outside_of_the_picture_are_worth_little(tmp_path: Path) -> None:
    label = label_of(fan(50), "right", spread_px=0)
    shard = write_tar(tmp_path / "a.tar", sample_files("a", [label], 64, 48))
    labels = load_weak_pictures([shard], 64).labels
    outside = labels.keypoints_2d[0, 0, :, 0] > 63
    assert outside.any()
    confidence = labels.keypoint_confidence[0, 0]
    torch.testing.assert_close(confidence, torch.where(outside, 0.2, 1.0))


def test_unsure_regions_and_hands_beyond_the_second_get_no_loss(tmp_path: Path) -> None:
    hands = [label_of(fan(x), "left") for x in (2, 20, 38)]
    unsure = [{"bbox": [1, 2, 11, 12], "reason": "poster"}]
    shard = write_tar(tmp_path / "a.tar", sample_files("a", hands, unsure=unsure))
    regions = load_weak_pictures([shard], 64).labels.ignore_xyxy[0]
    np.testing.assert_allclose(regions[0], [0.5, 1.5, 10.5, 11.5])
    np.testing.assert_allclose(regions[1], np.array(hands[2]["bbox"]) - 0.5, atol=1e-5)
    assert (regions[2:] == 0).all()


@pytest.mark.parametrize(
    ("flags", "trusted"),
    [
        ([], True),
        (["faces at desks"], True),
        (["stretched to 224x224"], False),
        (["square, aspect ratio may be stretched"], False),
        (["crop/shear augmentation"], False),
    ],
)
def test_distorted_pictures_lose_the_hint_of_depth(
    tmp_path: Path, flags: list[str], trusted: bool
) -> None:
    files = sample_files("a", [label_of(fan(), "left")], flags=flags)
    labels = load_weak_pictures([write_tar(tmp_path / "a.tar", files)], 64).labels
    assert labels.has_hint is not None
    assert labels.has_hint.tolist() == [[trusted, False]]


def broken_samples() -> dict[str, dict[str, bytes]]:
    label = label_of(fan(), "left")
    nan = {**label, "keypoints_2d": [[float("nan"), 1.0]] * 21}
    return {
        "no picture at all": {"bad.jpg": b"no JPEG", "bad.json": b'{"hands": []}'},
        "no JSON": {"bad.jpg": jpeg(48, 64), "bad.json": b'{"hands": ['},
        "no hands entry": {"bad.jpg": jpeg(48, 64), "bad.json": b"{}"},
        "twenty keypoints": sample_files("bad", [{**label, "keypoints_2d": [[1.0, 2.0]] * 20}]),
        "a keypoint that is no number": sample_files("bad", [nan]),
        "an unknown side": sample_files("bad", [{**label, "side": "both"}]),
        "too large": sample_files("bad", [], 100, 20),
    }


@pytest.mark.parametrize("what", broken_samples())
def test_a_broken_sample_is_skipped_counted_and_named(
    what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = broken_samples()[what] | sample_files("good", [label_of(fan(), "right")])
    shard = write_tar(tmp_path / "a.tar", files)
    with caplog.at_level(logging.WARNING):
        pool = load_weak_pictures([shard], 64)
    assert len(pool) == 1
    assert pool.labels.valid[0, 0]
    assert "skipped bad" in caplog.text
    assert "skipped 1 of 2 samples" in caplog.text


def test_incomplete_samples_and_other_files_are_passed_over(tmp_path: Path) -> None:
    files = {"README": b"text", "lone.jpg": jpeg(8, 8), "lonely.json": b"{}"}
    files |= sample_files("whole", [])
    shard = write_tar(tmp_path / "a.tar", files)
    assert [key for key, _, _ in iterate_samples([shard])] == ["whole"]


def test_iterating_skips_labels_that_are_no_json(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = {"bad.jpg": jpeg(8, 8), "bad.json": b"{"} | sample_files("good", [])
    shard = write_tar(tmp_path / "a.tar", files)
    with caplog.at_level(logging.WARNING):
        assert [key for key, _, _ in iterate_samples([shard])] == ["good"]
    assert "bad" in caplog.text


@pytest.mark.parametrize("what", ["missing", "no tar", "only broken samples"])
def test_shards_that_cannot_be_used_are_one_clear_error(what: str, tmp_path: Path) -> None:
    shard = tmp_path / "real-train-000.tar"
    if what == "no tar":
        shard.write_bytes(b"this is no archive" * 100)
    if what == "only broken samples":
        write_tar(shard, {"bad.jpg": b"", "bad.json": b"{}"})
    with pytest.raises(TrainingError) as caught:
        load_weak_pictures([shard])
    assert caught.value.code == "TRN-01"


def test_backgrounds_fill_the_frame(tmp_path: Path) -> None:
    shard = write_tar(tmp_path / "b.tar", {"wide.jpg": jpeg(20, 80), "tall.jpg": jpeg(80, 20)})
    rooms = load_backgrounds(shard, 48, 64)
    assert rooms.shape == (2, 3, 48, 64)
    assert rooms.dtype == torch.uint8
    assert (rooms.float().mean((2, 3)) - torch.tensor([90.0, 120.0, 60.0])).abs().max() < 4


@pytest.mark.parametrize("files", [None, {"note.txt": b"empty"}])
def test_backgrounds_that_are_missing_are_one_clear_error(
    files: dict[str, bytes] | None, tmp_path: Path
) -> None:
    shard = tmp_path / "backgrounds-000.tar"
    if files is not None:
        write_tar(shard, files)
    with pytest.raises(TrainingError) as caught:
        load_backgrounds(shard, 8, 8)
    assert caught.value.code == "TRN-01"


@pytest.mark.slow
@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="needs the shared data beside the checkout")
def test_the_real_validation_shard_reads_whole() -> None:
    shard = SHARED_DATA / "real-val-000.tar"
    pool = load_weak_pictures([shard])
    assert len(pool) == 442
    assert pool.labels.valid.sum() == 420
    sides = pool.labels.side[pool.labels.valid]
    assert 0 < sides.sum() < len(sides)
    points = pool.labels.keypoints_2d[pool.labels.valid]
    assert torch.isfinite(points).all()
    _, _, label = next(iterate_samples([shard]))
    first = np.array(label["hands"][0]["keypoints_2d"]) - 0.5
    np.testing.assert_allclose(pool.labels.keypoints_2d[0, 0], first, atol=1e-4)
