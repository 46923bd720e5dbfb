from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.config import SmoothingConfig, smoothing_from_slider
from core.session.reader import SessionReader, open_session
from core.session.resmoothing import Resmoother
from core.session.status import RecordOptions
from core.smoothing import HandSmoother
from core.types import TrackedHands
from tests.core.session.recording import record
from tests.factories import hand_poser, make_frame, make_hand

FRAMES = 150
RIGHT = 1


def noisy(index: int) -> TrackedHands:
    """A hand that stands still, measured with noise of 3 mm and some degrees."""
    generator = np.random.default_rng(index)
    at = np.array([0.0, 0.0, 0.6]) + generator.normal(0, 0.003, 3)
    frame = make_frame(index, width=64, height=48)
    hand = make_hand("right", at=at, turn=generator.normal(0, 0.05, 3), track_id=RIGHT, K=frame.K)
    return TrackedHands(frame, (hand,), raw=(hand,))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sessions") / "noisy.hands"
    record(path, [noisy(index) for index in range(FRAMES)], RecordOptions(video=False))
    return path


@pytest.fixture
def reader(folder: Path) -> Iterator[SessionReader]:
    with open_session(folder, poser=hand_poser()) as opened:
        yield opened


def wrist(tracked: TrackedHands) -> np.ndarray:
    (hand,) = tracked.hands
    return hand.joints_3d[0]


def test_it_does_what_the_live_program_would_have_done(reader: SessionReader) -> None:
    config = smoothing_from_slider(0.3)
    smoother = HandSmoother(config, hand_poser())
    resmoother = Resmoother(reader, hand_poser(), config)
    for index in range(40):
        time_ns = int(reader.timestamps_ns[index])
        frame = make_frame(index, timestamp_ns=time_ns, width=64, height=48)
        live = smoother.update(TrackedHands(frame, reader.hands_at(index, smoothed=False)))
        again = resmoother.hands_at(index)
        np.testing.assert_allclose(wrist(again), wrist(live), atol=1e-6)
        np.testing.assert_allclose(again.hands[0].vertices, live.hands[0].vertices, atol=1e-6)


def test_a_jump_shows_what_playing_up_to_there_shows(reader: SessionReader) -> None:
    config = SmoothingConfig()
    played, jumped = (Resmoother(reader, hand_poser(), config) for _ in range(2))
    for index in range(FRAMES):
        last = played.hands_at(index)
    there = jumped.hands_at(FRAMES - 1)
    assert float(np.abs(wrist(there) - wrist(last)).max()) < 2e-4  # 0.2 mm, of 3 mm of noise


def test_steadier_settings_show_less_noise(reader: SessionReader) -> None:
    spreads = []
    for quickness in (0.0, 0.5, 1.0):
        resmoother = Resmoother(reader, hand_poser(), smoothing_from_slider(quickness))
        places = [wrist(resmoother.hands_at(index)) for index in range(60, 100)]
        spreads.append(float(np.std(places, axis=0).max()))
    assert spreads[0] < spreads[1] < spreads[2] < 0.006


def test_other_settings_hold_from_the_next_frame_on(reader: SessionReader) -> None:
    resmoother = Resmoother(reader, hand_poser(), smoothing_from_slider(1.0))
    quick = wrist(resmoother.hands_at(100))
    resmoother.apply(smoothing_from_slider(0.0))
    steady = wrist(resmoother.hands_at(100))
    assert float(np.abs(quick - steady).max()) > 1e-4


def test_switched_off_it_shows_what_was_measured(reader: SessionReader) -> None:
    resmoother = Resmoother(reader, hand_poser(), SmoothingConfig(enabled=False))
    (raw,) = reader.hands_at(50, smoothed=False)
    np.testing.assert_array_equal(resmoother.hands_at(50).hands[0].transl, raw.transl)
