from pathlib import Path

import cv2
import numpy as np
import pytest

from core.capture import ImageFolderSource, ImageSource, open_source
from core.config import CaptureConfig
from core.errors import SourceError
from tests.core.capture.media import code_of, read_all, write_image, write_video

CONFIG = CaptureConfig()


def test_a_folder_is_read_in_natural_order_by_name(tmp_path: Path) -> None:
    for name in ("10.png", "9.png", "b2.png", "B10.png", "1.PNG", "notes.txt"):
        write_image(tmp_path / name) if name != "notes.txt" else (tmp_path / name).touch()
    source = ImageFolderSource(tmp_path, CONFIG)
    assert source.independent_frames
    assert source.frame_count == 5
    frames = read_all(source)
    names = [frame.source_name for frame in frames]
    assert names == ["1.PNG", "9.png", "10.png", "b2.png", "B10.png"]
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    stamps = [frame.timestamp_ns for frame in frames]
    assert stamps == sorted(set(stamps))


def test_an_image_keeps_its_colours_in_rgb(tmp_path: Path) -> None:
    source = ImageSource(write_image(tmp_path / "ü 手.png"), CONFIG)
    frame = source.read()
    assert (frame.image == [200, 60, 30]).all()
    assert source.read() is None


def test_grey_alpha_and_deep_images_become_rgb(tmp_path: Path) -> None:
    grey = np.full((8, 8), 128, np.uint8)
    deep = np.full((8, 8, 3), 128 << 8, np.uint16)
    for name, image in (("grey", grey), ("deep", deep), ("alpha", np.dstack([grey] * 4))):
        (tmp_path / f"{name}.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
        frame = open_source(str(tmp_path / f"{name}.png"), CONFIG).read()
        assert frame is not None
        assert frame.image.shape == (8, 8, 3)
        assert (frame.image == 128).all()


def test_a_photo_is_turned_upright_as_its_exif_says(tmp_path: Path) -> None:
    image = np.zeros((16, 32, 3), np.uint8)
    image[:, :16] = 255  # the left half is bright
    jpeg = cv2.imencode(".jpg", image)[1].tobytes()
    # One IFD entry: tag 0x0112 (orientation), type short, value 6 = turn clockwise to show.
    tiff = (
        b"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"
        + bytes(4)
    )
    exif = b"Exif\x00\x00" + tiff
    marker = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg[:2] + marker + jpeg[2:])
    upright = ImageSource(path, CONFIG).read().image
    assert upright.shape == (32, 16, 3)
    assert upright[:14].mean() > 250
    assert upright[18:].mean() < 5


def test_an_unreadable_image_is_skipped_counted_and_named(tmp_path: Path) -> None:
    write_image(tmp_path / "1.png")
    (tmp_path / "2.png").write_bytes(b"broken")
    (tmp_path / "3.jpg").write_bytes(b"")
    (tmp_path / "4.png").mkdir()
    write_image(tmp_path / "5.png")
    source = ImageFolderSource(tmp_path, CONFIG)
    assert [frame.source_name for frame in read_all(source)] == ["1.png", "5.png"]
    assert source.skipped_count == 3
    assert [line.split(":")[0] for line in source.skipped] == ["2.png", "3.jpg", "4.png"]


@pytest.mark.parametrize("names", [[], ["1.png", "2.jpg"]])
def test_a_folder_without_a_readable_image_is_refused(names: list[str], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"broken")
    with pytest.raises(SourceError) as caught:
        open_source(str(tmp_path), CONFIG)
    assert code_of(caught) == "CAM-09"


def test_a_single_broken_image_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    path.write_bytes(b"broken")
    with pytest.raises(SourceError) as caught:
        open_source(str(path), CONFIG)
    assert code_of(caught) == "CAM-07"


def test_a_missing_file_is_refused() -> None:
    for text in ("no/such/clip.mp4", "webcam", "demo"):
        with pytest.raises(SourceError) as caught:
            open_source(text, CONFIG)
        assert code_of(caught) == "CAM-06"


def test_demo_stands_for_the_demo_clip(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "demo.mp4", 2)
    assert len(read_all(open_source("demo", CONFIG, demo_clip=clip))) == 2


def test_a_mirrored_file_is_turned_back(tmp_path: Path) -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    image[:, 0] = 255
    path = tmp_path / "mirrored.png"
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    frame = open_source(str(path), CaptureConfig(source_is_mirrored=True)).read()
    assert frame is not None
    assert (frame.image[:, -1] == 255).all()
