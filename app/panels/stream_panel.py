"""Which streams send the hands to other programs: a switch, an address and a state for each."""

from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.styled import set_styled
from app.panels.switch import Switch
from app.theme import DARK, Theme, icon

StreamKind = Literal["vmc", "osc", "websocket"]
_ICON_PX = 16


@dataclass(frozen=True, slots=True)
class StreamState:
    """What a row says.

    Attributes:
        text: one line; what does not fit wraps.
        level: "ok", "warn", "error", or empty where there is nothing to judge.
        copyable: what another program is given to connect; empty for nothing.
    """

    text: str
    level: str = ""
    copyable: str = ""


class _Row(QFrame):
    """One stream."""

    def __init__(self, title: str, use: str, address_name: str, copy_tip: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.switch = Switch(title)
        self.address = QLineEdit()
        self.address.setAccessibleName(address_name)
        self.state = QLabel()
        self.state.setAccessibleName(self.tr("{stream}: state").format(stream=title))
        self.state.setWordWrap(True)
        self.state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        name = QLabel(title)
        name.setProperty("heading", True)
        name.setBuddy(self.switch)
        self._use = QLabel(use)
        self._use.setProperty("muted", True)
        self._use.setWordWrap(True)
        self._copyable = ""
        self.copy = QToolButton()
        self.copy.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.copy.setAutoRaise(True)
        self.copy.setToolTip(copy_tip)
        self.copy.setAccessibleName(f"{title}: {copy_tip}")
        self.copy.clicked.connect(self._copy)
        self.copy.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 10, 12, 10)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.switch, 0, 0)
        grid.addWidget(name, 0, 1)
        grid.addWidget(self.address, 0, 2, 1, 2)
        grid.addWidget(self._use, 1, 1, 1, 3)
        grid.addWidget(self.state, 2, 1, 1, 2)
        grid.addWidget(self.copy, 2, 3)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 2)

    def show_state(self, state: StreamState) -> None:
        """Show the state in place of what the stream is for."""
        self.state.setText(state.text)
        self.state.setVisible(bool(state.text))
        self._use.setVisible(not state.text)
        self._copyable = state.copyable
        self.copy.setVisible(bool(state.copyable))
        set_styled(self.state, "state", state.level)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.switch.show_theme(theme)
        self.copy.setIcon(icon("copy", theme))

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self._copyable)


class StreamPanel(QScrollArea):
    """One row for each stream."""

    switched = pyqtSignal(str, bool)  # StreamKind, on
    address_edited = pyqtSignal(str, str)  # StreamKind, what was typed

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with every stream off."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        send_to, listen_at = self.tr("Send to, HOST:PORT"), self.tr("Listen at, HOST:PORT")
        copy_tip = self.tr("Copy the address")
        self._rows: dict[str, _Row] = {
            "vmc": _Row(
                self.tr("VMC"), self.tr("Fingers and wrists of an avatar"), send_to, copy_tip
            ),
            "osc": _Row(
                self.tr("OSC"), self.tr("Numbers for music and stage tools"), send_to, copy_tip
            ),
            "websocket": _Row(
                self.tr("WebSocket"), self.tr("JSON for web pages and scripts"), listen_at, copy_tip
            ),
        }
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for kind, row in self._rows.items():
            row.switch.toggled.connect(lambda on, kind=kind: self.switched.emit(kind, on))
            row.address.editingFinished.connect(
                lambda kind=kind, row=row: self.address_edited.emit(kind, row.address.text())
            )
            row.show_state(StreamState(""))
            column.addWidget(row)
        column.addStretch(1)
        content = QWidget()
        content.setLayout(column)
        self.setWidget(content)
        self.show_theme(DARK)

    def show_address(self, kind: StreamKind, text: str) -> None:
        """Put an address into its field."""
        self._rows[kind].address.setText(text)

    def address(self, kind: StreamKind) -> str:
        """Return what stands in the field."""
        return self._rows[kind].address.text()

    def show_on(self, kind: StreamKind, on: bool) -> None:
        """Put the switch there without telling anyone; an address holds while it is on."""
        row = self._rows[kind]
        row.switch.show_on(on)
        row.address.setEnabled(not on)

    def show_state(self, kind: StreamKind, state: StreamState) -> None:
        """Say how a stream is doing."""
        self._rows[kind].show_state(state)

    def state_text(self, kind: StreamKind) -> str:
        """Return what the row says."""
        return self._rows[kind].state.text()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for row in self._rows.values():
            row.show_theme(theme)
