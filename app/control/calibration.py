"""Measures the lens and takes the hand's length; both are kept with the camera."""

from dataclasses import replace
from pathlib import Path
from typing import Final, cast

from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtWidgets import QFileDialog

from app.actions import connect_actions
from app.board_worker import BoardProgress, BoardWorker
from app.camera_book import CameraBook
from app.error_texts import error_remedy, error_title
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.panels.calibration import CalibrationDialog, CalibrationResult, CalibrationStep, Hint
from app.panels.docks import SETTINGS_WIDTH, DockSpec
from app.panels.lens import LensPanel, LensReadings
from app.session import Session, SourceInfo
from core.atomic import write_atomically
from core.calibration import (
    CharucoBoard,
    Checkerboard,
    FovKind,
    Lens,
    LensEstimate,
    board_pdf,
    distance_of,
    known_camera,
    longer_side_fov,
)
from core.calibration.known import KNOWN_CAMERAS
from core.calibration.lens import FOCAL_SD
from core.calibration.solve import GOOD_ERROR_PX
from core.errors import SourceError
from core.types import TrackedHands

_SHOW_MS: Final = 250
#: A board is printed, glued and held by people: its measure is not better than this.
_BEST_FOCAL_SD: Final = 0.003
_WIDE: Final = 16 / 9


