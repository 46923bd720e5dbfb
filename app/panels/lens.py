"""How the camera sees and whose hand it looks at: what distances stand on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.form import form_of

_KINDS: Final[tuple[Literal["diagonal", "horizontal", "vertical"], ...]] = (
    "diagonal", "horizontal", "vertical",
)  # fmt: skip
_NONE: Final = 9.9


@dataclass(frozen=True, slots=True)
class LensReadings:
    """What is known of the lens and the hand.

    Attributes:
        source: "default", "known", "typed" or "board".
        fov_deg: of the longer side.
        focal_sd_percent: standard deviation of the focal length, percent.
        error_px: reprojection error of a board.
        hand_length_m: 0 where it was not measured.
    """

    source: str
    fov_deg: float
    focal_sd_percent: float
    error_px: float
    hand_length_m: float


class LensPanel(QScrollArea):
    """The angle of view in three ways, the hand's length, and the distance that follows."""

    known_chosen = pyqtSignal(str)  # model
    typed = pyqtSignal(float, str)  # degrees, FovKind
    forget_asked = pyqtSignal()
    hand_length_typed = pyqtSignal(float)  # m; 0 for unknown

    def __init__(
        self, models: Sequence[str], measure: QAction, parent: QWidget | None = None
    ) -> None:
        """Start with nothing known.

        Args:
            models: webcams whose angle is known.
            measure: opens the dialog that measures it.
            parent: owns it.
        """
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._summary = QLabel()
        self._summary.setProperty("heading", True)
        self._basis = QLabel()
        self._basis.setProperty("muted", True)
        self._distance = QLabel()
        self._distance.setAccessibleName(self.tr("Distance"))
        self._distance.setProperty("heading", True)
        for label in (self._summary, self._basis):
            label.setWordWrap(True)
        self._models = QComboBox()
        self._models.setAccessibleName(self.tr("Known webcam"))
        shortened = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self._models.setSizeAdjustPolicy(shortened)
        self._models.addItem(self.tr("Choose a model"))
        self._models.addItems(list(models))
        self._models.activated.connect(self._tell_known)
        self._angle = QDoubleSpinBox()
        self._angle.setRange(20, 150)
        self._angle.setDecimals(1)
        self._angle.setSuffix("\u00b0")
        self._angle.setValue(65)
        self._angle.setAccessibleName(self.tr("Field of view"))
        self._kind = QComboBox()
        self._kind.setAccessibleName(self.tr("What the field of view spans"))
        for text in (self.tr("diagonal"), self.tr("horizontal"), self.tr("vertical")):
            self._kind.addItem(text)
        self._hand = QDoubleSpinBox()
        self._hand.setRange(_NONE, 26)
        self._hand.setDecimals(1)
        self._hand.setSingleStep(0.1)
        self._hand.setSuffix(" cm")
        self._hand.setSpecialValueText(self.tr("not measured"))
        self._hand.setAccessibleName(self.tr("Length of your hand"))
        self._hand.setKeyboardTracking(False)
        self._hand.valueChanged.connect(self._tell_hand)
        self._lay_out(measure)

    def show_readings(self, readings: LensReadings) -> None:
        """Show what is known, without telling anyone."""
        self._summary.setText(
            self.tr("Field of view {fov}\u00b0, focal length \u00b1 {sd} %").format(
                fov=f"{readings.fov_deg:.1f}", sd=f"{readings.focal_sd_percent:.1f}"
            )
        )
        texts = {
            "default": self.tr("Assumed: most webcams have 55 to 90 degrees."),
            "known": self.tr("From the data sheet of this model."),
            "typed": self.tr("As you typed it."),
            "board": self.tr("Measured with a board, reprojection error {error} px."),
        }
        self._basis.setText(texts[readings.source].format(error=f"{readings.error_px:.2f}"))
        self._forget.setEnabled(readings.source != "default")
        self._hand.blockSignals(True)
        self._hand.setValue(100 * readings.hand_length_m or _NONE)
        self._hand.blockSignals(False)

    def show_distance(self, text: str) -> None:
        """Show how far the nearest hand is; empty for none."""
        self._distance.setText(text or "\u2013")

    def text(self) -> str:
        """Return what it says, for tests and people who cannot see."""
        return f"{self._summary.text()} | {self._basis.text()} | {self._distance.text()}"

    def _lay_out(self, measure: QAction) -> None:
        button = QToolButton()
        button.setDefaultAction(measure)
        button.setProperty("framed", True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        use = QPushButton(self.tr("Use"))
        use.clicked.connect(
            lambda: self.typed.emit(self._angle.value(), _KINDS[self._kind.currentIndex()])
        )
        self._forget = QPushButton(self.tr("Forget"))
        self._forget.clicked.connect(self.forget_asked)
        typed = QHBoxLayout()
        typed.setSpacing(8)
        for widget in (self._angle, self._kind, use):
            typed.addWidget(widget)
        typed.addStretch(1)
        actions = QHBoxLayout()
        actions.addWidget(button)
        actions.addStretch(1)
        actions.addWidget(self._forget)
        length = QLabel(self.tr("from the crease of the wrist to the tip of the middle finger"))
        length.setProperty("muted", True)
        length.setWordWrap(True)
        rows: Sequence[tuple[str, QWidget | QHBoxLayout]] = (
            (self.tr("Board"), actions),
            (self.tr("Webcam"), self._models),
            (self.tr("Typed"), typed),
            (self.tr("Your hand"), self._hand),
            ("", length),
            (self.tr("Distance"), self._distance),
        )
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addWidget(self._summary)
        column.addWidget(self._basis)
        column.addLayout(form_of(rows))
        column.addStretch(1)
        self.setWidget(content)

    def _tell_known(self, row: int) -> None:
        if row > 0:
            self.known_chosen.emit(self._models.itemText(row))
            self._models.setCurrentIndex(0)

    def _tell_hand(self, value: float) -> None:
        self.hand_length_typed.emit(value / 100 if value >= 10 else 0.0)
