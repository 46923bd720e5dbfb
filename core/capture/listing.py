"""Which cameras there are, by name and by an id that outlives replugging."""

import logging
import os
import re
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2

from core.capture.modes import CameraModes, camera_modes
from core.errors import SourceError

_LOG = logging.getLogger(__name__)
SYSFS: Final = Path("/sys/class/video4linux")
DEV: Final = Path("/dev")
#: How a camera is named by its id, where `open_source` takes a text.
CAMERA_PREFIX: Final = "camera:"
# videodev2.h: _IOR('V', 0, struct v4l2_capability), and two bits of its capabilities.
_VIDIOC_QUERYCAP: Final = 0x80685600
_CAPABILITY_BYTES: Final = 104
_CAPTURES_VIDEO: Final = 0x1 | 0x1000
_PROBED_INDICES: Final = 5


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine.

    Attributes:
        index: what OpenCV opens; another camera may have it after the next replug.
        name: what its maker calls it.
        path: device file where there are such, else "".
        stable_id: names this very camera (or, without a serial number, its socket) for good;
            "" where the system has no such name.
        modes: its sizes and rates; None where nobody can tell.
    """

    index: int
    name: str
    path: str
    stable_id: str = ""
    modes: CameraModes | None = field(default=None, compare=False)

    @property
    def source(self) -> str:
        """What `open_source` takes."""
        return CAMERA_PREFIX + self.stable_id if self.stable_id else str(self.index)


def list_cameras(sysfs: Path = SYSFS, dev: Path = DEV) -> tuple[CameraInfo, ...]:
    """Return the cameras of this machine by index, without starting a stream.

    On Linux from device files. Elsewhere from the system's list; where the package that reads
    it is missing, by opening the first few.
    """
    if not sys.platform.startswith("linux"):
        listed = _list_by_system()
        return _probe_cameras() if listed is None else listed
    cameras = []
    ids = _stable_ids(dev)
    for entry in sysfs.glob("video*") if sysfs.is_dir() else ():
        path = dev / entry.name
        if re.fullmatch(r"video\d+", entry.name) and path.exists() and _captures(path, entry):
            index = int(entry.name.removeprefix("video"))
            name = _first_line(entry / "name") or entry.name
            modes = camera_modes(str(path))
            cameras.append(CameraInfo(index, name, str(path), ids.get(entry.name, ""), modes))
    return tuple(sorted(cameras, key=lambda camera: camera.index))


def listing_opens_cameras() -> bool:
    """Say whether listing disturbs cameras, so that it must not be done again and again."""
    return not sys.platform.startswith("linux") and _list_by_system() is None


def find_camera(stable_id: str, cameras: tuple[CameraInfo, ...] | None = None) -> CameraInfo:
    """Return the camera with this id, wherever it is plugged in now.

    Raises:
        SourceError: CAM-01 it is not there.
    """
    for camera in list_cameras() if cameras is None else cameras:
        if camera.stable_id == stable_id:
            return camera
    raise SourceError(
        "CAM-01",
        f"the camera {stable_id} is not plugged in",
        "Plug it in again, or choose another source.",
    )


def camera_name(index: int) -> str:
    """Return what a camera is called, for a person."""
    return _first_line(SYSFS / f"video{index}" / "name") or f"camera {index}"


def watched_folders(dev: Path = DEV) -> tuple[Path, ...]:
    """Return the folders that change when a camera comes or goes; none where there are none."""
    if not sys.platform.startswith("linux"):
        return ()
    folders = (dev, dev / "v4l" / "by-id", dev / "v4l" / "by-path")
    return tuple(folder for folder in folders if folder.is_dir())


def _stable_ids(dev: Path) -> dict[str, str]:
    """Return the id of each device node, as udev names it: by serial number, else by socket."""
    ids: dict[str, str] = {}
    for kind in ("by-path", "by-id"):  # the better one last
        folder = dev / "v4l" / kind
        for link in sorted(folder.iterdir()) if folder.is_dir() else ():
            ids[link.resolve().name] = link.name
    return ids


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _captures(path: Path, sysfs_entry: Path) -> bool:
    """Say whether a device file gives pictures; a webcam has others for metadata."""
    import fcntl  # absent on Windows

    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:  # not allowed or busy: listed, so that opening it can say why
        return _first_line(sysfs_entry / "index") in ("", "0")
    try:
        answer = fcntl.ioctl(device, _VIDIOC_QUERYCAP, bytes(_CAPABILITY_BYTES))
    except OSError:
        return _first_line(sysfs_entry / "index") in ("", "0")
    finally:
        os.close(device)
    (device_capabilities,) = struct.unpack_from("<I", answer, 88)
    return bool(device_capabilities & _CAPTURES_VIDEO)


def _list_by_system() -> tuple[CameraInfo, ...] | None:
    """Return what Windows or macOS lists; None where the package for that is missing."""
    try:
        from cv2_enumerate_cameras import enumerate_cameras
    except ImportError:
        return None
    backend = cv2.CAP_MSMF if sys.platform == "win32" else cv2.CAP_AVFOUNDATION
    try:
        found = enumerate_cameras(backend)
    except (OSError, RuntimeError):
        _LOG.warning("the system's list of cameras cannot be read", exc_info=True)
        return None
    return tuple(
        CameraInfo(int(camera.index), str(camera.name), "", str(camera.path or ""))
        for camera in found
    )


def _probe_cameras() -> tuple[CameraInfo, ...]:
    cameras = []
    for index in range(_PROBED_INDICES):
        device = cv2.VideoCapture(index, cv2.CAP_ANY)
        if device.isOpened():
            cameras.append(CameraInfo(index, f"camera {index}", ""))
        device.release()
    return tuple(cameras)
