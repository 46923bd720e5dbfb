"""The status bar: what runs, how fast, and what was lost."""

from PyQt6.QtCore import QLocale
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QStatusBar, QWidget

from app.panels.styled import set_styled
from app.state import Rates
from app.theme import DARK, Theme, icon_pixmap

_ICON_PX = 16
_LONGEST_SOURCE = 52


class _Field(QWidget):
    """An icon and a text."""

    def __init__(self, icon_name: str, accessible_name: str) -> None:
        super().__init__()
        self._icon_name = icon_name
        self._icon = QLabel()
        self.label = QLabel()
        self.label.setAccessibleName(accessible_name)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 10, 3)
        row.setSpacing(6)
        row.addWidget(self._icon)
        row.addWidget(self.label)

    def show_text(self, text: str, tip: str, state: str = "") -> None:
        """Set the text."""
        self.label.setText(text)
        self.setToolTip(tip)
        set_styled(self.label, "state", state)

    def show_theme(self, theme: Theme) -> None:
        """Draw the icon in the theme's colour."""
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(icon_pixmap(self._icon_name, theme.muted, _ICON_PX, ratio))


class StatusStrip(QStatusBar):
    """Source, engine, rates, drops and hands, in this order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._source = _Field("webcam", self.tr("Source"))
        self._engine = _Field("cpu", self.tr("Engine"))
        self._build = _Field("clock", self.tr("Engine being built"))
        self._rates = _Field("clock", self.tr("Frames per second"))
        self._drops = _Field("warning", self.tr("Dropped frames"))
        self._hands = _Field("hand", self.tr("Hands"))
        self.addWidget(self._source)
        self.addWidget(self._engine)
        self.addWidget(self._build)
        self._build.hide()
        for item in (self._rates, self._drops, self._hands):
            self.addPermanentWidget(item)
        self.show_source(self.tr("No source"), "")
        self.show_engine(self.tr("No engine"), "")
        self.show_rates(Rates())
        self.show_hand_count(0, 0)
        self.show_theme(DARK)

    def text(self) -> str:
        """Return all that it says, in one line."""
        items = (self._source, self._engine, self._rates, self._drops, self._hands)
        return " | ".join(item.label.text() for item in items)

    def show_source(self, text: str, tip: str) -> None:
        """Name the source with its real mode."""
        if len(text) > _LONGEST_SOURCE:  # an address would make the whole window wide
            half = _LONGEST_SOURCE // 2
            text = f"{text[:half]}\u2026{text[-half:]}"
        self._source.show_text(text, tip or self.tr("The source and its real mode"))

    def show_engine(self, text: str, tip: str) -> None:
        """Name the engine; the tip says why no faster one was taken."""
        self._engine.show_text(text, tip or self.tr("What runs the network"))

    def show_build(self, text: str, tip: str) -> None:
        """Say how far the build of an engine is; an empty text hides it."""
        self._build.show_text(text, tip)
        self._build.setVisible(bool(text))

    def show_rates(self, rates: Rates) -> None:
        """Show frames per second and drops."""
        self._rates.show_text(
            self.tr(
                "{captured} captured · {processed} processed · {drawn} drawn per second"
            ).format(
                captured=self._number(rates.captured_fps),
                processed=self._number(rates.processed_fps),
                drawn=self._number(rates.drawn_fps),
            ),
            self.tr(
                "Pictures per second: given by the source, gone through the network, drawn here"
            ),
        )
        share = 100 * rates.dropped / max(1, rates.captured)
        self._drops.show_text(
            self.tr("{dropped}/{captured} dropped ({share} %)").format(
                dropped=self._number(rates.dropped),
                captured=self._number(rates.captured),
                share=self._number(share, 1),
            ),
            self.tr(
                "Pictures that a newer one replaced before the network was free.\n"
                "What is shown is never old because of them."
            ),
            rates.drop_state if rates.captured else "",
        )

    def show_hand_count(self, seen: int, predicted: int) -> None:
        """Show how many hands there are."""
        text = self.tr("%n hand(s)", "", seen)
        if predicted:
            text += self.tr(" + {count} predicted").format(count=self._number(predicted))
        tip = self.tr("Hands seen in this picture, and hands kept though unseen")
        self._hands.show_text(text, tip)

    def _number(self, value: float, decimals: int = 0) -> str:
        """Write a number as the person's country does."""
        locale = self.locale()
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        return locale.toString(float(value), "f", decimals)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        every = (self._source, self._engine, self._build, self._rates, self._drops, self._hands)
        for item in every:
            item.show_theme(theme)
