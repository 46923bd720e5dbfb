"""What bad input gets: exit status 2, one line with a code on stderr, nothing half-written."""

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.__main__ import main
from core import assets


def missing_file(folder: Path) -> str:
    return str(folder / "none.mp4")


def broken_video(folder: Path) -> str:
    (folder / "broken.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(range(256)) * 20)
    return str(folder / "broken.mp4")


def broken_image(folder: Path) -> str:
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    return str(folder / "broken.jpg")


def empty_file(folder: Path) -> str:
    (folder / "empty.mp4").touch()
    return str(folder / "empty.mp4")


def folder_of_broken_images(folder: Path) -> str:
    (folder / "images").mkdir()
    for name in ("a.jpg", "b.png"):
        (folder / "images" / name).write_bytes(b"no image")
    return str(folder / "images")


def empty_folder(folder: Path) -> str:
    (folder / "nothing").mkdir()
    return str(folder / "nothing")


@pytest.mark.parametrize(
    ("make_source", "code"),
    [
        (missing_file, "CAM-06"),
        (broken_video, "CAM-07"),
        (broken_image, "CAM-07"),
        (empty_file, "CAM-07"),
        (folder_of_broken_images, "CAM-09"),
        (empty_folder, "CAM-09"),
        (lambda folder: "http://127.0.0.1:9/clip.mp4", "CAM-08"),
        (lambda folder: "http://", "CAM-08"),
        (lambda folder: "gopher://example.org/clip", "CAM-08"),
    ],
)
def test_bad_source_is_one_line_with_its_code(
    tmp_path: Path,
    one_line: Callable[[], str],
    make_source: Callable[[Path], str],
    code: str,
) -> None:
    assert main(["run", make_source(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert one_line().startswith(f"{code}: ")
    assert not (tmp_path / "out").exists()


def test_absent_camera_is_one_line_with_its_code(
    tmp_path: Path, one_line: Callable[[], str]
) -> None:
    assert main(["run", "4711", "--out", str(tmp_path / "out")]) == 2
    assert one_line().startswith("CAM-01: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "demo", "--out", "OUT", "--engine", "warp"],
        ["run", "demo", "--out", "OUT", "--max-frames", "many"],
        ["run", "demo", "--out", "OUT", "--colour", "red"],
        ["run", "demo"],
        ["run"],
        ["bench", "--engine", "warp"],
        ["--engine", "warp"],
        ["--engine", "onnx", "run", "demo", "--out", "OUT"],
        ["frobnicate"],
    ],
)
def test_unknown_option_values_are_refused_in_one_line(
    tmp_path: Path, one_line: Callable[[], str], arguments: list[str]
) -> None:
    arguments = [str(tmp_path / "out") if word == "OUT" else word for word in arguments]
    assert main(arguments) == 2
    assert one_line().startswith("USE-01: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "demo", "--out", "OUT", "--max-frames", "0"],
        ["bench", "--frames", "0"],
    ],
)
def test_values_out_of_range_are_refused_in_one_line(
    tmp_path: Path, one_line: Callable[[], str], arguments: list[str]
) -> None:
    arguments = [str(tmp_path / "out") if word == "OUT" else word for word in arguments]
    assert main(arguments) == 2
    assert one_line().startswith("USE-03: ")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "grey.png"
    cv2.imwrite(str(path), np.full((240, 320, 3), 90, np.uint8))
    return path


@pytest.fixture
def resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the hand and the weights, to be damaged."""
    real = assets.resources_dir()
    if not (real / "weights/lite.onnx").is_file():
        pytest.skip("the weights have not been made yet")
    copy = tmp_path / "resources"
    shutil.copytree(real / "hand", copy / "hand")
    shutil.copytree(real / "weights", copy / "weights")
    monkeypatch.setattr(assets, "resources_dir", lambda: copy)
    return copy


def remove_weights(resources: Path) -> None:
    (resources / "weights/lite.onnx").unlink()


def remove_description(resources: Path) -> None:
    (resources / "weights/lite.json").unlink()


def flip_a_bit(resources: Path) -> None:
    path = resources / "weights/lite.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_short(resources: Path) -> None:
    path = resources / "weights/lite.onnx"
    path.write_bytes(path.read_bytes()[:1000])


def break_description(resources: Path) -> None:
    (resources / "weights/lite.json").write_text("{")


def remove_hand(resources: Path) -> None:
    (resources / assets.OPEN_HAND_FILE).unlink()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (remove_weights, "MDL-01"),
        (remove_description, "MDL-01"),
        (flip_a_bit, "MDL-02"),
        (cut_short, "MDL-02"),
        (break_description, "MDL-03"),
        (remove_hand, "MDL-01"),
    ],
)
def test_missing_or_damaged_weights_are_one_line_with_their_code(
    tmp_path: Path,
    image: Path,
    resources: Path,
    one_line: Callable[[], str],
    damage: Callable[[Path], None],
    code: str,
) -> None:
    damage(resources)
    assert main(["run", str(image), "--out", str(tmp_path / "out")]) == 2
    assert one_line().startswith(f"{code}: ")
    assert not (tmp_path / "out").exists()


def test_missing_demo_clip_is_one_line(
    tmp_path: Path, one_line: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.run_command.demo_clip_path", lambda: tmp_path / "demo.mp4")
    assert main(["run", "demo", "--out", str(tmp_path / "out")]) == 2
    assert one_line().startswith("CAM-06: the demo clip")
    assert not (tmp_path / "out").exists()


def test_target_that_cannot_be_written_is_one_line(
    tmp_path: Path, image: Path, one_line: Callable[[], str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["run", str(image), "--out", str(tmp_path / "file" / "out")]) == 2
    assert one_line().startswith("OUT-01: ")


def test_earlier_results_are_not_overwritten_unasked(
    tmp_path: Path, image: Path, one_line: Callable[[], str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/hands.csv").write_text("earlier")
    assert main(["run", str(image), "--out", str(tmp_path / "out")]) == 2
    assert "--overwrite" in one_line()
    assert (tmp_path / "out/hands.csv").read_text() == "earlier"


def test_bench_report_that_cannot_be_written_is_refused_before_timing(
    tmp_path: Path, one_line: Callable[[], str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["bench", "--json", str(tmp_path / "file/report.json")]) == 2
    assert one_line().startswith("OUT-01: ")
