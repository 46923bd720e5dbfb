import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.capture import CameraSource, camera, open_source
from core.config import CaptureConfig
from core.errors import SourceError
from core.geometry import intrinsics_from_fov
from tests.core.capture.media import code_of
from tests.fakes import FakeClock, FakeVideoDevice

CONFIG = CaptureConfig()


def bgr(width: int = 64, height: int = 48, colour: tuple[int, int, int] = (30, 60, 200)) -> object:
    return np.full((height, width, 3), colour, np.uint8)


# Pixel formats


def open_fake_camera(device: FakeVideoDevice, clock: FakeClock | None = None) -> CameraSource:
    clock = clock or FakeClock()
    return CameraSource(0, CONFIG, device=lambda index: device, clock=clock)


def test_a_camera_frame_is_rgb_with_the_clock_right_after_read() -> None:
    clock = FakeClock(5_000_000_000)
    source = open_fake_camera(FakeVideoDevice([(True, bgr())], clock=clock), clock)
    frame = source.read()
    assert frame.timestamp_ns == clock.now
    assert (frame.image == [200, 60, 30]).all()
    assert [source.read().index for _ in range(2)] == [1, 2]


def test_a_large_mode_is_asked_for_compressed_before_its_size() -> None:
    device = FakeVideoDevice([(True, bgr())])
    open_fake_camera(device)
    assert device.asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")
    assert device.order.index(cv2.CAP_PROP_FOURCC) < device.order.index(cv2.CAP_PROP_FRAME_WIDTH)
    assert device.asked[cv2.CAP_PROP_BUFFERSIZE] == 1


def test_the_real_mode_is_read_back_and_intrinsics_follow_the_picture() -> None:
    device = FakeVideoDevice([(True, bgr(320, 240))], mode=(320, 240, 15.0))
    source = open_fake_camera(device)
    assert (source.mode.width, source.mode.height, source.fps) == (320, 240, 15.0)
    assert source.mode.fourcc == "MJPG"
    assert np.array_equal(source.read().K, intrinsics_from_fov(320, 240))


def test_a_change_of_size_changes_the_intrinsics() -> None:
    device = FakeVideoDevice([(True, bgr()), (True, bgr()), (True, bgr(32, 24)), (True, bgr())])
    source = open_fake_camera(device)
    shapes = [source.read() for _ in range(3)]
    for frame, size in zip(shapes, [(64, 48), (32, 24), (64, 48)], strict=True):
        assert frame.image.shape == (size[1], size[0], 3)
        assert np.array_equal(frame.K, intrinsics_from_fov(*size))


def test_empty_pictures_are_skipped_and_counted() -> None:
    empty = np.zeros((0, 0, 3), np.uint8)
    script: list[object] = [(True, bgr()), (True, None), (True, empty), cv2.error("jpeg")]
    device = FakeVideoDevice([*script, (True, bgr())])
    source = open_fake_camera(device)
    assert source.read().index == 0
    assert source.skipped_count == 3


def test_a_short_outage_is_bridged() -> None:
    device = FakeVideoDevice([(True, bgr()), *[(False, None)] * 5, (True, bgr())])
    assert open_fake_camera(device).read().index == 0


def test_a_camera_that_stays_silent_is_lost() -> None:
    clock = FakeClock()
    device = FakeVideoDevice([(True, bgr()), (True, bgr()), (False, None)], clock=clock)
    source = open_fake_camera(device, clock)
    source.read()
    lost_at = clock.now
    with pytest.raises(SourceError) as caught:
        source.read()
    assert code_of(caught) == "CAM-04"
    assert clock.now - lost_at < 1.2e9


def test_a_mirrored_camera_is_turned_back() -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[:, 0] = 255
    source = CameraSource(
        0,
        CaptureConfig(source_is_mirrored=True),
        device=lambda index: FakeVideoDevice([(True, picture)]),
    )
    image = source.read().image
    assert (image[:, -1] == 255).all()
    assert (image[:, 0] == 0).all()


