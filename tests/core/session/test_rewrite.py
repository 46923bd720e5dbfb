"""Sessions written anew with other hands."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.session.clean import clean_take
from core.session.reader import open_session
from core.session.recorder import SessionRecorder
from core.session.rewrite import write_session
from core.session.status import RecordOptions
from core.session.tracks import frame_numbers
from core.types import TrackedHands
from tests.core.session.recording import INFO, make_recorder, tracked_hands
from tests.factories import hand_poser


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty frames; hand 2 is missing in two of them, and a person marked the fifth."""
    path = tmp_path_factory.mktemp("rewrite") / "walk.hands"
    recorder: SessionRecorder = make_recorder(RecordOptions())
    recorder.start(path, INFO)
    for index in range(20):
        if index == 5:
            recorder.mark("clap")
        full = tracked_hands(index)
        hands = full.hands if index not in (11, 12) else full.hands[:1]
        raw = full.raw if index not in (11, 12) else full.raw[:1]
        recorder.add(TrackedHands(full.frame, hands, full.predicted, raw=raw))
    recorder.stop()
    return path


@pytest.fixture(scope="module")
def rewritten(original: Path) -> Path:
    with open_session(original) as session:
        take, _ = clean_take(session.take(smoothed=False), hand_poser())
        return write_session(
            session, take, original.parent / "clean.hands", {"by": "test"}, lambda *_: None
        )


def test_smoothed_values_are_the_takes_and_raw_ones_stay(original: Path, rewritten: Path) -> None:
    with open_session(original) as before, open_session(rewritten) as after:
        take, _ = clean_take(before.take(smoothed=False), hand_poser())
        np.testing.assert_array_equal(after.timestamps_ns, before.timestamps_ns)
        for wanted, had in zip(take.tracks, after.take().tracks, strict=True):
            assert (wanted.track_id, wanted.side) == (had.track_id, had.side)
            np.testing.assert_array_equal(had.timestamps_ns, wanted.timestamps_ns)
            np.testing.assert_allclose(had.pose, wanted.pose, atol=5e-4)
            np.testing.assert_allclose(had.transl, wanted.transl, atol=1e-5)
            np.testing.assert_allclose(had.betas, wanted.betas, atol=1e-3)
            np.testing.assert_array_equal(had.seen, wanted.seen)
        for was, now in zip(
            before.take(smoothed=False).tracks, after.take(smoothed=False).tracks, strict=True
        ):
            kept = np.isin(now.timestamps_ns, was.timestamps_ns)
            common = np.isin(was.timestamps_ns, now.timestamps_ns)
            np.testing.assert_allclose(now.pose[kept], was.pose[common], atol=1e-3)
            np.testing.assert_array_equal(now.transl[kept], was.transl[common])


def test_a_gap_that_was_filled_is_not_called_seen(rewritten: Path) -> None:
    with open_session(rewritten) as after:
        take = after.take()
        track = take.tracks[1]
        filled = np.isin(frame_numbers(take, track), [11, 12])
        assert filled.sum() == 2
        assert not track.seen[filled].any()
        assert after.predicted_at(11) == frozenset({2})


def test_pictures_markers_skin_and_origin_are_the_originals(
    original: Path, rewritten: Path
) -> None:
    with open_session(original) as before, open_session(rewritten) as after:
        for index in (0, 7, 19):
            was, now = before.picture_at(index), after.picture_at(index)
            assert was is not None
            assert now is not None
            np.testing.assert_array_equal(now, was)
        assert after.markers == before.markers
        assert after.description.source == "scripted"
        assert after.description.weights_sha256 == "0" * 64
        assert after.notices == ()
        was, now = before.take().tracks[1].albedo, after.take().tracks[1].albedo
        assert was is not None
        assert now is not None
        np.testing.assert_array_equal(now, was)
    told = json.loads((rewritten / "session.json").read_text("utf-8"))
    assert told["cleaned"] == {"from": "walk", "by": "test"}


def test_an_existing_session_is_never_touched(original: Path, rewritten: Path) -> None:
    """Row 47."""
    with open_session(original) as session:
        take = session.take(smoothed=False)
        second = write_session(session, take, rewritten, {}, lambda *_: None)
    assert second.name == "clean-2.hands"


def test_one_that_fails_half_way_leaves_nothing(original: Path, tmp_path: Path) -> None:
    """Row 54."""

    def stop(done: int, total: int | None) -> None:
        if done == 10:
            raise KeyboardInterrupt

    with open_session(original) as session, pytest.raises(KeyboardInterrupt):
        write_session(session, session.take(), tmp_path / "half.hands", {}, stop)
    assert list(tmp_path.iterdir()) == []
