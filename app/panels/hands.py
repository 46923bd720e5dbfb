"""A card for each hand: which it is, where, how sure, and how far each finger is bent."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.panels.flexion import FlexionBars, FlexionPlot
from app.panels.styled import set_styled
from app.theme import DARK, Theme
from core.hand_angles import finger_flexion_deg
from core.types import Float32


@dataclass(frozen=True, slots=True, eq=False)
class HandRow:
    """What a card says of one hand.

    Attributes:
        track_id: its identity; -1 where there is no tracking.
        title: side and number, for a person.
        colour: RGB in 0..255, as the hand is drawn.
        is_seen: whether it was seen in this frame, not predicted.
        score: of the detection, in [0, 1].
        distance_cm: from the lens to the middle knuckle.
        uncertainty_cm: how far off that may be; None where nobody knows.
        learned: how much of its shape is learnt, in [0, 1], 1 for locked; None without learning.
        flexion_deg: (14,) as core.hand_angles.flexion_deg.
    """

    track_id: int
    title: str
    colour: tuple[int, int, int]
    is_seen: bool
    score: float
    distance_cm: float
    uncertainty_cm: float | None
    learned: float | None
    flexion_deg: Float32


class HandCard(QFrame):
    """One hand; a click or Enter chooses it."""

    chosen = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.setObjectName("handCard")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._chip = QLabel()
        self._chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._distance = QLabel()
        self._distance.setProperty("heading", True)
        self._score = QLabel()
        self._shape = QLabel()
        for label in (self._score, self._shape):
            label.setProperty("muted", True)
        self.bars = FlexionBars()
        row = QHBoxLayout()
        row.setSpacing(12)
        for label in (self._chip, self._distance, self._score, self._shape):
            row.addWidget(label)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 4)
        column.setSpacing(3)
        column.addLayout(row)
        column.addWidget(self.bars)
        self._colour: tuple[int, int, int] | None = None

    def show_hand(self, hand: HandRow) -> None:
        """Show what is known of a hand."""
        self.setAccessibleName(hand.title)
        self._chip.setText(hand.title)
        if hand.colour != self._colour:  # a style sheet is dear
            self._colour = hand.colour
            red, green, blue = hand.colour
            ink = "#10141a" if 0.299 * red + 0.587 * green + 0.114 * blue > 110 else "#ffffff"
            self._chip.setStyleSheet(
                f"background: rgb({red},{green},{blue}); color: {ink}; border-radius: 5px;"
                "padding: 2px 7px; font-weight: 600;"
            )
        distance = self.tr("{cm:.0f} cm").format(cm=hand.distance_cm)
        if hand.uncertainty_cm is not None:
            distance = self.tr("{cm:.0f} \u00b1 {off:.0f} cm").format(
                cm=hand.distance_cm, off=hand.uncertainty_cm
            )
        self._distance.setText(distance)
        sure = self.tr("{percent:.0f} % sure").format(percent=100 * hand.score)
        self._score.setText(sure if hand.is_seen else self.tr("predicted"))
        self._shape.setText(self._shape_text(hand.learned))
        self.bars.show_flexion(hand.flexion_deg, hand.colour, hand.is_seen)

    def _shape_text(self, learned: float | None) -> str:
        if learned is None:
            return ""
        if learned >= 1:
            return self.tr("shape locked")
        return self.tr("shape learning {percent:.0f} %").format(percent=100 * learned)

    def show_chosen(self, is_chosen: bool) -> None:
        """Mark the card whose angles the plot shows."""
        set_styled(self, "chosen", is_chosen)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Choose this hand."""
        self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Choose this hand by Enter or Space."""
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event is not None and event.key() in keys:
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class HandsPanel(QWidget):
    """A card for each hand, and the fingers of the chosen one over the last seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without hands."""
        super().__init__(parent)
        self.setObjectName("plot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = DARK
        self._cards: list[HandCard] = []
        self._rows: tuple[HandRow, ...] = ()
        self._chosen_id: int | None = None
        self._nobody = QLabel(self.tr("No hands in the picture."))
        self._nobody.setObjectName("note")
        self._nobody.setAlignment(Qt.AlignmentFlag.AlignCenter)
        held = QWidget()
        self._column = QVBoxLayout(held)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(held)
        self.plot = FlexionPlot()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addWidget(self._nobody, 5)
        column.addWidget(self._scroll, 5)
        column.addWidget(self.plot, 2)
        self.show_hands((), 0)

    def show_hands(self, rows: Sequence[HandRow], time_ns: int) -> None:
        """Show the hands of a frame of this time; none for nobody."""
        self._rows = tuple(rows)
        self._nobody.setVisible(not rows)
        self._scroll.setVisible(bool(rows))
        while len(self._cards) < len(rows):
            card = HandCard()
            card.bars.show_theme(self._theme)
            index = len(self._cards)
            card.chosen.connect(lambda index=index: self._choose(index))
            self._column.insertWidget(len(self._cards), card)
            self._cards.append(card)
        ids = [row.track_id for row in rows]
        if self._chosen_id not in ids:
            self._chosen_id = ids[0] if ids else None
        for index, card in enumerate(self._cards):
            card.setVisible(index < len(rows))
            if index < len(rows):
                card.show_hand(rows[index])
                card.show_chosen(rows[index].track_id == self._chosen_id)
        self.plot.add(
            {row.track_id: finger_flexion_deg(row.flexion_deg) for row in rows if row.is_seen},
            time_ns,
        )
        self.plot.show_hand(self._chosen_id)

    def show_nothing(self) -> None:
        """Forget all hands and their past."""
        self.plot.clear()
        self.show_hands((), 0)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.plot.show_theme(theme)
        for card in self._cards:
            card.bars.show_theme(theme)

    def _choose(self, index: int) -> None:
        if index < len(self._rows):
            self._chosen_id = self._rows[index].track_id
            for other, card in enumerate(self._cards):
                card.show_chosen(other == index)
            self.plot.show_hand(self._chosen_id)
