import errno
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import OutputError
from core.session import layout
from core.session.durable import RecordedFile
from core.session.reader import open_session
from core.session.status import RecordOptions
from core.types import TrackedHands
from tests.core.session.disks import FullDisk, StuckDisk
from tests.core.session.recording import INFO, PERIOD_NS, make_recorder, record, tracked_hands
from tests.core.session.waiting import FastClock, wait_until

NO_VIDEO = RecordOptions(video=False)


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "OUT-02"), (errno.EIO, "OUT-01")])
@pytest.mark.parametrize("room", [6_000, 60_000])
def test_a_disk_that_fails_ends_the_session_with_a_word_and_what_was_written_opens(
    tmp_path: Path, number: int, code: str, room: int
) -> None:
    """Rows 40 and 41: ENOSPC, EIO at a byte within the hands or the video."""
    recorder = make_recorder(
        RecordOptions(chunk_s=0.0), open_file=FullDisk(room, number), clock=FastClock()
    )
    path = recorder.start(tmp_path / "full.hands", INFO)
    for index in range(200):
        recorder.add(tracked_hands(index), wait_s=5)
    wait_until(lambda: recorder.status().state == "failed")
    status = recorder.stop()
    assert status.fault is not None
    assert status.fault.code == status.ended_by == code
    recorder.add(tracked_hands(201))  # what comes later is nobody's business
    if status.frames > 5:
        with open_session(path) as session:
            assert 0 < session.frame_count <= status.frames
            assert session.hands_at(session.frame_count - 1)
    assert not (path / layout.SENTINEL_NAME).exists()
    description = json.loads((path / layout.SESSION_NAME).read_text())
    assert description["ended"]["by"] == code


def test_the_disk_guard_warns_then_ends_the_recording(tmp_path: Path) -> None:
    """Row 40: low under 5 GB, critical under 1 GB, the end under 500 MB."""
    free = [6e9]
    recorder = make_recorder(NO_VIDEO, free=lambda path: int(free[0]), clock=FastClock())
    path = recorder.start(tmp_path / "guard.hands", INFO)
    levels = []
    for index, room in enumerate((6e9, 4.9e9, 0.9e9)):
        free[0] = room
        recorder.add(tracked_hands(index))
        wait_until(lambda room=room: recorder.status().disk_free == room)  # type: ignore[misc]
        levels.append(recorder.status().disk_level)
    assert levels == ["good", "low", "critical"]
    free[0] = 0.4e9
    wait_until(lambda: recorder.status().state == "failed")
    status = recorder.stop()
    assert status.fault is not None
    assert status.fault.code == "OUT-02"
    with open_session(path) as session:
        assert session.frame_count == 3
        assert session.notices == ()


def test_a_full_disk_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """Row 40: the check before the start."""
    recorder = make_recorder(free=lambda path: 10**8)
    with pytest.raises(OutputError, match="OUT-02"):
        recorder.start(tmp_path / "no.hands", INFO)
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_is_no_folder_is_refused_and_another_may_be_tried(tmp_path: Path) -> None:
    """Row 41: ENOTDIR; the recorder stays usable."""
    (tmp_path / "file").write_text("")
    recorder = make_recorder(NO_VIDEO)
    with pytest.raises(OutputError, match="OUT-01"):
        recorder.start(tmp_path / "file" / "no.hands", INFO)
    path = recorder.start(tmp_path / "other" / "yes.hands", INFO)
    recorder.add(tracked_hands(0))
    assert recorder.stop().frames == 1
    assert (path / "hands.mcap").exists()


def test_a_folder_that_vanishes_is_noticed_and_the_last_seconds_can_be_saved(
    tmp_path: Path,
) -> None:
    """Row 41: deleted under the recorder, where writing itself goes on without an error."""
    recorder = make_recorder(RecordOptions(sync_s=0.0))
    path = recorder.start(tmp_path / "gone.hands", INFO)
    for index in range(40):
        recorder.add(tracked_hands(index))
    wait_until(lambda: recorder.status().frames == 40)
    for member in path.iterdir():
        member.unlink()
    path.rmdir()
    wait_until(lambda: recorder.status().state == "failed")
    status = recorder.stop()
    assert status.fault is not None
    assert status.fault.code == "OUT-04"
    saved = recorder.save_last(tmp_path / "saved.hands", INFO)
    with open_session(saved) as session:
        assert session.frame_count == 40
        assert session.notices == ()
        assert session.picture_at(39) is not None


