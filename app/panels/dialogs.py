"""Small windows that ask or tell; none of them stops the picture."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QInputDialog,
    QLabel,
    QVBoxLayout,
    QWidget,
)

_PICTURES = (
    "Videos and images (*.mp4 *.mov *.mkv *.webm *.avi *.m4v *.jpg *.jpeg *.png *.webp *.bmp);;"
    "All files (*)"
)
_SHORTCUT_COLUMNS = 2


def ask_file(parent: QWidget, folder: str, chosen: Callable[[str], None]) -> QFileDialog:
    """Ask for a video or image below folder."""
    dialog = QFileDialog(parent, "Open video or image", folder, _PICTURES)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _open_file_dialog(dialog, chosen)


def ask_folder(parent: QWidget, folder: str, chosen: Callable[[str], None]) -> QFileDialog:
    """Ask for a folder of images below folder."""
    dialog = QFileDialog(parent, "Open image folder", folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    return _open_file_dialog(dialog, chosen)


def _open_file_dialog(dialog: QFileDialog, chosen: Callable[[str], None]) -> QFileDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(chosen)
    dialog.open()
    return dialog


def ask_url(parent: QWidget, chosen: Callable[[str], None]) -> QInputDialog:
    """Ask for the address of a stream."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Open address")
    dialog.setLabelText("Address of a video or stream (http, https, rtsp):")
    dialog.setTextValue("https://")
    dialog.setOkButtonText("Open")
    dialog.resize(460, dialog.sizeHint().height())
    dialog.textValueSelected.connect(lambda text: chosen(text.strip()))
    dialog.open()
    return dialog


def show_shortcuts(parent: QWidget, actions: dict[str, QAction]) -> QDialog:
    """Show what each key does."""
    dialog = _dialog(parent, "Keyboard shortcuts")
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(7)
    rows = [action for action in actions.values() if not action.shortcut().isEmpty()]
    per_column = -(-len(rows) // _SHORTCUT_COLUMNS)
    for index, action in enumerate(rows):
        key = QLabel(action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
        key.setProperty("heading", True)
        column, row = divmod(index, per_column)
        grid.addWidget(key, row, 2 * column)
        grid.addWidget(QLabel(action.whatsThis()), row, 2 * column + 1)
    return _open_with(dialog, grid)


def show_about(parent: QWidget, version: str, lines: tuple[str, ...]) -> QDialog:
    """Show version, what runs here, and licence."""
    dialog = _dialog(parent, "About ManyHands")
    grid = QGridLayout()
    grid.setVerticalSpacing(8)
    title = QLabel(f"<span style='font-size:16pt; font-weight:600'>ManyHands {version}</span>")
    grid.addWidget(title, 0, 0)
    texts = (
        "One webcam in, live 3D hands out: any number of hands, full meshes, one forward pass.",
        "\n".join(lines),
        "Free software under the GNU General Public License, version 3 or later.",
    )
    for row, text in enumerate(texts, start=1):
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(label, row, 0)
    dialog.setMinimumWidth(460)
    return _open_with(dialog, grid)


def _dialog(parent: QWidget, title: str) -> QDialog:
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    return dialog


def _open_with(dialog: QDialog, content: QGridLayout) -> QDialog:
    column = QVBoxLayout(dialog)
    column.setContentsMargins(22, 20, 22, 16)
    column.setSpacing(16)
    column.addLayout(content)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column.addWidget(buttons)
    dialog.open()
    return dialog
