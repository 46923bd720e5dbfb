"""How much of the picture shows through the hands."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from app.theme import Theme, icon_pixmap

_LEAST_PERCENT = 10
_ICON_PX = 18


class OpacitySlider(QWidget):
    """A slider from 10 to 100 %."""

    opacity_changed = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start at 100 %."""
        super().__init__(parent)
        self._icon = QLabel()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(_LEAST_PERCENT, 100)
        self._slider.setPageStep(10)
        self._slider.setValue(100)
        self._slider.setFixedWidth(110)
        self._slider.setAccessibleName(self.tr("Opacity of the surface"))
        self.setToolTip(self.tr("Opacity of the surface on the picture"))
        self._slider.valueChanged.connect(lambda value: self.opacity_changed.emit(value / 100))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.addWidget(self._icon)
        row.addWidget(self._slider)

    def show_opacity(self, opacity: float) -> None:
        """Put the slider there without telling anyone."""
        self._slider.blockSignals(True)
        self._slider.setValue(round(100 * opacity))
        self._slider.blockSignals(False)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(icon_pixmap("opacity", theme.text, _ICON_PX, ratio))
