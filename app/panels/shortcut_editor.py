"""The table of keys: what each does, and how to give it another."""

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.styled import set_styled

_ID = Qt.ItemDataRole.UserRole


class ShortcutEditor(QWidget):
    """Shows each action with its keys; asks to give the marked one another key.

    `wanted` carries an action's id and its new key (empty for none), `taken` the same with the
    key taken away from its owner, `reset_asked` an id, or nothing for all.
    """

    wanted = pyqtSignal(str, str)
    taken = pyqtSignal(str, str)
    reset_asked = pyqtSignal(str)

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """List the actions in their order."""
        super().__init__(parent)
        self._actions = actions
        self._conflict: tuple[str, str] | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search actions and keys"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.table = QTableWidget(len(actions), 3)
        self.table.setAccessibleName(self.tr("Actions and their keys"))
        self.table.setHorizontalHeaderLabels(
            [self.tr("Action"), self.tr("What it does"), self.tr("Keys")]
        )
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self._stretch_columns()
        self.table.currentCellChanged.connect(lambda *_: self._show_marked())
        self._note = QLabel()
        self._note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        column.addLayout(self._editing_row())
        column.addWidget(self._note)
        self.show_keys()
        self.table.setCurrentCell(0, 0)

    def _stretch_columns(self) -> None:
        rows, columns = self.table.verticalHeader(), self.table.horizontalHeader()
        if rows is not None and columns is not None:
            rows.hide()
            columns.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
            columns.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
            columns.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)

    def _editing_row(self) -> QHBoxLayout:
        """Return the line under the table: new key, take it, none, reset."""
        self.key = QKeySequenceEdit()
        self.key.setMaximumSequenceLength(1)
        self.key.setAccessibleName(self.tr("New key of the marked action"))
        self.key.setToolTip(self.tr("Click here, then press the new key"))
        self.key.editingFinished.connect(self._ask)
        self.take = QPushButton(self.tr("Take it"))
        self.take.setToolTip(self.tr("Take the key away from the other action"))
        self.take.setEnabled(False)
        self.take.clicked.connect(self._take)
        self.none = QPushButton(self.tr("No key"))
        self.none.clicked.connect(lambda: self.wanted.emit(self.marked, ""))
        self.reset = QPushButton(self.tr("Reset"))
        self.reset.setToolTip(self.tr("Give the marked action its first key again"))
        self.reset.clicked.connect(lambda: self.reset_asked.emit(self.marked))
        self.reset_all = QPushButton(self.tr("Reset all"))
        self.reset_all.clicked.connect(lambda: self.reset_asked.emit(""))
        row = QHBoxLayout()
        label = QLabel(self.tr("New key:"))
        label.setBuddy(self.key)
        row.addWidget(label)
        row.addWidget(self.key, 1)
        for button in (self.take, self.none, self.reset, self.reset_all):
            button.setAutoDefault(False)
            row.addWidget(button)
        return row

    @property
    def marked(self) -> str:
        """The id of the marked action."""
        item = self.table.item(self.table.currentRow(), 0)
        return str(item.data(_ID)) if item is not None else ""

    def mark(self, name: str) -> None:
        """Mark an action's row."""
        self.table.setCurrentCell(list(self._actions).index(name), 0)

    def show_keys(self) -> None:
        """Write every action's keys as they are now."""
        for row, (name, action) in enumerate(self._actions.items()):
            first = QTableWidgetItem(action.text().rstrip("."))
            first.setData(_ID, name)
            keys = QKeySequence.listToString(
                action.shortcuts(), QKeySequence.SequenceFormat.NativeText
            )
            for column, item in enumerate(
                (first, QTableWidgetItem(action.whatsThis()), QTableWidgetItem(keys))
            ):
                self.table.setItem(row, column, item)
        self._show_marked()

    def show_conflict(self, name: str, key: str, owner: str) -> None:
        """Say that a key belongs to another action already; nothing was changed."""
        self._conflict = (name, key)
        text = self.tr("{key} belongs to \u201c{action}\u201d. Nothing was changed.")
        native = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        self._note.setText(text.format(key=native, action=self._actions[owner].text()))
        set_styled(self._note, "state", "warn")
        self.take.setEnabled(True)

    def text(self) -> str:
        """Return what is said under the table."""
        return self._note.text()

    def _show_marked(self) -> None:
        self._conflict = None
        self.take.setEnabled(False)
        set_styled(self._note, "state", "")
        self._note.setText(self.tr("Mark an action, then give it a new key."))
        self.key.clear()

    def _ask(self) -> None:
        key = self.key.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if key:
            self.wanted.emit(self.marked, key)

    def _take(self) -> None:
        if self._conflict is not None:
            self.taken.emit(*self._conflict)

    def _filter(self, query: str) -> None:
        for row in range(self.table.rowCount()):
            items = [self.table.item(row, column) for column in range(3)]
            text = " ".join(item.text() for item in items if item is not None)
            self.table.setRowHidden(row, query.casefold() not in text.casefold())
