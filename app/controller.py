"""What happens when something is clicked or arrives: joins the window, the session and settings."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import platformdirs
from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication

from app.panels.banner import BannerState, Notice
from app.panels.dialogs import ask_file, ask_folder, ask_url, show_about, show_shortcuts
from app.panels.source_picker import DEMO, SourceChoice
from app.session import EngineInfo, Fault, Session, SourceInfo
from app.settings import LoadedSettings, Settings, save_settings
from app.state import RateMeter, Rates, ViewOptions, ViewState
from app.theme import ThemeChoice, apply_theme, resolve
from app.views.gl_widget import GlWidget
from app.views.orbit_camera import FRONT, HOME, SIDE, TOP, OrbitCamera
from app.visuals.hand_batch import HandColours, make_batch
from core.capture import CameraInfo
from core.errors import DisplayError, OutputError
from core.timing import now_ns
from core.types import TrackedHands

if TYPE_CHECKING:
    from app.main_window import MainWindow

_LOG = logging.getLogger(__name__)
_RATES_MS: Final = 500
_SAVE_MS: Final = 1500


class Controller(QObject):
    """Hears actions, panels and session, and tells the window what to show."""

    def __init__(
        self, window: "MainWindow", session: Session, loaded: LoadedSettings, settings_path: Path
    ) -> None:
        """Connect everything; the window owns the controller from now on."""
        super().__init__(window)
        self._window = window
        self._session = session
        session.setParent(self)
        self._settings = loaded.settings
        self._settings_path = settings_path
        self._source = SourceInfo(DEMO, "", "", is_live=False)
        self._wanted_source: str | None = None
        self._asked_for_cameras = False
        self._colours = HandColours()
        self._drawn = RateMeter()
        self._state = ViewState(self._options(), self)
        self._connect_actions()
        self._connect_session()
        self._rates_timer = self._timer(_RATES_MS, self._show_rates)
        self._rates_timer.start()
        self._save_timer = self._timer(_SAVE_MS, self.save)
        self._save_timer.setSingleShot(True)
        window.restore_layout(self._settings.geometry, self._settings.layout)
        self._choose_theme(cast(ThemeChoice, self._settings.theme))
        window.show_options(self._state.options)
        window.show_running(False)
        for text in loaded.notices[:1]:
            self._say("warn", text, "Everything else was kept.")

    def _timer(self, interval_ms: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval_ms)
        timer.timeout.connect(act)
        return timer

    # Connections

    def _connect_actions(self) -> None:
        """Say what each row of the table does."""
        window, folder = self._window, self._settings.last_folder
        acts: dict[str, Callable[[], object]] = {
            "run": self._toggle_run,
            "refresh": self._refresh_cameras,
            "open_file": lambda: ask_file(window, folder, self._open_path),
            "open_folder": lambda: ask_folder(window, folder, self._open_path),
            "open_url": lambda: ask_url(window, self.open_source),
            "open_demo": partial(self.open_source, DEMO),
            "screenshot": self._save_picture,
            "quit": window.close,
            "reset_layout": window.reset_layout,
            "view_home": partial(self._look_from, HOME),
            "view_front": partial(self._look_from, FRONT),
            "view_side": partial(self._look_from, SIDE),
            "view_top": partial(self._look_from, TOP),
            "theme_system": partial(self._choose_theme, "system"),
            "theme_dark": partial(self._choose_theme, "dark"),
            "theme_light": partial(self._choose_theme, "light"),
            "shortcuts": lambda: show_shortcuts(window, window.actions_by_id),
            "about": self._show_about,
        }
        switches: dict[str, Callable[[bool], object]] = {
            "mirror": self._set_mirror,
            "mesh": lambda on: self._keep(replace(self._settings, show_mesh=on)),
            "skeleton": lambda on: self._keep(replace(self._settings, show_skeleton=on)),
            "labels": lambda on: self._keep(replace(self._settings, show_labels=on)),
            "full_screen": window.set_full_screen,
        }
        for name, act in acts.items():
            window.actions_by_id[name].triggered.connect(lambda _checked, act=act: act())
        for name, switch in switches.items():
            window.actions_by_id[name].toggled.connect(switch)

    def _connect_session(self) -> None:
        """Hear the session, the panels and the desktop."""
        window, session = self._window, self._session
        session.set_viewer(self._show_hands)
        session.running_changed.connect(window.show_running)
        session.source_opened.connect(self._show_source)
        session.engine_opened.connect(self._show_engine)
        session.cameras_found.connect(self._show_cameras)
        session.faulted.connect(self._show_fault)
        window.opacity.opacity_changed.connect(
            lambda value: self._keep(replace(self._settings, opacity=value))
        )
        window.picker.chosen.connect(self.open_source)
        window.banner.retry_asked.connect(self._retry)
        window.closing.connect(self._close)
        self._state.changed.connect(window.show_options)
        for view in (window.picture, window.scene):
            if isinstance(view, GlWidget):
                view.failed.connect(self._show_drawing_failure)
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._follow_system_theme)

    # Sources

    def begin(self, source: str | None, engine: str) -> None:
        """Start with a source, or with what was open last, the first camera or the demo clip."""
        self._session.set_engine(engine)
        self._wanted_source = source
        if source is not None:
            self.open_source(source)
        else:
            self._window.show_message("Looking for cameras ...")
            self._wanted_source = self._settings.source
        self._session.find_cameras()

    def open_source(self, source: str) -> None:
        """Show another source."""
        self._wanted_source = None
        self._source = SourceInfo(source, source, "", is_live=False)
        window = self._window
        window.banner.clear()
        window.picture.show_nothing()
        window.plot.show_nothing()
        if window.scene is not None:
            window.scene.show_nothing()
        window.show_message("Opening ...")
        window.picker.show_current(_choice_of(source, ""))
        self._keep(replace(self._settings, source=source))
        self._session.open(source)

    def _open_path(self, path: str) -> None:
        self._keep(replace(self._settings, last_folder=str(Path(path).parent)))
        self.open_source(path)

    def _refresh_cameras(self) -> None:
        self._asked_for_cameras = True
        self._session.find_cameras()

    def _show_cameras(self, cameras: tuple[CameraInfo, ...]) -> None:
        """List the cameras; at the start take the wanted one, the first one or the demo clip."""
        choices = [SourceChoice(str(camera.index), camera.name, "webcam") for camera in cameras]
        self._window.picker.show_cameras(choices)
        if self._wanted_source is not None:
            wanted, known = self._wanted_source, [choice.source for choice in choices]
            gone = wanted.isdigit() and wanted not in known
            if not wanted or gone or not (wanted.isdigit() or _still_there(wanted)):
                wanted = known[0] if known else DEMO
            self.open_source(wanted)
        elif not cameras and self._asked_for_cameras:
            self._say("info", "No camera was found.", "Plug one in and press F5.")

    def _show_source(self, info: SourceInfo) -> None:
        """Name the source with its real mode, and mirror as its kind is mirrored."""
        self._source = info
        self._window.picker.show_current(_choice_of(info.source, info.name))
        self._window.status.show_source(f"{info.name}   {info.mode}".strip(), info.source)
        self._state.set_options(self._options())

    def _show_engine(self, info: EngineInfo) -> None:
        """Name the engine, and why no faster one was taken."""
        self._window.status.show_engine(info.text, info.tip)

    def _toggle_run(self) -> None:
        if self._session.is_running:
            self._session.stop()
            self._window.picture.show_stale(True)
        elif self._source.source:
            self.open_source(self._source.source)

    def _retry(self) -> None:
        if self._source.source:
            self.open_source(self._source.source)

    # What arrives

    def _show_hands(self, tracked: TrackedHands) -> None:
        """Hand one result to every view."""
        window = self._window
        seen = len(tracked.hands) - len(tracked.predicted)
        window.status.show_hand_count(seen, len(tracked.predicted))
        if window.isMinimized():
            return
        start_ns = now_ns()
        batch = make_batch(tracked, window.topology, self._colours)
        batch_ms = (now_ns() - start_ns) / 1e6
        window.show_message("")
        window.picture.show_hands(tracked, batch)
        draw_ms = batch_ms + window.picture.draw_ms
        if window.scene is not None:
            window.scene.show_hands(tracked, batch)
            draw_ms += window.scene.draw_ms
        window.plot.show_steps({**tracked.step_ms, "draw": draw_ms})

    def _show_rates(self) -> None:
        drawn_fps = self._drawn.rate(self._window.picture.drawn_count, now_ns())
        status = self._session.status()
        if status is None:
            self._window.status.show_rates(Rates())
            return
        self._window.status.show_rates(
            Rates(
                status.captured_fps,
                status.processed_fps,
                drawn_fps,
                status.captured,
                status.dropped,
            )
        )

    def _show_fault(self, fault: Fault) -> None:
        """Show what happened and what to do; what is on the screen is no longer live."""
        window = self._window
        details = f"{fault.code} ({fault.where}): {fault.cause}. {fault.remedy}"
        window.banner.show_notice(
            Notice("error", fault.code, fault.cause, fault.remedy, details, can_retry=True)
        )
        window.picture.show_stale(True)
        window.show_message("")
        if window.scene is not None:
            window.scene.show_nothing()
        window.status.show_hand_count(0, 0)

    def show_crash(self, line: str, details: str) -> None:
        """Show an exception that nobody caught; the program goes on."""
        remedy = "The program goes on. If it happens again, send us the details."
        self._window.banner.show_notice(Notice("error", "", line, remedy, details))

    def show_no_opengl(self, reason: str) -> None:
        """Say that there is no 3D view, and why."""
        notice = DisplayError(
            "GUI-02",
            f"OpenGL cannot be used: {reason}",
            "The picture is drawn without it, and there is no 3D view. Install a graphics driver.",
        )
        self._say("warn", notice.cause, notice.remedy, notice.code)

    def _show_drawing_failure(self, reason: str) -> None:
        self._say("error", f"A view cannot be drawn: {reason}", "Restart; else use another driver.",
                  "GUI-02")  # fmt: skip

    def _say(self, state: BannerState, title: str, remedy: str = "", code: str = "") -> None:
        self._window.banner.show_notice(Notice(state, code, title, remedy))

    # What is chosen

    def _options(self) -> ViewOptions:
        """Return the view options that the settings and the kind of source give."""
        settings = self._settings
        return ViewOptions(
            mirror=settings.mirror_cameras if self._source.is_live else settings.mirror_files,
            show_mesh=settings.show_mesh,
            show_skeleton=settings.show_skeleton,
            show_labels=settings.show_labels,
            opacity=settings.opacity,
        )

    def _keep(self, settings: Settings) -> None:
        """Take new settings, show what follows, and write them soon."""
        self._settings = settings
        self._state.set_options(self._options())
        self._save_timer.start()

    def _set_mirror(self, on: bool) -> None:
        if self._source.is_live:
            self._keep(replace(self._settings, mirror_cameras=on))
        else:
            self._keep(replace(self._settings, mirror_files=on))

    def _choose_theme(self, choice: ThemeChoice) -> None:
        self._keep(replace(self._settings, theme=choice))
        self._window.actions_by_id[f"theme_{choice}"].setChecked(True)
        self._apply_theme()

    def _follow_system_theme(self) -> None:
        if self._settings.theme == "system":
            self._apply_theme()

    def _apply_theme(self) -> None:
        theme = resolve(cast(ThemeChoice, self._settings.theme))
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        self._window.show_theme(theme)

    def _look_from(self, camera: OrbitCamera) -> None:
        if self._window.scene is not None:
            self._window.scene.show_from(camera)

    def _save_picture(self) -> None:
        """Save into the user's pictures, or where the settings lie if there is no such folder."""
        folder = platformdirs.user_pictures_path() / "ManyHands"
        path = folder / f"manyhands-{time.strftime('%Y%m%d-%H%M%S')}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            saved = self._window.save_picture(path)
        except OSError:
            saved = False
        if saved:
            self._say("info", f"Saved {path}")
        else:
            self._say("error", f"{path} cannot be written", "Check the folder's permissions.",
                      "OUT-01")  # fmt: skip

    def _show_about(self) -> None:
        show_about(self._window, _version(), self._session.describe())

    # The end

    def save(self) -> None:
        """Write the settings; the program goes on where that fails."""
        geometry, layout = self._window.save_layout()
        self._settings = replace(self._settings, geometry=geometry, layout=layout)
        try:
            save_settings(self._settings, self._settings_path)
        except OutputError as error:
            _LOG.warning("%s", error)

    def _close(self) -> None:
        """Write the settings and end every thread."""
        self._save_timer.stop()
        self._rates_timer.stop()
        self.save()
        self._session.close()


def _version() -> str:
    try:
        return version("manyhands")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "(not installed)"


def _still_there(source: str) -> bool:
    return source == DEMO or "://" in source or Path(source).exists()


def _choice_of(source: str, name: str) -> SourceChoice:
    """Return how the picker shows a source."""
    if source == DEMO:
        return SourceChoice(source, "Demo clip", "demo")
    if source.isdigit():
        return SourceChoice(source, name or f"Camera {source}", "webcam")
    if "://" in source:
        return SourceChoice(source, name or source, "link")
    is_folder = Path(source).is_dir()
    return SourceChoice(source, name or Path(source).name, "folder" if is_folder else "film")
