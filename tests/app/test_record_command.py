import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from app.record_command import RecordCommand, Recorded, record
from app.refine_command import RefineOptions, refine
from app.run_command import RunOptions, run
from core.errors import ManyHandsError, OutputError, SourceError, UsageError
from core.session.reader import open_session
from core.session.recorder import SessionRecorder
from core.session.status import RecorderStatus, RecordOptions
from tests.app.results import always, json_of, quiet, table_of
from tests.core.session.disks import FullDisk
from tests.factories import make_frame, make_hand
from tests.fakes import FaultyEngine, ScriptedEngine, ScriptedSource, SourceStep

pytestmark = pytest.mark.usefixtures("handlers_are_put_back")

HANDS = [make_hand("right", at=(0.15, 0.0, 0.6)), make_hand("left", at=(-0.15, 0.0, 0.7))]


def recorded(
    command: RecordCommand,
    steps: list[SourceStep] | int = 20,
    *,
    is_live: bool = False,
    free: int = 10**12,
    room: int = 10**9,
) -> Recorded:
    frames = [make_frame(index) for index in range(steps)] if isinstance(steps, int) else steps
    source = ScriptedSource(frames, is_live=is_live)

    def make_recorder(options: RecordOptions) -> SessionRecorder:
        return SessionRecorder(options, open_file=FullDisk(room), free=lambda path: free)

    told: list[RecorderStatus] = []
    try:
        return record(
            command,
            told.append,
            always(ScriptedEngine([HANDS])),
            lambda text, config: source,
            make_recorder=make_recorder,
        )
    finally:
        assert source.closed


def test_a_source_becomes_a_session_with_raw_and_smoothed_hands(tmp_path: Path) -> None:
    result = recorded(RecordCommand("x", tmp_path / "take.hands"))
    assert result.fault is None
    assert result.status.path == tmp_path / "take.hands"
    assert result.status.dropped_pictures == 0
    with open_session(tmp_path / "take.hands") as session:
        assert session.frame_count == 20
        assert session.notices == ()
        assert session.description.source == "scripted"
        assert session.description.weights_sha256 == "0" * 64
        assert session.description.config["smoothing"]["enabled"] is True
        assert "numpy" in session.description.software
        for smoothed in (True, False):
            hands = session.hands_at(19, smoothed=smoothed)
            assert [hand.side for hand in hands] == ["right", "left"]
            for hand, wanted in zip(hands, HANDS, strict=True):
                assert np.abs(hand.vertices - wanted.vertices).max() < 1e-3
                assert hand.keypoints_2d is not None
        assert session.picture_at(7) is not None


def test_seconds_end_it_and_a_second_one_gets_a_number(tmp_path: Path) -> None:
    command = RecordCommand("x", tmp_path / "take.hands", seconds=0.3, video=False)
    first, second = recorded(command, 60), recorded(command, 60)
    assert first.status.ended_by == second.status.ended_by == "timer"
    assert second.status.path == tmp_path / "take-2.hands"
    assert 10 <= first.status.frames <= 12
    assert not list((tmp_path / "take.hands").glob("video*"))


def test_a_source_that_is_lost_leaves_a_whole_session(tmp_path: Path) -> None:
    steps: list[SourceStep] = [make_frame(index) for index in range(10)]
    steps.append(SourceError("CAM-04", "it is gone", "Plug it in."))
    result = recorded(RecordCommand("x", tmp_path / "take.hands"), steps, is_live=True)
    assert result.fault is not None
    assert result.fault.code == "CAM-04"
    with open_session(tmp_path / "take.hands") as session:
        assert session.frame_count == 10
        assert session.notices == ()


def test_a_disk_that_fills_up_is_told_and_what_was_written_opens(tmp_path: Path) -> None:
    """Row 40: from the command line."""
    result = recorded(RecordCommand("x", tmp_path / "take.hands"), 200, room=15_000)
    assert result.fault is not None
    assert result.fault.code == "OUT-02"
    with open_session(tmp_path / "take.hands") as session:
        assert session.frame_count > 0


