"""Draws hand meshes on their picture in software: no Qt, no OpenGL, numpy and OpenCV alone.

Faces of all hands are painted from far to near into a picture of face numbers (painter's
algorithm), at twice the resolution where that is cheap. Shade is then interpolated inside every
visible face, and the layer is scaled down, which smooths its edges.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from app.overlay_marks import MAX_CORNER_PX, draw_marks
from app.overlay_style import OverlayStyle, track_colour
from app.skin import lit_skin
from core.geometry import bbox_from_points, project
from core.hand_model.file import HandModel
from core.types import Float32, HandState, TrackedHands, UInt8

# Faces nearer than this are behind or in the lens.
_NEAR_M: Final = 0.02
_SUBPIXEL_BITS: Final = 4
# Above this many pixels around the hands one sample per pixel has to do (costs 40 ms otherwise).
_SUPERSAMPLE_MAX_PX: Final = 300_000
# Length over which the mesh fades out towards the wrist, where it is open.
_FADE_M: Final = 0.018
# Light comes over the viewer's left shoulder: camera frame, towards the light.
_LIGHT: Final = np.array([-0.35, -0.55, -0.76], np.float32)
#: Of edges over a surface, and alone.
_EDGE_ALPHA: Final = (0.3, 0.85)
_DASH_PX: Final = 8
_BRIGHTNESS: Final = np.array([0.299, 0.587, 0.114], np.float32)
#: Normals as colours: x to the right, y up, z to the viewer.
_NORMAL_AXES: Final = np.array([1, -1, -1], np.float32)


class _Topology(NamedTuple):
    """What the painter knows of one side's mesh.

    faces (F, 3) counter-clockwise from outside; vertex_from_face (V, F) sparse incidence.
    """

    faces: NDArray[np.int32]
    vertex_from_face: csr_array


class _Layer(NamedTuple):
    """Faces of all hands, ready to paint; row i of every array is the same face.

    corners_px (N, 3, 2); shade (N, 3) and alpha (N, 3) at the corners; rgb (N, 3) in [0, 255];
    depth_m (N,); hand (N,) index into the hands.
    """

    corners_px: Float32
    shade: Float32
    alpha: Float32
    rgb: Float32
    depth_m: Float32
    hand: NDArray[np.int32]


class MeshPainter:
    """Paints the hands of a frame over its picture; one per hand model."""

    def __init__(self, right_model: HandModel) -> None:
        """Prepare for meshes of `right_model` and of its mirror image."""
        faces, count = right_model.faces, right_model.num_vertices
        self._fade = _fade_at_boundary(right_model)
        self._sides = {
            side: _Topology(side_faces, _incidence(side_faces, count))
            for side, side_faces in (("right", faces), ("left", faces[:, ::-1].copy()))
        }

    def paint(self, tracked: TrackedHands, style: OverlayStyle | None = None) -> UInt8:
        """Return a copy of the frame's picture (H, W, 3) RGB with its hands drawn on it."""
        style = style or OverlayStyle()
        picture = tracked.frame.image.copy()
        hands = tracked.hands
        layers = [
            self._layer(index, hand, tracked, style)
            for index, hand in enumerate(hands)
            if np.isfinite(hand.vertices).all()
        ]
        layers = [layer for layer in layers if len(layer.alpha)]
        for group, box in _groups(layers, picture.shape[1], picture.shape[0]):
            owner = _paint_group(picture, group, box, style)
            for index in {int(layer.hand[0]) for layer in group}:
                if hands[index].track_id in tracked.predicted and style.mesh:
                    _outline(picture, owner == index, box, track_colour(index, hands[index]))
        draw_marks(picture, tracked, style)
        return picture

    def _layer(
        self, index: int, hand: HandState, tracked: TrackedHands, style: OverlayStyle
    ) -> _Layer:
        """Project one hand and keep the faces that look at the camera and lie in the picture."""
        topology = self._sides[hand.side]
        faces, vertices = topology.faces, hand.vertices
        height, width = tracked.frame.image.shape[:2]
        in_front = vertices[:, 2] > _NEAR_M
        safe = np.where(in_front[:, None], vertices, np.array([0, 0, 1], np.float32))
        corners = project(safe, tracked.frame.K)[faces]
        edge_a, edge_b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        # In the picture (y down) a face seen from outside turns the other way.
        faces_camera = edge_a[:, 0] * edge_b[:, 1] - edge_a[:, 1] * edge_b[:, 0] < 0
        low, high = corners.min(1), corners.max(1)
        inside = (high[:, 0] >= 0) & (high[:, 1] >= 0) & (low[:, 0] < width) & (low[:, 1] < height)
        bounded = np.abs(corners).max((1, 2)) < MAX_CORNER_PX
        keep = np.flatnonzero(in_front[faces].all(1) & faces_camera & inside & bounded)

        predicted = hand.track_id in tracked.predicted
        alpha = style.predicted_alpha if predicted else style.alpha
        rgb, shade = _colours(index, hand, topology, style)
        face_rgb = rgb[faces[keep]].mean(1)
        # What a face's corners differ by from its mean is shade, too.
        brightness = np.maximum(rgb @ _BRIGHTNESS, 1.0)[faces[keep]]
        shade = shade[faces[keep]] * (brightness / brightness.mean(1, keepdims=True))
        return _Layer(
            corners[keep],
            np.asarray(shade, np.float32),
            np.float32(alpha) * self._fade[faces[keep]],
            np.asarray(face_rgb, np.float32),
            vertices[faces[keep], 2].mean(1),
            np.full(len(keep), index, np.int32),
        )


