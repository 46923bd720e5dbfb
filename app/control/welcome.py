"""The first page: examines the machine beside the running program and shows what was found."""

import threading
from dataclasses import replace
from typing import Final

from PyQt6.QtCore import QObject, pyqtSignal

from app.actions import connect_actions
from app.doctor import Check, Examine, Report
from app.error_texts import error_title
from app.main_window import MainWindow
from app.panels.welcome import CheckLine, CheckState, WelcomePage
from app.session import EngineInfo, Session
from app.settings import SettingsStore
from core.errors import ManyHandsError

#: Probes of app/doctor.py, the quick ones first; the display brings OpenGL with it.
_PROBES: Final = ("cameras", "hand model", "display", "engine", "weights")
#: These want both cores: at the start the window's own engine goes first, for so long.
_HEAVY: Final = frozenset({"display", "engine", "weights"})
_ENGINE_FIRST_S: Final = 10.0
_JOIN_S: Final = 5.0


class WelcomeController(QObject):
    """Opens the page at the first start and when it is asked for."""

    _examined = pyqtSignal(object)  # Report

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        store: SettingsStore,
        examine: Examine,
        parent: QObject,
    ) -> None:
        """Connect the row of the Help menu."""
        super().__init__(parent)
        self._window, self._store, self._examine = window, store, examine
        self._page: WelcomePage | None = None
        self._thread: threading.Thread | None = None
        self._ends = threading.Event()
        self._may_load = threading.Event()
        self._may_load.set()
        self._engine = ""  # what runs the network, in words; empty before anything does
        session.engine_opened.connect(self._show_engine)
        self._titles = {
            "cameras": self.tr("Webcam"),
            "opengl": self.tr("3D graphics"),
            "engine": self.tr("Engine"),
            "weights": self.tr("Network"),
            "hand model": self.tr("Hand model"),
        }
        self._remedies = {
            "cameras": self.tr("Plug one in and look again. The demo clip shows how it works."),
            "opengl": self.tr("Install a graphics driver. The picture works without, in 2D."),
            "engine": self.tr("Reinstall the program."),
            "weights": self.tr("Restore the folder \u201cresources\u201d, or reinstall."),
            "hand model": self.tr("Restore the folder \u201cresources\u201d, or reinstall."),
        }
        self._examined.connect(self._show)
        connect_actions(window.actions_by_id, {"welcome": self.open})
        window.closing.connect(self._close)

    def begin(self) -> None:
        """Open the page if it was never seen."""
        if not self._store.settings.welcomed:
            self._may_load.clear()
            self.open()

    def open(self) -> None:
        """Open the page and look at the machine."""
        self._store.keep(replace(self._store.settings, welcomed=True))
        if self._page is None:
            page = WelcomePage(self._window)
            page.again_asked.connect(self._look)
            page.begin_asked.connect(lambda name: self._window.actions_by_id[name].trigger())
            page.destroyed.connect(self._forget)
            page.show_theme(self._window.theme)
            self._page = page
        self._look()
        self._page.show()
        self._page.raise_()

    @property
    def is_looking(self) -> bool:
        """Whether the machine is being examined."""
        return self._thread is not None and self._thread.is_alive()

    def _forget(self) -> None:
        self._page = None

    def _look(self) -> None:
        """Start to look, unless that is going on."""
        if self._page is None or self.is_looking:
            return
        busy = [CheckLine(name, title, "busy") for name, title in self._titles.items()]
        self._page.show_checks(busy)
        self._thread = threading.Thread(target=self._run, name="examine", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """Look at one thing after another, in a thread of its own."""
        for name in _PROBES:
            if name in _HEAVY:
                self._may_load.wait(_ENGINE_FIRST_S)
                self._may_load.set()
            report = self._examine((name,))
            if self._ends.is_set():
                return
            self._examined.emit(report)

    def _show(self, report: Report) -> None:
        if self._page is not None:
            lines = [self._line(check) for check in report.checks if self._name(check)]
            self._page.show_checks(lines)

    def _show_engine(self, info: EngineInfo) -> None:
        """Name what really runs: a faster one may have taken over since the page looked."""
        self._engine = info.text
        self._may_load.set()
        if self._page is not None:
            self._page.show_checks([CheckLine("engine", self._titles["engine"], "ok", info.text)])

    def _name(self, check: Check) -> str:
        """Return the line that a check belongs to; empty for none."""
        if check.name in self._titles:
            return check.name
        return "opengl" if check.name == "display" and not check.ok else ""

    def _line(self, check: Check) -> CheckLine:
        state: CheckState = "ok" if check.ok else "error" if check.needed else "warn"
        name = self._name(check)
        remedy = "" if check.ok else self._remedies[name]
        found = check.found
        if name == "engine" and check.ok and self._engine:
            found = self._engine
        elif check.code:
            found = error_title(ManyHandsError(check.code, check.found, check.remedy))
        return CheckLine(name, self._titles[name], state, found, remedy)

    def _close(self) -> None:
        self._ends.set()
        self._may_load.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)
