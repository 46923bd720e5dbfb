"""The teacher looks at each hand several times; where its views agree is a label.

Views are similarities of the frame: mirrored, scaled, turned a little. What is seen in a view is
mapped back to the frame; how far the views lie apart there says how much a keypoint is worth.
Pixels are counted from the picture's corner, as shards do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from core.topology import MIDDLE_MCP
from core.types import Float32, UInt8
from training.labelling.teacher import SeenHand

#: A hand of a view is one of a group if its joints lie nearer to it than this, in hand boxes.
_SAME_HAND: Final = 0.3
#: A view agrees if its joints lie nearer to the median than this, in hand boxes.
_AGREES: Final = 0.1
_CLOSE_VIEW_PX: Final = 256
_CORNER_TO_CENTRE = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])

Look = Callable[[UInt8], list[SeenHand]]


@dataclass(frozen=True, slots=True)
class AgreementRules:
    """When views agree enough for a label; else the place is unsure.

    Attributes:
        min_views: that agree, at least.
        min_share: of the views that saw the hand, that agree.
        max_spread: mean RMS distance of keypoints between views, in hand boxes.
        min_side: share of agreeing views that name the same side.
        max_spread_3d_m: RMS distance of the 3D joints between views.
        min_inside: share of joints inside the frame.
        min_box_px: longer side of the box.
    """

    min_views: int = 4
    min_share: float = 0.7
    max_spread: float = 0.045
    min_side: float = 0.8
    max_spread_3d_m: float = 0.012
    min_inside: float = 0.66
    min_box_px: float = 18.0


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A picture of a part of the frame.

    Attributes:
        view_from_frame: (3, 3) similarity, px from corners; a negative determinant mirrors.
        height: px.
        width: px.
    """

    view_from_frame: np.ndarray
    height: int
    width: int


def whole_views(height: int, width: int) -> list[View]:
    """Return the views that look for hands: the frame, its mirror image, and its square ends."""
    side = min(height, width)
    mirror = np.array([[-1.0, 0, width], [0, 1, 0], [0, 0, 1]])
    views = [View(np.eye(3), height, width), View(mirror, height, width)]
    for x0, y0 in ((0, 0), (width - side, height - side)):
        if height != width:
            views.append(View(np.array([[1.0, 0, -x0], [0, 1, -y0], [0, 0, 1]]), side, side))
    return views


def close_views(keypoints: Float32) -> list[View]:
    """Return views of one hand (21, 2) px: two sizes, turned both ways, two of them mirrored."""
    low, high = keypoints.min(0), keypoints.max(0)
    centre, box = (low + high) / 2, max(float((high - low).max()), 1.0)
    views = []
    for share, turn_deg, flip in ((0.5, 0, 1), (0.4, 15, -1), (0.5, -15, 1), (0.6, 0, -1)):
        scale, turn = _CLOSE_VIEW_PX * share / box, np.deg2rad(turn_deg)
        cos, sin = scale * np.cos(turn), scale * np.sin(turn)
        linear = np.array([[cos * flip, -sin], [sin * flip, cos]])
        moved = np.eye(3)
        moved[:2, :2] = linear
        moved[:2, 2] = _CLOSE_VIEW_PX / 2 - linear @ centre
        views.append(View(moved, _CLOSE_VIEW_PX, _CLOSE_VIEW_PX))
    return views


def picture_of(frame: UInt8, view: View) -> UInt8:
    """Resample the frame (H, W, 3) as a view shows it; what lies outside is black."""
    centres = np.linalg.inv(_CORNER_TO_CENTRE) @ view.view_from_frame @ _CORNER_TO_CENTRE
    scale = np.sqrt(abs(np.linalg.det(view.view_from_frame[:2, :2])))
    if scale < 0.5:  # shrinking a lot without a low pass would alias
        frame = cv2.GaussianBlur(frame, (0, 0), 0.4 / scale)
    return np.asarray(cv2.warpAffine(frame, centres[:2], (view.width, view.height)), np.uint8)


def in_frame(hand: SeenHand, view: View) -> SeenHand:
    """Map what was seen in a view back to the frame: keypoints, 3D axes and side."""
    back = np.linalg.inv(view.view_from_frame)
    determinant = np.linalg.det(back[:2, :2])
    turn = np.eye(3)
    turn[:2, :2] = back[:2, :2] / np.sqrt(abs(determinant))
    return SeenHand(
        hand.is_right if determinant > 0 else not hand.is_right,
        hand.score,
        (hand.keypoints @ back[:2, :2].T + back[:2, 2]).astype(np.float32),
        (hand.world @ turn.T).astype(np.float32),
    )


def box_px(keypoints: Float32) -> float:
    """Longer side of the box of keypoints (21, 2)."""
    return max(float(np.ptp(keypoints, axis=0).max()), 1.0)


