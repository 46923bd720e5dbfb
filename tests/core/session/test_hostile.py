"""Folders and files that were made to do harm."""

import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
import zstandard

from core.errors import SessionError
from core.session import layout
from core.session.hand_log import read_log
from core.session.pictures import PictureReader
from core.session.reader import open_session
from tests.core.session.recording import record

MAGIC = b"\x89MCAP0\r\n"


def mcap_record(opcode: int, data: bytes) -> bytes:
    return struct.pack("<BQ", opcode, len(data)) + data


def chunk(packed: bytes, size: int, name: bytes = b"zstd", checksum: int = 0) -> bytes:
    head = struct.pack("<QQQII", 0, 0, size, checksum, len(name)) + name
    return mcap_record(0x06, head + struct.pack("<Q", len(packed)) + packed)


def damage_of(tmp_path: Path, content: bytes) -> str:
    (tmp_path / "h.mcap").write_bytes(MAGIC + content)
    start = time.process_time()
    log = read_log([tmp_path / "h.mcap"])
    assert time.process_time() - start < 2
    assert not log.times_ns
    assert not log.is_complete
    return "".join(log.damage)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_links_are_no_part_of_a_session(tmp_path: Path) -> None:
    """Row 48: nothing outside of the folder is reached."""
    record(tmp_path / "real.hands", 5)
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({"format": layout.FORMAT, "version": [1, 0], "source": "secret"}))
    path = tmp_path / "bad.hands"
    path.mkdir()
    (path / "session.json").symlink_to(secret)
    (path / "hands.mcap").symlink_to(tmp_path / "real.hands" / "hands.mcap")
    with pytest.raises(SessionError, match="SES-04"):
        open_session(path)
    (path / "hands.mcap").unlink()
    (path / "hands.mcap").write_bytes((tmp_path / "real.hands" / "hands.mcap").read_bytes())
    (path / "video.mp4").symlink_to(tmp_path / "real.hands" / "video.mp4")
    with open_session(path) as session:
        assert session.description.source == ""
        assert session.picture_at(0) is None


@pytest.mark.parametrize(
    "name", ["../hands.mcap", "hands-1.mcap", "hands-02.mcap", "hands-100.mcap", "HANDS.mcap", "C:"]
)
def test_other_names_are_no_part_of_a_session(name: str) -> None:
    """Row 48: flat known names alone; none is ever read from a file."""
    assert not layout.HANDS_PATTERN.fullmatch(name)
    assert not layout.VIDEO_PATTERN.fullmatch(name.replace("hands", "video"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_the_place_of_a_file_does_not_block(tmp_path: Path) -> None:
    """Row 48: devices and pipes are left alone."""
    path = tmp_path / "pipe.hands"
    path.mkdir()
    os.mkfifo(path / "hands.mcap")
    with pytest.raises(SessionError, match="SES-04"):
        open_session(path)


def test_a_zip_bomb_is_refused_by_what_it_claims_and_by_what_it_is(tmp_path: Path) -> None:
    """Row 49: ratio and size are looked at before anything is unpacked."""
    bomb = zstandard.compress(bytes(1 << 28))
    assert "claims" in damage_of(tmp_path, chunk(bomb, 1 << 28))
    assert "disagree" in damage_of(tmp_path, chunk(bomb, 4000))
    silent = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(1 << 24))
    assert "unpacked" in damage_of(tmp_path, chunk(silent, 40_000))
    assert "packed by" in damage_of(tmp_path, chunk(b"x" * 99, 100, b"lz4"))


@pytest.mark.parametrize("length", [1 << 30, 1 << 40, (1 << 64) - 1])
@pytest.mark.parametrize("opcode", [0x04, 0x05, 0x06, 0x77])
def test_records_that_claim_everything_cost_nothing(
    tmp_path: Path, opcode: int, length: int
) -> None:
    """Row 50: sizes against the bytes that are there."""
    damage_of(tmp_path, struct.pack("<BQ", opcode, length) + b"abc")


def test_counts_are_bounded(tmp_path: Path) -> None:
    """Row 50: hands, vertices, sizes of messages."""
    channels = b"".join(
        mcap_record(
            0x04,
            struct.pack("<HHI", number, 0, len(topic)) + topic + struct.pack("<II", 0, 0),
        )
        for number, topic in ((1, b"/hands"), (2, b"/albedo"), (3, b"/events"))
    )

    def message(channel: int, data: bytes, time_ns: int = 0) -> bytes:
        return mcap_record(0x05, struct.pack("<HIQQ", channel, 0, time_ns, 0) + data)

    frame = np.zeros((), layout.FRAME).tobytes()
    for bad, word in (
        (message(1, frame[:-1] + b"\xff"), "255 hands"),
        (message(1, frame[:-1] + b"\x02"), "another size"),
        (message(1, frame[:5]), "too short"),
        (message(1, frame, 1 << 63), "time"),
        (message(2, struct.pack("<iI", 1, 1 << 31)), "another size"),
        (message(3, b" " * (1 << 17)), "events"),
        (mcap_record(0x05, b"abc"), "too short"),
    ):
        assert word in damage_of(tmp_path, channels + bad), word
    (tmp_path / "h.mcap").write_bytes(MAGIC + channels + 2 * message(1, frame, 5))
    assert "older" in read_log([tmp_path / "h.mcap"]).damage[0]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"format": "manyhands session", "version": ' + "[" * 20 + "]" * 20 + "}",
        json.dumps({"format": "another", "version": [1, 0]}),
        "[]",
        "3",
        json.dumps({"format": layout.FORMAT, "version": [1e400, 0]}),
    ],
)
def test_a_description_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """Row 49: depth and kind of session.json."""
    record(tmp_path / "a.hands", 2)
    (tmp_path / "a.hands" / "session.json").write_text(text)
    with pytest.raises(SessionError, match="SES-04"):
        open_session(tmp_path / "a.hands")


