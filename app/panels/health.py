"""Why tracking is poor, in words, with what helps: one card for each finding, three meters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.panels.health_texts import advice_of, button_of, cause_of
from app.theme import DARK, Theme, icon_pixmap
from core.camera_health import Finding, PictureFacts

_ICON_PX = 20


@dataclass(frozen=True, slots=True)
class HealthReadings:
    """What the panel shows.

    Attributes:
        findings: the gravest first.
        counts: how often each was raised, by id.
        picture: how the last picture is; None without a camera.
        measured_fps: pictures per second, counted.
        wanted_fps: pictures per second that were asked for; 0 where nobody can ask, as of a stream.
    """

    findings: Sequence[Finding] = ()
    counts: Mapping[str, int] | None = None
    picture: PictureFacts | None = None
    measured_fps: float = 0.0
    wanted_fps: float = 30.0


class _Card(QFrame):
    """One finding: icon, cause, advice, button."""

    def __init__(self, finding: Finding, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("finding")
        self.finding = finding
        self._icon = QLabel()
        self._cause = QLabel()
        self._cause.setProperty("heading", True)
        self._advice = QLabel()
        self._advice.setProperty("muted", True)
        for label in (self._cause, self._advice):
            label.setWordWrap(True)
        self.button = QPushButton(button_of(finding.remedy))
        self.button.setVisible(bool(self.button.text()))
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 9, 10, 9)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        grid.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._cause, 0, 1)
        grid.addWidget(self._advice, 1, 1)
        grid.addWidget(self.button, 0, 2, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(1, 1)
        self.show_finding(finding)
        self.show_theme(theme)

    def show_finding(self, finding: Finding) -> None:
        """Take new numbers of the same finding."""
        self.finding = finding
        self._cause.setText(cause_of(finding))
        self._advice.setText(advice_of(finding))
        self.setAccessibleName(f"{self._cause.text()} {self._advice.text()}")

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        grave = self.finding.severity == "error"
        name, colour = ("error", theme.error) if grave else ("warning", theme.warn)
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(icon_pixmap(name, colour, _ICON_PX, ratio))


class _Meter(QWidget):
    """A name, a bar and a number."""

    def __init__(self, name: str) -> None:
        super().__init__()
        label = QLabel(name)
        label.setProperty("muted", True)
        label.setMinimumWidth(96)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 100)
        self.bar.setFixedHeight(8)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the numbers stay below each other
        self.bar.setSizePolicy(policy)
        self.bar.setAccessibleName(name)
        self.value = QLabel()
        self.value.setMinimumWidth(110)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(label)
        row.addWidget(self.bar, 1)
        row.addWidget(self.value)

    def show_share(self, share: float | None, text: str) -> None:
        """Show a share in [0, 1]; None for nothing to show."""
        self.bar.setValue(0 if share is None else round(100 * min(1.0, max(0.0, share))))
        self.value.setText(text)


class HealthPanel(QScrollArea):
    """Says that all is well, or what is not."""

    remedy_asked = pyqtSignal(str)  # Remedy

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without a camera."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._theme = DARK
        self._cards: dict[str, _Card] = {}
        self._icon = QLabel()
        self._icon.setFixedSize(QSize(_ICON_PX, _ICON_PX))
        self._verdict = QLabel()
        self._verdict.setProperty("heading", True)
        self._verdict.setWordWrap(True)
        self._counts = QLabel()
        self._counts.setProperty("muted", True)
        self._counts.setWordWrap(True)
        self._rate = _Meter(self.tr("Frame rate"))
        self._light = _Meter(self.tr("Brightness"))
        self._sharp = _Meter(self.tr("Sharpness"))
        self._sharp.setToolTip(self.tr("Of moving hands, against the same hands at rest"))
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._icon)
        head.addWidget(self._verdict, 1)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(9)
        column.addLayout(head)
        column.addLayout(self._list)
        for meter in (self._rate, self._light, self._sharp):
            column.addWidget(meter)
        column.addWidget(self._counts)
        column.addStretch(1)
        self.setWidget(content)
        self._readings = HealthReadings()
        self.show_readings(self._readings)

    def show_readings(self, readings: HealthReadings) -> None:
        """Show the findings of this moment; cards that stay are not built anew."""
        self._readings = readings
        wanted = {finding.id: finding for finding in readings.findings}
        for name in [name for name in self._cards if name not in wanted]:
            card = self._cards.pop(name)
            self._list.removeWidget(card)
            card.deleteLater()
        for place, (name, finding) in enumerate(wanted.items()):
            known = self._cards.get(name)
            if known is not None and known.finding.remedy == finding.remedy:
                known.show_finding(finding)
                continue
            if known is not None:
                self._list.removeWidget(known)
                known.deleteLater()
            card = self._cards[name] = _Card(finding, self._theme)
            card.button.clicked.connect(
                lambda _checked, remedy=finding.remedy: self.remedy_asked.emit(remedy)
            )
            self._list.insertWidget(place, card)
        self._show_verdict(readings)
        self._show_meters(readings)

    def text(self) -> str:
        """Return all that it says, a line for each."""
        cards = [card.accessibleName() for card in self._cards.values()]
        return "\n".join([self._verdict.text(), *cards])

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for card in self._cards.values():
            card.show_theme(theme)
        self._show_verdict(self._readings)

    def _show_verdict(self, readings: HealthReadings) -> None:
        theme = self._theme
        if readings.picture is None:
            text, name, colour = self.tr("No camera is watched"), "webcam", theme.muted
        elif not readings.findings:
            text, name, colour = self.tr("The camera is fine"), "ok", theme.ok
        elif any(finding.severity == "error" for finding in readings.findings):
            text, name, colour = self.tr("Hands cannot be tracked"), "error", theme.error
        else:
            text, name, colour = self.tr("Tracking could be better"), "warning", theme.warn
        self._verdict.setText(text)
        self._icon.setPixmap(icon_pixmap(name, colour, _ICON_PX, self.devicePixelRatioF()))
        raised = [
            f"{name} {count}\u00d7" for name, count in (readings.counts or {}).items() if count
        ]
        self._counts.setText(self.tr("So far: {list}").format(list=", ".join(raised)))
        self._counts.setVisible(bool(raised))

    def _show_meters(self, readings: HealthReadings) -> None:
        picture = readings.picture
        for meter in (self._rate, self._light, self._sharp):
            meter.setVisible(picture is not None)
        if picture is None:
            return
        self._show_rate(readings.measured_fps, readings.wanted_fps)
        self._light.show_share(picture.brightness / 255, f"{picture.brightness:.0f} / 255")
        share = picture.sharpness
        self._sharp.show_share(share, self.tr("hands at rest") if share is None else f"{share:.0%}")

    def _show_rate(self, measured: float, wanted: float) -> None:
        """Show the rate against the wanted one; alone where there is none."""
        self._rate.bar.setVisible(wanted > 0)
        if wanted > 0:
            text = self.tr("{measured} of {wanted} fps")
            text = text.format(measured=f"{measured:.0f}", wanted=f"{wanted:.0f}")
            self._rate.show_share(measured / wanted, text)
        else:
            self._rate.show_share(None, self.tr("{rate} fps").format(rate=f"{measured:.0f}"))
