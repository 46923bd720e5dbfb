"""The camera picture as one textured rectangle."""

import numpy as np
from vispy import gloo

from core.types import Float32, UInt8

_VERTEX = """
#version 120
uniform vec4 u_rect;    // left, bottom, right, top in clip coordinates
uniform float u_mirror; // 1: left and right change places
attribute vec2 a_corner;
varying vec2 v_uv;
void main() {
    gl_Position = vec4(mix(u_rect.xy, u_rect.zw, a_corner), 0.0, 1.0);
    v_uv = vec2(mix(a_corner.x, 1.0 - a_corner.x, u_mirror), 1.0 - a_corner.y);
}
"""

_FRAGMENT = """
#version 120
uniform sampler2D u_picture;
uniform float u_grey; // 1: the picture is old; colour goes and it darkens
varying vec2 v_uv;
void main() {
    vec3 colour = texture2D(u_picture, v_uv).rgb;
    vec3 grey = vec3(dot(colour, vec3(0.299, 0.587, 0.114))) * 0.55;
    gl_FragColor = vec4(mix(colour, grey, u_grey), 1.0);
}
"""


class PictureVisual:
    """Draws the newest picture; uploads each picture once."""

    def __init__(self) -> None:
        """Make the program; the texture comes with the first picture."""
        self._program = gloo.Program(_VERTEX, _FRAGMENT)
        corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
        self._program["a_corner"] = gloo.VertexBuffer(corners)
        self._texture: gloo.Texture2D | None = None
        self._shape: tuple[int, ...] = ()

    def set_picture(self, image: UInt8) -> None:
        """Upload image (H, W, 3) uint8 RGB; a new size makes a new texture."""
        if image.shape != self._shape:
            self._shape = image.shape
            self._texture = gloo.Texture2D(
                image, interpolation="linear", wrapping="clamp_to_edge", internalformat="rgb8"
            )
            self._program["u_picture"] = self._texture
        elif self._texture is not None:
            self._texture.set_data(image)

    def draw(self, rect: Float32, mirror: bool, grey: bool) -> None:
        """Draw into rect (4,) left, bottom, right, top in clip coordinates, behind everything."""
        if self._texture is None:
            return
        gloo.set_state(depth_test=False, blend=False, cull_face=False)
        self._program["u_rect"] = rect
        self._program["u_mirror"] = float(mirror)
        self._program["u_grey"] = float(grey)
        self._program.draw("triangle_strip")
