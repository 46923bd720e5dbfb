"""The window: puts views, panels and bars in their places, and does nothing else."""

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QByteArray, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QCloseEvent, QGuiApplication
from PyQt6.QtWidgets import QDockWidget, QLabel, QMainWindow, QVBoxLayout, QWidget

from app.actions import fill_menu_bar, make_actions, show_icons
from app.opengl import OpenGLInfo
from app.overlay import MeshPainter
from app.panels.banner import Banner
from app.panels.docks import BESIDE, DockSpec, make_dock
from app.panels.opacity_slider import OpacitySlider
from app.panels.source_picker import SourcePicker
from app.panels.status_strip import StatusStrip
from app.panels.toolbar import make_toolbar
from app.settings import from_text, to_text
from app.state import ViewOptions
from app.theme import DARK, Theme, Themed
from app.views.camera_view import CameraView
from app.views.picture_view import PictureView
from app.views.plot_view import PlotView
from app.views.scene_view import SceneView
from app.visuals.mesh_topology import MeshTopology
from core.hand_model.file import HandModel

_DEFAULT_SIZE: Final = QSize(1440, 880)


class MainWindow(QMainWindow):
    """Live picture in the middle, 3D view and latency beside it, a bar above and one below.

    Attributes:
        actions_by_id: everything that can be done, see app/actions.py.
        picture: the live picture; without OpenGL one that is drawn in software.
        close_guards: each may say no to closing, and close the window later itself.
        scene: the 3D view; None without OpenGL.
        docks: every panel beside the picture, by name.
        theme: the colours that it has now.
    """

    closing = pyqtSignal()
    lost_opengl = pyqtSignal()
    went_stale = pyqtSignal()  # no hands are shown any more

    def __init__(self, model: HandModel, opengl: OpenGLInfo, options: ViewOptions) -> None:
        """Build the window for meshes of this model."""
        super().__init__()
        self.setWindowTitle("ManyHands")
        self._model, self._options = model, options
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
        self.docks: dict[str, QDockWidget] = {}
        self._specs: list[DockSpec] = []
        self._themed: list[Themed] = []
        self._menu_actions: dict[str, list[QAction]] = {}
        self._make_panels()
        of_scene = ("view_home", "view_front", "view_side", "view_top", "trails", "follow", "grid")
        presets = [self.actions_by_id[name] for name in of_scene]
        if self.scene is None:
            self.add_dock(DockSpec("scene_dock", self.tr("3D view"), self._no_scene(), height=450))
        else:
            self.add_dock(
                DockSpec("scene_dock", self.tr("3D view"), self.scene, presets, height=450)
            )
        self.add_dock(DockSpec("plot_dock", self.tr("Latency"), self.plot, height=390))
        self.resize(_DEFAULT_SIZE)
        self._was_maximised = False
        self._is_running = False
        self._asks = True
        self.close_guards: list[Callable[[], bool]] = []
        self.theme = DARK

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
        self._lay_placeholder()
        centre = QWidget()
        self._centre = QVBoxLayout(centre)
        self._centre.setContentsMargins(6, 6, 0, 6)
        self._centre.setSpacing(6)
        self._centre.addWidget(self.banner)
        self._centre.addWidget(self.picture, 1)
        self.setCentralWidget(centre)

    def _lay_placeholder(self) -> None:
        over_picture = QVBoxLayout(self.picture)
        over_picture.addWidget(self._placeholder, 0, Qt.AlignmentFlag.AlignCenter)

    def _no_scene(self) -> QLabel:
        return _note(self.tr("The 3D view needs OpenGL,\nwhich is missing here."))

    def give_up_opengl(self) -> None:
        """Draw the picture without OpenGL from now on; a note takes the 3D view's place."""
        scene, old = self.scene, self.picture
        if scene is None:
            return
        self.scene = None
        self._themed.remove(scene)
        self.docks["scene_dock"].setWidget(self._no_scene())
        self.picture = PictureView(MeshPainter(self._model), self._options)
        self.picture.show_theme(self.theme)
        self._lay_placeholder()
        self._centre.replaceWidget(old, self.picture)
        for view in (old, scene):
            view.hide()
            view.deleteLater()
        self.lost_opengl.emit()

    def add_dock(self, spec: DockSpec) -> None:
        """Put a panel into the window; it gets the theme if it has `show_theme`."""
        dock = make_dock(spec, self)
        self.addDockWidget(spec.area, dock)
        if spec.tab_with:
            self.tabifyDockWidget(self.docks[spec.tab_with], dock)
        dock.setVisible(spec.shown)
        self.docks[spec.name] = dock
        self._specs.append(spec)
        for part in (spec.widget, dock.titleBarWidget()):
            if isinstance(part, Themed):
                self._themed.append(part)

    def add_to_menu(self, menu: str, action: QAction) -> None:
        """Put an action that is no row of the table, as of a submenu, at the end of a menu."""
        self._menu_actions.setdefault(menu, []).append(action)

    def finish_layout(self) -> None:
        """Fill the menus, and take the layout of this moment as the one to return to."""
        shown = [dock.toggleViewAction() for dock in self.docks.values()]
        bar = self.menuBar()
        if bar is not None:
            more = {"View": [action for action in shown if action is not None]}
            for menu, actions in self._menu_actions.items():
                more.setdefault(menu, []).extend(actions)
            fill_menu_bar(bar, self.actions_by_id, more)
        self._size_docks()
        self._first_layout = self.saveState()

    def _size_docks(self) -> None:
        """Give each column of panels its width and each panel its height."""
        beside = [spec for spec in self._specs if spec.area in BESIDE and not spec.tab_with]
        docks = [self.docks[spec.name] for spec in beside]
        self.resizeDocks(docks, [spec.width for spec in beside], Qt.Orientation.Horizontal)
        self.resizeDocks(docks, [spec.height for spec in beside], Qt.Orientation.Vertical)

    def show_message(self, text: str) -> None:
        """Write in the middle of the picture; empty for nothing."""
        self._placeholder.setText(text)
        self._placeholder.setVisible(bool(text))

    def show_stale(self) -> None:
        """Grey the last picture and take the hands away: they are no longer live."""
        self.picture.show_stale(True)
        if self.scene is not None:
            self.scene.show_nothing()
        self.status.show_hand_count(0, 0)
        self.went_stale.emit()

    def show_theme(self, theme: Theme) -> None:
        """Give every part the colours of a theme."""
        self.theme = theme
        show_icons(self.actions_by_id, theme, self._is_running)
        parts = (self.picture, self.picker, self.opacity, self.banner, self.status)
        for part in (*parts, *self._themed):
            part.show_theme(theme)

    def show_options(self, options: ViewOptions) -> None:
        """Show hands in this manner, and mark it in bars and menus."""
        self._options = options
        self.picture.show_options(options)
        if self.scene is not None:
            self.scene.show_options(options)
        for name, on in (
            ("mirror", options.mirror),
            ("mesh", options.show_mesh),
            ("wireframe", options.show_wireframe),
            ("skeleton", options.show_skeleton),
            ("keypoints", options.show_keypoints),
            ("boxes", options.show_boxes),
            ("labels", options.show_labels),
            (f"colour_{options.surface}", True),
            ("predicted_light", options.predicted_light),
            ("trails", options.show_trails),
            ("follow", options.follow_hands),
            ("grid", options.show_grid),
        ):
            self.actions_by_id[name].setChecked(on)
        self.opacity.show_opacity(options.opacity)

    def show_running(self, running: bool) -> None:
        """Make the button say what it would do."""
        self._is_running = running
        show_icons(self.actions_by_id, self.theme, running)

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
        for spec in self._specs:
            self.docks[spec.name].setFloating(False)
            self.docks[spec.name].setVisible(spec.shown)
        self._size_docks()

    def _bring_onto_screen(self) -> None:
        """Move the window where it can be seen: its monitor may be gone."""
        screens = QGuiApplication.screens()
        if not any(
            screen.availableGeometry().intersects(self.frameGeometry()) for screen in screens
        ):
            self.move(screens[0].availableGeometry().topLeft())

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Tell that the window closes, unless one of its guards wants to ask first."""
        if event is not None and self._asks and not all(may() for may in self.close_guards):
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)

    def close_unasked(self) -> None:
        """Close without asking anything, as the system wants it: what was begun is saved."""
        self._asks = False
        self.close()


def _note(text: str) -> QLabel:
    note = QLabel(text)
    note.setObjectName("note")
    note.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return note
