"""What was opened before: a submenu."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QMenu, QWidget

_LONGEST: Final = 60


class RecentMenu(QMenu):
    """A line for each source, the last one first, and one that forgets them."""

    chosen = pyqtSignal(str)
    clear_asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.setTitle(self.tr("Open recent"))
        self.setToolTipsVisible(True)
        self.show_recent(())

    def show_recent(self, sources: Sequence[str]) -> None:
        """List these sources; names that occur twice are told apart by their folder."""
        self.clear()
        names = [Path(source).name or source for source in sources]
        for number, (source, name) in enumerate(zip(sources, names, strict=True), start=1):
            if "://" in source:
                text = source
            elif names.count(name) > 1:
                text = str(Path(Path(source).parent.name) / name)
            else:
                text = name
            if len(text) > _LONGEST:
                text = f"{text[: _LONGEST // 2]}\u2026{text[-_LONGEST // 2 :]}"
            mnemonic = f"&{number}  " if number < 10 else "    "
            action = self.addAction(mnemonic + text.replace("&", "&&"))
            if action is not None:
                action.setToolTip(source)
                action.triggered.connect(lambda _checked, source=source: self.chosen.emit(source))
        self.addSeparator()
        forget = self.addAction(self.tr("Forget these"))
        if forget is not None:
            forget.triggered.connect(self.clear_asked)
        self.menuAction().setEnabled(bool(sources))  # type: ignore[union-attr]
