"""Refines the hands of one picture in a process of its own.

The process keeps the window free: loading torch alone would stop it for a second, and a process
can be ended at any moment. What goes through the pipe are the dataclasses below.
"""

import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

import numpy as np

from app.overlay import MeshPainter
from app.overlay_marks import hand_box
from app.overlay_style import OverlayStyle
from core.assets import hand_model_path
from core.errors import EngineError, ManyHandsError
from core.hand_model.file import load_hand_model
from core.types import Frame, HandState, TrackedHands, UInt8

#: The surface lets the picture through, and the dots say what the hands are fitted to.
_STYLE: Final = OverlayStyle(alpha=0.6, keypoints=True, labels=False)
#: Around the hands so much of their box is shown, too, and never less than a third of the picture.
_MARGIN, _LEAST_SHARE = 0.15, 0.33


@dataclass(frozen=True, slots=True, eq=False)
class RefineJob:
    """What is to be refined.

    Attributes:
        frame: the picture.
        hands: those of it with `keypoints_2d`.
        steps: at most so many.
    """

    frame: Frame
    hands: tuple[HandState, ...]
    steps: int


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """The hands as they were: picture (h, w, 3) RGB."""

    before: UInt8


@dataclass(frozen=True, slots=True)
class Stepped:
    """How many steps were taken."""

    step: int


@dataclass(frozen=True, slots=True)
class RefinedRow:
    """What refining has gained for one hand.

    Attributes:
        side: anatomical.
        track_id: -1 without tracking.
        before_px: mean distance of the projected joints to the keypoints, weighted.
        after_px: likewise.
        steps: how many it took.
    """

    side: str
    track_id: int
    before_px: float
    after_px: float
    steps: int


@dataclass(frozen=True, slots=True, eq=False)
class Refined:
    """The hands as they are now.

    Attributes:
        after: picture (h, w, 3) RGB, as large as `Begun.before`.
        rows: one for each hand.
        ms_per_step: of all hands together.
    """

    after: UInt8
    rows: tuple[RefinedRow, ...]
    ms_per_step: float


RefineMessage = Begun | Stepped | Refined | ManyHandsError


def refine_in_child(pipe: Connection) -> None:
    """Take one RefineJob from the pipe, and send RefineMessages until it is done."""
    os.environ["OMP_NUM_THREADS"] = "1"  # the other cores belong to the live picture
    try:
        job: RefineJob = pipe.recv()
        _refine(job, pipe)
    except ManyHandsError as error:
        pipe.send(error)
    except Exception as error:  # noqa: BLE001 - torch fails in every way; the window must know
        cause = f"the refinement failed: {type(error).__name__}: {error}"
        pipe.send(EngineError("ENG-02", cause, "Try another picture, or fewer hands."))
    finally:
        pipe.close()


def _refine(job: RefineJob, pipe: Connection) -> None:
    model = load_hand_model(hand_model_path())
    painter = MeshPainter(model)
    left, top, right, bottom = crop_around(job.hands, job.frame.image.shape[:2])

    def drawn(hands: tuple[HandState, ...]) -> UInt8:
        picture = painter.paint(TrackedHands(job.frame, hands), _STYLE)
        return np.ascontiguousarray(picture[top:bottom, left:right])

    pipe.send(Begun(drawn(job.hands)))
    # Imported here: it brings torch, and what was before should be seen meanwhile.
    from app.frame_refiner import FrameRefiner

    refiner = FrameRefiner(model, job.steps, recursive=False, foreground=False)
    keypoints = [hand.keypoints_2d for hand in job.hands if hand.keypoints_2d is not None]
    refinement = refiner.refine(
        job.frame,
        job.hands,
        np.array(keypoints, np.float32),
        np.array([hand.joint_confidence for hand in job.hands], np.float32),
        None,
        lambda step: pipe.send(Stepped(step)),
    )
    rows = tuple(
        RefinedRow(
            one.hand.side,
            one.hand.track_id,
            one.error_before_px,
            one.error_after_px,
            one.steps,
        )
        for one in refinement.hands
    )
    after = tuple(one.hand for one in refinement.hands)
    pipe.send(Refined(drawn(after), rows, refinement.ms_per_step))


def crop_around(hands: tuple[HandState, ...], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) px of the part of a picture (height, width) with hands.

    It has the picture's aspect where there is room, so that it fills the same place.
    """
    height, width = size
    boxes = np.array([hand_box(hand.joints_2d) for hand in hands])
    low, high = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    middle, extent = (low + high) / 2, (high - low) * (1 + 2 * _MARGIN)
    share = float(np.clip(max(extent[0] / width, extent[1] / height), _LEAST_SHARE, 1.0))
    shown = np.array([share * width, share * height])
    left, top = np.clip(middle - shown / 2, 0, np.array([width, height]) - shown)
    return round(left), round(top), round(left + shown[0]), round(top + shown[1])
