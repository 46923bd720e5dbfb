from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.config import DetectionConfig, TrackingConfig
from core.geometry import mirror_rotmat
from core.types import HandState, Side
from tests.core.tracker_scripts import Seen, ids, knuckle, make_tracker, run, sure
from tests.factories import PERIOD_NS, make_detections, make_frame, make_hand


def test_a_hand_is_born_at_its_second_sight() -> None:
    results = run(make_tracker(), [sure(make_hand())] * 4)
    assert [ids(result) for result in results] == [[], [0], [0], [0]]
    assert all(not result.predicted for result in results)


def test_a_false_hand_seen_once_is_never_shown() -> None:
    ghost, real = make_hand(at=(0.2, 0, 0.6)), make_hand(at=(-0.2, 0, 0.6))
    script = [sure(real, ghost) if index % 2 else sure(real) for index in range(10)]
    assert {i for result in run(make_tracker(), script) for i in ids(result)} == {0}


def test_an_unseen_hand_is_predicted_for_half_a_second_and_then_gone() -> None:
    results = run(make_tracker(), [sure(make_hand())] * 20 + [[]] * 20)
    shown = [bool(result.hands) for result in results[20:]]
    assert shown == [True] * 15 + [False] * 5
    for result in results[20:35]:
        assert result.predicted == {0}
    scores = [result.hands[0].score for result in results[19:35]]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < 0.05


def test_a_hand_that_returns_in_time_goes_on_at_once() -> None:
    hand = sure(make_hand())
    results = run(make_tracker(), [hand] * 12 + [[]] * 10 + [hand] * 2)
    assert ids(results[-2]) == ids(results[-1]) == [0]
    assert not results[-1].predicted


def test_an_unseen_hand_goes_on_and_slows_down() -> None:
    moving = [sure(make_hand(at=(0.02 * i, 0, 0.6))) for i in range(6)]  # 0.6 m/s
    before = moving[:1] * 14
    results = run(make_tracker(), before + moving + [[]] * 14)
    x = np.array([knuckle(result.hands[0])[0] for result in results[19:]])
    steps = np.diff(x)
    assert (steps > -1e-9).all()
    assert 0.008 < steps[0] < 0.02
    assert steps[-1] < 0.002
    assert 0.03 < x[-1] - x[0] < 0.065
    last = results[-1].hands[0]
    assert np.allclose(last.vertices - last.transl, results[19].hands[0].vertices
                       - results[19].hands[0].transl, atol=1e-6)  # fmt: skip


def crossing_script(
    sides: tuple[Side, Side],
    noise_m: float,
    seed: int,
    *,
    hidden: bool = True,
    alike: bool = False,
) -> tuple[list[Seen], list[list[int]]]:
    """Two hands pass each other; the farther one is hidden where they overlap.

    Hands that are `alike` have one depth, height and pose: only their motion tells them apart.
    While they touch, the side of what is seen is a coin's toss, as it is for a network.

    Returns:
        Per frame what is seen, and which of the two (0, 1) each detection is.
    """
    rng = np.random.default_rng(seed)
    script: list[Seen] = []
    truth = []
    for index in range(60):
        x = -0.25 + 0.5 * index / 59
        overlap = abs(2 * x) < 0.07
        places = ((x, 0.02, 0.5), (-x, -0.02, 0.62))
        if alike:
            places = ((x, 0.0, 0.55), (-x, 0.0, 0.55))
        seen, who = [], []
        for hand, (side, place) in enumerate(zip(sides, places, strict=True)):
            if overlap and hidden and hand == 1:
                continue
            at = np.array(place) + rng.normal(0, noise_m, 3) * (1, 1, 5)
            made = make_hand(
                side, at=at, curl=0.2 + 0.5 * hand * (not alike), turn=rng.normal(0, 0.02, 3)
            )
            right = 0.93 if side == "right" else 0.07
            if overlap:
                right = float(np.clip(right + rng.normal(0, 0.5), 0.05, 0.95))
                read: Side = "right" if right >= 0.5 else "left"
                if read != side:  # the mesh follows the side that is read
                    made = make_hand(read, at=at, pose=mirror_rotmat(made.pose))
            seen.append((made, right))
            who.append(hand)
        order = rng.permutation(len(seen))
        script.append([seen[i] for i in order])
        truth.append([who[i] for i in order])
    return script, truth


