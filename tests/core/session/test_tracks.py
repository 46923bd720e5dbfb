"""Takes on another clock."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from core.session.tracks import (
    frame_numbers,
    mean_rate,
    resampled,
    settled_betas,
)
from tests.factories import make_take


def test_at_its_own_rate_a_take_stays_as_it_is() -> None:
    take = make_take(9, gaps={0: range(3, 5)}, rate_hz=25)
    again = resampled(take, 25)
    np.testing.assert_array_equal(again.timestamps_ns, take.timestamps_ns)
    for before, after in zip(take.tracks, again.tracks, strict=True):
        np.testing.assert_array_equal(after.timestamps_ns, before.timestamps_ns)
        np.testing.assert_allclose(after.pose, before.pose, atol=1e-6)
        np.testing.assert_allclose(after.transl, before.transl, atol=1e-6)


def test_between_frames_rotations_go_the_shortest_way() -> None:
    take = make_take(7, sides=("right",), rate_hz=20)
    fine = resampled(take, 60)
    track, before = fine.tracks[0], take.tracks[0]
    assert len(track.timestamps_ns) == 19
    seconds = (before.timestamps_ns - take.timestamps_ns[0]) / 1e9
    wanted = (track.timestamps_ns - take.timestamps_ns[0]) / 1e9
    for joint in (0, 5, 15):
        plain = Slerp(seconds, Rotation.from_matrix(before.pose[:, joint]))(wanted).as_matrix()
        np.testing.assert_allclose(track.pose[:, joint], plain, atol=1e-5)
    middle = (before.transl[0] * 2 + before.transl[1]) / 3
    np.testing.assert_allclose(track.transl[1], middle, atol=1e-6)


def test_gaps_stay_gaps() -> None:
    take = make_take(10, sides=("left",), rate_hz=10, gaps={0: range(4, 7)})
    times_s = (resampled(take, 20).tracks[0].timestamps_ns - take.timestamps_ns[0]) / 1e9
    assert ((times_s <= 0.3 + 1e-6) | (times_s >= 0.7 - 1e-6)).all()
    assert len(times_s) == 7 + 5


def test_over_a_stall_of_the_camera_no_hand_is_made_up() -> None:
    take = make_take(4, sides=("left",), rate_hz=1)
    assert len(resampled(take, 10).tracks[0].timestamps_ns) == 4


def test_rows_know_their_frame() -> None:
    take = make_take(6, gaps={0: range(1, 3)})
    np.testing.assert_array_equal(frame_numbers(take, take.tracks[0]), [0, 3, 4, 5])


def test_the_rate_is_that_of_the_median_step() -> None:
    assert mean_rate(make_take(5, rate_hz=50)) == pytest.approx(50)
    assert mean_rate(make_take(1)) == 30


def test_a_hands_shape_is_that_of_the_frames_one_can_trust() -> None:
    track = make_take(6, sides=("right",)).tracks[0]
    betas = track.betas.copy()
    betas[:3] = 4.0
    confidence = track.joint_confidence.copy()
    confidence[:2] = 0.0
    seen = np.array([True, True, False, True, True, True])
    doubtful = replace(track, betas=betas, joint_confidence=confidence, seen=seen)
    np.testing.assert_allclose(settled_betas(doubtful), track.betas[5], atol=0.02)
