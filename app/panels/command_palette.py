"""Everything that can be done, found by typing a few of its letters."""

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtGui import QAction, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

_WIDTH, _HEIGHT = 560, 420
_WORD_STARTS = frozenset(" -(/")


def fuzzy_score(query: str, text: str) -> float | None:
    """Say how well a query fits a text; None where its letters do not come in that order.

    Letters at the start of words and letters in a row count more, short texts a little more.
    """
    wanted, given = query.casefold().replace(" ", ""), text.casefold()
    score, at, row = 0.0, -1, 0
    for letter in wanted:
        found = given.find(letter, at + 1)
        if found < 0:
            return None
        row = row + 1 if found == at + 1 and at >= 0 else 0
        starts = found == 0 or given[found - 1] in _WORD_STARTS
        score += 1 + 2 * row + 3 * starts
        at = found
    return score - 0.01 * len(given)


def best_first(query: str, texts: Sequence[str]) -> list[int]:
    """Return the indices of the texts that fit, the best first; all in order for no query."""
    if not query.strip():
        return list(range(len(texts)))
    scores = [(fuzzy_score(query, text), -index) for index, text in enumerate(texts)]
    fitting = [(score, index) for score, index in scores if score is not None]
    return [-index for _, index in sorted(fitting, reverse=True)]


class CommandPalette(QDialog):
    """A field and a list under it; Return does what is marked, Escape nothing."""

    def __init__(self, actions: Sequence[tuple[str, QAction]], parent: QWidget) -> None:
        """List these actions, each with the name of its menu; those that are off are left out."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("palette")
        self.setWindowTitle(self.tr("Commands"))
        self.setAccessibleName(self.tr("Commands"))
        self._actions = [(menu, action) for menu, action in actions if action.isEnabled()]
        self._texts = [f"{action.text()} - {menu}" for menu, action in self._actions]
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Type some letters of what you want to do"))
        self.field.setAccessibleName(self.tr("Search commands"))
        self.field.textChanged.connect(self._fill)
        self.field.returnPressed.connect(self._run)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Commands that fit"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda _item: self._run())
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.resize(_WIDTH, _HEIGHT)
        self._fill("")

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Let the arrow keys of the field move the mark in the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)

    def _fill(self, query: str) -> None:
        self.list.clear()
        for index in best_first(query, self._texts):
            menu, action = self._actions[index]
            item = QListWidgetItem(self.list)
            item.setData(Qt.ItemDataRole.UserRole, index)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, self._texts[index])
            row = _row(menu, action)
            item.setSizeHint(QSize(0, row.sizeHint().height()))
            self.list.setItemWidget(item, row)
        self.list.setCurrentRow(0)

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            _menu, action = self._actions[item.data(Qt.ItemDataRole.UserRole)]
            self.close()  # first: what the action opens must not lie under this one
            action.trigger()


def _row(menu: str, action: QAction) -> QWidget:
    """Return a line: what it does, its menu, and its key at the right."""
    line = QWidget()
    name = QLabel(("\u2713 " if action.isChecked() else "") + action.text().rstrip("."))
    where = QLabel(menu)
    where.setProperty("muted", True)
    key = QLabel(action.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
    key.setProperty("muted", True)
    row = QHBoxLayout(line)
    row.setContentsMargins(8, 3, 8, 3)
    row.addWidget(name)
    row.addWidget(where)
    row.addStretch(1)
    row.addWidget(key)
    return line
