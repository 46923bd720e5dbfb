"""What recording and seeking cost."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.rotations_np import rotmat_from_rotvec
from core.session.durable import RecordedFile
from core.session.folder import Camera, EncodedFrame, SessionFolder
from core.session.packing import values_of
from core.session.reader import open_session
from core.session.status import RecordOptions
from core.session.video import VideoEncoder
from core.types import HandState, TrackedHands, UInt8
from tests.core.session.recording import INFO, PERIOD_NS, make_recorder
from tests.factories import make_frame, make_hand

HOUR_FRAMES = 108_000


def camera_picture(index: int) -> UInt8:
    """1280 x 720 with edges that move and a sensor's noise."""
    x, y = np.meshgrid(np.arange(1280), np.arange(720))
    draw = np.random.default_rng(index)
    grey = 110 + 60 * np.sin((x + 7 * index) / 40) * np.sin(y / 25)
    noisy = grey[..., None] + draw.normal(0, 2, (720, 1280, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def noisy_hands(index: int) -> tuple[HandState, ...]:
    """Two hands as a network measures them: a degree and some pixels away from the truth."""
    draw = np.random.default_rng(index)
    hands = []
    for track_id, (side, x) in enumerate((("right", -0.1), ("left", 0.1))):
        hand = make_hand(side, at=(x, 0.05 * np.sin(index / 20), 0.6), track_id=track_id)
        turns = rotmat_from_rotvec(draw.normal(0, 0.02, (16, 3))).astype(np.float32)
        hands.append(
            replace(
                hand,
                pose=hand.pose @ turns,
                betas=draw.normal(0, 0.1, 10).astype(np.float32),
                transl=hand.transl + draw.normal(0, 0.003, 3).astype(np.float32),
                joint_confidence=draw.uniform(0.6, 1, 21).astype(np.float32),
                keypoints_2d=hand.joints_2d + draw.normal(0, 2, (21, 2)).astype(np.float32),
                score=float(draw.uniform(0.7, 1)),
            )
        )
    return tuple(hands)


def test_an_hour_of_two_hands_takes_at_most_60_mb(tmp_path: Path) -> None:
    """With chunks of 0.3 s and all indices, as recorded live."""
    ticks = [0]
    recorder = make_recorder(RecordOptions(video=False), clock=lambda: ticks[0])
    path = recorder.start(tmp_path / "size.hands", INFO)
    smoothed = noisy_hands(0)
    for index in range(300):
        measured = noisy_hands(index)
        shown = tuple(
            replace(one, pose=(9 * old.pose + one.pose) / 10, betas=old.betas)
            for one, old in zip(measured, smoothed, strict=True)
        )
        ticks[0] = index * PERIOD_NS
        recorder.add(TrackedHands(make_frame(index), shown, raw=measured))
        while recorder.status().queue_s > 0:
            time.sleep(0.0005)
    recorder.stop()
    size = (path / "hands.mcap").stat().st_size
    assert size / 300 * HOUR_FRAMES < 60e6


@pytest.mark.slow
def test_recording_720p_takes_at_most_a_quarter_of_a_core(tmp_path: Path) -> None:
    """By the time that the whole process computes, which other programs do not change."""
    pictures = [camera_picture(index) for index in range(15)]
    hands = [noisy_hands(index) for index in range(15)]
    recorder = make_recorder()
    recorder.start(tmp_path / "cost.hands", INFO)
    start_s = time.process_time()
    for index in range(90):
        frame = replace(
            make_frame(index, width=64, height=48), image=pictures[index % 15].copy(), index=index
        )
        recorder.add(TrackedHands(frame, hands[index % 15], raw=hands[index % 15]), wait_s=30)
    status = recorder.stop(30)
    spent_s = time.process_time() - start_s
    assert (status.frames, status.dropped_pictures) == (90, 0)
    assert spent_s / (90 / 30) < 0.25


@pytest.mark.slow
def test_seeking_in_a_long_session_takes_at_most_150_ms(tmp_path: Path) -> None:
    """720p, 20 minutes, cut off: the worst case, for no index of the video is there yet."""
    path = tmp_path / "long.hands"
    path.mkdir()
    encoder = VideoEncoder(720, 1280)
    frame = make_frame(0, width=1280, height=720)
    camera = Camera(frame.K, 1280, 720)
    hands = values_of(TrackedHands(frame, noisy_hands(0)))
    loop = [encoder.encode(camera_picture(index % 15), index * PERIOD_NS) for index in range(38)]
    assert [at for at, one in enumerate(loop) if one is not None and one.is_key] == [0, 19]
    folder = SessionFolder(path, INFO, RecordOptions(), RecordedFile)
    for index in range(HOUR_FRAMES // 3):
        picture = loop[index % 19]
        folder.add(EncodedFrame(index * PERIOD_NS, index, camera, hands, picture))
    folder.sync()
    with open_session(path) as session:
        session.picture_at(0)
        draw = np.random.default_rng(0)
        times_ms = []
        for index in draw.integers(0, session.frame_count - 40, 25).tolist():
            start_ns = time.perf_counter_ns()
            assert session.picture_at(index) is not None
            times_ms.append((time.perf_counter_ns() - start_ns) / 1e6)
        assert float(np.median(times_ms)) < 150
    folder.abandon({"by": "test"})
