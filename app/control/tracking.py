"""How many hands, how sure, how steady; freeze, and forget."""

from dataclasses import replace
from typing import Final

from PyQt6.QtCore import QObject, Qt

from app.actions import connect_actions
from app.camera_book import CameraBook
from app.main_window import MainWindow
from app.panels.docks import SETTINGS_WIDTH, DockSpec
from app.panels.tracking import Lag, TrackingChoice, TrackingPanel
from app.session import Session
from app.settings import Settings, SettingsStore
from core.config import smoothing_from_slider
from core.smoothing import lag_s

_SLOW_M_S: Final = 0.1
_FAST_M_S: Final = 1.0


class TrackingController(QObject):
    """Keeps the sliders of the panel Tracking in the settings and in the running pipeline."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        store: SettingsStore,
        book: CameraBook,
        parent: QObject,
    ) -> None:
        """Put the panel into the window, and apply what the settings say."""
        super().__init__(parent)
        self._window, self._session, self._store, self._book = window, session, store, book
        actions = window.actions_by_id
        self._panel = TrackingPanel(actions["freeze"], actions["forget_hands"])
        window.add_dock(
            DockSpec(
                "tracking_dock",
                self.tr("Tracking"),
                self._panel,
                area=Qt.DockWidgetArea.LeftDockWidgetArea,
                width=SETTINGS_WIDTH,
                shown=False,
                tab_with="camera_dock",
            )
        )
        connect_actions(actions, {"freeze": session.freeze, "forget_hands": session.forget_hands})
        self._panel.changed.connect(self._take)
        self._panel.defaults_asked.connect(self._reset)
        session.opening.connect(lambda _source: actions["freeze"].setChecked(False))
        book.turned.connect(lambda _record: self._apply())
        book.changed.connect(lambda _record: self._apply())
        self._show()
        self._apply()

    def _take(self, choice: TrackingChoice) -> None:
        self._store.keep(
            replace(
                self._store.settings,
                max_hands=choice.max_hands,
                score_threshold=choice.score_threshold,
                quickness=choice.quickness,
            )
        )
        self._apply()

    def _reset(self) -> None:
        """Put the sliders where they were at first."""
        first = Settings()
        self._take(TrackingChoice(first.max_hands, first.score_threshold, first.quickness))
        self._show()

    def _show(self) -> None:
        settings = self._store.settings
        self._panel.show_choice(
            TrackingChoice(settings.max_hands, settings.score_threshold, settings.quickness)
        )

    def _apply(self) -> None:
        """Give the pipeline what the settings and the camera's book say, and tell the lag."""
        settings, config = self._store.settings, self._session.config
        smoothing = replace(
            smoothing_from_slider(settings.quickness),
            hand_length_m=self._book.record.hand_length_m,
        )
        detection = replace(
            config.detection,
            max_hands=settings.max_hands,
            score_threshold=settings.score_threshold,
        )
        self._session.apply(replace(config, detection=detection, smoothing=smoothing))
        self._panel.show_lag(
            Lag(1000 * lag_s(smoothing, _SLOW_M_S), 1000 * lag_s(smoothing, _FAST_M_S))
        )