@pytest.mark.parametrize("sides", [("right", "left"), ("right", "right"), ("left", "left")])
@pytest.mark.parametrize("hidden", [True, False])
def test_crossing_hands_keep_their_ids_and_sides(sides: tuple[Side, Side], hidden: bool) -> None:
    for seed in range(4):
        script, _ = crossing_script(sides, 0.002, seed, hidden=hidden)
        results = run(make_tracker(), script)
        start = {hand.track_id: hand.side for hand in results[5].hands}
        assert sorted(start.values()) == sorted(sides)
        by_x = {hand.track_id: knuckle(hand)[0] for hand in results[5].hands}
        from_left = min(by_x, key=lambda i: by_x[i])
        for result in results[5:]:
            assert {hand.track_id: hand.side for hand in result.hands} == start
        by_x = {hand.track_id: knuckle(hand)[0] for hand in results[-1].hands}
        assert max(by_x, key=lambda i: by_x[i]) == from_left


def test_motion_alone_tells_crossing_hands_apart() -> None:
    def swaps(coast_s: float) -> int:
        count = 0
        for seed in range(10):
            sides: tuple[Side, Side] = ("right", "right")
            script, _ = crossing_script(sides, 0.001, seed, hidden=False, alike=True)
            results = run(make_tracker(coast_s=coast_s), script)
            first = [knuckle(hand)[0] for hand in results[5].hands]
            last = [knuckle(hand)[0] for hand in results[-1].hands]
            count += (first[0] < first[1]) == (last[0] < last[1])
        return count

    assert swaps(TrackingConfig().coast_s) == 0
    assert swaps(0.0) > 0  # so the script does test the prediction


def test_hands_that_cross_without_noise_stay_where_they_are_seen() -> None:
    script, truth = crossing_script(("right", "left"), 0.0, 0, hidden=False)
    results = run(make_tracker(), script)
    for result, seen, who in zip(results[2:], script[2:], truth[2:], strict=True):
        places = [knuckle(hand) for hand, _ in seen]
        for hand in result.hands:
            nearest = int(np.argmin([np.linalg.norm(knuckle(hand) - p) for p in places]))
            side: Side = "right" if who[nearest] == 0 else "left"
            assert hand.side == side


def test_a_flickering_side_never_flips_the_hand() -> None:
    right = make_hand("right", turn=(0.2, 0.4, 0.1))
    left = make_hand("left", pose=mirror_rotmat(right.pose))
    script: list[Seen] = [[(right, 0.8)]] * 3
    for index in range(60):
        script.append([(left, 0.3)] if index % 3 else [(right, 0.7)])
    results = run(make_tracker(), script)
    assert {hand.side for result in results for hand in result.hands} == {"right"}
    assert {i for result in results for i in ids(result)} == {0}


def test_the_side_flips_after_five_contrary_frames_in_a_row() -> None:
    right, left = make_hand("right"), make_hand("left")
    results = run(make_tracker(), [sure(right)] * 4 + [sure(left)] * 8)
    sides = [result.hands[0].side for result in results[1:]]
    assert sides == ["right"] * 7 + ["left"] * 4
    assert {i for result in results for i in ids(result)} == {0}


def test_a_side_that_was_seen_for_long_takes_as_much_to_change_and_no_more_than_twenty() -> None:
    right, left = make_hand("right"), make_hand("left")
    for seen, needed in ((10, 11), (60, 21)):
        results = run(make_tracker(), [sure(right)] * seen + [sure(left)] * 30)
        sides = [result.hands[0].side for result in results[seen:]]
        assert sides == ["right"] * (needed - 1) + ["left"] * (31 - needed)


