"""Rows of a settings panel: names left, fields right."""

from collections.abc import Sequence

from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

#: (name, field)
Row = tuple[str, QWidget | QHBoxLayout]


def form_of(rows: Sequence[Row]) -> QGridLayout:
    """Lay out (name, field) rows; a field without a name has an empty one."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(9)
    grid.setColumnStretch(1, 1)
    for row, (name, field) in enumerate(rows):
        label = QLabel(name)
        label.setProperty("muted", True)
        grid.addWidget(label, row, 0)
        if isinstance(field, QWidget):
            grid.addWidget(field, row, 1)
        else:
            grid.addLayout(field, row, 1)
    return grid
