"""Sessions that are cut, flipped, newer, incomplete or made up."""

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import SessionError
from core.session import layout
from core.session.durable import RecordedFile
from core.session.folder import open_log_channels
from core.session.hand_log import read_log
from core.session.layout import HAND
from core.session.mcap_file import McapFile
from core.session.packing import pack, unpack_hands, values_of
from core.session.reader import SessionReader, open_session
from core.session.recover import recover
from core.session.status import RecordOptions
from tests.core.session.recording import INFO, make_recorder, record, tracked_hands
from tests.core.session.waiting import FastClock, wait_until


def recorded_without_video(path: Path, frames: int) -> Path:
    """Every frame is a chunk of its own; a marker comes after the sixth."""
    recorder = make_recorder(RecordOptions(video=False, chunk_s=0.0), clock=FastClock())
    recorder.start(path, INFO)
    for index in range(frames):
        recorder.add(tracked_hands(index))
        if index == 5:
            recorder.mark("here")
    recorder.stop()
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session of 12 frames without video, every frame a chunk of its own."""
    return recorded_without_video(tmp_path_factory.mktemp("damage") / "small.hands", 12)


@pytest.fixture(scope="module")
def with_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("damage") / "video.hands"
    record(path, 60)
    return path


def copy_of(session: Path, target: Path) -> Path:
    shutil.copytree(session, target)
    return target


def use(session: SessionReader) -> None:
    """Ask a session for everything that a window and an export ask for."""
    for index in range(session.frame_count):
        session.hands_at(index)
        session.predicted_at(index)
        session.camera_at(index)
    session.take(smoothed=False)
    assert session.notices is not None
    assert session.markers is not None
    assert session.gaps is not None


def test_hands_that_are_cut_at_any_byte_play_as_far_as_they_go(tmp_path: Path) -> None:
    """Row 51: truncation at every byte of a small file; with what is left comes a notice."""
    path = recorded_without_video(tmp_path / "tiny.hands", 4)
    whole = (path / "hands.mcap").read_bytes()
    cut = tmp_path / "cut.mcap"
    last = -1
    for size in range(len(whole)):
        cut.write_bytes(whole[:size])
        log = read_log([cut])
        count = len(log.times_ns)
        assert count >= max(last, 0)
        assert not log.is_complete or count == 4
        assert not log.damage or size < 8  # a cut is no damage
        last = count
    assert last == 4


def test_a_session_that_is_cut_opens_with_a_banner(small: Path, tmp_path: Path) -> None:
    """Row 51: the valid prefix plays."""
    path = copy_of(small, tmp_path / "cut.hands")
    file = path / "hands.mcap"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with open_session(path) as session:
        assert 2 < session.frame_count < 12
        assert session.notices[0].startswith("The recording was cut off;")
        use(session)
    result = recover(path)
    assert result.outcome == "lossy"
    with open_session(path) as session:
        assert session.frame_count == result.frames
        assert session.notices == ()
        assert len(session.hands_at(0)) == 2


def test_a_chunk_that_looks_like_something_to_skip_ends_the_file_there(
    small: Path, tmp_path: Path
) -> None:
    """Row 51: a hole would be worse than an end."""
    path = copy_of(small, tmp_path / "hole.hands")
    whole = bytearray((path / "hands.mcap").read_bytes())
    at, kinds = len(b"\x89MCAP0\r\n"), []
    while at < len(whole):
        kinds.append((whole[at], at))
        at += 9 + int.from_bytes(whole[at + 1 : at + 9], "little")
    chunks = [at for kind, at in kinds if kind == 0x06]
    whole[chunks[4]] ^= 0x80  # a record of another program
    (path / "hands.mcap").write_bytes(whole)
    log = read_log([path / "hands.mcap"])
    assert not log.is_complete
    assert log.damage == ["hands.mcap: a part of it is missing"]
    assert len(log.times_ns) == 3  # the first chunk holds the camera


def test_a_flipped_bit_ends_the_file_there_or_changes_nothing(small: Path, tmp_path: Path) -> None:
    """Row 51: bad CRC; never other hands."""
    path = copy_of(small, tmp_path / "flip.hands")
    whole = bytearray((path / "hands.mcap").read_bytes())
    wanted = read_log([small / "hands.mcap"])
    chosen = random.Random(3)
    for _ in range(400):
        at, bit = chosen.randrange(len(whole)), 1 << chosen.randrange(8)
        whole[at] ^= bit
        (path / "hands.mcap").write_bytes(whole)
        whole[at] ^= bit
        log = read_log([path / "hands.mcap"])
        count = len(log.hands)
        assert log.hands == wanted.hands[:count]
        assert log.times_ns == wanted.times_ns[:count]


def test_every_cut_of_the_description_opens_or_is_refused(small: Path, tmp_path: Path) -> None:
    """Row 51: session.json cut at every byte."""
    path = copy_of(small, tmp_path / "json.hands")
    whole = (path / layout.SESSION_NAME).read_bytes()
    for size in range(0, len(whole), 7):
        (path / layout.SESSION_NAME).write_bytes(whole[:size])
        with open_session(path) as session:
            assert session.frame_count == 12
            assert session.notices
    (path / layout.SESSION_NAME).unlink()
    with open_session(path) as session:
        assert session.notices[0] == "session.json is missing."


def test_a_newer_format_is_refused_clearly_and_a_newer_minor_one_opens(
    small: Path, tmp_path: Path
) -> None:
    """Row 51: newer or unknown version."""
    path = copy_of(small, tmp_path / "new.hands")
    content = json.loads((path / layout.SESSION_NAME).read_text())
    for version, code in (
        ([2, 0], "SES-03"),
        ([99, 1], "SES-03"),
        ("1", "SES-04"),
        (None, "SES-04"),
    ):
        (path / layout.SESSION_NAME).write_text(json.dumps(content | {"version": version}))
        with pytest.raises(SessionError, match=code):
            open_session(path)
    (path / layout.SESSION_NAME).write_text(json.dumps(content | {"version": [1, 7], "more": 1}))
    with open_session(path) as session:
        assert session.notices == ()


def test_unknown_records_channels_and_events_are_skipped(tmp_path: Path) -> None:
    """Row 51: what a later minor version adds."""
    path = tmp_path / "later.mcap"
    raw = RecordedFile(path)
    file = McapFile(raw, 10.0)
    channels = open_log_channels(file)
    later = file.add_channel("/gaze", "json", ("gaze", "jsonschema", b"{}"))
    raw.write(bytes([0x9F]) + (5).to_bytes(8, "little") + b"later")  # a record of its own
    for index in range(5):
        tracked = tracked_hands(index)
        file.add(later, index, b"{}")
        file.add(channels.events, index, b'{"kind": "weather", "sky": "blue"}')
        file.add(channels.events, index, b"not json")
        file.add(channels.hands, index, pack(values_of(tracked), index, 0, 0))
    file.finish()
    log = read_log([path])
    assert log.is_complete
    assert len(log.times_ns) == 5
    assert log.unknown_records == 10


def test_video_that_ends_early_is_said_and_its_pictures_are_missing(
    with_video: Path, tmp_path: Path
) -> None:
    """Row 52: streams of different lengths are aligned by their time stamps."""
    path = copy_of(with_video, tmp_path / "short.hands")
    video = path / "video.mp4"
    short = tmp_path / "other.hands"
    record(short, 30)
    shutil.copy(short / "video.mp4", video)
    with open_session(path) as session:
        assert session.notices == (
            "video.mp4 ends 1.0 s before its hands.",
            "30 of 60 frames have no picture.",
        )
        assert session.picture_at(29) is not None
        assert session.picture_at(30) is None
        grey = session.tracked_at(45)
        assert len(grey.hands) == 2
    video.unlink()
    with open_session(path) as session:
        assert session.notices == ("video.mp4 is missing.", "60 of 60 frames have no picture.")
        assert session.picture_at(0) is None
    video.write_bytes(b"no video")
    with open_session(path) as session:
        assert "video.mp4 cannot be read." in session.notices


def test_hands_that_end_early_are_said(with_video: Path, tmp_path: Path) -> None:
    """Row 52: the other way round."""
    path = copy_of(with_video, tmp_path / "less.hands")
    short = tmp_path / "other.hands"
    record(short, 30)
    shutil.copy(short / "hands.mcap", path / "hands.mcap")
    with open_session(path) as session:
        assert session.notices == ("video.mp4 goes on 1.0 s after its hands.",)
        assert session.picture_at(29) is not None


def test_cut_video_shows_its_beginning(with_video: Path, tmp_path: Path) -> None:
    """Row 51: a fragmented file as a killed process leaves it, cut anywhere."""
    path = copy_of(with_video, tmp_path / "cut.hands")
    recorder = make_recorder()
    grown = recorder.start(tmp_path / "grown.hands", INFO)
    for index in range(60):
        recorder.add(tracked_hands(index), wait_s=5)
    wait_until(lambda: recorder.status().frames == 60)
    whole = (grown / "video.mp4").read_bytes()
    recorder.stop()
    chosen = random.Random(4)
    for size in [0, 10, len(whole)] + [chosen.randrange(len(whole)) for _ in range(5)]:
        (path / "video.mp4").write_bytes(whole[:size])
        with open_session(path) as session:
            shown = sum(session.picture_at(index) is not None for index in range(0, 60, 10))
            assert shown <= 6
            if size == len(whole):
                assert shown >= 4
            assert session.notices


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(junk=st.binary(max_size=3000))
def test_anything_may_lie_in_hands_mcap(
    junk: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Row 50: arbitrary bytes behind a good beginning."""
    path = tmp_path_factory.mktemp("fuzz") / "f.mcap"
    path.write_bytes(b"\x89MCAP0\r\n" + junk)
    assert not read_log([path]).is_complete


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_numbers_of_a_hand_can_be_shown(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Row 50: every bit pattern of a record is a hand, or left out."""
    rows = data.draw(st.binary(min_size=2 * HAND.itemsize, max_size=2 * HAND.itemsize))
    found = unpack_hands(np.frombuffer(rows, HAND), smoothed=True)
    assert np.isfinite(found.pose).all()
    folder = tmp_path_factory.mktemp("any") / "any.hands"
    folder.mkdir()
    file = McapFile(RecordedFile(folder / "hands.mcap"), 10.0)
    channels = open_log_channels(file)
    header = pack((), 0, data.draw(st.integers(0, 3)), data.draw(st.integers(0, 2)))
    file.add(channels.hands, 0, header[:-1] + b"\x02" + rows)
    file.add(channels.albedo, 0, data.draw(st.binary(max_size=40)))
    file.finish()
    try:
        with open_session(folder) as session:
            use(session)
            session.tracked_at(0)
    except SessionError as error:
        assert error.code == "SES-02"  # the skin comes before the frame's end


@settings(max_examples=40, deadline=None)
@given(
    event=st.dictionaries(
        st.sampled_from(["kind", "camera", "K", "width", "height", "from_ns", "to_ns", "text"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
            | st.sampled_from(["camera", "gap", "marker"]),
            lambda inner: st.lists(inner, max_size=3),
            max_leaves=9,
        ),
    )
)  # fmt: skip
def test_any_event_is_understood_or_left_out(
    event: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Row 50: NaN, huge and negative numbers, wrong types."""
    folder = tmp_path_factory.mktemp("event") / "event.hands"
    folder.mkdir()
    file = McapFile(RecordedFile(folder / "hands.mcap"), 10.0)
    channels = open_log_channels(file)
    file.add(channels.events, 0, json.dumps(event).encode())
    file.add(channels.hands, 0, pack(values_of(tracked_hands(0)), 0, 0, 0))
    file.finish()
    with open_session(folder) as session:
        use(session)
