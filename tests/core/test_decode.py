from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import DetectionConfig
from core.decode import decode
from core.engines.base import RawHands
from core.geometry import project
from core.network.camera import translation
from core.preprocess import prepare
from core.topology import MIDDLE_MCP, WRIST
from core.types import Detections, Frame, HandState, Side
from tests.core.raw_slots import (
    CONFIG,
    INPUT_SIZE,
    SLOT_FIELDS,
    frame_with,
    raw_of,
    with_appearance,
)
from tests.factories import local_pose, make_frame, make_hand, make_raw_hands

AS_PREDICTED = DetectionConfig(place_by_keypoints=False)


def decoded(
    hands: Sequence[HandState],
    *,
    frame: Frame | None = None,
    config: DetectionConfig = CONFIG,
    **changes: np.ndarray | None,
) -> Detections:
    frame = frame_with() if frame is None else frame
    network_input = prepare(frame, INPUT_SIZE)
    raw = make_raw_hands(hands, network_input)
    return decode(replace(raw, **changes), network_input, frame, config)


@settings(max_examples=60)
@given(
    st.sampled_from(["left", "right"]),
    st.tuples(st.floats(-0.2, 0.2), st.floats(-0.15, 0.15), st.floats(0.25, 2.0)),
    st.tuples(*[st.floats(-1.5, 1.5)] * 3),
    st.floats(0, 1.2),
    st.tuples(st.floats(200, 2000), st.floats(0.5, 2.0)),
    st.tuples(st.floats(100, 500), st.floats(50, 400)),
    st.sampled_from([(640, 480), (1280, 720), (480, 640), (333, 251)]),
)
def test_hand_comes_back_whatever_the_camera(
    side: Side,
    at: tuple[float, float, float],
    turn: tuple[float, float, float],
    curl: float,
    focal: tuple[float, float],
    centre: tuple[float, float],
    size: tuple[int, int],
) -> None:
    fx, fy = focal[0], focal[0] * focal[1]
    K = np.array([[fx, 0, centre[0]], [0, fy, centre[1]], [0, 0, 1]], np.float32)
    frame = replace(make_frame(width=size[0], height=size[1]), K=K)
    hand = make_hand(side, at=at, turn=turn, curl=curl, K=K)
    found = decoded([hand], frame=frame)
    assert len(found.hands) == 1
    got = found.hands[0]
    assert got.side == side
    np.testing.assert_allclose(got.joints_3d, hand.joints_3d, atol=1e-5)
    np.testing.assert_allclose(got.vertices, hand.vertices, atol=1e-5)
    # The orientation is fitted to pixels, which are rounded; as predicted it is passed on.
    np.testing.assert_allclose(got.pose, hand.pose, atol=1e-5)
    as_predicted = decoded([hand], config=AS_PREDICTED, frame=frame).hands[0]
    np.testing.assert_allclose(as_predicted.pose, hand.pose, atol=1e-6)
    np.testing.assert_allclose(got.transl, got.joints_3d[WRIST])
    np.testing.assert_allclose(got.joints_2d, hand.joints_2d, atol=0.05, rtol=1e-4)
    np.testing.assert_allclose(found.keypoints_2d[0], hand.joints_2d, atol=0.05, rtol=1e-4)


def test_left_hand_keeps_its_own_rotations_and_the_network_its_canonical_ones() -> None:
    left = make_hand("left", curl=0.8, turn=(0.2, 0.4, 0.1))
    raw, network_input = raw_of([left], frame_with())
    np.testing.assert_allclose(raw.pose[0, 5], local_pose("right", 0.8, (0, 0, 0))[5], atol=1e-6)
    hand = decode(raw, network_input, frame_with(), CONFIG).hands[0]
    np.testing.assert_allclose(hand.pose, left.pose, atol=1e-6)


