"""Which source is shown: cameras, files, folders, addresses and the demo clip."""

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QCoreApplication, QObject

from app.actions import connect_actions
from app.camera_book import CameraBook
from app.camera_watch import CameraWatch
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.panels.dialogs import ask_file, ask_folder, ask_url
from app.panels.drop_target import DropTarget
from app.panels.recent_menu import RecentMenu
from app.panels.source_picker import DEMO, SourceChoice
from app.session import Session, SourceInfo
from app.session_info import is_camera
from app.settings import SettingsStore
from core.capture import CameraInfo, listing_opens_cameras, watched_folders

_LOG = logging.getLogger(__name__)
_RECENT: Final = 10


class SourcesController(QObject):
    """Opens what is chosen, starts and stops it, and remembers it."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        store: SettingsStore,
        book: CameraBook,
        parent: QObject,
    ) -> None:
        """Connect the picker, the rows of the Source menu, drops and hot-plug."""
        super().__init__(parent)
        self._window, self._session, self._store, self._book = window, session, store, book
        self._current = DEMO
        self._cameras: tuple[CameraInfo, ...] | None = None
        self._wanted: str | None = None
        self._asked_for_cameras = False
        connect_actions(
            window.actions_by_id,
            {
                "run": self._toggle_run,
                "refresh": self._refresh_cameras,
                "open_file": lambda: ask_file(window, self._folder(), self._open_path),
                "open_folder": lambda: ask_folder(window, self._folder(), self._open_path),
                "open_url": lambda: ask_url(window, self.open_source),
                "open_demo": partial(self.open_source, DEMO),
            },
        )
        window.picker.chosen.connect(self.open_source)
        window.banner.retry_asked.connect(self._retry)
        session.running_changed.connect(window.show_running)
        session.source_opened.connect(self._show_source)
        session.cameras_found.connect(self._show_cameras)
        window.show_running(False)
        self._recent = RecentMenu(window)
        self._recent.chosen.connect(self.open_source)
        self._recent.clear_asked.connect(self._forget_recent)
        self._recent.show_recent(store.settings.recent)
        window.add_to_menu("Source", self._recent.menuAction())
        window.picker.add_menu(self._recent)
        DropTarget(window).dropped.connect(self._open_path)
        self._watch = CameraWatch(
            watched_folders, may_poll=not listing_opens_cameras(), parent=self
        )
        self._watch.changed.connect(session.find_cameras)
        window.closing.connect(self._watch.stop)

    def begin(self, source: str | None) -> None:
        """Start with a source, or with what was open last, the first camera or the demo clip."""
        self._wanted = source
        if source is not None:
            self.open_source(source)
        else:
            self._window.show_message(self.tr("Looking for cameras ..."))
            self._wanted = self._store.settings.source
        self._session.find_cameras()

    def open_source(self, source: str) -> None:
        """Show another source."""
        self._wanted = None
        self._current = source
        self._window.show_message(self.tr("Opening ..."))
        self._window.picker.show_current(_choice_of(source, self._camera_name(source)))
        self._store.keep(replace(self._store.settings, source=source))
        self._remember(source)
        self._session.open(source, self._book.turn_to(source).capture)

    def _remember(self, source: str) -> None:
        """Put what was opened on top of the list of recent sources."""
        if source == DEMO or is_camera(source) or _has_secret(source):
            return
        others = [known for known in self._store.settings.recent if known != source]
        recent = tuple([source, *others][:_RECENT])
        self._store.keep(replace(self._store.settings, recent=recent))
        self._recent.show_recent(recent)

    def _forget_recent(self) -> None:
        self._store.keep(replace(self._store.settings, recent=()))
        self._recent.show_recent(())

    def _camera_name(self, source: str) -> str:
        """Return the name of a camera that was listed; empty for anything else."""
        names = {camera.source: camera.name for camera in self._cameras or ()}
        return names.get(source, "")

    def _folder(self) -> str:
        return self._store.settings.last_folder

    def _open_path(self, path: str) -> None:
        self._store.keep(replace(self._store.settings, last_folder=str(Path(path).parent)))
        self.open_source(path)

    def _refresh_cameras(self) -> None:
        self._asked_for_cameras = True
        self._session.find_cameras()

    def _show_cameras(self, cameras: tuple[CameraInfo, ...]) -> None:
        """List the cameras; at the start take the wanted one, the first one or the demo clip."""
        before, self._cameras = self._cameras, cameras
        choices = [SourceChoice(camera.source, camera.name, "webcam") for camera in cameras]
        self._window.picker.show_cameras(choices)
        if self._wanted is not None:
            self._begin_with(self._wanted, [choice.source for choice in choices])
        elif not cameras and self._asked_for_cameras:
            self._say(self.tr("No camera was found."), self.tr("Plug one in and press F5."))
        elif before is not None:
            self._show_plugged_in([camera for camera in cameras if camera not in before])
        self._asked_for_cameras = False

    def _begin_with(self, wanted: str, known: list[str]) -> None:
        """Open the source of last time, or what comes nearest, and say if it is not there."""
        is_gone = is_camera(wanted) and wanted not in known
        if wanted and not is_gone and (is_camera(wanted) or _still_there(wanted)):
            self.open_source(wanted)
            return
        self.open_source(known[0] if known else DEMO)
        if is_gone:
            self._say(
                self.tr("The camera that was shown last is not plugged in."),
                self.tr("Plug it in and choose it, or go on with this one."),
            )

    def _show_plugged_in(self, new: list[CameraInfo]) -> None:
        """Open a lost camera that is back; name any other that has come."""
        for camera in new:
            _LOG.info("plugged in: %s", camera)
            if camera.source == self._current:
                self._session.hurry()
            else:
                self._say(
                    self.tr("{camera} was plugged in.").format(camera=camera.name),
                    self.tr("Choose it in the list of sources."),
                )

    def _say(self, title: str, remedy: str) -> None:
        self._window.banner.show_notice(Notice("info", "", title, remedy))

    def _show_source(self, info: SourceInfo) -> None:
        """Name the source with its real mode."""
        self._window.picker.show_current(_choice_of(info.source, info.name))
        self._window.status.show_source(f"{info.name}   {info.mode}".strip(), info.source)

    def _toggle_run(self) -> None:
        player = self._session.replay.player
        if self._session.is_running:
            self._session.stop()
            if player is None:
                self._window.show_stale()
        elif player is not None:
            player.play()
        else:
            self._retry()

    def _retry(self) -> None:
        self.open_source(self._current)


def _has_secret(source: str) -> bool:
    """Say whether an address carries a password, which belongs into no list."""
    return "://" in source and "@" in source.split("://", 1)[1].split("/", 1)[0]


def _still_there(source: str) -> bool:
    return source == DEMO or "://" in source or Path(source).exists()


def _choice_of(source: str, name: str) -> SourceChoice:
    """Return how the picker shows a source."""
    if source == DEMO:
        return SourceChoice(source, QCoreApplication.translate("Sources", "Demo clip"), "demo")
    if is_camera(source):
        number = source.removeprefix("camera:")
        camera = QCoreApplication.translate("Sources", "Camera {number}").format(number=number)
        return SourceChoice(source, name or camera, "webcam")
    if "://" in source:
        return SourceChoice(source, name or source, "link")
    is_folder = Path(source).is_dir()
    return SourceChoice(source, name or Path(source).name, "folder" if is_folder else "film")
