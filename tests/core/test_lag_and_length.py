"""How far smoothing trails, and how a measured hand makes distances metric."""

from dataclasses import replace

import numpy as np
import pytest

from core.config import SmoothingConfig, smoothing_from_slider
from core.geometry import project
from core.hand_model.length import HandLength
from core.smoothing import HandSmoother, lag_s
from core.topology import MIDDLE_MCP
from core.types import TrackedHands
from tests.factories import hand_model, hand_poser, intrinsics, make_frame, make_hand

LENGTH = HandLength(hand_model())


@pytest.mark.parametrize("quickness", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("speed", [0.1, 0.3, 1.0])
@pytest.mark.parametrize("fps", [15, 60])
def test_the_stated_lag_is_how_far_the_drawn_hand_trails(
    quickness: float, speed: float, fps: int
) -> None:
    config = smoothing_from_slider(quickness)
    smoother = HandSmoother(config, hand_poser())
    count = 4 * fps
    for index in range(count):
        x = (index - count / 2) * speed / fps
        hand = make_hand(at=(x, 0, 2.0), track_id=0)
        frame = make_frame(index, timestamp_ns=round(index * 1e9 / fps))
        smoothed = smoother.update(TrackedHands(frame, (hand,))).hands[0]
    behind_m = hand.joints_3d[MIDDLE_MCP, 0] - smoothed.joints_3d[MIDDLE_MCP, 0]
    assert behind_m / speed == pytest.approx(lag_s(config, speed), rel=0.05, abs=2e-4)


def test_the_lag_falls_with_speed_and_along_the_slider() -> None:
    slow = [lag_s(smoothing_from_slider(q), 0.1) for q in (0, 0.25, 0.5, 0.75, 1)]
    assert slow == sorted(slow, reverse=True) and slow[0] > 3 * slow[-1]
    assert lag_s(SmoothingConfig(), 1.0) < 0.1 * lag_s(SmoothingConfig(), 0.1)
    assert 1000 * lag_s(SmoothingConfig(), 0.1) == pytest.approx(53.1, abs=0.1)
    assert lag_s(SmoothingConfig(enabled=False), 0.1) == 0


@pytest.mark.parametrize("length_m", [0.15, 0.21])
def test_a_measured_hand_is_put_where_a_hand_of_its_length_looks_the_same(length_m: float) -> None:
    hand = make_hand(at=(0.1, -0.05, 0.6), track_id=0)
    config = replace(SmoothingConfig(), hand_length_m=length_m)
    smoother = HandSmoother(config, hand_poser(), LENGTH)
    smoothed = smoother.update(TrackedHands(make_frame(), (hand,))).hands[0]
    assert LENGTH.metres(smoothed.betas[None])[0] == pytest.approx(length_m, abs=1e-5)
    share = hand_poser().finger_length(smoothed.betas[None]) / hand_poser().finger_length(
        hand.betas[None]
    )
    farther = smoothed.joints_3d[MIDDLE_MCP, 2] / hand.joints_3d[MIDDLE_MCP, 2]
    assert farther == pytest.approx(float(share[0]), rel=1e-4)
    assert farther == pytest.approx(length_m / LENGTH.metres(hand.betas[None])[0], rel=0.02)
    moved_px = project(smoothed.joints_3d, intrinsics()) - hand.joints_2d
    assert np.abs(moved_px).max() < 4  # proportions differ a little between sizes


def test_without_a_measure_the_shape_is_what_was_seen() -> None:
    hand = make_hand(betas=(1.0, *[0.0] * 9), track_id=0)
    smoother = HandSmoother(SmoothingConfig(), hand_poser(), LENGTH)
    smoothed = smoother.update(TrackedHands(make_frame(), (hand,))).hands[0]
    np.testing.assert_allclose(smoothed.betas, hand.betas, atol=1e-6)