def test_closing_frees_the_device() -> None:
    device = FakeVideoDevice([(True, bgr())])
    open_fake_camera(device).close()
    assert device.released


@pytest.mark.parametrize(
    ("exists", "allowed", "code"),
    [(False, False, "CAM-01"), (True, False, "CAM-03"), (True, True, "CAM-02")],
)
def test_a_camera_that_does_not_open_says_why(
    exists: bool, allowed: bool, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "_DEV", tmp_path)
    monkeypatch.setattr(camera.sys, "platform", "linux")
    monkeypatch.setattr(camera.os, "access", lambda path, mode: allowed)
    if exists:
        (tmp_path / "video0").touch()
    device = FakeVideoDevice([(False, None)], opens=False)
    with pytest.raises(SourceError) as caught:
        open_fake_camera(device)
    assert code_of(caught) == code
    assert device.released


def test_a_camera_that_opens_and_gives_no_picture_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "_DEV", tmp_path)
    monkeypatch.setattr(camera.sys, "platform", "linux")
    (tmp_path / "video0").touch()
    clock = FakeClock()
    device = FakeVideoDevice([(False, None)], clock=clock)
    with pytest.raises(SourceError) as caught:
        open_fake_camera(device, clock)
    assert code_of(caught) == "CAM-02"
    assert clock.now < 3e9
    assert device.released


def test_a_camera_index_that_does_not_exist_is_refused_at_once() -> None:
    start = time.monotonic()
    with pytest.raises(SourceError) as caught:
        open_source("63", CONFIG)
    assert code_of(caught) in ("CAM-01", "CAM-02")
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(("platform", "value"), [("linux", 80), ("win32", -7), ("darwin", -7)])
def test_exposure_is_fixed_in_the_units_of_each_driver(
    platform: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B1 9, 11."""
    monkeypatch.setattr(camera.sys, "platform", platform)
    device = FakeVideoDevice([(True, bgr())])
    config = CaptureConfig(exposure_ms=8.0)
    source = CameraSource(0, config, device=lambda index: device)
    assert device.asked[cv2.CAP_PROP_EXPOSURE] == value
    assert source.mode.exposure_ms == 8.0
    CameraSource(0, CONFIG, device=lambda index: device)
    automatic = 3.0 if platform == "linux" else 1.0
    assert device.asked[cv2.CAP_PROP_AUTO_EXPOSURE] == automatic


def test_a_driver_that_refuses_an_exposure_is_told_and_left_on_automatic() -> None:
    """B1 11."""
    device = FakeVideoDevice([(True, bgr())], refuses=(cv2.CAP_PROP_EXPOSURE,))
    source = CameraSource(0, CaptureConfig(exposure_ms=8.0), device=lambda index: device)
    assert source.mode.exposure_ms is None
    assert device.asked[cv2.CAP_PROP_AUTO_EXPOSURE] in (3.0, 1.0)
    assert device.order[-1] == cv2.CAP_PROP_AUTO_EXPOSURE


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_camera_gives_turned_pictures_with_their_intrinsics(degrees: int) -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[10, 50] = 255  # row 10, column 50
    config = CaptureConfig(rotation_deg=degrees, principal_x=0.05, principal_y=-0.02)
    source = CameraSource(0, config, device=lambda index: FakeVideoDevice([(True, picture)]))
    frame = source.read()
    upright = CameraSource(
        0, replace(config, rotation_deg=0), device=lambda index: FakeVideoDevice([(True, picture)])
    ).read()
    assert upright.K[0, 2] == pytest.approx(31.5 + 0.05 * 64)
    ray = np.linalg.inv(upright.K) @ [50, 10, 1]
    angle = np.radians(degrees)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    x, y, _ = frame.K @ (turn @ ray)
    assert (frame.image[round(y), round(x)] == 255).all()
    assert frame.image.sum() == 3 * 255
    assert frame.image.shape[:2] == ((48, 64) if degrees % 180 == 0 else (64, 48))
