"""Looks for a calibration board in the newest picture, in a thread of its own."""

import logging
import threading
from dataclasses import dataclass
from typing import Final

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from core.calibration import BoardView, CharucoBoard, Checkerboard, ViewCollector, solve_lens
from core.calibration.collect import MIN_TILTED, WANTED_VIEWS, Verdict
from core.errors import SourceError
from core.latest import LatestSlot
from core.types import Float32, Frame

_LOG = logging.getLogger(__name__)
_JOIN_S: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class BoardProgress:
    """What the newest picture added.

    Attributes:
        verdict: what became of the view; None where no board was seen.
        corners: (N, 2) px of the picture.
        covered: (rows, columns) bool: cells of the picture that have been reached.
        count: views kept, of `wanted`.
        wanted: how many are wanted.
        tilted: tilted views kept, of `wanted_tilted`.
        wanted_tilted: how many are needed.
        is_enough: whether the lens can be solved.
        is_complete: whether more views would hardly help.
    """

    verdict: Verdict | None
    corners: Float32
    covered: np.ndarray
    count: int
    wanted: int
    tilted: int
    wanted_tilted: int
    is_enough: bool
    is_complete: bool


class BoardWorker(QObject):
    """Takes frames, keeps the best views, and solves the lens when told to.

    Only `put`, `solve`, `start_over` and `stop` are called from outside; what is found comes by
    signals. A picture that comes while another is searched replaces the one that waits.
    """

    progressed = pyqtSignal(object)  # BoardProgress
    solved = pyqtSignal(object)  # LensEstimate
    failed = pyqtSignal(object)  # SourceError
    ended = pyqtSignal()  # the thread is over

    def __init__(self, board: CharucoBoard | Checkerboard, parent: QObject | None = None) -> None:
        """Start the thread."""
        super().__init__(parent)
        self._board = board
        self._frames: LatestSlot[Frame] = LatestSlot()
        self._solves = threading.Event()
        self._restarts = threading.Event()
        self._thread = threading.Thread(target=self._run, name="board", daemon=True)
        self._thread.start()

    def put(self, frame: Frame) -> None:
        """Look at this picture next."""
        self._frames.put(frame)

    def solve(self) -> None:
        """Solve the lens from what was kept; the answer comes with the next picture."""
        self._solves.set()

    def start_over(self) -> None:
        """Forget the views."""
        self._restarts.set()

    def stop(self) -> None:
        """Tell the thread to end; `ended` follows when it is through with its picture."""
        self._frames.close()

    def wait(self) -> None:
        """Wait for the thread, as the end of the program does."""
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        self._look()
        self.ended.emit()

    def _look(self) -> None:
        collector = ViewCollector()
        while not self._frames.closed:
            frame = self._frames.take(None)
            if frame is None:
                continue
            if self._restarts.is_set():
                self._restarts.clear()
                collector.forget()
            try:
                view = self._board.find(frame.image)
                verdict = None if view is None else collector.offer(view, frame.timestamp_ns)
                self.progressed.emit(_progress(collector, view, verdict))
                if self._solves.is_set():
                    self._solves.clear()
                    self.solved.emit(solve_lens(collector.views))
            except SourceError as error:
                self.failed.emit(error)
            except Exception as error:  # noqa: BLE001 - OpenCV fails in every way; go on looking
                _LOG.warning("looking for the board failed", exc_info=True)
                lost = SourceError("CAM-11", f"the board: {error!r}", "Start over.")
                self.failed.emit(lost)


def _progress(
    collector: ViewCollector, view: BoardView | None, verdict: Verdict | None
) -> BoardProgress:
    corners = np.zeros((0, 2), np.float32) if view is None else view.image_points
    return BoardProgress(
        verdict=verdict,
        corners=corners,
        covered=collector.covered,
        count=len(collector.views),
        wanted=WANTED_VIEWS,
        tilted=collector.tilted_count,
        wanted_tilted=MIN_TILTED,
        is_enough=collector.is_enough,
        is_complete=collector.is_complete,
    )
