"""Lines with a width in pixels and smooth edges, also where OpenGL has no antialiasing."""

import numpy as np
from numpy.typing import NDArray
from vispy import gloo

from app.visuals.queues import join_canvas
from core.types import Float32

_VERTEX = """
#version 120
uniform mat4 u_clip_from_points;
uniform vec2 u_viewport;
uniform float u_scale;
attribute vec3 a_start;
attribute vec3 a_end;
attribute vec2 a_radius;
attribute vec4 a_colour;
attribute vec2 a_corner;
varying vec3 v_along_across_length;
varying vec2 v_radius;
varying vec4 v_colour;
const float NEAR = 1e-3;
void main() {
    vec4 p = u_clip_from_points * vec4(a_start, 1.0);
    vec4 q = u_clip_from_points * vec4(a_end, 1.0);
    v_colour = a_colour;
    v_radius = a_radius * u_scale;
    if (p.w < NEAR && q.w < NEAR) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); return; }
    if (p.w < NEAR) p = mix(p, q, (NEAR - p.w) / (q.w - p.w));
    else if (q.w < NEAR) q = mix(q, p, (NEAR - q.w) / (p.w - q.w));
    vec2 a = 0.5 * u_viewport * p.xy / p.w;
    vec2 b = 0.5 * u_viewport * q.xy / q.w;
    float len = distance(a, b);
    vec2 tangent = len > 1e-4 ? (b - a) / len : vec2(1.0, 0.0);
    vec2 normal = vec2(-tangent.y, tangent.x);
    float reach = max(v_radius.x, v_radius.y) + 1.0;
    vec2 base = a_corner.x < 0.0 ? a : b;
    vec2 place = base + reach * (a_corner.x * tangent + a_corner.y * normal);
    v_along_across_length = vec3(dot(place - a, tangent), dot(place - a, normal), len);
    float depth = a_corner.x < 0.0 ? p.z / p.w : q.z / q.w;
    gl_Position = vec4(place / (0.5 * u_viewport), depth, 1.0);
}
"""

# Coverage of a pixel by a capsule whose radius changes from one end to the other.
_FRAGMENT = """
#version 120
varying vec3 v_along_across_length;
varying vec2 v_radius;
varying vec4 v_colour;
void main() {
    float along = v_along_across_length.x;
    float len = v_along_across_length.z;
    float t = len > 1e-4 ? clamp(along / len, 0.0, 1.0) : 0.0;
    float outside = length(vec2(along - t * len, v_along_across_length.y));
    float alpha = clamp(mix(v_radius.x, v_radius.y, t) - outside + 0.5, 0.0, 1.0);
    if (alpha <= 0.0) discard;
    gl_FragColor = vec4(v_colour.rgb, v_colour.a * alpha);
}
"""

SEGMENT_DTYPE = np.dtype(
    [
        ("a_start", np.float32, 3),
        ("a_end", np.float32, 3),
        ("a_radius", np.float32, 2),
        ("a_colour", np.float32, 4),
    ]
)
_CORNERS = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], np.float32)


def make_segments(
    start: NDArray[np.floating],
    end: NDArray[np.floating],
    radius_px: NDArray[np.floating] | float,
    colour: NDArray[np.floating],
) -> NDArray[np.void]:
    """Return (M,) of SEGMENT_DTYPE.

    Args:
        start: (M, 3) m.
        end: (M, 3) m; equal to start for a dot.
        radius_px: at both ends, (M, 2) or one number.
        colour: (M, 4) or (4,) RGBA in [0, 1].
    """
    segments = np.empty(len(start), SEGMENT_DTYPE)
    segments["a_start"], segments["a_end"] = start, end
    segments["a_radius"], segments["a_colour"] = radius_px, colour
    return segments


def dashed(
    start: NDArray[np.floating], end: NDArray[np.floating], dashes: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return both ends (M * dashes, 3) of the dashes of each line (M, 3) to (M, 3), gaps between.

    A line begins and ends with a dash; the dashes of one line follow each other.
    """
    at = np.arange(dashes) * 2.0 / (2 * dashes - 1)
    along = (end - start)[:, None]
    first = start[:, None] + at[:, None] * along
    return first.reshape(-1, 3), (first + along / (2 * dashes - 1)).reshape(-1, 3)


class SegmentsVisual:
    """Draws at most `capacity` segments and dots."""

    def __init__(self, capacity: int) -> None:
        """Make the program and buffers of fixed size."""
        self._capacity = capacity
        self._count = 0
        self._buffer = gloo.VertexBuffer(np.zeros(4 * capacity, SEGMENT_DTYPE))
        self._program = gloo.Program(_VERTEX, _FRAGMENT)
        self._program.bind(self._buffer)
        self._program["a_corner"] = gloo.VertexBuffer(np.tile(_CORNERS, (capacity, 1)))
        self._indices = gloo.IndexBuffer()
        join_canvas(self._program, self._indices)

    def set_segments(self, segments: NDArray[np.void]) -> None:
        """Upload segments (M,) of SEGMENT_DTYPE, drawn in this order; the rest is left out."""
        segments = segments[: self._capacity]
        if len(segments):
            self._buffer.set_subdata(np.repeat(segments, 4))
        if len(segments) != self._count:
            self._count = len(segments)
            if self._count:
                first = 4 * np.arange(self._count, dtype=np.uint32)
                quad = np.array([0, 1, 2, 2, 1, 3], np.uint32)
                self._indices.set_data((first[:, None] + quad).ravel())

    def draw(
        self,
        clip_from_points: Float32,
        viewport_px: tuple[int, int],
        scale: float,
        depth_test: bool,
    ) -> None:
        """Draw over what is there.

        Args:
            clip_from_points: (4, 4) for column vectors.
            viewport_px: (width, height) in device pixels.
            scale: device pixels per pixel of the radius.
            depth_test: whether meshes hide the lines; the lines themselves hide nothing.
        """
        if not self._count:
            return
        gloo.set_state(depth_test=depth_test, blend=True, cull_face=False, depth_func="lequal")
        gloo.set_blend_func("src_alpha", "one_minus_src_alpha", "zero", "one")
        gloo.set_depth_mask(False)
        self._program["u_clip_from_points"] = np.ascontiguousarray(clip_from_points.T)
        self._program["u_viewport"] = viewport_px
        self._program["u_scale"] = scale
        self._program.draw("triangles", self._indices)
        gloo.set_depth_mask(True)
