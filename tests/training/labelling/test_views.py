"""Views of a hand, mapped back to the frame, and what they agree on."""

import cv2
import numpy as np
import pytest

from core.types import UInt8
from training.labelling.teacher import SeenHand
from training.labelling.views import (
    AgreementRules,
    View,
    agreed,
    close_views,
    in_frame,
    label_frame,
    picture_of,
    whole_views,
    without_doubles,
)


def seen(points: np.ndarray, is_right: bool = True, depth: float = 0.0) -> SeenHand:
    flat = (points - points.mean(0)) / 1000
    world = np.concatenate([flat, np.linspace(0, depth, 21)[:, None]], 1)
    return SeenHand(is_right, 0.9, points.astype(np.float32), world.astype(np.float32))


def fan() -> np.ndarray:
    return np.random.default_rng(5).uniform(60, 140, (21, 2))


@pytest.mark.parametrize("view", [*whole_views(180, 320), *close_views(fan().astype(np.float32))])
def test_what_is_seen_in_a_view_is_mapped_back_to_the_frame(view: View) -> None:
    frame = np.full((180, 320, 3), 40, np.uint8)
    cv2.circle(frame, (118, 77), 7, (200, 20, 20), -1)
    matrix = view.view_from_frame
    points = fan()
    there = points @ matrix[:2, :2].T + matrix[:2, 2]
    turn = np.eye(3)
    turn[:2, :2] = matrix[:2, :2] / np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    hand = seen(points, depth=0.1)
    mirrored = np.linalg.det(matrix[:2, :2]) < 0
    viewed = SeenHand(not mirrored, 0.9, there.astype(np.float32), hand.world @ turn.T)
    back = in_frame(viewed, view)
    np.testing.assert_allclose(back.keypoints, points, atol=1e-3)
    np.testing.assert_allclose(back.world, hand.world, atol=1e-6)
    assert back.is_right
    # The picture moves as the points do: the red blob is where its middle is mapped to.
    shown = picture_of(frame, view).astype(int)
    assert shown.shape == (view.height, view.width, 3)
    red = np.argwhere((shown[..., 0] > 150) & (shown[..., 1] < 60))
    if len(red) > 20:
        middle = matrix[:2, :2] @ [118.5, 77.5] + matrix[:2, 2]
        np.testing.assert_allclose(red.mean(0)[::-1] + 0.5, middle, atol=1.0)


def test_agreeing_views_make_a_label_with_each_keypoints_spread() -> None:
    draw = np.random.default_rng(0)
    points = fan()
    noise = np.zeros((6, 21, 2))
    noise[:, 8] = draw.normal(0, 2, (6, 2))
    label_, reason = agreed([seen(points + n) for n in noise], 180, 320, AgreementRules())
    assert reason == ""
    expected = np.sqrt(np.square(noise[:, 8] - noise[:, 8].mean(0)).sum(-1).mean())
    assert label_["kp_spread_px"][8] == pytest.approx(expected, rel=1e-3)
    assert max(np.delete(label_["kp_spread_px"], 8)) < 1e-4
    assert label_["spread_px"] == pytest.approx(expected / 21, rel=1e-2)
    assert (label_["n_views"], label_["n_agree"], label_["inside"]) == (6, 6, 1.0)
    np.testing.assert_allclose(label_["keypoints_2d"], points + noise.mean(0), atol=1e-3)


def doubtful_groups() -> dict[str, tuple[list[SeenHand], str]]:
    points = fan()
    noise = np.random.default_rng(0).normal(0, 6, (6, 21, 2))
    other = points + np.array([25.0, 0])
    return {
        "three views": ([seen(points)] * 3, "weak"),
        "mostly outside": ([seen(points - [100, 0])] * 6, "weak"),
        "too small": ([seen(100 + (points - 100) * 0.1)] * 6, "weak"),
        "other views elsewhere": ([seen(points)] * 4 + [seen(other)] * 3, "inconsistent"),
        "spread": ([seen(points + n) for n in noise], "inconsistent"),
        "both sides": ([seen(points, index % 2 == 0) for index in range(6)], "inconsistent"),
        "depth": ([seen(points, True, 0.1 * (index % 2)) for index in range(6)], "inconsistent"),
    }


@pytest.mark.parametrize("what", doubtful_groups())
def test_each_rule_makes_a_doubtful_hand_unsure(what: str) -> None:
    group, expected = doubtful_groups()[what]
    label_, reason = agreed(group, 180, 320, AgreementRules())
    assert reason == expected
    assert len(label_["bbox"]) == 4


def test_two_labels_on_one_hand_are_both_unsure() -> None:
    def hand(points: np.ndarray) -> dict[str, object]:
        box = [*points.min(0).tolist(), *points.max(0).tolist()]
        return {"keypoints_2d": points.tolist(), "bbox": box}

    points = fan()
    hands, unsure = without_doubles([hand(points), hand(points + 3), hand(points + 90)], [])
    assert [h["bbox"] for h in hands] == [hand(points + 90)["bbox"]]
    assert len(unsure) == 2


def test_a_teacher_that_sees_two_hands_labels_both() -> None:
    points = fan()
    first, second = seen(points * 0.5), seen(points * 0.5 + [100, 60], is_right=False)
    views = iter([*whole_views(180, 320), *close_views(first.keypoints)])
    chosen: list[View] = []

    def look(image: UInt8) -> list[SeenHand]:
        view = next(views, None) or close_views(second.keypoints)[len(chosen) % 4]
        chosen.append(view)
        shown = []
        for hand in (first, second):
            matrix = view.view_from_frame
            turn = np.eye(3)
            turn[:2, :2] = matrix[:2, :2] / np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
            there = (hand.keypoints @ matrix[:2, :2].T + matrix[:2, 2]).astype(np.float32)
            flips = np.linalg.det(matrix[:2, :2]) < 0
            shown.append(SeenHand(hand.is_right != flips, 0.9, there, hand.world @ turn.T))
        return shown

    hands, unsure = label_frame(np.zeros((180, 320, 3), np.uint8), look, AgreementRules())
    assert sorted(hand["side"] for hand in hands) == ["left", "right"]
    assert unsure == []
    assert [hand["n_agree"] for hand in hands] == [8, 8]
