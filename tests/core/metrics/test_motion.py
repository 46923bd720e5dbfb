import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics import acceleration_error_mm_s2, accelerations, still_rms_mm

#: Steps of an uneven camera in ms, all under the longest gap.
STEPS_MS = st.lists(st.integers(5, 200), min_size=2, max_size=8)


def times(steps_ms: list[int]) -> np.ndarray:
    return np.cumsum([0, *steps_ms]).astype(np.int64) * 1_000_000


def along(distance: np.ndarray) -> np.ndarray:
    """Two joints (T, 2, 3) that move that far (T,) m along x."""
    points = np.zeros((len(distance), 2, 3))
    points[..., 0] = distance[:, None]
    return points


def test_acceleration_of_toy_values() -> None:
    # 0, 1, 4 m at 0, 1/4, 1/2 s: velocities 4 and 12 m/s, 1/4 s apart: 32 m/s^2.
    result = accelerations(along(np.array([0.0, 1, 4])), times([250, 250]))
    np.testing.assert_allclose(result, [[[32, 0, 0]] * 2])


@given(STEPS_MS, st.floats(-5, 5), st.floats(-3, 3))
def test_constant_acceleration_is_measured_exactly_on_uneven_frames(
    steps: list[int], acceleration: float, velocity: float
) -> None:
    time = times(steps)
    seconds = time * 1e-9
    points = along(0.7 + velocity * seconds + acceleration / 2 * seconds**2)
    np.testing.assert_allclose(accelerations(points, time)[..., 0], acceleration, atol=1e-8)
    # A label that stands still: the error is the acceleration itself.
    error = acceleration_error_mm_s2(points, along(0 * seconds), time)
    assert error == pytest.approx(1e3 * abs(acceleration), abs=1e-5)


@given(STEPS_MS, st.floats(-1, 1), st.floats(-1, 1))
def test_a_steady_offset_or_drift_is_no_jitter(
    steps: list[int], offset: float, drift: float
) -> None:
    time = times(steps)
    true = np.random.default_rng(0).normal(size=(len(time), 21, 3))
    own = true + offset + drift * (time * 1e-9)[:, None, None]
    assert acceleration_error_mm_s2(own, true, time) == pytest.approx(0, abs=1e-6)


def test_frames_without_a_hand_and_long_gaps_are_left_out() -> None:
    points = along(np.array([0.0, 0, 1, 0, 0, 0, 0]))
    time = times([40, 40, 40, 40, 600, 40])
    found = accelerations(points, time)[:, 0, 0]
    assert np.isnan(found).tolist() == [False, False, False, True, True]
    lost = points.copy()
    lost[2] = np.nan
    # What is left of five: frames 0-2, 1-3, 2-4 have no hand, the others the gap.
    with pytest.raises(ValueError, match="three frames in a row"):
        acceleration_error_mm_s2(lost, points, time)
    longer = acceleration_error_mm_s2(lost, 0 * points, time, longest_gap_s=1)
    assert longer == 0


def test_unrest_of_a_still_hand_of_toy_values() -> None:
    # 1 mm to either side: the mean distance from the middle is 1 mm.
    points = along(np.array([0.501, 0.499, 0.501, 0.499]))
    assert still_rms_mm(points, times([33, 33, 33])) == pytest.approx(1)
    # One joint of two moves: sqrt(1 / 2).
    points[:, 1] = 0.3
    assert still_rms_mm(points, times([33, 33, 33])) == pytest.approx(np.sqrt(0.5))


def test_a_frame_counts_for_as_long_as_it_stands() -> None:
    # 0 for 30 ms, 4 mm for 90 ms (90 is the last frame's too): weights 1/7, 3/7, 3/7 of 0, 4, 4.
    points = along(np.array([0.0, 0.004, 0.004]))
    # Mean 24/7, variance 1/7 * (24/7)^2 + 6/7 * (4/7)^2 = 96/49.
    assert still_rms_mm(points, times([30, 90])) == pytest.approx(np.sqrt(96 / 49))


@given(st.integers(0, 1000), st.tuples(st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2)))
def test_unrest_does_not_depend_on_where_the_hand_is(seed: int, place: tuple[float, ...]) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(6, 21, 3)) * 1e-3
    time = times(rng.integers(10, 100, 5).tolist())
    expected = still_rms_mm(points, time)
    assert still_rms_mm(points + np.array(place), time) == pytest.approx(expected)
    assert still_rms_mm(points * [-1, 1, 1], time) == pytest.approx(expected)
    assert still_rms_mm(3 * points, time) == pytest.approx(3 * expected)


def test_a_lost_frame_does_not_count_as_unrest() -> None:
    points = along(np.array([0.501, np.nan, 0.499]))
    assert still_rms_mm(points, times([33, 33])) == pytest.approx(1)
    with pytest.raises(ValueError, match="two frames"):
        still_rms_mm(along(np.array([0.5, np.nan])), times([33]))


@pytest.mark.parametrize(
    ("points", "time", "words"),
    [
        (np.zeros((3, 2, 3)), times([33]), "expected \\(3,\\)"),
        (np.zeros((1, 2, 3)), times([]), "T > 1"),
        (np.zeros((3, 2)), times([33, 33]), "\\(T > 1, J, 3\\)"),
        (np.zeros((3, 2, 3)), times([33, 0]), "ascending"),
        (np.zeros((3, 2, 3)), times([33, -5]), "ascending"),
    ],
    ids=["other length", "one frame", "no joints", "same time", "backwards"],
)
def test_motion_without_a_time_is_refused(points: np.ndarray, time: np.ndarray, words: str) -> None:
    for measure in (still_rms_mm, accelerations):
        with pytest.raises(ValueError, match=words):
            measure(points, time)


def test_motions_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="predicted"):
        acceleration_error_mm_s2(np.zeros((3, 1, 3)), np.zeros((3, 2, 3)), times([33, 33]))
