"""The bar over the picture: source, start and stop, and how hands are shown."""

from PyQt6.QtCore import QCoreApplication, QSize, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from app.panels.opacity_slider import OpacitySlider
from app.panels.source_picker import SourcePicker

_ICON_PX = 20
_SHOWN = ("mirror", "mesh", "wireframe", "skeleton", "keypoints", "boxes", "labels")
_COLOURS = ("colour_hand", "colour_skin", "colour_normals")


def make_toolbar(
    actions: dict[str, QAction], picker: SourcePicker, opacity: OpacitySlider
) -> QToolBar:
    """Return the bar; it stays at the top."""
    bar = QToolBar(QCoreApplication.translate("Toolbar", "Main bar"))
    bar.setObjectName("main_bar")
    bar.setMovable(False)
    bar.setFloatable(False)
    bar.setIconSize(QSize(_ICON_PX, _ICON_PX))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    bar.addWidget(picker)
    run = QToolButton()
    run.setDefaultAction(actions["run"])
    run.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    run.setMinimumWidth(84)
    bar.addWidget(run)
    bar.addAction(actions["record"])
    bar.addSeparator()
    bar.addActions([actions[name] for name in _SHOWN])
    bar.addWidget(_colour_button(actions))
    bar.addWidget(opacity)
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(spacer)
    bar.addActions([actions[name] for name in ("refine", "screenshot", "full_screen")])
    return bar


def _colour_button(actions: dict[str, QAction]) -> QToolButton:
    """Return a button whose menu says what colours the surface."""
    button = QToolButton()
    button.setToolTip(QCoreApplication.translate("Toolbar", "What colours the surface"))
    button.setAccessibleName(QCoreApplication.translate("Toolbar", "Colours"))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    menu.addActions([actions[name] for name in _COLOURS])
    menu.addSeparator()
    menu.addAction(actions["predicted_light"])
    button.setMenu(menu)
    palette = actions["colour_hand"]  # its icon follows the theme
    palette.changed.connect(lambda: button.setIcon(palette.icon()))
    return button
