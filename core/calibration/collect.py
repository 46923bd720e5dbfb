"""Which views of a board are worth keeping, and when there are enough of them."""

from typing import Final, Literal

import cv2
import numpy as np

from core.calibration.board import BoardView

Verdict = Literal["taken", "moving", "similar"]

#: Cells (rows, columns) of the picture that corners should reach.
GRID: Final = (3, 4)
WANTED_VIEWS: Final = 15
MIN_VIEWS: Final = 8
MIN_TILTED: Final = 5
_MIN_CELLS: Final = 10
_STILL_SHARE: Final = 0.004
_STILL_NS: Final = 500_000_000
_NEW_SHARE: Final = 0.04
_MIN_COMMON: Final = 4
#: Change of scale across the board from which a view counts as tilted; face on there is none,
#: and then the focal length cannot be told from the distance.
_TILTED: Final = 0.12


class ViewCollector:
    """Keeps views that are still and differ, and tells what they leave open.

    Attributes:
        views: those kept.
    """

    def __init__(self) -> None:
        """Start without views."""
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.views: list[BoardView] = []
        self.tilted_count = 0
        self._covered = np.zeros(GRID, np.bool_)
        self._last: tuple[int, BoardView] | None = None

    @property
    def covered(self) -> np.ndarray:
        """(3, 4) bool: the cells of the picture that hold a corner of a kept view."""
        return self._covered.copy()

    @property
    def is_enough(self) -> bool:
        """Whether the lens can be solved from these views."""
        return (
            len(self.views) >= MIN_VIEWS
            and self.tilted_count >= MIN_TILTED
            and int(self._covered.sum()) >= _MIN_CELLS
        )

    @property
    def is_complete(self) -> bool:
        """Whether more views would hardly help."""
        return self.is_enough and len(self.views) >= WANTED_VIEWS

    def offer(self, view: BoardView, time_ns: int) -> Verdict:
        """Keep the view if the board was held still and this place and tilt is new.

        Views of another size than the first replace all: the camera's mode has changed.
        """
        last, self._last = self._last, (time_ns, view)
        if last is None or not 0 <= time_ns - last[0] <= _STILL_NS:
            return "moving"
        if _distance(last[1], view) > _STILL_SHARE:
            return "moving"
        if self.views and (self.views[0].width, self.views[0].height) != (view.width, view.height):
            self.forget()
        if any(_distance(kept, view) < _NEW_SHARE for kept in self.views):
            return "similar"
        self.views.append(view)
        self.tilted_count += tilt(view) > _TILTED
        shares = view.image_points / (view.width, view.height)
        cells = np.clip((shares[:, ::-1] * GRID).astype(int), 0, np.array(GRID) - 1)
        self._covered[cells[:, 0], cells[:, 1]] = True
        return "taken"


def tilt(view: BoardView) -> float:
    """Return by which share the board's scale changes across it: 0 face on.

    From the homography of the board's plane, whose last row is the perspective.
    """
    homography, _ = cv2.findHomography(view.board_points[:, :2], view.image_points)
    if homography is None or homography.size != 9:
        return 0.0
    span = np.ptp(view.board_points[:, :2], axis=0)
    middle = view.board_points[:, :2].mean(0)
    row = homography[2] / (homography[2, :2] @ middle + homography[2, 2])
    return float(np.hypot(*(row[:2] * span)))


def _distance(one: BoardView, other: BoardView) -> float:
    """Return how far common corners lie apart on average, as a share of the diagonal."""
    _, rows_one, rows_other = np.intersect1d(one.ids, other.ids, return_indices=True)
    if len(rows_one) < _MIN_COMMON:
        return 1.0
    gap = one.image_points[rows_one] - other.image_points[rows_other]
    return float(np.linalg.norm(gap, axis=1).mean()) / other.diagonal_px
