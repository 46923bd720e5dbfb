import math
from collections.abc import Iterable
from dataclasses import fields, replace

import numpy as np
import pytest

from core.config import SmoothingConfig, smoothing_from_slider
from core.rotations_np import rotmat_from_rotvec, rotvec_from_rotmat
from core.smoothing import HandSmoother
from core.topology import MIDDLE_MCP, TIPS
from core.types import Frame, HandState, TrackedHands
from tests.factories import hand_poser, intrinsics, make_frame, make_hand

DT_S = 1 / 30


def tracked(
    hands: Iterable[HandState], time_s: float, predicted: frozenset[int] = frozenset()
) -> TrackedHands:
    frame = make_frame(timestamp_ns=round(time_s * 1e9))
    return TrackedHands(frame, tuple(hands), predicted)


def smooth(
    script: Iterable[HandState], config: SmoothingConfig | None = None, dt_s: float = DT_S
) -> list[HandState]:
    """Smooth one hand, id 0, a frame after the other."""
    smoother = HandSmoother(config or SmoothingConfig(), hand_poser())
    return [
        smoother.update(tracked([hand], index * dt_s)).hands[0] for index, hand in enumerate(script)
    ]


def hand_at(x: float = 0.0, z: float = 0.6, **options: object) -> HandState:
    return make_hand(at=(x, 0.0, z), track_id=0, **options)  # type: ignore[arg-type]


def noisy_still_hands(count: int) -> list[HandState]:
    """A still hand as a good network sees it: 1.5 mm and 1 degree of noise, depth 6 mm."""
    rng = np.random.default_rng(7)
    truth = make_hand()
    hands = []
    for _ in range(count):
        noise = rmat(rng.normal(0, math.radians(1) / math.sqrt(3), (16, 3)))
        at = np.array([0, 0, 0.6]) + rng.normal(0, 1, 3) * (0.0015, 0.0015, 0.006)
        pose = (truth.pose @ noise).astype(np.float32)
        hands.append(make_hand(at=at, pose=pose, track_id=0))
    return hands


def rmat(rotvec: np.ndarray) -> np.ndarray:
    return rotmat_from_rotvec(rotvec).astype(np.float32)


