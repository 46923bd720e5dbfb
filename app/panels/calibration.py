"""Guides through measuring the lens: show the board, see what is missing, accept or discard."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.board_preview import BoardPreview
from app.theme import Theme
from core.types import Float32, UInt8

_HINT_LINES: Final = 4
#: What the newest picture was good for.
Hint = Literal["search", "taken", "moving", "similar", "tilt", "complete"]


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationStep:
    """What the dialog shows of the collecting.

    Attributes:
        hint: what to do now.
        corners: (N, 2) px of the picture.
        covered: (rows, columns) bool: parts of the picture that have been reached.
        count: views kept, of `wanted`.
        wanted: how many are wanted.
        tilted: tilted views kept, of `wanted_tilted`.
        wanted_tilted: how many are needed.
        can_measure: whether the lens can be solved.
    """

    hint: Hint
    corners: Float32
    covered: np.ndarray
    count: int
    wanted: int
    tilted: int
    wanted_tilted: int
    can_measure: bool


@dataclass(frozen=True, slots=True)
class CalibrationResult:
    """What the solver found, in numbers for a person.

    Attributes:
        fov_deg: of the longer side.
        focal_px: focal length.
        focal_sd_percent: its standard deviation, percent.
        error_px: reprojection error.
        is_good: whether that error is small.
        num_views: how many views were used.
    """

    fov_deg: float
    focal_px: float
    focal_sd_percent: float
    error_px: float
    is_good: bool
    num_views: int


class CalibrationDialog(QDialog):
    """A picture on the left, what to do on the right; does not stop the program."""

    board_chosen = pyqtSignal(int, int)  # inner corners of a chess board; 0, 0 for the program's
    save_asked = pyqtSignal()
    restart_asked = pyqtSignal()
    measure_asked = pyqtSignal()
    accepted_result = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without views."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Measure the lens"))
        self.preview = BoardPreview()
        self._hint = QLabel()
        self._hint.setProperty("heading", True)
        self._hint.setAccessibleName(self.tr("What to do"))
        self._hint.setWordWrap(True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        # A page of a stack is not asked how high its wrapped texts are.
        self._hint.setMinimumHeight(_HINT_LINES * self._hint.fontMetrics().lineSpacing())
        self._views, self._tilts = _bar(self.tr("Views")), _bar(self.tr("Tilted views"))
        self._result = QLabel()
        self._result.setWordWrap(True)
        self._result.setMinimumHeight(2 * _HINT_LINES * self._result.fontMetrics().lineSpacing())
        self._result.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._measure = QPushButton(self.tr("Measure"))
        self._measure.clicked.connect(self.measure_asked)
        self._accept = QPushButton(self.tr("Use it"))
        self._accept.clicked.connect(self.accepted_result)
        for button in (self._measure, self._accept):
            button.setProperty("primary", True)
        self._pages = QStackedWidget()
        self._lay_out()
        self.resize(980, 520)
        self.start_over()

    def start_over(self) -> None:
        """Return to collecting, without views."""
        self._pages.setCurrentIndex(0)
        nothing = np.zeros((0, 2), np.float32)
        self.show_step(
            CalibrationStep("search", nothing, np.zeros((3, 4), np.bool_), 0, 15, 0, 5, False)
        )

    def show_picture(self, image: UInt8) -> None:
        """Show the newest picture (H, W, 3) RGB."""
        self.preview.show_picture(image)

    def show_step(self, step: CalibrationStep) -> None:
        """Show what the newest picture was good for."""
        self.preview.show_board(step.corners, step.covered, step.hint in ("taken", "complete"))
        texts: dict[Hint, str] = {
            "search": self.tr("Hold the board into the picture."),
            "taken": self.tr("Good. Now elsewhere, or tilted another way."),
            "moving": self.tr("Hold it still for a moment."),
            "similar": self.tr("This view is known: move it to a part that is not green yet."),
            "tilt": self.tr("Tilt it: turn one edge towards the camera."),
            "complete": self.tr("That is enough."),
        }
        self._hint.setText(texts[step.hint])
        self._views.setRange(0, step.wanted)
        self._views.setValue(min(step.count, step.wanted))
        self._views.setFormat(self.tr("{n} of {all} views").format(n=step.count, all=step.wanted))
        self._tilts.setRange(0, step.wanted_tilted)
        self._tilts.setValue(min(step.tilted, step.wanted_tilted))
        self._tilts.setFormat(
            self.tr("{n} of {all} tilted").format(
                n=min(step.tilted, step.wanted_tilted), all=step.wanted_tilted
            )
        )
        self._measure.setEnabled(step.can_measure)

    def show_solving(self) -> None:
        """Say that the lens is being solved."""
        self._hint.setText(self.tr("Measuring ..."))
        self._measure.setEnabled(False)

    def show_result(self, result: CalibrationResult) -> None:
        """Show what was found; the person decides."""
        verdict = (
            self.tr("The corners fit.")
            if result.is_good
            else self.tr("The corners fit badly: is the board flat, was it held still?")
        )
        numbers = self.tr(
            "Field of view {fov}\u00b0\nFocal length {focal} px \u00b1 {sd} %\n"
            "Reprojection error {error} px from {views} views"
        ).format(
            fov=f"{result.fov_deg:.1f}",
            focal=f"{result.focal_px:.0f}",
            sd=f"{result.focal_sd_percent:.2f}",
            error=f"{result.error_px:.2f}",
            views=result.num_views,
        )
        self._result.setText(f"{numbers}\n\n{verdict}")
        self.preview.show_board(np.zeros((0, 2), np.float32), np.zeros((0, 0), np.bool_), True)
        self._pages.setCurrentIndex(1)

    def show_failure(self, cause: str, remedy: str) -> None:
        """Say why nothing was found; collecting goes on."""
        self._pages.setCurrentIndex(0)
        self._hint.setText(f"{cause[:1].upper()}{cause[1:]}. {remedy}")

    def text(self) -> str:
        """Return what it says now, for tests and people who cannot see."""
        return self._result.text() if self._pages.currentIndex() else self._hint.text()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.preview.show_theme(theme)

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(12)
        side.addLayout(self._board_fields())
        self._pages.addWidget(self._collecting())
        self._pages.addWidget(self._deciding())
        side.addWidget(self._pages, 1)
        right = QWidget()
        right.setLayout(side)
        right.setFixedWidth(320)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 14, 14, 14)
        row.setSpacing(14)
        row.addWidget(self.preview, 1)
        row.addWidget(right)

    def _board_fields(self) -> QVBoxLayout:
        self._kind = QComboBox()
        self._kind.setAccessibleName(self.tr("Board"))
        self._kind.addItem(self.tr("The program's board"))
        self._kind.addItem(self.tr("Chess board"))
        self._columns, self._rows = QSpinBox(), QSpinBox()
        for box, value, name in (
            (self._columns, 8, self.tr("Inner corners across")),
            (self._rows, 5, self.tr("Inner corners down")),
        ):
            box.setRange(3, 20)
            box.setValue(value)
            box.setAccessibleName(name)
            box.valueChanged.connect(lambda _value: self._tell_board())
        corners = QHBoxLayout()
        corners.addWidget(self._columns)
        corners.addWidget(QLabel("\u00d7"))
        corners.addWidget(self._rows)
        corners.addStretch(1)
        self._corners = QWidget()
        self._corners.setLayout(corners)
        corners.setContentsMargins(0, 0, 0, 0)
        self._save = QPushButton(self.tr("Save it to print..."))
        self._save.clicked.connect(self.save_asked)
        form = QFormLayout()
        form.addRow(self.tr("Board"), self._kind)
        form.addRow(self.tr("Inner corners"), self._corners)
        form.setRowVisible(1, False)
        self._form = form
        self._kind.activated.connect(lambda _row: self._tell_board())
        column = QVBoxLayout()
        column.addLayout(form)
        column.addWidget(self._save)
        note = QLabel(self.tr("Any size will do, on paper or on a tablet, as long as it is flat."))
        note.setProperty("muted", True)
        note.setWordWrap(True)
        column.addWidget(note)
        return column

    def _collecting(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self._hint)
        column.addWidget(self._views)
        column.addWidget(self._tilts)
        column.addStretch(1)
        column.addLayout(self._back_or(self.tr("Start over"), self._measure))
        return page

    def _deciding(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._result)
        column.addStretch(1)
        column.addLayout(self._back_or(self.tr("Discard"), self._accept))
        return page

    def _back_or(self, back: str, onward: QPushButton) -> QHBoxLayout:
        """Lay out a button that starts over, left, and the one that goes on, right."""
        buttons = QHBoxLayout()
        restart = QPushButton(back)
        restart.clicked.connect(self.restart_asked)
        buttons.addWidget(restart)
        buttons.addStretch(1)
        buttons.addWidget(onward)
        return buttons

    def _tell_board(self) -> None:
        is_chess = self._kind.currentIndex() == 1
        self._form.setRowVisible(1, is_chess)
        self._save.setVisible(not is_chess)
        size = (self._columns.value(), self._rows.value()) if is_chess else (0, 0)
        self.board_chosen.emit(*size)


def _bar(name: str) -> QProgressBar:
    bar = QProgressBar()
    bar.setAccessibleName(name)
    bar.setProperty("labelled", True)
    bar.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return bar