def test_a_description_of_more_than_4_mb_is_not_read(tmp_path: Path) -> None:
    """Row 49: JSON of at most 4 MB."""
    record(tmp_path / "a.hands", 2)
    (tmp_path / "a.hands" / "session.json").write_text(" " * (5 << 20))
    with pytest.raises(SessionError, match="larger"):
        open_session(tmp_path / "a.hands")


def test_what_is_no_session_says_so(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="SES-01"):
        open_session(tmp_path / "absent.hands")
    (tmp_path / "empty.hands").mkdir()
    with pytest.raises(SessionError, match="SES-04"):
        open_session(tmp_path / "empty.hands")
    (tmp_path / "empty.hands" / "hands.mcap").write_bytes(b"")
    with pytest.raises(SessionError, match="SES-02"):
        open_session(tmp_path / "empty.hands")


def video(path: Path, codec: str, width: int = 64, height: int = 48, kind: str = "mp4") -> Path:
    with av.open(path, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=30)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv420p" if codec != "mjpeg" else "yuvj420p"
        picture = np.zeros((height, width, 3), np.uint8)
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def test_other_codecs_containers_and_sizes_are_not_decoded(tmp_path: Path) -> None:
    """Row 53: pinned container and codec, bounded size."""
    good = video(tmp_path / "good.mp4", "libx264")
    others = [
        video(tmp_path / "codec.mp4", "mpeg4"),
        video(tmp_path / "kind.mp4", "libx264", kind="matroska"),
        video(tmp_path / "size.mp4", "libx264", width=8192, height=2064),
    ]
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"ffconcat version 1.0\nfile {good}\n")
    reader = PictureReader(dict(enumerate([good, *others, playlist], 1)))
    try:
        assert reader.picture(1, 0) is not None
        for segment in (2, 3, 4, 5):
            assert reader.picture(segment, 0) is None
        assert len(reader.damage) == 4
        assert reader.picture(1, 0) is not None
    finally:
        reader.close()


def test_a_decoder_that_dies_or_hangs_is_started_anew(tmp_path: Path) -> None:
    """Row 53: the child process is the one that is lost."""
    good = video(tmp_path / "good.mp4", "libx264")
    reader = PictureReader({1: good}, answer_s=1.0)
    try:
        assert reader.picture(1, 0) is not None
        child = reader._child
        assert child is not None
        child.kill()
        child.wait()
        assert reader.picture(1, 3000) is None
        assert reader.picture(1, 3000) is not None
        if hasattr(os, "mkfifo"):
            os.mkfifo(tmp_path / "hangs")
            reader._paths = {1: good, 2: tmp_path / "hangs"}
            start = time.monotonic()
            assert reader.picture(2, 0) is None
            assert time.monotonic() - start < 5
            assert reader.picture(1, 6000) is not None
    finally:
        reader.close()
    assert reader.picture(1, 0) is None


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of a process here")
def test_the_decoder_cannot_write_files_and_has_bounded_memory() -> None:
    """Row 53: the limits hold in a process that has set them."""
    script = Path(layout.__file__).with_name("picture_child.py")
    program = (
        "import runpy, tempfile, sys\n"
        f"child = runpy.run_path({str(script)!r})\n"
        "child['limit_resources']()\n"
        "try:\n"
        "    bytearray(8 << 30)\n"
        "    sys.exit(1)\n"
        "except MemoryError:\n"
        "    pass\n"
        "import signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try:\n"
        "    with tempfile.TemporaryFile() as f:\n"
        "        f.write(b'x' * 100000)\n"
        "    sys.exit(2)\n"
        "except OSError:\n"
        "    sys.exit(0)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
