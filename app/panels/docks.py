"""How a panel stands beside the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDockWidget, QWidget

from app.panels.dock_title import DockTitle

_LEFT: Final = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT: Final = Qt.DockWidgetArea.RightDockWidgetArea
#: Of panels with settings, left of the picture.
SETTINGS_WIDTH: Final = 400
BESIDE: Final = (_LEFT, _RIGHT)


@dataclass(frozen=True, slots=True, eq=False)
class DockSpec:
    """A panel and its place, until a person moves it.

    Attributes:
        name: stable; the layout is remembered by it.
        title: for a person.
        widget: the panel; a dock owns it from then on.
        actions: buttons of its title.
        area: the side of the picture.
        height: in px, against its neighbours.
        width: in px, of its side of the picture.
        shown: whether it is there at first; the View menu shows and hides it.
        tab_with: the name of a dock that it lies over; empty for a place of its own.
    """

    name: str
    title: str
    widget: QWidget
    actions: Sequence[QAction] = ()
    area: Qt.DockWidgetArea = _RIGHT
    height: int = 240
    width: int = 470
    shown: bool = True
    tab_with: str = ""


def make_dock(spec: DockSpec, parent: QWidget) -> QDockWidget:
    """Return a dock with the panel in it."""
    dock = QDockWidget(spec.title, parent)
    dock.setObjectName(spec.name)
    dock.setWidget(spec.widget)
    dock.setTitleBarWidget(DockTitle(dock, spec.actions))
    return dock
