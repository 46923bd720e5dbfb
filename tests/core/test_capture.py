import socket
import sys
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from core.capture import (
    CameraSource,
    FrameSource,
    ImageFolderSource,
    ImageSource,
    UrlSource,
    VideoFileSource,
    camera,
    list_cameras,
    open_source,
    rgb_from_camera,
)
from core.config import CaptureConfig
from core.errors import SourceError
from core.geometry import intrinsics_from_fov
from core.types import Frame
from tests.fakes import FakeClock, FakeVideoDevice

CONFIG = CaptureConfig()
CLIPS = Path(__file__).parents[3] / "shared" / "clips"


def code_of(caught: pytest.ExceptionInfo[SourceError]) -> str:
    assert caught.value.remedy
    return caught.value.code


def read_all(source: FrameSource) -> list[Frame]:
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def bgr(width: int = 64, height: int = 48, colour: tuple[int, int, int] = (30, 60, 200)) -> object:
    return np.full((height, width, 3), colour, np.uint8)


# Pixel formats


def test_every_known_pixel_format_becomes_rgb() -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[..., 2] = 255  # red in BGR
    grey = np.full((4, 6), 128, np.uint8)
    alpha = np.dstack([picture, np.full((4, 6), 7, np.uint8)])
    for image in (picture, alpha, (picture.astype(np.uint16) << 8)):
        assert (rgb_from_camera(image) == [255, 0, 0]).all()
    for image in (grey, grey[..., None], grey.astype(np.uint16) << 8):
        assert (rgb_from_camera(image) == 128).all()


def test_packed_yuyv_becomes_rgb() -> None:
    packed = np.empty((4, 6, 2), np.uint8)
    packed[..., 0], packed[..., 1] = 235, 128  # video white, no chroma
    assert (rgb_from_camera(packed) >= 254).all()


@pytest.mark.parametrize("image", [None, np.zeros((0, 4, 3), np.uint8), np.zeros(5, np.uint8), 3])
def test_an_empty_picture_is_none(image: object) -> None:
    assert rgb_from_camera(image) is None


@pytest.mark.parametrize(
    ("image", "named"),
    [
        (np.zeros((4, 6, 3), np.float32), "3 channels of float32"),
        (np.zeros((4, 6, 5), np.uint8), "5 channels of uint8"),
    ],
)
def test_an_unknown_pixel_format_is_refused_by_name(image: np.ndarray, named: str) -> None:
    with pytest.raises(SourceError, match=named) as caught:
        rgb_from_camera(image)
    assert code_of(caught) == "CAM-10"


# Cameras


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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="lists Linux device files")
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


# Video files


