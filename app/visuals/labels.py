"""Short texts at 3D points, drawn upright in pixels: hand names, centimetres, axis letters."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath
from vispy import gloo

from app.label_room import Box, clear_low
from app.visuals.queues import join_canvas
from core.types import Float32, UInt8

_VERTEX = """
#version 120
uniform mat4 u_clip_from_points;
uniform vec2 u_viewport;
attribute vec3 a_anchor;
attribute vec2 a_offset_px;
attribute vec2 a_uv;
varying vec2 v_uv;
void main() {
    vec4 p = u_clip_from_points * vec4(a_anchor, 1.0);
    if (p.w < 1e-3) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); return; }
    // Whole pixels from the lower left corner: letters are as sharp as they were drawn.
    vec2 corner = floor(0.5 * u_viewport * (p.xy / p.w + 1.0)) + a_offset_px;
    gl_Position = vec4(2.0 * corner / u_viewport - 1.0, -0.999, 1.0);
    v_uv = a_uv;
}
"""

_FRAGMENT = """
#version 120
uniform sampler2D u_atlas;
varying vec2 v_uv;
void main() { gl_FragColor = texture2D(u_atlas, v_uv); }
"""

_ATLAS_PX: Final = (1024, 512)  # width, height
_CAPACITY: Final = 64
#: As in the shader: what lies nearer is not drawn.
_NEAREST_W: Final = 1e-3
_DTYPE = np.dtype(
    [("a_anchor", np.float32, 3), ("a_offset_px", np.float32, 2), ("a_uv", np.float32, 2)]
)
_UNIT_CORNERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)


@dataclass(frozen=True, slots=True)
class Label:
    """One text.

    Attributes:
        text: a few letters.
        anchor: (x, y, z) m, in the frame of the matrix given to draw.
        offset_px: right and up from the anchor to the middle of the text.
        colour: RGB in 0..255 of the text.
        chip: RGB of a rounded box behind the text; None for no box.
    """

    text: str
    anchor: tuple[float, float, float]
    offset_px: tuple[float, float] = (0.0, 0.0)
    colour: tuple[int, int, int] = (255, 255, 255)
    chip: tuple[int, int, int] | None = None


def render_text(label: Label, point_size: float, scale: float) -> UInt8:
    """Return the text as (h, w, 4) uint8 RGBA with straight alpha, `scale` device pixels per px."""
    font = QFont()
    font.setPointSizeF(point_size)
    font.setWeight(QFont.Weight.DemiBold if label.chip else QFont.Weight.Normal)
    metrics = QFontMetricsF(font)
    pad_x, pad_y = (7.0, 3.0) if label.chip else (2.0, 1.0)
    width = metrics.horizontalAdvance(label.text) + 2 * pad_x
    height = metrics.height() + 2 * pad_y
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = QImage(*size, QImage.Format.Format_RGBA8888)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    if label.chip:
        path = QPainterPath()
        path.addRoundedRect(QRectF(0, 0, width, height), 6, 6)
        painter.fillPath(path, QColor(*label.chip, 225))
    painter.setFont(font)
    painter.setPen(QColor(*label.colour))
    painter.drawText(QRectF(0, 0, width, height), Qt.AlignmentFlag.AlignCenter, label.text)
    painter.end()
    bits = image.constBits()
    assert bits is not None  # Only a null image has none, and this one has a size.
    rows = np.frombuffer(bits.asarray(image.sizeInBytes()), np.uint8)
    pixels = rows.reshape(size[1], image.bytesPerLine())[:, : 4 * size[0]]
    return np.array(pixels.reshape(size[1], size[0], 4))  # a copy: the image's memory goes with it


class LabelsVisual:
    """Draws labels; each distinct text is rasterised once into an atlas.

    A chip that would cover one before it goes below that one.
    """

    def __init__(self, point_size: float = 9.0, scale: float = 1.0) -> None:
        """Make the program and an empty atlas; `scale` is the view's device pixel ratio."""
        self._point_size, self._scale = point_size, scale
        self._atlas = np.zeros((_ATLAS_PX[1], _ATLAS_PX[0], 4), np.uint8)
        self._place_of: dict[tuple[object, ...], tuple[int, int, int, int]] = {}
        self._cursor = (0, 0, 0)  # x, y, height of the row
        self._is_new = False
        self._texture = gloo.Texture2D(self._atlas, interpolation="nearest")
        self._buffer = gloo.VertexBuffer(np.zeros(4 * _CAPACITY, _DTYPE))
        self._program = gloo.Program(_VERTEX, _FRAGMENT)
        self._program.bind(self._buffer)
        self._program["u_atlas"] = self._texture
        self._indices = gloo.IndexBuffer()
        join_canvas(self._program, self._indices)
        self._count = 0
        self._vertices = np.empty((0, 4), _DTYPE)
        self._has_chip = np.zeros(0, np.bool_)
        self._lowered_px = np.zeros(0)

    def set_labels(self, labels: tuple[Label, ...]) -> None:
        """Show these labels, at most 64."""
        labels = labels[:_CAPACITY]
        self._is_new = False
        places = np.array([self._place(label) for label in labels], np.float32).reshape(-1, 4)
        if self._is_new:
            self._texture.set_data(self._atlas)
        if len(labels) != self._count:
            self._count = len(labels)
            first = 4 * np.arange(self._count, dtype=np.uint32)
            if self._count:
                quad = np.array([0, 1, 2, 2, 1, 3], np.uint32)
                self._indices.set_data((first[:, None] + quad).ravel())
        if not labels:
            return
        vertices = np.empty((len(labels), 4), _DTYPE)
        size = places[:, None, 2:]
        vertices["a_anchor"] = np.array([label.anchor for label in labels])[:, None]
        offset = np.array([label.offset_px for label in labels])[:, None] * self._scale
        vertices["a_offset_px"] = np.round(offset - size / 2) + size * _UNIT_CORNERS
        top_down = np.stack([_UNIT_CORNERS[:, 0], 1 - _UNIT_CORNERS[:, 1]], axis=1)
        vertices["a_uv"] = (places[:, None, :2] + size * top_down) / np.array(_ATLAS_PX)
        self._buffer.set_subdata(vertices.ravel())
        self._vertices, self._lowered_px = vertices, np.zeros(len(labels))
        self._has_chip = np.array([label.chip is not None for label in labels])

    def _part_chips(self, clip_from_points: Float32, viewport_px: tuple[int, int]) -> None:
        """Lower the chips that would cover others in this view."""
        if self._has_chip.sum() < 2:
            return
        anchor = self._vertices["a_anchor"][:, 0]
        clip = anchor @ clip_from_points[:3, :3].T + clip_from_points[:3, 3]
        depth = anchor @ clip_from_points[3, :3] + clip_from_points[3, 3]
        seen = self._has_chip & (depth >= _NEAREST_W)
        corner = 0.5 * np.array(viewport_px) * (clip[seen, :2] / depth[seen, None] + 1)
        corners = np.floor(corner)[:, None] + self._vertices["a_offset_px"][seen][:, (0, 3)]
        boxes = corners.reshape(-1, 4).astype(int).tolist()
        lowered = np.zeros(len(anchor))
        taken: list[Box] = []
        for row, (left, low, right, high) in zip(seen.nonzero()[0], boxes, strict=True):
            clear = clear_low((left, low, right, high), taken)
            lowered[row] = low - clear
            taken.append((left, clear, right, clear + high - low))
        if not np.array_equal(lowered, self._lowered_px):
            moved = self._vertices.copy()
            moved["a_offset_px"][..., 1] -= lowered[:, None]
            self._buffer.set_subdata(moved.ravel())
            self._lowered_px = lowered

    def _place(self, label: Label) -> tuple[int, int, int, int]:
        """Return x, y, width, height of the text in the atlas, rasterising it if it is new."""
        key = (label.text, label.colour, label.chip)
        if key not in self._place_of:
            self._is_new = True
            pixels = render_text(label, self._point_size, self._scale)
            height, width = pixels.shape[:2]
            x, y, row = self._cursor
            if x + width > _ATLAS_PX[0]:
                x, y, row = 0, y + row + 1, 0
            if y + height > _ATLAS_PX[1]:  # full: old texts go; those in use come back next time
                self._place_of.clear()
                self._atlas[:] = 0
                x, y, row = 0, 0, 0
            self._atlas[y : y + height, x : x + width] = pixels[: _ATLAS_PX[1], : _ATLAS_PX[0]]
            self._place_of[key] = (x, y, width, height)
            self._cursor = (x + width + 1, y, max(row, height))
        return self._place_of[key]

    def draw(self, clip_from_points: Float32, viewport_px: tuple[int, int]) -> None:
        """Draw on top of everything; arguments as in SegmentsVisual.draw."""
        if not self._count:
            return
        self._part_chips(clip_from_points, viewport_px)
        gloo.set_state(depth_test=False, blend=True, cull_face=False)
        gloo.set_blend_func("src_alpha", "one_minus_src_alpha", "zero", "one")
        self._program["u_clip_from_points"] = np.ascontiguousarray(clip_from_points.T)
        self._program["u_viewport"] = viewport_px
        self._program.draw("triangles", self._indices)
