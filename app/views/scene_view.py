"""The hands in space: orbit, pan, zoom, over a floor in centimetres."""

from dataclasses import replace
from typing import Final

import numpy as np
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget
from vispy import gloo

from app.state import ViewOptions
from app.theme import DARK, Theme, rgb
from app.views.gl_widget import GlWidget
from app.views.orbit_camera import HOME, OrbitCamera
from app.visuals.floor import (
    FLOOR_Y_M,
    axis_segments,
    floor_labels,
    floor_segments,
    webcam_segments,
)
from app.visuals.hand_batch import HandBatch, empty_batch
from app.visuals.hand_mesh import HandMeshVisual, MeshLook
from app.visuals.labels import LabelsVisual
from app.visuals.mesh_topology import MeshTopology
from app.visuals.segments import SegmentsVisual
from app.visuals.skeleton import SkeletonVisual
from app.visuals.trails import FingertipTrails, TrailsVisual
from core.geometry import scene_from_camera
from core.topology import MIDDLE_MCP
from core.types import Float32, Frame, TrackedHands

_DEGREES_PER_PX: Final = 0.35
_ZOOM_PER_STEP: Final = 0.88
#: Share of the way to the hands that the centre goes with each frame, when it follows them.
_FOLLOWS: Final = 0.12
#: Hands are smaller here than on the picture, and so are their joints.
_SKELETON_SCALE: Final = 0.7
#: The key light as the viewer sees it: from the left, above and behind.
_LIGHT_EYE = np.array([-0.40, 0.55, 0.74], np.float32)

_SCENE_FROM_CAMERA = np.eye(4, dtype=np.float32)
_SCENE_FROM_CAMERA[:3, :3] = scene_from_camera(np.eye(3)).T