def test_two_hands_of_one_side_stay_of_one_side() -> None:
    script = [sure(make_hand("left", at=(-0.2, 0, 0.6)), make_hand("left", at=(0.2, 0, 0.6)))] * 30
    results = run(make_tracker(), script)
    assert [hand.side for hand in results[-1].hands] == ["left", "left"]


def test_a_right_description_with_the_wrong_side_is_mirrored_back() -> None:
    truth = make_hand("right", turn=(0.1, 0.5, 0.2), curl=0.6)
    wrong = replace(
        make_hand("left", pose=mirror_rotmat(truth.pose)), joints_2d=np.array(truth.joints_2d)
    )
    # The track's own last pose is another one, so only mirroring explains the keypoints.
    before = make_hand("right", turn=(-0.6, -0.4, 0.3), curl=0.1)
    tracker = make_tracker()
    run(tracker, [sure(before)] * 3)
    result = run(tracker, [[(wrong, 0.3)]], start=3)[0]
    hand = result.hands[0]
    assert hand.side == "right"
    assert np.abs(hand.joints_3d - truth.joints_3d).max() < 1e-5
    assert np.abs(hand.vertices - truth.vertices).max() < 1e-5
    assert np.abs(hand.joints_2d - truth.joints_2d).max() < 0.01


def test_where_the_description_is_wrong_too_the_last_good_pose_is_moved() -> None:
    before = make_hand("right", turn=(0.1, 0.5, 0.2), curl=0.6)
    now = make_hand("right", at=(0.05, 0.0, 0.6), turn=(0.1, 0.5, 0.2), curl=0.6)
    nonsense = make_hand("left", at=(0.05, 0.0, 0.6), turn=(1.5, -0.8, 2.0), curl=0.0)
    wrong = replace(nonsense, joints_2d=np.array(now.joints_2d))
    tracker = make_tracker()
    run(tracker, [sure(before)] * 3)
    hand = run(tracker, [[(wrong, 0.3)]], start=3)[0].hands[0]
    assert hand.side == "right"
    assert np.abs(hand.joints_3d - now.joints_3d).max() < 1e-5


def test_more_hands_than_allowed_keep_the_known_ones_then_the_best() -> None:
    places = [(x, y, 0.8) for x in (-0.45, -0.15, 0.15, 0.45) for y in (-0.2, 0.1)]
    hands = [make_hand(at=at, score=0.4 + 0.05 * i) for i, at in enumerate(places)]
    known = [make_hand(at=(0.0, 0.35, 0.8), score=0.35)]
    tracker = make_tracker(max_hands=4)
    run(tracker, [sure(*known)] * 3)
    result = run(tracker, [sure(*known, *hands)] * 3, start=3)[-1]
    assert len(result.hands) == 4
    scores = [round(hand.score, 2) for hand in result.hands]
    assert scores == [0.35, 0.75, 0.7, 0.65]


def test_a_lowered_limit_takes_hands_away() -> None:
    tracker = make_tracker()
    both = sure(make_hand(at=(-0.2, 0, 0.6), score=0.5), make_hand(at=(0.2, 0, 0.6), score=0.9))
    run(tracker, [both] * 3)
    tracker.apply(TrackingConfig(), DetectionConfig(max_hands=1))
    result = run(tracker, [both], start=3)[0]
    assert [round(hand.score, 1) for hand in result.hands] == [0.9]


def test_an_unsure_detection_continues_a_hand_but_starts_none() -> None:
    weak = [(make_hand(score=0.2), 0.95)]
    assert not any(result.hands for result in run(make_tracker(), [weak] * 5))
    results = run(make_tracker(), [sure(make_hand())] * 3 + [weak] * 30)
    assert ids(results[-1]) == [0]
    assert not results[-1].predicted