class CalibrationController(QObject):
    """Joins the panel Lens, the dialog that measures it, and the camera's record."""

    def __init__(
        self, window: MainWindow, session: Session, book: CameraBook, parent: QObject
    ) -> None:
        """Put the panel into the window."""
        super().__init__(parent)
        self._window, self._session, self._book = window, session, book
        self._dialog: CalibrationDialog | None = None
        self._worker: BoardWorker | None = None
        self._ending: BoardWorker | None = None
        self._estimate: LensEstimate | None = None
        self._is_solving = False
        self._last: TrackedHands | None = None
        actions = window.actions_by_id
        self._panel = LensPanel([camera.model for camera in KNOWN_CAMERAS], actions["calibrate"])
        window.add_dock(
            DockSpec(
                "lens_dock",
                self.tr("Lens"),
                self._panel,
                area=Qt.DockWidgetArea.LeftDockWidgetArea,
                width=SETTINGS_WIDTH,
                shown=False,
                tab_with="camera_dock",
            )
        )
        connect_actions(actions, {"calibrate": self.open, "save_board": self._ask_where})
        self._panel.known_chosen.connect(self._take_known)
        self._panel.typed.connect(self._take_typed)
        self._panel.forget_asked.connect(lambda: self._keep_lens(Lens()))
        self._panel.hand_length_typed.connect(self._take_hand_length)
        book.turned.connect(lambda _record: self._show_record())
        book.changed.connect(lambda _record: self._show_record())
        session.source_opened.connect(self._look_up)
        session.opening.connect(lambda _source: self._forget_hands())
        session.add_viewer(self._take_result)
        self._timer = QTimer(self)
        self._timer.setInterval(_SHOW_MS)
        self._timer.timeout.connect(self._show_distance)
        self._timer.start()
        window.closing.connect(self._end)
        self._show_record()

    # The panel

    def _show_record(self) -> None:
        record = self._book.record
        self._panel.show_readings(
            LensReadings(
                record.lens.source,
                record.capture.horizontal_fov_deg,
                100 * record.lens.focal_sd,
                record.lens.error_px,
                record.hand_length_m,
            )
        )

    def _show_distance(self) -> None:
        """Show how far the nearest hand is."""
        if not self._panel.isVisible():
            return
        record, tracked = self._book.record, self._last
        distances = [
            distance_of(hand, record.lens.focal_sd, is_length_known=bool(record.hand_length_m))
            for hand in (tracked.hands if tracked is not None else ())
        ]
        nearest = min(distances, key=lambda distance: distance.metres, default=None)
        self._panel.show_distance("" if nearest is None else str(nearest))

    def _forget_hands(self) -> None:
        self._last = None

    def _keep_lens(self, lens: Lens, principal: tuple[float, float] = (0.0, 0.0)) -> None:
        self._book.keep(self._book.record.with_lens(lens, principal))

    def _look_up(self, info: SourceInfo) -> None:
        """Take the angle of a known webcam where nobody knows better."""
        known = known_camera(info.name) if info.is_camera else None
        if known is not None and self._book.record.lens.source == "default":
            self._take_known(known.model)

    def _take_known(self, model: str) -> None:
        known = next(camera for camera in KNOWN_CAMERAS if camera.model == model)
        self._keep_lens(Lens("known", FOCAL_SD["known"], 0.0, _WIDE, known.longer_side_fov_deg))

    def _take_typed(self, fov_deg: float, kind: str) -> None:
        capture = self._book.record.capture
        longer = longer_side_fov(fov_deg, cast(FovKind, kind), capture.width, capture.height)
        sides = sorted((capture.width, capture.height))
        fov = min(150.0, max(20.0, longer))
        self._keep_lens(Lens("typed", FOCAL_SD["typed"], 0.0, sides[1] / sides[0], fov))

    def _take_hand_length(self, metres: float) -> None:
        self._book.keep(replace(self._book.record, hand_length_m=metres))

    # The dialog

    def open(self) -> None:
        """Open the dialog, or bring it to the front."""
        if self._dialog is not None:
            self._dialog.raise_()
            return
        dialog = self._dialog = CalibrationDialog(self._window)
        dialog.board_chosen.connect(self._choose_board)
        dialog.save_asked.connect(self._ask_where)
        dialog.restart_asked.connect(self._start_over)
        dialog.measure_asked.connect(self._solve)
        dialog.accepted_result.connect(self._accept)
        dialog.finished.connect(lambda _result: self._close())
        dialog.show_theme(self._window.theme)
        self._choose_board(0, 0)
        dialog.show()

    def _choose_board(self, columns: int, rows: int) -> None:
        """Look for another board from now on."""
        self._stop_worker()
        board = Checkerboard(columns, rows) if columns else CharucoBoard()
        worker = self._worker = BoardWorker(board, self)
        worker.progressed.connect(self._show_progress)
        worker.solved.connect(self._show_estimate)
        worker.failed.connect(self._show_failure)
        self._start_over()

    def _start_over(self) -> None:
        self._estimate, self._is_solving = None, False
        if self._worker is not None:
            self._worker.start_over()
        if self._dialog is not None:
            self._dialog.start_over()

    def _take_result(self, tracked: TrackedHands) -> None:
        self._last = tracked
        if self._dialog is not None and self._worker is not None:
            self._dialog.show_picture(tracked.frame.image)
            if self._estimate is None:
                self._worker.put(tracked.frame)

    def _show_progress(self, progress: BoardProgress) -> None:
        if self._dialog is None or self._estimate is not None or self._is_solving:
            return
        self._dialog.show_step(
            CalibrationStep(
                hint=_hint(progress),
                corners=progress.corners,
                covered=progress.covered,
                count=progress.count,
                wanted=progress.wanted,
                tilted=progress.tilted,
                wanted_tilted=progress.wanted_tilted,
                can_measure=progress.is_enough,
            )
        )
        if progress.is_complete:
            self._solve()

    def _solve(self) -> None:
        if self._dialog is not None and self._worker is not None:
            self._is_solving = True
            self._dialog.show_solving()
            self._worker.solve()

    def _show_estimate(self, estimate: LensEstimate) -> None:
        if self._dialog is None or not self._is_solving:
            return  # it was started over meanwhile
        self._estimate, self._is_solving = estimate, False
        self._dialog.show_result(
            CalibrationResult(
                fov_deg=estimate.horizontal_fov_deg,
                focal_px=estimate.focal_px,
                focal_sd_percent=100 * max(_BEST_FOCAL_SD, estimate.focal_sd),
                error_px=estimate.error_px,
                is_good=estimate.error_px <= GOOD_ERROR_PX,
                num_views=estimate.num_views,
            )
        )

    def _show_failure(self, error: SourceError) -> None:
        self._start_over()
        if self._dialog is not None:
            self._dialog.show_failure(error_title(error), error_remedy(error))

    def _accept(self) -> None:
        """Keep what was measured with the camera."""
        estimate = self._estimate
        if estimate is not None:
            longer, shorter = sorted((estimate.width, estimate.height), reverse=True)
            record = self._book.record
            asked = sorted((record.capture.width, record.capture.height), reverse=True)
            if abs(asked[0] / asked[1] - longer / shorter) > 0.01:
                record = record.with_mode(longer, shorter, record.capture.fps)
            lens = Lens(
                "board",
                max(_BEST_FOCAL_SD, estimate.focal_sd),
                estimate.error_px,
                longer / shorter,
                estimate.horizontal_fov_deg,
            )
            turn = record.capture.rotation_deg
            self._book.keep(record.with_lens(lens, unturned(estimate.principal_share, turn)))
        if self._dialog is not None:
            self._dialog.close()

    def _close(self) -> None:
        """The dialog closes: end its thread."""
        self._stop_worker()
        dialog, self._dialog = self._dialog, None
        self._estimate, self._is_solving = None, False
        if dialog is not None:
            dialog.deleteLater()

    def _stop_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.ended.connect(worker.deleteLater)
            worker.stop()
            self._ending = worker

    def _end(self) -> None:
        self._timer.stop()
        if self._dialog is not None:
            self._dialog.close()
        if self._ending is not None:
            self._ending.wait()

    # The board on paper

    def _ask_where(self) -> None:
        """Ask for a file to write the board to."""
        dialog = QFileDialog(self._window, self.tr("Save the board"), "manyhands-board.pdf")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("PDF files (*.pdf)"))
        dialog.setDefaultSuffix("pdf")
        dialog.fileSelected.connect(self._save_board)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _save_board(self, path: str) -> None:
        try:
            write_atomically(board_pdf(CharucoBoard()), Path(path))
            notice = Notice("info", "", self.tr("Saved {path}").format(path=path))
        except OSError as error:
            notice = Notice(
                "error",
                "OUT-01",
                self.tr("{path} cannot be written").format(path=path),
                error.strerror or "",
            )
        self._window.banner.show_notice(notice)


def unturned(share: tuple[float, float], rotation_deg: int) -> tuple[float, float]:
    """Return an offset from the picture's middle as it was before the picture was turned."""
    x, y = share
    for _ in range(rotation_deg // 90 % 4):
        x, y = y, -x
    return x, y


def _hint(progress: BoardProgress) -> Hint:
    """Return what to do now."""
    if progress.is_complete:
        return "complete"
    if progress.verdict is None:
        return "search"
    nearly = progress.count >= progress.wanted - progress.wanted_tilted
    if progress.verdict != "moving" and nearly and progress.tilted < progress.wanted_tilted:
        return "tilt"
    return progress.verdict
