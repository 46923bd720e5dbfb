"""What the adapters say of folders and samples that are not as they should be."""

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from core.errors import TrainingError, UsageError
from tests.training.datasets import miniatures as mini
from tests.training.datasets.miniatures import Truth, some_hand
from training.datasets.load import NAMES, load_dataset

RIGHTS = [some_hand(1), some_hand(2)]


@pytest.fixture(scope="module")
def miniatures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, list[str]]]:
    root = tmp_path_factory.mktemp("official")
    return {name: (folder, splits) for name, folder, splits in mini.write_all(root)}


@pytest.fixture
def copy(
    miniatures: dict[str, tuple[Path, list[str]]], tmp_path: Path, request: pytest.FixtureRequest
) -> Path:
    """The miniature that the test names, to be damaged."""
    return Path(shutil.copytree(miniatures[request.param][0], tmp_path / "copy"))


MISSING = [
    ("freihand", "train", ["training_K.json"]),
    ("freihand", "train", ["training_xyz.json", "training/mask"]),
    ("freihand", "test", ["evaluation/rgb"]),
    ("ho3d", "train", ["train.txt"]),
    ("ho3d", "test", ["evaluation/SM1/meta"]),
    ("rhd", "train", ["training/anno_training.pickle", "training/color"]),
    ("rhd", "test", ["evaluation/mask"]),
    ("stb", "train", ["labels/B4Random_BB.mat", "images/B6Counting"]),
    ("dexter_object", "test", ["data/Pinch/color", "data/Rotate/annotations/Rotate3D.txt"]),
    ("interhand", "val", ["annotations/val/InterHand2.6M_val_camera.json", "images/val"]),
]


@pytest.mark.parametrize(
    ("copy", "name", "split", "missing"),
    [(name, name, split, missing) for name, split, missing in MISSING],
    indirect=["copy"],
)
def test_a_wrong_layout_names_each_missing_path(
    copy: Path, name: str, split: str, missing: list[str]
) -> None:
    for path in missing:
        target = copy / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()
    with pytest.raises(TrainingError) as caught:
        load_dataset(name, copy, split)
    assert caught.value.code == "TRN-02"
    for path in missing:
        assert str(copy / path) in caught.value.cause
    assert "folder" in caught.value.remedy


GARBAGE = [
    ("freihand", "training_K.json", b"[[1, 2"),
    ("freihand", "training_xyz.json", b"[]"),
    ("freihand", "training_mano.json", b"{}"),
    ("ho3d", "train.txt", b"ABF10 0000\n"),
    ("ho3d", "train.txt", b"../ABF10/0000\n"),
    ("ho3d", "train.txt", b""),
    ("rhd", "training/anno_training.pickle", b"no pickle"),
    ("rhd", "training/anno_training.pickle", b"]."),
    ("stb", "labels/B2Counting_BB.mat", b"no matrices"),
    ("stb", "labels/B2Counting_BB.mat", b""),
    ("interhand", "annotations/train/InterHand2.6M_train_data.json", b'{"images": []}'),
    ("interhand", "annotations/train/InterHand2.6M_train_camera.json", b"\xff\xfe\x00"),
    ("interhand", "annotations/train/InterHand2.6M_train_joint_3d.json", b"[]"),
]


@pytest.mark.parametrize(
    ("copy", "name", "path", "content"), [(row[0], *row) for row in GARBAGE], indirect=["copy"]
)
def test_labels_that_cannot_be_read_are_one_clear_error(
    copy: Path, name: str, path: str, content: bytes
) -> None:
    (copy / path).write_bytes(content)
    with pytest.raises(TrainingError) as caught:
        load_dataset(name, copy, "train")
    assert caught.value.code == "TRN-02"
    assert str(copy / path) in caught.value.cause


@pytest.mark.parametrize("copy", ["stb"], indirect=True)
def test_stb_labels_of_another_shape_are_named(copy: Path) -> None:
    path = copy / "labels" / "B1Counting_BB.mat"
    savemat(path, {"handPara": loadmat(path)["handPara"][:, :20]})
    with pytest.raises(TrainingError, match="B1Counting_BB"):
        load_dataset("stb", copy, "test")


@pytest.mark.parametrize("copy", ["dexter_object"], indirect=True)
def test_dexter_object_needs_a_line_for_each_picture(copy: Path) -> None:
    mini.paint(copy / "data" / "Rigid" / "color" / "image_00009_color.png")
    with pytest.raises(TrainingError, match="2 lines for 3 pictures"):
        load_dataset("dexter_object", copy, "test")


