"""The title of a dock: a name, and buttons of its own."""

from collections.abc import Sequence

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QToolButton

from app.theme import Theme, icon

_ICON_PX = 18


class DockTitle(QFrame):
    """Takes the place of Qt's title bar; can be dragged as that can."""

    def __init__(self, dock: QDockWidget, actions: Sequence[QAction] = ()) -> None:
        """Show the dock's title, a button for each action, and one to float or dock."""
        super().__init__(dock)
        self.setObjectName("dockTitle")
        self._dock = dock
        label = QLabel(dock.windowTitle())
        label.setProperty("muted", True)
        label.setProperty("heading", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 6, 4)
        row.setSpacing(2)
        row.addWidget(label)
        row.addStretch(1)
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(_ICON_PX, _ICON_PX))
            button.setAutoRaise(True)
            row.addWidget(button)
        self._float = QToolButton()
        self._float.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self._float.setAutoRaise(True)
        self._float.setToolTip(self.tr("Own window, or back into its place"))
        self._float.setAccessibleName(self.tr("Float {panel}").format(panel=dock.windowTitle()))
        self._float.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        row.addWidget(self._float)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._float.setIcon(icon("float", theme))
