"""The window: puts views, panels and bars in their places, and does nothing else."""

import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from PyQt6.QtCore import QByteArray, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QCloseEvent, QGuiApplication
from PyQt6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow, QVBoxLayout, QWidget

from app.actions import fill_menu_bar, make_actions, show_icons
from app.controller import Controller
from app.crash import CrashReporter
from app.display import display_problem
from app.opengl import OpenGLInfo, choose_surface_format, probe_opengl
from app.overlay import MeshPainter
from app.panels.banner import Banner
from app.panels.dock_title import DockTitle
from app.panels.opacity_slider import OpacitySlider
from app.panels.source_picker import SourcePicker
from app.panels.status_strip import StatusStrip
from app.panels.toolbar import make_toolbar
from app.session import Session
from app.settings import FILE_NAME, from_text, load_settings, to_text
from app.state import ViewOptions
from app.theme import DARK, Theme, program_icon
from app.views.camera_view import CameraView
from app.views.picture_view import PictureView
from app.views.plot_view import PlotView
from app.views.scene_view import SceneView
from app.visuals.mesh_topology import MeshTopology
from core.assets import hand_model_path, user_folders
from core.errors import DisplayError
from core.hand_model.file import HandModel, load_hand_model

_DEFAULT_SIZE: Final = QSize(1440, 880)
_SIDE_WIDTH: Final = 470
_HARDWARE_SAMPLES: Final = 4
_SIDE_HEIGHTS: Final = (520, 320)


