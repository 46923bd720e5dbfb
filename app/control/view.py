"""How hands are shown: mirror, surface, joints, names, opacity, and the 3D view's presets."""

from dataclasses import replace
from functools import partial
from typing import Final, cast

from PyQt6.QtCore import QObject

from app.actions import connect_actions
from app.main_window import MainWindow
from app.palette import SURFACE_COLOURS, SurfaceColour
from app.pictures import PictureSaver
from app.session import Session, SourceInfo
from app.settings import SettingsStore
from app.state import ViewOptions, ViewState
from app.views.orbit_camera import FRONT, HOME, SIDE, TOP, OrbitCamera

#: Rows that do nothing without a 3D view.
_OF_SCENE: Final = (
    "view_home", "view_front", "view_side", "view_top", "trails", "follow", "grid", "screenshot_3d",
)  # fmt: skip


class ViewController(QObject):
    """Keeps the view options in the settings, and the window as they say.

    Attributes:
        state: the options that hold now.
    """

    def __init__(
        self, window: MainWindow, session: Session, store: SettingsStore, parent: QObject
    ) -> None:
        """Connect the rows of the View and 3D view menus."""
        super().__init__(parent)
        self._window, self._store = window, store
        self._is_live = False
        self._saver = PictureSaver(self)
        self._saver.saved.connect(window.banner.show_notice)
        window.closing.connect(self._saver.wait)
        self.state = ViewState(self._options(), self)
        connect_actions(
            window.actions_by_id,
            {
                "screenshot": lambda: self._saver.save(window.picture.picture_alone(), "picture"),
                "screenshot_3d": self._save_scene,
                "view_home": partial(self._look_from, HOME),
                "view_front": partial(self._look_from, FRONT),
                "view_side": partial(self._look_from, SIDE),
                "view_top": partial(self._look_from, TOP),
                "mirror": self._set_mirror,
                "mesh": lambda on: store.keep(replace(store.settings, show_mesh=on)),
                "wireframe": lambda on: store.keep(replace(store.settings, show_wireframe=on)),
                "skeleton": lambda on: store.keep(replace(store.settings, show_skeleton=on)),
                "keypoints": lambda on: store.keep(replace(store.settings, show_keypoints=on)),
                "boxes": lambda on: store.keep(replace(store.settings, show_boxes=on)),
                "labels": lambda on: store.keep(replace(store.settings, show_labels=on)),
                "predicted_light": lambda on: store.keep(
                    replace(store.settings, predicted_light=on)
                ),
                "trails": lambda on: store.keep(replace(store.settings, show_trails=on)),
                "follow": lambda on: store.keep(replace(store.settings, follow_hands=on)),
                "grid": lambda on: store.keep(replace(store.settings, show_grid=on)),
                **{f"colour_{name}": partial(self._colour_by, name) for name in SURFACE_COLOURS},
            },
        )
        window.lost_opengl.connect(self._disable_scene)
        if window.scene is None:
            self._disable_scene()
        window.opacity.opacity_changed.connect(
            lambda value: store.keep(replace(store.settings, opacity=value))
        )
        store.changed.connect(self._update)
        session.source_opened.connect(self._follow_source)
        self.state.changed.connect(window.show_options)
        window.show_options(self.state.options)

    def _options(self) -> ViewOptions:
        """Return the view options that the settings and the kind of source give."""
        settings = self._store.settings
        return ViewOptions(
            mirror=settings.mirror_cameras if self._is_live else settings.mirror_files,
            show_mesh=settings.show_mesh,
            show_wireframe=settings.show_wireframe,
            show_skeleton=settings.show_skeleton,
            show_keypoints=settings.show_keypoints,
            show_boxes=settings.show_boxes,
            show_labels=settings.show_labels,
            opacity=settings.opacity,
            surface=cast(SurfaceColour, settings.surface),
            predicted_light=settings.predicted_light,
            show_trails=settings.show_trails,
            follow_hands=settings.follow_hands,
            show_grid=settings.show_grid,
        )

    def _colour_by(self, surface: SurfaceColour) -> None:
        self._store.keep(replace(self._store.settings, surface=surface))

    def _update(self) -> None:
        self.state.set_options(self._options())

    def _follow_source(self, info: SourceInfo) -> None:
        """Mirror as this kind of source is mirrored."""
        self._is_live = info.is_live
        self._update()

    def _set_mirror(self, on: bool) -> None:
        settings = self._store.settings
        if self._is_live:
            self._store.keep(replace(settings, mirror_cameras=on))
        else:
            self._store.keep(replace(settings, mirror_files=on))

    def _disable_scene(self) -> None:
        for name in _OF_SCENE:
            self._window.actions_by_id[name].setEnabled(False)

    def _look_from(self, camera: OrbitCamera) -> None:
        if self._window.scene is not None:
            self._window.scene.show_from(camera)

    def _save_scene(self) -> None:
        """Save what the 3D view shows into the user's folder of pictures."""
        if self._window.scene is not None:
            self._saver.save(self._window.scene.picture(), "3d")
