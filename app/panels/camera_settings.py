"""What is asked of the camera, and what its driver really does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.panels.form import form_of
from core.config import CaptureConfig

#: Sizes that webcams have, where a camera does not say; the driver takes the nearest.
SIZES: Final = (
    (640, 360), (640, 480), (800, 600), (960, 540), (1280, 720), (1280, 960), (1920, 1080),
    (2560, 1440), (3840, 2160),
)  # fmt: skip
RATES: Final = (5, 10, 15, 20, 24, 25, 30, 50, 60, 90, 120)
#: Exposures in ms that the slider steps through, a third of a stop apart.
EXPOSURES_MS: Final = (
    0.5, 0.6, 0.8, 1, 1.25, 1.6, 2, 2.5, 3.1, 4, 5, 6.3, 8, 10, 12.5, 16.6, 20, 25, 33.3, 40, 50,
    66.6, 80, 100,
)  # fmt: skip
_FIRST_EXPOSURE_MS: Final = 10.0


@dataclass(frozen=True, slots=True)
class CameraReadings:
    """What a camera does.

    Attributes:
        is_camera: whether modes can be asked for at all.
        driver: its mode in the driver's words; empty while unknown.
        measured_fps: pictures per second, counted; 0 while none come.
        exposure_refused: whether the driver does not let the exposure be fixed.
    """

    is_camera: bool
    driver: str
    measured_fps: float
    exposure_refused: bool = False


class CameraSettings(QScrollArea):
    """Size, rate, exposure and turn of the pictures; below them what came of it."""

    changed = pyqtSignal(object)  # CaptureConfig

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with the defaults."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._capture = CaptureConfig()
        self._modes: Mapping[tuple[int, int], tuple[int, ...]] = {}
        self._size = self._box([], self.tr("Picture size"))
        self._rate = self._box([], self.tr("Frame rate"))
        self._offer_sizes()
        self._turn = self._box(
            [
                (self.tr("Upright"), 0),
                (self.tr("Quarter turn right"), 90),
                (self.tr("Head down"), 180),
                (self.tr("Quarter turn left"), 270),
            ],
            self.tr("Turn the picture"),
        )
        self._automatic = QCheckBox(self.tr("Automatic"))
        self._automatic.setAccessibleName(self.tr("Automatic exposure"))
        self._exposure = QSlider(Qt.Orientation.Horizontal)
        self._exposure.setRange(0, len(EXPOSURES_MS) - 1)
        self._exposure.setAccessibleName(self.tr("Exposure"))
        self._exposure_text = QLabel()
        self._exposure_text.setMinimumWidth(56)
        self._unmirror = QCheckBox(self.tr("The camera mirrors its pictures: turn them back"))
        self._driver, self._measured = _value(self.tr("Driver")), _value(self.tr("Measured"))
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._note.setProperty("state", "warn")
        self._lay_out()
        self._connect()
        self.show_capture(self._capture)
        self.show_readings(CameraReadings(False, "", 0.0))

    def show_modes(self, modes: Mapping[tuple[int, int], tuple[int, ...]]) -> None:
        """Offer what the camera has: rates by size (width, height) px; else what is usual."""
        if modes != self._modes:
            self._modes = modes
            self._offer_sizes()
            self.show_capture(self._capture)

    def show_capture(self, capture: CaptureConfig) -> None:
        """Put every field there without telling anyone."""
        self._capture = capture
        fields = (self._size, self._rate, self._turn, self._automatic, self._exposure)
        for field in (*fields, self._unmirror):
            field.blockSignals(True)
        size = (capture.width, capture.height)
        _choose(self._size, size, f"{size[0]} \u00d7 {size[1]}")
        self._offer_rates()
        rate_text = self.tr("{rate} per second").format(rate=f"{capture.fps:g}")
        _choose(self._rate, round(capture.fps), rate_text)
        _choose(self._turn, capture.rotation_deg, "")
        self._automatic.setChecked(not capture.exposure_ms)
        wanted = capture.exposure_ms or _FIRST_EXPOSURE_MS
        nearest = min(range(len(EXPOSURES_MS)), key=lambda i: abs(EXPOSURES_MS[i] - wanted))
        self._exposure.setValue(nearest)
        self._unmirror.setChecked(capture.source_is_mirrored)
        for field in (*fields, self._unmirror):
            field.blockSignals(False)
        self._show_exposure()

    def show_readings(self, readings: CameraReadings) -> None:
        """Say what the camera does, and whether that is what was asked for."""
        for field in (self._size, self._rate, self._automatic):
            field.setEnabled(readings.is_camera)
        self._exposure.setEnabled(readings.is_camera and not self._automatic.isChecked())
        self._driver.setText(readings.driver or "\u2013")
        fps = readings.measured_fps
        text = self.tr("{rate} per second").format(rate=f"{fps:.1f}") if fps else "\u2013"
        self._measured.setText(text)
        notes = []
        if readings.exposure_refused:
            notes.append(self.tr("The driver does not let the exposure be fixed."))
        size = f"{self._capture.width} \u00d7 {self._capture.height}"
        if readings.is_camera and readings.driver and not readings.driver.startswith(size):
            notes.append(self.tr("The driver gives another size than was asked for."))
        self._note.setText(" ".join(notes))
        self._note.setVisible(bool(notes))

    def readings_text(self) -> str:
        """Return what it says the camera does, for tests and people who cannot see."""
        return f"{self._driver.text()} | {self._measured.text()} | {self._note.text()}"

    def _offer_sizes(self) -> None:
        """List the sizes, smaller ones first."""
        self._size.blockSignals(True)
        self._size.clear()
        for width, height in sorted(self._modes or SIZES, key=lambda s: (s[0] * s[1], s)):
            self._size.addItem(f"{width} \u00d7 {height}", (width, height))
        self._size.blockSignals(False)
        self._offer_rates()

    def _offer_rates(self) -> None:
        """List the rates of the chosen size, and stay as near as can be to the one before."""
        before = self._rate.currentData()
        rates = self._modes.get(self._size.currentData(), ()) or RATES
        self._rate.blockSignals(True)
        self._rate.clear()
        for rate in rates:
            self._rate.addItem(self.tr("{rate} per second").format(rate=rate), rate)
        if before is not None:
            nearest = min(range(len(rates)), key=lambda at: abs(rates[at] - before))
            self._rate.setCurrentIndex(nearest)
        self._rate.blockSignals(False)

    def _box(self, choices: Sequence[tuple[str, object]], name: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        for text, data in choices:
            box.addItem(text, data)
        return box

    def _lay_out(self) -> None:
        """Put names left and fields right."""
        exposure = QHBoxLayout()
        exposure.setSpacing(10)
        exposure.addWidget(self._automatic)
        exposure.addWidget(self._exposure, 1)
        exposure.addWidget(self._exposure_text)
        rows: Sequence[tuple[str, QWidget | QHBoxLayout]] = (
            (self.tr("Size"), self._size),
            (self.tr("Rate"), self._rate),
            (self.tr("Exposure"), exposure),
            (self.tr("Turn"), self._turn),
            ("", self._unmirror),
            (self.tr("Driver"), self._driver),
            (self.tr("Measured"), self._measured),
        )
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(14, 12, 14, 12)
        column.addLayout(form_of(rows))
        column.addWidget(self._note)
        column.addStretch(1)
        self.setWidget(content)

    def _connect(self) -> None:
        for box in (self._size, self._rate, self._turn):
            box.activated.connect(lambda _row: self._tell())
        self._automatic.toggled.connect(lambda _on: self._tell())
        self._unmirror.toggled.connect(lambda _on: self._tell())
        self._exposure.valueChanged.connect(lambda _value: self._show_exposure())
        # A camera is opened anew for each value: not for those that the slider passes.
        self._exposure.sliderReleased.connect(self._tell)
        self._exposure.actionTriggered.connect(self._tell_unless_dragged)

    def _show_exposure(self) -> None:
        fixed = not self._automatic.isChecked()
        self._exposure.setEnabled(fixed and self._automatic.isEnabled())
        value = EXPOSURES_MS[self._exposure.value()]
        self._exposure_text.setText(f"{value:g} ms" if fixed else "")

    def _tell_unless_dragged(self) -> None:
        if not self._exposure.isSliderDown():
            self._exposure.setValue(self._exposure.sliderPosition())
            self._tell()

    def _tell(self) -> None:
        """Tell what was chosen."""
        self._show_exposure()
        width, height = self._size.currentData()
        if (width, height) != (self._capture.width, self._capture.height):
            self._offer_rates()
        fixed = 0.0 if self._automatic.isChecked() else EXPOSURES_MS[self._exposure.value()]
        chosen = replace(
            self._capture,
            width=width,
            height=height,
            fps=float(self._rate.currentData()),
            rotation_deg=self._turn.currentData(),
            exposure_ms=float(fixed),
            source_is_mirrored=self._unmirror.isChecked(),
        )
        if chosen != self._capture:
            self._capture = chosen
            self.changed.emit(chosen)


def _value(name: str) -> QLabel:
    label = QLabel()
    label.setAccessibleName(name)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _choose(box: QComboBox, data: object, text: str) -> None:
    """Choose a line by its data; one that is not listed is added."""
    for row in range(box.count()):
        if box.itemData(row) == data:
            box.setCurrentIndex(row)
            return
    box.addItem(text, data)
    box.setCurrentIndex(box.count() - 1)
