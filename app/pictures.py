"""Saves pictures of the window where people keep their pictures."""

import time

import platformdirs
from PyQt6.QtCore import QCoreApplication
from PyQt6.QtGui import QImage

from app.panels.banner import Notice


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
