from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.assets import demo_clip_path
from core.types import HandState, TrackedHands
from tests.factories import make_frame, make_hand
from training.judge_clip import Truth, assigned, judge, load_truth, still_stretches

FRAMES, FPS = 60, 30.0


def hand_at(x: float, track_id: int, side: str = "right", shake_m: float = 0.0) -> HandState:
    hand = make_hand("left" if side == "left" else "right", at=(x, 0.0, 0.6), track_id=track_id)
    return replace(hand, joints_3d=hand.joints_3d + np.float32(shake_m))


def truth_of(*hands: HandState) -> Truth:
    """The same hands, at rest, in every frame."""
    return Truth(
        tuple(hand.side for hand in hands),
        np.ones((FRAMES, len(hands)), bool),
        np.stack([[hand.joints_2d for hand in hands]] * FRAMES),
        np.stack([[hand.joints_3d for hand in hands]] * FRAMES),
        FPS,
    )


def clip(*rows: tuple[HandState, ...]) -> list[TrackedHands]:
    """One result a frame; the last row goes on."""
    return [
        TrackedHands(
            make_frame(index=i, timestamp_ns=round(i * 1e9 / FPS)), rows[min(i, len(rows) - 1)]
        )
        for i in range(FRAMES)
    ]


LEFT, RIGHT = hand_at(-0.15, 1, "left"), hand_at(0.15, 2)


def test_a_perfect_clip_has_perfect_figures() -> None:
    figures = judge(clip((LEFT, RIGHT)), truth_of(LEFT, RIGHT))
    assert figures.found == figures.frames_with_hands == 1
    assert figures.ghosts == figures.wrong_side == 0
    assert figures.side_flips == figures.identity_switches == 0
    assert figures.identities == 2
    assert figures.still_tip_rms_mm == pytest.approx((0, 0), abs=1e-3)


def test_flips_switches_and_ghosts_are_counted_where_they_happen() -> None:
    ghost = hand_at(0.45, 9)
    flipped, switched = replace(LEFT, side="right"), replace(RIGHT, track_id=7)
    rows = [(LEFT, RIGHT)] * 10 + [(flipped, RIGHT)] * 5 + [(LEFT, switched, ghost)]
    figures = judge(clip(*rows), truth_of(LEFT, RIGHT))
    assert figures.side_flips == 2
    assert figures.identity_switches == 1
    assert figures.wrong_side == pytest.approx(5 / (2 * FRAMES))
    assert figures.ghosts == pytest.approx(100 * (FRAMES - 15) / FRAMES)


def test_a_shaking_hand_is_not_still() -> None:
    shaking = [(hand_at(0.15, 2, shake_m=0.003 * (-1) ** i),) for i in range(FRAMES)]
    figures = judge(clip(*shaking), truth_of(RIGHT))
    assert figures.still_place_rms_mm == pytest.approx((0.003 * 2**0.5 * 1e3,), rel=0.01)
    assert figures.still_tip_rms_mm == pytest.approx((0,), abs=1e-3)  # all joints shake alike


def test_hidden_and_moving_hands_are_not_judged_for_rest() -> None:
    truth = truth_of(RIGHT)
    assert still_stretches(truth) == [(0, 0, FRAMES - 1)]
    moving = truth.joints_3d + np.linspace(0, 0.1, FRAMES)[:, None, None, None]
    assert still_stretches(replace(truth, joints_3d=moving)) == []
    hidden = truth.visible.copy()
    hidden[30] = False
    assert still_stretches(replace(truth, visible=hidden)) == []


def test_without_truth_a_clip_tells_of_gaps_alone() -> None:
    rows = [(RIGHT,)] * 20 + [()] * 15 + [(RIGHT,)]
    figures = judge(clip(*rows))
    assert figures.frames_with_hands == pytest.approx(45 / 60)
    assert figures.longest_without_s == pytest.approx(16 / FPS)
    assert figures.found is None
    assert 0 < figures.smoothing_lag_ms < 20


def test_hands_go_to_the_nearest_labels_and_far_ones_to_none() -> None:
    tracked = clip((RIGHT, LEFT, hand_at(0.6, 5)))[0]
    assert assigned(tracked, truth_of(LEFT, RIGHT), 0) == {0: 1, 1: 0}


def test_the_demo_clips_truth_can_be_read() -> None:
    truth = load_truth(Path(demo_clip_path()).with_name("truth.npz"))
    assert truth.sides == ("right", "left", "right", "left")
    assert any(hand == 1 and last - first > 60 for hand, first, last in still_stretches(truth))
