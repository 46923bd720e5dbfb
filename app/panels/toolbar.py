"""The bar over the picture: source, start and stop, and how hands are shown."""

from PyQt6.QtCore import QCoreApplication, QSize, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from app.panels.opacity_slider import OpacitySlider
from app.panels.source_picker import SourcePicker

_ICON_PX = 20


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
    bar.addActions([actions[name] for name in ("mirror", "mesh", "skeleton", "labels")])
    bar.addWidget(opacity)
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(spacer)
    bar.addActions([actions[name] for name in ("screenshot", "full_screen")])
    return bar
