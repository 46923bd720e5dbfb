"""The first page: what this machine has, what it lacks, and how to begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import DARK, Theme, icon_pixmap

_ICON_PX = 20
_WIDTH = 560

CheckState = Literal["busy", "ok", "warn", "error"]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One thing that was looked at.

    Attributes:
        name: stable.
        title: for a person.
        state: "warn" where the program works without it, "error" where it does not.
        found: what there is.
        remedy: what to do; empty where all is well.
    """

    name: str
    title: str
    state: CheckState
    found: str = ""
    remedy: str = ""


class _Row:
    """The widgets of a line."""

    def __init__(self, grid: QGridLayout, row: int) -> None:
        self.mark, self.title, self.found = QLabel(), QLabel(), QLabel()
        self.title.setProperty("heading", True)
        self.found.setWordWrap(True)
        self.found.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.mark, row, 0, top)
        grid.addWidget(self.title, row, 1, top)
        grid.addWidget(self.found, row, 2, top)


class WelcomePage(QDialog):
    """Lists checks as they come, and offers three ways to begin; never in the way of the picture.

    `begin_asked` carries the id of the action that begins, `again_asked` comes when the machine
    is to be looked at once more.
    """

    begin_asked = pyqtSignal(str)
    again_asked = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        """Show no check yet."""
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Welcome to ManyHands"))
        self.resize(_WIDTH, 0)
        self.setMinimumWidth(_WIDTH)
        self._theme = DARK
        self._lines: dict[str, CheckLine] = {}
        self._rows: dict[str, _Row] = {}
        self._marks = {
            "busy": self.tr("looking"),
            "ok": self.tr("good"),
            "warn": self.tr("can be better"),
            "error": self.tr("missing"),
        }
        title = QLabel(self.tr("Hold your hands before the webcam."))
        title.setProperty("title", True)
        intro = QLabel(
            self.tr(
                "They appear on the picture and in the 3D view, as many as there are. "
                "No picture leaves this computer."
            )
        )
        intro.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(2, 1)
        self._verdict = QLabel()
        self._verdict.setWordWrap(True)
        self._verdict.setProperty("heading", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(14)
        column.addWidget(title)
        column.addWidget(intro)
        column.addLayout(self._grid)
        column.addWidget(self._verdict)
        column.addStretch(1)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        again = QPushButton(self.tr("Look again"))
        again.clicked.connect(self.again_asked)
        row.addWidget(again)
        row.addStretch(1)
        for name, text in (
            ("open_file", self.tr("Open a video ...")),
            ("open_demo", self.tr("Play the demo clip")),
        ):
            button = QPushButton(text)
            button.clicked.connect(lambda _checked, name=name: self._begin(name))
            row.addWidget(button)
        self._start = QPushButton(self.tr("Start"))
        self._start.setProperty("primary", True)
        self._start.setDefault(True)
        self._start.clicked.connect(self.close)
        row.addWidget(self._start)
        return row

    def _begin(self, name: str) -> None:
        self.close()
        self.begin_asked.emit(name)

    def show_checks(self, lines: Sequence[CheckLine]) -> None:
        """Show these lines, in this order, in place of what was shown."""
        for line in lines:
            if line.name not in self._rows:
                self._rows[line.name] = _Row(self._grid, len(self._rows))
            self._show(line)
        self._show_verdict()
        self._grow()

    def _grow(self) -> None:
        """Become as high as the texts want: wrapped labels do not ask for it themselves."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            wanted = layout.totalHeightForWidth(self.width())
            self.resize(self.width(), max(self.height(), wanted))

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for line in self._lines.values():
            self._show(line)

    def text(self) -> str:
        """Return all that it says, line by line."""
        rows = [f"{line.state} {line.title}: {self._said(line)}" for line in self._lines.values()]
        return "\n".join([*rows, self._verdict.text()])

    def _said(self, line: CheckLine) -> str:
        return "\n".join(part for part in (line.found, line.remedy) if part)

    def _show(self, line: CheckLine) -> None:
        self._lines[line.name] = line
        row, theme = self._rows[line.name], self._theme
        name = {"busy": "clock", "ok": "check", "warn": "warning", "error": "error"}[line.state]
        colours = {"busy": theme.muted, "ok": theme.ok, "warn": theme.warn, "error": theme.error}
        pixmap = icon_pixmap(name, colours[line.state], _ICON_PX, self.devicePixelRatioF())
        row.mark.setPixmap(pixmap)
        row.mark.setAccessibleName(f"{line.title}: {self._marks[line.state]}")
        row.mark.setToolTip(self._marks[line.state])
        row.title.setText(line.title)
        row.found.setText(self._said(line))

    def _show_verdict(self) -> None:
        states = {line.state for line in self._lines.values()}
        if "busy" in states:
            self._verdict.setText(self.tr("Looking at this computer ..."))
        elif "error" in states:
            self._verdict.setText(self.tr("Something that is needed is missing."))
        elif "warn" in states:
            self._verdict.setText(self.tr("It works here; what is marked can be better."))
        else:
            self._verdict.setText(self.tr("Everything is there."))
