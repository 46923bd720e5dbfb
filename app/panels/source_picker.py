"""Which source: cameras by name, the demo clip, and whatever was opened."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QToolButton, QWidget

from app.theme import Theme, icon

DEMO = "demo"
_ICON_PX = 20


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """One line of the picker.

    Attributes:
        source: as open_source takes it.
        text: for a person.
        icon: of resources/icons.
    """

    source: str
    text: str
    icon: str


class SourcePicker(QWidget):
    """A list to choose from, a button to look for cameras again, and one to open files."""

    chosen = pyqtSignal(str)

    def __init__(
        self, refresh: QAction, open_actions: Sequence[QAction], parent: QWidget | None = None
    ) -> None:
        """Make the picker with the demo clip as its only choice."""
        super().__init__(parent)
        self._cameras: tuple[SourceChoice, ...] = ()
        self._opened: SourceChoice | None = None
        self._theme: Theme | None = None
        self._box = QComboBox()
        self._box.setMinimumWidth(270)
        self._box.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self._box.setAccessibleName(self.tr("Source"))
        self._box.setToolTip(self.tr("Camera, video, images or stream to look at"))
        self._box.activated.connect(self._announce)
        refresh_button = QToolButton()
        refresh_button.setDefaultAction(refresh)
        refresh_button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self._open = QToolButton()
        self._open.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self._open.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._open.setToolTip(self.tr("Open a video, images or an address"))
        self._open.setAccessibleName(self.tr("Open"))
        self._menu = QMenu(self._open)
        self._menu.addActions(list(open_actions))
        self._open.setMenu(self._menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self._box, refresh_button, self._open):
            row.addWidget(widget)
        self._rebuild(DEMO)

    @property
    def current(self) -> str:
        """The source that the list shows."""
        return str(self._box.currentData())

    def add_menu(self, menu: QMenu) -> None:
        """Put a submenu at the end of the button that opens files."""
        self._menu.addSeparator()
        self._menu.addMenu(menu)

    def show_cameras(self, cameras: Sequence[SourceChoice]) -> None:
        """List these cameras; what is chosen stays chosen."""
        self._cameras = tuple(cameras)
        self._rebuild(self.current)

    def show_current(self, choice: SourceChoice) -> None:
        """Mark what runs; a source that is not listed is added as what was opened last."""
        known = {camera.source for camera in self._cameras} | {DEMO}
        if choice.source not in known:
            self._opened = choice
        self._rebuild(choice.source)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._open.setIcon(icon("folder", theme))
        self._rebuild(self.current)

    def _rebuild(self, current: str) -> None:
        choices = [*self._cameras, SourceChoice(DEMO, self.tr("Demo clip"), "demo")]
        if self._opened is not None:
            choices.append(self._opened)
        self._box.blockSignals(True)
        self._box.clear()
        for row, choice in enumerate(choices):
            self._box.addItem(choice.text, choice.source)
            if self._theme is not None:
                self._box.setItemIcon(row, icon(choice.icon, self._theme))
        self._box.setCurrentIndex(max(0, self._box.findData(current)))
        self._box.blockSignals(False)

    def _announce(self, row: int) -> None:
        self.chosen.emit(str(self._box.itemData(row)))