@pytest.mark.parametrize(
    ("command", "free", "code"),
    [
        (RecordCommand("x", Path("t.hands"), seconds=0), 10**12, "USE-03"),
        (RecordCommand("x", Path("t.hands"), seconds=float("nan")), 10**12, "USE-03"),
        (RecordCommand("x", Path("t.hands"), engine="abacus"), 10**12, "USE-01"),
    ],
)
def test_wrong_options_leave_nothing_behind(
    command: RecordCommand, free: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ManyHandsError, match=code):
        record(command, lambda status: None)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_refused_before_recording(tmp_path: Path) -> None:
    """Row 40: the check before the start."""
    with pytest.raises(OutputError, match="OUT-02"):
        recorded(RecordCommand("x", tmp_path / "take.hands"), free=10**8)
    assert list(tmp_path.iterdir()) == []


def test_a_session_can_be_run_again_and_refined(tmp_path: Path) -> None:
    recorded(RecordCommand("x", tmp_path / "take.hands"), 8)
    path = str(tmp_path / "take.hands")
    engine = always(ScriptedEngine([HANDS]))
    result = run(RunOptions(path, tmp_path / "again"), quiet, engine)
    assert (result.summary["frames"], result.summary["source"]) == (8, "take.hands")
    pytest.importorskip("torch")
    result = refine(RefineOptions(path, tmp_path / "fine", steps=3, max_frames=4), quiet, engine)
    assert result.summary["refinement"]["refined_hands"] > 0
    rows = table_of(tmp_path / "fine")
    with open_session(tmp_path / "take.hands") as session:
        wanted = [(index, hand.track_id) for index in range(4) for hand in session.hands_at(index)]
    assert [(int(row["frame"]), int(row["track_id"])) for row in rows] == wanted
    assert json_of(tmp_path / "fine" / "summary.json")["source"] == "take.hands"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_completes_the_session_and_ends_well(number: int, tmp_path: Path) -> None:
    """Row 44: within five seconds, exit status 0."""
    path = tmp_path / "take.hands"
    child = subprocess.Popen(
        [sys.executable, "-m", "app", "record", "demo", "--out", str(path)],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (path / "video.mp4").exists() or (path / "video.mp4").stat().st_size < 100_000:
        assert child.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    start = time.monotonic()
    child.send_signal(number)
    text, _ = child.communicate(timeout=20)
    assert time.monotonic() - start < 5
    assert child.returncode == 0
    assert "take.hands" in text
    with open_session(path) as session:
        assert session.notices == ()
        ended = session.description.ended
        assert ended is not None
        assert ended["by"] == "stopped"
        assert ended["frames"] == session.frame_count
    assert json.loads((path / "session.json").read_text())["ended"]


def test_every_picture_of_a_camera_is_kept_while_the_network_works(tmp_path: Path) -> None:
    """Row 30."""
    frames = [make_frame(index) for index in range(40)]
    source = ScriptedSource(frames, is_live=True, period_s=0.005)
    result = record(
        RecordCommand("0", tmp_path / "all.hands", every_frame=True),
        lambda status: None,
        always(FaultyEngine([HANDS], "slow", delay_s=0.04)),
        lambda text, config: source,
    )
    assert source.closed
    assert result.fault is None
    assert result.status.frames == 40
    assert 20 < result.status.unseen_frames < 40
    with open_session(tmp_path / "all.hands") as session:
        assert session.picture_count == 40
        assert 0 < session.frame_count == 40 - result.status.unseen_frames
        assert session.notices == ()


def test_a_camera_that_is_lost_ends_a_recording_of_every_picture_whole(tmp_path: Path) -> None:
    lost = SourceError("CAM-04", "the camera is lost", "Plug it in.")
    command = RecordCommand("0", tmp_path / "lost.hands", every_frame=True)
    result = recorded(command, [*(make_frame(index) for index in range(9)), lost], is_live=True)
    assert result.fault is lost
    with open_session(tmp_path / "lost.hands") as session:
        assert session.picture_count == 9


def test_every_picture_and_no_pictures_cannot_both_be_wanted(tmp_path: Path) -> None:
    command = RecordCommand("0", tmp_path / "x.hands", video=False, every_frame=True)
    with pytest.raises(UsageError, match="USE-01"):
        record(command, lambda status: None)
    assert list(tmp_path.iterdir()) == []