def test_placement_agrees_with_the_one_that_training_learns_from() -> None:
    import torch

    K = [[700.0, 0, 300], [0, 900, 250], [0, 0, 1]]
    frame = frame_with(K)
    hand = make_hand(at=(0.1, -0.08, 0.7), K=frame.K)
    raw, network_input = raw_of([hand], frame)
    placed = translation(
        torch.from_numpy(raw.middle_mcp_2d[:1]),
        torch.from_numpy(raw.pixels_per_metre[:1]),
        torch.from_numpy(network_input.K_input),
    )
    np.testing.assert_allclose(placed[0], hand.joints_3d[MIDDLE_MCP], atol=1e-5)


def test_depth_is_focal_length_over_apparent_scale() -> None:
    frame = frame_with([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])
    raw, network_input = raw_of([make_hand(at=(0, 0, 0.5), K=frame.K)], frame)
    nearer = replace(raw, pixels_per_metre=raw.pixels_per_metre * 2)
    hand = decode(nearer, network_input, frame, AS_PREDICTED).hands[0]
    np.testing.assert_allclose(hand.joints_3d[MIDDLE_MCP], [0, 0, 0.25], atol=1e-6)


def displaced(raw: RawHands, shift_px: tuple[float, float], scale: float) -> RawHands:
    """The network's knuckle and scale are a little off, its keypoints are not."""
    return replace(
        raw,
        middle_mcp_2d=raw.middle_mcp_2d + np.array(shift_px, np.float32),
        pixels_per_metre=raw.pixels_per_metre * np.float32(scale),
    )


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("scale", [0.93, 1.08])
def test_hand_is_moved_to_its_keypoints(side: Side, scale: float) -> None:
    frame = frame_with([[700.0, 0, 300], [0, 760, 250], [0, 0, 1]])
    hand = make_hand(side, at=(0.1, -0.08, 0.7), turn=(0.3, 0.4, -0.2), curl=0.4, K=frame.K)
    raw, network_input = raw_of([hand], frame)
    wrong = displaced(raw, (9.0, -6.0), scale)
    moved = decode(wrong, network_input, frame, CONFIG).hands[0]
    stayed = decode(wrong, network_input, frame, AS_PREDICTED).hands[0]

    def away_px(got: HandState) -> float:
        return float(np.linalg.norm(got.joints_2d - hand.joints_2d, axis=1).mean())

    def away_m(got: HandState) -> float:
        return float(np.linalg.norm(got.joints_3d - hand.joints_3d, axis=1).mean())

    assert away_px(moved) < 0.1 * away_px(stayed)
    assert away_m(moved) < 0.3 * away_m(stayed)


def test_keypoints_that_speak_for_another_depth_move_nothing() -> None:
    frame = frame_with()
    raw, network_input = raw_of([make_hand(at=(0, 0, 0.6))], frame)
    far = displaced(raw, (0, 0), 2.0)
    hands = [decode(far, network_input, frame, c).hands[0] for c in (CONFIG, AS_PREDICTED)]
    np.testing.assert_array_equal(hands[0].joints_3d, hands[1].joints_3d)


def test_joints_2d_are_the_projection_of_joints_3d() -> None:
    frame = frame_with([[600.0, 0, 300], [0, 640, 250], [0, 0, 1]])
    hand = decoded([make_hand(at=(0.1, 0.05, 0.5), K=frame.K)], frame=frame).hands[0]
    np.testing.assert_array_equal(hand.joints_2d, project(hand.joints_3d, frame.K))


def test_picture_without_hands_gives_none() -> None:
    found = decoded([])
    assert found.hands == ()
    assert found.keypoints_2d.shape == (0, 21, 2)
    assert found.score.shape == (0,)


def test_hands_come_best_first_and_those_under_the_threshold_not_at_all() -> None:
    least = DetectionConfig().score_threshold
    hands = [
        make_hand(at=(x, 0, 0.6), score=score)
        for x, score in ((-0.2, least + 0.01), (0.0, least - 0.01), (0.2, 0.8))
    ]
    found = decoded(hands)
    np.testing.assert_allclose(found.score, [0.8, least + 0.01], rtol=1e-6)
    assert [hand.score for hand in found.hands] == pytest.approx([0.8, least + 0.01])
    np.testing.assert_allclose(found.hands[0].joints_3d, hands[2].joints_3d, atol=1e-5)


