"""From records of official data sets to rows that the trainer takes beside its own."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import TrainingError
from core.geometry import intrinsics_from_fov, project
from core.rotations_np import rotmat_from_rotvec
from core.topology import MIDDLE_MCP, TIPS
from tests.factories import hand_model
from tests.training.datasets import miniatures as mini
from tests.training.datasets.miniatures import some_hand
from tests.training.samples import fan, label_of, sample_files, write_tar
from training.augment import AugmentConfig, Draw, augmented_batch
from training.datasets.labelled_pool import batch_row, load_labelled_pictures
from training.datasets.load import load_dataset
from training.datasets.sample import LabelledPicture
from training.datasets.weak_shards import load_weak_pictures
from training.warp import merged

RIGHTS = [some_hand(1), some_hand(2)]
LEFTS = [some_hand(3, "left"), some_hand(4, "left")]


def first(name: str, folder: Path, split: str) -> LabelledPicture:
    return next(load_dataset(name, folder, split))


def test_a_picture_that_fits_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = mini.write_rhd(tmp_path, [(LEFTS[0], RIGHTS[0])])
    pool = load_labelled_pictures(load_dataset("rhd", folder, "train"), 10, side_px=352)
    labels = pool.labels
    assert labels.image.shape == (1, 3, 352, 352)
    assert pool.size.tolist() == [[320, 320]]
    assert labels.image[0, :, 100, 100].tolist() == [90, 120, 60]
    assert (labels.image[0, :, 320:] == 0).all()
    assert labels.valid.tolist() == [[True, True]]
    assert labels.side.tolist() == [[0, 1]]
    assert labels.keypoint_confidence[0, 1, 4] == 0
    K = np.array([[300.0, 0, 160], [0, 300, 160], [0, 0, 1]])
    np.testing.assert_allclose(labels.K[0], [K, K])
    for slot, truth in enumerate((LEFTS[0], RIGHTS[0])):
        np.testing.assert_allclose(labels.keypoints_2d[0, slot], truth.pixels(K), atol=0.01)
        np.testing.assert_allclose(labels.joints_3d[0, slot], truth.joints, atol=1e-6)


def test_a_larger_picture_is_shrunk_with_its_camera_and_labels(tmp_path: Path) -> None:
    folder = mini.write_ho3d(tmp_path, RIGHTS, ".png")  # 640 x 480
    row = batch_row(first("ho3d", folder, "train"), side_px=200)
    assert row["size"].tolist() == [200, 150]
    assert row["image"].shape == (3, 200, 200)
    assert row["image"][:, 149, 199].tolist() == [90, 120, 60]
    assert (row["image"][:, 150:] == 0).all()
    keypoints = row["keypoints_2d"][0]
    again = project(row["joints_3d"][0], row["K"][0])
    np.testing.assert_allclose(again, keypoints, atol=0.01)
    # The picture's corner is half a pixel off the first pixel's centre, before and after.
    expected = (RIGHTS[0].pixels(mini.K) + 0.5) * 200 / 640 - 0.5
    np.testing.assert_allclose(keypoints, expected, atol=0.01)


def test_joints_in_3d_direct_bones_without_a_model_of_the_hand(tmp_path: Path) -> None:
    folder = mini.write_stb(tmp_path, LEFTS)
    row = batch_row(first("stb", folder, "test"), side_px=416)
    assert row["has_hint"].tolist() == row["has_joints"].tolist() == [True, False]
    centred = LEFTS[0].joints - LEFTS[0].joints[MIDDLE_MCP]
    np.testing.assert_allclose(row["hint_3d"][0], centred, atol=1e-6)
    assert not row["has_3d"].any()


@pytest.mark.parametrize("name", ["freihand", "ho3d", "interhand"])
def test_poses_hold_for_mano_alone_and_get_its_mean(name: str, tmp_path: Path) -> None:
    match name:
        case "freihand":
            folder, mean_is_missing = mini.write_freihand(tmp_path, RIGHTS), True
        case "ho3d":
            folder, mean_is_missing = mini.write_ho3d(tmp_path, RIGHTS, ".jpg"), False
        case _:
            folder, mean_is_missing = mini.write_interhand(tmp_path, [(RIGHTS[0],)]), True
    picture = first(name, folder, "train")
    assert not batch_row(picture, 640)["has_3d"].any()
    mean = np.linspace(-0.5, 0.5, 45, dtype=np.float32)
    mano = replace(hand_model(), hands_mean=mean)
    row = batch_row(picture, 640, mano)
    assert row["has_3d"].tolist() == [True, False]
    rotvec = RIGHTS[0].pose.copy()
    if mean_is_missing:
        rotvec[1:] += mean.reshape(15, 3)
    np.testing.assert_allclose(row["pose"][0], rotmat_from_rotvec(rotvec), atol=1e-5)
    np.testing.assert_allclose(row["betas"][0], RIGHTS[0].betas, atol=1e-6)


def test_masks_tell_which_hand_a_pixel_shows(tmp_path: Path) -> None:
    folder = mini.write_rhd(tmp_path, [(LEFTS[0], RIGHTS[0])])
    index = batch_row(first("rhd", folder, "train"), 160, with_masks=True)["hand_index"]
    assert index.dtype == np.int8
    assert [index[10, 10], index[10, 20], index[10, 60], index[10, 70]] == [0, 0, 1, 1]
    assert index[100, 100] == -1
    assert (index >= 0).sum() == 4 * 100


def test_a_picture_without_a_camera_gets_a_usual_one(tmp_path: Path) -> None:
    folder = mini.write_ho3d(tmp_path, RIGHTS, ".png")
    row = batch_row(replace(first("ho3d", folder, "train"), K=None), side_px=416)
    np.testing.assert_allclose(row["K"][0], intrinsics_from_fov(416, 312))


def test_tips_alone_place_a_hand(tmp_path: Path) -> None:
    folder = mini.write_dexter_object(tmp_path, LEFTS)
    row = batch_row(first("dexter_object", folder, "test"), side_px=640)
    assert row["valid"][0]
    keypoints = row["keypoints_2d"][0]
    tips = keypoints[list(TIPS)]
    assert np.flatnonzero(row["keypoint_confidence"][0]).tolist() == list(TIPS)
    np.testing.assert_allclose(np.ptp(keypoints, axis=0), np.ptp(tips, axis=0))


def test_a_hand_that_is_hardly_to_be_seen_is_a_region_without_loss(tmp_path: Path) -> None:
    folder = mini.write_rhd(tmp_path, [(LEFTS[0], RIGHTS[0])])
    picture = first("rhd", folder, "train")
    left, right = picture.hands
    hidden = replace(right, confidence=np.float32([1, 1, 1] + [0] * 18))
    row = batch_row(replace(picture, hands=(left, hidden)), side_px=416)
    assert row["valid"].tolist() == [True, False]
    points = hidden.keypoints_2d
    assert (row["ignore_xyxy"][0] == 0).all()
    np.testing.assert_allclose(row["ignore_xyxy"][1], [*points.min(0), *points.max(0)], atol=1e-3)


def test_a_hand_nobody_knows_the_place_of_loses_its_picture(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = mini.write_ho3d(tmp_path, RIGHTS, ".png")
    stream = load_dataset("ho3d", folder, "test")  # the wrist alone
    with caplog.at_level(logging.WARNING), pytest.raises(TrainingError) as caught:
        load_labelled_pictures(stream, 10)
    assert caught.value.code == "TRN-01"
    assert stream.skipped == 2
    assert "evaluation/SM1/rgb/0000.png" in caplog.text


def test_pictures_that_are_none_are_skipped_counted_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = mini.write_freihand(tmp_path, RIGHTS, versions=2)
    (folder / "training" / "rgb" / "00000002.jpg").write_bytes(b"no picture")
    (folder / "training" / "rgb" / "00000003.jpg").unlink()
    stream = load_dataset("freihand", folder, "train")
    with caplog.at_level(logging.WARNING):
        pool = load_labelled_pictures(stream, 10, side_px=224)
    assert len(pool) == 2
    assert stream.skipped == 2
    assert "00000002" in caplog.text
    assert "00000003" in caplog.text


def test_at_most_as_many_as_asked_are_read(tmp_path: Path) -> None:
    folder = mini.write_freihand(tmp_path, RIGHTS)  # 8 pictures
    pool = load_labelled_pictures(load_dataset("freihand", folder, "train"), 3, side_px=224)
    assert len(pool) == 3


def test_a_data_set_stands_beside_the_weak_shards(tmp_path: Path) -> None:
    files = sample_files("two", [label_of(fan(4), "left"), label_of(fan(34), "right")])
    weak = load_weak_pictures([write_tar(tmp_path / "a.tar", files)], side_px=224)
    folder = mini.write_freihand(tmp_path / "FreiHAND_pub_v2", RIGHTS)
    full = load_labelled_pictures(load_dataset("freihand", folder, "train"), 2, side_px=224)
    both = merged(weak, full)
    assert both.labels.valid.tolist() == [[True, True], [True, False], [True, False]]
    draw = Draw(torch.Generator().manual_seed(3))
    rows = torch.tensor([0, 1, 2, 1])
    rooms = torch.zeros(1, 3, 96, 128, dtype=torch.uint8)
    batch = augmented_batch(both, rows, rooms, 96, 128, draw, AugmentConfig(pair=0.0))
    assert batch.image.shape == (4, 3, 96, 128)
    # However a picture was turned: its joints still project onto its keypoints.
    for row in (1, 2, 3):
        again = project(batch.joints_3d[row, 0].numpy(), batch.K[row, 0].numpy())
        np.testing.assert_allclose(again, batch.keypoints_2d[row, 0], atol=0.05)
