"""F1: the first steps, and the table of keys."""

from collections.abc import Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.shortcut_editor import ShortcutEditor

_WIDTH, _HEIGHT = 780, 600


class HelpDialog(QDialog):
    """Two leaves: what to do, and which key does it."""

    def __init__(self, actions: Mapping[str, QAction], log_path: str, parent: QWidget) -> None:
        """Explain; log_path is where the program writes what went wrong."""
        super().__init__(parent)
        self.setObjectName("help")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Help"))
        self.editor = ShortcutEditor(actions)
        self._tabs = QTabWidget()
        self._tabs.addTab(self._first_steps(log_path), self.tr("First steps"))
        self._tabs.addTab(self.editor, self.tr("Keyboard"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            button.setAutoDefault(False)  # Return in the search field closes nothing
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.addWidget(self._tabs, 1)
        column.addWidget(buttons)
        self.resize(_WIDTH, _HEIGHT)

    def show_keyboard(self) -> None:
        """Bring the table of keys to the front."""
        self._tabs.setCurrentWidget(self.editor)
        self.editor.search.setFocus()

    def _first_steps(self, log_path: str) -> QWidget:
        page = QWidget()
        page.setObjectName("card")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(page)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(12)
        for title, text in self._chapters(log_path):
            heading, body = QLabel(title), QLabel(text)
            heading.setProperty("heading", True)
            for label in (heading, body):
                label.setWordWrap(True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(label)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        area.setAccessibleName(self.tr("First steps"))
        return area

    def _chapters(self, log_path: str) -> tuple[tuple[str, str], ...]:
        """Return title and text of each part."""
        return (
            (
                self.tr("Choose what to look at"),
                self.tr(
                    "The list at the top left holds your cameras and the demo clip; the folder "
                    "beside it opens a video, a folder of images or an address. A file can also "
                    "be dropped onto the window. The bar below names the real picture size and "
                    "rate."
                ),
            ),
            (
                self.tr("Hands on the picture"),
                self.tr(
                    "Each hand has its colour, its side and its number. The bar at the top "
                    "switches surface, skeleton and names, and the slider lets the picture shine "
                    "through. Mirror changes only what you see: a left hand stays a left hand."
                ),
            ),
            (
                self.tr("Hands in space"),
                self.tr(
                    "Drag in the 3D view to turn it, with Shift or the right button to move it, "
                    "and use the wheel to come closer. The buttons of its title look from the "
                    "front, the side and above. Panels can be dragged elsewhere by their titles; "
                    "Reset layout puts them back."
                ),
            ),
            (
                self.tr("When it is slow or shaky"),
                self.tr(
                    "Give the hands light, and keep them within two metres. The latency panel "
                    "shows where the time goes; the status bar names the engine, and its tip why "
                    "no faster one runs."
                ),
            ),
            (
                self.tr("When something fails"),
                self.tr(
                    "A notice over the picture says what happened and what to do. Help, Check "
                    "this computer looks for what is missing; Help, Save diagnostics writes a "
                    "file for a bug report without names, paths or pictures. The log is {path}."
                ).format(path=log_path),
            ),
        )
