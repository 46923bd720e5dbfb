"""Where a result goes: a folder, and a name below it."""

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton

from app.panels.form import Row


class Destination(QLineEdit):
    """The name, with an ending beside it; `rows` are those of a form."""

    folder_asked = pyqtSignal(str)  # the folder that is chosen now

    def __init__(self) -> None:
        """Start without a folder."""
        super().__init__()
        self.setAccessibleName(self.tr("Name of the result"))
        self._ending = QLabel()
        self._ending.setProperty("muted", True)
        self._folder = QLineEdit()
        self._folder.setAccessibleName(self.tr("Folder of the result"))
        self._choose = QPushButton(self.tr("Choose ..."))
        self._choose.setAutoDefault(False)
        self._choose.clicked.connect(lambda: self.folder_asked.emit(self._folder.text()))

    def rows(self) -> tuple[Row, Row]:
        """Return the two rows of a form."""
        name, folder = QHBoxLayout(), QHBoxLayout()
        name.setSpacing(6)
        folder.setSpacing(8)
        name.addWidget(self, 1)
        name.addWidget(self._ending)
        folder.addWidget(self._folder, 1)
        folder.addWidget(self._choose)
        return (self.tr("Folder"), folder), (self.tr("Name"), name)

    def show_folder(self, folder: str) -> None:
        """Show another folder."""
        self._folder.setText(folder)

    def show_name(self, name: str) -> None:
        """Show another name."""
        self.setText(name)

    def show_ending(self, ending: str) -> None:
        """Show what is added to the name."""
        self._ending.setText(ending)

    def show_enabled(self, on: bool) -> None:
        """Let it be changed or not."""
        for widget in (self, self._folder, self._choose):
            widget.setEnabled(on)

    @property
    def path(self) -> Path:
        """Folder and name."""
        return Path(self._folder.text().strip()).expanduser() / self.text().strip()

    @property
    def is_whole(self) -> bool:
        """Whether both are given."""
        return bool(self._folder.text().strip() and self.text().strip())