class MainWindow(QMainWindow):
    """Live picture in the middle, 3D view and latency beside it, a bar above and one below.

    Attributes:
        actions_by_id: everything that can be done, see app/actions.py.
        picture: the live picture; without OpenGL one that is drawn in software.
        scene: the 3D view; None without OpenGL.
    """

    closing = pyqtSignal()

    def __init__(self, model: HandModel, opengl: OpenGLInfo, options: ViewOptions) -> None:
        """Build the window for meshes of this model."""
        super().__init__()
        self.setWindowTitle("ManyHands")
        self.topology = MeshTopology(model.v_template, model.faces)
        self.actions_by_id = make_actions(self)
        self.picture: CameraView | PictureView
        self.scene: SceneView | None = None
        if opengl.available:
            self.picture = CameraView(self.topology, options, opengl.is_software)
            self.scene = SceneView(self.topology, options, opengl.is_software)
        else:
            self.picture = PictureView(MeshPainter(model), options)
        self.plot = PlotView()
        self._make_panels()
        self._make_docks()
        self.resize(_DEFAULT_SIZE)
        self._size_docks()
        self._first_layout = self.saveState()
        self._was_maximised = False
        self._is_running = False
        self._theme = DARK

    def _make_panels(self) -> None:
        """Make bars and banner, and put the picture in the middle."""
        actions = self.actions_by_id
        opening = [actions[f"open_{kind}"] for kind in ("file", "folder", "url")]
        self.picker = SourcePicker(actions["refresh"], opening)
        self.opacity = OpacitySlider()
        self.banner = Banner()
        self.status = StatusStrip()
        self._bar = make_toolbar(actions, self.picker, self.opacity)
        self.addToolBar(self._bar)
        self.setStatusBar(self.status)
        self._placeholder = _note("")
        self._placeholder.setObjectName("placeholder")
        over_picture = QVBoxLayout(self.picture)
        over_picture.addWidget(self._placeholder, 0, Qt.AlignmentFlag.AlignCenter)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(6, 6, 0, 6)
        column.setSpacing(6)
        column.addWidget(self.banner)
        column.addWidget(self.picture, 1)
        self.setCentralWidget(centre)

    def _make_docks(self) -> None:
        """Put the 3D view and the plot to the right, and fill the menus."""
        self._titles: list[DockTitle] = []
        self._docks: list[QDockWidget] = []
        presets = [self.actions_by_id[f"view_{name}"] for name in ("home", "front", "side", "top")]
        no_scene = _note("The 3D view needs OpenGL,\nwhich is missing here.")
        for name, title, widget, buttons in (
            ("scene_dock", "3D view", self.scene or no_scene, presets if self.scene else []),
            ("plot_dock", "Latency", self.plot, []),
        ):
            dock = QDockWidget(title, self)
            dock.setObjectName(name)
            dock.setWidget(widget)
            bar = DockTitle(dock, buttons)
            dock.setTitleBarWidget(bar)
            self._titles.append(bar)
            self._docks.append(dock)
            self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        bar_of_menus = self.menuBar()
        if bar_of_menus is not None:
            fill_menu_bar(bar_of_menus, self.actions_by_id, self._panel_actions())

    def _panel_actions(self) -> Mapping[str, list[QAction]]:
        """Return what shows and hides each dock, for the View menu."""
        shown = [dock.toggleViewAction() for dock in self._docks]
        return {"View": [action for action in shown if action is not None]}

    def _size_docks(self) -> None:
        self.resizeDocks(self._docks, [_SIDE_WIDTH] * 2, Qt.Orientation.Horizontal)
        self.resizeDocks(self._docks, list(_SIDE_HEIGHTS), Qt.Orientation.Vertical)

    def show_message(self, text: str) -> None:
        """Write in the middle of the picture; empty for nothing."""
        self._placeholder.setText(text)
        self._placeholder.setVisible(bool(text))

    def show_theme(self, theme: Theme) -> None:
        """Give every part the colours of a theme."""
        self._theme = theme
        show_icons(self.actions_by_id, theme, self._is_running)
        parts = (self.picture, self.plot, self.picker, self.opacity, self.banner, self.status)
        for part in (*parts, *self._titles):
            part.show_theme(theme)
        if self.scene is not None:
            self.scene.show_theme(theme)

    def show_options(self, options: ViewOptions) -> None:
        """Show hands in this manner, and mark it in bars and menus."""
        self.picture.show_options(options)
        if self.scene is not None:
            self.scene.show_options(options)
        for name, on in (
            ("mirror", options.mirror),
            ("mesh", options.show_mesh),
            ("skeleton", options.show_skeleton),
            ("labels", options.show_labels),
        ):
            self.actions_by_id[name].setChecked(on)
        self.opacity.show_opacity(options.opacity)

    def show_running(self, running: bool) -> None:
        """Make the button say what it would do."""
        self._is_running = running
        show_icons(self.actions_by_id, self._theme, running)

    def set_full_screen(self, on: bool) -> None:
        """Fill the screen, or return to what was before."""
        if on:
            self._was_maximised = self.isMaximized()
            self.showFullScreen()
        elif self.isFullScreen():
            self.showMaximized() if self._was_maximised else self.showNormal()

    def save_layout(self) -> tuple[str, str]:
        """Return geometry and layout as texts for the settings."""
        return to_text(self.saveGeometry().data()), to_text(self.saveState().data())

    def restore_layout(self, geometry: str, layout: str) -> None:
        """Put everything where it was; what cannot be read is left as it is."""
        if self.restoreGeometry(QByteArray(from_text(geometry))):
            self._bring_onto_screen()
        self.restoreState(QByteArray(from_text(layout)))

    def reset_layout(self) -> None:
        """Put every panel back in its place."""
        self.restoreState(self._first_layout)
        for dock in self._docks:
            dock.setFloating(False)
            dock.show()
        self._size_docks()

    def _bring_onto_screen(self) -> None:
        """Move the window where it can be seen: its monitor may be gone."""
        screens = QGuiApplication.screens()
        if not any(
            screen.availableGeometry().intersects(self.frameGeometry()) for screen in screens
        ):
            self.move(screens[0].availableGeometry().topLeft())

    def save_picture(self, path: Path) -> bool:
        """Write the live picture with its hands as PNG; return whether that worked."""
        picture = self.picture
        if isinstance(picture, CameraView):
            return picture.picture().save(str(path), "PNG")
        return picture.grab().save(str(path), "PNG")

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Tell that the window closes."""
        self.closing.emit()
        super().closeEvent(event)


def _note(text: str) -> QLabel:
    note = QLabel(text)
    note.setObjectName("note")
    note.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return note


def make_application(arguments: Sequence[str]) -> QApplication:
    """Make the QApplication, with a surface that this machine can draw in time."""
    app = QApplication(list(arguments))
    app.setApplicationName("ManyHands")
    app.setDesktopFileName("manyhands")
    app.setWindowIcon(program_icon())
    return app


def open_window(
    model: HandModel, session: Session, crashes: CrashReporter, settings_path: Path
) -> tuple[MainWindow, Controller]:
    """Make the window with its controller, which starts nothing yet; needs a QApplication."""
    opengl = probe_opengl()
    # Four samples a pixel smooth edges at no cost on a graphics card, and too slowly without one.
    if opengl.available and not opengl.is_software:
        choose_surface_format(_HARDWARE_SAMPLES)
    window = MainWindow(model, opengl, ViewOptions())
    controller = Controller(window, session, load_settings(settings_path), settings_path)
    crashes.reported.connect(controller.show_crash)
    if not opengl.available:
        controller.show_no_opengl(opengl.reason)
    return window, controller


def main(source: str | None = None, engine: str = "auto") -> int:
    """Open the window and run until it is closed; return the exit status.

    Args:
        source: what to show first; None for what was open last, a camera or the demo clip.
        engine: "auto" or an engine's name.

    Raises:
        DisplayError: GUI-01 where no window can open.
        ModelFileError: the hand model that ships is missing or damaged.
    """
    problem = display_problem()
    if problem is not None:
        raise DisplayError(
            "GUI-01",
            f"no window can open: {problem}",
            "Start it on a desktop, or process a file with `manyhands run SOURCE --out DIR`.",
        )
    before: dict[signal.Signals, Any] = {}
    crashes = CrashReporter()
    crashes.install()
    try:
        model = load_hand_model(hand_model_path())
        app = make_application(sys.argv[:1])
        settings_path = user_folders().config / FILE_NAME
        window, controller = open_window(model, Session(model), crashes, settings_path)
        for number in (signal.SIGINT, signal.SIGTERM):  # heard at the session's next poll
            before[number] = signal.signal(number, lambda *_: window.close())
        controller.begin(source, engine)
        window.show()
        return app.exec()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        crashes.uninstall()
