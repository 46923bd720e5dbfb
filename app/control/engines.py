"""Builds the machine's fast engine when a person asks for it, and changes over to it."""

from PyQt6.QtCore import QObject

from app.actions import connect_actions
from app.engine_builder import EngineBuilder
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.session import EngineInfo, Session


class EnginesController(QObject):
    """Joins the action, the builder, the status bar and the session."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        parent: QObject,
        builder: EngineBuilder | None = None,
    ) -> None:
        """Connect the action; it can be used once a GPU was found."""
        super().__init__(parent)
        self._window, self._session = window, session
        self._builder = builder or EngineBuilder()
        self._builder.setParent(self)
        self._action = window.actions_by_id["build_engine"]
        self._action.setEnabled(False)
        connect_actions(window.actions_by_id, {"build_engine": self._switch})
        self._builder.buildable.connect(self._show_buildable)
        self._builder.progressed.connect(self._show_progress)
        self._builder.built.connect(self._change_over)
        self._builder.failed.connect(self._show_failure)
        self._builder.cancelled.connect(self._end)
        window.closing.connect(self._builder.close)
        self._builder.look()
        self._failure_told = ""
        session.engine_opened.connect(self._tell_failure)

    def _show_buildable(self, reason: str) -> None:
        """Let the action be used where it can do something; elsewhere its tip says why not."""
        self._action.setEnabled(not reason)
        if reason:
            self._action.setToolTip(
                self.tr("Only with an NVIDIA GPU: {reason}").format(reason=reason)
            )

    def _switch(self, on: bool) -> None:
        """Start or cancel a build."""
        status = self._session.status()
        source = status.source if status is not None else None
        if not on:
            self._builder.cancel()
        elif source is None or not source.width:
            self._action.setChecked(False)
            title = self.tr("Open a source first: the engine is built for its shape.")
            self._window.banner.show_notice(Notice("info", "", title))
        else:
            self._show_progress(0, self.tr("starting"))
            self._builder.start(source.height, source.width)

    def _show_progress(self, percent: int, text: str) -> None:
        line = self.tr("Fast engine {percent} %").format(percent=percent)
        self._window.status.show_build(line, text)

    def _change_over(self) -> None:
        self._end()
        self._session.reopen_engine()
        title = self.tr("The fast engine is built and takes over.")
        self._window.banner.show_notice(Notice("info", "", title))

    def _show_failure(self, reason: str) -> None:
        self._end()
        title = self.tr("The fast engine could not be built.")
        self._window.banner.show_notice(Notice("warn", "", title, reason, reason))

    def _tell_failure(self, info: EngineInfo) -> None:
        """Say once that an engine has failed and what has become of it; the hands go on."""
        if info.failure and info.failure != self._failure_told:
            title = self.tr("What finds the hands has failed and was replaced: {failure}")
            notice = Notice("warn", "", title.format(failure=info.failure), info.text, info.text)
            self._window.banner.show_notice(notice)
        self._failure_told = info.failure

    def _end(self) -> None:
        self._window.status.show_build("", "")
        self._action.setChecked(False)
