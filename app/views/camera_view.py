"""The live picture with the hands drawn on the very frame that they were computed from."""

import numpy as np
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget
from vispy import gloo

from app.palette import HAND_COLOURS
from app.state import ViewOptions
from app.theme import Theme, rgb
from app.views.gl_widget import GlWidget
from app.views.margins import without_margins
from app.views.projection import clip_from_camera, clip_from_picture, picture_rect
from app.visuals.hand_batch import HandBatch, empty_batch
from app.visuals.hand_mesh import HandMeshVisual, MeshLook
from app.visuals.labels import Label, LabelsVisual
from app.visuals.mesh_topology import MeshTopology
from app.visuals.picture import PictureVisual
from app.visuals.picture_marks import PictureMarksVisual
from app.visuals.skeleton import SkeletonVisual
from core.timing import now_ns
from core.topology import WRIST
from core.types import Float32, Frame, TrackedHands

#: From the viewer's left, above and behind, camera frame.
_LIGHT = np.array([-0.36, -0.55, -0.75], np.float32)
_UP = np.array([0, -1, 0], np.float32)
_LABEL_BELOW_PX = -26.0


def hand_labels(batch: HandBatch) -> tuple[Label, ...]:
    """Return side and number of each hand, on a chip in its colour under its wrist."""
    labels = []
    for row in range(len(batch)):
        chip = HAND_COLOURS[int(batch.colour_index[row])]
        luminance = 0.299 * chip[0] + 0.587 * chip[1] + 0.114 * chip[2]
        x, y, z = (float(v) for v in batch.joints_3d[row, WRIST])
        ink = (16, 20, 26) if luminance > 110 else (255, 255, 255)
        labels.append(Label(batch.labels[row], (x, y, z), (0, _LABEL_BELOW_PX), ink, chip))
    return tuple(labels)


class CameraView(GlWidget):
    """Shows one frame and its hands, as large as it fits.

    Attributes:
        drawn_count: frames that reached the screen, each counted once.
        latency_ms: of the last of them, from its reading to the end of its drawing; None where
            nobody noted when it was read.
        draw_ms: of the last draw, on this thread.
    """

    def __init__(
        self,
        topology: MeshTopology,
        options: ViewOptions,
        software: bool,
        parent: QWidget | None = None,
    ) -> None:
        """Make an empty view for meshes of this topology; `software` as for GlWidget."""
        super().__init__(software, parent)
        self.setAccessibleName(self.tr("Live picture with hands"))
        self.setMinimumSize(240, 160)
        self._topology = topology
        self._options = options
        self._background = (0.0, 0.0, 0.0)
        self._stale = False
        self.drawn_count = 0
        self.latency_ms: float | None = None
        self._frame: Frame | None = None
        self._read_ns = 0
        self._batch = empty_batch(topology)
        self._frame_is_new = self._batch_is_new = True
        self._picture: PictureVisual | None = None

    def show_hands(self, tracked: TrackedHands, batch: HandBatch) -> None:
        """Show a frame with the hands that were computed from it."""
        self._frame, self._batch, self._read_ns = tracked.frame, batch, tracked.read_ns
        self._frame_is_new = self._batch_is_new = True
        self.redraw()

    def show_options(self, options: ViewOptions) -> None:
        """Show the same hands in another manner."""
        self._options = options
        self.redraw()

    def show_theme(self, theme: Theme) -> None:
        """Take the background of a theme."""
        self._background = rgb(theme.canvas)
        self.redraw()

    def show_stale(self, stale: bool) -> None:
        """Grey the picture and hide the hands, because they are no longer live."""
        self._stale = stale
        self.redraw()

    def show_nothing(self) -> None:
        """Forget the picture: another source comes."""
        self._frame, self._batch, self._stale = None, empty_batch(self._topology), False
        self._batch_is_new = True
        self.redraw()

    def picture_alone(self) -> QImage:
        """Draw and return the picture with its hands, without the margins around it."""
        if self._frame is None:
            return self.picture()
        height, width = self._frame.image.shape[:2]
        return without_margins(self.picture(), (width, height))

    def clip_from_camera(self) -> Float32:
        """Return the matrix (4, 4) of what is shown now."""
        assert self._frame is not None  # Only asked for while a frame is shown.
        height, width = self._frame.image.shape[:2]
        return clip_from_camera(self._frame.K, (width, height), self.size_px, self._options.mirror)

    def make_visuals(self) -> None:
        """Make every visual; what is shown is uploaded at the next draw."""
        self._picture = PictureVisual()
        self._mesh = HandMeshVisual(self._topology)
        self._skeleton = SkeletonVisual()
        self._marks = PictureMarksVisual()
        self._labels = LabelsVisual(scale=self.devicePixelRatioF())
        self._frame_is_new = self._batch_is_new = True

    def _upload(self, frame: Frame) -> None:
        assert self._picture is not None
        if self._frame_is_new:
            self._picture.set_picture(frame.image)
            self.drawn_count += 1
        if self._batch_is_new:
            self._mesh.set_hands(self._batch)
            self._skeleton.set_hands(self._batch)
            self._marks.set_hands(self._batch)
            self._labels.set_labels(hand_labels(self._batch))
        self._frame_is_new = self._batch_is_new = False

    def draw_visuals(self) -> None:
        """Draw the picture, then surface, joints, marks and names over it."""
        gloo.clear(color=(*self._background, 1.0), depth=True)
        if self._frame is None or self._picture is None:
            return
        is_new = self._frame_is_new
        self._upload(self._frame)
        height, width = self._frame.image.shape[:2]
        rect = picture_rect((width, height), self.size_px)
        self._picture.draw(rect, self._options.mirror, self._stale)
        if not self._stale and len(self._batch):
            self._draw_hands((width, height))
        if is_new:
            self.latency_ms = (now_ns() - self._read_ns) / 1e6 if self._read_ns else None

    def _draw_hands(self, picture_px: tuple[int, int]) -> None:
        options, size_px, ratio = self._options, self.size_px, self.devicePixelRatioF()
        matrix = self.clip_from_camera()
        if options.show_mesh or options.show_wireframe:
            self._mesh.draw(matrix, self._look())
        if options.show_skeleton:
            self._skeleton.draw(matrix, size_px, ratio)
        if options.show_keypoints or options.show_boxes:
            flat = clip_from_picture(picture_px, size_px, options.mirror)
            self._marks.draw(flat, size_px, ratio, options.show_keypoints, options.show_boxes)
        if options.show_labels:
            self._labels.draw(matrix, size_px)

    def _look(self) -> MeshLook:
        options = self._options
        light = _LIGHT * np.array([-1 if options.mirror else 1, 1, 1], np.float32)
        return MeshLook(
            eye=np.zeros(3, np.float32),
            light=light / np.linalg.norm(light),
            up=_UP,
            opacity=options.opacity,
            surface=options.surface,
            predicted_light=options.predicted_light,
            filled=options.show_mesh,
            edges=options.show_wireframe,
        )
