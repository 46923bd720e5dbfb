"""From what a person types to a source."""

import re
from pathlib import Path

from core.capture.camera import CameraSource
from core.capture.images import IMAGE_SUFFIXES, ImageFolderSource, ImageSource
from core.capture.listing import CAMERA_PREFIX, find_camera
from core.capture.source import FrameSource
from core.capture.url import UrlSource
from core.capture.video import VideoFileSource
from core.config import CaptureConfig
from core.errors import SourceError


def open_source(
    text: str, config: CaptureConfig, *, demo_clip: Path | None = None, loop: bool = False
) -> FrameSource:
    """Open a camera index, video, image, folder, URL or "demo".

    Args:
        text: "0", "/dev/video0", "camera:" with its stable id, a path, "https://...",
            "rtsp://..." or "demo".
        config: what is asked of a camera and assumed of pictures.
        demo_clip: what "demo" stands for.
        loop: play video files again and again.

    Raises:
        SourceError: CAM-01 to CAM-10.
    """
    camera = re.fullmatch(r"(?:/dev/video)?(\d{1,4})", text.strip())
    if camera:
        return CameraSource(int(camera[1]), config)
    if text.startswith(CAMERA_PREFIX):
        found = find_camera(text.removeprefix(CAMERA_PREFIX))
        return CameraSource(found.index, config, name=found.name)
    if text == "demo" and demo_clip is not None:
        return VideoFileSource(demo_clip, config, loop=loop)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
        return UrlSource(text, config)
    path = Path(text).expanduser()
    if path.is_dir():
        return ImageFolderSource(path, config)
    if not path.is_file():
        raise SourceError(
            "CAM-06",
            f"there is no file or folder {text!r}",
            "Give a camera index, a video, an image, a folder, a URL or demo.",
        )
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return ImageSource(path, config)
    return VideoFileSource(path, config, loop=loop)
