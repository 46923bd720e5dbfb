"""Small windows that ask or tell; none of them stops the picture."""

from collections.abc import Callable

from PyQt6.QtCore import QCoreApplication, Qt
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

_ENDINGS = "*.mp4 *.mov *.mkv *.webm *.avi *.m4v *.jpg *.jpeg *.png *.webp *.bmp"
_translate = QCoreApplication.translate


def ask_file(parent: QWidget, folder: str, chosen: Callable[[str], None]) -> QFileDialog:
    """Ask for a video or image below folder."""
    kinds = (
        _translate("Dialogs", "Videos and images ({endings})").format(endings=_ENDINGS),
        _translate("Dialogs", "All files (*)"),
    )
    title = _translate("Dialogs", "Open video or image")
    dialog = QFileDialog(parent, title, folder, ";;".join(kinds))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _open_file_dialog(dialog, chosen)


def ask_folder(parent: QWidget, folder: str, chosen: Callable[[str], None]) -> QFileDialog:
    """Ask for a folder of images below folder."""
    dialog = QFileDialog(parent, _translate("Dialogs", "Open image folder"), folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    return _open_file_dialog(dialog, chosen)


def ask_recording(parent: QWidget, folder: str, chosen: Callable[[str], None]) -> QFileDialog:
    """Ask for a recorded session, which is a folder, below folder."""
    dialog = QFileDialog(parent, _translate("Dialogs", "Open recording (name.hands)"), folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    return _open_file_dialog(dialog, chosen)


def ask_recordings_folder(
    parent: QWidget, folder: str, chosen: Callable[[str], None]
) -> QFileDialog:
    """Ask where recordings shall go."""
    dialog = QFileDialog(parent, _translate("Dialogs", "Folder of recordings"), folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    return _open_file_dialog(dialog, chosen)


def ask_result_folder(parent: QWidget, folder: str, chosen: Callable[[str], None]) -> QFileDialog:
    """Ask where a result shall go."""
    dialog = QFileDialog(parent, _translate("Dialogs", "Folder of the result"), folder)
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
    dialog.setWindowTitle(_translate("Dialogs", "Open address"))
    label = _translate("Dialogs", "Address of a video or stream (http, https, rtsp):")
    dialog.setLabelText(label)
    dialog.setTextValue("https://")
    dialog.setOkButtonText(_translate("Dialogs", "Open"))
    dialog.resize(460, dialog.sizeHint().height())
    dialog.textValueSelected.connect(lambda text: chosen(text.strip()))
    dialog.open()
    return dialog


def ask_where_to_save(
    parent: QWidget, title: str, path: str, kinds: str, chosen: Callable[[str], None]
) -> QFileDialog:
    """Ask for the name of a file to write; a name that is taken must be confirmed."""
    dialog = QFileDialog(parent, title, path, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    return _open_file_dialog(dialog, chosen)


def show_about(parent: QWidget, version: str, lines: tuple[str, ...]) -> QDialog:
    """Show version, what runs here, and licence."""
    dialog = _dialog(parent, _translate("Dialogs", "About ManyHands"))
    grid = QGridLayout()
    grid.setVerticalSpacing(8)
    title = QLabel(f"ManyHands {version}")
    title.setProperty("title", True)
    grid.addWidget(title, 0, 0)
    texts = (
        _translate(
            "Dialogs",
            "One webcam in, live 3D hands out: any number of hands, full meshes, one forward pass.",
        ),
        "\n".join(lines),
        _translate(
            "Dialogs", "Free software under the GNU General Public License, version 3 or later."
        ),
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
