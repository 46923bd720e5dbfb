from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.capture import VideoFileSource, open_source
from core.config import CaptureConfig
from core.errors import SourceError
from tests.core.capture.media import code_of, read_all, write_video

CONFIG = CaptureConfig()
CLIPS = Path(__file__).parents[4] / "shared" / "clips"


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
