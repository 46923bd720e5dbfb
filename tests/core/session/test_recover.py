import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import main
from core.errors import SessionError
from core.session import layout
from core.session.reader import open_session
from core.session.recover import find_left_behind, recover
from core.session.sentinel import is_recorded_now
from core.session.status import RecordOptions
from tests.core.session.recording import INFO, make_recorder, record, tracked_hands
from tests.core.session.waiting import wait_until


def left_behind(path: Path, frames: int = 30) -> Path:
    """What a killed program leaves: a copy of a session that was still being recorded."""
    recorder = make_recorder(RecordOptions(video=False, chunk_s=0.0))
    grown = recorder.start(path.parent / "grown.hands", INFO)
    for index in range(frames):
        recorder.add(tracked_hands(index))
    wait_until(lambda: recorder.status().frames == frames)
    path.mkdir()
    for member in grown.iterdir():
        (path / member.name).write_bytes(member.read_bytes())
    recorder.stop()
    for member in grown.iterdir():
        member.unlink()
    grown.rmdir()
    return path


def test_a_whole_session_stays_as_it_is(tmp_path: Path) -> None:
    record(tmp_path / "whole.hands", 10)
    before = {path.name: path.read_bytes() for path in (tmp_path / "whole.hands").iterdir()}
    result = recover(tmp_path / "whole.hands")
    assert (result.outcome, result.frames, result.notices) == ("all", 10, ())
    after = {path.name: path.read_bytes() for path in (tmp_path / "whole.hands").iterdir()}
    assert after == before


def test_a_sentinel_alone_is_taken_away(tmp_path: Path) -> None:
    """Row 43: killed between the last byte and the end."""
    path = tmp_path / "whole.hands"
    record(path, 10)
    (path / layout.SENTINEL_NAME).write_text("{}")
    (found,) = find_left_behind(tmp_path)
    assert (found.path, found.is_empty) == (path, False)
    assert recover(path).outcome == "all"
    assert find_left_behind(tmp_path) == ()
    with open_session(path) as session:
        assert session.description.ended is not None
        assert session.description.ended["by"] == "stopped"


def test_what_was_left_behind_is_found_and_completed(tmp_path: Path) -> None:
    """Row 43: and afterwards other programs find an index in it."""
    path = left_behind(tmp_path / "left.hands", 70)
    (found,) = find_left_behind(tmp_path)
    assert found.seconds == pytest.approx(69 / 30, abs=0.01)
    result = recover(path)
    assert (result.outcome, result.frames) == ("lossy", 70)
    assert find_left_behind(tmp_path) == ()
    assert recover(path).outcome == "all"
    with open_session(path) as session:
        assert session.notices == ()
        assert len(session.hands_at(69)) == 2
        assert session.hands_at(69)[1].albedo is not None
        assert session.description.source == "scripted"
        assert session.description.ended is not None
        assert session.description.ended["by"] == "recovered"


def test_nothing_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.hands"
    path.mkdir()
    (path / "hands.mcap").write_bytes(b"\x89MCAP0\r\n")
    (path / layout.SENTINEL_NAME).write_text("{}")
    (found,) = find_left_behind(tmp_path)
    assert found.is_empty
    assert recover(path).outcome == "nothing"


@pytest.mark.skipif(sys.platform == "win32", reason="the lock is held by this very process")
def test_a_session_that_is_being_recorded_is_left_alone(tmp_path: Path) -> None:
    """Row 43: told by a lock, which no crash leaves behind."""
    recorder = make_recorder(RecordOptions(video=False))
    path = recorder.start(tmp_path / "now.hands", INFO)
    recorder.add(tracked_hands(0))
    try:
        assert is_recorded_now(path)
        assert find_left_behind(tmp_path) == ()
        with pytest.raises(SessionError, match="SES-06"):
            recover(path)
    finally:
        recorder.stop()
    assert not is_recorded_now(path)


def test_the_command_tells_by_its_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 all, 3 a part is missing, 1 nothing."""
    record(tmp_path / "whole.hands", 5)
    lossy = left_behind(tmp_path / "lossy.hands")
    (tmp_path / "nothing.hands").mkdir()
    (tmp_path / "nothing.hands" / "hands.mcap").write_bytes(b"")
    assert main(["recover", str(tmp_path / "whole.hands")]) == 0
    assert main(["recover", str(lossy)]) == 3
    assert "cut off" in capsys.readouterr().out
    assert main(["recover", str(tmp_path / "nothing.hands")]) == 1
    assert main(["recover", str(tmp_path / "absent.hands")]) == 2


FULL_DISK_PROGRAM = """
import resource, signal, sys, time
from pathlib import Path
import numpy as np
from dataclasses import replace
from core.session.recorder import SessionRecorder
from tests.core.session.recording import INFO, tracked_hands
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))
recorder = SessionRecorder(free=lambda path: 10**12)
recorder.start(Path(sys.argv[1]), INFO)
random = np.random.default_rng(0)
for index in range(200):
    tracked = tracked_hands(index)
    noise = random.integers(0, 255, tracked.frame.image.shape, np.uint8)
    recorder.add(replace(tracked, frame=replace(tracked.frame, image=noise)), wait_s=5)
status = recorder.stop()
print(status.state, status.fault.code if status.fault else "")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of a process here")
def test_a_file_that_the_system_cuts_short_ends_the_session_whole(tmp_path: Path) -> None:
    """Row 40: a real short write, in a process that may write 4 MB to a file."""
    path = tmp_path / "short.hands"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK_PROGRAM, str(path)],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["failed", "OUT-02"]
    with open_session(path) as session:
        assert session.frame_count > 10
        assert session.picture_at(5) is not None
        assert session.hands_at(5)