def test_score_at_the_threshold_counts() -> None:
    config = DetectionConfig(score_threshold=0.5)
    assert len(decoded([make_hand(score=0.5)], config=config).hands) == 1


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_more_hands_than_asked_for(most: int) -> None:
    hands = [make_hand(at=(x, 0, 0.6), score=0.6 + x) for x in (-0.25, 0.0, 0.25)]
    found = decoded(hands, config=DetectionConfig(max_hands=most))
    expected = sorted((hand.score for hand in hands), reverse=True)[:most]
    np.testing.assert_allclose(found.score, expected, rtol=1e-6)


def moved_copy(hand: HandState, share: float, side: Side, score: float) -> HandState:
    """Another hand whose keypoints lie `share` of the hand's size beside this one's."""
    size = float(np.ptp(hand.joints_2d, axis=0).max())
    shift = np.array([share * size, 0], np.float32)
    return replace(hand, joints_2d=hand.joints_2d + shift, side=side, score=score)


@pytest.mark.parametrize(
    ("share", "side", "remaining"),
    [
        (0.05, "right", 1),  # the same hand found twice
        (0.20, "right", 1),
        (0.30, "right", 2),  # two right hands side by side
        (0.05, "left", 1),  # one hand with both sides
        (0.20, "left", 2),  # two hands that touch
    ],
)
def test_hand_found_twice_is_kept_once(share: float, side: Side, remaining: int) -> None:
    hand = make_hand("right", score=0.9)
    twin = moved_copy(hand, share, side, 0.6)
    for order in ([hand, twin], [twin, hand]):
        found = decoded(order)
        assert len(found.hands) == remaining
        assert found.hands[0].score == pytest.approx(0.9)


def test_copies_of_a_hand_do_not_use_up_the_hands_asked_for() -> None:
    hand, other = make_hand(score=0.9), make_hand(at=(0.25, 0, 0.6), score=0.5)
    copies = [moved_copy(hand, 0.02 * i, "right", 0.8) for i in range(4)]
    found = decoded([hand, *copies, other], config=DetectionConfig(max_hands=2))
    np.testing.assert_allclose(found.score, [0.9, 0.5])


def test_skin_and_light_belong_to_their_hand() -> None:
    hands = [make_hand(at=(-0.2, 0, 0.6), score=0.5), make_hand(at=(0.2, 0, 0.6), score=0.8)]
    raw, network_input = raw_of(hands, frame_with())
    raw = with_appearance(raw)
    assert raw.albedo is not None
    assert raw.light is not None
    raw.albedo[1] = 0.7
    raw.light[1] = 0.2
    found = decode(raw, network_input, frame_with(), CONFIG)
    for hand, albedo, light in zip(found.hands, (0.7, 0.4), (0.2, 0.1), strict=True):
        assert hand.albedo is not None
        assert hand.light is not None
        np.testing.assert_allclose(hand.albedo, albedo)
        np.testing.assert_allclose(hand.light, light)


def test_decoded_hands_share_no_memory_with_the_engine() -> None:
    frame = frame_with()
    raw, network_input = raw_of([make_hand("left"), make_hand("right", at=(0.2, 0, 0.6))], frame)
    raw = with_appearance(raw)
    found = decode(raw, network_input, frame, CONFIG)
    before = [np.array(hand.pose) for hand in found.hands]
    for name in SLOT_FIELDS:
        getattr(raw, name)[...] = 0  # also fails where decoding made the engine's array read-only
    for hand, pose in zip(found.hands, before, strict=True):
        np.testing.assert_array_equal(hand.pose, pose)
        assert hand.albedo is not None
        assert (hand.albedo > 0).all()
        assert np.abs(hand.betas).max() == 0
    assert (found.score > 0).all()
    assert (found.keypoints_2d > 0).any()


def test_each_hand_brings_the_keypoints_that_it_was_seen_by() -> None:
    hands = [make_hand("right", at=(-0.1, 0, 0.5)), make_hand("left", at=(0.1, 0, 0.6))]
    detections = decoded(hands)
    for row, hand in enumerate(detections.hands):
        assert hand.keypoints_2d is not None
        np.testing.assert_array_equal(hand.keypoints_2d, detections.keypoints_2d[row])