def write_video(
    path: Path, count: int = 12, *, size: tuple[int, int] = (64, 48), rotation: int = 0
) -> Path:
    """Brightness rises by 15 a frame; the upper left quarter is black. 25 frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv444p"
        if rotation:
            stream.set_display_rotation(rotation)
        for index in range(count):
            image = np.full((size[1], size[0], 3), 20 + 15 * (index % 15), np.uint8)
            image[: size[1] // 2, : size[0] // 2] = 0
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def test_a_video_gives_all_frames_with_their_presentation_time(tmp_path: Path) -> None:
    source = VideoFileSource(write_video(tmp_path / "clip.mp4"), CONFIG)
    assert (source.frame_count, source.fps) == (12, 25.0)
    frames = read_all(source)
    assert [frame.index for frame in frames] == list(range(12))
    assert [frame.timestamp_ns for frame in frames] == [40_000_000 * i for i in range(12)]
    assert frames[0].source_name == "clip.mp4"
    for index, frame in enumerate(frames):
        assert frame.image[-1, -1].astype(int) == pytest.approx(20 + 15 * index, abs=3)


@pytest.mark.parametrize(
    ("rotation", "dark_corner"), [(90, (-1, 0)), (-90, (0, -1)), (180, (-1, -1))]
)
def test_a_turned_video_is_shown_upright(
    rotation: int, dark_corner: tuple[int, int], tmp_path: Path
) -> None:
    path = write_video(tmp_path / "turned.mp4", 2, rotation=rotation)
    image = VideoFileSource(path, CONFIG).read().image
    assert image.shape == ((48, 64, 3) if rotation == 180 else (64, 48, 3))
    corners = {(r, c): int(image[r, c].sum()) for r in (0, -1) for c in (0, -1)}
    assert min(corners, key=lambda at: corners[at]) == dark_corner


def test_a_looping_video_goes_on_in_time_and_index(tmp_path: Path) -> None:
    source = VideoFileSource(write_video(tmp_path / "clip.mp4", 3), CONFIG, loop=True)
    frames = [source.read() for _ in range(8)]
    assert source.frame_count is None
    assert [frame.timestamp_ns for frame in frames] == [40_000_000 * i for i in range(8)]
    assert [frame.index for frame in frames] == list(range(8))
    assert np.array_equal(frames[1].image, frames[4].image)
    source.close()


def test_a_truncated_video_gives_its_whole_pictures(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mkv", 60)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    frames = read_all(VideoFileSource(cut, CONFIG))
    assert 5 < len(frames) < 60


def test_scratched_packets_are_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "clip.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for index in range(6):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 99, np.uint8), format="rgb24")
            for packet in stream.encode(frame):
                if index == 3:
                    garbage = av.Packet(b"\x00" * 64)
                    garbage.pts, garbage.dts = packet.pts, packet.dts
                    garbage.time_base, garbage.stream = packet.time_base, packet.stream
                    packet = garbage
                container.mux(packet)
    source = VideoFileSource(path, CONFIG)
    assert len(read_all(source)) == 5
    assert source.skipped_count == 1


@pytest.mark.parametrize("content", [b"", b"not a video" * 100, b"\x00\x00\x00\x20ftypisom"])
def test_what_is_no_video_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        open_source(str(path), CONFIG)
    assert code_of(caught) == "CAM-07"


def test_a_file_with_sound_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate, frame.time_base, frame.pts = 8000, Fraction(1, 8000), 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(SourceError, match="no video"):
        VideoFileSource(path, CONFIG)


def test_a_playlist_is_refused_so_that_a_file_cannot_open_others(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", 2)
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"ffconcat version 1.0\nfile '{clip}'\n")
    with pytest.raises(SourceError) as caught:
        VideoFileSource(playlist, CONFIG)
    assert code_of(caught) == "CAM-07"


def test_a_video_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "wide.mp4", 1, size=(4098, 4098))
    with pytest.raises(SourceError, match="too many") as caught:
        VideoFileSource(path, CONFIG)
    assert code_of(caught) == "CAM-07"


def test_names_with_colons_blanks_and_other_letters_open(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a:b ünï 手 🖐.mp4", 2)
    assert len(read_all(open_source(str(path), CONFIG))) == 2


def test_a_real_clip_is_read_to_its_end() -> None:
    clip = CLIPS / "one_hand_640x360.mp4"
    if not clip.is_file():
        pytest.skip("the sample clips are not beside the checkout")
    source = VideoFileSource(clip, CONFIG)
    count = source.frame_count
    frames = read_all(source)
    assert len(frames) == count == 202
    assert frames[0].image.shape == (360, 640, 3)
    assert frames[-1].timestamp_ns == pytest.approx(201 * 40e6, abs=1e6)


# Images


def write_image(path: Path, colour: tuple[int, int, int] = (200, 60, 30)) -> Path:
    ok, data = cv2.imencode(path.suffix, np.full((48, 64, 3), colour[::-1], np.uint8))
    assert ok
    path.write_bytes(data.tobytes())
    return path


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


# URLs


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path in ("/stream", "/stalls"):
            self._stream()
            if self.path == "/stalls":
                self.server.quiet.wait(10)  # type: ignore[attr-defined]
        elif self.path == "/silent":
            self.server.quiet.wait(10)  # type: ignore[attr-defined]
        elif self.path == "/clip.mp4":
            body = self.server.clip  # type: ignore[attr-defined]
            self.send_response(200)
            self.send_header("Content-Type", "video/mp4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif self.path == "/text":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello " * 100)
        else:
            self.send_error(404)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for index in range(8):
            image = np.full((48, 64, 3), 20 * index, np.uint8)
            jpeg = cv2.imencode(".jpg", image)[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg + b"\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A web server on this machine; gives its address."""
    web = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    web.daemon_threads = True
    web.quiet = threading.Event()  # type: ignore[attr-defined]
    web.clip = write_video(tmp_path / "served.mp4", 5).read_bytes()  # type: ignore[attr-defined]
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{web.server_port}"
    web.quiet.set()  # type: ignore[attr-defined]
    web.shutdown()
    thread.join()
    web.server_close()


