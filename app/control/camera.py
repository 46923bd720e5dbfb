"""What is asked of the camera: its mode, exposure and turn; each camera keeps its own."""

from dataclasses import replace
from typing import Final

from PyQt6.QtCore import QObject, Qt, QTimer

from app.actions import connect_actions
from app.camera_book import CameraBook
from app.error_texts import error_notice
from app.main_window import MainWindow
from app.panels.camera_settings import CameraReadings, CameraSettings
from app.panels.docks import SETTINGS_WIDTH, DockSpec
from app.session import Session, SourceInfo
from app.session_info import camera_rates
from core.calibration import CameraRecord
from core.capture import CameraInfo
from core.config import CaptureConfig
from core.errors import OutputError

_SHOW_MS: Final = 500


class CameraController(QObject):
    """Puts the panel Camera into the window, and its wishes into the book and the session."""

    def __init__(
        self, window: MainWindow, session: Session, book: CameraBook, parent: QObject
    ) -> None:
        """Hear the panel, the book and the session."""
        super().__init__(parent)
        self._window, self._session, self._book = window, session, book
        self._info: SourceInfo | None = None
        self._cameras: tuple[CameraInfo, ...] = ()
        self._panel = CameraSettings()
        window.add_dock(
            DockSpec(
                "camera_dock",
                self.tr("Camera"),
                self._panel,
                area=Qt.DockWidgetArea.LeftDockWidgetArea,
                height=360,
                width=SETTINGS_WIDTH,
                shown=False,
            )
        )
        connect_actions(window.actions_by_id, {"turn": self._turn})
        self._panel.changed.connect(self._take)
        book.turned.connect(self._show_record)
        book.changed.connect(self._apply)
        book.failed.connect(self._show_failure)
        session.opening.connect(lambda _source: self._show_source(None))
        session.source_opened.connect(self._show_source)
        session.cameras_found.connect(self._note_cameras)
        self._timer = QTimer(self)
        self._timer.setInterval(_SHOW_MS)
        self._timer.timeout.connect(self._show_readings)
        self._timer.start()
        window.closing.connect(self._timer.stop)

    def _take(self, capture: CaptureConfig) -> None:
        """Remember what was chosen; another size has another angle of view."""
        record = self._book.record
        moded = record.with_mode(capture.width, capture.height, capture.fps)
        chosen = replace(
            moded.capture,
            rotation_deg=capture.rotation_deg,
            exposure_ms=capture.exposure_ms,
            source_is_mirrored=capture.source_is_mirrored,
        )
        self._book.keep(replace(moded, capture=chosen))

    def _turn(self) -> None:
        capture = self._book.record.capture
        self._take(replace(capture, rotation_deg=(capture.rotation_deg + 90) % 360))

    def _show_record(self, record: CameraRecord) -> None:
        self._panel.show_capture(record.capture)

    def _apply(self, record: CameraRecord) -> None:
        """Show new wishes; the camera is opened anew with them."""
        self._show_record(record)
        self._session.apply(replace(self._session.config, capture=record.capture))

    def _show_source(self, info: SourceInfo | None) -> None:
        self._info = info
        self._show_modes()
        self._show_readings()

    def _note_cameras(self, cameras: tuple[CameraInfo, ...]) -> None:
        self._cameras = cameras
        self._show_modes()

    def _show_modes(self) -> None:
        """Offer what the camera has."""
        source = self._info.source if self._info is not None else ""
        self._panel.show_modes(camera_rates(source, self._cameras))

    def _show_readings(self) -> None:
        info, status = self._info, self._session.status()
        self._panel.show_readings(
            CameraReadings(
                is_camera=info is not None and info.is_camera,
                driver=info.mode if info is not None else "",
                measured_fps=status.captured_fps if status is not None else 0.0,
                exposure_refused=info is not None and info.exposure_ms is None,
            )
        )

    def _show_failure(self, error: OutputError) -> None:
        self._window.banner.show_notice(error_notice("warn", error))
