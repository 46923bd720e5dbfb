"""A frozen picture before and after its hands were refined, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.theme import Theme
from app.views.projection import letterbox
from core.types import UInt8

_SIZE = QSize(1120, 560)
_GAP_PX = 12


@dataclass(frozen=True, slots=True)
class Gain:
    """What one hand has gained.

    Attributes:
        title: side and number, for a person.
        before_px: how far its joints lay from what the picture shows, on average.
        after_px: how far they lie now.
    """

    title: str
    before_px: float
    after_px: float


class ScaledPicture(QWidget):
    """A picture as large as it fits."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMinimumSize(240, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._image: QImage | None = None
        self._ground = QColor()

    @property
    def image(self) -> QImage | None:
        """What is shown."""
        return self._image

    def show_picture(self, picture: UInt8) -> None:
        """Show picture (H, W, 3) RGB."""
        height, width = picture.shape[:2]
        row = picture.strides[0]
        self._image = QImage(
            picture.data, width, height, row, QImage.Format.Format_RGB888
        ).copy()  # fmt: skip
        self.update()

    def show_theme(self, theme: Theme) -> None:
        """Take the ground of a theme."""
        self._ground = QColor(theme.canvas)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._ground)
        if self._image is not None:
            size = (self._image.width(), self._image.height())
            box = letterbox(size, (self.width(), self.height()))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            place = QRectF(box.left, box.top, box.scale * size[0], box.scale * size[1])
            painter.drawImage(place, self._image)
        painter.end()


class RefineDialog(QDialog):
    """Shows how a refinement goes and what it has gained; closing it ends it."""

    save_asked = pyqtSignal(QImage)

    def __init__(self, parent: QWidget, source: str, steps: int) -> None:
        """Wait for the first picture of `source`; at most so many steps are taken."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Freeze and refine"))
        self.resize(_SIZE)
        self._before = ScaledPicture(self.tr("Before"))
        self._after = ScaledPicture(self.tr("After"))
        self._state = QLabel(self.tr("Starting ..."))
        self._bar = QProgressBar()
        self._bar.setRange(0, steps)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._bar.setAccessibleName(self.tr("Steps taken"))
        self._gains = QHBoxLayout()
        self._gains.setSpacing(24)
        self._save = QPushButton(self.tr("Save picture"))
        self._save.setEnabled(False)
        self._save.clicked.connect(lambda: self.save_asked.emit(self._side_by_side()))
        self._close = QPushButton(self.tr("Cancel"))
        self._close.clicked.connect(self.reject)
        self._arrange(source)

    def _arrange(self, source: str) -> None:
        pictures = QGridLayout()
        pictures.setSpacing(8)
        pictures.setRowStretch(1, 1)
        for column, (title, picture) in enumerate(
            (
                (self.tr("Before: as the network saw it"), self._before),
                (self.tr("After: fitted to its keypoints"), self._after),
            )
        ):
            label = QLabel(title)
            label.setProperty("muted", True)
            pictures.addWidget(label, 0, column)
            pictures.addWidget(picture, 1, column)
        about = QLabel(source)
        about.setProperty("heading", True)
        row = QHBoxLayout()
        row.addWidget(self._state, 1)
        for button in (self._save, self._close):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(10)
        column.addWidget(about)
        column.addLayout(pictures, 1)
        column.addLayout(self._gains)
        column.addWidget(self._bar)
        column.addLayout(row)

    def show_before(self, picture: UInt8) -> None:
        """Show the hands as they were (H, W, 3) RGB."""
        self._before.show_picture(picture)
        self._bar.setRange(0, 0)  # busy: torch is being loaded
        self._state.setText(self.tr("Loading torch ..."))

    def show_step(self, step: int, steps: int) -> None:
        """Show how far it is."""
        self._bar.setRange(0, steps)
        self._bar.setValue(step)
        self._state.setText(
            self.tr("Step {step} of at most {steps}").format(step=step, steps=steps)
        )

    def show_after(self, picture: UInt8, gains: Sequence[Gain], ms_per_step: float) -> None:
        """Show the refined hands (H, W, 3) RGB and what each has gained."""
        self._after.show_picture(picture)
        for gain in gains:
            text = self.tr("<b>{title}</b> &nbsp; {before:.1f} px \u2192 {after:.1f} px")
            label = QLabel(
                text.format(title=gain.title, before=gain.before_px, after=gain.after_px)
            )
            label.setToolTip(self.tr("Mean distance of its joints from the keypoints"))
            self._gains.addWidget(label)
        self._gains.addStretch(1)
        self._bar.hide()
        done = self.tr("Done, {ms:.0f} ms a step").format(ms=ms_per_step)
        self._state.setText(done)
        self._save.setEnabled(True)
        self._close.setText(self.tr("Close"))

    def show_failure(self, cause: str, remedy: str) -> None:
        """Say why there is no result."""
        self._bar.hide()
        self._state.setWordWrap(True)
        self._state.setText(f"{cause[:1].upper()}{cause[1:]}. {remedy}")
        self._close.setText(self.tr("Close"))

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for picture in (self._before, self._after):
            picture.show_theme(theme)

    def _side_by_side(self) -> QImage:
        """Return both pictures in one."""
        before, after = self._before.image, self._after.image
        assert before is not None and after is not None  # the button waits for both
        joined = QImage(
            before.width() + _GAP_PX + after.width(), before.height(), QImage.Format.Format_RGB32
        )
        joined.fill(Qt.GlobalColor.white)
        painter = QPainter(joined)
        painter.drawImage(0, 0, before)
        painter.drawImage(before.width() + _GAP_PX, 0, after)
        painter.end()
        return joined
