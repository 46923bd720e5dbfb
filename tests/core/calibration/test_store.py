import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.calibration import CameraRecord, CameraStore, Lens, distance_of
from core.calibration.lens import FOCAL_SD, fov_from_focal
from core.config import CaptureConfig
from core.errors import OutputError
from core.topology import MIDDLE_MCP
from tests.factories import make_hand

CAMERA = "camera:usb-046d_HD_Pro_Webcam_C920_1234-video-index0"
BOARD = Lens("board", 0.002, 0.21, 16 / 9, 70.4)
RECORD = CameraRecord(CaptureConfig(rotation_deg=180, exposure_ms=8.0)).with_lens(BOARD, (0.01, 0))


def save(path: Path, record: CameraRecord) -> None:
    store = CameraStore(path)
    store.put(CAMERA, record)
    store.save()


def test_a_camera_is_remembered_under_its_id(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "cameras.json"
    record = replace(RECORD, hand_length_m=0.189)
    save(path, record)
    again = CameraStore(path)
    assert again.get(CAMERA) == record and again.notices == []
    assert again.get("camera:another") == CameraRecord()
    assert record.capture.horizontal_fov_deg == pytest.approx(70.4)
    assert record.capture.principal_x == 0.01


def test_another_mode_keeps_the_lens_and_changes_the_angle() -> None:
    narrow = RECORD.with_mode(640, 480, 60.0)
    assert (narrow.capture.width, narrow.capture.height, narrow.capture.fps) == (640, 480, 60)
    focal = 0.5 * 16 / 9 / math.tan(math.radians(70.4) / 2)  # per height
    assert narrow.capture.horizontal_fov_deg == pytest.approx(fov_from_focal(focal, 4 / 3))
    assert narrow.capture.principal_x == 0.01
    back = narrow.with_mode(1280, 720, 30.0)
    assert back.capture.horizontal_fov_deg == pytest.approx(70.4)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 2, "cameras": {}}', '{"version": 1, "cameras": 3}', "null",
     '{"version": 1}', "\udcff", "[" * 100_000],
)  # fmt: skip
def test_a_broken_file_is_kept_aside_and_told(tmp_path: Path, text: str) -> None:
    """B4 61."""
    path = tmp_path / "cameras.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    store = CameraStore(path)
    assert store.get(CAMERA) == CameraRecord()
    assert len(store.notices) == 1
    assert [kept.read_bytes() for kept in tmp_path.glob("*.broken-*")] == [
        text.encode("utf-8", "surrogateescape")
    ]
    store.put(CAMERA, RECORD)
    store.save()
    assert CameraStore(path).get(CAMERA) == RECORD


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("capture", "horizontal_fov_deg"), 500.0),
        (("capture", "horizontal_fov_deg"), "wide"),
        (("capture", "rotation_deg"), 45),
        (("capture", "width"), True),
        (("capture",), None),
        (("lens", "source"), "guess"),
        (("lens", "focal_sd"), float("nan")),
        (("lens", "aspect"), "16:9"),
        (("hand_length_m",), 2.0),
        (("hand_length_m",), "long"),
    ],
)
def test_a_broken_entry_is_left_out_and_the_others_stay(
    tmp_path: Path, keys: tuple[str, ...], value: object
) -> None:
    """B4 61."""
    path = tmp_path / "cameras.json"
    store = CameraStore(path)
    store.put("camera:good", RECORD)
    store.put("camera:bad", RECORD)
    store.save()
    content = json.loads(path.read_text("utf-8"))
    at = content["cameras"]["camera:bad"]
    for key in keys[:-1]:
        at = at[key]
    at[keys[-1]] = value
    path.write_text(json.dumps(content), "utf-8")
    again = CameraStore(path)
    assert again.get("camera:good") == RECORD
    assert again.get("camera:bad") == CameraRecord()
    assert len(again.notices) == 1 and "camera:bad" in again.notices[0]


def test_what_a_later_version_adds_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "cameras.json"
    save(path, RECORD)
    content = json.loads(path.read_text("utf-8"))
    content["cameras"][CAMERA]["capture"]["tint"] = 3
    path.write_text(json.dumps(content), "utf-8")
    assert CameraStore(path).get(CAMERA) == RECORD


def test_a_folder_that_cannot_be_written_is_an_error_and_the_record_holds(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = CameraStore(tmp_path / "file" / "cameras.json")
    store.put(CAMERA, RECORD)
    with pytest.raises(OutputError, match="OUT-01"):
        store.save()
    assert store.get(CAMERA) == RECORD


def test_the_oldest_of_too_many_cameras_is_forgotten(tmp_path: Path) -> None:
    store = CameraStore(tmp_path / "cameras.json")
    store._records = {f"camera:{n}": RECORD for n in range(200)}
    store.put("camera:new", RECORD)
    assert store.get("camera:0") == CameraRecord()
    assert store.get("camera:1") == RECORD and store.get("camera:new") == RECORD


def test_without_a_path_nothing_is_written(tmp_path: Path) -> None:
    store = CameraStore(None)
    store.put(CAMERA, RECORD)
    store.save()
    assert store.get(CAMERA) == RECORD and list(tmp_path.iterdir()) == []


def test_a_hand_of_another_size_is_no_hand() -> None:
    with pytest.raises(ValueError, match="outside"):
        CameraRecord(hand_length_m=0.5)


# Distance


def test_the_distance_goes_straight_to_the_hand() -> None:
    hand = make_hand(at=(0.3, 0.0, 0.4))
    distance = distance_of(hand, 0.0, is_length_known=True)
    assert distance.metres == pytest.approx(0.5, abs=1e-3)
    assert distance.metres == pytest.approx(np.linalg.norm(hand.joints_3d[MIDDLE_MCP]), abs=1e-6)


@pytest.mark.parametrize(
    ("lens", "is_known", "percent"),
    [("default", False, 20.6), ("default", True, 20.0), ("known", False, 6.4), (0.002, False, 5.0),
     (0.002, True, 1.0)],
)  # fmt: skip
def test_errors_of_lens_and_hand_add_as_squares(
    lens: str | float, is_known: bool, percent: float
) -> None:
    focal_sd = FOCAL_SD[lens] if isinstance(lens, str) else lens  # type: ignore[index]
    distance = distance_of(make_hand(at=(0, 0, 1.0)), focal_sd, is_length_known=is_known)
    assert 100 * distance.sd_m == pytest.approx(percent, abs=0.1)


def test_the_stated_deviation_is_that_of_the_distance() -> None:
    """The formula against drawing focal lengths and hands from their distributions."""
    rng = np.random.default_rng(0)
    focal = 1000 * (1 + 0.04 * rng.standard_normal(200_000))
    length = 0.19 * (1 + 0.05 * rng.standard_normal(200_000))
    apparent_px = 1000 * 0.19 / 0.6
    drawn = focal * length / apparent_px
    stated = distance_of(make_hand(at=(0, 0, 0.6)), 0.04, is_length_known=False)
    assert stated.sd_m == pytest.approx(drawn.std(), rel=0.01)


def test_a_distance_reads_in_whole_centimetres() -> None:
    hand = make_hand(at=(0, 0, 0.52))
    assert str(distance_of(hand, 0.2, is_length_known=False)) == "52 \u00b1 11 cm"
    assert str(distance_of(hand, 0.001, is_length_known=True)) == "52 \u00b1 1 cm"