def test_a_slow_disk_costs_pictures_first_and_they_are_counted_and_written_down(
    tmp_path: Path,
) -> None:
    """Row 42: the queue is bounded, hands come through."""
    disk = StuckDisk()
    picture_bytes = 240 * 320 * 3
    options = RecordOptions(sync_s=0.0, queue_bytes=10 * picture_bytes)
    recorder = make_recorder(options, open_file=disk)
    path = recorder.start(tmp_path / "slow.hands", INFO)
    recorder.add(tracked_hands(0))
    assert disk.is_stuck.wait(10)
    for index in range(1, 50):
        recorder.add(tracked_hands(index))
    status = recorder.status()
    assert 38 <= status.dropped_pictures <= 40
    assert status.dropped_frames == 0
    assert status.warning is not None
    assert status.warning.code == "OUT-05"
    assert status.queue_s > 1
    disk.release.set()
    status = recorder.stop()
    assert (status.state, status.frames, status.hands) == ("finished", 50, 100)
    with open_session(path) as session:
        (gap,) = session.gaps
        assert (gap.what, gap.reason, gap.count) == ("video", "too slow", status.dropped_pictures)
        missing = [index for index in range(50) if session.picture_at(index) is None]
        assert len(missing) == status.dropped_pictures
        assert session.notices == (f"{len(missing)} of 50 frames have no picture.",)


def test_pictures_that_wait_longer_than_two_seconds_are_dropped(tmp_path: Path) -> None:
    """Row 42: the bound in time."""
    disk = StuckDisk()
    recorder = make_recorder(RecordOptions(sync_s=0.0), open_file=disk)
    recorder.start(tmp_path / "late.hands", INFO)
    recorder.add(tracked_hands(0))
    assert disk.is_stuck.wait(10)
    for index in range(1, 100):
        recorder.add(tracked_hands(index))
    assert 100 - 63 <= recorder.status().dropped_pictures <= 100 - 60
    disk.release.set()
    assert recorder.stop().frames == 100


def test_a_disk_that_never_answers_is_left_behind(tmp_path: Path) -> None:
    """Row 42: stop() comes back."""
    disk = StuckDisk()
    recorder = make_recorder(RecordOptions(video=False, sync_s=0.0), open_file=disk)
    recorder.start(tmp_path / "dead.hands", INFO)
    recorder.add(tracked_hands(0))
    assert disk.is_stuck.wait(10)
    start = time.monotonic()
    status = recorder.stop(timeout_s=0.3)
    assert time.monotonic() - start < 2
    assert status.state == "failed"
    assert status.fault is not None
    assert status.fault.code == "OUT-05"
    disk.release.set()
    recorder.stop()


def test_a_frame_that_comes_twice_is_counted_and_time_goes_on_over_another_source(
    tmp_path: Path,
) -> None:
    """Row 46: the time base rises whatever sources do."""
    clock = FastClock()
    recorder = make_recorder(NO_VIDEO, clock=clock)
    path = recorder.start(tmp_path / "time.hands", INFO)
    first = tracked_hands(10)
    for tracked in (
        first,
        first,
        tracked_hands(11),
        tracked_hands(0, epoch=1),  # another source, which begins at 0
        tracked_hands(1, epoch=1),
        tracked_hands(0, epoch=1),  # its clock steps back
    ):
        recorder.add(tracked)
    status = recorder.stop()
    assert (status.frames, status.skipped_frames) == (5, 1)
    with open_session(path) as session:
        times = session.timestamps_ns
        assert (np.diff(times) > 0).all()
        assert times[1] == PERIOD_NS
        assert times[3] - times[2] == PERIOD_NS


def test_a_stretch_without_frames_is_an_explicit_gap(tmp_path: Path) -> None:
    """Row 46 (and 4): a camera that was away."""
    path = tmp_path / "away.hands"
    record(path, [tracked_hands(index) for index in (0, 1, 2, 3, 63, 64)], NO_VIDEO)
    with open_session(path) as session:
        (gap,) = session.gaps
        assert (gap.what, gap.reason) == ("everything", "no frames")
        assert (gap.from_ns, gap.to_ns) == (3 * PERIOD_NS, 63 * PERIOD_NS)


def test_hands_that_are_not_finite_are_counted_not_recorded(tmp_path: Path) -> None:
    tracked = tracked_hands(0)
    bad = replace(tracked.hands[0], transl=np.full(3, np.nan, np.float32))
    status = record(
        tmp_path / "nan.hands",
        [TrackedHands(tracked.frame, (bad, tracked.hands[1])), tracked_hands(1)],
        NO_VIDEO,
    )
    assert (status.hands, status.skipped_hands) == (3, 1)
    with open_session(tmp_path / "nan.hands") as session:
        assert [hand.track_id for hand in session.hands_at(0)] == [2]


