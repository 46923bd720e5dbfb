"""How far two engines agree on the hands of the same picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.engines.base import RawHands
from core.types import Float32

#: Slots of the reference with this score count as hands ...
_IS_HAND: Final = 0.3
#: ... which the other engine has found, too, where a slot of at least this score lies ...
_IS_FOUND: Final = 0.15
#: ... not farther than this share of the hand's size, as mean distance of the keypoints.
_SAME_HAND: Final = 0.25
#: A side within this of one half is undecided.
_UNDECIDED: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """How N hands of a reference differ from the same hands of another engine.

    Attributes:
        joints_mm: (N,) mean distance of a hand's 21 joints, relative to the middle knuckle.
        vertices_mm: (N,) largest distance of a vertex, likewise.
        keypoints_px: (N,) largest distance of a keypoint, input pixels.
        depth: (N,) share by which the distance from the camera differs.
        score: (N,) difference of the scores.
        missed: hands that only the reference has.
        other_side: hands that the two call left and right; they are in no array, for a mirrored
            hand says nothing about precision.
        undecided: of those, how many the reference itself found nearly as likely left as right.
    """

    joints_mm: Float32
    vertices_mm: Float32
    keypoints_px: Float32
    depth: Float32
    score: Float32
    missed: int
    other_side: int
    undecided: int

    @property
    def hands(self) -> int:
        """Hands of the reference."""
        return len(self.joints_mm) + self.missed + self.other_side

    @property
    def typical_joints_mm(self) -> float:
        """What `joints_mm` is at most for 95 of 100 hands; infinite where a hand is missed."""
        if self.missed or not len(self.joints_mm):
            return float("inf")
        return float(np.percentile(self.joints_mm, 95))


def compare(reference: RawHands, other: RawHands) -> Agreement:
    """Compare what two engines say of one picture."""
    rows: list[tuple[int, int]] = []
    missed = other_side = undecided = 0
    for row in np.flatnonzero(reference.score >= _IS_HAND):
        match = _match(reference, other, int(row))
        right = float(reference.right_probability[row])
        if match is None:
            missed += 1
        elif (right >= 0.5) != (other.right_probability[match] >= 0.5):
            other_side += 1
            undecided += abs(right - 0.5) < _UNDECIDED
        else:
            rows.append((int(row), match))
    a, b = np.array(rows, np.intp).reshape(-1, 2).T
    ours, theirs = reference.pixels_per_metre[a], other.pixels_per_metre[b]
    return Agreement(
        joints_mm=1e3 * _distance(reference.joints_3d[a], other.joints_3d[b]).mean(-1),
        vertices_mm=1e3 * _distance(reference.vertices[a], other.vertices[b]).max(-1),
        keypoints_px=_distance(reference.keypoints_2d[a], other.keypoints_2d[b]).max(-1),
        depth=np.abs(ours / theirs - 1),
        score=np.abs(reference.score[a] - other.score[b]),
        missed=missed,
        other_side=other_side,
        undecided=undecided,
    )


def joined(agreements: Iterable[Agreement]) -> Agreement:
    """Return the agreement over several pictures, at least one."""
    every = list(agreements)
    return Agreement(
        joints_mm=np.concatenate([one.joints_mm for one in every]),
        vertices_mm=np.concatenate([one.vertices_mm for one in every]),
        keypoints_px=np.concatenate([one.keypoints_px for one in every]),
        depth=np.concatenate([one.depth for one in every]),
        score=np.concatenate([one.score for one in every]),
        missed=sum(one.missed for one in every),
        other_side=sum(one.other_side for one in every),
        undecided=sum(one.undecided for one in every),
    )


def _match(reference: RawHands, other: RawHands, row: int) -> int | None:
    """Return the other engine's slot of a hand, or None where it has none."""
    keypoints = reference.keypoints_2d[row]
    size = float(np.ptp(keypoints, axis=0).max())
    away = _distance(other.keypoints_2d, keypoints).mean(-1)
    away = np.where((other.score >= _IS_FOUND) & np.isfinite(away), away, np.inf)
    nearest = int(np.argmin(away))
    return nearest if away[nearest] < _SAME_HAND * size else None


def _distance(a: Float32, b: Float32) -> Float32:
    """Euclidean distances along the last axis."""
    apart = a - b
    distance: Float32 = np.sqrt((apart * apart).sum(-1))
    return distance