@pytest.mark.parametrize("jump_ns", [600_000_000, -100_000_000])
def test_a_gap_or_a_step_back_in_time_starts_anew(jump_ns: int) -> None:
    tracker = make_tracker()
    hand = make_detections([make_hand()])
    for index in range(5):
        tracker.update(make_frame(index), hand)
    later = 4 * PERIOD_NS + jump_ns
    shown = [
        ids(tracker.update(make_frame(timestamp_ns=later + index * PERIOD_NS), hand))
        for index in range(3)
    ]
    assert shown[-1] == [1]
    assert 0 not in shown[0]


def test_a_source_slower_than_the_gap_still_shows_its_hands() -> None:
    results = run(make_tracker(), [sure(make_hand())] * 4, period_ns=1_000_000_000)
    assert [len(result.hands) for result in results] == [0, 1, 1, 1]


def test_a_detection_too_far_away_is_another_hand() -> None:
    near, far = sure(make_hand(at=(-0.2, 0, 0.6))), sure(make_hand(at=(0.2, 0, 0.6)))
    results = run(make_tracker(), [near] * 3 + [far] * 2)
    assert ids(results[-1]) == [0, 1]
    assert results[-1].predicted == {0}


def test_skin_colour_tells_two_people_apart_where_all_else_is_equal() -> None:
    def pair(swapped: bool) -> Seen:
        dark, light = (0.3, 0.2, 0.15), (0.9, 0.75, 0.65)
        skins = (light, dark) if swapped else (dark, light)
        return sure(
            make_hand(at=(-0.012, 0, 0.6), skin=skins[0]),
            make_hand(at=(0.012, 0, 0.6), skin=skins[1]),
        )

    results = run(make_tracker(), [pair(False)] * 4 + [pair(True)] * 2)
    for before, after in zip(results[3].hands, results[-1].hands, strict=True):
        assert after.albedo is not None
        assert before.albedo is not None
        assert np.allclose(before.albedo, after.albedo)


def _nan_in(field: str) -> Callable[[HandState], HandState]:
    def spoil(hand: HandState) -> HandState:
        spoilt = np.array(getattr(hand, field))
        spoilt.flat[3] = np.nan
        return replace(hand, **{field: spoilt})

    return spoil


@pytest.mark.parametrize("field", ["pose", "betas", "joints_3d", "joints_2d"])
def test_a_hand_that_is_not_finite_counts_as_unseen(field: str) -> None:
    bad = _nan_in(field)(make_hand())
    results = run(make_tracker(), [sure(make_hand())] * 3 + [sure(bad)] + [sure(make_hand())] * 2)
    assert results[3].predicted == {0}
    assert ids(results[-1]) == [0]
    for result in results:
        for hand in result.hands:
            assert np.isfinite(hand.vertices).all()
            assert np.isfinite(hand.joints_2d).all()


def test_ids_are_not_used_twice() -> None:
    tracker = make_tracker()
    hand = sure(make_hand())
    first = run(tracker, [hand] * 3)
    tracker.reset()
    second = run(tracker, [hand] * 3)
    assert ids(first[-1]) == [0]
    assert ids(second[-1]) == [1]


def test_the_result_carries_the_very_frame() -> None:
    frame = make_frame()
    assert make_tracker().update(frame, make_detections([])).frame is frame


def test_only_a_seen_hand_has_keypoints() -> None:
    keypoints = make_hand().joints_2d.copy()
    hand = replace(make_hand(), keypoints_2d=keypoints)
    tracker = make_tracker()
    for index in range(2):
        seen = tracker.update(make_frame(index), make_detections([hand]))
    assert seen.hands[0].keypoints_2d is not None
    unseen = tracker.update(make_frame(2), make_detections([]))
    assert unseen.predicted and unseen.hands[0].keypoints_2d is None