def angle_deg(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.degrees(np.linalg.norm(rotvec_from_rotmat(np.swapaxes(a, -1, -2) @ b), axis=-1))


# Still and moving


def test_a_still_hand_shakes_seventy_percent_less() -> None:
    raw = noisy_still_hands(240)
    smoothed = smooth(raw)

    def jitter(values: list[np.ndarray]) -> float:
        """Mean acceleration, in units per frame squared (the usual measure of jitter)."""
        return float(np.linalg.norm(np.diff(values[60:], 2, axis=0), axis=-1).mean())

    for name in ("joints_3d", "joints_2d", "vertices"):
        before = jitter([getattr(hand, name)[::20] for hand in raw])
        after = jitter([getattr(hand, name)[::20] for hand in smoothed])
        assert after < 0.3 * before, name


def test_a_still_hand_stays_where_it_is() -> None:
    raw = noisy_still_hands(240)
    smoothed = smooth(raw)

    def rms(hands: list[HandState], name: str, axes: int) -> float:
        values = np.array([getattr(hand, name)[list(TIPS), :axes] for hand in hands[60:]])
        return float(np.sqrt(((values - values.mean(0)) ** 2).sum(-1).mean()))

    assert rms(smoothed, "joints_2d", 2) < 0.3 * rms(raw, "joints_2d", 2)
    assert rms(smoothed, "joints_3d", 2) < 0.0007  # metres, fingertips


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_a_hand_at_one_metre_a_second_lags_at_most_twenty_milliseconds(fps: int) -> None:
    count = round(0.6 * fps)
    raw = [hand_at(-0.3 + index / fps) for index in range(count)]
    smoothed = smooth(raw, dt_s=1 / fps)
    behind_m = raw[-1].joints_3d[MIDDLE_MCP, 0] - smoothed[-1].joints_3d[MIDDLE_MCP, 0]
    assert 0 <= behind_m <= 0.020


def test_the_overlay_stays_on_a_hand_that_reaches_out() -> None:
    """A reach of 30 cm in half a second (minimum jerk, peak 1.1 m/s), error in hand lengths."""
    s = np.linspace(0, 1, 16)
    way = np.concatenate([np.zeros(20), 10 * s**3 - 15 * s**4 + 6 * s**5, np.ones(20)])
    raw = [hand_at(-0.15 + 0.3 * part) for part in way]
    smoothed = smooth(raw)
    size_px = 0.18 * intrinsics()[0, 0] / 0.6
    error = [
        np.linalg.norm(a.joints_2d - b.joints_2d, axis=-1).mean() / size_px
        for a, b in zip(raw, smoothed, strict=True)
    ]
    assert max(error) < 0.05
    assert error[-1] < 0.01


def test_a_fast_turn_lags_at_most_four_degrees() -> None:
    speed = 5.0  # rad/s, a quick flick of the wrist
    raw = [hand_at(turn=(0, 0, speed * index * DT_S - 1.2)) for index in range(16)]
    smoothed = smooth(raw)
    assert angle_deg(smoothed[-1].pose[0], raw[-1].pose[0]) < 4


def test_turning_past_half_a_turn_takes_the_short_way() -> None:
    turns = [(0.0, 0.0, 3.0 + 0.05 * index) for index in range(12)]  # rotvec wraps at pi
    raw = [hand_at(turn=turn) for turn in turns]
    for before, after in zip(raw, smooth(raw), strict=True):
        assert angle_deg(before.pose[0], after.pose[0]) < 6


def test_noise_of_the_depth_does_not_move_the_hand_in_the_picture() -> None:
    rng = np.random.default_rng(1)
    raw = []
    for _ in range(60):
        z = 0.6 + rng.normal(0, 0.01)
        raw.append(make_hand(at=(0.4 * z, 0.2 * z, z), track_id=0))  # one ray, far from the middle
    pixels = np.array([hand.joints_2d[MIDDLE_MCP] for hand in smooth(raw)])
    assert np.ptp(pixels, axis=0).max() < 0.05
    depths = np.array([hand.joints_3d[MIDDLE_MCP, 2] for hand in smooth(raw)])
    assert depths[20:].std() < 0.004


def test_a_jump_is_taken_not_dragged() -> None:
    raw = [hand_at(-0.2)] * 5 + [hand_at(0.2)]
    assert np.abs(smooth(raw)[-1].joints_3d - raw[-1].joints_3d).max() < 1e-5


def test_the_slider_trades_stillness_for_lag() -> None:
    still, moving = noisy_still_hands(60), [hand_at(-0.3 + 0.015 * i) for i in range(30)]
    noise, lag = [], []
    for quickness in (0.0, 0.5, 1.0):
        config = smoothing_from_slider(quickness)
        places = np.array([hand.joints_3d[MIDDLE_MCP] for hand in smooth(still, config)[20:]])
        noise.append(places.std(0).max())
        behind = moving[-1].joints_3d[0, 0] - smooth(moving, config)[-1].joints_3d[0, 0]
        lag.append(behind)
    assert noise == sorted(noise)
    assert lag == sorted(lag, reverse=True)
    assert noise[0] < 0.7 * noise[2]
    assert lag[0] > 2 * lag[2]


# Against a plain twin


def plain_one_euro(values: np.ndarray, config: SmoothingConfig, dt_s: float) -> np.ndarray:
    """The published algorithm on a vector signal, written out, with the floor under the speed."""

    def alpha(cutoff_hz: float) -> float:
        tau = 1 / (2 * math.pi * cutoff_hz)
        return 1 / (1 + tau / dt_s)

    out, last, speed = [values[0]], values[0], np.zeros_like(values[0])
    for value in values[1:]:
        speed = speed + alpha(config.speed_hz) * ((value - last) / dt_s - speed)
        moving = max(0.0, float(np.linalg.norm(speed)) - config.xy_rest)
        a = alpha(config.xy_min_hz + config.xy_beta * moving)
        out.append(a * value + (1 - a) * out[-1])
        last = value
    return np.array(out)


def test_at_constant_depth_the_place_is_filtered_as_published() -> None:
    rng = np.random.default_rng(2)
    xy = np.cumsum(rng.normal(0, 0.01, (40, 2)), axis=0)
    raw = [make_hand(at=(x, y, 0.7), track_id=0) for x, y in xy]
    found = np.array([hand.joints_3d[MIDDLE_MCP, :2] for hand in smooth(raw)])
    assert np.abs(found - plain_one_euro(xy, SmoothingConfig(), DT_S)).max() < 1e-5


def test_a_turn_about_one_axis_is_filtered_as_published() -> None:
    rng = np.random.default_rng(3)
    angles = np.cumsum(rng.normal(0, 0.05, (40, 1)), axis=0)
    raw = [hand_at(turn=(0, 0, angle[0])) for angle in angles]
    base = SmoothingConfig()
    as_xy = SmoothingConfig(
        xy_min_hz=base.rotation_min_hz, xy_beta=base.rotation_beta, xy_rest=base.rotation_rest
    )
    expected = plain_one_euro(angles, as_xy, DT_S)
    start = raw[0].pose[0]
    for hand, angle in zip(smooth(raw), expected, strict=True):
        wanted = rmat(np.array([0, 0, angle[0] - angles[0, 0]])) @ start
        assert angle_deg(hand.pose[0], wanted) < 0.02


# Shape and skin


def test_shape_is_the_confidence_weighted_mean() -> None:
    rng = np.random.default_rng(4)
    betas = rng.normal(0, 1, (10, 10))
    scores = rng.uniform(0.3, 1, 10)
    raw = [hand_at(betas=b, score=s) for b, s in zip(betas, scores, strict=True)]
    mean = (betas * scores[:, None]).sum(0) / scores.sum()
    assert smooth(raw)[-1].betas == pytest.approx(mean, abs=1e-4)


def test_shape_and_skin_are_frozen_after_enough_good_frames() -> None:
    config = SmoothingConfig(shape_frames=10)
    raw = [hand_at(betas=(1.0,) * 10, skin=(0.5, 0.4, 0.3))] * 10
    raw += [hand_at(betas=(-1.0,) * 10, skin=(0.9, 0.9, 0.9))] * 10
    last = smooth(raw, config)[-1]
    assert last.betas == pytest.approx(np.ones(10))
    assert last.albedo is not None
    assert last.albedo.mean(0) == pytest.approx([0.5, 0.4, 0.3], abs=1e-4)


def test_bad_frames_do_not_count_towards_freezing() -> None:
    config = SmoothingConfig(shape_frames=3)
    raw = [hand_at(betas=(1.0,) * 10, score=0.1)] * 20 + [hand_at(betas=(0.0,) * 10)] * 20
    frozen_at = [hand.betas[0] for hand in smooth(raw, config)]
    assert frozen_at[19] == pytest.approx(1.0)
    assert frozen_at[22] < 0.6
    assert frozen_at[-1] == frozen_at[22]


def test_a_larger_settled_shape_keeps_its_size_in_the_picture() -> None:
    large, small = (0.0,) * 10, tuple(np.eye(10)[0] * -2.0)
    ratio = float(
        hand_poser().finger_length(np.array([large], np.float32))[0]
        / hand_poser().finger_length(np.array([small], np.float32))[0]
    )
    assert abs(ratio - 1) > 0.02
    config = SmoothingConfig(shape_frames=5, z_min_hz=30.0)
    raw = [hand_at(betas=large)] * 5 + [hand_at(betas=small, z=0.6 / ratio)] * 30
    smoothed = smooth(raw, config)
    sizes = [np.ptp(hand.joints_2d[:, 1]) for hand in smoothed]
    assert sizes[-1] == pytest.approx(sizes[0], rel=0.002)
    assert smoothed[-1].joints_3d[MIDDLE_MCP, 2] == pytest.approx(0.6, abs=0.002)


def test_the_mesh_belongs_to_the_smoothed_numbers() -> None:
    for side in ("right", "left"):
        raw = [hand_at(0.01 * i, side=side, betas=(0.1 * i,) * 10) for i in range(6)]
        hand = smooth(raw)[-1]
        posed = hand_poser().pose(
            np.array([side == "right"]), hand.pose[None], hand.betas[None], hand.transl[None]
        )
        assert np.abs(posed.vertices[0] - hand.vertices).max() < 1e-5
        assert np.abs(posed.joints_3d[0] - hand.joints_3d).max() < 1e-5
        assert np.abs(hand.joints_3d[0] - hand.transl).max() < 1e-6
        flat = hand.joints_3d @ intrinsics().T
        assert np.abs(flat[:, :2] / flat[:, 2:] - hand.joints_2d).max() < 0.01


# Time and faults


def test_the_first_frame_passes_unchanged() -> None:
    raw = hand_at(betas=(0.3,) * 10)
    for name in ("pose", "betas", "transl", "vertices", "joints_3d", "joints_2d"):
        difference = getattr(smooth([raw])[0], name) - getattr(raw, name)
        assert np.abs(difference).max() < (1e-2 if name == "joints_2d" else 1e-5)


@pytest.mark.parametrize("gap_s", [0.6, -0.3])
def test_a_gap_or_a_step_back_takes_the_hand_as_it_is(gap_s: float) -> None:
    smoother = HandSmoother(SmoothingConfig(), hand_poser())
    for index in range(10):
        smoother.update(tracked([hand_at()], index * DT_S))
    moved = hand_at(0.02, z=0.7)
    hand = smoother.update(tracked([moved], 9 * DT_S + gap_s)).hands[0]
    assert np.abs(hand.joints_3d - moved.joints_3d).max() < 1e-5


def test_equal_time_stamps_do_no_harm() -> None:
    smoother = HandSmoother(SmoothingConfig(), hand_poser())
    for x in (0.0, 0.01, 0.02, 0.03):
        hand = smoother.update(tracked([hand_at(x)], 1.0)).hands[0]
        assert np.isfinite(hand.vertices).all()
        assert 0 <= hand.joints_3d[MIDDLE_MCP, 0] <= x + 1e-6


def test_real_time_counts_not_the_number_of_frames() -> None:
    """Two frames a fifteenth of a second apart follow a step farther than a sixtieth apart."""
    step = [hand_at(0.0), hand_at(0.005)]
    at_rest = SmoothingConfig(xy_beta=0.0)
    slow = smooth(step, at_rest, dt_s=1 / 15)[-1].joints_3d[MIDDLE_MCP, 0]
    fast = smooth(step, at_rest, dt_s=1 / 60)[-1].joints_3d[MIDDLE_MCP, 0]
    assert slow > 3 * fast > 0


@pytest.mark.parametrize("field", ["pose", "betas", "transl", "joints_3d", "score"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_never_enters(field: str, value: float) -> None:
    hands = [hand_at(), make_hand(at=(0.2, 0, 0.6), track_id=1)]
    spoilt = np.array(getattr(hands[0], field))
    spoilt.flat[-1] = value
    bad = replace(hands[0], **{field: float(spoilt) if field == "score" else spoilt})
    smoother = HandSmoother(SmoothingConfig(), hand_poser())
    shown = []
    for index in range(6):
        first = bad if index == 3 else hands[0]
        result = smoother.update(tracked([first, hands[1]], index * DT_S))
        shown.append([hand.track_id for hand in result.hands])
        for hand in result.hands:
            for item in fields(hand):
                numbers = getattr(hand, item.name)
                if isinstance(numbers, np.ndarray):
                    assert np.isfinite(numbers).all()
    assert shown == [[0, 1]] * 3 + [[1]] + [[0, 1]] * 2


def test_albedo_that_is_not_finite_is_left_out_of_the_mean() -> None:
    good = hand_at(skin=(0.5, 0.5, 0.5))
    bad = hand_at(skin=(math.nan, 0.5, 0.5))
    last = smooth([good, bad, good])[-1]
    assert last.albedo is not None
    assert np.allclose(last.albedo, 0.5)


def test_hands_do_not_influence_each_other() -> None:
    pair = [
        [hand_at(0.01 * i), make_hand("left", at=(0.3, 0.01 * i, 0.5), track_id=5)]
        for i in range(10)
    ]
    smoother = HandSmoother(SmoothingConfig(), hand_poser())
    together = [
        smoother.update(tracked(hands if i % 4 else hands[:1], i * DT_S))
        for i, hands in enumerate(pair)
    ]
    alone = smooth([hands[0] for hands in pair])
    assert np.abs(together[-1].hands[0].vertices - alone[-1].vertices).max() < 1e-6


def test_a_change_of_side_starts_the_filter_anew() -> None:
    raw = [hand_at()] * 5 + [hand_at(side="left")]
    assert np.abs(smooth(raw)[-1].pose - raw[-1].pose).max() < 1e-5


def test_predicted_hands_do_not_shape_the_mean() -> None:
    smoother = HandSmoother(SmoothingConfig(), hand_poser())
    smoother.update(tracked([hand_at(betas=(1.0,) * 10)], 0))
    odd = hand_at(betas=(5.0,) * 10)
    result = smoother.update(tracked([odd], DT_S, frozenset({0})))
    assert result.hands[0].betas == pytest.approx(np.ones(10))
    assert result.predicted == {0}


def test_a_hand_that_returns_has_its_shape_again() -> None:
    smoother = HandSmoother(SmoothingConfig(shape_frames=3), hand_poser())
    for index in range(3):
        smoother.update(tracked([hand_at(betas=(1.0,) * 10)], index * DT_S))
    away = make_hand(track_id=1)
    for index in range(3, 100):
        assert set(smoother.update(tracked([away], index * DT_S)).shape_learned) == {1}
    result = smoother.update(tracked([hand_at(betas=(5.0,) * 10)], 100 * DT_S))
    assert result.hands[0].betas == pytest.approx(np.ones(10))
    assert result.shape_learned == {0: 1.0}


def test_shapes_of_hands_long_gone_are_forgotten() -> None:
    smoother = HandSmoother(SmoothingConfig(shape_frames=3), hand_poser())
    for index in range(40):  # 40 hands, one after the other
        smoother.update(tracked([make_hand(track_id=index, betas=(1.0,) * 10)], index * DT_S))
    result = smoother.update(tracked([hand_at(betas=(5.0,) * 10)], 40 * DT_S))
    assert result.hands[0].betas == pytest.approx(np.full(10, 5.0))


def test_switched_off_nothing_changes() -> None:
    raw = [hand_at(0.01 * i) for i in range(3)]
    assert smooth(raw, SmoothingConfig(enabled=False)) == raw


def test_no_hands_are_no_trouble() -> None:
    smoother = HandSmoother(SmoothingConfig(), hand_poser())
    frame: Frame = make_frame()
    assert smoother.update(TrackedHands(frame, ())).hands == ()


def test_learning_of_the_shape_is_told_until_it_stays() -> None:
    smoother = HandSmoother(SmoothingConfig(shape_frames=4), hand_poser())
    told = [smoother.update(tracked([hand_at()], index * DT_S)).shape_learned for index in range(6)]
    assert [one[0] for one in told] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    unsure = smoother.update(tracked([make_hand(track_id=3, confidence=0.1)], 6 * DT_S))
    assert unsure.shape_learned == {3: 0.0}
