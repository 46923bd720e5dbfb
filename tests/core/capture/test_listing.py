import sys
import types
from pathlib import Path

import pytest

from core.capture import (
    CameraInfo,
    find_camera,
    list_cameras,
    listing,
    listing_opens_cameras,
    open_source,
    watched_folders,
)
from core.config import CaptureConfig
from core.errors import SourceError
from tests.core.capture.media import code_of

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="lists Linux device files")


def plug_in(root: Path, node: str, name: str, stable_id: str) -> None:
    """Lay out what Linux shows of one camera below root/sys and root/dev."""
    entry, links = root / "sys" / node, root / "dev" / "v4l" / "by-id"
    entry.mkdir(parents=True)
    (entry / "name").write_text(f"{name}\n")
    (entry / "index").write_text("0\n")
    links.mkdir(parents=True, exist_ok=True)
    (root / "dev" / node).touch()
    (links / stable_id).symlink_to(f"../../{node}")


@LINUX
def test_a_camera_is_found_by_its_id_though_its_index_has_changed(tmp_path: Path) -> None:
    """B1 14."""
    first, second = tmp_path / "before", tmp_path / "after"
    plug_in(first, "video0", "Desk", "usb-Desk_1234-video-index0")
    plug_in(first, "video1", "Lid", "usb-Lid_99-video-index0")
    plug_in(second, "video0", "Lid", "usb-Lid_99-video-index0")
    plug_in(second, "video4", "Desk", "usb-Desk_1234-video-index0")
    before = list_cameras(first / "sys", first / "dev")
    after = list_cameras(second / "sys", second / "dev")
    assert [camera.index for camera in before] == [0, 1]
    desk = before[0]
    assert desk.source == "camera:usb-Desk_1234-video-index0"
    assert (found := find_camera(desk.stable_id, after)).index == 4
    assert found.name == "Desk"


def test_a_camera_that_is_not_there_is_asked_for_by_name() -> None:
    """B1 14."""
    with pytest.raises(SourceError, match="usb-Desk") as caught:
        find_camera("usb-Desk", (CameraInfo(0, "Lid", "/dev/video0", "usb-Lid"),))
    assert code_of(caught) == "CAM-01"


def test_a_camera_id_opens_the_camera_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """B1 14."""
    cameras = (CameraInfo(62, "Lid", "", "usb-Lid"), CameraInfo(63, "Desk", "", "usb-Desk"))
    monkeypatch.setattr(listing, "list_cameras", lambda: cameras)
    with pytest.raises(SourceError, match="camera 63") as caught:
        open_source("camera:usb-Desk", CaptureConfig())
    assert code_of(caught) in ("CAM-01", "CAM-02")


@LINUX
def test_a_camera_without_a_serial_number_is_known_by_its_socket(tmp_path: Path) -> None:
    plug_in(tmp_path, "video0", "Nameless", "usb-Generic-video-index0")
    sockets = tmp_path / "dev" / "v4l" / "by-path"
    sockets.mkdir()
    (tmp_path / "dev" / "v4l" / "by-id" / "usb-Generic-video-index0").unlink()
    (sockets / "pci-0000:00:14.0-usb-0:3:1.0-video-index0").symlink_to("../../video0")
    (camera,) = list_cameras(tmp_path / "sys", tmp_path / "dev")
    assert camera.stable_id == "pci-0000:00:14.0-usb-0:3:1.0-video-index0"


@LINUX
def test_the_folders_to_watch_are_those_that_are_there(tmp_path: Path) -> None:
    assert watched_folders(tmp_path) == (tmp_path,)
    plug_in(tmp_path, "video0", "Desk", "usb-Desk")
    dev = tmp_path / "dev"
    assert watched_folders(dev) == (dev, dev / "v4l" / "by-id")
    assert not listing_opens_cameras()


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_the_system_names_its_cameras(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def enumerate_cameras(backend: int) -> list[object]:
        asked.append(backend)
        return [types.SimpleNamespace(index=1, name="FaceTime HD", path="0x1420")]

    package = types.ModuleType("cv2_enumerate_cameras")
    package.enumerate_cameras = enumerate_cameras  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", package)
    monkeypatch.setattr(listing.sys, "platform", platform)
    assert list_cameras() == (CameraInfo(1, "FaceTime HD", "", "0x1420"),)
    assert not listing_opens_cameras()
    assert watched_folders() == ()
    assert len(set(asked)) == 1


def test_without_the_systems_list_cameras_are_opened_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[int] = []

    class Device:
        def __init__(self, index: int, backend: int) -> None:
            opened.append(index)
            self.index = index

        def isOpened(self) -> bool:
            return self.index == 2

        def release(self) -> None:
            pass

    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", None)
    monkeypatch.setattr(listing.sys, "platform", "win32")
    monkeypatch.setattr(listing.cv2, "VideoCapture", Device)
    assert list_cameras() == (CameraInfo(2, "camera 2", ""),)
    assert listing_opens_cameras()
    assert list_cameras()[0].source == "2"


@LINUX
def test_cameras_are_listed_by_name_and_metadata_nodes_left_out(tmp_path: Path) -> None:
    sysfs, dev = tmp_path / "sys", tmp_path / "dev"
    dev.mkdir()
    for node, name, index in (("video10", "Desk", 0), ("video2", "Lid", 0), ("video3", "Lid", 1)):
        (sysfs / node).mkdir(parents=True)
        (sysfs / node / "name").write_text(f"{name}\n")
        (sysfs / node / "index").write_text(f"{index}\n")
        (dev / node).touch()
    (sysfs / "video4").mkdir()  # its device file is gone
    found = list_cameras(sysfs, dev)
    assert [(camera.index, camera.name) for camera in found] == [(2, "Lid"), (10, "Desk")]


def test_a_machine_without_cameras_lists_none(tmp_path: Path) -> None:
    assert list_cameras(tmp_path / "none", tmp_path) == ()
