"""Makes the controllers of app/control, one for each concern, and ends them in order."""

from PyQt6.QtCore import QObject, Qt

from app.camera_book import CameraBook
from app.control.calibration import CalibrationController
from app.control.camera import CameraController
from app.control.cleaning import CleanController
from app.control.engines import EnginesController
from app.control.exporting import ExportController
from app.control.faults import FaultController
from app.control.health import HealthController
from app.control.help import HelpController
from app.control.keys import KeysController
from app.control.layout import LayoutController
from app.control.live import LiveController
from app.control.numbers import NumbersController
from app.control.recording import RecordingController
from app.control.recovery import RecoveryController
from app.control.refining import RefineController
from app.control.replay import ReplayController
from app.control.sources import SourcesController
from app.control.streams import StreamsController
from app.control.theme import ThemeController
from app.control.tracking import TrackingController
from app.control.view import ViewController
from app.control.welcome import WelcomeController
from app.doctor import Examine
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.session import Session
from app.settings import SettingsStore
from core.calibration.store import FILE_NAME as RECORDS_NAME


class Controller(QObject):
    """Joins the window, the session and the settings; no concern knows another.

    Attributes:
        store: the settings.
        faults: says what failed.
        book: what is remembered of each camera.
        sources: opens, starts and stops.
        view: how hands are shown.
        recording: records what is shown.
        recovery: offers what was left behind.
        welcome: what this machine has and lacks.
    """

    def __init__(
        self, window: MainWindow, session: Session, store: SettingsStore, examine: Examine
    ) -> None:
        """Make every controller; the window owns them from now on."""
        super().__init__(window)
        self._window, self._session = window, session
        session.setParent(self)
        store.setParent(self)
        self.store = store
        self.faults = FaultController(window, session, self)
        records = store.path.with_name(RECORDS_NAME) if store.path is not None else None
        self.book = CameraBook(records, self)
        self.sources = SourcesController(window, session, store, self.book, self)
        CameraController(window, session, self.book, self)
        TrackingController(window, session, store, self.book, self)
        CalibrationController(window, session, self.book, self)
        HealthController(window, session, self.book, self)
        self.view = ViewController(window, session, store, self)
        LiveController(window, session, self.book, self)
        NumbersController(window, session, self)
        EnginesController(window, session, self)
        RefineController(window, session, store, self)
        self.recording = RecordingController(window, session, store, self)
        self.recovery = RecoveryController(window, store, self)
        ReplayController(window, session, store, self)
        ExportController(window, session, store, self)
        CleanController(window, session, self)
        StreamsController(window, session, store, self)
        keys = KeysController(window, store, self)
        HelpController(window, session, store, examine, self).editing.connect(keys.edit)
        self.welcome = WelcomeController(window, session, store, examine, self)
        # The last two: by now every panel is in the window.
        LayoutController(window, store, self)
        ThemeController(window, store, self)
        window.closing.connect(self._close)
        for text in self.book.notices[:1]:
            notice = Notice("warn", "", text, self.tr("Everything else was kept."))
            window.banner.show_notice(notice)

    def begin(self, source: str | None, engine: str) -> None:
        """Start with a source, or with what was open last, the first camera or the demo clip."""
        self._session.set_engine(engine)
        self.sources.begin(source)
        self.welcome.begin()
        self.recovery.begin()

    def open_source(self, source: str) -> None:
        """Show another source."""
        self.sources.open_source(source)

    def come_forward(self, source: str) -> None:
        """Show the window before all others, and a source if one is named."""
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        if source:
            self.open_source(source)

    def _close(self) -> None:
        """Write the settings and end every thread."""
        self.store.save()
        self.book.close()
        self._session.close()