def apart(first: Float32, second: Float32) -> float:
    """Mean distance of two hands' keypoints (21, 2) in boxes of the larger one."""
    distance = float(np.linalg.norm(first - second, axis=1).mean())
    return distance / max(box_px(first), box_px(second))


def label_frame(
    frame: UInt8, look: Look, rules: AgreementRules
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Label a frame (H, W, 3) RGB.

    Args:
        frame: the picture.
        look: the teacher.
        rules: when views agree.

    Returns:
        `hands` and `unsure` of a sample's JSON, in px of the frame.
    """
    height, width = frame.shape[:2]
    groups: list[list[SeenHand]] = []
    for view in whole_views(height, width):
        for hand in look(picture_of(frame, view)):
            seen = in_frame(hand, view)
            nearest = min(groups, key=lambda g: apart(g[0].keypoints, seen.keypoints), default=None)
            if nearest is None or apart(nearest[0].keypoints, seen.keypoints) > _SAME_HAND:
                groups.append([seen])
            else:
                nearest.append(seen)
    hands, unsure = [], []
    for group in groups:
        first = np.median([hand.keypoints for hand in group], axis=0)
        for view in close_views(first):
            seen_close = [in_frame(hand, view) for hand in look(picture_of(frame, view))]
            best = min(seen_close, key=lambda h: apart(h.keypoints, first), default=None)
            if best is not None and apart(best.keypoints, first) <= _SAME_HAND:
                group.append(best)
        label, reason = agreed(group, height, width, rules)
        if reason:
            unsure.append({"bbox": label["bbox"], "reason": reason})
        else:
            hands.append(label)
    return without_doubles(hands, unsure)


def agreed(
    group: Sequence[SeenHand], height: int, width: int, rules: AgreementRules
) -> tuple[dict[str, Any], str]:
    """Return the label that views of one hand agree on, and why it is not one ("" if it is)."""
    points = np.stack([hand.keypoints for hand in group])
    median = np.median(points, axis=0).astype(np.float32)
    agreeing = [hand for hand in group if apart(hand.keypoints, median) <= _AGREES]
    if not agreeing:
        return {"bbox": _bbox(median)}, "inconsistent"
    points = np.stack([hand.keypoints for hand in agreeing])
    mean = points.mean(0)
    spread = np.sqrt(np.square(points - mean).sum(-1).mean(0))
    # Where the hand is and how it is turned differs little; the teacher's origin does not count.
    world = np.stack([hand.world - hand.world.mean(0) for hand in agreeing])
    spread_3d = float(np.sqrt(np.square(world - world.mean(0)).sum(-1).mean()))
    right = float(np.mean([hand.is_right for hand in agreeing]))
    inside = float(((mean >= 0) & (mean <= [width, height])).all(1).mean())
    label = {
        "side": "right" if right >= 0.5 else "left",
        "side_agreement": max(right, 1 - right),
        "score": float(np.mean([hand.score for hand in agreeing])),
        "n_views": len(group),
        "n_agree": len(agreeing),
        "bbox": _bbox(mean),
        "keypoints_2d": mean.tolist(),
        "spread_px": float(spread.mean()),
        "kp_spread_px": spread.tolist(),
        "keypoints_3d_teacher": world.mean(0).tolist(),
        "spread_3d_m": spread_3d,
        "inside": inside,
    }
    size = box_px(mean)
    weak = len(agreeing) < rules.min_views or inside < rules.min_inside or size < rules.min_box_px
    torn = (
        len(agreeing) < rules.min_share * len(group)
        or spread.mean() > rules.max_spread * size
        or max(right, 1 - right) < rules.min_side
        or spread_3d > rules.max_spread_3d_m
    )
    return label, "weak" if weak else "inconsistent" if torn else ""


def without_doubles(
    hands: list[dict[str, Any]], unsure: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Make unsure what cannot be two hands: labels with the same middle knuckle and size."""
    doubtful = set()
    for i, first in enumerate(hands):
        for j in range(i):
            a = np.asarray(first["keypoints_2d"], np.float32)
            b = np.asarray(hands[j]["keypoints_2d"], np.float32)
            near = float(np.linalg.norm(a[MIDDLE_MCP] - b[MIDDLE_MCP]))
            if near < 0.25 * min(box_px(a), box_px(b)):
                doubtful |= {i, j}
    more = [{"bbox": hands[i]["bbox"], "reason": "inconsistent"} for i in sorted(doubtful)]
    return [hand for i, hand in enumerate(hands) if i not in doubtful], unsure + more


def _bbox(keypoints: np.ndarray) -> list[float]:
    """Box x0, y0, x1, y1 of keypoints (21, 2)."""
    return [*keypoints.min(0).tolist(), *keypoints.max(0).tolist()]
