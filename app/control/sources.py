"""Which source is shown: cameras, files, folders, addresses and the demo clip."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QObject

from app.actions import connect_actions
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.panels.dialogs import ask_file, ask_folder, ask_url
from app.panels.source_picker import DEMO, SourceChoice
from app.session import Session, SourceInfo
from app.settings import SettingsStore
from core.capture import CameraInfo


class SourcesController(QObject):
    """Opens what is chosen, starts and stops it, and remembers it."""

    def __init__(
        self, window: MainWindow, session: Session, store: SettingsStore, parent: QObject
    ) -> None:
        """Connect the picker and the rows of the Source menu."""
        super().__init__(parent)
        self._window, self._session, self._store = window, session, store
        self._current = DEMO
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
        self._window.picker.show_current(_choice_of(source, ""))
        self._store.keep(replace(self._store.settings, source=source))
        self._session.open(source)

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
        choices = [SourceChoice(str(camera.index), camera.name, "webcam") for camera in cameras]
        self._window.picker.show_cameras(choices)
        if self._wanted is not None:
            wanted, known = self._wanted, [choice.source for choice in choices]
            gone = wanted.isdigit() and wanted not in known
            if not wanted or gone or not (wanted.isdigit() or _still_there(wanted)):
                wanted = known[0] if known else DEMO
            self.open_source(wanted)
        elif not cameras and self._asked_for_cameras:
            notice = Notice(
                "info", "", self.tr("No camera was found."), self.tr("Plug one in and press F5.")
            )
            self._window.banner.show_notice(notice)

    def _show_source(self, info: SourceInfo) -> None:
        """Name the source with its real mode."""
        self._window.picker.show_current(_choice_of(info.source, info.name))
        self._window.status.show_source(f"{info.name}   {info.mode}".strip(), info.source)

    def _toggle_run(self) -> None:
        player = self._session.replay.player
        if self._session.is_running:
            self._session.stop()
            self._window.picture.show_stale(player is None)
        elif player is not None:
            player.play()
        else:
            self._retry()

    def _retry(self) -> None:
        self.open_source(self._current)


def _still_there(source: str) -> bool:
    return source == DEMO or "://" in source or Path(source).exists()


def _choice_of(source: str, name: str) -> SourceChoice:
    """Return how the picker shows a source."""
    if source == DEMO:
        return SourceChoice(source, QCoreApplication.translate("Sources", "Demo clip"), "demo")
    if source.isdigit():
        camera = QCoreApplication.translate("Sources", "Camera {number}").format(number=source)
        return SourceChoice(source, name or camera, "webcam")
    if "://" in source:
        return SourceChoice(source, name or source, "link")
    is_folder = Path(source).is_dir()
    return SourceChoice(source, name or Path(source).name, "folder" if is_folder else "film")