def _colours(
    index: int, hand: HandState, topology: _Topology, style: OverlayStyle
) -> tuple[Float32, Float32]:
    """Return RGB (V, 3) in [0, 255] and brightness (V,) of a hand's vertices."""
    normals = _normals(hand.vertices, topology)
    even = np.ones(len(normals), np.float32)
    if style.surface == "normals":
        return 255 * (0.5 + 0.5 * normals * _NORMAL_AXES), even
    if style.surface == "skin" and hand.albedo is not None:
        if style.predicted_light and hand.light is not None:
            return 255 * lit_skin(hand.albedo, normals, hand.light), even
        return 255 * hand.albedo, _shade(normals)
    colour = np.array(track_colour(index, hand), np.float32)
    return np.tile(colour, (len(normals), 1)), _shade(normals)


def _incidence(faces: NDArray[np.int32], num_vertices: int) -> csr_array:
    """Return the (V, F) matrix that adds up the values of the faces around each vertex."""
    columns = np.repeat(np.arange(len(faces)), 3)
    ones = np.ones(faces.size, np.float32)
    return csr_array((ones, (faces.ravel(), columns)), shape=(num_vertices, len(faces)))


def _fade_at_boundary(model: HandModel) -> Float32:
    """Return (V,) in [0, 1]: 0 at the open wrist loop, rising smoothly to 1 along the rest pose."""
    edges = np.sort(model.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    loop = model.v_template[np.unique(unique[count == 1])]
    if not len(loop):
        return np.ones(model.num_vertices, np.float32)
    distance = np.linalg.norm(model.v_template[:, None] - loop, axis=2).min(1)
    fade = np.minimum(distance / _FADE_M, 1)
    return np.asarray(fade * fade * (3 - 2 * fade), np.float32)


def _normals(vertices: Float32, topology: _Topology) -> Float32:
    """Return unit normals (V, 3), outwards."""
    corner = vertices[topology.faces]
    normals = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    normals = topology.vertex_from_face @ normals
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12))


def _shade(normals: Float32) -> Float32:
    """Return brightness (V,): ambient, a lamp over the shoulder and a soft highlight."""
    facing = normals @ (_LIGHT / np.linalg.norm(_LIGHT))
    to_viewer = np.maximum(-normals[:, 2], 0)
    return np.asarray(
        0.35 + 0.45 * np.maximum(facing, 0) + 0.25 * to_viewer + 0.35 * np.maximum(facing, 0) ** 16,
        np.float32,
    )


def _groups(
    layers: Sequence[_Layer], width: int, height: int
) -> list[tuple[list[_Layer], tuple[int, int, int, int]]]:
    """Group hands whose boxes touch; each group has its box (x0, y0, x1, y1) in the picture."""
    groups: list[tuple[list[_Layer], NDArray[np.floating]]] = []
    for layer in layers:
        merged, box = [layer], bbox_from_points(layer.corners_px.reshape(-1, 2))
        apart = []  # built anew: list.remove would compare arrays
        for others, other_box in groups:
            if (box[:2] <= other_box[2:]).all() and (other_box[:2] <= box[2:]).all():
                merged = others + merged
                box = np.concatenate(
                    [np.minimum(box[:2], other_box[:2]), np.maximum(box[2:], other_box[2:])]
                )
            else:
                apart.append((others, other_box))
        groups = [*apart, (merged, box)]
    bounds = []
    for merged, box in groups:
        x0, y0 = (max(int(np.floor(value)) - 1, 0) for value in box[:2])
        x1, y1 = (
            min(int(np.ceil(value)) + 2, size)
            for value, size in zip(box[2:], (width, height), strict=True)
        )
        bounds.append((merged, (x0, y0, x1, y1)))
    return bounds