def test_the_last_seconds_before_the_start_are_recorded_where_they_were_asked_for(
    tmp_path: Path,
) -> None:
    recorder = make_recorder(RecordOptions(preroll_s=1.0))
    recorder.arm()
    for index in range(100):
        recorder.add(tracked_hands(index), wait_s=5)
    wait_until(lambda: recorder.status().queue_s == 0)
    path = recorder.start(tmp_path / "pre.hands", INFO)
    for index in range(100, 110):
        recorder.add(tracked_hands(index), wait_s=5)
    status = recorder.stop()
    with open_session(path) as session:
        assert session.frame_count == status.frames
        before = session.frame_count - 10
        assert 30 <= before <= 50  # a second, and what its first picture needs
        first = session.picture_at(0)
        assert first is not None
        assert abs(float(first.mean()) - (20 + 2 * (100 - before))) < 1.5
        assert session.timestamps_ns[0] == 0
        assert session.notices == ()


def test_the_timer_ends_the_recording_by_itself(tmp_path: Path) -> None:
    recorder = make_recorder(RecordOptions(video=False, max_seconds=0.5))
    path = recorder.start(tmp_path / "timer.hands", INFO)
    for index in range(60):
        recorder.add(tracked_hands(index))
    wait_until(lambda: recorder.status().state == "finished")
    status = recorder.status()
    assert status.ended_by == "timer"
    assert status.recorded_s == pytest.approx(0.5, abs=0.04)
    with open_session(path) as session:
        assert session.frame_count == 17


def test_other_picture_sizes_and_full_files_begin_new_segments(tmp_path: Path) -> None:
    """Rows 8 and 47: a fixed size per segment, and no file beyond the limit of FAT32."""
    path = tmp_path / "parts.hands"
    frames = [tracked_hands(index, width=321, height=241) for index in range(30)]
    frames += [tracked_hands(index) for index in range(30, 120)]
    random = np.random.default_rng(1)
    for index in range(60, 120):
        noise = random.integers(0, 255, (240, 320, 3), np.uint8)
        frame = replace(frames[index].frame, image=noise)
        frames[index] = replace(frames[index], frame=frame)
    recorder = make_recorder(RecordOptions(segment_bytes=500_000))
    recorder.start(path, INFO)
    for tracked in frames:
        recorder.add(tracked, wait_s=10)
    status = recorder.stop()
    segments = sorted(member.name for member in path.glob("video*"))
    assert len(segments) >= 3
    assert segments[-1] == "video.mp4"
    assert status.bytes == pytest.approx(
        sum(member.stat().st_size for member in path.glob("*.m*")), abs=1
    )
    with open_session(path) as session:
        assert session.notices == ()
        for index in (0, 29, 30, 59, 89, 119):
            picture = session.picture_at(index)
            assert picture is not None
            assert picture.shape == frames[index].frame.image.shape
            assert abs(float(picture.mean()) - float(frames[index].frame.image.mean())) < 3


def test_hands_go_on_in_another_file_where_one_is_full(tmp_path: Path) -> None:
    """Row 47: segments of hands."""
    options = RecordOptions(video=False, segment_bytes=20_000, chunk_s=0.0)
    recorder = make_recorder(options, clock=FastClock())
    path = recorder.start(tmp_path / "hands.hands", INFO)
    for index in range(200):
        recorder.add(tracked_hands(index), wait_s=10)
    recorder.mark("end")
    recorder.stop()
    assert len(list(path.glob("hands*.mcap"))) > 2
    with open_session(path) as session:
        assert session.frame_count == 200
        assert session.camera_at(199).width == 320
        assert [marker.text for marker in session.markers] == ["end"]
        assert session.notices == ()


def test_a_recorder_that_was_never_started_just_ends() -> None:
    recorder = make_recorder()
    recorder.add(tracked_hands(0))
    assert recorder.stop().state == "finished"


def test_a_recorded_file_writes_everything_or_says_why(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with RecordedFile(path) as file:
        assert file.write(b"ab" * 10) == 20
        assert file.size == 20
        assert file.is_in_place()
        path.rename(tmp_path / "g")
        assert not file.is_in_place()
    with pytest.raises(FileExistsError):
        RecordedFile(tmp_path / "g")
