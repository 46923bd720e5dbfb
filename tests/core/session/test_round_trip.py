from pathlib import Path

import numpy as np
import pytest

from core.session.layout import STEPS
from core.session.reader import open_session
from core.session.status import RecordOptions
from core.session.take import RecordedHand
from tests.core.session.recording import INFO, PERIOD_NS, make_recorder, record, tracked_hands


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sessions") / "take.hands"
    status = record(path, 40)
    assert (status.state, status.frames, status.hands) == ("finished", 40, 80)
    return path


def test_hands_come_back_smoothed_and_raw(recorded: Path) -> None:
    with open_session(recorded) as session:
        assert session.notices == ()
        assert session.frame_count == 40
        for index in (0, 17, 39):
            wanted = tracked_hands(index)
            for smoothed, hands in ((True, wanted.hands), (False, wanted.raw)):
                turn = STEPS["smooth_rotation" if smoothed else "raw_rotation"]
                found = session.hands_at(index, smoothed=smoothed)
                assert [hand.track_id for hand in found] == [1, 2]
                for hand, original in zip(found, hands, strict=True):
                    assert hand.side == original.side
                    assert np.abs(hand.pose - original.pose).max() < turn
                    assert np.abs(hand.transl - original.transl).max() < 1e-5
                    assert np.abs(hand.vertices - original.vertices).max() < 2 * 0.2 * turn
                    assert np.abs(hand.joints_2d - original.joints_2d).max() < 0.3
                    assert hand.score == pytest.approx(original.score, abs=1e-4)
                    assert np.abs(hand.joint_confidence - original.joint_confidence).max() < 0.003
            assert session.predicted_at(index) == wanted.predicted
            right, left = session.hands_at(index)
            assert right.keypoints_2d is not None
            original_2d = wanted.hands[0].keypoints_2d
            assert original_2d is not None
            assert (
                np.abs(right.keypoints_2d - original_2d).max() <= STEPS["keypoints_2d"] / 2 + 1e-4
            )
            assert left.keypoints_2d is None
            assert left.albedo is not None
            assert np.abs(left.albedo - (0.6, 0.4, 0.3)).max() < 0.003


def test_pictures_come_back_at_their_frames_in_any_order(recorded: Path) -> None:
    with open_session(recorded) as session:
        for index in (39, 0, 20, 19, 21, 38, 1):
            picture = session.picture_at(index)
            assert picture is not None
            assert picture.shape == (240, 320, 3)
            assert abs(float(picture.mean()) - (20 + 2 * index)) < 1.5
        again = session.tracked_at(5)
        assert again.frame.timestamp_ns == 5 * PERIOD_NS
        assert len(again.hands) == 2


def test_a_take_has_one_track_per_identity_and_no_row_where_a_hand_is_missing(
    tmp_path: Path,
) -> None:
    frames = [tracked_hands(index) for index in range(30)]
    for index in (10, 11, 12):
        both = frames[index]
        frames[index] = type(both)(both.frame, both.hands[:1], raw=both.raw[:1])
    record(tmp_path / "gap.hands", frames, RecordOptions(video=False))
    with open_session(tmp_path / "gap.hands") as session:
        take = session.take(5, 25)
        raw = session.take(5, 25, smoothed=False)
        hands = session.hands
    assert hands == (RecordedHand(1, "right", 30), RecordedHand(2, "left", 27))
    assert take.timestamps_ns.tolist() == [index * PERIOD_NS for index in range(5, 25)]
    assert [(track.track_id, track.side) for track in take.tracks] == [(1, "right"), (2, "left")]
    right, left = take.tracks
    assert len(right.timestamps_ns) == 20
    assert len(left.timestamps_ns) == 17
    assert not left.seen[left.timestamps_ns == 9 * PERIOD_NS].any()
    assert np.isnan(left.keypoints_2d).all()
    assert left.albedo is not None
    assert right.albedo is None
    shift = raw.tracks[0].transl - right.transl
    assert np.abs(shift[:, 0]).max() > 0.004
    assert (take.width, take.height, take.name) == (320, 240, "gap")


def test_markers_and_pauses_are_written_down(tmp_path: Path) -> None:
    recorder = make_recorder(RecordOptions(video=False))
    recorder.start(tmp_path / "m.hands", INFO)
    for index in range(30):
        recorder.add(tracked_hands(index))
        if index == 9:
            recorder.mark("clap \u2603")
        if index == 14:
            recorder.pause()
        if index == 19:
            recorder.resume()
    status = recorder.stop()
    assert (status.frames, status.markers) == (25, 1)
    assert status.recorded_s == pytest.approx(23 * PERIOD_NS / 1e9)
    with open_session(tmp_path / "m.hands") as session:
        assert [(marker.time_ns, marker.text) for marker in session.markers] == [
            (9 * PERIOD_NS, "clap \u2603")
        ]
        (gap,) = session.gaps
        assert (gap.reason, gap.from_ns, gap.to_ns) == ("paused", 14 * PERIOD_NS, 20 * PERIOD_NS)
        assert session.notices == ()
        assert session.description.source == "scripted"
        assert session.description.config["smoothing"]["xy_min_hz"] == 0.6
