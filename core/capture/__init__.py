"""Where pictures come from: cameras, video files, images, URLs, all behind `FrameSource`."""

import os

# OpenCV reads this once, with its first camera. An unplugged camera blocks read() for so many
# seconds; the default is 10.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")

from core.capture.camera import CameraMode, CameraSource
from core.capture.images import ImageFolderSource, ImageSource
from core.capture.listing import (
    CAMERA_PREFIX,
    CameraInfo,
    find_camera,
    list_cameras,
    listing_opens_cameras,
    watched_folders,
)
from core.capture.opening import open_source
from core.capture.source import FrameMaker, FrameSource, rgb_from_camera
from core.capture.url import UrlSource
from core.capture.video import VideoFileSource

__all__ = [
    "CAMERA_PREFIX",
    "CameraInfo",
    "CameraMode",
    "CameraSource",
    "FrameMaker",
    "FrameSource",
    "ImageFolderSource",
    "ImageSource",
    "UrlSource",
    "VideoFileSource",
    "find_camera",
    "list_cameras",
    "listing_opens_cameras",
    "open_source",
    "rgb_from_camera",
    "watched_folders",
]
