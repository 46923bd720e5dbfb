"""What is left of a session whose program was killed."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.session.reader import open_session
from core.session.recover import find_left_behind, recover

ROOT = Path(__file__).parents[3]
FPS = 30
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")


def killed_recording(path: Path, after_s: float) -> int:
    """Kill a recording so long after its first frame; return how many it had been given."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.core.session.recording_child", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert child.stdout is not None
    lines = [child.stdout.readline()]
    time.sleep(after_s)
    child.send_signal(signal.SIGKILL)
    lines += child.stdout.read().splitlines(keepends=True)
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    return sum(line.endswith(b"\n") for line in lines)


def check_what_is_left(path: Path, given: int) -> None:
    with open_session(path) as session:
        lost_hands = given - session.frame_count
        pictures = session.frame_count - session.video_span.missing
        assert lost_hands <= 0.5 * FPS
        assert given - pictures <= 1.0 * FPS
        assert any("cut off" in notice for notice in session.notices)
        last = pictures - 1
        assert session.picture_at(last) is not None
        assert len(session.hands_at(session.frame_count - 1)) == 2


def test_a_killed_recording_loses_half_a_second_of_hands_and_one_of_pictures(
    tmp_path: Path,
) -> None:
    """Row 43: the folder opens without repair, is found at the next start, and recovered."""
    path = tmp_path / "killed.hands"
    given = killed_recording(path, 2.2)
    check_what_is_left(path, given)
    (left,) = find_left_behind(tmp_path)
    assert left.path == path
    assert left.seconds == pytest.approx(given / FPS, abs=0.7)
    result = recover(path)
    assert result.outcome == "lossy"
    assert find_left_behind(tmp_path) == ()
    again = recover(path)
    assert again.frames == result.frames
    with open_session(path) as session:
        assert session.description.ended is not None
        assert session.frame_count == result.frames
        assert not any("cut off" in notice for notice in session.notices)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_twenty_random_moments_lose_no_more(tmp_path: Path) -> None:
    """Row 43: the promise of the format. Recordings mostly wait, so four go on at once."""
    moments = random.Random(5)
    paths = [tmp_path / f"{attempt}.hands" for attempt in range(20)]
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(killed_recording, paths, [moments.uniform(0.9, 4.0) for _ in paths]))
    for path, frames in zip(paths, given, strict=True):
        check_what_is_left(path, frames)
