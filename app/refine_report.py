"""What a refinement says of itself: a row per hand, their means, pictures of before and after."""

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from app.overlay import MeshPainter
from app.overlay_style import OverlayStyle
from core.types import Frame, HandState, TrackedHands, UInt8

if TYPE_CHECKING:
    from core.refinement import Refinement

_STYLE: Final = OverlayStyle(alpha=0.6, joints=True)
_AVERAGED: Final = (
    "objective_before",
    "objective_after",
    "error_before_px",
    "error_after_px",
    "steps",
    "ms_per_step",
)


def rows_of(frame: Frame, refinement: "Refinement") -> list[dict[str, Any]]:
    """Return one row for each hand of a frame, as refinement.json has them."""
    return [
        {
            "frame": frame.index,
            "source_name": frame.source_name,
            "track_id": one.hand.track_id,
            "side": one.hand.side,
            "score": one.hand.score,
            "objective_before": one.objective_before,
            "objective_after": one.objective_after,
            "error_before_px": one.error_before_px,
            "error_after_px": one.error_after_px,
            "steps": one.steps,
            "rejected_steps": one.rejected,
            "ms_per_step": refinement.ms_per_step,
        }
        for one in refinement.hands
    ]


def gain_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the means over all rows; None where there is no row."""
    means = {
        f"mean_{name}": float(np.mean([row[name] for row in rows])) if rows else None
        for name in _AVERAGED
    }
    return {"refined_hands": len(rows), **means}


def before_and_after(
    painter: MeshPainter,
    frame: Frame,
    before: tuple[HandState, ...],
    after: tuple[HandState, ...],
) -> UInt8:
    """Return two pictures side by side (H, 2 W, 3) RGB, each with its name."""
    halves = []
    for name, hands in (("before", before), ("after", after)):
        half = painter.paint(TrackedHands(frame, hands), _STYLE)
        size = max(0.5, half.shape[0] / 900)
        for colour, width in (((0, 0, 0), 4), ((255, 255, 255), 1)):
            place = (8, half.shape[0] - 10)
            cv2.putText(half, name, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, width)
        halves.append(half)
    return np.hstack(halves)
