"""Says why tracking is poor, and does what helps."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PyQt6.QtCore import QObject, QTimer

from app.camera_book import CameraBook
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.panels.camera_settings import EXPOSURES_MS, SIZES
from app.panels.docks import DockSpec
from app.panels.health import HealthPanel, HealthReadings
from app.panels.health_texts import advice_of, button_of, cause_of
from app.session import Session, SourceInfo
from app.session_info import camera_rates
from core.camera_health import CameraCoach, CaptureFacts, Finding
from core.capture import CameraInfo
from core.config import CaptureConfig
from core.types import TrackedHands

_SHOW_MS: Final = 500
_PREFIX: Final = "remedy:"


class HealthController(QObject):
    """Lets the coach watch live sources; news go over the picture, all of it into the panel."""

    def __init__(
        self, window: MainWindow, session: Session, book: CameraBook, parent: QObject
    ) -> None:
        """Hear the session, the panel and the banner's button."""
        super().__init__(parent)
        self._window, self._session, self._book = window, session, book
        self._coach = CameraCoach()
        self._info: SourceInfo | None = None
        self._cameras: tuple[CameraInfo, ...] = ()
        self._facts = CaptureFacts(0, 0, 0, 0.0, 0.0)
        self._panel = HealthPanel()
        window.add_dock(
            DockSpec("health_dock", self.tr("Health"), self._panel, tab_with="plot_dock")
        )
        self._panel.remedy_asked.connect(self._help)
        window.banner.action_asked.connect(self._help_from_banner)
        session.opening.connect(lambda _source: self._follow(None))
        session.source_opened.connect(self._follow)
        session.cameras_found.connect(self._note_cameras)
        session.lost.connect(lambda _fault: self._coach.reset())
        session.add_viewer(self._observe)
        self._timer = QTimer(self)
        self._timer.setInterval(_SHOW_MS)
        self._timer.timeout.connect(self._show)
        self._timer.start()
        window.closing.connect(self._timer.stop)

    def _follow(self, info: SourceInfo | None) -> None:
        """Watch another source, or the same one in another mode."""
        self._info = info
        self._coach.reset()

    def _note_cameras(self, cameras: tuple[CameraInfo, ...]) -> None:
        self._cameras = cameras

    def _observe(self, tracked: TrackedHands) -> None:
        info, status = self._info, self._session.status()
        if info is None or not info.is_live or status is None:
            return
        self._facts = CaptureFacts(
            captured=status.captured,
            skipped=status.source.skipped_count if status.source is not None else 0,
            misstamped=status.misstamped,
            measured_fps=status.captured_fps,
            # Nobody can ask a stream for another rate.
            wanted_fps=self._session.config.capture.fps if info.is_camera else 0.0,
            stated_fps=info.stated_fps,
            exposure_ms=info.exposure_ms or 0.0,
        )
        self._coach.observe(tracked, self._facts)

    def _show(self) -> None:
        """Show what the coach says."""
        for finding in self._coach.take_news():
            self._announce(finding)
        findings = self._coach.findings
        shown = self._window.banner.notice
        if shown is not None and shown.action.startswith(_PREFIX) and not findings:
            self._window.banner.clear()
        is_watched = self._info is not None and self._info.is_live
        if not self._panel.isVisible():
            return
        self._panel.show_readings(
            HealthReadings(
                findings=findings if is_watched else (),
                counts=self._coach.counts,
                picture=self._coach.picture if is_watched else None,
                measured_fps=self._facts.measured_fps,
                wanted_fps=self._facts.wanted_fps,
            )
        )

    def _announce(self, finding: Finding) -> None:
        """Say it over the picture, unless something graver stands there."""
        shown = self._window.banner.notice
        if shown is not None and shown.state == "error" and not shown.action:
            return
        self._window.banner.show_notice(
            Notice(
                finding.severity,
                "",
                cause_of(finding),
                advice_of(finding),
                action=_PREFIX + finding.remedy,
                action_text=button_of(finding.remedy),
            )
        )

    def _help_from_banner(self, action: str) -> None:
        if action.startswith(_PREFIX):
            self._window.banner.clear()
            self._help(action.removeprefix(_PREFIX))

    def _help(self, remedy: str) -> None:
        """Do what helps."""
        record = self._book.record
        capture = record.capture
        if remedy == "reopen":
            self._session.retry()
        elif remedy == "shorten_exposure":
            shorter = replace(capture, exposure_ms=shorter_exposure_ms(capture))
            self._book.keep(replace(record, capture=shorter))
        elif remedy == "lower_resolution":
            source = self._info.source if self._info is not None else ""
            sizes = tuple(camera_rates(source, self._cameras)) or SIZES
            width, height = smaller_size(capture, sizes)
            self._book.keep(record.with_mode(width, height, capture.fps))


def shorter_exposure_ms(capture: CaptureConfig) -> float:
    """Return half of the exposure that holds, at most half of a frame, of those the slider has."""
    frame_ms = 1000 / capture.fps
    wanted = min(capture.exposure_ms or frame_ms, frame_ms) / 2
    return max((step for step in EXPOSURES_MS if step <= wanted), default=EXPOSURES_MS[0])


def smaller_size(
    capture: CaptureConfig, sizes: Sequence[tuple[int, int]] = SIZES
) -> tuple[int, int]:
    """Return the next smaller size of the same shape, else of any; the same where there is none."""
    area, aspect = capture.width * capture.height, capture.width / capture.height
    smaller = [size for size in sizes if size[0] * size[1] < area]
    alike = [size for size in smaller if abs(size[0] / size[1] - aspect) < 0.02]
    return max(alike or smaller, key=lambda size: size[0] * size[1],
               default=(capture.width, capture.height))  # fmt: skip