def _paint_group(
    picture: UInt8, group: Sequence[_Layer], box: tuple[int, int, int, int], style: OverlayStyle
) -> NDArray[np.int32]:
    """Paint hands into the box of the picture; return which hand (or -1) each pixel shows."""
    layer = group[0] if len(group) == 1 else _Layer(*map(np.concatenate, zip(*group, strict=True)))
    x0, y0, x1, y1 = box
    scale = 2 if (x1 - x0) * (y1 - y0) <= _SUPERSAMPLE_MAX_PX else 1
    # Pixel centres are integers: sample centres of a finer grid lie off them by half a sample.
    corners = (layer.corners_px - np.array([x0, y0], np.float32)) * scale + (scale - 1) / 2
    face_at = _face_numbers(corners, layer.depth_m, (y1 - y0) * scale, (x1 - x0) * scale)
    region = picture[y0:y1, x0:x1]
    if style.mesh:
        rgba = _shaded(face_at, corners, layer)
        if scale > 1:
            rgba = cv2.resize(rgba, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
        transparency = 255 - rgba[..., 3:].astype(np.uint16)
        region[:] = rgba[..., :3] + ((region * transparency + 127) // 255).astype(np.uint8)
    if style.wireframe:
        _draw_edges(region, np.unique(face_at[face_at >= 0]), layer, (x0, y0), style.mesh)
    samples = face_at[::scale, ::scale]
    return np.where(samples >= 0, layer.hand[samples], -1)


def _face_numbers(corners: Float32, depth_m: Float32, height: int, width: int) -> NDArray[np.int32]:
    """Return (height, width) the nearest face's number, -1 where there is none."""
    face_at = np.full((height, width), -1, np.int32)
    fixed = np.round(corners * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    for face in np.argsort(-depth_m, kind="stable").tolist():
        cv2.fillConvexPoly(face_at, fixed[face], face, cv2.LINE_8, _SUBPIXEL_BITS)
    return face_at


def _affine(corners: Float32, values: Float32) -> Float32:
    """Return (N, 3): a, b, c so that a x + b y + c takes `values` (N, 3) at the corners."""
    edge_a, edge_b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    rise_a, rise_b = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    area = edge_a[:, 0] * edge_b[:, 1] - edge_a[:, 1] * edge_b[:, 0]
    area = np.where(np.abs(area) < 1e-3, np.inf, area)  # seen edge-on: one value
    slope_x = (rise_a * edge_b[:, 1] - rise_b * edge_a[:, 1]) / area
    slope_y = (rise_b * edge_a[:, 0] - rise_a * edge_b[:, 0]) / area
    start = values[:, 0] - slope_x * corners[:, 0, 0] - slope_y * corners[:, 0, 1]
    return np.stack([slope_x, slope_y, start], 1)


def _interpolated(
    values: Float32, corners: Float32, face: NDArray[np.int32], x: Float32, y: Float32
) -> Float32:
    """Return the corners' values at pixels (M,) of faces (M,).

    Held between the corners' values, because OpenCV also fills pixels that a face only touches.
    """
    table = np.concatenate(
        [_affine(corners, values), values.min(1)[:, None], values.max(1)[:, None]], 1
    )
    a, b, c, low, high = np.take(table.astype(np.float32), face, axis=0).T
    return np.clip(a * x + b * y + c, low, high)


def _shaded(face_at: NDArray[np.int32], corners: Float32, layer: _Layer) -> UInt8:
    """Return the (h, w, 4) uint8 layer of a picture of face numbers; colour times alpha."""
    height, width = face_at.shape
    seen = np.flatnonzero(face_at.ravel() >= 0)
    face = face_at.ravel()[seen]
    y, x = (part.astype(np.float32) for part in np.divmod(seen.astype(np.int32), np.int32(width)))
    shade = _interpolated(layer.shade, corners, face, x, y)
    alpha = layer.alpha[:, 0][face]
    fading = np.flatnonzero((layer.alpha.min(1) < layer.alpha.max(1))[face])
    alpha[fading] = _interpolated(layer.alpha, corners, face[fading], x[fading], y[fading])
    values = np.empty((len(seen), 4), np.float32)
    np.multiply(layer.rgb[face], (shade * alpha)[:, None], out=values[:, :3])
    np.multiply(alpha, 255, out=values[:, 3])
    np.minimum(values, values[:, 3:], out=values)
    rgba = np.zeros((height * width, 4), np.uint8)
    rgba[seen] = values
    return rgba.reshape(height, width, 4)


def _draw_edges(
    region: UInt8,
    visible: NDArray[np.int32],
    layer: _Layer,
    corner_px: tuple[int, int],
    over_surface: bool,
) -> None:
    """Draw the edges of the visible faces: dark over a surface, else in the hand's colour."""
    corners = layer.corners_px[visible] - np.array(corner_px, np.float32)
    solid = (layer.alpha[visible] > 0).all(1)
    fixed = np.round(corners * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    lines = region.copy()
    for hand in np.unique(layer.hand[visible]):
        rows = (layer.hand[visible] == hand) & solid
        rgb = layer.rgb[visible[rows]].mean(0) if rows.any() else np.zeros(3)
        colour = tuple(int(value) for value in (0.12 if over_surface else 1.0) * rgb)
        cv2.polylines(lines, list(fixed[rows]), True, colour, 1, cv2.LINE_AA, _SUBPIXEL_BITS)
    alpha = _EDGE_ALPHA[0 if over_surface else 1]
    cv2.addWeighted(lines, alpha, region, 1 - alpha, 0, dst=region)


def _outline(
    picture: UInt8,
    mask: NDArray[np.bool_],
    box: tuple[int, int, int, int],
    colour: tuple[int, int, int],
) -> None:
    """Draw the border of a hand that is only predicted, dashed."""
    contours, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=box[:2]
    )
    for contour in contours:
        dashes = [contour[at : at + _DASH_PX] for at in range(0, len(contour), 2 * _DASH_PX)]
        cv2.polylines(picture, dashes, False, colour, 2, cv2.LINE_AA)
