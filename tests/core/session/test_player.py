import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.config import smoothing_from_slider
from core.session.played import OpenedSession, PlayedFrame, ShownHands
from core.session.player import SessionPlayer
from core.session.status import RecordOptions
from core.session.thumbnails import spread
from core.types import TrackedHands
from tests.core.session.recording import INFO, PERIOD_NS, make_recorder, record, tracked_hands
from tests.factories import hand_poser, make_hand

FRAMES = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sessions") / "take.hands"
    recorder = make_recorder()
    recorder.start(path, INFO)
    for index in range(FRAMES):
        recorder.add(tracked_hands(index))
        if index == 20:
            recorder.mark("clap")
    recorder.stop()
    return path


@pytest.fixture
def player(folder: Path) -> Iterator[SessionPlayer]:
    made = SessionPlayer(folder, hand_poser(), plays=False)
    made.start()
    yield made
    made.close()


def wait_for(found: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 8
    while not found():
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


def next_frame(
    player: SessionPlayer, holds: Callable[[PlayedFrame], bool] = lambda played: True
) -> PlayedFrame:
    """The next frame of which this holds."""
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        played = player.take()
        if played is not None and holds(played):
            return played
        time.sleep(0.002)
    raise AssertionError(f"no such frame; {player.status()}")


def index_of(played: PlayedFrame) -> int:
    return played.tracked.frame.index


def opened_by(player: SessionPlayer) -> OpenedSession:
    wait_for(lambda: player.opened, "it does not open")
    assert player.opened is not None
    return player.opened


def test_it_opens_at_the_first_frame_and_tells_what_it_has_opened(
    folder: Path, player: SessionPlayer
) -> None:
    played = next_frame(player)
    assert index_of(played) == 0
    assert [hand.track_id for hand in played.tracked.hands] == [1, 2]
    opened = opened_by(player)
    assert (opened.name, opened.path, opened.width, opened.height) == ("take", folder, 320, 240)
    assert opened.fps == pytest.approx(30, abs=0.1)
    (marker,) = opened.markers
    assert (marker.time_ns, marker.text) == (20 * PERIOD_NS, "clap")
    assert opened.notices == ()


def test_seeking_shows_that_frame_with_its_picture_and_hands(player: SessionPlayer) -> None:
    next_frame(player)
    for index in (37, 3, 59, 20):
        player.seek(index * PERIOD_NS + 1000)
        played = next_frame(player, lambda one, index=index: index_of(one) == index)  # type: ignore[misc]
        image = played.tracked.frame.image
        assert abs(float(image.mean()) - (20 + 2 * index)) < 1.5
        wanted = tracked_hands(index)
        np.testing.assert_allclose(
            played.tracked.hands[0].transl, wanted.hands[0].transl, atol=2e-5
        )
    assert player.status().position_ns == 20 * PERIOD_NS + 1000


def test_a_command_never_waits_for_a_frame(player: SessionPlayer) -> None:
    next_frame(player)
    started = time.perf_counter()
    for index in range(500):
        player.seek(index % FRAMES * PERIOD_NS)
        player.status()
    assert time.perf_counter() - started < 0.2


def test_playing_takes_its_time_from_the_time_stamps(player: SessionPlayer) -> None:
    next_frame(player)
    player.play()
    started = time.perf_counter()
    seen = []
    while not seen or seen[-1] < FRAMES - 1:
        seen.append(index_of(next_frame(player)))
    took_s = time.perf_counter() - started
    assert seen == sorted(seen)
    assert took_s == pytest.approx(59 * PERIOD_NS / 1e9, abs=0.4)
    wait_for(lambda: not player.status().clock.is_playing, "it does not stop at the end")


def test_four_times_the_speed_takes_a_quarter_of_the_time(player: SessionPlayer) -> None:
    next_frame(player)
    player.set_speed(4.0)
    player.play()
    started = time.perf_counter()
    next_frame(player, lambda played: index_of(played) == FRAMES - 1)
    assert time.perf_counter() - started == pytest.approx(59 * PERIOD_NS / 4e9, abs=0.3)


def test_steps_go_one_frame_on_and_back_and_pause(player: SessionPlayer) -> None:
    next_frame(player)
    player.seek(10 * PERIOD_NS)
    next_frame(player, lambda played: index_of(played) == 10)
    player.play()
    player.step(1)
    here = index_of(next_frame(player, lambda played: index_of(played) > 10))
    assert not player.status().clock.is_playing
    player.step(-1)
    assert index_of(next_frame(player)) == here - 1


def test_a_loop_stays_between_in_and_out(player: SessionPlayer) -> None:
    next_frame(player)
    player.set_range(10 * PERIOD_NS, 16 * PERIOD_NS)
    player.set_loop(True)
    player.seek(10 * PERIOD_NS)
    next_frame(player, lambda played: index_of(played) == 10)
    player.play()
    seen = [index_of(next_frame(player)) for _ in range(14)]
    assert set(seen) <= set(range(10, 17))
    assert any(later < earlier for earlier, later in itertools.pairwise(seen))


def test_raw_and_smoothed_hands_are_those_that_were_recorded(player: SessionPlayer) -> None:
    next_frame(player)
    player.seek(30 * PERIOD_NS)
    next_frame(player, lambda played: index_of(played) == 30)
    player.show(ShownHands("raw"))
    raw = next_frame(player)
    wanted = tracked_hands(30)
    np.testing.assert_allclose(raw.tracked.hands[0].transl, wanted.raw[0].transl, atol=2e-5)
    player.show(ShownHands("smoothed"))
    smoothed = next_frame(player)
    np.testing.assert_allclose(smoothed.tracked.hands[0].transl, wanted.hands[0].transl, atol=2e-5)


def test_hands_are_smoothed_anew_as_the_slider_says(player: SessionPlayer) -> None:
    """The hand wanders at 6 cm/s: steadier settings lag farther behind."""
    next_frame(player)
    player.seek(50 * PERIOD_NS)
    next_frame(player, lambda played: index_of(played) == 50)
    lags = []
    for quickness in (0.0, 1.0):
        player.show(ShownHands("resmoothed", smoothing_from_slider(quickness)))
        played = next_frame(player)
        lags.append(tracked_hands(50).raw[0].transl[0] - played.tracked.hands[0].transl[0])
        assert played.tracked.frame.image.shape == (240, 320, 3)
    assert lags[0] > 2 * lags[1] > 0


@pytest.fixture(scope="module")
def other_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The right hand of the first session alone, 5 mm to the right, ten frames later."""
    path = tmp_path_factory.mktemp("sessions") / "other.hands"
    frames = []
    for index in range(40):
        frame = tracked_hands(index).frame
        hand = make_hand("right", at=(0.002 * (index + 10) + 0.005, 0, 0.6), track_id=7, K=frame.K)
        frames.append(TrackedHands(frame, (hand,), raw=(hand,)))
    record(path, frames, RecordOptions(video=False))
    return path


def test_two_sessions_are_shown_at_the_same_moment_and_measured(
    player: SessionPlayer, other_folder: Path
) -> None:
    next_frame(player)
    player.seek(25 * PERIOD_NS)
    player.show(ShownHands(other=other_folder, offset_ns=10 * PERIOD_NS))
    played = next_frame(player, lambda one: index_of(one) == 25 and bool(one.other))
    assert [hand.track_id for hand in played.other] == [7]
    assert played.difference is not None
    assert played.difference.pairs == ((1, 7),)
    assert played.difference.apart_mm == pytest.approx(5.0, abs=0.1)
    assert player.status().other_name == "other"
    # Before it has begun there is nothing of it.
    player.seek(5 * PERIOD_NS)
    played = next_frame(player, lambda one: index_of(one) == 5)
    assert played.other == ()
    player.show(ShownHands())
    assert next_frame(player).difference is None


def test_another_session_that_cannot_be_read_is_a_fault_and_this_one_plays_on(
    player: SessionPlayer, tmp_path: Path
) -> None:
    next_frame(player)
    player.show(ShownHands(other=tmp_path / "none.hands"))
    wait_for(lambda: player._faults, "no fault")
    fault = player.take_fault()
    assert fault is not None and fault.code == "SES-01"
    assert player.take_fault() is None
    assert player.status().shown.other is None
    player.seek(9 * PERIOD_NS)
    next_frame(player, lambda played: index_of(played) == 9)


def test_a_folder_that_is_no_session_is_a_fault(tmp_path: Path) -> None:
    player = SessionPlayer(tmp_path, hand_poser())
    player.start()
    wait_for(lambda: player._faults, "no fault")
    fault = player.take_fault()
    assert fault is not None and fault.code == "SES-04"
    player.play()
    player.step(1)
    player.close()
    assert player.opened is None


def test_thumbnails_are_of_the_whole_session(player: SessionPlayer) -> None:
    wait_for(lambda: len(player.thumbnails) == 24, "thumbnails")
    times = [thumbnail.time_ns for thumbnail in player.thumbnails]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (0, 59 * PERIOD_NS)
    assert all(thumbnail.image.shape == (54, 72, 3) for thumbnail in player.thumbnails)
    means = [float(thumbnail.image.mean()) for thumbnail in player.thumbnails]
    assert means[-1] - means[0] == pytest.approx(118, abs=40)  # the last one that stands alone


def test_the_first_thumbnails_are_far_apart() -> None:
    assert spread(100, 5) == (0, 99, 50, 25, 74)
    assert sorted(spread(3, 24)) == [0, 1, 2]
    assert spread(1, 24) == (0,)
