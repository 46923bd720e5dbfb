"""A line over the picture that says what happened and what to do."""

from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.styled import set_styled
from app.theme import DARK, Theme, icon, icon_pixmap

_INFO_SHOWN_MS = 6000
_ICON_PX = 22

BannerState = Literal["info", "warn", "error"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What a banner says.

    Attributes:
        state: how grave it is; "info" goes away by itself.
        code: stable code of the fault; empty for none.
        title: what happened, one line.
        remedy: what to do, one line; may be empty.
        details: for a bug report; empty for none.
        can_retry: whether Retry makes sense.
        action: what `Banner.action_asked` carries; empty for no button.
        action_text: what that button says.
    """

    state: BannerState
    code: str
    title: str
    remedy: str = ""
    details: str = ""
    can_retry: bool = False
    action: str = ""
    action_text: str = ""


class Banner(QFrame):
    """Shows one Notice, the newest; hidden while there is none."""

    retry_asked = pyqtSignal()
    action_asked = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setObjectName("banner")
        self.setAccessibleName(self.tr("Notice"))
        self._theme = DARK
        self._notice: Notice | None = None
        self._icon = QLabel()
        self._title = QLabel()
        self._title.setProperty("heading", True)
        self._remedy = QLabel()
        self._remedy.setProperty("muted", True)
        for label in (self._title, self._remedy):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._retry = QPushButton(self.tr("Retry"))
        self._retry.setProperty("primary", True)
        self._retry.clicked.connect(self.retry_asked)
        self._action = QPushButton()
        self._action.hide()  # it has no text yet
        self._action.setProperty("primary", True)
        self._action.clicked.connect(self._ask_action)
        self._copy = QPushButton(self.tr("Copy details"))
        self._copy.clicked.connect(self._copy_details)
        self._close = QToolButton()
        self._close.setAccessibleName(self.tr("Close notice"))
        self._close.setToolTip(self.tr("Close notice"))
        self._close.clicked.connect(self.clear)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(self._title)
        texts.addWidget(self._remedy)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addLayout(texts, 1)
        for button in (self._copy, self._action, self._retry, self._close):
            row.addWidget(button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        self.hide()

    @property
    def notice(self) -> Notice | None:
        """What is shown now."""
        return self._notice

    def show_notice(self, notice: Notice) -> None:
        """Show this in place of what was shown."""
        self._notice = notice
        code = f"<span style='color:{self._theme.muted}'>{notice.code}</span>&nbsp;&nbsp;"
        self._title.setTextFormat(Qt.TextFormat.RichText)
        self._title.setText(
            (code if notice.code else "") + _escaped(notice.title[:1].upper() + notice.title[1:])
        )
        self._remedy.setTextFormat(Qt.TextFormat.PlainText)
        self._remedy.setText(notice.remedy)
        self._remedy.setVisible(bool(notice.remedy))
        self._retry.setVisible(notice.can_retry)
        self._action.setText(notice.action_text)
        self._action.setVisible(bool(notice.action_text))
        self._copy.setVisible(bool(notice.details))
        self._show_state(notice.state)
        self._timer.stop()
        if notice.state == "info":
            self._timer.start(_INFO_SHOWN_MS)
        self.show()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._close.setIcon(icon("close", theme))
        if self._notice is not None:
            self._show_state(self._notice.state)

    def clear(self) -> None:
        """Hide."""
        self._timer.stop()
        self._notice = None
        self.hide()

    def _show_state(self, state: BannerState) -> None:
        name = {"info": "info", "warn": "warning", "error": "error"}[state]
        theme = self._theme
        colour = {"info": theme.accent, "warn": theme.warn, "error": theme.error}[state]
        self._icon.setPixmap(icon_pixmap(name, colour, _ICON_PX, self.devicePixelRatioF()))
        set_styled(self, "state", state)

    def _ask_action(self) -> None:
        if self._notice is not None:
            self.action_asked.emit(self._notice.action)

    def _copy_details(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None and self._notice is not None:
            clipboard.setText(f"{self._notice.title}\n{self._notice.details}")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
