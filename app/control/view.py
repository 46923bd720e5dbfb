"""How hands are shown: mirror, surface, joints, names, opacity, and the 3D view's presets."""

import time
from dataclasses import replace
from functools import partial

import platformdirs
from PyQt6.QtCore import QObject

from app.actions import connect_actions
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.session import Session, SourceInfo
from app.settings import SettingsStore
from app.state import ViewOptions, ViewState
from app.views.orbit_camera import FRONT, HOME, SIDE, TOP, OrbitCamera


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
        self.state = ViewState(self._options(), self)
        connect_actions(
            window.actions_by_id,
            {
                "screenshot": self._save_picture,
                "view_home": partial(self._look_from, HOME),
                "view_front": partial(self._look_from, FRONT),
                "view_side": partial(self._look_from, SIDE),
                "view_top": partial(self._look_from, TOP),
                "mirror": self._set_mirror,
                "mesh": lambda on: store.keep(replace(store.settings, show_mesh=on)),
                "skeleton": lambda on: store.keep(replace(store.settings, show_skeleton=on)),
                "labels": lambda on: store.keep(replace(store.settings, show_labels=on)),
            },
        )
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
            show_skeleton=settings.show_skeleton,
            show_labels=settings.show_labels,
            opacity=settings.opacity,
        )

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

    def _look_from(self, camera: OrbitCamera) -> None:
        if self._window.scene is not None:
            self._window.scene.show_from(camera)

    def _save_picture(self) -> None:
        """Save the live picture into the user's folder of pictures."""
        folder = platformdirs.user_pictures_path() / "ManyHands"
        path = folder / f"manyhands-{time.strftime('%Y%m%d-%H%M%S')}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            saved = self._window.save_picture(path)
        except OSError:
            saved = False
        if saved:
            notice = Notice("info", "", f"Saved {path}")
        else:
            notice = Notice(
                "error", "OUT-01", f"{path} cannot be written", "Check the folder's permissions."
            )
        self._window.banner.show_notice(notice)
