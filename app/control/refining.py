"""Freezes the picture on the screen and fits its hands to what it shows."""

from typing import Final

from PyQt6.QtCore import QObject

from app.actions import connect_actions
from app.child_task import ChildTask
from app.error_texts import error_notice, error_remedy, error_title
from app.main_window import MainWindow
from app.panels.banner import Notice
from app.panels.refine_dialog import Gain, RefineDialog
from app.pictures import PictureSaver
from app.refine_child import Begun, Refined, RefineJob, RefineMessage, Stepped, refine_in_child
from app.session import Session
from app.settings import SettingsStore
from app.theme import ThemeChoice, resolve
from app.torch_extra import require_torch
from core.errors import EngineError, ManyHandsError
from core.types import TrackedHands

#: Where most hands have come to rest.
STEPS: Final = 60


class RefineController(QObject):
    """Refines one picture at a time, in a dialog that stops nothing."""

    def __init__(
        self, window: MainWindow, session: Session, store: SettingsStore, parent: QObject
    ) -> None:
        """Connect the action; remember the newest picture."""
        super().__init__(parent)
        self._window, self._store = window, store
        self._newest: TrackedHands | None = None
        self._task: ChildTask | None = None
        self._dialog: RefineDialog | None = None
        self._saver = PictureSaver(self)
        self._saver.saved.connect(self._say)
        connect_actions(window.actions_by_id, {"refine": self._refine})
        session.add_viewer(self._note)
        session.opening.connect(lambda _source: self._forget())
        window.closing.connect(self._end)
        window.closing.connect(self._saver.wait)

    def _note(self, tracked: TrackedHands) -> None:
        self._newest = tracked

    def _forget(self) -> None:
        self._newest = None

    def _refine(self) -> None:
        """Begin with the newest picture, if it has hands."""
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        try:
            require_torch()
        except ManyHandsError as error:
            self._say(error_notice("warn", error))
            return
        newest = self._newest
        hands = tuple(h for h in newest.hands if h.keypoints_2d is not None) if newest else ()
        if newest is None or not hands:
            title = self.tr("There is no hand in this picture to refine.")
            self._say(Notice("info", "", title, self.tr("Show one to the camera and try again.")))
            return
        frame = newest.frame
        title = self.tr("{name}, picture {index}")
        self._open_dialog(title.format(name=frame.source_name, index=frame.index))
        self._task = ChildTask(refine_in_child, (Begun, Stepped), _ended_early(), self)
        self._task.heard.connect(self._show)
        self._task.start(RefineJob(frame, hands, STEPS))

    def _open_dialog(self, source: str) -> None:
        dialog = self._dialog = RefineDialog(self._window, source, STEPS)
        dialog.show_theme(resolve(_choice(self._store.settings.theme)))
        dialog.save_asked.connect(lambda image: self._saver.save(image, "refined"))
        dialog.finished.connect(lambda _result: self._end())
        dialog.show()

    def _show(self, message: RefineMessage) -> None:
        """Show what the refinement says."""
        dialog = self._dialog
        if dialog is None:
            return
        if isinstance(message, Begun):
            dialog.show_before(message.before)
        elif isinstance(message, Stepped):
            dialog.show_step(message.step, STEPS)
        elif isinstance(message, Refined):
            gains = [
                Gain(self._title(row.side, row.track_id), row.before_px, row.after_px)
                for row in message.rows
            ]
            dialog.show_after(message.after, gains, message.ms_per_step)
        else:
            dialog.show_failure(error_title(message), error_remedy(message))

    def _title(self, side: str, track_id: int) -> str:
        name = self.tr("Left") if side == "left" else self.tr("Right")
        return name if track_id < 0 else f"{name} {track_id}"

    def _say(self, notice: Notice) -> None:
        self._window.banner.show_notice(notice)

    def _end(self) -> None:
        """End what runs and close the dialog."""
        task, self._task = self._task, None
        dialog, self._dialog = self._dialog, None
        if task is not None:
            task.heard.disconnect(self._show)
            task.cancel()
            task.deleteLater()
        if dialog is not None:
            dialog.close()


def _ended_early() -> EngineError:
    return EngineError("ENG-02", "the refinement ended by itself", "Try it again.")


def _choice(theme: str) -> ThemeChoice:
    return "light" if theme == "light" else "dark" if theme == "dark" else "system"
