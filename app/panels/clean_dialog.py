"""How a recording shall be cleaned, and what that has gained."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDoubleSpinBox,
    QHeaderView,
    QLabel,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.destination import Destination
from app.panels.form import form_of
from app.panels.job_bar import JobBar, JobState

_WIDTH: Final = 560
_ROWS_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class CleanChoice:
    """What a person has chosen.

    Attributes:
        longest_gap_s: gaps up to this are filled.
        refine_steps: of a refinement before; 0 for none.
        out: the new recording.
    """

    longest_gap_s: float
    refine_steps: int
    out: Path


@dataclass(frozen=True, slots=True)
class CleanGain:
    """What one hand has gained: (before, after).

    Attributes:
        title: side and number, for a person.
        jitter_mm: how much it shakes.
        reprojection_px: how far it lies from what was seen; NaN where nothing was.
        filled: frames that were put in.
    """

    title: str
    jitter_mm: tuple[float, float]
    reprojection_px: tuple[float, float]
    filled: int


class CleanDialog(QDialog):
    """Asks, and shows how it goes."""

    asked = pyqtSignal(object)  # CleanChoice

    def __init__(
        self, parent: QWidget, longest_gap_s: float, most_steps: int, why_no_refining: str
    ) -> None:
        """Offer gaps and steps up to these; `why_no_refining` is empty where it can be done."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Clean recording"))
        self.setMinimumWidth(_WIDTH)
        self._heading = QLabel()
        self._heading.setProperty("heading", True)
        self.gap = QDoubleSpinBox()
        self.gap.setRange(0.0, longest_gap_s)
        self.gap.setSingleStep(0.1)
        self.gap.setSuffix(" s")
        self.gap.setSpecialValueText(self.tr("None"))
        self.gap.setAccessibleName(self.tr("Fill gaps up to"))
        self.steps = QSpinBox()
        self.steps.setRange(0, most_steps)
        self.steps.setSingleStep(10)
        self.steps.setSpecialValueText(self.tr("No"))
        self.steps.setSuffix(self.tr(" steps for each frame; slow"))
        self.steps.setAccessibleName(self.tr("Refine before"))
        self._can_refine = not why_no_refining
        self.steps.setEnabled(self._can_refine)
        self.steps.setToolTip(
            why_no_refining or self.tr("Fit each hand to what was seen, before it is smoothed")
        )
        self.destination = Destination()
        self.destination.show_ending(".hands")
        self.table = QTableWidget(0, 4)
        self.job = JobBar(self.tr("Clean"), self.tr("Open it"))
        self._arrange()
        self.destination.textChanged.connect(self._check)
        self.job.begin_asked.connect(lambda: self.asked.emit(self.choice()))
        self.job.close_asked.connect(self.close)

    def _arrange(self) -> None:
        about = QLabel(
            self.tr(
                "Writes a new recording: smoothed forwards and backwards, so without lag; short "
                "gaps filled; one shape for each hand. The old one stays as it is."
            )
        )
        about.setProperty("muted", True)
        about.setWordWrap(True)
        self._arrange_table()
        folder, name = self.destination.rows()
        rows = (
            (self.tr("Fill gaps up to"), self.gap),
            (self.tr("Refine before"), self.steps),
            folder,
            name,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(12)
        column.addWidget(self._heading)
        column.addWidget(about)
        column.addLayout(form_of(rows))
        column.addWidget(self.table)
        column.addStretch(1)
        column.addWidget(self.job)

    def _arrange_table(self) -> None:
        """Name the columns; it is hidden until there is something to show."""
        self.table.setHorizontalHeaderLabels(
            (
                self.tr("Hand"),
                self.tr("Jitter, mm"),
                self.tr("Distance, px"),
                self.tr("Frames filled"),
            )
        )
        header = self.table.horizontalHeader()
        if header is not None:
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows_header = self.table.verticalHeader()
        if rows_header is not None:
            rows_header.hide()
        distance = self.table.horizontalHeaderItem(2)
        if distance is not None:
            distance.setToolTip(self.tr("Mean distance of its joints from the keypoints"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setAccessibleName(self.tr("What each hand has gained"))
        self.table.hide()

    def show_recording(self, name: str, longest_gap_s: float) -> None:
        """Name the recording, and show the usual choices."""
        self._heading.setText(name)
        self.gap.setValue(longest_gap_s)

    def choice(self) -> CleanChoice:
        """Return what is chosen."""
        return CleanChoice(self.gap.value(), self.steps.value(), self.destination.path)

    def show_job(self) -> None:
        """Let choices be changed unless the job runs."""
        is_free = self.job.state is not JobState.RUNNING
        self.gap.setEnabled(is_free)
        self.steps.setEnabled(is_free and self._can_refine)
        self.destination.show_enabled(is_free)
        self._check()

    def show_gains(self, gains: Sequence[CleanGain]) -> None:
        """Show what each hand has gained."""
        self.table.setRowCount(len(gains))
        for row, gain in enumerate(gains):
            texts = (
                gain.title,
                _before_after(gain.jitter_mm),
                _before_after(gain.reprojection_px),
                str(gain.filled),
            )
            for column, text in enumerate(texts):
                self.table.setItem(row, column, QTableWidgetItem(text))
        header = self.table.horizontalHeader()
        shown = min(len(gains), _ROWS_SHOWN)
        if header is not None:
            height = header.sizeHint().height() + shown * self.table.rowHeight(0) + 4
            self.table.setFixedHeight(height)
        self.table.setVisible(bool(gains))

    def _check(self) -> None:
        is_free = self.job.state is not JobState.RUNNING
        self.job.begin.setEnabled(is_free and self.destination.is_whole)


def _before_after(values: tuple[float, float]) -> str:
    if any(math.isnan(value) for value in values):
        return "\u2013"
    return f"{values[0]:.2f} \u2192 {values[1]:.2f}"
