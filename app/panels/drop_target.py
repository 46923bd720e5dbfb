"""Files, folders and addresses that are dropped onto the window."""

from typing import Final

from PyQt6.QtCore import QEvent, QMimeData, QObject, QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QLabel, QWidget

_HINT_SIZE: Final = QSize(380, 150)


class DropTarget(QObject):
    """Hears what is dragged over a window, and says over it that it may be dropped."""

    dropped = pyqtSignal(str)  # a path or an address

    def __init__(self, window: QWidget) -> None:
        """Make the window take drops."""
        super().__init__(window)
        self._window = window
        self._hint = QLabel(self.tr("Drop to open"), window)
        self._hint.setObjectName("dropHint")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Take drags and drops of the window; let everything else pass."""
        if watched is not self._window or event is None:
            return False
        if isinstance(event, QDragEnterEvent):
            if not source_in(event.mimeData()):
                return False
            area = QRect(QPoint(0, 0), _HINT_SIZE)
            area.moveCenter(self._window.rect().center())
            self._hint.setGeometry(area)
            self._hint.raise_()
            self._hint.show()
            event.acceptProposedAction()
            return True
        if event.type() == QEvent.Type.DragLeave:
            self._hint.hide()
        elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self._hint.hide()
            source = source_in(event.mimeData())
            if source:
                event.acceptProposedAction()
                self.dropped.emit(source)
                return True
        return False


def source_in(data: QMimeData | None) -> str:
    """Return the path or address that is dragged, the first of several; empty for none."""
    if data is None:
        return ""
    for url in data.urls():
        if url.isLocalFile():
            return url.toLocalFile()
        if url.scheme() in ("http", "https", "rtsp", "rtsps"):
            return url.toString()
    return ""
