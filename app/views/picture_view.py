"""The live picture where there is no OpenGL: meshes are drawn in software."""

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from app.overlay import MeshPainter
from app.overlay_style import OverlayStyle
from app.state import ViewOptions
from app.theme import DARK, Theme
from app.views.margins import without_margins
from app.views.projection import letterbox
from app.visuals.hand_batch import HandBatch
from core.timing import now_ns
from core.types import TrackedHands, UInt8


class PictureView(QWidget):
    """Shows one frame and its hands, as large as it fits; attributes as those of CameraView."""

    def __init__(
        self, painter: MeshPainter, options: ViewOptions, parent: QWidget | None = None
    ) -> None:
        """Make an empty view."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("Live picture with hands"))
        self.setMinimumSize(240, 160)
        self._painter = painter
        self._options = options
        self._background = QColor(DARK.canvas)
        self._tracked: TrackedHands | None = None
        self._stale = False
        self._picture: UInt8 | None = None
        self._counted: TrackedHands | None = None
        self.drawn_count = 0
        self.latency_ms: float | None = None
        self.draw_ms = 0.0

    def show_hands(self, tracked: TrackedHands, batch: HandBatch) -> None:
        """Show a frame with its hands; the painter takes them from tracked itself."""
        self._tracked, self._picture = tracked, None
        self.update()

    def show_options(self, options: ViewOptions) -> None:
        """Show the same hands in another manner."""
        self._options, self._picture = options, None
        self.update()

    def show_theme(self, theme: Theme) -> None:
        """Take the background of a theme."""
        self._background = QColor(theme.canvas)
        self.update()

    def show_stale(self, stale: bool) -> None:
        """Darken the picture and hide the hands, because they are no longer live."""
        self._stale, self._picture = stale, None
        self.update()

    def show_nothing(self) -> None:
        """Forget the picture."""
        self._tracked, self._picture, self._stale = None, None, False
        self.update()

    def picture(self) -> QImage:
        """Draw and return what is seen."""
        return self.grab().toImage()

    def picture_alone(self) -> QImage:
        """Draw and return the picture with its hands, without the margins around it."""
        if self._tracked is None:
            return self.picture()
        height, width = self._tracked.frame.image.shape[:2]
        return without_margins(self.picture(), (width, height))

    def _drawn(self, tracked: TrackedHands) -> UInt8:
        """Return the picture (H, W, 3) RGB with its hands, upright and not mirrored."""
        options = self._options
        if self._stale:
            return tracked.frame.image
        style = OverlayStyle(
            alpha=options.opacity,
            predicted_alpha=0.45 * options.opacity,
            mesh=options.show_mesh,
            wireframe=options.show_wireframe,
            surface=options.surface,
            predicted_light=options.predicted_light,
            joints=options.show_skeleton,
            keypoints=options.show_keypoints,
            boxes=options.show_boxes,
            labels=options.show_labels and not options.mirror,
        )
        return self._painter.paint(tracked, style)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Called by Qt when the view must be drawn."""
        start_ns = now_ns()
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._background)
        if self._tracked is not None:
            if self._picture is None:
                self._picture = self._drawn(self._tracked)
            height, width = self._picture.shape[:2]
            data, stride = self._picture.data, self._picture.strides[0]
            image = QImage(data, width, height, stride, QImage.Format.Format_RGB888)
            box = letterbox((width, height), (self.width(), self.height()))
            target = QRectF(box.left, box.top, box.scale * width, box.scale * height)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(target, image.mirrored(self._options.mirror, False))
            if self._stale:
                painter.fillRect(target, QColor(0, 0, 0, 130))
        painter.end()
        if self._tracked is not None and self._tracked is not self._counted:
            self._counted = self._tracked
            self.drawn_count += 1
            read_ns = self._tracked.read_ns
            self.latency_ms = (now_ns() - read_ns) / 1e6 if read_ns else None
        self.draw_ms = (now_ns() - start_ns) / 1e6