def test_an_mjpeg_stream_is_read_live(server: str) -> None:
    source = open_source(f"{server}/stream", CONFIG)
    assert isinstance(source, UrlSource)
    assert source.is_live
    frames = [source.read() for _ in range(7)]
    for index, frame in enumerate(frames):
        assert frame.image.astype(int).mean() == pytest.approx(20 * index, abs=3)
    stamps = [frame.timestamp_ns for frame in frames]
    assert stamps == sorted(stamps)
    assert abs(stamps[-1] - time.perf_counter_ns()) < 5e9
    source.close()


def test_a_stream_that_breaks_off_is_a_lost_source(server: str) -> None:
    source = open_source(f"{server}/stream", CONFIG)
    with pytest.raises(SourceError) as caught:
        read_all(source)
    assert code_of(caught) == "CAM-04"
    source.close()


def test_a_stream_that_falls_silent_is_reported_in_time(server: str) -> None:
    source = open_source(f"{server}/stalls", CaptureConfig(url_timeout_s=1.0))
    start = time.monotonic()
    with pytest.raises(SourceError) as caught:
        read_all(source)
    assert code_of(caught) == "CAM-05"
    assert time.monotonic() - start < 3
    source.close()


def test_a_file_on_a_server_is_read_with_its_own_times(server: str) -> None:
    source = open_source(f"{server}/clip.mp4", CONFIG)
    assert not source.is_live
    assert source.frame_count == 5
    frames = read_all(source)
    assert [frame.timestamp_ns for frame in frames] == [40_000_000 * i for i in range(5)]


@pytest.mark.parametrize("path", ["/missing", "/text"])
def test_an_address_without_a_video_is_refused(path: str, server: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_source(server + path, CONFIG)
    assert code_of(caught) == "CAM-08"


def test_a_server_that_never_answers_is_given_up(server: str) -> None:
    start = time.monotonic()
    with pytest.raises(SourceError) as caught:
        open_source(f"{server}/silent", CaptureConfig(url_timeout_s=0.5))
    assert code_of(caught) == "CAM-08"
    assert time.monotonic() - start < 2.5


def test_a_closed_port_is_refused_at_once() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.monotonic()
    with pytest.raises(SourceError) as caught:
        open_source(f"http://127.0.0.1:{port}/stream", CONFIG)
    assert code_of(caught) == "CAM-08"
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("url", ["ftp://example/a.mp4", "file:///etc/passwd", "http://[::1/x"])
def test_other_schemes_and_broken_addresses_are_refused(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_source(url, CONFIG)
    assert code_of(caught) == "CAM-08"


def test_a_password_in_an_address_is_never_shown(server: str) -> None:
    secret = server.replace("http://", "http://me:hunter2@") + "/missing?token=hunter2"
    with pytest.raises(SourceError) as caught:
        open_source(secret, CONFIG)
    assert "hunter2" not in str(caught.value)
