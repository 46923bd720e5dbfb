"""Recording every picture of a camera, also those that the network is too slow to look at."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.session.durable import RecordedFile
from core.session.folder import open_log_channels
from core.session.hand_log import read_log
from core.session.layout import SENTINEL_NAME
from core.session.mcap_file import McapFile
from core.session.packing import pack, values_of
from core.session.picture_order import PictureOrder
from core.session.reader import open_session
from core.session.recover import recover
from core.session.rewrite import write_session
from core.session.source import SessionSource
from core.session.status import RecorderStatus, RecordOptions
from core.types import Frame
from tests.core.session.recording import INFO, make_recorder, tracked_hands
from tests.factories import PERIOD_NS, make_frame

EVERY = RecordOptions(every_frame=True)


def recorded(
    path: Path, looked_at: Sequence[int], count: int = 24, options: RecordOptions = EVERY
) -> RecorderStatus:
    """The network is busy with each of `looked_at` until the next of them comes."""
    recorder = make_recorder(options)
    recorder.start(path, INFO)
    busy_with: int | None = None
    for index in range(count):
        recorder.add_picture(tracked_hands(index).frame)
        if index in looked_at:
            if busy_with is not None:
                recorder.add(tracked_hands(busy_with))
            busy_with = index
    return recorder.stop()


def frames(order: PictureOrder, *indices: int, epoch: int = 1) -> list[int]:
    gone: list[Frame] = []
    for index in indices:
        gone += order.captured(make_frame(index, epoch=epoch, width=32, height=24))
    return [frame.index for frame in gone]


def indices_of(found: list[Frame] | None) -> list[int] | None:
    return None if found is None else [frame.index for frame in found]


def test_pictures_wait_until_a_later_one_has_its_hands() -> None:
    order = PictureOrder(2.0, 10**9)
    assert frames(order, 0, 1, 2, 3, 4) == []
    assert indices_of(order.found(make_frame(0, epoch=1))) == []
    assert indices_of(order.found(make_frame(3, epoch=1))) == [1, 2]
    assert indices_of(order.rest()) == [4]
    assert order.rest() == []


@pytest.mark.parametrize(("most_s", "most_bytes"), [(0.1, 10**9), (100.0, 4 * 32 * 24 * 3)])
def test_so_many_pictures_wait_and_hands_that_come_later_are_known_to_be_late(
    most_s: float, most_bytes: int
) -> None:
    """Row 30: memory is bounded while the network hangs, in time and in bytes."""
    order = PictureOrder(most_s, most_bytes)
    gone = frames(order, *range(20))
    assert gone == list(range(len(gone))) and 15 <= len(gone) <= 17
    assert order.found(make_frame(2, epoch=1)) is None
    assert indices_of(order.found(make_frame(18, epoch=1))) == list(range(len(gone), 18))


def test_pictures_of_a_source_that_was_closed_wait_no_longer() -> None:
    order = PictureOrder(2.0, 10**9)
    frames(order, 5, 6, 7)
    assert frames(order, 0, epoch=2) == [5, 6, 7]
    assert order.found(make_frame(6, epoch=1)) is None
    assert indices_of(order.found(make_frame(0, epoch=2))) == []


def test_every_picture_is_recorded_and_those_without_a_look_claim_no_hands(tmp_path: Path) -> None:
    """Row 30: the recorder gets all camera frames if asked."""
    status = recorded(tmp_path / "all.hands", looked_at=(0, 5, 9, 20))
    assert (status.frames, status.unseen_frames, status.late_hands) == (24, 21, 0)
    assert status.hands == 6
    with open_session(tmp_path / "all.hands") as session:
        assert session.notices == ()
        assert (session.timestamps_ns // PERIOD_NS).tolist() == [0, 5, 9]
        assert all(len(session.hands_at(index)) == 2 for index in range(3))
        assert session.picture_count == 24
        for index in range(24):
            frame = session.picture_frame_at(index)
            assert frame is not None and frame.timestamp_ns == index * PERIOD_NS
            wanted = tracked_hands(index).frame
            np.testing.assert_array_equal(frame.K, wanted.K)
            assert abs(float(frame.image.mean()) - float(wanted.image.mean())) < 1.5
        for index, number in enumerate((0, 5, 9)):  # and the hands' own pictures are theirs
            picture = session.picture_at(index)
            assert picture is not None
            assert abs(float(picture.mean()) - (20 + 2 * number)) < 1.5


def test_a_session_of_every_picture_can_be_run_again_on_all_of_them(tmp_path: Path) -> None:
    recorded(tmp_path / "all.hands", looked_at=(0, 7, 14))
    source = SessionSource(open_session(tmp_path / "all.hands"))
    try:
        assert source.frame_count == 24
        assert source.fps == pytest.approx(30)
        read = list(iter(source.read, None))
        assert [frame.index for frame in read] == list(range(24))
        assert source.skipped_count == 0
    finally:
        source.close()


def test_without_the_wish_only_what_has_hands_is_recorded(tmp_path: Path) -> None:
    recorder = make_recorder()
    recorder.start(tmp_path / "some.hands", INFO)
    for index in range(6):
        recorder.add_picture(tracked_hands(index).frame)
        if index % 3 == 0:
            recorder.add(tracked_hands(index))
    status = recorder.stop()
    assert (status.frames, status.unseen_frames) == (2, 0)


def test_hands_that_come_too_late_are_counted_and_their_picture_is_kept(tmp_path: Path) -> None:
    """Row 30: visible, not silent."""
    recorder = make_recorder(RecordOptions(every_frame=True, queue_s=0.2))
    recorder.start(tmp_path / "late.hands", INFO)
    for index in range(12):
        recorder.add_picture(tracked_hands(index).frame)
    recorder.add(tracked_hands(1))
    recorder.add(tracked_hands(11))
    status = recorder.stop()
    assert (status.frames, status.unseen_frames, status.late_hands) == (12, 11, 2)


def test_a_pause_keeps_what_was_captured_before_it(tmp_path: Path) -> None:
    recorder = make_recorder(EVERY)
    recorder.start(tmp_path / "pause.hands", INFO)
    for index in range(4):
        recorder.add_picture(tracked_hands(index).frame)
    recorder.pause()
    recorder.add_picture(tracked_hands(4).frame)
    recorder.resume()
    recorder.add_picture(tracked_hands(9).frame)
    recorder.stop()
    log = read_log([tmp_path / "pause.hands" / "hands.mcap"])
    assert [time_ns // PERIOD_NS for time_ns, _ in log.pictures] == [0, 1, 2, 3, 9]


def test_a_session_written_anew_keeps_every_picture(tmp_path: Path) -> None:
    recorded(tmp_path / "all.hands", looked_at=(0, 7, 14))
    with open_session(tmp_path / "all.hands") as session:
        path = write_session(
            session, session.take(), tmp_path / "new.hands", {}, lambda done, total: None
        )
    with open_session(path) as session:
        assert (session.frame_count, session.picture_count) == (2, 24)
        assert session.notices == ()
        frame = session.picture_frame_at(17)
        assert frame is not None and abs(float(frame.image.mean()) - 54) < 1.5


def test_a_session_that_was_cut_off_recovers_with_every_picture(tmp_path: Path) -> None:
    options = RecordOptions(every_frame=True, chunk_s=0.0)
    recorded(tmp_path / "all.hands", looked_at=(0, 7, 14), options=options)
    log = tmp_path / "all.hands" / "hands.mcap"
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])
    (tmp_path / "all.hands" / SENTINEL_NAME).touch()
    before = read_log([log])
    assert not before.is_complete
    recover(tmp_path / "all.hands")
    after = read_log([log])
    assert after.is_complete
    assert after.pictures == before.pictures and 5 < len(after.pictures) < 22


@pytest.mark.parametrize("data", [b"", b"short", bytes(14) + b"\x01", bytes(20)])
def test_a_picture_message_that_is_none_ends_the_file_there(tmp_path: Path, data: bytes) -> None:
    """Row 50: sizes and counts are checked."""
    path = tmp_path / "hands.mcap"
    file = McapFile(RecordedFile(path), 10.0)
    channels = open_log_channels(file)
    file.add(channels.hands, 0, pack(values_of(tracked_hands(0)), 0, 0, 0))
    file.add(channels.pictures, 1, data)
    file.add(channels.hands, 2, pack(values_of(tracked_hands(2)), 2, 0, 0))
    file.finish()
    log = read_log([path])
    assert log.times_ns == [0]
    assert "a picture" in log.damage[0]