class SceneView(GlWidget):
    """Shows hands in the scene frame; the mouse moves the viewer."""

    def __init__(
        self,
        topology: MeshTopology,
        options: ViewOptions,
        software: bool,
        parent: QWidget | None = None,
    ) -> None:
        """Make a view without hands; `software` as for GlWidget."""
        super().__init__(software, parent)
        self.setAccessibleName(self.tr("3D view of the hands"))
        self.setToolTip(self.tr("Drag to orbit, drag with the right button to pan, wheel to zoom"))
        self.setMinimumSize(220, 160)
        self._topology = topology
        self._options = options
        self._theme = DARK
        self._camera = HOME
        self._frame: Frame | None = None
        self._batch = empty_batch(topology)
        self._beside = empty_batch(topology)
        self._trails = FingertipTrails()
        self._batch_is_new = self._floor_is_new = True
        self._dragged_from: QPointF | None = None
        self._mesh: HandMeshVisual | None = None
        self._beside_mesh: HandMeshVisual | None = None

    @property
    def camera(self) -> OrbitCamera:
        """Where the viewer is."""
        return self._camera

    def show_hands(self, tracked: TrackedHands, batch: HandBatch) -> None:
        """Show the hands of a frame."""
        frame = tracked.frame
        if self._frame is None or (
            (frame.K != self._frame.K).any() or frame.image.shape != self._frame.image.shape
        ):
            self._floor_is_new = True
        self._frame, self._batch, self._batch_is_new = frame, batch, True
        self._trails.add(batch, frame.timestamp_ns)
        if self._options.follow_hands:
            self._follow(batch)
        self.redraw()

    def show_beside(self, batch: HandBatch) -> None:
        """Show other hands beside them, of another recording, until they are replaced."""
        if len(batch) or len(self._beside):
            self._beside, self._batch_is_new = batch, True
            self.redraw()

    def show_nothing(self) -> None:
        """Take the hands away."""
        self._batch, self._batch_is_new = empty_batch(self._topology), True
        self._trails.clear()
        self.redraw()

    def show_options(self, options: ViewOptions) -> None:
        """Show the same hands in another manner."""
        self._options = options
        self.redraw()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme, self._floor_is_new = theme, True
        self.redraw()

    def show_from(self, camera: OrbitCamera) -> None:
        """Look from another place."""
        self._camera = camera
        self.redraw()

    def _follow(self, batch: HandBatch) -> None:
        """Bring the centre a share of the way to the middle of the seen hands."""
        if batch.seen_count:
            middle = batch.joints_3d[: batch.seen_count, MIDDLE_MCP].mean(axis=0)
            here = np.asarray(self._camera.centre)
            x, y, z = (float(v) for v in here + _FOLLOWS * (scene_from_camera(middle) - here))
            self._camera = replace(self._camera, centre=(x, y, z))

    def make_visuals(self) -> None:
        """Make every visual; what is shown is uploaded at the next draw."""
        self._mesh = HandMeshVisual(self._topology)
        self._beside_mesh = None
        self._skeleton = SkeletonVisual()
        self._trail_lines = TrailsVisual()
        self._floor = SegmentsVisual(64)
        self._labels = LabelsVisual(point_size=8.0, scale=self.devicePixelRatioF())
        self._batch_is_new = self._floor_is_new = True

    def _upload(self, mesh: HandMeshVisual) -> None:
        if self._batch_is_new:
            mesh.set_hands(self._batch)
            if len(self._beside):
                self._beside_mesh = self._beside_mesh or HandMeshVisual(self._topology)
                self._beside_mesh.set_hands(self._beside)
            self._skeleton.set_hands(self._batch)
            self._trail_lines.set_trails(self._trails)
        if self._floor_is_new:
            parts = [floor_segments(self._theme), axis_segments()]
            if self._frame is not None:
                height, width = self._frame.image.shape[:2]
                parts.append(webcam_segments(self._frame.K, (width, height), self._theme))
            self._floor.set_segments(np.concatenate(parts))
            self._labels.set_labels(floor_labels(self._theme))
        self._batch_is_new = self._floor_is_new = False

    def draw_visuals(self) -> None:
        """Draw the floor, shadows and hands."""
        gloo.clear(color=(*rgb(self._theme.scene), 1.0), depth=True)
        if self._mesh is None:
            return
        self._upload(self._mesh)
        size_px, ratio = self.size_px, self.devicePixelRatioF()
        clip_from_scene = self._camera.clip_from_scene(size_px[0] / size_px[1])
        matrix = clip_from_scene @ _SCENE_FROM_CAMERA
        from_above = self._camera.eye()[1] > FLOOR_Y_M
        if from_above:
            self._draw_floor(clip_from_scene, depth_test=False)
            if self._options.show_mesh:
                shade = 0.5 if self._theme.is_dark else 0.16
                flat = clip_from_scene @ _floor_from_scene() @ _SCENE_FROM_CAMERA
                self._mesh.draw_shadow(flat, (0.0, 0.0, 0.0, shade))
        if self._options.show_mesh or self._options.show_wireframe:
            self._mesh.draw(matrix, self._look())
        if self._beside_mesh is not None and len(self._beside):
            self._beside_mesh.draw(matrix, replace(self._look(), surface="hand", filled=True))
        if not from_above:
            self._draw_floor(clip_from_scene, depth_test=True)
        if self._options.show_trails:
            self._trail_lines.draw(matrix, size_px, ratio)
        if self._options.show_skeleton:
            self._skeleton.draw(matrix, size_px, _SKELETON_SCALE * ratio)
        if self._options.show_grid:
            self._labels.draw(clip_from_scene, size_px)

    def _draw_floor(self, clip_from_scene: Float32, depth_test: bool) -> None:
        if self._options.show_grid:
            ratio = self.devicePixelRatioF()
            self._floor.draw(clip_from_scene, self.size_px, ratio, depth_test)

    def _look(self) -> MeshLook:
        options = self._options
        camera_from_scene = _SCENE_FROM_CAMERA[:3, :3].T
        light = camera_from_scene @ self._camera.scene_from_eye() @ _LIGHT_EYE
        return MeshLook(
            eye=camera_from_scene @ self._camera.eye(),
            light=light / np.linalg.norm(light),
            up=np.array([0, -1, 0], np.float32),
            surface=options.surface,
            predicted_light=options.predicted_light,
            filled=options.show_mesh,
            edges=options.show_wireframe,
        )

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Start to orbit or pan."""
        if event is not None:
            self._dragged_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Stop."""
        self._dragged_from = None

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Orbit with the left button; pan with another, or with Shift."""
        if event is None or self._dragged_from is None:
            return
        moved = event.position() - self._dragged_from
        self._dragged_from = event.position()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.buttons() & Qt.MouseButton.LeftButton and not shifted:
            camera = self._camera.orbit(-moved.x() * _DEGREES_PER_PX, moved.y() * _DEGREES_PER_PX)
        else:
            height = max(1, self.height())
            camera = self._camera.pan(moved.x() / height, -moved.y() / height)
        self.show_from(camera)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Look from the first place again."""
        self.show_from(HOME)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Come nearer or go away."""
        if event is not None:
            self.show_from(self._camera.zoom(_ZOOM_PER_STEP ** (event.angleDelta().y() / 120)))
            event.accept()


def _floor_from_scene() -> Float32:
    """Return the matrix (4, 4) that drops points straight onto the floor."""
    matrix = np.eye(4, dtype=np.float32)
    matrix[1] = [0, 0, 0, FLOOR_Y_M]
    return matrix
