"""Makes the controllers of app/control, one for each concern, and ends them in order."""

from pathlib import Path

from PyQt6.QtCore import QObject

from app.control.faults import FaultController
from app.control.help import HelpController
from app.control.layout import LayoutController
from app.control.live import LiveController
from app.control.sources import SourcesController
from app.control.streams import StreamsController
from app.control.theme import ThemeController
from app.control.view import ViewController
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.session import Session
from app.settings import LoadedSettings, SettingsStore


class Controller(QObject):
    """Joins the window, the session and the settings; no concern knows another.

    Attributes:
        store: the settings.
        faults: says what failed.
        sources: opens, starts and stops.
        view: how hands are shown.
    """

    def __init__(
        self, window: MainWindow, session: Session, loaded: LoadedSettings, settings_path: Path
    ) -> None:
        """Make every controller; the window owns them from now on."""
        super().__init__(window)
        self._session = session
        session.setParent(self)
        self.store = store = SettingsStore(loaded.settings, settings_path, self)
        self.faults = FaultController(window, session, self)
        self.sources = SourcesController(window, session, store, self)
        self.view = ViewController(window, session, store, self)
        LiveController(window, session, self)
        HelpController(window, session, self)
        StreamsController(window, session, store, self)
        # The last two: by now every panel is in the window.
        LayoutController(window, store, self)
        ThemeController(window, store, self)
        window.closing.connect(self._close)
        for text in loaded.notices[:1]:
            window.banner.show_notice(Notice("warn", "", text, "Everything else was kept."))

    def begin(self, source: str | None, engine: str) -> None:
        """Start with a source, or with what was open last, the first camera or the demo clip."""
        self._session.set_engine(engine)
        self.sources.begin(source)

    def open_source(self, source: str) -> None:
        """Show another source."""
        self.sources.open_source(source)

    def _close(self) -> None:
        """Write the settings and end every thread."""
        self.store.save()
        self._session.close()
