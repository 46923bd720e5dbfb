"""Saves pictures of the window where people keep their pictures."""

import threading
import time

import platformdirs
from PyQt6.QtCore import QCoreApplication, QObject, pyqtSignal
from PyQt6.QtGui import QImage

from app.panels.banner import Notice

_JOIN_S = 5.0


class PictureSaver(QObject):
    """Saves pictures in another thread: to compress one takes longer than the window may wait."""

    saved = pyqtSignal(object)  # Notice: how that went

    def __init__(self, parent: QObject | None = None) -> None:
        """Do nothing yet."""
        super().__init__(parent)
        self._threads: list[threading.Thread] = []

    def save(self, image: QImage, what: str) -> None:
        """Save a picture; nobody may change it any more."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(
            target=lambda: self.saved.emit(save_picture(image, what)), name="save picture"
        )
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Wait until all is on the disk, as the end of the program does."""
        for thread in self._threads:
            thread.join(_JOIN_S)
        self._threads.clear()


def save_picture(image: QImage, what: str) -> Notice:
    """Save as PNG into the user's folder of pictures; `what` is in the name. Say how that went."""
    folder = platformdirs.user_pictures_path() / "ManyHands"
    path = folder / f"manyhands-{what}-{time.strftime('%Y%m%d-%H%M%S')}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        saved = image.save(str(path), "PNG")
    except OSError:
        saved = False
    if saved:
        return Notice(
            "info", "", QCoreApplication.translate("Pictures", "Saved {path}").format(path=path)
        )
    title = QCoreApplication.translate("Pictures", "{path} cannot be written").format(path=path)
    remedy = QCoreApplication.translate("Pictures", "Check the folder's permissions.")
    return Notice("error", "OUT-01", title, remedy)
