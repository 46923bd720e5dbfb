"""Where pictures come from: cameras, video files, images, URLs, all behind `FrameSource`."""

import os

# OpenCV reads these once, at its first use. A camera that is unplugged blocks read() for the
# first one's seconds (default 10); a picture of more pixels than the second is a bomb.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 27))

from core.capture.camera import CameraInfo, CameraMode, CameraSource, list_cameras
from core.capture.images import ImageFolderSource, ImageSource
from core.capture.opening import open_source
from core.capture.source import FrameMaker, FrameSource, rgb_from_camera
from core.capture.url import UrlSource
from core.capture.video import VideoFileSource

__all__ = [
    "CameraInfo",
    "CameraMode",
    "CameraSource",
    "FrameMaker",
    "FrameSource",
    "ImageFolderSource",
    "ImageSource",
    "UrlSource",
    "VideoFileSource",
    "list_cameras",
    "open_source",
    "rgb_from_camera",
]