BROKEN = [
    ("freihand", "train", "training/rgb/00000003.jpg", None),
    ("ho3d", "train", "train/ABF10/rgb/0001.jpg", None),
    ("ho3d", "train", "train/ABF10/meta/0001.pkl", b"broken"),
    ("ho3d", "train", "train/ABF10/meta/0001.pkl", None),
    ("rhd", "train", "training/color/00000.png", None),
    ("stb", "test", "images/B1Random/BB_right_1.png", None),
    ("dexter_object", "test", "data/Occlusion/color/image_00001_color.png", "1, 2, 3; 4, 5\n"),
    ("interhand", "test", "images/test/Capture0/ROM01/cam400262/image1.jpg", None),
]


@pytest.mark.parametrize(
    ("copy", "name", "split", "path", "content"),
    [(row[0], *row) for row in BROKEN],
    indirect=["copy"],
)
def test_a_broken_sample_is_skipped_counted_and_named(
    copy: Path,
    name: str,
    split: str,
    path: str,
    content: bytes | str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stem = Path(path).stem
    if content is None:
        (copy / path).unlink()
    elif isinstance(content, bytes):
        (copy / path).write_bytes(content)
    else:
        labels = copy / "data" / "Occlusion" / "annotations" / "Occlusion3D.txt"
        labels.write_text(labels.read_text().splitlines()[0] + "\n" + content)
    stream = load_dataset(name, copy, split)
    with caplog.at_level(logging.WARNING):
        pictures = list(stream)
    assert stream.skipped == 1
    assert len(pictures) == len(stream) - 1
    assert not any(Path(picture.key).stem == stem and path == picture.key for picture in pictures)
    assert stem in caplog.text
    assert f"skipped 1 of {len(stream)}" in caplog.text


def test_labels_that_are_no_numbers_break_one_sample(tmp_path: Path) -> None:
    bad = Truth("right", np.full((21, 3), np.nan), RIGHTS[0].pose, RIGHTS[0].betas)
    folder = mini.write_freihand(tmp_path, [RIGHTS[0], bad], versions=1)
    stream = load_dataset("freihand", folder, "train")
    assert [picture.key for picture in stream] == ["training/rgb/00000000.jpg"]
    assert stream.skipped == 1


def test_ho3d_frames_without_a_label_are_skipped(tmp_path: Path) -> None:
    folder = mini.write_ho3d(tmp_path, RIGHTS, ".png")
    empty = {"camMat": mini.K, "handJoints3D": None, "handPose": None, "objRot": None}
    mini.write_pickle(folder / "train" / "ABF10" / "meta" / "0000.pkl", empty)
    stream = load_dataset("ho3d", folder, "train")
    assert [picture.image_path.stem for picture in stream] == ["0001"]
    assert stream.skipped == 1


def test_a_stream_reads_only_as_far_as_it_is_asked(tmp_path: Path) -> None:
    folder = mini.write_ho3d(tmp_path, RIGHTS, ".png")
    (folder / "train" / "ABF10" / "meta" / "0001.pkl").unlink()
    stream = load_dataset("ho3d", folder, "train")
    next(stream)
    assert stream.skipped == 0
    with pytest.raises(StopIteration):
        next(stream)
    assert stream.skipped == 1


def test_a_stream_spreads_over_all_of_a_split(
    miniatures: dict[str, tuple[Path, list[str]]],
) -> None:
    stream = load_dataset("stb", miniatures["stb"][0], "test")  # 8 pictures
    keys = [picture.key for picture in stream]
    assert [picture.key for picture in stream.spread(3)] == [keys[0], keys[2], keys[5]]
    assert len(stream.spread(100)) == 8


@pytest.mark.parametrize("name", NAMES)
def test_splits_that_nobody_defined_are_refused(
    name: str, miniatures: dict[str, tuple[Path, list[str]]]
) -> None:
    folder, splits = miniatures[name]
    for split in ("train", "val", "test", "evaluation"):
        if split not in splits:
            with pytest.raises(UsageError, match=splits[-1]) as caught:
                load_dataset(name, folder, split)
            assert caught.value.code == "USE-01"


def test_an_unknown_data_set_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="freihand, ho3d, interhand") as caught:
        load_dataset("mnist", tmp_path, "train")
    assert caught.value.code == "USE-01"
