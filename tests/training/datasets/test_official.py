"""Each adapter against a miniature: order, unit, frame, side and root by numbers."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.geometry import project
from core.rotations_np import rotmat_from_rotvec
from tests.training.datasets import miniatures as mini
from tests.training.datasets.miniatures import Truth, some_hand
from training.datasets.freihand import open_freihand
from training.datasets.load import NAMES, load_dataset
from training.datasets.sample import HandLabel, LabelledPicture, PictureStream
from training.datasets.stb import STB_BASELINE_MM

RIGHTS = [some_hand(1), some_hand(2)]
LEFTS = [some_hand(3, "left"), some_hand(4, "left")]


@pytest.fixture(scope="module")
def miniatures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, list[str]]]:
    root = tmp_path_factory.mktemp("official")
    return {name: (folder, splits) for name, folder, splits in mini.write_all(root)}


def check(label: HandLabel, truth: Truth, K: np.ndarray, joints: tuple[int, ...]) -> None:
    """Side, joints and reprojection of the joints that the data set knows."""
    rows = list(joints)
    assert label.side == truth.side
    assert label.joints_3d is not None
    assert np.flatnonzero(label.has_joint_3d).tolist() == rows
    np.testing.assert_allclose(label.joints_3d[rows], truth.joints[rows], atol=1e-6)
    np.testing.assert_allclose(label.keypoints_2d[rows], truth.pixels(K)[rows], atol=0.01)
    reprojected = project(label.joints_3d[rows], K)
    assert np.abs(reprojected - label.keypoints_2d[rows]).max() < 0.01


def read(name: str, folder: Path, split: str) -> list[LabelledPicture]:
    stream = load_dataset(name, folder, split)
    pictures = list(stream)
    assert stream.skipped == 0
    assert len(pictures) == len(stream)
    for picture in pictures:
        assert picture.image_path.is_file()
        assert picture.image_path == folder / picture.key
    return pictures


def K_of(picture: LabelledPicture) -> np.ndarray:
    assert picture.K is not None
    return picture.K


ALL = tuple(range(21))


def test_the_miniatures_are_all_data_sets(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    assert set(miniatures) == set(NAMES)


def test_freihand_has_four_versions_of_each_frame(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    pictures = read("freihand", miniatures["freihand"][0], "train")
    assert len(pictures) == 4 * len(RIGHTS)
    for i, picture in enumerate(pictures):
        assert picture.key == f"training/rgb/{i:08d}.jpg"
        frame = i % len(RIGHTS)
        (hand,) = picture.hands
        K = np.array([[480.0 + frame, 0, 112], [0, 481, 111], [0, 0, 1]])
        np.testing.assert_allclose(K_of(picture), K)
        check(hand, RIGHTS[frame], K, ALL)
        assert hand.confidence.tolist() == [1] * 21
        assert hand.mask is not None
        assert hand.mask.path.name == f"{frame:08d}.jpg"
        mask = hand.mask.read(224, 224)
        assert mask[60, 60]
        assert not mask[10, 60]


def test_freihands_pose_lacks_the_mean_until_a_mano_file_gives_it(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    (hand,) = read("freihand", miniatures["freihand"][0], "train")[0].hands
    assert hand.pose_rotvec is not None
    assert hand.betas is not None
    assert hand.pose_is_mean_relative
    np.testing.assert_allclose(hand.pose_rotvec, RIGHTS[0].pose, atol=1e-6)
    np.testing.assert_allclose(hand.betas, RIGHTS[0].betas, atol=1e-6)
    mean = np.linspace(-1, 1, 45, dtype=np.float32)
    absolute = hand.absolute_pose_rotvec(mean)
    np.testing.assert_allclose(absolute[0], RIGHTS[0].pose[0], atol=1e-6)
    np.testing.assert_allclose(absolute[1:] - hand.pose_rotvec[1:], mean.reshape(15, 3), atol=1e-6)


def test_freihands_meshes_are_read_where_they_are_asked_for(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    folder = miniatures["freihand"][0]
    with_meshes = next(PictureStream(open_freihand(folder, "train", with_vertices=True)))
    vertices = with_meshes.hands[0].vertices
    assert vertices is not None
    assert vertices.shape == (778, 3)
    assert vertices[:, 2].mean() == pytest.approx(0.6, abs=0.02)
    assert next(load_dataset("freihand", folder, "train")).hands[0].vertices is None


def test_freihands_test_set_has_keypoints_once_they_are_there(tmp_path: Path) -> None:
    folder = mini.write_freihand(tmp_path, RIGHTS)
    (hand,) = read("freihand", folder, "test")[1].hands
    assert hand.confidence.sum() == 0
    assert hand.joints_3d is None
    assert hand.mask is None
    assert not hand.pose_is_mean_relative
    shutil.copy(folder / "training_xyz.json", folder / "evaluation_xyz.json")
    picture = read("freihand", folder, "test")[1]
    assert picture.key == "evaluation/rgb/00000001.jpg"
    check(picture.hands[0], RIGHTS[1], K_of(picture), ALL)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_ho3d_turns_from_opengl_to_opencv(suffix: str, tmp_path: Path) -> None:
    pictures = read("ho3d", mini.write_ho3d(tmp_path, RIGHTS, suffix), "train")
    for picture, truth in zip(pictures, RIGHTS, strict=True):
        (hand,) = picture.hands
        assert picture.image_path.suffix == suffix
        check(hand, truth, mini.K, ALL)
        assert hand.joints_3d is not None
        assert (hand.joints_3d[:, 2] > 0).all()
        assert hand.pose_rotvec is not None
        assert not hand.pose_is_mean_relative
        turned = rotmat_from_rotvec(hand.pose_rotvec)
        np.testing.assert_allclose(turned, rotmat_from_rotvec(truth.pose), atol=1e-5)
        assert hand.betas is not None
        np.testing.assert_allclose(hand.betas, truth.betas, atol=1e-6)
        assert (hand.mask is not None) == (suffix == ".jpg")
        if hand.mask is not None:
            mask = hand.mask.read(640, 480)  # drawn at a quarter of the size
            assert mask[160, 240]
            assert not mask[60, 60]  # the object


def test_ho3ds_test_set_knows_the_wrist_alone(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    picture = read("ho3d", miniatures["ho3d"][0], "test")[0]
    (hand,) = picture.hands
    check(hand, RIGHTS[0], mini.K, (0,))
    assert hand.confidence.tolist() == [1] + [0] * 20
    assert hand.pose_rotvec is None


def test_rhd_runs_from_tip_to_base_and_left_before_right(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    for split in miniatures["rhd"][1]:
        (picture,) = read("rhd", miniatures["rhd"][0], split)
        left, right = picture.hands
        check(left, LEFTS[0], K_of(picture), ALL)
        check(right, RIGHTS[0], K_of(picture), ALL)
        assert left.confidence.tolist() == [1] * 21
        assert np.flatnonzero(right.confidence == 0).tolist() == [4]
        assert left.mask is not None
        assert right.mask is not None
        masks = [hand.mask.read(320, 320) for hand in (left, right) if hand.mask is not None]
        assert [mask[20, 20] for mask in masks] == [True, False]
        assert [mask[20, 40] for mask in masks] == [True, False]
        assert [mask[20, 120] for mask in masks] == [False, True]
        assert [mask[20, 140] for mask in masks] == [False, True]
        assert not any(mask[200, 200] for mask in masks)  # the person


def test_rhd_leaves_out_a_hand_that_is_not_to_be_seen(tmp_path: Path) -> None:
    folder = mini.write_rhd(tmp_path, [(LEFTS[0], RIGHTS[0])])
    path = folder / "training" / "anno_training.pickle"
    uv_vis, xyz = np.ones((42, 3)), np.ones((42, 3))
    uv_vis[:21, 2] = 0
    mini.write_pickle(path, {0: {"K": mini.K, "uv_vis": uv_vis, "xyz": xyz}})
    (picture,) = read("rhd", folder, "train")
    assert [hand.side for hand in picture.hands] == ["right"]


def test_stb_gives_the_wrist_for_the_palm_in_both_eyes(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    folder = miniatures["stb"][0]
    pictures = read("stb", folder, "test")
    assert len(pictures) == 2 * 2 * len(LEFTS)
    assert len(load_dataset("stb", folder, "train")) == 5 * len(pictures)
    for picture in pictures:
        _, video, name = picture.key.split("/")
        assert video in ("B1Counting", "B1Random")
        _, eye, number = name.removesuffix(".png").split("_")
        truth = LEFTS[int(number)]
        shift = np.array([STB_BASELINE_MM / 1000 if eye == "right" else 0, 0, 0])
        seen = Truth("left", truth.joints - shift, truth.pose, truth.betas)
        check(picture.hands[0], seen, K_of(picture), ALL)


def test_dexter_object_knows_five_tips_in_the_colour_camera(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    pictures = read("dexter_object", miniatures["dexter_object"][0], "test")
    assert len(pictures) == 6 * len(LEFTS)
    for i, picture in enumerate(pictures):
        (hand,) = picture.hands
        check(hand, LEFTS[i % 2], K_of(picture), (4, 8, 12, 16, 20))
        assert np.flatnonzero(hand.confidence).tolist() == [4, 8, 12, 16, 20]


def test_dexter_object_takes_no_tip_where_the_depth_camera_saw_none(tmp_path: Path) -> None:
    folder = mini.write_dexter_object(tmp_path, LEFTS)
    path = folder / "data" / "Grasp1" / "annotations" / "Grasp13D.txt"
    first, *others = path.read_text().splitlines()
    tips = first.split("; ")
    tips[1] = "12.0, 14.0, 32001"
    path.with_name("my_Grasp13D.txt").write_text("\n".join(["; ".join(tips), *others]))
    picture = next(load_dataset("dexter_object", folder, "test"))
    check(picture.hands[0], LEFTS[0], K_of(picture), (4, 12, 16, 20))
    assert picture.hands[0].confidence[8] == 0


def test_interhand_goes_from_the_world_to_the_camera(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    folder, splits = miniatures["interhand"]
    for split in splits:
        single, double = read("interhand", folder, split)
        assert [hand.side for hand in single.hands] == ["right"]
        assert [hand.side for hand in double.hands] == ["right", "left"]
        np.testing.assert_allclose(K_of(double), mini.K)
        check(single.hands[0], RIGHTS[0], mini.K, ALL)
        check(double.hands[0], RIGHTS[1], mini.K, ALL)
        check(double.hands[1], LEFTS[0], mini.K, ALL)


def test_interhands_poses_are_canonical_in_the_camera_and_lack_the_mean(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    _, double = read("interhand", miniatures["interhand"][0], "train")
    for hand, truth in zip(double.hands, (RIGHTS[1], LEFTS[0]), strict=True):
        assert hand.pose_rotvec is not None
        assert hand.pose_is_mean_relative
        canonical = rotmat_from_rotvec(hand.pose_rotvec)
        np.testing.assert_allclose(canonical, rotmat_from_rotvec(truth.pose), atol=1e-5)
        assert hand.betas is not None
        np.testing.assert_allclose(hand.betas, truth.betas, atol=1e-6)


def test_interhands_unlabelled_joints_have_no_confidence(tmp_path: Path) -> None:
    folder = mini.write_interhand(tmp_path, [(RIGHTS[0],)])
    for name in ("data", "joint_3d"):
        path = folder / "annotations" / "train" / f"InterHand2.6M_train_{name}.json"
        changed = path.read_text().replace("[1], [1], [1]", "[0], [1], [1]", 1)
        assert changed != path.read_text()
        path.write_text(changed)
    (hand,) = read("interhand", folder, "train")[0].hands
    assert np.flatnonzero(hand.confidence == 0).tolist() == [4]  # thumb's tip comes first
    check(hand, RIGHTS[0], mini.K, tuple(i for i in ALL if i != 4))
